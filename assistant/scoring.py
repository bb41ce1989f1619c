"""The first reader: similarity and words, weighed by two regressions fitted on public questions.

It needs nothing that the library does not have already: the embedding model, and counts of words.
What it was fitted on, and how well it does elsewhere, is in docs/decisions/0009; `training/` fits it.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from assistant.features import Matrix, article_ranks, features, features_of_best, logit
from assistant.reading import Excerpt, Reading
from assistant.values import Citation, Evidence
from vectorstore.embedding import Vectors
from vectorstore.library import Library

WEIGHTS = "scorer.json"
TRUST = 4.0  # in search's order of articles; `python -m training.choose_trust` prints what each value gives


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression on standardised features; weights as `training/` writes them."""

    mean: Matrix
    scale: Matrix
    weights: Matrix
    bias: float

    def __call__(self, rows: Matrix) -> Matrix:
        """Return a probability for each row of features; shape (n, features) -> (n,)."""
        logits = (rows - self.mean) / self.scale @ self.weights + self.bias
        probability: Matrix = 1.0 / (1.0 + np.exp(-logits))
        return probability

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Logistic":
        """Read a regression from plain lists."""
        mean, scale, weights = (np.asarray(value[name], np.float64) for name in ("mean", "scale", "weights"))
        return cls(mean, scale, weights, float(value["bias"]))


class Scorer:
    """Scores sentences by features of theirs, and the whole by features of the best."""

    def __init__(
        self,
        embed: Callable[[Sequence[str]], Vectors],
        rarity: Callable[[Sequence[str]], dict[str, float]],
        sentence: Logistic,
        confidence: Logistic,
        *,
        name: str,
        threshold: float,
    ) -> None:
        self._embed = embed
        self._rarity = rarity
        self.sentence = sentence
        self._confidence = confidence
        self.name = name
        self.threshold = threshold

    def read(self, question: str, vector: Vectors, excerpts: Sequence[Excerpt]) -> Reading:
        """Score every sentence of the excerpts; `vector` is the question's, shape (dimension,)."""
        if not excerpts:
            return Reading((), 0.0)
        table = features(question, vector, excerpts, self._embed, self._rarity)
        alone = self.sentence(table.rows)
        scores = trusting_search(alone, table.rows)
        order = np.argsort(-scores, kind="stable")
        evidence = [Evidence(Citation.of(*table.sentences[i]), float(scores[i])) for i in order]
        row = features_of_best(table.rows, alone, int(order[0]))
        return Reading(evidence, float(self._confidence(row[None])[0]))


def trusting_search(scores: Matrix, rows: Matrix, trust: float = TRUST) -> Matrix:
    """Lower the probability of sentences by the rank that search gave their articles.

    The sentence regression was fitted on questions that lean on their article, for which search is a
    poor judge of articles. For questions that stand alone it is the better one of the two.
    """
    logits = logit(scores) - trust * np.log1p(article_ranks(rows))
    probability: Matrix = 1.0 / (1.0 + np.exp(-logits))
    return probability


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
        Logistic.from_json(weights["sentence"]),
        Logistic.from_json(weights["confidence"]),
        name=weights["name"],
        threshold=weights["threshold"],
    )
