"""The fences of the web service that are the same for everybody: headers, host, origin, and how much is sent.

All of it is plain ASGI, so that a streamed answer passes through as it is made.
"""

import re
from collections.abc import Callable
from http import HTTPStatus

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

MEGABYTE = 1_000_000
_UPLOADS = ("/gradio_api/upload", "/library/upload", "/library/paste")
_LOCAL = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_PORTS = {"http": ":80", "https": ":443"}

# Gradio needs inline and evaluated scripts, so this does not stop a script: it stops every request to
# another machine, whatever asks for it.
POLICY = (
    "default-src 'self' data: blob:; script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
# What Gradio serves there is data, files that people sent among it: opened as a page, it may do nothing.
_DATA = "/gradio_api/"
_DATA_POLICY = "default-src 'none'; sandbox; frame-ancestors 'self'"
_ASSETS = ("/assets/", "/static/", "/svelte/", "/theme.css", "/favicon.ico")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # under "no-referrer" browsers send our own forms with "Origin: null"
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeaders:
    """Adds the headers that make a browser careful, where a response has none of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                path = scope["path"]
                headers.setdefault("Content-Security-Policy", _DATA_POLICY if path.startswith(_DATA) else POLICY)
                if not path.startswith(_ASSETS):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class KnownHost:
    """Refuses, where nobody signs in, a request under any name but this machine's own.

    Otherwise any web site could point its name at 127.0.0.1 and read the library through a person's browser (DNS
    rebinding). Where people sign in such a site has no session, and the page may have any name.
    """

    def __init__(self, app: ASGIApp, closed: Callable[[], bool]) -> None:
        self.app = app
        self._closed = closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or self._closed() or _is_local(scope):
            await self.app(scope, receive, send)
            return
        message = "This page answers under the name 127.0.0.1 or localhost alone. Open it under one of them."
        await turn_away(refusal(HTTPStatus.BAD_REQUEST, message), scope, receive, send)


def _is_local(scope: Scope) -> bool:
    return _LOCAL.fullmatch(Headers(scope=scope).get("host", "")) is not None


class SameOrigin:
    """Refuses what another web site sends through a person's browser; programs send no Origin and pass."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or _is_same_origin(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        message = (
            "This request came from another web page, and was refused. Use Footnote's own page; a proxy before it has "
            "to hand on the Host header as it came."
        )
        await turn_away(refusal(HTTPStatus.FORBIDDEN, message), scope, receive, send)


def _is_same_origin(headers: Headers) -> bool:
    origin, host = headers.get("origin"), headers.get("host", "")
    if origin is None:
        return True
    scheme, _, place = origin.lower().partition("://")
    if scheme not in _PORTS or not place:
        return False

    def whole(place: str) -> str:
        return place if re.search(r":\d+$", place) else place + _PORTS[scheme]

    return whole(place) == whole(host.lower())


class BodyLimit:
    """Refuses a request's body of more than `most` bytes, or `most_uploaded` for files, as soon as that is known."""

    def __init__(self, app: ASGIApp, most: int, most_uploaded: int) -> None:
        self.app = app
        self._most = most
        self._most_uploaded = most_uploaded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self._most_uploaded if scope["path"].startswith(_UPLOADS) else self._most
        stated = Headers(scope=scope).get("content-length", "")
        if stated.isdecimal() and (len(stated) > len(str(most)) or int(stated) > most):
            await _too_large(most)(scope, receive, send)
            return
        body = _CountedBody(scope, receive, send, most)
        await self.app(scope, body.receive, body.send)


class _CountedBody:
    """One request's body, counted while it comes, and the response that says so where it is too large."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        self._scope, self._receive, self._send, self._most = scope, receive, send, most
        self._left = most
        self._begun = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:  # frameworks hand this exception on as it is
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large_sentence(self._most))
        return message

    async def send(self, message: Message) -> None:
        if self._left >= 0 or self._begun:
            self._begun = True
            await self._send(message)
        elif message["type"] == "http.response.start":  # whatever the application makes of the exception
            await _too_large(self._most)(self._scope, self._receive, self._send)


def _too_large(most: int) -> Response:
    return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large_sentence(most), {"Connection": "close"})


def _too_large_sentence(most: int) -> str:
    return f"That is too much at once: at most {most // MEGABYTE} MB are taken. Send less."


def refusal(status: HTTPStatus, message: str, headers: dict[str, str] | None = None) -> Response:
    """Return the response that says in a sentence why a request is refused."""
    return JSONResponse({"error": {"message": message}}, status, headers)


async def turn_away(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with `response`; a web socket, which has none, is closed as against the rules (RFC 6455)."""
    turned_away = WebSocketClose(1008) if scope["type"] == "websocket" else response
    await turned_away(scope, receive, send)
