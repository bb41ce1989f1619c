"""Was it answered, and rightly? Metrics over the answer's words and over what it cites."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from evals.cases import Case
from evals.metrics.matching import TextOf, matches_any
from evals.metrics.normalising import holds, normalise
from evals.values import Response

_NOT_QUOTABLE = frozenset(("", "yes", "no"))


def answer_contained(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The claims hold a gold answer, or all of them where the case needs all; an abstention holds none.

    The "answer string contained" of DPR (Karpukhin et al. 2020, arXiv:2004.04906), after the
    normalisation of SQuAD; over the text of the claims, since the marker [1] in `answer` would be
    found as the answer "1". Not eligible: a case without answers, with answers written at length
    (`meta.long_form`), or with only yes or no, which an article does not say in as many words.
    """
    return _contained(case, [claim["text"] for claim in response.answer["claims"]])


def answer_in_top_2(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The two best evidence sentences hold a gold answer, or together all where the case needs all.

    As `answer_contained`, whether or not it abstained: what an answer could have held.
    """
    return _contained(case, [item["quote"] for item in response.answer["evidence"][:2]])


def exact_match(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The claims are a gold answer word for word, after normalisation; an abstention is none.

    EM of SQuAD (Rajpurkar et al. 2016, arXiv:1606.05250), the best over the gold answers, which are
    one text where the case needs all. A quoted sentence is rarely the answer alone, so this is about
    answers that are written. Not eligible: a case without answers, or with `meta.long_form`.
    """
    if case.meta.get("long_form"):
        return None
    return _best(case, response, lambda given, gold: float(normalise(given) == normalise(gold)))


def token_f1(case: Case, response: Response, text_of: TextOf) -> float | None:
    """The harmonic mean of the shares of words that claims and a gold answer have in common.

    F1 of SQuAD (Rajpurkar et al. 2016, arXiv:1606.05250) over bags of normalised words, the best over
    the gold answers; an abstention has 0. Not eligible: a case without answers.
    """
    return _best(case, response, _f1)


def right(case: Case, response: Response, text_of: TextOf) -> float | None:
    """It answered, and the claims hold a gold answer or a cited sentence is an accepted one.

    Where the case needs all answers, every gold sentence has to be cited instead. Lenient on purpose:
    a paraphrase of the gold answer, cited to the marked sentence, is right. Not eligible: an
    unanswerable case (see `abstained_right`), or one with nothing to judge by.
    """
    return _judge(case, answer_contained(case, response, text_of), response.answer["citations"], text_of)


def right_if_forced(case: Case, response: Response, text_of: TextOf) -> float | None:
    """What confidence foretells: it is right, or where it abstained, its best evidence is.

    Counting abstentions as wrong would call every honest 0.3 below the threshold overconfident. An
    abstention is judged by its best sentence, or as many as there are gold sentences where the case
    needs all. Not eligible: as for `right`.
    """
    if not response.answer["abstained"]:
        return right(case, response, text_of)
    best = response.answer["evidence"][: len(case.gold_sentences) if case.needs_all else 1]
    return _judge(case, _contained(case, [item["quote"] for item in best]), best, text_of)


def _best(case: Case, response: Response, score: Callable[[str, str], float]) -> float | None:
    if not case.answerable or not case.answers:
        return None
    given = " ".join(claim["text"] for claim in response.answer["claims"])
    wanted = [" ".join(case.answers)] if case.needs_all else case.answers
    return max(score(given, gold) for gold in wanted)


def _f1(given: str, gold: str) -> float:
    one, other = normalise(given).split(), normalise(gold).split()
    if not one or not other:
        return float(one == other)
    common = (Counter(one) & Counter(other)).total()
    return 2 * common / (len(one) + len(other))


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
