"""Cases from what people thought of answers on the page."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assistant.serializing import answer_to_json
from assistant.values import Turn
from evals.cases import load_cases
from evals.command import run_command
from evals.identity import RunOptions
from evals.making import append
from evals.rated import ids_in, sort_rated, write_down
from evals.stored import Stored
from tests.evals.conftest import ScriptedAssistant
from ui.cli import main
from ui.web.chats import Chats, Exchange
from ui.web.feedback import Feedback
from vectorstore.library import Library

MATCH = "The match was called off."
QUESTION = "What happened to the match?"
NOON = datetime(2022, 6, 16, 12, tzinfo=UTC).astimezone()


@pytest.fixture
def stored(library: Library) -> Stored:
    return Stored(library.catalog)


def rated(question: str = QUESTION, *quotes: str, rating: str = "up", **more: Any) -> dict[str, Any]:
    cited = [{"article_id": "rain", "quote": quote} for quote in quotes]
    answer = {"abstained": not cited, "answer": " ".join(quotes), "citations": cited}
    asked = NOON.astimezone(UTC).isoformat()
    return {
        "question": question,
        "asked": asked,
        "history": [],
        "answer": answer,
        "rating": rating,
        "remark": "",
    } | more


def test_an_answer_rated_up_becomes_a_case_and_so_does_a_refusal(stored: Stored, tmp_path: Path) -> None:
    before = [{"role": "user", "text": "Was there a match?"}, {"role": "assistant", "text": "There was. [1]"}]
    found = sort_rated([rated(QUESTION, MATCH, history=before, remark="Yes."), rated("Who won?")], stored)
    append(tmp_path / "cases.jsonl", found.cases)
    answered, refused = load_cases(tmp_path / "cases.jsonl")
    assert (answered.question, answered.gold_doc_ids, answered.gold_sentences) == (QUESTION, ("rain",), (MATCH,))
    assert answered.history == (Turn("user", "Was there a match?"), Turn("assistant", "There was. [1]"))
    assert answered.as_of == date(2022, 6, 16)
    assert answered.meta["remark"] == "Yes."
    assert (refused.question, refused.answerable) == ("Who won?", False)


def test_an_answer_rated_down_is_no_case_and_can_be_looked_at(stored: Stored, tmp_path: Path) -> None:
    found = sort_rated([rated(QUESTION, MATCH, rating="down", remark="Postponed.")], stored)
    assert not found.cases
    path = write_down(tmp_path / "new" / "cases.jsonl", found.down)
    assert path == tmp_path / "new" / "cases.rejected.json"
    (line,) = json.loads(path.read_text())
    assert (line["question"], line["remark"], line["answer"]) == (QUESTION, "Postponed.", MATCH)
    assert line["cited"] == [{"article": "rain", "sentence": MATCH}]
    assert line["asked_on"] == "2022-06-16"


def test_an_answer_of_which_a_sentence_has_gone_is_counted_and_no_case(stored: Stored) -> None:
    gone = rated("Gone?", MATCH, "It snowed.")
    elsewhere = rated("Elsewhere?", MATCH)
    elsewhere["answer"]["citations"][0]["article_id"] = "hail"
    renamed = rated("Renamed?", MATCH)
    renamed["answer"]["citations"][0]["article_id"] = "wire-copy"  # the library keeps it as "rain"
    found = sort_rated([gone, elsewhere, renamed], stored)
    assert ([case["question"] for case in found.cases], found.gone) == (["Renamed?"], 2)


def test_the_answer_rated_last_counts_for_a_question_that_stands_in_one_place(stored: Stored) -> None:
    rained = "It rained in Leeds on Monday."
    later = rated(history=[{"role": "user", "text": "In York?"}])
    found = sort_rated([rated(QUESTION, MATCH), rated(QUESTION, rained), later], stored)
    assert [case["gold_sentences"] for case in found.cases] == [[rained], []]
    assert found.repeated == 1


def test_what_was_exported_before_is_not_exported_again(stored: Stored, tmp_path: Path) -> None:
    out = tmp_path / "cases.jsonl"
    assert ids_in(out) == set()
    append(out, sort_rated([rated(QUESTION, MATCH)], stored).cases)
    again = sort_rated([rated(QUESTION, MATCH), rated("Who won?")], stored, ids_in(out))
    assert ([case["question"] for case in again.cases], again.repeated) == (["Who won?"], 1)


def test_what_people_disagree_about_is_no_case(stored: Stored) -> None:
    found = sort_rated([rated(QUESTION, MATCH), rated(QUESTION, MATCH, rating="down")], stored)
    assert (found.cases, found.disputed, len(found.down)) == ([], 1, 1)
    other = sort_rated([rated(QUESTION, "£20.", rating="down"), rated(QUESTION, MATCH)], stored)
    assert (len(other.cases), other.disputed) == (1, 0)  # another answer to it was wrong


def test_thumbs_of_the_page_become_cases_that_run(assistant: ScriptedAssistant, tmp_path: Path) -> None:
    folder = assistant.library.folder
    chats = Chats(folder / "chats")
    feedback = Feedback(folder / "feedback", chats)
    for person, rating in (("ann", "up"), ("bob", "down")):
        id = chats.new_id()
        for number, question in enumerate([f"{QUESTION} {person}", "Who won?"]):
            answer = answer_to_json(assistant.answer(question))
            chats.put(person, id, number, Exchange(question, "2022-06-16T12:00:00+00:00", answer))
            feedback.rate(person, id, number, rating, "a\u202ebc" if rating == "down" else "")
    out = tmp_path / "made" / "cases.jsonl"
    typed = ["eval", "new", str(out), "--feedback", "--library", str(folder)]
    made = CliRunner().invoke(main, typed)
    assert made.exit_code == 0, made.output
    assert made.stdout == f"2 cases added to {out}\n"
    assert f"2 answers rated down, to be looked at: {out.parent / 'cases.rejected.json'}" in made.stderr
    again = CliRunner().invoke(main, typed)
    assert again.stdout == f"0 cases added to {out}\n"
    assert "2 answers rated up, to questions that have a case already: left out" in again.stderr
    options = RunOptions(out=tmp_path / "run")
    run = run_command(out.parent, library=folder, options=options, opener=lambda _: assistant)  # type: ignore[arg-type, return-value]
    assert run.summary["figures"]["right"] == {"n": 1, "value": 1.0, "low": 1.0, "high": 1.0}
    assert run.summary["figures"]["abstained_right"]["value"] == 1
    assert [turn.text for turn in assistant.asked[-1][1]] == [f"{QUESTION} ann", f"{MATCH} [1]"]


def test_a_library_that_nobody_rated_says_where_the_thumbs_are(library: Library, tmp_path: Path) -> None:
    out = tmp_path / "cases.jsonl"
    none = CliRunner().invoke(main, ["eval", "new", str(out), "--feedback", "--library", str(library.folder)])
    assert none.exit_code == 0, none.output
    assert f"footnote ui --library {library.folder}" in none.stderr
    assert list(tmp_path.glob("cases*")) == []
    missing = CliRunner().invoke(main, ["eval", "new", str(out), "--feedback", "--library", str(tmp_path / "none")])
    assert missing.exit_code == 1
    assert "footnote index" in missing.stderr


def test_feedback_is_one_source_of_cases_and_not_an_addition(library: Library, tmp_path: Path) -> None:
    both = CliRunner().invoke(main, ["eval", "new", str(tmp_path / "c.jsonl"), "--feedback", "--ask", "Who?"])
    assert both.exit_code == 2
    assert "--feedback" in both.stderr
