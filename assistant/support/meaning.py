"""Whether sentences say what a claim says, by what the product has: its embedding model and the words themselves.

A regression, whose weights are in checker.json and which `python -m training.fit_checker` fits.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from assistant.matching import stems_of
from assistant.scoring import Logistic, Matrix
from assistant.support.names import casing_of, names_in
from assistant.support.saying import SAYS, telling_stems
from vectorstore.embedding import Embedder
from vectorstore.errors import ModelError

FILE = Path(__file__).parent / "checker.json"
MOST_NEW = 0.34  # share of the words that are no names; a whole one of two is too much, one of three is not
FEATURES = ("cosine", "coverage", "pairs")


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted regression, and the probability from which on a claim is taken as supported."""

    regression: Logistic
    threshold: float

    @classmethod
    def load(cls, file: Path = FILE) -> "Weights":
        """Read the weights; raises ModelError."""
        try:
            value = json.loads(file.read_text(encoding="utf-8"))
            weights = np.array([value["weights"][feature] for feature in FEATURES], np.float64)
            return cls(Logistic(weights, float(value["bias"])), float(value["threshold"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"The checker's weights cannot be read: {error}. Install Footnote again.") from error


class ShippedMeaning:
    """Judges by the likeness of claim and sentences; it does not know what contradicts what, which facts.py is for."""

    name = "words and vectors"

    def __init__(self, embedder: Embedder, weights: Weights | None = None) -> None:
        """Take the library's embedding model; raises ModelError where the shipped weights cannot be read."""
        self._embedder = embedder
        self._weights = weights or Weights.load()
        self.threshold = self._weights.threshold

    def score(self, claim: str, quotes: Sequence[str]) -> float:
        """Return the probability that the sentences support the claim, by its likeness to them."""
        if not quotes or _tells_new(claim, quotes):
            return 0.0
        return float(self._weights.regression(features(claim, quotes, self._embedder)[None])[0])


def features(claim: str, quotes: Sequence[str], embedder: Embedder) -> Matrix:
    """Describe a claim beside the sentences that it cites; shape (len(FEATURES),).

    `cosine` is that of the claim and the nearest sentence, or all of them joined; `coverage` is the largest share
    of the claim's telling stems that one sentence holds, `pairs` the share of its pairs of neighbours that any holds.
    """
    joined = [" ".join(quotes)] if len(quotes) > 1 else []
    vectors = embedder.embed([claim, *quotes, *joined]).astype(np.float64)
    stems, found = stems_of(claim), [stems_of(quote) for quote in quotes]
    return np.array(
        [
            (vectors[1:] @ vectors[0]).max(),
            max(_share(set(stems), set(one)) for one in found),
            _share(set(pairwise(stems)), {pair for one in found for pair in pairwise(one)}),
        ]
    )


def _tells_new(claim: str, quotes: Sequence[str]) -> bool:
    """Say whether much of a claim is in words that no sentence has: its names alone would make it like them.

    Names and figures have checks of their own (facts.py), and so has who says it.
    """
    names = {word for name in names_in(claim, casing_of(" ".join(quotes))) for word in telling_stems(name.text)}
    own = [stem for stem in telling_stems(SAYS.sub(" ", claim)) if stem not in names and not stem[0].isdigit()]
    held = {stem for quote in quotes for stem in telling_stems(quote)}
    new = [stem for stem in own if stem not in held]
    return len(new) > MOST_NEW * len(own)


def _share(wanted: set[Any], found: set[Any]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 1.0
