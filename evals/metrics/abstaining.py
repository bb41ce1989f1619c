"""Did it refuse where it should, and only there?"""

from evals.cases import Case
from evals.metrics.matching import TextOf
from evals.values import Response


def answered(case: Case, response: Response, text_of: TextOf) -> float | None:
    """It did not abstain: coverage.

    El-Yaniv & Wiener 2010, "On the Foundations of Noise-free Selective Classification".
    """
    return float(not response.answer["abstained"])


def abstained_right(case: Case, response: Response, text_of: TextOf) -> float | None:
    """It abstained where the library holds no answer; the mean is the recall of refusals.

    The accuracy on "no answer" of SQuAD 2.0 (Rajpurkar et al. 2018, arXiv:1806.03822). Not eligible: an
    answerable case.
    """
    return None if case.answerable else float(response.answer["abstained"])


def refusal_precision(case: Case, response: Response, text_of: TextOf) -> float | None:
    """It abstained, and the library holds no answer; the mean is the precision of refusals.

    As the precision of "no answer" in Feng et al. 2024, "Don't Hallucinate, Abstain"
    (arXiv:2402.00367). Not eligible: an answer, or a search topic (see `false_refusal`).
    """
    if not response.answer["abstained"] or (case.answerable and not _asks(case)):
        return None
    return float(not case.answerable)


def false_refusal(case: Case, response: Response, text_of: TextOf) -> float | None:
    """It abstained though the library holds an answer; lower is better.

    One minus the coverage of answerable questions (El-Yaniv & Wiener 2010). Not eligible: an
    unanswerable case, or a search topic with neither answers nor gold sentences.
    """
    return float(response.answer["abstained"]) if case.answerable and _asks(case) else None


def _asks(case: Case) -> bool:
    return bool(case.answers or case.gold_sentences)
