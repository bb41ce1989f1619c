"""Articles of several days: what each said and when, the newest first where now is asked of, contradictions both."""

from pathlib import Path

import pytest

from assistant import open_assistant
from tests.scripted_chat import ScriptedChat
from vectorstore.indexing import index

ARTICLES = {
    "held": ("2013-07-10", "Police in Pisa are holding the engineer Carlo Bassi over the fall of the Arno bridge."),
    "freed": ("2015-06-17", "The engineer Carlo Bassi, whom police in Pisa held over the Arno bridge, was released."),
    "count": ("2014-03-01", "The storm in Lucca killed 12 people, the prefect's office said."),
    "recount": ("2014-03-05", "The storm in Lucca killed 15 people, the prefect's office said."),
    "gazette": ("2016-05-05", "The fire at the Siena theatre injured 40 visitors, the fire brigade told the Gazette."),
    "herald": ("2016-05-05", "The fire at the Siena theatre injured 60 visitors, the hospital told the Herald."),
}


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dated")
    (folder / "files").mkdir()
    for id, (day, text) in ARTICLES.items():
        (folder / "files" / f"{id}.md").write_text(f"---\ntitle: {id.title()}\ndate: {day}\n---\n{text}\n")
    index(folder / "library", [folder / "files"])
    return folder / "library"


HELD = "Did police in Pisa hold the engineer Carlo Bassi?"
WHO = "Who is held over the fall of the Arno bridge?"
STORM = "How many people did the storm in Lucca kill?"
FIRE = "How many visitors did the fire in Siena injure?"
OTHER_WORDS = pytest.mark.xfail(reason="a later account with one word less of the question is not taken for one")


@pytest.mark.parametrize(
    ("question", "reply", "days"),
    [
        pytest.param(HELD, "", ["2013-07-10", "2015-06-17"], marks=OTHER_WORDS),
        (WHO, "", ["2013-07-10", "2015-06-17"]),
        (STORM, "", ["2014-03-01", "2014-03-05"]),
        (
            STORM,
            "[killed 12 people] The prefect's office said the storm in Lucca killed 12 people.",
            ["2014-03-01", "2014-03-05"],
        ),
        (
            HELD,
            "[are holding the] Police in Pisa are holding the engineer Carlo Bassi.\n"
            "[was released] The engineer Carlo Bassi was released.",
            ["2013-07-10", "2015-06-17"],
        ),
    ],
)
def test_a_later_account_is_told_beside_the_earlier_with_both_days(
    dated: Path, question: str, reply: str, days: list[str]
) -> None:
    answer = open_assistant(dated, model=ScriptedChat(reply)).answer(question)
    assert sorted({claim.said_on or "" for claim in answer.claims}) == days
    assert all(f"({day}) " in answer.text for day in days)


def test_a_question_of_now_begins_with_the_newest_account(dated: Path) -> None:
    answer = open_assistant(dated, model=ScriptedChat("")).answer("Is the engineer Carlo Bassi still held in Pisa?")
    assert answer.claims[0].said_on == "2015-06-17"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "[injured 40 visitors] The fire brigade told the Gazette that the fire at Siena theatre injured 40 visitors.\n"
        "[injured 60 visitors] The hospital told the Herald that the fire at Siena theatre injured 60 visitors.\n",
    ],
)
def test_sources_of_one_day_that_contradict_each_other_are_both_cited(dated: Path, reply: str) -> None:
    answer = open_assistant(dated, model=ScriptedChat(reply)).answer(FIRE)
    assert {citation.article_id for citation in answer.citations} == {"gazette", "herald"}
