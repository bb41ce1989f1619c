"""A desk for tests: a real library of a few small articles, an assistant that needs no model, and a server in a thread.

desk = open_fake_desk(tmp_path)
with serving(app) as url: ...
"""

import json
import socket
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from assistant.answering import Assistant, Event, Finished, Found, Said, Searched
from assistant.chat.listing import READY, Configured
from assistant.values import Answer, Citation, Claim, Evidence, Models, Support, Turn, Verdict
from tests.fakes import FakeEmbedder
from ui.web.chats import Chats
from ui.web.desk import Answerers, Desk
from ui.web.feedback import Feedback
from vectorstore.catalog import Filter
from vectorstore.errors import ModelError
from vectorstore.indexing import index
from vectorstore.library import Library

READY_MODEL = "fake:writer"
MISSING_MODEL = "fake:missing"
HOSTILE = (
    "He said [click](javascript:alert) and ![x](http://evil.example/x.png) <img src=x onerror=alert(1)> "
    "at http://evil.example or www.evil.example or a@evil.example in **bold** [1] $x^2$ `code` on Thursday."
)
ARTICLES = {
    "weather/2020": ("Weather", "2020-01-02", "The Daily", "It rained on Monday. It stopped on Tuesday. All was well."),
    "harbour": ("The harbour", "2021-05-06", "Gazette", "The harbour froze on Tuesday. Ships waited on Wednesday."),
    "evil": ("A [title](http://evil.example) of <b>note</b>", None, "Source | *one*", f"Before. {HOSTILE} After."),
}


class FakeAssistant(Assistant):
    """Quotes every sentence that holds the question's last word, from the articles that a filter lets through.

    A question with "broken" in it raises ModelError at once, with "midway" after the first claim, with "crash"
    something that nobody expected; one with "endless" is answered until it is closed. `closed` counts the streams that
    were ended before they were whole, and `heard` holds the history, day and filter of each question.
    """

    def __init__(self, library: Library, chat: str | None = None) -> None:
        self.library = library
        self.chat = chat
        self.writing = None
        self.closed = 0
        self.heard: list[tuple[Sequence[Turn], date | None, Filter | None]] = []
        self.stopped: Callable[[], bool] = lambda: False

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        as_of: date | None = None,
        where: Filter | None = None,
        k: int = 0,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Generator[Event]:
        self.heard.append((history, as_of, where))
        self.stopped = stopped
        if "broken" in question:
            raise ModelError("The model is missing. Install it: pip install model")
        if "crash" in question:
            raise RuntimeError("a secret of the server")
        asked = " ".join([*(turn.text for turn in history if turn.role == "user"), question])
        word = question.strip("?").split()[-1]
        found = self._citations(where or Filter())
        ranked = sorted((Evidence(one, 0.9 if word in one.quote else 0.1) for one in found), key=lambda e: -e.score)
        claims: list[Claim] = []
        try:
            yield Searched(asked, [item.citation for item in ranked[:3]])
            yield Found(asked, ranked[:20], (), ranked)
            for item in ranked:
                if item.score > 0.5 or "endless" in question:
                    claims.append(Claim(item.citation.quote, (item.citation,), Support(Verdict.VERBATIM, 1.0)))
                    yield Said(claims[-1], [len(claims)])
                    if "midway" in question:
                        raise ModelError("The model has gone. Start it again")
            while "endless" in question and not stopped():
                yield Said(claims[-1], [len(claims)])
            confidence = 0.93 if claims else 0.1
            models = Models("fake", "fake", self.chat)
            yield Finished(Answer(question, asked, claims, (), not claims, confidence, ranked[:20], models))
        except GeneratorExit:
            self.closed += 1
            raise

    def _citations(self, where: Filter) -> Iterator[Citation]:
        catalog = self.library.catalog
        for item in catalog.listing():
            day = item.published or ""
            if (where.source or "") not in (item.source or "") or (where.since or "") > day:
                continue
            if where.until and (not day or day > where.until):
                continue
            stored = catalog.article(item.id)
            yield from (Citation.of(stored, sentence.ordinal) for sentence in stored.sentences)


def open_fake_desk(folder: Path) -> Desk:
    """Make a library of ARTICLES in a folder, and open a desk for it; one chat model is ready, another is missing."""
    lines = [
        json.dumps({"id": id, "title": title, "text": text, "date": day, "source": source})
        for id, (title, day, source, text) in ARTICLES.items()
    ]
    (folder / "articles.jsonl").write_text("\n".join(lines))
    embedder = FakeEmbedder()
    home = folder / "library"
    index(home, [folder / "articles.jsonl"], model=embedder.identity, load=lambda name, threads: embedder)
    library = Library.open(home, load=lambda name, threads: embedder)
    rows = [Configured(READY_MODEL, READY), Configured(MISSING_MODEL, "package missing", "Type: pip install fake")]
    answerers = Answerers(FakeAssistant(library), "", lambda _, name: FakeAssistant(library, name), lambda: rows)
    chats = Chats(home / "chats")
    return Desk(home, answerers, chats, Feedback(home / "feedback", chats))


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port of this machine, from a thread, and give its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
