"""What an eval measures: one response of the assistant, with the places that led to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A span of a stored article, in code points: ``text[start:end]``."""

    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Response:
    """What came of one question: the answer's JSON, version 1, and what was found on the way to it.

    `passages` are what search brought, `sentences` every sentence that was read, both best first.
    `scores` are those of the sentences, one each.
    """

    answer: Mapping[str, Any]
    passages: tuple[Place, ...] = ()
    sentences: tuple[Place, ...] = ()
    scores: tuple[float, ...] = ()
