"""The reader that ships with Footnote: what the network, search and the words say of each sentence, as probabilities.

Two regressions, whose weights are in reader/calibration.json and which `training/` fits. The first ranks sentences;
of articles, search's order is trusted more. The second gives the probability that the best sentence is right.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.matching import MATCHES, Rarity, Wanted
from assistant.network import ADVICE, FOLDER, Network, Window
from assistant.reading import Excerpt, Reading
from assistant.values import Citation, Evidence
from vectorstore.embedding import Vectors
from vectorstore.errors import ModelError, UsageError
from vectorstore.values import StoredArticle

CALIBRATION = "calibration.json"
FEATURES = ("logit", "window", "similarity", *MATCHES)
TELLING = ("logit", "window", "similarity", "coverage_around", "numbers_missing")
NO_ANSWER = 20.0  # log-odds, more than any feature makes up for

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression; weights as `training/` writes them."""

    weights: Matrix
    bias: float

    def logits(self, rows: Matrix) -> Matrix:
        """Return the log-odds of each row of features; shape (n, features) -> (n,)."""
        odds: Matrix = rows @ self.weights + self.bias
        return odds

    def __call__(self, rows: Matrix) -> Matrix:
        """Return a probability for each row of features; shape (n, features) -> (n,)."""
        return probability(self.logits(rows))


def probability(logits: Matrix) -> Matrix:
    """Return the probabilities of log-odds."""
    result: Matrix = 1.0 / (1.0 + np.exp(-logits))
    return result


@dataclass(frozen=True, slots=True)
class Table:
    """Every sentence read: its place, its features, a row each of shape (len(FEATURES),), its article's rank.

    `asks` marks those that put the question themselves.
    """

    sentences: Sequence[tuple[StoredArticle, int]]
    rows: Matrix
    ranks: Matrix
    asks: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns features into probabilities.

    `trust` is what each step down in search's order of articles costs, in log-odds times ln(1 + rank). `risks`
    are (threshold, share of the answers that are wrong), by threshold.
    """

    sentence: Logistic
    trust: float
    confidence: Logistic
    threshold: float
    risks: Sequence[tuple[float, float]]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Calibration":
        """Read the calibration of a network; raises ModelError."""
        try:
            value: dict[str, Any] = json.loads((folder / CALIBRATION).read_text())
            sentence, confidence = (
                Logistic(np.array([value[name]["weights"][feature] for feature in features]), value[name]["bias"])
                for name, features in (("sentence", FEATURES), ("confidence", TELLING))
            )
            risks = [(float(threshold), float(risk)) for threshold, risk in value["risks"]]
            return cls(sentence, value["trust"], confidence, value["threshold"], risks)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"The reader in {folder} cannot be loaded: {error}. {ADVICE}") from error

    def threshold_for(self, risk: float) -> float:
        """Return the lowest threshold at which at most `risk` of the answers were wrong when it was calibrated.

        Raises UsageError where none was that sure.
        """
        for threshold, wrong in self.risks:
            if wrong <= risk:
                return threshold
        lowest = min(wrong for _, wrong in self.risks)
        raise UsageError(
            f"A risk of {risk:g} cannot be kept: when the reader was calibrated, {lowest:.2f} of its surest answers "
            f"were wrong. Give --risk {lowest + 0.005:.2f} or more"
        )

    def ranking(self, table: Table) -> Matrix:
        """Return the log-odds that sentences are ranked by.

        The regression was fitted on questions that lean on their article, for which search is a poor judge of
        articles. For questions that stand alone it is the better one of the two.
        """
        return self.sentence.logits(table.rows) - self.trust * np.log1p(table.ranks) - NO_ANSWER * table.asks


def features_of_best(table: Table, ranking: Matrix) -> Matrix:
    """Return the features of the sentence that is ranked first that are TELLING of whether it is right.

    How far the others are behind is left out: several articles may well say the same.
    """
    row: Matrix = table.rows[int(np.argmax(ranking)), [FEATURES.index(name) for name in TELLING]]
    return row


def describe(network: Network, question: str, excerpts: Sequence[Excerpt], rarity: Rarity) -> Table:
    """Read excerpts for a question: with the network, and word by word."""
    quotes = [[e.stored.quote(ordinal) for ordinal in range(e.first, e.last + 1)] for e in excerpts]
    titles = [excerpt.stored.article.title for excerpt in excerpts]
    scores = network.read(question, [Window(title, run) for title, run in zip(titles, quotes, strict=True)])
    wanted = Wanted.of(question, rarity)
    order = dict.fromkeys(excerpt.stored.article.id for excerpt in sorted(excerpts, key=lambda excerpt: excerpt.rank))
    rank_of = {article_id: rank for rank, article_id in enumerate(order)}
    rows = [
        [float(logit), score.window, excerpt.similarity, *matches]
        for excerpt, title, run, score in zip(excerpts, titles, quotes, scores, strict=True)
        for logit, matches in zip(score.sentences, wanted.matches(title, run), strict=True)
    ]
    sentences = [(e.stored, ordinal) for e in excerpts for ordinal in range(e.first, e.last + 1)]
    ranks = [rank_of[stored.article.id] for stored, _ in sentences]
    asks = [wanted.is_put_by(quote) for run in quotes for quote in run]
    return Table(sentences, np.asarray(rows, np.float64), np.asarray(ranks, np.float64), np.asarray(asks))


class ShippedReader:
    """Reads with the shipped network, which is loaded with the first question."""

    def __init__(
        self, calibration: Calibration, rarity: Rarity, threads: int | None = None, folder: Path = FOLDER
    ) -> None:
        self.calibration = calibration
        self._rarity = rarity
        self._threads = threads
        self._folder = folder

    @cached_property
    def _network(self) -> Network:
        return Network(self._folder, self._threads)

    @property
    def name(self) -> str:
        """Which network it is."""
        return self._network.name

    def read(self, question: str, vector: Vectors, excerpts: Sequence[Excerpt]) -> Reading:
        """Score every sentence of the excerpts; `vector` is not used."""
        if not excerpts:
            return Reading((), 0.0)
        table = describe(self._network, question, excerpts, self._rarity)
        ranking = self.calibration.ranking(table)
        probabilities = probability(ranking)
        order = np.argsort(-ranking, kind="stable")
        evidence = [Evidence(Citation.of(*table.sentences[i]), float(probabilities[i])) for i in order]
        if table.asks[order[0]]:  # as do all the others
            return Reading(evidence, 0.0)
        row = features_of_best(table, ranking)
        return Reading(evidence, float(self.calibration.confidence(row[None])[0]))
