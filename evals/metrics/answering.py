"""Was it answered, and rightly? Metrics over the answer's words, and over abstention."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evals.cases import Case
from evals.metrics.matching import TextOf, matches_any
from evals.metrics.normalising import holds, normalise

_NOT_QUOTABLE = frozenset(("", "yes", "no"))


def answered(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """It did not abstain: coverage.

    El-Yaniv & Wiener 2010, "On the Foundations of Noise-free Selective Classification".
    """
    return float(not answer["abstained"])


def answer_contained(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """The claims hold a gold answer, or all of them where the case needs all; an abstention holds none.

    The "answer string contained" of DPR (Karpukhin et al. 2020, arXiv:2004.04906), after the
    normalisation of SQuAD; over the text of the claims, since the marker [1] in `answer` would be
    found as the answer "1". Not eligible: a case without answers, with answers written at length
    (`meta.long_form`), or with only yes or no, which an article does not say in as many words.
    """
    return _contained(case, [claim["text"] for claim in answer["claims"]])


def answer_in_top_2(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """The two best evidence sentences hold a gold answer, or together all where the case needs all.

    As `answer_contained`, whether or not it abstained: what an answer could have held.
    """
    return _contained(case, [item["quote"] for item in answer["evidence"][:2]])


def right(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """It answered, and the claims hold a gold answer or a cited sentence is an accepted one.

    Where the case needs all answers, every gold sentence has to be cited instead. Lenient on purpose:
    a paraphrase of the gold answer, cited to the marked sentence, is right. Not eligible: an
    unanswerable case (see `abstained_right`), or one with nothing to judge by.
    """
    return _judge(case, answer_contained(case, answer, text_of), answer["citations"], text_of)


def right_if_forced(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """What confidence foretells: it is right, or where it abstained, its best evidence is.

    Counting abstentions as wrong would call every honest 0.3 below the threshold overconfident. An
    abstention is judged by its best sentence, or as many as there are gold sentences where the case
    needs all. Not eligible: as for `right`.
    """
    if not answer["abstained"]:
        return right(case, answer, text_of)
    best = answer["evidence"][: len(case.gold_sentences) if case.needs_all else 1]
    return _judge(case, _contained(case, [item["quote"] for item in best]), best, text_of)


def abstained_right(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """It abstained where the library holds no answer.

    The accuracy on "no answer" of SQuAD 2.0 (Rajpurkar et al. 2018, arXiv:1806.03822). Not eligible: an
    answerable case.
    """
    return None if case.answerable else float(answer["abstained"])


def false_refusal(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """It abstained though the library holds an answer; lower is better.

    Not eligible: an unanswerable case, or a search topic with neither answers nor gold sentences.
    """
    if not case.answerable or not (case.answers or case.gold_sentences):
        return None
    return float(answer["abstained"])


def latency_ms(case: Case, answer: Mapping[str, Any], text_of: TextOf) -> float | None:
    """Milliseconds from the question to the whole answer, as the assistant's own clock has it."""
    total = answer["timings_ms"].get("total")
    return None if total is None else float(total)


def _contained(case: Case, texts: Sequence[str]) -> float | None:
    wanted = [text for text in case.answers if normalise(text) not in _NOT_QUOTABLE]
    if not case.answerable or not wanted or case.meta.get("long_form"):
        return None
    found: Iterable[bool] = (any(holds(text, one) for text in texts) for one in wanted)
    return float(all(found) if case.needs_all else any(found))


def _judge(case: Case, contained: float | None, shown: Sequence[Mapping[str, Any]], text_of: TextOf) -> float | None:
    """Right by its words or by its sentences; None where the case has neither."""
    if not case.answerable or (contained is None and not case.accepted_sentences):
        return None
    if contained:
        return 1.0
    if case.needs_all:
        cited = [any(matches_any(item, [gold], case, text_of) for item in shown) for gold in case.gold_sentences]
        return float(bool(cited) and all(cited))
    return float(any(matches_any(item, case.accepted_sentences, case, text_of) for item in shown))
