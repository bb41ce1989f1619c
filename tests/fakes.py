"""Stand-ins that implement the product's own protocols, so that tests patch nothing."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from vectorstore.embedding import Vectors


class FakeEmbedder:
    """An embedding model without a model: a text's vector is the sum of its words' own random vectors.

    Texts that share words are near each other, equal texts have equal vectors in every process, and
    a token is a word. `embedded` holds every text that was embedded as part of an article.
    """

    def __init__(self, identity: str = "fake@1", dimension: int = 32, window: int = 42) -> None:
        self.identity = identity
        self.dimension = dimension
        self.window = window
        self.embedded: list[str] = []
        self._words: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return np.stack([self._vector(text) for text in texts])

    def embed_question(self, question: str) -> Vectors:
        return self._vector(question)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w+", text)) for text in texts]

    def _vector(self, text: str) -> Vectors:
        words = re.findall(r"\w+", text.lower()) or [""]
        total = np.sum([self._word(word) for word in words], axis=0, dtype=np.float64)
        return (total / np.linalg.norm(total)).astype(np.float32)

    def _word(self, word: str) -> Vectors:
        if word not in self._words:
            digest = hashlib.sha256(f"{self.identity}/{word}".encode("utf-8", "surrogatepass")).digest()
            random = np.random.default_rng(int.from_bytes(digest[:8]))
            self._words[word] = random.standard_normal(self.dimension).astype(np.float32)
        return self._words[word]
