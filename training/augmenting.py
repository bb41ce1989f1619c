"""Questions that look answerable and are not, made from answerable ones: what SQuAD 2.0's askers did by hand.

Rajpurkar et al. 2018 (arXiv:1806.03822), table 2: swapped entities and numbers are a third of its unanswerable
questions, and one cannot be told from an answerable question without reading every word.
"""

import random
import re
from functools import lru_cache

_NAME = re.compile(r"(?<![.?!] )(?<!^)\b[A-Z][\w’'-]+(?: (?:of |the |de |von )?[A-Z][\w’'-]+)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\b")


def swapped(question: str, text: str, chance: random.Random) -> str | None:
    """Return a question with one of its names or numbers replaced by another of the article; None if there is none."""
    names = [match for match in _NAME.finditer(question) if match.group() in text]
    numbers = list(_NUMBER.finditer(question))
    if not names and not numbers:
        return None
    chosen = chance.choice([*names, *numbers])
    pool = _names_of(text) if chosen in names else _numbers_of(text)
    others = [other for other in pool if other not in question and chosen.group() not in other]
    if not others:
        return None
    return question[: chosen.start()] + chance.choice(others) + question[chosen.end() :]


@lru_cache(maxsize=1024)
def _names_of(text: str) -> list[str]:
    return sorted(set(_NAME.findall(text)))


@lru_cache(maxsize=1024)
def _numbers_of(text: str) -> list[str]:
    return sorted(set(_NUMBER.findall(text)))
