"""What an eval reads of a library: the texts that citations point into, and the ids of gold articles."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache

from evals.cases import Case
from evals.metrics.matching import TextOf
from vectorstore.catalog import Catalog
from vectorstore.errors import ArticleUnknown, UsageError


def texts(catalog: Catalog) -> TextOf:
    """Return what gives the stored text of an article."""

    @lru_cache(maxsize=4096)
    def text_of(article_id: str) -> str | None:
        try:
            return catalog.article(article_id).article.text
        except ArticleUnknown:
            return None

    return text_of


def resolver(catalog: Catalog) -> Callable[[str], str]:
    """Return what gives the id under which a library keeps an article; the same id if it holds none."""

    @cache
    def resolve(article_id: str) -> str:
        try:
            return catalog.resolve(article_id)
        except ArticleUnknown:
            return article_id

    return resolve


def missing_gold(cases: Sequence[Case], catalog: Catalog) -> list[str]:
    """Return the gold articles that a library does not hold; raises UsageError if it holds none at all."""
    wanted = dict.fromkeys(article_id for case in cases for article_id in case.gold_doc_ids)
    missing = [article_id for article_id in wanted if catalog.fingerprint(article_id) is None]
    if missing and len(missing) == len(wanted):
        raise UsageError(
            f"The library holds none of the articles that these questions are about, such as {missing[0]!r}. "
            "Index those first, or name them with --documents"
        )
    return missing
