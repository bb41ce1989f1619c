"""An embedding model whose work can be broken off between two small parts, so that a server can end while it indexes.

A process that ends while a thread is inside native code aborts with a message that helps nobody, and a batch of an
indexing takes seconds.
"""

from collections.abc import Callable, Sequence

import numpy as np

from vectorstore.embedding import Embedder, Vectors

TEXTS_AT_A_TIME = 32


class Interruptible:
    """An embedder that calls `check` between parts; what `check` raises ends the work."""

    def __init__(self, embedder: Embedder, check: Callable[[], None]) -> None:
        self.identity = embedder.identity
        self.dimension = embedder.dimension
        self.window = embedder.window
        self._embedder = embedder
        self._check = check

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of unit length for each text, as the embedder does."""
        parts = []
        # Longest first, as the embedder would take them all: texts of one length waste no work on padding.
        order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        for start in range(0, len(texts), TEXTS_AT_A_TIME):
            self._check()
            parts.append(self._embedder.embed([texts[number] for number in order[start : start + TEXTS_AT_A_TIME]]))
        vectors = np.empty((len(texts), self.dimension), np.float32)
        vectors[order] = np.concatenate(parts)
        return vectors

    def embed_question(self, question: str) -> Vectors:
        """Return the vector of a question."""
        return self._embedder.embed_question(question)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has."""
        self._check()
        return self._embedder.count_tokens(texts)
