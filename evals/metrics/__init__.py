"""The metrics: each a pure function of a case, a response and the stored texts.

A case that a metric cannot judge scores None, not 0, and does not count.
"""

from collections.abc import Callable, Mapping

from evals.cases import Case
from evals.metrics import abstaining, answering, citing, retrieval, timing
from evals.metrics.matching import TextOf
from evals.values import Response

Metric = Callable[[Case, Response, TextOf], float | None]

METRICS: Mapping[str, Metric] = {
    metric.__name__: metric
    for metric in (
        retrieval.passage_hit_1,
        retrieval.passage_hit_5,
        retrieval.passage_hit_10,
        retrieval.passage_mrr_10,
        retrieval.passage_ndcg_10,
        retrieval.article_hit_1,
        retrieval.article_hit_5,
        retrieval.article_hit_10,
        retrieval.article_mrr_10,
        retrieval.article_ndcg_10,
        retrieval.sentence_hit_1,
        retrieval.sentence_hit_5,
        retrieval.sentence_hit_10,
        retrieval.sentence_mrr_10,
        retrieval.sentence_ndcg_10,
        answering.answer_in_top_2,
        abstaining.answered,
        answering.answer_contained,
        answering.exact_match,
        answering.token_f1,
        answering.right,
        answering.right_if_forced,
        abstaining.abstained_right,
        abstaining.refusal_precision,
        abstaining.false_refusal,
        citing.citation_precision,
        citing.citation_recall,
        citing.citation_f1,
        citing.validity,
        citing.claims_dropped,
        timing.latency_ms,
    )
}

LOWER_IS_BETTER = frozenset(("false_refusal", "claims_dropped", "brier", "ece", "aurc", "latency_ms"))
"""Of the metrics, and of the figures over all cases."""


def measure(case: Case, response: Response, text_of: TextOf) -> dict[str, float | None]:
    """Return what each metric gives one response."""
    return {name: metric(case, response, text_of) for name, metric in METRICS.items()}
