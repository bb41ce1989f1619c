"""The part of a catalog that offering, settling and quoting need, with articles made in one line."""

from collections.abc import Sequence

from assistant.offering import Offer, offer_of
from assistant.values import Citation, Evidence
from tests.fakes import FakeEmbedder
from vectorstore.duplicates import signature
from vectorstore.errors import ArticleUnknown
from vectorstore.sentences import sentences_of
from vectorstore.values import Article, StoredArticle


class Shelf:
    """Holds the given articles; `articles` may be changed, as another process would."""

    def __init__(self, *articles: Article) -> None:
        self.articles = {article.id: StoredArticle(article, sentences_of(article)) for article in articles}

    def article(self, article_id: str) -> StoredArticle:
        if article_id not in self.articles:
            raise ArticleUnknown(f"There is no article {article_id}")
        return self.articles[article_id]

    def signatures(self, article_ids: Sequence[str]) -> dict[str, bytes]:
        return {id: signature(self.articles[id].article.text) for id in article_ids}

    def evidence(self, article_id: str, ordinal: int, score: float) -> Evidence:
        return Evidence(Citation.of(self.articles[article_id], ordinal), score)

    def offer(self, *places: tuple[str, int]) -> Offer:
        """Offer sentences, the best first."""
        evidence = [self.evidence(id, ordinal, 0.9 - 0.1 * rank) for rank, (id, ordinal) in enumerate(places)]
        return offer_of(evidence, self, FakeEmbedder().count_tokens, most_sentences=len(places))
