"""The answerer that needs no language model: the fewest verbatim sentences that answer the question."""

import re
from collections.abc import Sequence

from assistant.matching import stems_of
from assistant.values import Citation, Claim, Evidence, Support, Verdict
from vectorstore.catalog import Catalog
from vectorstore.duplicates import copies
from vectorstore.errors import ArticleUnknown
from vectorstore.search import STOP_WORDS
from vectorstore.values import StoredArticle

MOST_CLAIMS = 3  # of the two constants `python -m training.fit_reader` prints what other values give
ALSO_ANSWERS = 0.5  # a further sentence is quoted when its own probability is at least this
SAYS_AGAIN = 0.7  # share of the telling words of one sentence that stand in the other
MOST_LEANT_ON = 2
_PRONOUN = re.compile(
    r"^[\"“‘'(]?(?:he|she|it|they|this|that|these|those|his|her|its|their|both|such)\b", re.IGNORECASE
)
_SPEECH_ALONE = re.compile(r"^[\"“][^\"”]*[\"”]?$")


def distinct(evidence: Sequence[Evidence], catalog: Catalog) -> list[Evidence]:
    """Leave out evidence that says again what better evidence of a near-duplicate article says.

    Of an article and its wire copy only the one with the better sentence is shown; a sentence that
    stands word for word in two articles is shown once.
    """
    signatures = catalog.signatures(list({item.citation.article_id for item in evidence}))
    ids = dict.fromkeys(item.citation.article_id for item in evidence)
    copied = copies([id for id in ids if id in signatures], signatures)
    seen: set[str] = set()
    kept = []
    for item in evidence:
        words = " ".join(re.findall(r"\w+", item.citation.quote.lower()))
        if item.citation.article_id not in copied and words not in seen:
            kept.append(item)
            seen.add(words)
    return kept


def nearest(evidence: Sequence[Evidence], sentences: int, articles: int) -> tuple[Evidence, ...]:
    """Return what to show of ranked evidence: its first sentences, and the best one of its first articles."""
    leaders = {item.citation.article_id: item for item in reversed(evidence)}
    first = list(dict.fromkeys(item.citation.article_id for item in evidence))[:articles]
    chosen = {item.citation for item in evidence[:sentences]} | {leaders[id].citation for id in first}
    return tuple(item for item in evidence if item.citation in chosen)


def quote(evidence: Sequence[Evidence], catalog: Catalog, later: Evidence | None = None) -> tuple[Claim, ...]:
    """Compose an answer from ranked evidence, in the order of reading.

    The best sentence, if any, is always quoted; another, of whatever article, when it answers by itself and does
    not say again what is quoted already; and `later`, what another account says of the same. A sentence that leans
    on the one before it ("He said ...", or speech without its speaker) is quoted after it.
    """
    chosen = list(evidence[:1])
    for item in evidence[1:]:
        if len(chosen) == MOST_CLAIMS or item.score < ALSO_ANSWERS:
            break
        if not any(says_again(item.citation.quote, other.citation.quote) for other in chosen):
            chosen.append(item)
    if later and not any(adds_nothing(later.citation.quote, other.citation.quote) for other in chosen):
        chosen.append(later)
    cited = dict.fromkeys(
        citation for item in chosen for citation in (*leant_on(item.citation, catalog), item.citation)
    )
    return tuple(Claim(one.quote, (one,), Support(Verdict.VERBATIM, 1.0)) for one in in_order(list(cited)))


def says_again(quote: str, other: str) -> bool:
    """Say whether most of what one of two sentences tells stands in the other; with other figures, it does not."""
    one, two = (set(re.findall(r"\w+", text.lower())) - STOP_WORDS for text in (quote, other))
    return not figures_differ(quote, other) and len(one & two) >= SAYS_AGAIN * max(1, min(len(one), len(two)))


def adds_nothing(quote: str, other: str) -> bool:
    """Say whether a sentence has no telling word that another has not: "is released" adds to "is held" one."""
    return set(stems_of(quote)) <= set(stems_of(other))


def figures_differ(quote: str, other: str) -> bool:
    """Say whether each of two sentences has a figure that the other has not."""
    one, two = ({word for word in re.findall(r"\w+", text.lower()) if word[0].isdigit()} for text in (quote, other))
    return bool(one - two and two - one)


def leant_on(citation: Citation, catalog: Catalog) -> list[Citation]:
    """Return the sentences before a citation that say who "he" is, or who speaks."""
    try:
        stored = catalog.article(citation.article_id)
    except ArticleUnknown:  # removed since it was read, by another process
        return []
    if stored.article.content_hash != citation.content_hash:
        return []
    return [Citation.of(stored, before) for before in leant_on_in(stored, citation.ordinal)]


def leant_on_in(stored: StoredArticle, ordinal: int) -> range:
    """Return the ordinals of the sentences that one leans on, right before it; an empty range if it does not."""
    first = ordinal
    while first > max(0, ordinal - MOST_LEANT_ON) and _leans_back(stored.quote(first)):
        first -= 1
    return range(first, ordinal)


def _leans_back(quote: str) -> bool:
    ends_speech = quote.count("”") > quote.count("“") or (quote.count('"') % 2 == 1 and quote.rstrip().endswith('"'))
    return bool(_PRONOUN.match(quote) or _SPEECH_ALONE.match(quote) or ends_speech)


def in_order(citations: Sequence[Citation]) -> list[Citation]:
    """Keep the articles in order of their best sentence, and each article's sentences in its own order."""
    articles = list(dict.fromkeys(citation.article_id for citation in citations))
    return sorted(citations, key=lambda citation: (articles.index(citation.article_id), citation.ordinal))
