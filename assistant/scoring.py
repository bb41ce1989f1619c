"""The first reader: similarity and words, weighed by a small network fitted on public questions.

It needs nothing that the library does not have already: the embedding model, and counts of words.
What it was fitted on, and how well it does elsewhere, is in docs/decisions/0009; `training/` fits it.
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import Stemmer
from numpy.typing import NDArray

from assistant.reading import Excerpt, Reading
from assistant.values import Citation, Evidence
from vectorstore.embedding import Vectors
from vectorstore.library import Library
from vectorstore.search import STOP_WORDS
from vectorstore.values import StoredArticle

Matrix = NDArray[np.float64]

WEIGHTS = "scorer.json"
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
_PRONOUN = re.compile(
    r"^[\"“‘'(]?(?:he|she|it|they|this|that|these|those|his|her|its|their)\b", re.IGNORECASE
)

_KINDS: dict[str, re.Pattern[str]] = {
    "who": re.compile(r"\b(?:who|whom|whose)\b", re.IGNORECASE),
    "when": re.compile(r"\b(?:when|what (?:year|date|day|month|time)|which (?:year|date|day|month)|how long|since when)\b", re.IGNORECASE),  # fmt: skip
    "where": re.compile(r"\b(?:where|(?:what|which) (?:country|city|state|place|town|continent|region))\b", re.IGNORECASE),
    "number": re.compile(r"\bhow (?:many|much|old|long|far|big|large|high|often|tall|fast)\b|\b(?:what|which) (?:percentage|proportion|number|share|amount|price)\b", re.IGNORECASE),  # fmt: skip
    "why": re.compile(r"\b(?:why|what caused|for what reason|how come)\b", re.IGNORECASE),
}  # fmt: skip

FEATURES = (
    "similarity",
    "similarity_before",
    "similarity_after",
    "similarity_title",
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
    "best_similarity_gap",
    "best_coverage_gap",
)
CONFIDENCE_FEATURES = (
    "best",
    "second",
    "third_margin",
    "similarity",
    "coverage",
    "coverage_all",
    "names_all",
    "numbers_missing",
    "wanted_missing",
    "rank",
    "best_similarity",
    "question_length",
    "known_words",
)


@dataclass(frozen=True, slots=True)
class Network:
    """A network of one hidden layer, tanh, and a logistic output; weights as `training/` writes them."""

    mean: Matrix
    scale: Matrix
    hidden: Matrix
    hidden_bias: Matrix
    out: Matrix
    out_bias: float

    def __call__(self, rows: Matrix) -> Matrix:
        """Return a probability for each row of features; shape (n, features) -> (n,)."""
        states = np.tanh((rows - self.mean) / self.scale @ self.hidden + self.hidden_bias)
        logits = states @ self.out + self.out_bias
        probability: Matrix = 1.0 / (1.0 + np.exp(-logits))
        return probability

    @classmethod
    def from_json(cls, value: dict[str, list[float]]) -> "Network":
        """Read a network from plain lists."""
        arrays = {
            name: np.asarray(value[name], np.float64)
            for name in ("mean", "scale", "hidden", "hidden_bias", "out")
        }
        return cls(**arrays, out_bias=float(value["out_bias"]))  # type: ignore[arg-type]


class Scorer:
    """Scores sentences by features of theirs, and the whole by features of the best."""

    def __init__(
        self,
        embed: Callable[[Sequence[str]], Vectors],
        rarity: Callable[[Sequence[str]], dict[str, float]],
        sentence: Network,
        confidence: Network,
        *,
        name: str,
        threshold: float,
    ) -> None:
        self._embed = embed
        self._rarity = rarity
        self._sentence = sentence
        self._confidence = confidence
        self.name = name
        self.threshold = threshold

    def read(self, question: str, vector: Vectors, excerpts: Sequence[Excerpt]) -> Reading:
        """Score every sentence of the excerpts; `vector` is the question's, shape (dimension,)."""
        if not excerpts:
            return Reading((), 0.0)
        table = features(question, vector, excerpts, self._embed, self._rarity)
        scores = self._sentence(table.rows)
        order = np.argsort(-scores, kind="stable")
        evidence = [Evidence(Citation.of(*table.sentences[i]), float(scores[i])) for i in order]
        row = confidence_features(question, table.rows, scores, order)
        return Reading(evidence, float(self._confidence(row[None])[0]))


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
                [near[i], before, after, title_similarity[title]]
                + wanted.matches(quote, stems[i], around, title)
                + [
                    math.log1p(len(stems[i])),
                    1.0 / (1 + excerpt.rank),
                    1.0 / (1 + leading),
                    math.log1p(position),
                    float(position == 0),
                    float(bool(_PRONOUN.match(quote))),
                    float(quote.rstrip("\"”’'").endswith("?")),
                    float(len(stems[i]) < 4 or quote[-1:].isalnum()),
                ]
                + wanted.kind_matches(quote)
            )
    table = np.asarray(rows, np.float64)
    gaps = [
        table[:, FEATURES.index(name)].max() - table[:, FEATURES.index(name)]
        for name in ("similarity", "coverage")
    ]
    return Table(sentences, np.column_stack([table, *gaps]))


def confidence_features(question: str, rows: Matrix, scores: Matrix, order: NDArray[np.int64]) -> Matrix:
    """Describe the best sentence, and how it stands out, by what tells whether it is right."""
    best = rows[order[0]]
    top = np.concatenate([scores[order[:3]], np.zeros(3)])[:3]
    logits = np.log(np.clip(top, 1e-6, 1 - 1e-6) / np.clip(1 - top, 1e-6, 1))
    named = {name: best[FEATURES.index(name)] for name in CONFIDENCE_FEATURES if name in FEATURES}
    similarity = rows[:, FEATURES.index("similarity")]
    return np.asarray(
        [
            logits[0],
            logits[1],
            logits[0] - logits[2],
            *named.values(),
            float(similarity.max()),
            math.log1p(len(stems_of(question))),
            float(rows[:, FEATURES.index("coverage_all")].max()),
        ]
    )


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
        pairs = set(zip(self.ordered, self.ordered[1:], strict=False))
        found = pairs & set(zip(stems, stems[1:], strict=False))
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
        flags = [
            float(kind in self.kinds and held[kind]) for kind in ("who", "when", "where", "number", "why")
        ]
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


def rarity_in(library: Library) -> Callable[[Sequence[str]], dict[str, float]]:
    """Return a function that gives stems their inverse document frequency among a library's passages."""

    def rarity(stems: Sequence[str]) -> dict[str, float]:
        total = library.catalog.passage_count()
        counts = library.catalog.document_frequencies(stems)
        return {stem: math.log1p((total - counts[stem] + 0.5) / (counts[stem] + 0.5)) for stem in stems}

    return rarity


def load_scorer(library: Library) -> Scorer:
    """Return the scorer that ships with Footnote, for a library."""
    weights = json.loads((resources.files("assistant") / WEIGHTS).read_text())
    return Scorer(
        lambda texts: library.embedder.embed(texts),
        rarity_in(library),
        Network.from_json(weights["sentence"]),
        Network.from_json(weights["confidence"]),
        name=weights["name"],
        threshold=weights["threshold"],
    )
