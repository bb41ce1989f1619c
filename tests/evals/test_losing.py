"""At which stage a case was lost."""

from collections.abc import Callable
from typing import Any

import pytest

from evals.cases import Case
from evals.losing import lost_at
from evals.metrics import measure
from tests.evals.conftest import response_of

MONDAY = ("rain", "It rained in Leeds on Monday.")
MATCH = ("rain", "The match was called off.")
FANS = ("rain", "Fans got £20 back.")
SNOW = ("snow", "Snow fell in York.")
WHOLE = ("rain", "It rained in Leeds on Monday. The match was called off.")
DROPPED = [{"text": "The match was called off.", "reason": "not supported"}]

Lost = Callable[..., str | None]


@pytest.fixture
def lost(make_answer: Callable[..., dict[str, Any]], text_of: Callable[[str], str | None]) -> Lost:
    def where(
        case: Case,
        cited: list[tuple[str, str]],
        evidence: list[tuple[str, str]],
        passages: list[tuple[str, str]],
        dropped: list[dict[str, str]] | None = None,
    ) -> str | None:
        answer = make_answer(cited, evidence=evidence) | {"dropped": dropped or []}
        response = response_of(answer, passages)
        return lost_at(case, response, measure(case, response, text_of), text_of)

    return where


def test_each_stage_has_its_name(make_case: Callable[..., Case], lost: Lost) -> None:
    case = make_case()
    assert lost(case, [MATCH], [MATCH], [WHOLE]) is None
    assert lost(case, [SNOW], [SNOW], [SNOW]) == "not retrieved"
    assert lost(case, [], [], []) == "not retrieved"
    assert lost(case, [MONDAY], [MONDAY], [WHOLE]) == "not read"
    assert lost(case, [], [MONDAY, MATCH], [WHOLE]) == "below the threshold"
    assert lost(case, [MONDAY], [MONDAY, MATCH], [WHOLE]) == "outranked"
    assert lost(case, [MONDAY], [MONDAY, MATCH], [WHOLE], DROPPED) == "dropped"


def test_an_unanswerable_case_is_lost_by_an_answer(unanswerable: Case, lost: Lost) -> None:
    assert lost(unanswerable, [], [SNOW], [SNOW]) is None
    assert lost(unanswerable, [SNOW], [SNOW], [SNOW]) == "answered"


def test_where_all_is_needed_the_first_stage_that_misses_some_counts(
    make_case: Callable[..., Case], lost: Lost
) -> None:
    case = make_case(answers=("called off", "£20"), gold_sentences=(MATCH[1], FANS[1]), meta={"answers_needed": "all"})
    assert lost(case, [MATCH], [MATCH], [WHOLE]) == "not retrieved"
    assert lost(case, [MATCH], [MATCH], [WHOLE, FANS]) == "not read"
    assert lost(case, [MATCH], [MATCH, FANS], [WHOLE, FANS]) == "outranked"
    assert lost(case, [MATCH, FANS], [MATCH, FANS], [WHOLE, FANS]) is None


def test_without_gold_sentences_the_article_is_looked_for_and_without_one_the_words(
    make_case: Callable[..., Case], lost: Lost
) -> None:
    case = make_case(gold_sentences=())
    assert lost(case, [SNOW], [SNOW], [SNOW]) == "not retrieved"
    assert lost(case, [MONDAY], [MONDAY], [WHOLE]) == "outranked"
    words = make_case(gold_doc_ids=(), gold_sentences=())
    assert lost(words, [SNOW], [SNOW], [SNOW]) == "not retrieved"
    assert lost(words, [MONDAY], [MONDAY], [WHOLE]) == "not read"


def test_nobody_can_say_that_a_search_topic_was_lost(make_case: Callable[..., Case], lost: Lost) -> None:
    assert lost(make_case(answers=(), gold_sentences=()), [SNOW], [SNOW], [SNOW]) is None
