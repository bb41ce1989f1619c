"""Honesty about time: does a question ask of now, and which of several accounts is the latest?"""

import re
from collections.abc import Sequence

from assistant.matching import stems_of
from assistant.quoting import figures_differ
from assistant.values import Citation, Evidence

LEAST = 0.02  # probability; far below what answers by itself, since search's first article is trusted so much more
COVERS = 0.5  # share of the question's telling words that another account must hold

_ASK = frozenset(stems_of("how many much long old often far"))
_NOW = re.compile(
    r"\b(?:now|nowadays|today|tonight|currently|at present|at the moment|latest|newest|most recent(?:ly)?|recently"
    r"|still|so far|as yet|these days|this (?:week|month|year))\b",
    re.IGNORECASE,
)


def asks_of_now(question: str) -> bool:
    """Say whether a question asks how things stand, of which the newest article knows most."""
    return bool(_NOW.search(question))


def other_account(question: str, evidence: Sequence[Evidence]) -> Evidence | None:
    """Return the best sentence of an article that speaks of the same as the best one, later or with other figures.

    It holds at least as much of the question's telling words. Search trusts the article that matches best, which need
    not be the one that knows how the matter ended, nor the only one to be believed. None if there is no such sentence.
    """
    if not evidence:
        return None
    first = evidence[0].citation
    wanted = set(stems_of(question)) - _ASK
    least = max(COVERS, _coverage(wanted, first.quote))
    for item in evidence[1:]:
        one = item.citation
        if one.article_id == first.article_id or item.score < LEAST or _coverage(wanted, one.quote) < least:
            continue
        if _is_newer(one, first) or figures_differ(one.quote, first.quote):
            return item
    return None


def newest_first(question: str, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """Put the newest account of what the best sentence speaks of in front."""
    while (newer := other_account(question, evidence)) and _is_newer(newer.citation, evidence[0].citation):
        evidence = [newer, *(item for item in evidence if item is not newer)]
    return evidence


def _is_newer(one: Citation, other: Citation) -> bool:
    return bool(one.published and other.published and one.published > other.published)


def _coverage(wanted: set[str], quote: str) -> float:
    return len(wanted & set(stems_of(quote))) / len(wanted) if wanted else 0.0
