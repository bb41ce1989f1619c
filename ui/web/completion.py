"""One chat completion of OpenAI's API: made in threads while its client is watched, and sent whole or in pieces."""

import json
import logging
import secrets
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any
from urllib.parse import quote

import anyio
from anyio import to_thread
from fastapi.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from assistant.answering import Assistant, Event, Finished, Found, Said
from assistant.serializing import answer_to_json, claim_to_json
from assistant.values import Answer
from ui.web.chat_markdown import claim_markdown, notes_markdown, refusal_markdown, url_citations
from ui.web.chat_request import Asked, error_json, error_response
from ui.web.conversing import WRONG
from vectorstore.errors import FootnoteError

LOG = logging.getLogger(__name__)
HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class Completion(Response):
    """The response to a request; when its client goes away, the chat model that writes is stopped."""

    def __init__(self, asked: Asked, answerer: Assistant, turns: anyio.CapacityLimiter, base_url: str) -> None:
        """Take what is asked of whom, the limit of answers at once, and the address of this server."""
        super().__init__()
        self._asked = asked
        self._answerer = answerer
        self._turns = turns
        self._base_url = base_url
        self._head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": asked.model}
        self._begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer while the client is there; an error before the first word is a status, after it an event."""

        async def fail(error: FootnoteError) -> None:
            if self._begun:
                await _send_event(send, error_json(error))
                await send({"type": "http.response.body", "body": b""})
            else:
                await error_response(error)(scope, receive, send)

        gone = threading.Event()
        async with _watched(receive, gone), self._turns:
            events = self._answerer.stream(self._asked.question, self._asked.history, stopped=gone.is_set)
            async with aclosing(_in_threads(events)) as made:
                try:
                    if self._asked.stream:
                        await self._stream(made, send)
                    else:
                        await (await self._whole(made))(scope, receive, send)
                except FootnoteError as error:
                    await fail(error)
                except Exception:  # the top of the program, for a program that asks
                    LOG.exception("A chat completion failed.")
                    await fail(FootnoteError(WRONG))

    async def _whole(self, made: AsyncIterator[Event]) -> JSONResponse:
        answer = [event.answer async for event in made if isinstance(event, Finished)][-1]
        claims, rest = _content(answer)
        message = {"role": "assistant", "content": claims + rest, "refusal": None, **self._cited(answer, claims)}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        usage = await self._usage(claims + rest)
        return JSONResponse({**self._head, "object": "chat.completion", "choices": [choice], "usage": usage})

    async def _stream(self, made: AsyncIterator[Event], send: Send) -> None:
        async with aclosing(self._chunks(made)) as chunks:
            async for chunk in chunks:
                if not self._begun:
                    headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                    await send({"type": "http.response.start", "status": 200, "headers": headers})
                    self._begun = True
                await _send_event(send, {**self._head, "object": "chat.completion.chunk", **chunk})
        await _send_event(send, "[DONE]")
        await send({"type": "http.response.body", "body": b""})

    async def _chunks(self, made: AsyncIterator[Event]) -> AsyncGenerator[dict[str, Any]]:
        """Yield who speaks once it is known what was read, each claim as it is checked, and what follows them."""
        said = 0
        async for event in made:
            if isinstance(event, Found):
                yield self._chunk({"role": "assistant", "content": ""})
            elif isinstance(event, Said):
                claim = claim_markdown(claim_to_json(event.claim, event.markers))
                yield self._chunk({"content": f" {claim}" if said else claim})
                said += 1
            elif isinstance(event, Finished):
                claims, rest = _content(event.answer)
                yield self._chunk({"content": rest})
                yield self._chunk(self._cited(event.answer, claims), "stop")
                if self._asked.with_usage:
                    yield {"choices": [], "usage": await self._usage(claims + rest)}

    def _chunk(self, delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return {"choices": [choice], **({"usage": None} if self._asked.with_usage else {})}

    def _cited(self, answer: Answer, claims: str) -> dict[str, Any]:
        value = answer_to_json(answer)
        url_of = {
            cited["marker"]: f"{self._base_url}/?article={quote(cited['article_id'], '')}&sentence={cited['ordinal']}"
            for cited in value["citations"]
        }
        return {"annotations": url_citations(claims, value["citations"], url_of), "footnote": value}

    async def _usage(self, content: str) -> dict[str, int]:
        """Count tokens as the library's embedding model does: of the question and its history, and of the content."""
        given = [*(turn.text for turn in self._asked.history), self._asked.question]
        count = self._answerer.library.embedder.count_tokens
        *asked, answered = await to_thread.run_sync(count, [*given, content])
        return {"prompt_tokens": sum(asked), "completion_tokens": answered, "total_tokens": sum(asked) + answered}


def _content(answer: Answer) -> tuple[str, str]:
    """Return the claims as they are streamed, and what follows them; a refusal has no claims."""
    if answer.abstained:
        return "", refusal_markdown(answer)
    value = answer_to_json(answer)
    rest = notes_markdown(value)
    return " ".join(map(claim_markdown, value["claims"])), f"\n\n{rest}" if rest else ""


async def _send_event(send: Send, value: Mapping[str, Any] | str) -> None:
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    body = f"data: {data}\n\n".encode("utf-8", "replace")
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _in_threads(events: Generator[Event]) -> AsyncGenerator[Event]:
    """Yield what a generator yields, which runs in threads; however this ends, it is closed."""
    try:
        while (event := await to_thread.run_sync(next, events, None)) is not None:
            yield event
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(events.close)


@asynccontextmanager
async def _watched(receive: Receive, gone: threading.Event) -> AsyncGenerator[None]:
    """Within this the client is watched: when it goes away `gone` is set, and what is done for it is cancelled."""

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        yield
        group.cancel_scope.cancel()
