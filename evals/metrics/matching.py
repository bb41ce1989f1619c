"""Is a sentence that was shown one of those that people marked?

People's sentences and ours are not cut alike: theirs may be two of ours, or a part of one. In an
article that they marked, a match is therefore by place; anywhere else, as in a wire copy of it, by
the words.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from evals.cases import Case
from evals.metrics.normalising import holds, normalise
from evals.values import Place

TextOf = Callable[[str], str | None]
"""The stored text of an article by its id; None where the library has no such article."""

Span = tuple[int, int]

LEAST_OVERLAP = 0.5
LEAST_WORDS = 5  # "He said no." stands in many a longer sentence that says something else


@lru_cache(maxsize=4096)
def places(text: str, sentence: str) -> tuple[Span, ...]:
    """Return where a sentence stands in a text, as whole words, however its white space is broken."""
    words = [re.escape(word) for word in sentence.split()]
    if not words:
        return ()
    pattern = r"\s+".join(words)
    before = r"(?<!\w)" if re.match(r"\s*\w", sentence) else ""
    after = r"(?!\w)" if re.search(r"\w\s*$", sentence) else ""
    return tuple(match.span() for match in re.finditer(before + pattern + after, text))


def overlaps(one: Span, other: Span) -> bool:
    """Say whether two spans share at least half of the shorter one."""
    return _shared(one, other) >= LEAST_OVERLAP * min(_length(one), _length(other)) > 0


def agree(one: Span, other: Span) -> bool:
    """Say whether two spans share at least half of the longer one."""
    return _shared(one, other) >= LEAST_OVERLAP * max(_length(one), _length(other)) > 0


def same_words(one: str, other: str) -> bool:
    """Say whether two sentences are the same, or one is a part, of five words or more, of the other."""
    shorter, longer = sorted((one, other), key=lambda text: len(normalise(text)))
    if normalise(shorter) == normalise(longer):
        return bool(normalise(shorter))
    return len(normalise(shorter).split()) >= LEAST_WORDS and holds(longer, shorter)


def matches(shown: Mapping[str, Any], sentence: str, case: Case, text_of: TextOf) -> bool:
    """Say whether a citation or an item of evidence, as JSON, is this sentence.

    By place, half of the shorter of the two has to be shared; but a marked sentence of fewer than
    five words that stands at several places, such as the heading "Subway", is a match only where it is
    half of what was shown.
    """
    if shown["article_id"] in case.accepted_doc_ids:
        text = text_of(shown["article_id"])
        if text is not None and (found := places(text, sentence)):
            near = overlaps if len(found) == 1 or len(sentence.split()) >= LEAST_WORDS else agree
            return any(near((shown["start"], shown["end"]), place) for place in found)
    return same_words(shown["quote"], sentence)


def matches_any(shown: Mapping[str, Any], sentences: Iterable[str], case: Case, text_of: TextOf) -> bool:
    """Say whether a citation or an item of evidence, as JSON, is one of these sentences."""
    return any(matches(shown, sentence, case, text_of) for sentence in sentences)


def lies_in(place: Place, sentence: str, case: Case, text_of: TextOf) -> bool:
    """Say whether a passage holds this sentence: half of it or more, by place.

    In an article that was not marked, the passage has to hold its words, five or more of them.
    """
    text = text_of(place.article_id)
    if text is None:
        return False
    if place.article_id in case.accepted_doc_ids and (found := places(text, sentence)):
        span = (place.start, place.end)
        return any(_shared(span, one) >= LEAST_OVERLAP * _length(one) for one in found)
    return len(normalise(sentence).split()) >= LEAST_WORDS and holds(text[place.start : place.end], sentence)


def shown_at(place: Place, text_of: TextOf) -> Mapping[str, Any]:
    """Return a place as an answer shows it, with its words; of an article that is gone they are empty."""
    quote = (text_of(place.article_id) or "")[place.start : place.end]
    return {"article_id": place.article_id, "start": place.start, "end": place.end, "quote": quote}


def _length(span: Span) -> int:
    return span[1] - span[0]


def _shared(one: Span, other: Span) -> int:
    return min(one[1], other[1]) - max(one[0], other[0])
