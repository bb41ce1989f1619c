"""The library as a chat model of OpenAI's API: /v1/models and /v1/chat/completions, whole or streamed.

What an answer says and cites is decided by the library and its articles, never by the client: system messages and
the parameters of sampling are ignored. The protocol is https://platform.openai.com/docs/api-reference/chat; errors have
its form too.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

import anyio
from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from assistant.answering import Assistant
from assistant.chat.listing import READY
from ui.web.chat_request import BadRequest, error_response, read_request
from ui.web.completion import Completion
from ui.web.desk import AT_ONCE, QUOTE, Desk
from vectorstore.errors import FootnoteError

DEFAULT = "footnote"
QUOTING = "footnote-quote"
WRITING = "footnote/"
REMEMBERED = 60.0  # seconds; to see which models are ready, servers are asked


class Offered:
    """The models that are offered, by the names that clients know them by; may be shared by threads."""

    def __init__(self, desk: Desk) -> None:
        self._answerers = desk.answerers
        self._names: dict[str, str | None] = {}
        self._until = 0.0
        self._lock = threading.Lock()

    def names(self) -> Mapping[str, str | None]:
        """Return what each name stands for in `Answerers.choose`."""
        with self._lock:
            if time.monotonic() >= self._until:
                ready = [row.name for row in self._answerers.known() if row.state == READY]
                self._names = {DEFAULT: None, QUOTING: QUOTE} | {f"{WRITING}{name}": name for name in ready}
                self._until = time.monotonic() + REMEMBERED
            return self._names

    def open(self, name: str) -> Assistant:
        """Return the answerer of a name; raises BadRequest where there is none, FootnoteError if it cannot be had."""
        names = self.names()
        if name not in names:
            raise unknown(name)
        return self._answerers.choose(names[name])


def unknown(name: str) -> BadRequest:
    """Return the error of a model that is not offered."""
    return BadRequest(
        f"There is no model {name!r:.80}. GET /v1/models lists what there is.", "model", "model_not_found", 404
    )


def routes(desk: Desk) -> APIRouter:
    """Return the routes under /v1; at most four answers are made at once, and further ones wait their turn."""
    router = APIRouter(prefix="/v1")
    offered = Offered(desk)
    turns = anyio.CapacityLimiter(AT_ONCE)
    began = int(time.time())

    def described(name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": began, "owned_by": "footnote"}

    @router.get("/models")
    def models() -> dict[str, Any]:
        return {"object": "list", "data": [described(name) for name in offered.names()]}

    @router.get("/models/{name:path}")
    def model(name: str) -> Response:
        return JSONResponse(described(name)) if name in offered.names() else error_response(unknown(name))

    @router.post("/chat/completions")
    async def complete(request: Request) -> Response:
        try:
            asked = await read_request(request)
            answerer = await to_thread.run_sync(offered.open, asked.model)
        except (BadRequest, FootnoteError) as error:
            return error_response(error)
        return Completion(asked, answerer, turns, str(request.base_url).rstrip("/"))

    return router
