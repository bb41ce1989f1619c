"""What an eval reads of a library: articles, where gold sentences stand in them, and its fingerprint."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from evals.cases import Case
from evals.metrics.matching import places
from evals.values import Place
from vectorstore.catalog import Catalog
from vectorstore.errors import ArticleUnknown, UsageError
from vectorstore.values import Passage, StoredArticle

KEPT = 1024  # articles in memory


class Stored:
    """The articles of a library, as an eval needs them; an article that it does not hold is None."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.article = lru_cache(maxsize=KEPT)(self._article)
        self.resolve = lru_cache(maxsize=None)(self._resolve)

    def text(self, article_id: str) -> str | None:
        """Return the stored text of an article."""
        stored = self.article(article_id)
        return stored.article.text if stored else None

    def place(self, passage: Passage) -> Place:
        """Return where a passage stands; it is empty if its article has gone since it was found."""
        stored = self.article(passage.article_id)
        if stored is None or passage.last >= len(stored.sentences):
            return Place(passage.article_id, 0, 0)
        first, last = stored.sentences[passage.first], stored.sentences[passage.last]
        return Place(passage.article_id, first.start, last.end)

    def fingerprint(self) -> tuple[str, int]:
        """Return a SHA-256 over the ids and content hashes of all articles, and their number."""
        digest, count = hashlib.sha256(), 0
        for article_id in sorted(self.catalog.article_ids()):
            if stored := self._article(article_id):
                digest.update(f"{article_id}\t{stored.article.content_hash}\n".encode("utf-8", "surrogatepass"))
                count += 1
        return digest.hexdigest(), count

    def _article(self, article_id: str) -> StoredArticle | None:
        try:
            return self.catalog.article(article_id)
        except ArticleUnknown:
            return None

    def _resolve(self, article_id: str) -> str:
        """Return the id under which an article is kept; the same id if it is not."""
        try:
            return self.catalog.resolve(article_id)
        except ArticleUnknown:
            return article_id


@dataclass(frozen=True, slots=True)
class LostGold:
    """A gold sentence that is in none of the articles that it should be in."""

    case_id: str
    sentence: str
    articles: tuple[str, ...]

    def __str__(self) -> str:
        named = " or ".join(map(repr, self.articles))
        return f"case {self.case_id!r}: the gold sentence {self.sentence!r} is not in the article {named}"


def missing_articles(cases: Sequence[Case], stored: Stored) -> list[str]:
    """Return the gold articles that a library does not hold; raises UsageError if it holds none at all."""
    wanted = dict.fromkeys(article_id for case in cases for article_id in case.gold_doc_ids)
    missing = [article_id for article_id in wanted if stored.catalog.fingerprint(article_id) is None]
    if missing and len(missing) == len(wanted):
        raise UsageError(
            f"The library holds none of the articles that these questions are about, such as {missing[0]!r}. "
            "Index those first, or name them with --documents"
        )
    return missing


def lost_gold(cases: Iterable[Case], stored: Stored) -> list[LostGold]:
    """Return the gold sentences that are no longer in their articles.

    An alternative counts as one. Where one of the articles is missing nobody can say, and
    `missing_articles` has told.
    """
    return [
        LostGold(case.id, sentence, articles)
        for case in cases
        for articles, sentences in (
            (case.gold_doc_ids, case.gold_sentences),
            (case.accepted_doc_ids, tuple(one for one in case.accepted_sentences if one not in case.gold_sentences)),
        )
        for sentence in sentences
        if articles and _is_lost(sentence, articles, stored)
    ]


def gold_places(case: Case, stored: Stored) -> list[tuple[Place, str]]:
    """Return where the gold sentences of a case stand in its gold articles, each place with its sentence."""
    return [
        (Place(article_id, start, end), sentence)
        for sentence in case.gold_sentences
        for article_id in case.gold_doc_ids
        for start, end in places(stored.text(article_id) or "", sentence)
    ]


def _is_lost(sentence: str, articles: Sequence[str], stored: Stored) -> bool:
    texts = [stored.text(article_id) for article_id in articles]
    return not any(text is None or places(text, sentence) for text in texts)
