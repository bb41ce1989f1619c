"""The values that flow through Footnote: articles, their sentences, and passages of whole sentences.

All are frozen. Offsets count Unicode code points of `Article.text`, the canonical text that the
catalog stores, so that ``article.text[start:end]`` is always the sentence and never a copy that
can differ from it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text as 64 hexadecimal digits; it names one exact version of it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it is stored: `text` is canonical, made once, and every offset refers to it.

    `published` is an ISO 8601 date (``YYYY-MM-DD``); it and `source` are None where unknown.
    """

    id: str
    title: str
    published: str | None
    source: str | None
    text: str

    @property
    def content_hash(self) -> str:
        """The hash that a citation keeps, to tell later whether its source has changed."""
        return hash_text(self.text)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence by its place: number `ordinal` (from 0) of its article, at ``text[start:end]``."""

    article_id: str
    ordinal: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences `first` to `last` (both included) of one article; the unit of search."""

    id: str
    article_id: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that search found; a higher `score` is better, comparable within one search only.

    `similarity` is the cosine of its vector and the question's, comparable between searches.
    """

    passage: Passage
    score: float
    similarity: float


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with its sentences in order of ordinal, as a reader of the library gets it."""

    article: Article
    sentences: Sequence[Sentence]

    def quote(self, ordinal: int) -> str:
        """Return the exact text of one sentence."""
        sentence = self.sentences[ordinal]
        return self.article.text[sentence.start : sentence.end]
