"""How much of a question's words stand in a sentence: what the network, which reads for sense, is vague about."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import Stemmer

from vectorstore.catalog import Catalog
from vectorstore.search import STOP_WORDS

Rarity = Callable[[Sequence[str]], dict[str, float]]
"""Gives stems their inverse document frequency in a library."""

_WORD = re.compile(r"\w+(?:[.,:]\d+)*")
_ASKS_FOR_MORE = re.compile(r"\b(?:who|whom|whose|what|which|where|when|why|how)\b", re.IGNORECASE)
_NAME = re.compile(r"(?<![.!?\"“‘'] )(?<!^)\b[A-Z][\w’'-]+")

RESTATES = 6  # telling words; a shorter sentence that has only words of the question may yet be part of an answer
MATCHES = ("coverage", "coverage_around", "pairs", "names", "numbers_missing")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question asks for: its telling words with their rarity, its names and its numbers."""

    weights: dict[str, float]
    pairs: frozenset[tuple[str, str]]
    names: frozenset[str]
    numbers: frozenset[str]
    yes_or_no: bool

    @classmethod
    def of(cls, question: str, rarity: Rarity) -> "Wanted":
        """Take a question apart."""
        stems = stems_of(question)
        return cls(
            weights=rarity(sorted(set(stems))),
            pairs=frozenset(pairwise(stems)),
            names=frozenset(stem for name in _NAME.findall(question) for stem in stems_of(name)),
            numbers=frozenset(_numbers(question)),
            yes_or_no=not _ASKS_FOR_MORE.search(question),
        )

    def is_put_by(self, quote: str) -> bool:
        """Say whether a sentence puts the question in the place of answering it: it asks, or says nothing else.

        Quizzes and lists of questions hold what people ask almost word for word, and every judge of likeness puts
        that first. A question that "yes" can answer may be answered by its own words.
        """
        if quote.rstrip("\"”’')] ").endswith("?"):
            return True
        stems = stems_of(quote)
        return not self.yes_or_no and len(stems) >= RESTATES and all(stem in self.weights for stem in stems)

    def matches(self, title: str, quotes: Sequence[str]) -> list[list[float]]:
        """Describe each of some consecutive sentences of an article by the MATCHES, each 0 to 1.

        `coverage` is the share of the question's words, by rarity, that stand in the sentence;
        `coverage_around` counts its neighbours and the title too; `pairs` is the share of the question's pairs of
        words, `names` of its names, that stand there, and `numbers_missing` of its numbers, that do not.
        """
        stems = [stems_of(quote) for quote in quotes]
        heading = set(stems_of(title))
        rows = []
        for i, quote in enumerate(quotes):
            around = heading.union(*stems[max(0, i - 1) : i + 2])
            rows.append(
                [
                    self._coverage(set(stems[i])),
                    self._coverage(around),
                    _share(self.pairs, set(pairwise(stems[i])), 0.0),
                    _share(self.names, set(stems[i]), 0.5),
                    1.0 - _share(self.numbers, set(_numbers(quote)), 1.0),
                ]
            )
        return rows

    def _coverage(self, stems: set[str]) -> float:
        total = sum(self.weights.values())
        return sum(w for stem, w in self.weights.items() if stem in stems) / total if total else 0.0


def rarity_in(catalog: Catalog) -> Rarity:
    """Return the rarity of stems among the passages of a library."""

    def rarity(stems: Sequence[str]) -> dict[str, float]:
        total = catalog.passage_count()
        counts = catalog.document_frequencies(stems)
        return {stem: math.log1p((total - counts[stem] + 0.5) / (counts[stem] + 0.5)) for stem in stems}

    return rarity


@lru_cache(maxsize=8192)
def stems_of(text: str) -> tuple[str, ...]:
    """Return the stems of a text's telling words, in order."""
    words = [word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]
    return tuple(Stemmer.Stemmer("english").stemWords(words))


def _numbers(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word[0].isdigit()]


def _share(wanted: frozenset[Any], found: set[Any], none: float) -> float:
    """Return the share of what is wanted that was found; `none` where nothing is wanted."""
    return len(wanted & found) / len(wanted) if wanted else none
