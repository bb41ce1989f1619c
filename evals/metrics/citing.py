"""Do the citations hold? Metrics over cited sentences; none of them asks a model for its opinion."""

from collections.abc import Mapping
from typing import Any

from evals.cases import Case
from evals.metrics.matching import TextOf, matches, matches_any
from vectorstore.values import hash_text


def citation_precision(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """The share of the citations that are accepted sentences.

    Citation precision as in ALCE (Gao et al. 2023, arXiv:2305.14627), with sentences that people
    marked in the place of an entailment model. Where these are not all that answer (silver gold), it
    is a lower bound. Not eligible: an abstention, or a case without gold sentences.
    """
    if not case.accepted_sentences or not answer["citations"]:
        return None
    right = [matches_any(cited, case.accepted_sentences, case, text_of) for cited in answer["citations"]]
    return sum(right) / len(right)


def citation_recall(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """The share of the gold sentences that are cited; the alternatives to them do not count.

    As evidence recall in MultiRC (Khashabi et al. 2018) and HotpotQA (Yang et al. 2018,
    arXiv:1809.09600), which mark all that is needed. Not eligible: an abstention, or a case without
    gold sentences.
    """
    if not case.gold_sentences or not answer["citations"]:
        return None
    found = [any(matches(cited, gold, case, text_of) for cited in answer["citations"]) for gold in case.gold_sentences]
    return sum(found) / len(found)


def validity(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """Everything shown resolves: 1 or 0, and anything but 1 is a bug.

    Each claim cites, each marker leads to a citation, each citation and each item of evidence is
    ``text[start:end]`` of a stored article, and the hash in a citation is that of the text. Not
    eligible: an answer that shows no sentence at all.
    """
    citations, evidence = answer["citations"], answer["evidence"]
    if not (citations or evidence or answer["claims"]):
        return None
    markers = {cited["marker"] for cited in citations}
    return float(
        all(claim["citations"] and markers.issuperset(claim["citations"]) for claim in answer["claims"])
        and all(_resolves(shown, text_of) for shown in (*citations, *evidence))
    )


def _resolves(shown: Mapping[str, Any], text_of: TextOf) -> bool:
    text = text_of(shown["article_id"])
    if text is None or not 0 <= shown["start"] < shown["end"] <= len(text):
        return False
    same_text = "content_hash" not in shown or shown["content_hash"] == hash_text(text)
    return bool(same_text and text[shown["start"] : shown["end"]] == shown["quote"])
