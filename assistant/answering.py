"""The pipeline: a question, by way of search, reading and quoting, becomes a cited answer or a refusal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING, Any

from assistant.conversation import standalone
from assistant.quoting import distinct, nearest, quote
from assistant.reading import Reader, excerpts_of
from assistant.values import Answer, Citation, Claim, Evidence, Models, Standing, Turn
from vectorstore.catalog import Filter
from vectorstore.errors import ArticleUnknown, UsageError
from vectorstore.formats.draft import printable
from vectorstore.library import Library
from vectorstore.search import search
from vectorstore.values import Hit

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

PASSAGES_FOUND = 20
PASSAGES_READ = 16  # the best of those found; what reading more or fewer finds is in docs/experiments.md
EVIDENCE_SHOWN = 20
ARTICLES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Found:
    """The first event of a stream: what was read, before anything is answered.

    `hits` are the passages that search brought, `ranked` is every sentence read, both best first;
    `evidence` is the part of `ranked` that is shown.
    """

    standalone_question: str
    evidence: Sequence[Evidence]
    hits: Sequence[Hit] = ()
    ranked: Sequence[Evidence] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """An event for each claim, once it is checked; `markers` are the numbers of its citations in the answer."""

    claim: Claim
    markers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event: the whole answer."""

    answer: Answer


Event = Found | Said | Finished


class Assistant:
    """Answers questions from one library; may be shared by threads, and keeps nothing between questions."""

    def __init__(self, library: Library, reader: Reader, threshold: float) -> None:
        self.library = library
        self.reader = reader
        self.threshold = threshold

    def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        as_of: date | None = None,
        where: Filter | None = None,
        k: int = PASSAGES_READ,
    ) -> Answer:
        """Answer a question; see `stream`."""
        *_, last = self.stream(question, history, as_of=as_of, where=where, k=k)
        assert isinstance(last, Finished)
        return last.answer

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        as_of: date | None = None,
        where: Filter | None = None,
        k: int = PASSAGES_READ,
    ) -> Iterator[Event]:
        """Yield what was found, each claim, and the whole answer.

        `history` holds the earlier turns, oldest first. `as_of` is the day of asking, today by
        default. `k` is the number of passages to read. Raises UsageError for an empty question.
        """
        if not question.strip():
            raise UsageError('There is no question. Type: footnote ask "Who is Peter Humphrey?"')
        question = printable(question)
        clock = _Clock()
        asked = standalone(question, history)
        vector = self.library.embedder.embed_question(asked)
        clock.stop("embed")
        found = max(k, PASSAGES_FOUND)
        hits = search(self.library, asked, vector, limit=found, where=where, as_of=as_of or date.today())
        excerpts = excerpts_of(self.library.catalog, hits[:k])
        clock.stop("search")
        reading = self.reader.read(asked, vector, excerpts)
        evidence = distinct(reading.evidence, self.library.catalog)
        shown = nearest(evidence, EVIDENCE_SHOWN, ARTICLES_SHOWN)
        clock.stop("read")
        yield Found(asked, shown, hits, evidence)
        abstained = not evidence or reading.confidence < self.threshold
        claims = () if abstained else quote(evidence, self.library.catalog)
        clock.stop("write")
        answer = Answer(
            question=question,
            standalone_question=asked,
            claims=claims,
            dropped=(),
            abstained=abstained,
            confidence=reading.confidence,
            evidence=shown,
            models=Models(self.library.embedder.identity, self.reader.name),
            timings=clock.timings(),
        )
        for claim in claims:
            yield Said(claim, [answer.citations.index(citation) + 1 for citation in claim.citations])
        yield Finished(answer)

    def standing(self, citation: Citation) -> Standing:
        """Say whether the source of a saved citation is unchanged, has changed, or is gone."""
        try:
            stored = self.library.catalog.article(self.library.catalog.resolve(citation.article_id))
        except ArticleUnknown:
            return Standing.GONE
        unchanged = stored.article.content_hash == citation.content_hash
        return Standing.UNCHANGED if unchanged else Standing.CHANGED

    def as_runnable(self) -> "Runnable[Any, dict[str, Any]]":
        """Return the same pipeline as a LangChain Runnable; see assistant/chain.py."""
        from assistant.chain import as_runnable

        return as_runnable(self)


class _Clock:
    """Measures the stages of one answer, in milliseconds."""

    def __init__(self) -> None:
        self._start = self._last = perf_counter()
        self._stages = dict.fromkeys(("embed", "search", "read", "write", "check"), 0.0)

    def stop(self, stage: str) -> None:
        now = perf_counter()
        self._stages[stage] += 1000 * (now - self._last)
        self._last = now

    def timings(self) -> dict[str, float]:
        return {**self._stages, "total": 1000 * (perf_counter() - self._start)}
