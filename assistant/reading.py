"""Question + passages -> sentences, each with the probability that it answers the question.

This is the seam behind which a better reader can take the place of the first one.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from assistant.matching import stems_of
from assistant.values import Citation, Evidence
from vectorstore.catalog import Catalog
from vectorstore.embedding import Vectors
from vectorstore.errors import ArticleUnknown
from vectorstore.values import Hit, StoredArticle


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A run of sentences to read: `first` to `last` of an article.

    `rank` (from 0) and `similarity` are those of the passage that they are of.
    """

    stored: StoredArticle
    first: int
    last: int
    rank: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found: evidence, best first, and the probability that its best sentence is right."""

    evidence: Sequence[Evidence]
    confidence: float


class Reader(Protocol):
    """Judges of each sentence whether it answers the question."""

    @property
    def name(self) -> str:
        """Which judge it is."""
        ...

    def read(self, question: str, vector: Vectors, excerpts: Sequence[Excerpt]) -> Reading:
        """Score every sentence of the excerpts; `vector` is the question's, shape (dimension,)."""
        ...


def excerpts_of(catalog: Catalog, hits: Sequence[Hit]) -> list[Excerpt]:
    """Return what to read for ranked hits: each passage with the sentence before it and after it.

    A sentence at the border of a passage is judged with its neighbours. Sentences that two passages
    share are read once, with the better passage. An article that another process has removed or
    changed since it was found is passed over.
    """
    articles: dict[str, StoredArticle] = {}
    taken: set[tuple[str, int]] = set()
    excerpts = []
    for rank, hit in enumerate(hits):
        passage = hit.passage
        if passage.article_id not in articles:
            with suppress(ArticleUnknown):
                articles[passage.article_id] = catalog.article(passage.article_id)
        stored = articles.get(passage.article_id)
        if stored is None or passage.last >= len(stored.sentences):
            continue
        span = range(max(0, passage.first - 1), min(len(stored.sentences), passage.last + 2))
        run = [ordinal for ordinal in span if (passage.article_id, ordinal) not in taken]
        taken.update((passage.article_id, ordinal) for ordinal in run)
        excerpts += [Excerpt(stored, first, last, rank, hit.similarity) for first, last in _runs(run)]
    return excerpts


def foremost(question: str, excerpt: Excerpt) -> Citation:
    """Return the sentence of an excerpt that has most of a question's telling words; of equals the first."""
    wanted = set(stems_of(question))
    ordinals = range(excerpt.first, excerpt.last + 1)
    shared = [len(wanted.intersection(stems_of(excerpt.stored.quote(ordinal)))) for ordinal in ordinals]
    return Citation.of(excerpt.stored, ordinals[shared.index(max(shared))])


def _runs(ordinals: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for ordinal in ordinals:
        if runs and runs[-1][1] == ordinal - 1:
            runs[-1] = (runs[-1][0], ordinal)
        else:
            runs.append((ordinal, ordinal))
    return runs
