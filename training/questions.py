"""The questions that models are trained on, each with what search brings up for it.

Trained on: squadshifts_newwiki, multirc_train and squad2_half_dev, by article: eight parts, of which one
chooses and calibrates, and one is held out to report on (two of squad2_half_dev, which has few articles).
"""

import json
import pickle
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vectorstore.catalog import Filter
from vectorstore.indexing import index
from vectorstore.library import Library
from vectorstore.search import search
from vectorstore.values import StoredArticle

SETS = ("squadshifts_newwiki", "multirc_train", "squad2_half_dev")
PARTS = 8
CHOOSING, REPORTING = 2, 3
ALSO_REPORTING = ("squad2_half_dev", 7)
DEPTH = 10  # passages that search brings, of the whole library and of the question's own article

Window = tuple[str, int, int]
"""A run of sentences of an article: its id, the first ordinal and the last."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the article that it leans on, and the windows that search brings up for it, best first.

    `gold` are the ordinals of the sentences of `article_id` that answer; none where nothing does.
    `context` is the window that an unanswerable question was written for. `similarity` belongs to `everywhere`.
    """

    id: str
    set: str
    text: str
    article_id: str
    gold: frozenset[int]
    context: Window | None
    within: tuple[Window, ...]
    everywhere: tuple[Window, ...]
    similarity: tuple[float, ...]

    @property
    def role(self) -> str:
        """Return "train", "choose" or "report", by the article alone."""
        part = zlib.crc32(self.article_id.encode()) % PARTS
        if part == REPORTING or (self.set, part) == ALSO_REPORTING:
            return "report"
        return "choose" if part == CHOOSING else "train"

    def answers(self, window: Window) -> list[bool]:
        """Return for each sentence of a window whether it answers."""
        article_id, first, last = window
        return [article_id == self.article_id and ordinal in self.gold for ordinal in range(first, last + 1)]


def load_questions(data: Path, folder: Path) -> tuple[list[Question], dict[str, StoredArticle]]:
    """Return all questions, and the articles by id; made once, and kept in `folder` with its library."""
    index(folder, [data / name / "documents.jsonl" for name in SETS])
    library = Library.open(folder)
    kept = folder / "questions.pickle"
    if not kept.exists():
        kept.write_bytes(pickle.dumps([question for name in SETS for question in _questions(library, data, name)]))
    articles = {article_id: library.catalog.article(article_id) for article_id in library.catalog.article_ids()}
    return pickle.loads(kept.read_bytes()), articles


def _questions(library: Library, data: Path, name: str) -> Iterator[Question]:
    cases = [json.loads(line) for line in (data / name / "questions.jsonl").read_text().splitlines()]
    vectors = library.embedder.embed([case["question"] for case in cases])
    for case, vector in zip(cases, vectors, strict=True):
        given = (case["gold_doc_ids"] or [case["meta"]["context_doc_id"]])[0]
        stored = library.catalog.article(library.catalog.resolve(given))
        hits = search(library, case["question"], vector, limit=DEPTH)
        only = Filter(article=stored.article.id)
        within = search(library, case["question"], vector, limit=DEPTH, where=only)
        yield Question(
            id=case["id"],
            set=name,
            text=case["question"],
            article_id=stored.article.id,
            gold=frozenset(_gold(case, stored)),
            context=_context(case, stored),
            within=tuple(_window(library, hit.passage) for hit in within),
            everywhere=tuple(_window(library, hit.passage) for hit in hits),
            similarity=tuple(hit.similarity for hit in hits),
        )
    print(f"{name}: {len(cases)} questions searched", file=sys.stderr)


def _window(library: Library, passage: Any) -> Window:
    """Return a passage with the sentence before it and after it, as `excerpts_of` reads it."""
    count = len(library.catalog.article(passage.article_id).sentences)
    return passage.article_id, max(0, passage.first - 1), min(count - 1, passage.last + 1)


def _gold(case: dict[str, Any], stored: StoredArticle) -> Iterator[int]:
    golds = [" ".join(gold.split()) for gold in (*case["gold_sentences"], *case["meta"].get("alt_gold_sentences", ()))]
    for ordinal in range(len(stored.sentences)):
        quote = " ".join(stored.quote(ordinal).split())
        if any(quote in gold or gold in quote for gold in golds if min(len(quote), len(gold)) > 3):
            yield ordinal


def _context(case: dict[str, Any], stored: StoredArticle) -> Window | None:
    """Return the sentences that `meta.context_start` to `context_end` covers."""
    if "context_start" not in case["meta"]:
        return None
    start, end = case["meta"]["context_start"], case["meta"]["context_end"]
    inside = [s.ordinal for s in stored.sentences if s.start < end and s.end > start]
    return (stored.article.id, inside[0], inside[-1]) if inside else None


def texts_of(articles: dict[str, StoredArticle], window: Window) -> tuple[str, Sequence[str]]:
    """Return the title and the sentences of a window."""
    stored = articles[window[0]]
    return stored.article.title, [stored.quote(ordinal) for ordinal in range(window[1], window[2] + 1)]
