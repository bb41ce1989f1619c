"""What every request passes before anything answers it: the fences, and who asks."""

import logging
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import FastAPI, HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.web.fencing import MEGABYTE, BodyLimit, KnownHost, SameOrigin, SecurityHeaders, refusal, turn_away
from ui.web.sessions import Sessions, new_visitor_token, visitor_cookie, visitor_token
from ui.web.signing_in import LOGIN, LOGIN_CSS, LOGOUT, routes
from ui.web.users import Users
from vectorstore.errors import FootnoteError, UsageError

LOG = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST_SENT = MEGABYTE
MOST_UPLOADED = 100 * MEGABYTE
_OPEN = {("GET", LOGIN), ("POST", LOGIN), ("GET", LOGIN_CSS), ("POST", LOGOUT), ("GET", "/health")}


def guard(app: FastAPI, users: Users, host: str, secret: Path) -> None:
    """Put the guard before everything that an application serves, and add the pages for signing in.

    Where there are no users and `host` is this machine, each browser is a visitor of its own; otherwise people sign
    in. `secret` is the file of the key that signs sessions.
    """
    door = _Door(users, host)
    sessions = Sessions(secret, users)
    app.include_router(routes(users, sessions))
    app.add_middleware(BodyLimit, most=MOST_SENT, most_uploaded=MOST_UPLOADED)  # what is added later is passed earlier
    app.add_middleware(_Identity, door=door, users=users, sessions=sessions)
    app.add_middleware(SameOrigin)
    app.add_middleware(KnownHost, closed=door.closed)
    app.add_middleware(SecurityHeaders)


def may_serve(host: str, users: Users) -> None:
    """Raise UsageError where a page would be open to other machines and nobody would have to sign in."""
    if not users and host not in LOOPBACK:
        raise UsageError(
            f"At {host} others could read the library, and nobody has a password yet. Add yourself first: "
            "footnote users add NAME. For this machine alone, leave out --host."
        )


def person_of(request: Request) -> str:
    """Return who asks: "user:NAME", or "visitor:TOKEN" where nobody signs in; HTTPException 401 if that is unknown."""
    person = getattr(request.state, "person", None)
    if not isinstance(person, str):
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "Sign in first.")
    return person


class _Door:
    """Whether one has to sign in; once that was so, it is so until the process ends, whoever is removed meanwhile."""

    def __init__(self, users: Users, host: str) -> None:
        self._users = users
        self._closed = host not in LOOPBACK

    def closed(self) -> bool:
        try:
            self._closed = self._closed or bool(self._users)
        except FootnoteError:
            self._closed = True  # there is a file, and it cannot be read: that never means that there are no users
        return self._closed


class _Identity:
    """Finds out who asks, into `request.state.person`, and turns away who would have to sign in."""

    def __init__(self, app: ASGIApp, door: _Door, users: Users, sessions: Sessions) -> None:
        self.app = app
        self._door = door
        self._users = users
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif self._door.closed():
            await self._let_in_user(scope, receive, send)
        else:
            await self._let_in_visitor(scope, receive, send)

    async def _let_in_user(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        try:
            name = self._name(connection)
        except FootnoteError as error:
            LOG.error("%s", error)
            message = "Nobody can sign in at the moment. The terminal that runs footnote says why."
            await turn_away(refusal(HTTPStatus.SERVICE_UNAVAILABLE, message), scope, receive, send)
            return
        if name is not None:
            scope.setdefault("state", {})["person"] = f"user:{name}"
        elif (scope.get("method"), scope["path"]) not in _OPEN:
            await turn_away(_ask_to_sign_in(connection), scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _name(self, connection: HTTPConnection) -> str | None:
        if not self._users:
            return None
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._users.person_of_token(token.strip())
        return self._sessions.name(connection)

    async def _let_in_visitor(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        known = visitor_token(connection)
        token = known or new_visitor_token()
        scope.setdefault("state", {})["person"] = f"visitor:{token}"

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookie = visitor_cookie(token, connection.url.scheme == "https")
                message["headers"] = [*message.get("headers", ()), (b"set-cookie", cookie)]
            await send(message)

        renews = known is None or scope["path"] == "/"
        await self.app(scope, receive, send_with_cookie if renews else send)


def _ask_to_sign_in(connection: HTTPConnection) -> Response:
    scope = connection.scope
    if scope.get("method") == "GET" and "text/html" in connection.headers.get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        there = quote(scope["path"]) + (f"?{query}" if query else "")
        return RedirectResponse(f"{LOGIN}?{urlencode({'next': there})}", HTTPStatus.SEE_OTHER)
    message = "Sign in first: open the page in a browser, or send a token (footnote users token NAME)."
    return refusal(HTTPStatus.UNAUTHORIZED, message, {"WWW-Authenticate": "Bearer"})
