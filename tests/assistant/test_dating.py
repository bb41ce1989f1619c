"""Questions of now, and accounts of several days."""

import pytest

from assistant.dating import LEAST, asks_of_now, newest_first, other_account
from assistant.values import Evidence
from tests.assistant.shelf import Shelf
from vectorstore.values import Article

HELD = Article("held", "Held", "2013-08-01", None, "Peter Gray is being held in Pisa. The mayor is Ann Ross.")
FREED = Article("freed", "Freed", "2015-06-17", None, "Peter Gray was held in Pisa until June. The bridge is open.")
LATER = Article("later", "Later", "2016-01-01", None, "Peter Gray, held in Pisa for two years, wrote a book.")
UNDATED = Article("undated", "Undated", None, None, "Peter Gray is held in Pisa.")
QUESTION = "Is Peter Gray held in Pisa?"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(HELD, FREED, LATER, UNDATED)


@pytest.mark.parametrize(
    ("question", "of_now"),
    [
        ("Is he still being held?", True),
        ("Where is she now?", True),
        ("What is the latest on the flood?", True),
        ("What happened today?", True),
        ("What happened this week?", True),
        ("Who most recently resigned?", True),
        ("How many have died so far?", True),
        ("Who is CURRENTLY prime minister?", True),
        ("Who is Peter Gray?", False),
        ("What did he know of it in 2013?", False),
        ("Who lived in Snowdonia?", False),
        ("Which nowhere land is it?", False),
        ("What stillness was there?", False),
        ("What happened that week?", False),
        ("", False),
    ],
)
def test_questions_of_now_are_known_by_their_words(question: str, of_now: bool) -> None:
    assert asks_of_now(question) is of_now


def test_a_newer_article_that_holds_as_many_words_of_the_question_is_a_other_account(shelf: Shelf) -> None:
    held, freed = shelf.evidence("held", 0, 0.9), shelf.evidence("freed", 0, 0.1)
    assert other_account(QUESTION, [held, freed]) is freed
    assert newest_first(QUESTION, [held, freed]) == [freed, held]


@pytest.mark.parametrize(
    "other",
    [
        ("freed", 1, 0.8),  # speaks of something else
        ("freed", 0, LEAST / 2),  # no reader thinks that it answers
        ("undated", 0, 0.8),
        ("held", 1, 0.8),  # of the same day
    ],
)
def test_other_evidence_is_no_other_account(shelf: Shelf, other: tuple[str, int, float]) -> None:
    evidence = [shelf.evidence("held", 0, 0.9), shelf.evidence(*other)]
    assert other_account(QUESTION, evidence) is None
    assert newest_first(QUESTION, evidence) == evidence


def test_an_older_account_is_none_that_is_later(shelf: Shelf) -> None:
    assert other_account(QUESTION, [shelf.evidence("freed", 0, 0.9), shelf.evidence("held", 0, 0.8)]) is None


def test_without_a_day_or_evidence_nothing_is_later(shelf: Shelf) -> None:
    assert other_account(QUESTION, [shelf.evidence("undated", 0, 0.9), shelf.evidence("freed", 0, 0.8)]) is None
    assert other_account(QUESTION, []) is None
    assert newest_first(QUESTION, []) == []
    assert other_account("Why?", [shelf.evidence("held", 0, 0.9), shelf.evidence("freed", 0, 0.8)]) is None


def test_the_newest_of_several_accounts_comes_first_and_no_evidence_is_lost(shelf: Shelf) -> None:
    evidence: list[Evidence] = [shelf.evidence(id, 0, 0.9) for id in ("held", "freed", "undated", "later")]
    ordered = newest_first(QUESTION, evidence)
    assert [item.citation.article_id for item in ordered] == ["later", "freed", "held", "undated"]
