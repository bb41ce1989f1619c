"""Words without what does not change them: how answers are compared with what people marked."""

import re
import unicodedata
from functools import lru_cache

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_SEPARATORS = re.compile("[\u2014\u2015\u2026]")  # dash and ellipsis part words; a hyphen does not


@lru_cache(maxsize=65536)
def normalise(text: str) -> str:
    """Return a text in lower case, without punctuation and articles, its words parted by one space.

    The normalisation of SQuAD (Rajpurkar et al. 2016, arXiv:1606.05250, the official evaluation
    script), whose ASCII punctuation is extended to all punctuation and symbols of Unicode: news has
    curly quotes and pounds.
    """
    text = unicodedata.normalize("NFKC", _SEPARATORS.sub(" ", text)).casefold()
    kept = "".join(char for char in text if unicodedata.category(char)[0] not in "PS")
    return " ".join(_ARTICLES.sub(" ", kept).split())


def holds(text: str, phrase: str) -> bool:
    """Say whether a phrase stands in a text as whole words, both normalised; an empty one never does."""
    wanted = normalise(phrase)
    return bool(wanted) and f" {wanted} " in f" {normalise(text)} "
