"""The pipeline: a question, by way of search, reading and quoting, becomes a cited answer or a refusal."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING, Any

from assistant.conversation import standalone
from assistant.dating import asks_of_now, newest_first, other_account
from assistant.offering import MOST_SENTENCES, offer_of
from assistant.quoting import ALSO_ANSWERS, adds_nothing, distinct, nearest, quote, says_again
from assistant.reading import Reader, excerpts_of, foremost
from assistant.rewriting import rewritten
from assistant.settling import settle
from assistant.support.checking import Checker
from assistant.values import Answer, Citation, Claim, Dropped, Evidence, Models, Standing, Turn
from assistant.writing import Stopped, Writer
from vectorstore.catalog import Filter
from vectorstore.errors import ArticleUnknown, ModelError, UsageError
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
SHOWN_AT_ONCE = 3  # sentences, before any is read
_GOES_ON = {False: "The answer is quoted instead.", True: "What it had written by then was checked and is shown."}


@dataclass(frozen=True, slots=True)
class Searched:
    """The first event of a stream: what search found, before any of it is read.

    `nearest` has of each of the best passages, best first, the sentence that shares most words with the question.
    """

    standalone_question: str
    nearest: Sequence[Citation]


@dataclass(frozen=True, slots=True)
class Found:
    """The second event of a stream: what was read, before anything is answered.

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


Event = Searched | Found | Said | Finished


@dataclass(frozen=True, slots=True)
class Writing:
    """What it takes to have a chat model write: the model, and the check of what it wrote."""

    writer: Writer
    checker: Checker


class Assistant:
    """Answers questions from one library; may be shared by threads, and keeps nothing between questions."""

    def __init__(self, library: Library, reader: Reader, threshold: float, writing: Writing | None = None) -> None:
        self.library = library
        self.reader = reader
        self.threshold = threshold
        self.writing = writing

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
        stopped: Stopped = lambda: False,
    ) -> Generator[Event]:
        """Yield what was searched, what was read, each claim, and the whole answer; closing this stops the chat model.

        `history` holds the earlier turns, oldest first. `as_of` is the day of asking, today by
        default. `k` is the number of passages to read. Once `stopped` says yes, which another thread may have it do,
        nothing more is written or quoted: the answer has the claims that were made by then, maybe none, and a note.
        Raises UsageError for an empty question.
        """
        if not question.strip():
            raise UsageError('There is no question. Type: footnote ask "Who is Peter Humphrey?"')
        question = printable(question)
        clock = _Clock()
        asked = rewritten(question, history, self.writing.writer) if self.writing else standalone(question, history)
        clock.stop("rewrite")
        vector = self.library.embedder.embed_question(asked)
        clock.stop("embed")
        found = max(k, PASSAGES_FOUND)
        hits = search(self.library, asked, vector, limit=found, where=where, as_of=as_of or date.today())
        excerpts = excerpts_of(self.library.catalog, hits[:k])
        clock.stop("search")
        yield Searched(asked, [foremost(asked, excerpt) for excerpt in excerpts[:SHOWN_AT_ONCE]])
        reading = self.reader.read(asked, vector, excerpts)
        evidence = distinct(reading.evidence, self.library.catalog)
        shown = nearest(evidence, EVIDENCE_SHOWN, ARTICLES_SHOWN)
        clock.stop("read")
        yield Found(asked, shown, hits, evidence)
        said = _Spoken(stopped)
        abstained = not evidence or reading.confidence < self.threshold
        if not abstained:
            yield from self._claims(asked, evidence, said, clock)
        clock.stop("write")
        answer = Answer(
            question=question,
            standalone_question=asked,
            claims=tuple(said.claims),
            dropped=tuple(said.dropped),
            abstained=abstained,
            confidence=reading.confidence,
            evidence=shown,
            models=Models(self.library.embedder.identity, self.reader.name, said.chat),
            timings=clock.timings(),
            notes=tuple(said.notes),
        )
        yield Finished(answer)

    def _claims(self, asked: str, evidence: Sequence[Evidence], said: "_Spoken", clock: "_Clock") -> Generator[Event]:
        """Write, or quote where nobody writes or nothing that was written holds."""
        of_now = asks_of_now(asked)
        evidence = newest_first(asked, evidence) if of_now else evidence
        later = other_account(asked, evidence)
        said.days_matter = of_now or later is not None
        if self.writing:
            try:
                for claim in self._written(self.writing, asked, _with(later, evidence), said, clock):
                    yield said.say(claim)
            except ModelError as error:
                said.notes.append(f"{str(error).rstrip('.')}. {_GOES_ON[bool(said.claims)]}")
        if said.stopped():
            said.notes.append("You stopped this answer.")
            return
        written = tuple(said.claims)
        best, later = _unsaid(evidence, later, written)
        for claim in quote(best, self.library.catalog, later):
            again = adds_nothing if later and claim.citations == (later.citation,) else says_again
            if not any(again(claim.text, other.text) for other in written):
                yield said.say(claim)

    def _written(
        self, writing: Writing, asked: str, evidence: Sequence[Evidence], said: "_Spoken", clock: "_Clock"
    ) -> Iterator[Claim]:
        """Yield what the chat model writes and the check lets stand."""
        offer = offer_of(evidence, self.library.catalog, self.library.embedder.count_tokens)
        if not offer.sentences:  # all of it was removed since it was read, by another process
            return
        said.chat = writing.writer.name
        said.days_matter |= len({offered.citation.published for offered in offer.sentences}) > 1
        with closing(writing.writer.drafts(asked, offer, said.stopped)) as drafts:
            for draft in drafts:
                clock.stop("write")
                outcome = settle(draft, offer, writing.checker, said.claims)
                clock.stop("check")
                if isinstance(outcome, Claim):
                    yield outcome
                else:
                    said.dropped.append(outcome)

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


def _with(later: Evidence | None, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """Put another account among the sentences that a model is offered."""
    if later is None or later in evidence[:MOST_SENTENCES]:
        return evidence
    return [*evidence[: MOST_SENTENCES - 1], later, *evidence[MOST_SENTENCES - 1 :]]


def _unsaid(
    evidence: Sequence[Evidence], later: Evidence | None, written: Sequence[Claim]
) -> tuple[Sequence[Evidence], Evidence | None]:
    """Return what is to be quoted: all where nothing was written, else what a small model must not leave out."""
    if not written:
        return evidence, later
    cited = {citation for claim in written for citation in claim.citations}
    best = [item for item in evidence[:1] if item.score >= ALSO_ANSWERS and item.citation not in cited]
    return best, later if later and later.citation not in cited else None


@dataclass(slots=True)
class _Spoken:
    """What has been said in one answer so far."""

    stopped: Stopped
    days_matter: bool = False
    claims: list[Claim] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    chat: str | None = None

    def say(self, claim: Claim) -> Said:
        """Add a claim, with its day where that matters, and return the event that tells it."""
        day = max(citation.published or "" for citation in claim.citations)
        first = self.claims[0].citations[0].published if self.claims else day
        if day and (self.days_matter or day != first):
            claim = replace(claim, said_on=day)
        self.claims.append(claim)
        cited = list(dict.fromkeys(citation for one in self.claims for citation in one.citations))
        return Said(claim, [cited.index(citation) + 1 for citation in claim.citations])


class _Clock:
    """Measures the stages of one answer, in milliseconds."""

    def __init__(self) -> None:
        self._start = self._last = perf_counter()
        self._stages = dict.fromkeys(("rewrite", "embed", "search", "read", "write", "check"), 0.0)

    def stop(self, stage: str) -> None:
        now = perf_counter()
        self._stages[stage] += 1000 * (now - self._last)
        self._last = now

    def timings(self) -> dict[str, float]:
        return {**self._stages, "total": 1000 * (perf_counter() - self._start)}
