"""Search: nearest vectors and matching words, fused into one ranking of passages.

Reciprocal rank fusion: Cormack, Clarke and Buettcher, "Reciprocal rank fusion outperforms Condorcet
and individual rank learning methods", SIGIR 2009. The figures behind the constants are in
docs/decisions/0005.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from vectorstore.catalog import Catalog, Filter
from vectorstore.embedding import Vectors
from vectorstore.errors import UsageError
from vectorstore.library import Library
from vectorstore.values import Hit, Passage

DEPTH = 100  # how far down each ranking the fusion looks
RRF_K = 60  # the constant of the paper
TITLE_WEIGHT = 2.0  # of a word in the title against one in the passage, in BM25
NEARNESS_WEIGHT = 1.0  # of an article of the day of asking, against being first in one ranking
NEARNESS_DAYS = 14.0

STOP_WORDS = frozenset(
    (
        "a about an and any are as at be been being but by can could did do does doing for from had has have having "
        "he her hers him his how i if in into is it its itself just may me might more most must my no nor not of on "
        "or our over s shall she should so some such t than that the their them then there these they this those to "
        "under was we were what when where which while who whom whose why will with would you your"
    ).split()
)


def search(
    library: Library,
    question: str,
    vector: Vectors,
    *,
    limit: int,
    where: Filter | None = None,
    as_of: date | None = None,
) -> list[Hit]:
    """Return the passages most likely to answer, best first.

    `vector` is the question's, from the library's embedder. `as_of` is the day of asking: of two
    articles that match alike, the one published nearer before it is ranked first.
    """
    where = where or Filter()
    _check(where)
    catalog = library.catalog
    near = by_vector(library, vector, where)
    scores = fuse([list(near), by_words(catalog, question, where)])
    if as_of is not None and scores:
        published = catalog.published(sorted({passage.article_id for passage in scores}))
        for passage in scores:
            scores[passage] += NEARNESS_WEIGHT / (RRF_K + 1) * nearness(published.get(passage.article_id), as_of)
    ranked = sorted(scores, key=lambda passage: (-scores[passage], passage.id))[:limit]
    stored = library.vectors.vectors([passage.id for passage in ranked if passage not in near])
    near |= {passage: float(stored[passage.id] @ vector) for passage in ranked if passage.id in stored}
    return [Hit(passage, scores[passage], near.get(passage, 0.0)) for passage in ranked]


def fuse(rankings: Sequence[Sequence[Passage]]) -> dict[Passage, float]:
    """Fuse rankings: each adds 1 / (60 + rank) to what it ranks, rank from 1."""
    scores: dict[Passage, float] = {}
    for ranking in rankings:
        for rank, passage in enumerate(ranking, 1):
            scores[passage] = scores.get(passage, 0.0) + 1 / (RRF_K + rank)
    return scores


def nearness(published: str | None, as_of: date, days: float = NEARNESS_DAYS) -> float:
    """Return how near before the day of asking an article was published, 1 (that day) to 0.

    It halves every `days`; what is undated, or published later, has no nearness.
    """
    if published is None:
        return 0.0
    age = (as_of - date.fromisoformat(published[:10])).days
    return 0.0 if age < -1 else float(0.5 ** (max(age, 0) / days))


def by_words(catalog: Catalog, question: str, where: Filter, title_weight: float = TITLE_WEIGHT) -> list[Passage]:
    """Return the passages that share words with a question, best first by BM25."""
    return [passage for passage, _ in catalog.match(_fts_query(question), DEPTH, where, title_weight)]


def by_vector(library: Library, vector: Vectors, where: Filter) -> dict[Passage, float]:
    """Return the passages whose vectors are nearest to a question's with their cosines, nearest first."""
    if where.article:
        return _of_article(library, vector, where)
    condition = _chroma_condition(library.catalog, where)
    found = library.vectors.nearest(vector, DEPTH, condition)
    passages = library.catalog.passages([id for id, _ in found])
    return {passages[id]: similarity for id, similarity in found if id in passages}


def _of_article(library: Library, vector: Vectors, where: Filter) -> dict[Passage, float]:
    """Rank the passages of one article: few enough to compare all, which Chroma's graph need not find."""
    passages = library.catalog.passages_where(where)
    stored = library.vectors.vectors([passage.id for passage in passages])
    near = {passage: float(stored[passage.id] @ vector) for passage in passages if passage.id in stored}
    return dict(sorted(near.items(), key=lambda item: (-item[1], item[0].id))[:DEPTH])


def _chroma_condition(catalog: Catalog, where: Filter) -> Mapping[str, Any] | None:
    parts: list[dict[str, Any]] = []
    if where.since:
        parts.append({"day": {"$gte": int(where.since.replace("-", ""))}})
    if where.until:
        parts += [{"day": {"$lte": int(where.until.replace("-", ""))}}, {"day": {"$gt": 0}}]
    if where.source:
        parts.append({"source": {"$in": catalog.sources(where.source) or ["\0"]}})
    return None if not parts else parts[0] if len(parts) == 1 else {"$and": parts}


def _fts_query(question: str) -> str:
    """Return an FTS5 query for any of the question's words, leaving out the commonest."""
    words = list(dict.fromkeys(re.findall(r"\w+", question.lower())))
    telling = [word for word in words if word not in STOP_WORDS] or words
    return " OR ".join(f'"{word}"' for word in telling[:64]) or '""'


def _check(where: Filter) -> None:
    for name, value in (("since", where.since), ("until", where.until)):
        if value:
            try:
                if date.fromisoformat(value).isoformat() != value:
                    raise ValueError
            except ValueError as error:
                raise UsageError(f"--{name} takes a date such as 2013-12-04, not {value!r}") from error
