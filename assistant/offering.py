"""The sentences that a chat model may use: few, numbered from 1, with their articles' titles and dates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.prompting import as_data
from assistant.quoting import in_order, leant_on
from assistant.values import Citation, Evidence
from vectorstore.catalog import Catalog
from vectorstore.errors import ArticleUnknown
from vectorstore.values import StoredArticle

MOST_SENTENCES = 4  # what more or fewer give is in docs/decisions/0013
MOST_TOKENS = 500  # of the embedding model's: near enough to any other's

Count = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Offered:
    """A sentence that may be cited; `score` is the reader's probability that it answers, None for mere context."""

    citation: Citation
    stored: StoredArticle
    score: float | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a model is offered; the number of a sentence is its place in `sentences`, from 1."""

    sentences: Sequence[Offered]

    def __len__(self) -> int:
        return len(self.sentences)

    def __getitem__(self, number: int) -> Offered:
        """Return the sentence of a number, from 1."""
        return self.sentences[number - 1]

    @property
    def text(self) -> str:
        """A line for each article, and under it one for each sentence."""
        lines = []
        numbered = enumerate(self.sentences, 1)
        for _, run in groupby(numbered, key=lambda item: item[1].citation.article_id):
            of_article = list(run)
            first = of_article[0][1].citation
            lines.append(f'"{as_data(first.title)}"' + (f" ({as_data(first.published)})" if first.published else ""))
            lines += [f"[{number}] {as_data(offered.citation.quote)}" for number, offered in of_article]
        return "\n".join(lines)


def offer_of(
    evidence: Sequence[Evidence],
    catalog: Catalog,
    count: Count,
    most_sentences: int = MOST_SENTENCES,
    most_tokens: int = MOST_TOKENS,
) -> Offer:
    """Offer the best of ranked evidence, within a budget of tokens, as `count` counts them.

    A sentence that leans on the one before it ("He said ...") comes with that one. The articles are in the order
    of their best sentence, the sentences of each in its own order.
    """
    scores: dict[Citation, float | None] = {}
    tokens = 0
    for item in evidence[:most_sentences]:
        wanted = [one for one in (*leant_on(item.citation, catalog), item.citation) if one not in scores]
        tokens += sum(count([one.quote for one in wanted]))
        if scores and tokens > most_tokens:
            break
        scores |= dict.fromkeys(wanted)
        scores[item.citation] = item.score
    offered = []
    stored: dict[str, StoredArticle | None] = {}
    for citation in in_order(list(scores)):
        if citation.article_id not in stored:
            stored[citation.article_id] = _unchanged(citation, catalog)
        if article := stored[citation.article_id]:
            offered.append(Offered(citation, article, scores[citation]))
    return Offer(offered)


def _unchanged(citation: Citation, catalog: Catalog) -> StoredArticle | None:
    """Return the cited article; None if another process has changed or removed it since it was read."""
    try:
        stored = catalog.article(citation.article_id)
    except ArticleUnknown:
        return None
    return stored if stored.article.content_hash == citation.content_hash else None
