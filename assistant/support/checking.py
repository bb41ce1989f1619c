"""Is a claim supported by the sentences that it cites? All the facts first, which are cheap, then the meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.support.facts import Cited, Fault, Ground, first_fault, is_verbatim

__all__ = ["Checker", "Cited", "Fault", "Finding", "Ground", "Meaning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a check: `score` is the probability, 0 to 1, that the cited sentences support the claim.

    `ground` is None where they do; else `reason` says, in a sentence for people, what is not in them.
    """

    score: float
    ground: Ground | None = None
    reason: str = ""

    @property
    def supported(self) -> bool:
        """Whether the claim may be shown."""
        return self.ground is None


class Meaning(Protocol):
    """Judges whether sentences say what a claim says, beyond its facts; a `score` under `threshold` fails it."""

    name: str
    threshold: float

    def score(self, claim: str, quotes: Sequence[str]) -> float:
        """Return how probable it is, 0 to 1, that the sentences together support the claim."""
        ...


class Checker:
    """Checks claims against the sentences that they cite; may be shared by threads if its meaning may."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning

    def check(self, claim: str, cited: Sequence[Cited]) -> Finding:
        """Say whether the cited sentences support a claim, and if not, on which ground it falls."""
        if not cited:
            return Finding(0.0, Ground.MEANING, "no sentence is cited")
        if is_verbatim(claim, cited):
            return Finding(1.0)
        if fault := first_fault(claim, cited):
            return Finding(0.0, fault.ground, fault.reason)
        score = self.meaning.score(claim, [one.quote for one in cited])
        if score < self.meaning.threshold:
            return Finding(score, Ground.MEANING, "the cited sentences do not say this")
        return Finding(score)
