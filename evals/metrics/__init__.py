"""The metrics: each a pure function of a case, an answer as JSON and the stored texts.

A case that a metric cannot judge scores None, not 0, and does not count.
"""

from collections.abc import Callable, Mapping
from typing import Any

from evals.cases import Case
from evals.metrics import answering, citing, retrieval
from evals.metrics.matching import TextOf

Metric = Callable[[Case, Mapping[str, Any], TextOf], float | None]

METRICS: Mapping[str, Metric] = {
    metric.__name__: metric
    for metric in (
        retrieval.article_hit_1,
        retrieval.article_hit_10,
        retrieval.sentence_hit_1,
        retrieval.sentence_hit_5,
        answering.answer_in_top_2,
        answering.answered,
        answering.answer_contained,
        answering.right,
        answering.right_if_forced,
        answering.abstained_right,
        answering.false_refusal,
        citing.citation_precision,
        citing.citation_recall,
        citing.validity,
        answering.latency_ms,
    )
}


def measure(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> dict[str, float | None]:
    """Return what each metric gives one answer."""
    return {name: metric(case, answer, text_of) for name, metric in METRICS.items()}
