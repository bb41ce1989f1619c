"""Was it found? Metrics over what search brought and what was read, whether it was answered or not.

Three rankings are measured, ten items deep: the *passages* that search brought; the *sentences* in the
reader's order; the distinct *articles* in the order of their best sentence. An article is relevant
if it is an accepted one, a passage or a sentence if it holds an accepted sentence that nothing ranked
above it holds. What is accepted and not among the ten counts as relevant and missed. No article
metric judges a case without gold articles, no other one a case without gold sentences.
"""

from collections.abc import Callable, Mapping

from evals.cases import Case
from evals.metrics.matching import TextOf, lies_in, matches, shown_at
from evals.metrics.ranking import DEPTH, measure_ranking
from evals.values import Place, Response


def article_hit_1(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The article of the best sentence is an accepted one: success at 1.

    Success at n of TREC (Voorhees & Harman 2005, "TREC: Experiment and Evaluation in Information
    Retrieval"). Not eligible: a case without gold articles.
    """
    return _articles(case, response).get("hit_1")


def article_hit_5(case: Case, response: Response, text_of: TextOf) -> float | None:
    """One of the first five articles is an accepted one; as `article_hit_1`."""
    return _articles(case, response).get("hit_5")


def article_hit_10(case: Case, response: Response, text_of: TextOf) -> float | None:
    """One of the first ten articles is an accepted one; as `article_hit_1`."""
    return _articles(case, response).get("hit_10")


def article_mrr_10(case: Case, response: Response, text_of: TextOf) -> float | None:
    """One divided by the rank of the first accepted article, 0 beyond ten: reciprocal rank.

    Voorhees 1999, "The TREC-8 Question Answering Track Report". Not eligible: as `article_hit_1`.
    """
    return _articles(case, response).get("mrr_10")


def article_ndcg_10(case: Case, response: Response, text_of: TextOf) -> float | None:
    """How near the ten first articles are to all accepted ones on top, logarithmically discounted.

    nDCG of Järvelin & Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques", gains of 0
    and 1. Not eligible: as `article_hit_1`.
    """
    return _articles(case, response).get("ndcg_10")


def passage_hit_1(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The first passage that search brought holds an accepted sentence: success at 1, of search alone.

    As `article_hit_1`. Not eligible: a case without gold sentences.
    """
    return _passages(case, response, text_of).get("hit_1")


def passage_hit_5(case: Case, response: Response, text_of: TextOf) -> float | None:
    """One of the first five passages holds an accepted sentence; as `passage_hit_1`."""
    return _passages(case, response, text_of).get("hit_5")


def passage_hit_10(case: Case, response: Response, text_of: TextOf) -> float | None:
    """One of the first ten passages holds an accepted sentence; as `passage_hit_1`."""
    return _passages(case, response, text_of).get("hit_10")


def passage_mrr_10(case: Case, response: Response, text_of: TextOf) -> float | None:
    """One divided by the rank of the first passage that holds an accepted sentence, 0 beyond ten.

    Reciprocal rank, as `article_mrr_10`. Not eligible: a case without gold sentences.
    """
    return _passages(case, response, text_of).get("mrr_10")


def passage_ndcg_10(case: Case, response: Response, text_of: TextOf) -> float | None:
    """How near the first ten passages are to all accepted sentences being held by those on top.

    nDCG, as `article_ndcg_10`; a passage counts for what no passage above it holds, as windows share
    sentences. Not eligible: a case without gold sentences.
    """
    return _passages(case, response, text_of).get("ndcg_10")


def sentence_hit_1(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The best sentence is an accepted one: success at 1, which is precision at 1.

    Sentence selection as in TREC QA (Wang et al. 2007, "What is the Jeopardy model?") and WikiQA
    (Yang et al. 2015). Not eligible: a case without gold sentences.
    """
    return _sentences(case, response, text_of).get("hit_1")


def sentence_hit_5(case: Case, response: Response, text_of: TextOf) -> float | None:
    """One of the five best sentences is an accepted one; as `sentence_hit_1`."""
    return _sentences(case, response, text_of).get("hit_5")


def sentence_hit_10(case: Case, response: Response, text_of: TextOf) -> float | None:
    """One of the ten best sentences is an accepted one; as `sentence_hit_1`."""
    return _sentences(case, response, text_of).get("hit_10")


def sentence_mrr_10(case: Case, response: Response, text_of: TextOf) -> float | None:
    """One divided by the rank of the first accepted sentence, 0 beyond ten, as WikiQA reports it.

    Reciprocal rank, as `article_mrr_10`. Not eligible: a case without gold sentences.
    """
    return _sentences(case, response, text_of).get("mrr_10")


def sentence_ndcg_10(case: Case, response: Response, text_of: TextOf) -> float | None:
    """How near the ten best sentences are to all accepted ones on top.

    nDCG, as `article_ndcg_10`. Not eligible: a case without gold sentences.
    """
    return _sentences(case, response, text_of).get("ndcg_10")


def _articles(case: Case, response: Response) -> Mapping[str, float]:
    if not case.accepted_doc_ids:
        return {}
    accepted = set(case.accepted_doc_ids)
    ranked = tuple(dict.fromkeys(place.article_id for place in response.sentences))[:DEPTH]
    relevant = tuple(article_id in accepted for article_id in ranked)
    return measure_ranking(relevant, len(accepted) - sum(relevant))


def _passages(case: Case, response: Response, text_of: TextOf) -> Mapping[str, float]:
    return _by_sentences(case, response.passages, lambda place, gold: lies_in(place, gold, case, text_of))


def _sentences(case: Case, response: Response, text_of: TextOf) -> Mapping[str, float]:
    return _by_sentences(
        case, response.sentences, lambda place, gold: matches(shown_at(place, text_of), gold, case, text_of)
    )


def _by_sentences(case: Case, ranked: tuple[Place, ...], holds: Callable[[Place, str], bool]) -> Mapping[str, float]:
    if not case.accepted_sentences:
        return {}
    waiting = list(case.accepted_sentences)
    relevant = []
    for place in ranked[:DEPTH]:
        found = [gold for gold in waiting if holds(place, gold)]
        waiting = [gold for gold in waiting if gold not in found]
        relevant.append(bool(found))
    return measure_ranking(tuple(relevant), len(waiting))
