"""Each metric on answers so small that its value is worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.cases import Case
from evals.metrics import LOWER_IS_BETTER, METRICS, measure
from evals.metrics.answering import exact_match, token_f1
from evals.metrics.ranking import measure_ranking
from evals.values import Response
from tests.evals.conftest import response_of

MONDAY = ("rain", "It rained in Leeds on Monday.")
MATCH = ("rain", "The match was called off.")
FANS = ("rain", "Fans got £20 back.")
SNOW = ("snow", "Snow fell in York.")
SNOW_MATCH = ("snow", "The match was called off.")


def measured(case: Case, answer: dict[str, Any], text_of: "TextOf", **found: Any) -> dict[str, float | None]:
    return measure(case, response_of(answer, **found), text_of)


MakeCase = Callable[..., Case]
MakeAnswer = Callable[..., dict[str, Any]]
TextOf = Callable[[str], str | None]


def test_a_right_answer_scores_full_marks(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    assert measured(make_case(), make_answer([MATCH]), text_of) == {
        **dict.fromkeys(METRICS, 1.0),
        "abstained_right": None,  # the case has an answer
        "refusal_precision": None,  # it did not refuse
        "false_refusal": 0.0,
        "exact_match": 0.0,
        "token_f1": pytest.approx(2 / 3),  # "called off" and "match was called off": 2 * 2 / (2 + 4)
        "claims_dropped": 0.0,
        "latency_ms": 10.0,
    }


def test_a_refusal_of_an_answerable_question(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    scores = measured(make_case(), make_answer([], evidence=[MATCH, SNOW]), text_of)
    assert (scores["answered"], scores["false_refusal"], scores["right"], scores["answer_contained"]) == (0, 1, 0, 0)
    assert (scores["right_if_forced"], scores["answer_in_top_2"], scores["sentence_hit_1"]) == (1, 1, 1)
    assert scores["citation_precision"] is scores["citation_recall"] is None  # nothing is cited


def test_an_unanswerable_question_is_judged_by_abstention_alone(
    unanswerable: Case, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    refused = measured(unanswerable, make_answer([], evidence=[SNOW]), text_of)
    replied = measured(unanswerable, make_answer([SNOW]), text_of)
    assert (refused["abstained_right"], replied["abstained_right"]) == (1, 0)
    judged = {name for name, score in refused.items() if score is not None}
    assert judged == {"abstained_right", "answered", "refusal_precision", "validity", "latency_ms"}


def test_article_ranks_count_distinct_articles(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    # Articles in order of their best sentence: snow, rain. The gold article is second.
    scores = measured(make_case(), make_answer([], evidence=[SNOW, SNOW_MATCH, FANS]), text_of)
    assert (scores["article_hit_1"], scores["article_hit_10"]) == (0, 1)
    other = measured(make_case(gold_doc_ids=("none",)), make_answer([SNOW]), text_of)
    assert (other["article_hit_1"], other["article_hit_10"]) == (0, 0)


def test_no_evidence_is_a_miss(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    scores = measured(make_case(), make_answer([]), text_of)
    assert (scores["article_hit_1"], scores["sentence_hit_5"], scores["right_if_forced"]) == (0, 0, 0)
    assert scores["validity"] is None  # it shows nothing


def test_a_gold_sentence_at_the_fifth_place_is_a_hit_at_5_only(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    fifth = make_answer([], evidence=[SNOW, MONDAY, FANS, SNOW, MATCH])
    sixth = make_answer([], evidence=[SNOW, MONDAY, FANS, SNOW, MONDAY, MATCH])
    assert [measured(make_case(), one, text_of)["sentence_hit_5"] for one in (fifth, sixth)] == [1, 0]
    assert measured(make_case(), fifth, text_of)["sentence_hit_1"] == 0
    # The answer "called off" is in neither of the two best.
    assert measured(make_case(), fifth, text_of)["answer_in_top_2"] == 0


def test_an_alternative_counts_for_precision_but_not_for_recall(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    case = make_case(
        gold_sentences=(MATCH[1], FANS[1]),
        accepted_sentences=(MATCH[1], FANS[1], MONDAY[1]),
    )
    scores = measured(case, make_answer([MONDAY, MATCH, SNOW]), text_of)
    assert scores["citation_precision"] == pytest.approx(2 / 3)  # Monday and the match, not the snow
    assert scores["citation_recall"] == 1 / 2  # the match, not the fans


def test_a_citation_of_the_marked_sentence_makes_a_paraphrase_right(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    scores = measured(make_case(answers=("it was cancelled",)), make_answer([MATCH]), text_of)
    assert (scores["answer_contained"], scores["right"]) == (0, 1)


def test_a_marker_is_no_part_of_the_answer(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    answer = make_answer([SNOW])
    assert answer["answer"] == "Snow fell in York. [1]"
    assert measured(make_case(answers=("1",)), answer, text_of)["answer_contained"] == 0


def test_where_all_answers_are_needed_one_is_not_enough(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    case = make_case(answers=("called off", "£20"), gold_sentences=(MATCH[1], FANS[1]), meta={"answers_needed": "all"})
    one, both = make_answer([MATCH]), make_answer([MATCH, FANS])
    assert [measured(case, answer, text_of)["answer_contained"] for answer in (one, both)] == [0, 1]
    assert [measured(case, answer, text_of)["right"] for answer in (one, both)] == [0, 1]
    refused = make_answer([], evidence=[FANS, MATCH])  # two gold sentences: the two best are judged
    assert measured(case, refused, text_of)["right_if_forced"] == 1


@pytest.mark.parametrize(
    ("answers", "meta"), [((), {}), (("yes",), {}), (("the",), {}), (("called off",), {"long_form": True})]
)
def test_answers_that_no_quote_can_hold_are_not_looked_for(
    answers: tuple[str, ...], meta: dict[str, Any], make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    scores = measured(make_case(answers=answers, meta=meta), make_answer([MATCH]), text_of)
    assert scores["answer_contained"] is scores["answer_in_top_2"] is None
    assert scores["right"] == 1  # by the cited sentence


def test_a_search_topic_is_judged_by_its_articles_alone(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    scores = measured(make_case(answers=(), gold_sentences=()), make_answer([]), text_of)
    assert {name for name, score in scores.items() if score is not None} == {
        *("article_hit_1", "article_hit_5", "article_hit_10", "article_mrr_10", "article_ndcg_10"),
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
    assert measured(make_case(), answer, text_of)["validity"] == 1
    break_it(answer)
    assert measured(make_case(), answer, text_of)["validity"] == 0


def test_rank_measures_by_hand(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    # Sentences: Monday (no), match (gold 1), snow (no), fans (gold 2). First hit at rank 2: 1/2. Gains at
    # ranks 2 and 4 against 1 and 2: (1/log2(3) + 1/log2(5)) / (1/log2(2) + 1/log2(3)) = 1.0616 / 1.6309
    case = make_case(gold_sentences=(MATCH[1], FANS[1]))
    scores = measured(case, make_answer([], evidence=[MONDAY, MATCH, SNOW, FANS]), text_of)
    assert (scores["sentence_hit_1"], scores["sentence_hit_5"], scores["sentence_mrr_10"]) == (0, 1, 0.5)
    assert scores["sentence_ndcg_10"] == pytest.approx(1.0616 / 1.6309, abs=1e-4)
    # Articles in order: rain (gold), snow. All of them on top.
    assert (scores["article_mrr_10"], scores["article_ndcg_10"]) == (1, 1)


def test_a_passage_counts_for_what_none_above_it_holds(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    case = make_case(gold_sentences=(MATCH[1], FANS[1]))
    both = ("rain", f"{MATCH[1]} {FANS[1]}")
    once = measured(case, make_answer([]), text_of, passages=[both])
    assert (once["passage_hit_1"], once["passage_ndcg_10"]) == (1, 1)  # one passage holds all there is
    # Monday with the match is relevant, the match alone adds nothing, the fans are relevant at rank 3:
    # (1 + 1/log2(4)) / (1 + 1/log2(3)) = 1.5 / 1.6309
    first = ("rain", f"{MONDAY[1]} {MATCH[1]}")
    scores = measured(case, make_answer([]), text_of, passages=[first, MATCH, FANS])
    assert scores["passage_ndcg_10"] == pytest.approx(1.5 / 1.6309, abs=1e-4)
    assert measured(case, make_answer([]), text_of, passages=[])["passage_hit_10"] == 0


@pytest.mark.parametrize("seed", range(20))
def test_rank_measures_agree_with_scikit_learn(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(seed)
    relevant = tuple(bool(one) for one in random.random(int(random.integers(1, 11))) < 0.3)
    missed = int(random.integers(0 if any(relevant) else 1, 3))
    found = measure_ranking(relevant, missed)
    # What is missed stands below the tenth place, after as many that are not relevant as it takes.
    truth = np.array([[*relevant, *[False] * (10 - len(relevant)), *[True] * missed]], dtype=float)
    assert found["ndcg_10"] == pytest.approx(metrics.ndcg_score(truth, -np.arange(truth.size)[None], k=10))
    ranks = [rank for rank, one in enumerate(relevant, 1) if one]
    assert found["mrr_10"] == pytest.approx(1 / ranks[0] if ranks else 0)
    assert [found[f"hit_{k}"] for k in (1, 5, 10)] == [any(rank <= k for rank in ranks) for k in (1, 5, 10)]


def test_one_gold_sentence_is_recalled_by_an_alternative(
    make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    case = make_case(accepted_sentences=(MATCH[1], MONDAY[1]))
    scores = measured(case, make_answer([MONDAY, SNOW]), text_of)
    # precision 1/2, recall 1: 2 * 1/2 * 1 / (3/2)
    assert (scores["citation_precision"], scores["citation_recall"]) == (0.5, 1)
    assert scores["citation_f1"] == pytest.approx(2 / 3)
    assert measured(case, make_answer([SNOW]), text_of)["citation_f1"] == 0


def test_claims_that_were_dropped_are_counted(make_case: MakeCase, make_answer: MakeAnswer, text_of: TextOf) -> None:
    answer = make_answer([MATCH, FANS]) | {"dropped": [{"text": "Fans won.", "reason": "not supported"}]}
    assert measured(make_case(), answer, text_of)["claims_dropped"] == pytest.approx(1 / 3)


def test_refusals_are_precise_where_there_is_no_answer(
    make_case: MakeCase, unanswerable: Case, make_answer: MakeAnswer, text_of: TextOf
) -> None:
    assert measured(unanswerable, make_answer([]), text_of)["refusal_precision"] == 1
    assert measured(make_case(), make_answer([]), text_of)["refusal_precision"] == 0


def squad(given: str, gold: str) -> tuple[float, float]:
    """EM and F1 as the SQuAD paper defines them, on words that need no other normalisation than the article."""
    one, other = ([word for word in text.lower().split() if word != "the"] for text in (given, gold))
    same = sum(min(one.count(word), other.count(word)) for word in set(one))
    if not one or not other or not same:
        return float(one == other), float(one == other)
    precision, recall = same / len(one), same / len(other)
    return float(one == other), 2 * precision * recall / (precision + recall)


@given(*[st.lists(st.sampled_from("the rain fell on York Leeds".split()), max_size=6) for _ in range(3)])
def test_exact_match_and_f1_are_those_of_squad(given_words: list[str], one: list[str], other: list[str]) -> None:
    golds = [" ".join(words) or "York" for words in (one, other)]
    text = " ".join(given_words)
    answer = {"claims": [{"text": text}]}
    case = Case("q", "?", tuple(golds), True)
    both = [squad(text, gold) for gold in golds]
    assert exact_match(case, Response(answer), {}.get) == max(em for em, _ in both)
    assert token_f1(case, Response(answer), {}.get) == pytest.approx(max(f1 for _, f1 in both))
    needs_all = replace(case, meta={"answers_needed": "all"})
    assert token_f1(needs_all, Response(answer), {}.get) == pytest.approx(squad(text, " ".join(golds))[1])


def test_an_answer_at_length_has_an_f1_but_no_exact_match() -> None:
    case = Case("q", "?", ("It rained all day.",), True, meta={"long_form": True})
    response = Response({"claims": [{"text": "It rained."}]})
    assert exact_match(case, response, {}.get) is None
    assert token_f1(case, response, {}.get) == pytest.approx(2 / 3)  # 2 * 2 / (2 + 4)


def test_every_metric_says_what_it_is_and_which_way_is_better() -> None:
    assert all(metric.__doc__ for metric in METRICS.values())
    assert set(METRICS) & LOWER_IS_BETTER == {"false_refusal", "claims_dropped", "latency_ms"}
