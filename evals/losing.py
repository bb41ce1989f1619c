"""At which stage was a right answer lost? So that a regression names its cause."""

from collections.abc import Callable, Mapping, Sequence

from evals.cases import Case
from evals.metrics.matching import TextOf, lies_in, matches, same_words, shown_at
from evals.metrics.normalising import holds
from evals.values import Place, Response

ANSWERED = "answered"
NOT_RETRIEVED = "not retrieved"
NOT_READ = "not read"
BELOW_THRESHOLD = "below the threshold"
DROPPED = "dropped"
OUTRANKED = "outranked"
STAGES = (NOT_RETRIEVED, NOT_READ, BELOW_THRESHOLD, DROPPED, OUTRANKED, ANSWERED)

Is = Callable[[Place], bool]
"""Whether a place holds what was wanted."""


def lost_at(case: Case, response: Response, metrics: Mapping[str, float | None], text_of: TextOf) -> str | None:
    """Return the stage at which a case was lost; None if it was not, or if nobody can say it was.

    Search did not bring what was wanted ("not retrieved"), no sentence that was read is it ("not
    read"), it refused ("below the threshold"), it wrote it and a check dropped it ("dropped"), or it
    cited other sentences ("outranked"). An unanswerable case is lost by being "answered". Where all gold
    sentences are needed, the first stage counts at which one of them is missing.
    """
    answer = response.answer
    if not case.answerable:
        return None if answer["abstained"] else ANSWERED
    if metrics["right"] != 0:
        return None
    if not all(any(map(found, response.passages)) for found in _wanted(case, text_of, lies_in)):
        return NOT_RETRIEVED
    if not all(any(map(found, response.sentences)) for found in _wanted(case, text_of, _is_sentence)):
        return NOT_READ
    if answer["abstained"]:
        return BELOW_THRESHOLD
    texts = [dropped["text"] for dropped in answer["dropped"]]
    return DROPPED if any(_says(text, case) for text in texts) else OUTRANKED


def _wanted(case: Case, text_of: TextOf, holds_gold: Callable[[Place, str, Case, TextOf], bool]) -> Sequence[Is]:
    """Return what has to be found: one accepted sentence or, where all are needed, every gold one.

    Without gold sentences it is an accepted article, and without those the words of an answer.
    """
    if case.accepted_sentences:
        gold = case.gold_sentences
        groups = [(one,) for one in gold] if case.needs_all and gold else [case.accepted_sentences]
        return [
            lambda place, group=group: any(holds_gold(place, one, case, text_of) for one in group)  # type: ignore[misc]
            for group in groups
        ]
    if case.accepted_doc_ids:
        return [lambda place: place.article_id in case.accepted_doc_ids]
    return [lambda place: any(holds(shown_at(place, text_of)["quote"], one) for one in case.answers)]


def _is_sentence(place: Place, sentence: str, case: Case, text_of: TextOf) -> bool:
    return matches(shown_at(place, text_of), sentence, case, text_of)


def _says(text: str, case: Case) -> bool:
    return any(same_words(text, one) for one in case.accepted_sentences) or any(
        holds(text, one) for one in case.answers
    )
