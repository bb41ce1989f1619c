"""Each metric on answers so small that its value is worked out by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from evals.cases import Case
from evals.metrics import METRICS, measure

MONDAY = ("rain", "It rained in Leeds on Monday.")
MATCH = ("rain", "The match was called off.")
FANS = ("rain", "Fans got £20 back.")
SNOW = ("snow", "Snow fell in York.")
SNOW_MATCH = ("snow", "The match was called off.")

MakeCase = Callable[..., Case]
MakeAnswer = Callable[..., dict[str, Any]]
TextOf = Callable[[str], str | None]


def test_a_right_answer_scores_full_marks(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    assert measure(make_case(), make_answer([MATCH]), text_of) == {
        **dict.fromkeys(METRICS, 1.0),
        "abstained_right": None,  # the case has an answer
        "false_refusal": 0.0,
        "latency_ms": 10.0,
    }


def test_a_refusal_of_an_answerable_question(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    scores = measure(make_case(), make_answer([], evidence=[MATCH, SNOW]), text_of)
    assert (scores["answered"], scores["false_refusal"], scores["right"], scores["answer_contained"]) == (0, 1, 0, 0)
    assert (scores["right_if_forced"], scores["answer_in_top_2"], scores["sentence_hit_1"]) == (1, 1, 1)
    assert scores["citation_precision"] is scores["citation_recall"] is None  # nothing is cited


def test_an_unanswerable_question_is_judged_by_abstention_alone(
    unanswerable: Case, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    refused = measure(unanswerable, make_answer([], evidence=[SNOW]), text_of)
    replied = measure(unanswerable, make_answer([SNOW]), text_of)
    assert (refused["abstained_right"], replied["abstained_right"]) == (1, 0)
    judged = {name for name, score in refused.items() if score is not None}
    assert judged == {"abstained_right", "answered", "validity", "latency_ms"}


def test_article_ranks_count_distinct_articles(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    # Articles in order of their best sentence: snow, rain. The gold article is second.
    scores = measure(make_case(), make_answer([], evidence=[SNOW, SNOW_MATCH, FANS]), text_of)
    assert (scores["article_hit_1"], scores["article_hit_10"]) == (0, 1)
    other = measure(make_case(gold_doc_ids=("none",)), make_answer([SNOW]), text_of)
    assert (other["article_hit_1"], other["article_hit_10"]) == (0, 0)


def test_no_evidence_is_a_miss(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    scores = measure(make_case(), make_answer([]), text_of)
    assert (scores["article_hit_1"], scores["sentence_hit_5"], scores["right_if_forced"]) == (0, 0, 0)
    assert scores["validity"] is None  # it shows nothing


def test_a_gold_sentence_at_the_fifth_place_is_a_hit_at_5_only(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    fifth = make_answer([], evidence=[SNOW, MONDAY, FANS, SNOW, MATCH])
    sixth = make_answer([], evidence=[SNOW, MONDAY, FANS, SNOW, MONDAY, MATCH])
    assert [measure(make_case(), one, text_of)["sentence_hit_5"] for one in (fifth, sixth)] == [1, 0]
    assert measure(make_case(), fifth, text_of)["sentence_hit_1"] == 0
    # The answer "called off" is in neither of the two best.
    assert measure(make_case(), fifth, text_of)["answer_in_top_2"] == 0


def test_an_alternative_counts_for_precision_but_not_for_recall(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    case = make_case(
        gold_sentences=(MATCH[1], FANS[1]),
        accepted_sentences=(MATCH[1], FANS[1], MONDAY[1]),
    )
    scores = measure(case, make_answer([MONDAY, MATCH, SNOW]), text_of)
    assert scores["citation_precision"] == pytest.approx(2 / 3)  # Monday and the match, not the snow
    assert scores["citation_recall"] == 1 / 2  # the match, not the fans


def test_a_citation_of_the_marked_sentence_makes_a_paraphrase_right(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    scores = measure(make_case(answers=("it was cancelled",)), make_answer([MATCH]), text_of)
    assert (scores["answer_contained"], scores["right"]) == (0, 1)


def test_a_marker_is_no_part_of_the_answer(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    answer = make_answer([SNOW])
    assert answer["answer"] == "Snow fell in York. [1]"
    assert measure(make_case(answers=("1",)), answer, text_of)["answer_contained"] == 0


def test_where_all_answers_are_needed_one_is_not_enough(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    case = make_case(answers=("called off", "£20"), gold_sentences=(MATCH[1], FANS[1]), meta={"answers_needed": "all"})
    one, both = make_answer([MATCH]), make_answer([MATCH, FANS])
    assert [measure(case, answer, text_of)["answer_contained"] for answer in (one, both)] == [0, 1]
    assert [measure(case, answer, text_of)["right"] for answer in (one, both)] == [0, 1]
    refused = make_answer([], evidence=[FANS, MATCH])  # two gold sentences: the two best are judged
    assert measure(case, refused, text_of)["right_if_forced"] == 1


@pytest.mark.parametrize(
    ("answers", "meta"), [((), {}), (("yes",), {}), (("the",), {}), (("called off",), {"long_form": True})]
)
def test_answers_that_no_quote_can_hold_are_not_looked_for(
    answers: tuple[str, ...], meta: dict[str, Any], make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    scores = measure(make_case(answers=answers, meta=meta), make_answer([MATCH]), text_of)
    assert scores["answer_contained"] is scores["answer_in_top_2"] is None
    assert scores["right"] == 1  # by the cited sentence


def test_a_search_topic_is_judged_by_its_articles_alone(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    scores = measure(make_case(answers=(), gold_sentences=()), make_answer([]), text_of)
    assert {name for name, score in scores.items() if score is not None} == {
        "article_hit_1",
        "article_hit_10",
        "answered",
        "latency_ms",
    }


@pytest.mark.parametrize(
    "break_it",
    [
        lambda answer: answer["citations"][0].update(start=answer["citations"][0]["start"] + 1),
        lambda answer: answer["citations"][0].update(quote="The match was played."),
        lambda answer: answer["citations"][0].update(content_hash="0" * 64),
        lambda answer: answer["citations"][0].update(article_id="gone"),
        lambda answer: answer["citations"][0].update(start=0, end=0, quote=""),
        lambda answer: answer["evidence"][0].update(end=10_000),
        lambda answer: answer["evidence"][0].update(start=-5),
        lambda answer: answer["claims"][0].update(citations=[2]),
        lambda answer: answer["claims"][0].update(citations=[]),
    ],
)
def test_anything_that_does_not_resolve_is_invalid(
    break_it: Callable[[dict[str, Any]], None], make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    answer = make_answer([MATCH])
    assert measure(make_case(), answer, text_of)["validity"] == 1
    break_it(answer)
    assert measure(make_case(), answer, text_of)["validity"] == 0


def test_every_metric_says_what_it_is() -> None:
    assert all(metric.__doc__ for metric in METRICS.values())
