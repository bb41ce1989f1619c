"""Do the citations hold? Metrics over cited sentences; none of them asks a model for its opinion."""

from collections.abc import Mapping
from typing import Any

from evals.cases import Case
from evals.metrics.matching import TextOf, matches, matches_any
from evals.values import Response
from vectorstore.values import hash_text


def citation_precision(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The share of the citations that are accepted sentences.

    Citation precision as in ALCE (Gao et al. 2023, arXiv:2305.14627), with sentences that people
    marked in the place of an entailment model. Where these are not all that answer (silver gold), it
    is a lower bound. Not eligible: an abstention, or a case without gold sentences.
    """
    cited = response.answer["citations"]
    if not case.accepted_sentences or not cited:
        return None
    return sum(matches_any(one, case.accepted_sentences, case, text_of) for one in cited) / len(cited)


def citation_recall(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The share of the gold sentences that are cited.

    As evidence recall in MultiRC (Khashabi et al. 2018) and HotpotQA (Yang et al. 2018,
    arXiv:1809.09600), which mark all that is needed. An accepted alternative stands for a gold
    sentence where there is one alone; of several, nobody marked which it is for, and it does not count.
    Not eligible: an abstention, or a case without gold sentences.
    """
    cited = response.answer["citations"]
    if not case.gold_sentences or not cited:
        return None
    if len(case.gold_sentences) == 1:
        return float(any(matches_any(one, case.accepted_sentences, case, text_of) for one in cited))
    found = [any(matches(one, gold, case, text_of) for one in cited) for gold in case.gold_sentences]
    return sum(found) / len(found)


def citation_f1(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The harmonic mean of `citation_precision` and `citation_recall`, 0 where both are.

    As the supporting-fact F1 of HotpotQA (Yang et al. 2018, arXiv:1809.09600). Not eligible: as they.
    """
    precision = citation_precision(case, response, text_of)
    recall = citation_recall(case, response, text_of)
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def validity(case: Case, response: Response, text_of: TextOf) -> float | None:
    """Everything shown resolves: 1 or 0, and anything but 1 is a bug.

    Each claim cites, each marker leads to a citation, each citation and each item of evidence is
    ``text[start:end]`` of a stored article, and the hash in a citation is that of the text. Not
    eligible: an answer that shows no sentence at all.
    """
    answer = response.answer
    citations, evidence = answer["citations"], answer["evidence"]
    if not (citations or evidence or answer["claims"]):
        return None
    markers = {cited["marker"] for cited in citations}
    return float(
        all(claim["citations"] and markers.issuperset(claim["citations"]) for claim in answer["claims"])
        and all(_resolves(shown, text_of) for shown in (*citations, *evidence))
    )


def claims_dropped(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The share of the claims written that were not shown, since their citations did not support them.

    The complement of the citation recall of ALCE (Gao et al. 2023, arXiv:2305.14627) before what is
    unsupported was dropped; lower is better, but 0 is also what a check that never looks gives. Not
    eligible: an answer of which no claim was written.
    """
    dropped = len(response.answer["dropped"])
    written = dropped + len(response.answer["claims"])
    return dropped / written if written else None


def _resolves(shown: Mapping[str, Any], text_of: TextOf) -> bool:
    text = text_of(shown["article_id"])
    if text is None or not 0 <= shown["start"] < shown["end"] <= len(text):
        return False
    same_text = "content_hash" not in shown or shown["content_hash"] == hash_text(text)
    return bool(same_text and text[shown["start"] : shown["end"]] == shown["quote"])
