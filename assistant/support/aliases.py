"""The names that cited sentences hold, in the forms that their articles give them: Mr Li is Li Keqiang."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.support.names import HONORIFICS, Name, casing_of, key, names_in, readable, words_of

LONG = 3  # letters; a longer word is the same without its plural's "s"
_LONG = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+|[A-Z][\w'-]*(?: (?:(?:of|the|and|for|on|in|&) )*[A-Z][\w'-]*)+")


@dataclass(frozen=True, slots=True)
class Place:
    """A cited sentence with title and text of its article, and where in the text it ends."""

    quote: str
    title: str
    text: str
    end: int


class Known:
    """The names of cited sentences, and what their articles say that these are in full or for short."""

    def __init__(self, places: Sequence[Place]) -> None:
        """Take the cited sentences."""
        self._places = places
        self.words = {word for place in places for word in words_of(place.quote)}
        self.words |= {part for word in self.words for part in word.split("-")}
        self.words |= {word.removesuffix("s") for word in self.words if len(word) > LONG}
        self._texts = list(dict.fromkeys(f"{place.title}.\n{place.text}" for place in places))
        self._shorts = {w for place in places for w in re.findall(r"\b[A-Z]{2,}s?\b", readable(place.quote))}

    def missing(self, name: Name, claim: str) -> str | None:
        """Return a word of a claim's name that is not in the sentences, nor by the article another form of one."""
        absent = [word for word in name.words if not self._holds(word)]
        if not absent or self._is_initialism(name) or self._is_spelled_out(name, claim):
            return None
        present = [word for word in name.words if word not in absent]
        for word in absent:
            if not any(self._belongs(word, other) for other in present):
                return word
        return None

    def _holds(self, word: str) -> bool:
        parts = [word, word.removesuffix("s")] if len(word) > LONG else [word]
        return any(part in self.words for part in parts) or all(part in self.words for part in word.split("-"))

    def _belongs(self, word: str, present: str) -> bool:
        """Say whether a word is of the same name as one that a sentence has, by the article."""
        return any(_is_called(word, present, place) for place in self._places if present in words_of(place.quote))

    def _is_initialism(self, name: Name) -> bool:
        """Say whether a name is what an article calls NCSC for short, and the sentences spell that out."""
        spelled = [long for article in self._texts for long in _spelled_out(article).get(name.text, ())]
        return any(all(self._holds(key(word)) for word in re.findall(r"[^\W_]+", long)) for long in spelled)

    def _is_spelled_out(self, name: Name, claim: str) -> bool:
        """Say whether the sentences have the short form of what a claim, as an article does, spells out in full."""
        longs = {long for start, long in _longs(claim) if start <= name.start < start + len(long)}
        return any(
            long in _spelled_out(article).get(short, ())
            for article in self._texts
            for long in longs
            if (short := _initials(long)) in self._shorts
        )


def _is_called(word: str, present: str, place: Place) -> bool:
    """Say whether "Humphrey" in a sentence is Peter: the only one named in full up to there, or the title's.

    It is not where the sentence itself names another in full.
    """
    here = _people(place.quote, present)
    if here:
        return any(word in name for name in here)
    before = _people(place.text, present, place.end) or _people(place.text, present)
    others = {name[-1] if present == name[0] else name[0] for name in before}
    only = len(others) == 1 and any(word in name for name in before)
    return only or any(word in name for name in _people(place.title, present))


def _people(text: str, present: str, end: int | None = None) -> list[tuple[str, ...]]:
    """Return the names of several words that hold one, up to a place, without those that are part of a longer one."""
    found = {name for start, name in _full_names(text) if present in name and (end is None or start < end)}
    return [name for name in found if not any(set(name) < set(other) for other in found)]


@lru_cache(maxsize=256)
def _full_names(text: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return the names of a text that have several words, without honorifics, with their places."""
    names = [
        (name.start, tuple(w for w in name.words if w not in HONORIFICS)) for name in names_in(text, casing_of(text))
    ]
    return tuple((start, words) for start, words in names if len(words) > 1)


@lru_cache(maxsize=256)
def _spelled_out(article: str) -> dict[str, set[str]]:
    """Return the full names of an article by their initials, of those that it writes for short too."""
    found: dict[str, set[str]] = {}
    for _, long in _longs(article):
        found.setdefault(_initials(long), set()).add(long)
    return {short: long for short, long in found.items() if len(short) > 1 and re.search(rf"\b{short}\b", article)}


def _longs(text: str) -> Iterator[tuple[int, str]]:
    """Yield runs such as "Food and Drug Administration", from each of their words on, with their places."""
    for match in _LONG.finditer(readable(text)):
        for at in re.finditer(r"\b[A-Z]", match[0]):
            yield match.start() + at.start(), match[0][at.start() :]


def _initials(name: str) -> str:
    """Return the capitals that words open with; of one word, as GlaxoSmithKline, all of them."""
    words = re.findall(r"[^\W_]+", name)
    return "".join(re.findall("[A-Z]", name) if len(words) == 1 else [word[0] for word in words if word[0].isupper()])
