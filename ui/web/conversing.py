"""One question of a chat, answered while it is watched: what is shown as the answer grows, and what is kept of it."""

import logging
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from threading import Event, Lock
from time import perf_counter, sleep
from typing import Any

from assistant.answering import Finished, Found, Said, Searched
from assistant.serializing import answer_to_json, citation_to_json, claim_to_json, evidence_to_json
from assistant.values import Citation
from ui.web.chats import Exchange, heard, now
from ui.web.desk import Desk
from ui.web.drawing import Drawing
from vectorstore.catalog import Filter
from vectorstore.errors import FootnoteError
from vectorstore.formats.draft import printable

LOG = logging.getLogger(__name__)
EVERYTHING = Filter()
LONGEST_QUESTION = 1000
PAINTING = 0.06  # seconds: reading takes every core, and a browser on this machine would paint only after it
INTERRUPTED = "This answer was interrupted. Ask again."
UNSAID = "You stopped this before anything was said."
WRONG = "Something went wrong. The terminal that runs footnote says what."


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: of whom, as which of a chat (from 0), in which articles, and of which answerer."""

    person: str
    chat: str
    number: int
    question: str
    where: Filter = EVERYTHING
    answerer: str | None = None


class Conversing:
    """Answers the questions of all chats; may be shared by threads."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._running: dict[tuple[str, str], Event] = {}
        self._lock = Lock()

    def ask(self, asked: Asked) -> Generator[str]:
        """Yield the exchange as HTML, again and again as its reply grows, and keep it in the chat.

        It raises nothing: an error becomes the reply, as a sentence. Closing it stops the chat model.
        """
        question, at = printable(asked.question.strip())[:LONGEST_QUESTION], now()
        drawing = Drawing(self.desk.catalog, asked.number, f"{at} {perf_counter()}")  # no two alike
        kept = Exchange(question, at, None, INTERRUPTED)
        stop = Event()
        with self._lock:
            self._running[asked.person, asked.chat] = stop
        try:
            self._keep(asked, kept)  # whatever ends the answer, its question stays
            yield drawing.waiting(question, "Looking in the library …")
            kept = yield from self._events(asked, kept, drawing, stop)
        except FootnoteError as error:
            kept = Exchange(question, at, None, str(error))
        except Exception:  # the top of the program, for the person at the page
            LOG.exception("The page could not answer.")
            kept = Exchange(question, at, None, WRONG)
        finally:
            with self._lock:
                if self._running.get((asked.person, asked.chat)) is stop:
                    del self._running[asked.person, asked.chat]
            failure = self._keep(asked, kept)
        yield drawing.exchange(kept) if failure is None else drawing.exchange(kept, remark=failure)

    def stop(self, person: str, chat: str) -> None:
        """End the answer that is being made in a chat, if there is one: the chat model writes no further."""
        with self._lock:
            if running := self._running.get((person, chat)):
                running.set()

    def _events(self, asked: Asked, empty: Exchange, drawing: Drawing, stop: Event) -> Generator[str, None, Exchange]:
        """Yield what is shown as the reply grows, and return the whole exchange."""
        question = empty.question
        before = self.desk.chats.open(asked.person, asked.chat)
        history = heard(before.exchanges[: asked.number] if before else ())
        answerer = self.desk.answerers.choose(asked.answerer)
        understood = question
        claims: list[dict[str, Any]] = []
        cited: dict[Citation, int] = {}
        with closing(answerer.stream(question, history, where=asked.where, stopped=stop.is_set)) as events:
            for event in events:
                match event:
                    case Searched():
                        understood = event.standalone_question
                        nearest = [citation_to_json(citation) for citation in event.nearest]
                        yield drawing.found(question, understood, nearest, "Reading")
                        sleep(PAINTING)
                    case Found():
                        doing = "Writing" if answerer.writing else "Quoting"
                        yield drawing.found(question, understood, evidence_to_json(event.evidence), doing)
                    case Said():
                        for citation, marker in zip(event.claim.citations, event.markers, strict=True):
                            cited[citation] = marker
                        claims.append(claim_to_json(event.claim, event.markers))
                        citations = [{"marker": marker, **citation_to_json(one)} for one, marker in cited.items()]
                        yield drawing.growing(question, understood, claims, citations)
                    case Finished():
                        answer = answer_to_json(event.answer)
                        said = bool(claims) or event.answer.abstained
                        return Exchange(question, empty.asked, answer if said else None, None if said else UNSAID)
        raise AssertionError("a stream ends with the whole answer")

    def _keep(self, asked: Asked, kept: Exchange) -> str | None:
        """Write the exchange into its chat, and return what went wrong, as a sentence."""
        try:
            self.desk.chats.put(asked.person, asked.chat, asked.number, kept)
        except FootnoteError as error:
            return f"This is not kept: {error}"
        return None
