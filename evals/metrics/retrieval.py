"""Was it found? Metrics over the ranked evidence, which an answer carries whether it abstains or not."""

from collections.abc import Mapping
from typing import Any

from evals.cases import Case
from evals.metrics.matching import TextOf, matches_any


def article_hit_1(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """The article of the best evidence is an accepted one: success at 1.

    Success at n of TREC (Voorhees & Harman 2005, "TREC: Experiment and Evaluation in Information
    Retrieval"), over the distinct articles in the order of their best sentence. Not eligible: a case
    without gold articles.
    """
    return _article_hit(case, answer, 1)


def article_hit_10(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """One of the first ten distinct articles in the evidence is an accepted one: success at 10.

    Evidence is what was read and is shown, so fewer than ten articles may be in it.
    """
    return _article_hit(case, answer, 10)


def sentence_hit_1(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """The best evidence sentence is an accepted one: success at 1, which is precision at 1.

    Sentence selection as in TREC QA (Wang et al. 2007, "What is the Jeopardy model?") and WikiQA
    (Yang et al. 2015). Not eligible: a case without gold sentences.
    """
    return _sentence_hit(case, answer, text_of, 1)


def sentence_hit_5(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """One of the five best evidence sentences is an accepted one: success at 5."""
    return _sentence_hit(case, answer, text_of, 5)


def _article_hit(case: Case, answer: Mapping[str, Any], depth: int) -> float | None:
    if not case.accepted_doc_ids:
        return None
    ranked = list(dict.fromkeys(item["article_id"] for item in answer["evidence"]))
    return float(not set(case.accepted_doc_ids).isdisjoint(ranked[:depth]))


def _sentence_hit(case: Case, answer: Mapping[str, Any], text_of: TextOf, depth: int) -> float | None:
    if not case.accepted_sentences:
        return None
    best = answer["evidence"][:depth]
    return float(any(matches_any(item, case.accepted_sentences, case, text_of) for item in best))
