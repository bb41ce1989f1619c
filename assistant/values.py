"""The values of an answer: citations, claims, and the answer that carries them.

The invariant that the product stands on: for every citation ever shown,
``article.text[start:end] == quote``, in Unicode code points of the stored text. A Citation is made
by `Citation.of` alone, which asserts it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from vectorstore.values import StoredArticle


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation; `role` is ``"user"`` or ``"assistant"``."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact place of one sentence, and what it said there when it was cited."""

    article_id: str
    title: str
    published: str | None
    source: str | None
    ordinal: int
    start: int
    end: int
    quote: str
    content_hash: str

    @classmethod
    def of(cls, stored: StoredArticle, ordinal: int) -> "Citation":
        """Cite sentence `ordinal` of a stored article."""
        article, sentence = stored.article, stored.sentences[ordinal]
        quote = stored.quote(ordinal)
        assert sentence.ordinal == ordinal
        assert article.text[sentence.start : sentence.end] == quote
        assert quote, "an empty sentence cannot be cited"
        return cls(
            article.id,
            article.title,
            article.published,
            article.source,
            ordinal,
            sentence.start,
            sentence.end,
            quote,
            article.content_hash,
        )


class Standing(StrEnum):
    """What has become of the source of a saved citation."""

    UNCHANGED = "unchanged"
    CHANGED = "the source has changed"
    GONE = "the source is gone"


class Verdict(StrEnum):
    """How a claim is supported: it is the cited words themselves, or a check found it in them."""

    VERBATIM = "verbatim"
    SUPPORTED = "supported"


@dataclass(frozen=True, slots=True)
class Support:
    """The outcome of checking a claim against its citations; `score` is from 0 to 1."""

    verdict: Verdict
    score: float


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, with the sentences that say so.

    `said_on` is the day of the article, an ISO date, where a reader has to know of what day the claim is.
    """

    text: str
    citations: Sequence[Citation]
    support: Support
    said_on: str | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A claim that was not shown, and why: in a word that can be counted, and in words for people."""

    text: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that was looked at; `score` is the probability, 0 to 1, that it answers the question."""

    citation: Citation
    score: float


@dataclass(frozen=True, slots=True)
class Models:
    """The models that made an answer; `chat` is None where none was asked to write."""

    embedding: str
    reader: str
    chat: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or a refusal: then `abstained` is true, and there are no claims but evidence.

    `confidence` is the calibrated probability, 0 to 1, that the answer is right and supported. `notes` are what a
    person should hear besides, such as that the chat model could not be reached and the answer is quoted.
    `timings` maps each stage (embed, search, read, write, check, total) to milliseconds.
    """

    question: str
    standalone_question: str
    claims: Sequence[Claim]
    dropped: Sequence[Dropped]
    abstained: bool
    confidence: float
    evidence: Sequence[Evidence]
    models: Models
    timings: Mapping[str, float] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def citations(self) -> Sequence[Citation]:
        """Every cited sentence once, in the order in which the claims cite them; markers count from 1."""
        return tuple(dict.fromkeys(citation for claim in self.claims for citation in claim.citations))

    @property
    def text(self) -> str:
        """The claims as one paragraph with markers: ``It rained. [1]``, or ``(2015-06-17) It rained. [1]``."""
        markers = {citation: number for number, citation in enumerate(self.citations, 1)}
        return " ".join(marked(claim, [markers[one] for one in claim.citations]) for claim in self.claims)


def marked(claim: Claim, markers: Sequence[int]) -> str:
    """Return a claim as it stands in the answer: its day where it has one, its text, its markers.

    A "[2]" of an article's own becomes "(2)": it is no marker.
    """
    day = f"({claim.said_on}) " if claim.said_on else ""
    text = re.sub(r"\[(\d+)\]", r"(\1)", claim.text)
    return f"{day}{text} {''.join(f'[{number}]' for number in markers)}"
