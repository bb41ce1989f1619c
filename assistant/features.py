"""What is known of a sentence that tells whether it answers a question, as numbers for the first reader."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import Stemmer
from numpy.typing import NDArray

from assistant.reading import Excerpt
from vectorstore.embedding import Vectors
from vectorstore.search import STOP_WORDS
from vectorstore.values import StoredArticle

Matrix = NDArray[np.float64]

_WORD = re.compile(r"\w+(?:[.,:]\d+)*")
_NUMBER = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozens?|hundreds?|thousands?|millions?|"
                     r"billions?|half|twice|third|percent)\b", re.IGNORECASE)  # fmt: skip
_TIME = re.compile(
    r"\b(?:1[0-9]{3}|20[0-9]{2}|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday|today|century|ago|a\.?m\.?|p\.?m\.?|"
    r"(?:last|next|this) (?:year|month|week))\b",
    re.IGNORECASE,
)
_CAUSE = re.compile(
    r"\b(?:because|due|since|so that|in order to|therefore|reason|caused?|after|over|amid)\b", re.IGNORECASE
)
_PLACE = re.compile(r"\b(?:in|at|on|near|from|to|of|across|outside) (?:the )?[A-Z]\w+")
_NAME = re.compile(r"(?<![.!?\"“‘'] )(?<!^)\b[A-Z][\w’'-]+")
_PRONOUN = re.compile(r"^[\"“‘'(]?(?:he|she|it|they|this|that|these|those|his|her|its|their)\b", re.IGNORECASE)

_KINDS: dict[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "who": r"\b(?:who|whom|whose)\b",
        "when": r"\b(?:when|(?:what|which) (?:year|date|day|month|time)|how long)\b",
        "where": r"\b(?:where|(?:what|which) (?:country|city|state|place|town|continent|region))\b",
        "number": r"\bhow (?:many|much|old|long|far|big|large|high|often|tall|fast)\b"
        r"|\b(?:what|which) (?:percentage|proportion|number|share|amount|price)\b",
        "why": r"\b(?:why|what caused|for what reason|how come)\b",
    }.items()
}

FEATURES = (
    "similarity",
    "similarity_before",
    "similarity_after",
    "similarity_title",
    "similarity_passage",
    "coverage",
    "coverage_context",
    "coverage_title",
    "coverage_all",
    "pairs",
    "names",
    "names_all",
    "numbers_missing",
    "new_words",
    "length",
    "rank",
    "first_rank",
    "position",
    "opening",
    "pronoun",
    "asks",
    "fragment",
    "who_name",
    "when_time",
    "where_place",
    "number_number",
    "why_cause",
    "other_kind",
    "wanted_missing",
    "similarity_gap",
    "coverage_gap",
    "passage_gap",
)

# Of a sentence that was ranked first, what tells whether it is right in any library: not how long the question
# is, or where in its article the sentence stands.
TELLING = (
    "similarity",
    "similarity_passage",
    "coverage",
    "coverage_context",
    "coverage_all",
    "names",
    "names_all",
    "numbers_missing",
    "new_words",
    "wanted_missing",
    "rank",
)


@dataclass(frozen=True, slots=True)
class Table:
    """The features of every sentence read, a row each: shape (n, len(FEATURES))."""

    sentences: Sequence[tuple[StoredArticle, int]]
    rows: Matrix


def features(
    question: str,
    vector: Vectors,
    excerpts: Sequence[Excerpt],
    embed: Callable[[Sequence[str]], Vectors],
    rarity: Callable[[Sequence[str]], dict[str, float]],
) -> Table:
    """Describe every sentence of the excerpts by what tells whether it answers the question.

    `rarity` gives the inverse document frequency of stems in the library.
    """
    wanted = _Wanted.of(question, rarity)
    sentences: list[tuple[StoredArticle, int]] = []
    rows: list[list[float]] = []
    quotes = [[e.stored.quote(i) for i in range(e.first, e.last + 1)] for e in excerpts]
    similarity = embed([quote for run in quotes for quote in run]) @ vector
    titles = list(dict.fromkeys(e.stored.article.title for e in excerpts))
    title_similarity = dict(zip(titles, (embed(titles) @ vector).tolist(), strict=True))
    first_rank: dict[str, int] = {}
    done = 0
    for excerpt, run in zip(excerpts, quotes, strict=True):
        title = excerpt.stored.article.title
        leading = first_rank.setdefault(excerpt.stored.article.id, excerpt.rank)
        near = similarity[done : done + len(run)].tolist()
        done += len(run)
        stems = [stems_of(quote) for quote in run]
        for i, quote in enumerate(run):
            around = set(stems[i]).union(*stems[max(0, i - 1) : i], *stems[i + 1 : i + 2])
            before, after = near[i - 1] if i else 0.0, near[i + 1] if i + 1 < len(run) else 0.0
            position = excerpt.first + i
            sentences.append((excerpt.stored, position))
            rows.append(
                [
                    *(near[i], before, after, title_similarity[title], excerpt.similarity),
                    *wanted.matches(quote, stems[i], around, title),
                    math.log1p(len(stems[i])),
                    1.0 / (1 + excerpt.rank),
                    1.0 / (1 + leading),
                    math.log1p(position),
                    float(position == 0),
                    float(bool(_PRONOUN.match(quote))),
                    float(quote.rstrip("\"”’'").endswith("?")),
                    float(len(stems[i]) < 4 or quote[-1:].isalnum()),
                    *wanted.kind_matches(quote),
                ]
            )
    table = np.asarray(rows, np.float64)
    gaps = [
        table[:, FEATURES.index(name)].max() - table[:, FEATURES.index(name)]
        for name in ("similarity", "coverage", "similarity_passage")
    ]
    return Table(sentences, np.column_stack([table, *gaps]))


def features_of_best(rows: Matrix, scores: Matrix, best: int) -> Matrix:
    """Describe the sentence that is ranked first by what tells whether it is right.

    `scores` are the sentences' probabilities, and `best` is the number of that sentence's row. How
    far the others are behind is left out: several articles may well say the same.
    """
    logits = logit(scores)
    highest = [rows[:, FEATURES.index(name)].max() for name in ("similarity", "similarity_passage", "coverage_all")]
    return np.concatenate([rows[best, [FEATURES.index(name) for name in TELLING]], [logits[best], *highest]])


def article_ranks(rows: Matrix) -> Matrix:
    """Return, for each sentence, the rank (from 0) that search gave its article."""
    _, ranks = np.unique(-rows[:, FEATURES.index("first_rank")], return_inverse=True)
    return ranks.astype(np.float64)


def logit(probability: Matrix) -> Matrix:
    """Return log-odds, bounded to those of one in a million."""
    bounded = np.clip(probability, 1e-6, 1 - 1e-6)
    odds: Matrix = np.log(bounded / (1 - bounded))
    return odds


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a question asks for: its telling words with their rarity, its names and numbers, its kind."""

    weights: dict[str, float]
    ordered: tuple[str, ...]
    names: frozenset[str]
    numbers: frozenset[str]
    kinds: frozenset[str]

    @classmethod
    def of(cls, question: str, rarity: Callable[[Sequence[str]], dict[str, float]]) -> "_Wanted":
        ordered = tuple(stems_of(question))
        return cls(
            weights=rarity(sorted(set(ordered))),
            ordered=ordered,
            names=frozenset(stem for name in _NAME.findall(question) for stem in stems_of(name)),
            numbers=frozenset(word for word in _WORD.findall(question) if word[0].isdigit()),
            kinds=frozenset(kind for kind, pattern in _KINDS.items() if pattern.search(question)),
        )

    def matches(self, quote: str, stems: Sequence[str], around: set[str], title: str) -> list[float]:
        """Return how much of the question stands in a sentence, around it, and in its article's title."""
        here, heading = set(stems), set(stems_of(title))
        everywhere = around | heading
        pairs = set(pairwise(self.ordered))
        found = pairs & set(pairwise(stems))
        numbers = self.numbers - set(_WORD.findall(quote))
        return [
            self._coverage(here),
            self._coverage(around),
            self._coverage(heading),
            self._coverage(everywhere),
            len(found) / len(pairs) if pairs else 0.0,
            _share(self.names, here),
            _share(self.names, everywhere),
            len(numbers) / len(self.numbers) if self.numbers else 0.0,
            math.log1p(len(here - set(self.ordered))),
        ]

    def kind_matches(self, quote: str) -> list[float]:
        """Return whether a sentence has what a question of this kind asks for, kind by kind."""
        held = {
            "who": bool(_NAME.search(quote))
            and any(s not in self.names for n in _NAME.findall(quote) for s in stems_of(n)),
            "when": bool(_TIME.search(quote)),
            "where": bool(_PLACE.search(quote)),
            "number": any(word not in self.numbers for word in _WORD.findall(quote) if _NUMBER.match(word)),
            "why": bool(_CAUSE.search(quote)),
        }
        flags = [float(kind in self.kinds and held[kind]) for kind in ("who", "when", "where", "number", "why")]
        missing = any(not held[kind] for kind in self.kinds)
        return [*flags, float(not self.kinds), float(missing)]

    def _coverage(self, stems: set[str]) -> float:
        total = sum(self.weights.values())
        return sum(w for stem, w in self.weights.items() if stem in stems) / total if total else 0.0


def _share(wanted: frozenset[str], found: set[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 0.5


@lru_cache(maxsize=8192)
def stems_of(text: str) -> tuple[str, ...]:
    """Return the stems of a text's telling words, in order."""
    words = [word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]
    return tuple(_stemmer().stemWords(words))


@lru_cache(maxsize=1)
def _stemmer() -> "Stemmer.Stemmer":
    return Stemmer.Stemmer("english")
