"""The pages /login and /logout: a form without a script, and a limit to how often a password may be tried."""

import ipaddress
import math
import time
from collections.abc import Callable, Mapping
from html import escape
from http import HTTPStatus
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ui.web.assets import asset
from ui.web.sessions import Sessions
from ui.web.users import Users

LOGIN = "/login"
LOGIN_CSS = "/login/login.css"
LOGOUT = "/logout"
WINDOW = 15  # minutes
FAILURES_OF_A_NAME = 5
FAILURES_OF_AN_ADDRESS = 20
_CHECKED_AT_ONCE = 2  # each takes 64 MiB and a tenth of a second of every core
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_WRONG = "This name and password do not belong together."


class TooManyAttempts(Exception):
    """No password is looked at for so many seconds."""

    def __init__(self, seconds: int) -> None:
        minutes = math.ceil(seconds / 60)
        super().__init__(f"Too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}.")
        self.seconds = seconds


class Attempts:
    """Lets passwords be tried, so often for a name and so often from an address; may be shared by threads."""

    def __init__(self, check: Callable[[str, str], bool]) -> None:
        self._check = check
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._by_name = RateLimitItemPerMinute(FAILURES_OF_A_NAME, WINDOW, namespace="name")
        self._by_address = RateLimitItemPerMinute(FAILURES_OF_AN_ADDRESS, WINDOW, namespace="address")

    def make(self, name: str, password: str, address: str) -> bool:
        """Tell whether a password is right; a success clears what was counted for the name.

        Raises TooManyAttempts before the password is looked at, so that nothing can be learnt of it.
        """
        name, address = name[:64], _network(address)
        if not self._limiter.test(self._by_address, address):
            raise self._too_many(self._by_address, address)
        if not self._limiter.hit(self._by_name, name):  # before the check: many at once are no way round
            raise self._too_many(self._by_name, name)
        if self._check(name, password):
            self._limiter.clear(self._by_name, name)
            return True
        self._limiter.hit(self._by_address, address)
        return False

    def _too_many(self, item: RateLimitItem, key: str) -> TooManyAttempts:
        until = self._limiter.get_window_stats(item, key).reset_time
        return TooManyAttempts(max(1, math.ceil(until - time.time())))


def routes(users: Users, sessions: Sessions) -> APIRouter:
    """Return the routes for signing in and out."""
    router = APIRouter(include_in_schema=False)
    attempts = Attempts(users.check)
    at_once = CapacityLimiter(_CHECKED_AT_ONCE)

    @router.get(LOGIN)
    def ask(request: Request) -> Response:
        target = own_path(request.query_params.get("next", ""))
        if hasattr(request.state, "person"):
            return RedirectResponse(target, HTTPStatus.SEE_OTHER)
        return _page(target)

    @router.post(LOGIN)
    async def sign_in(request: Request) -> Response:
        form = _form(await request.body())
        name, target = form.get("name", "").strip(), own_path(form.get("next", ""))
        address = request.client.host if request.client else ""
        try:
            right = await to_thread.run_sync(attempts.make, name, form.get("password", ""), address, limiter=at_once)
        except TooManyAttempts as error:
            waiting = {"Retry-After": str(error.seconds)}
            return _page(target, name, str(error), HTTPStatus.TOO_MANY_REQUESTS, waiting)
        if not right:
            return _page(target, name, _WRONG, HTTPStatus.UNAUTHORIZED)
        response = RedirectResponse(target, HTTPStatus.SEE_OTHER)
        sessions.begin(response, name, request.url.scheme == "https")
        return response

    @router.post(LOGOUT)
    def sign_out(request: Request) -> Response:
        response = RedirectResponse(LOGIN, HTTPStatus.SEE_OTHER)
        sessions.end(response, request.url.scheme == "https")
        return response

    @router.get(LOGIN_CSS)
    def style() -> Response:
        css = asset("login.css")
        return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    return router


def own_path(target: str) -> str:
    """Return where to go after signing in: `target` if it is a path of this host, else the page.

    Browsers read "//host" as another host, "\\\\" as "/", and pass over tabs and line ends.
    """
    is_own = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if is_own and all(" " < character < "\x7f" for character in target) else "/"


def _form(body: bytes) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=8))
    except ValueError:  # too many fields, which no page of ours sends
        return {}


def _network(address: str) -> str:
    """Return what one attempter can hardly change: an IPv4 address, or the network of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def _page(
    target: str,
    name: str = "",
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    said = f'<p id="problem" role="alert">{escape(problem)}</p>' if problem else ""
    about = 'aria-describedby="problem" aria-invalid="true" ' if problem else ""
    at_name, at_password = ("", "autofocus ") if name else ("autofocus ", "")
    html = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Sign in · Footnote</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="{LOGIN_CSS}">
</head>
<body>
<main>
<h1>Footnote</h1>
<form method="post" action="{LOGIN}">
{said}
<input type="hidden" name="next" value="{escape(target)}">
<label for="name">Name</label>
<input id="name" name="name" value="{escape(name)}" required maxlength="64" {about}{at_name}autocomplete="username" \
autocapitalize="none" autocorrect="off" spellcheck="false">
<label for="password">Password</label>
<input id="password" name="password" type="password" required {about}{at_password}autocomplete="current-password">
<button>Sign in</button>
</form>
</main>
</body>
</html>
"""
    return HTMLResponse(html, status, {"Content-Security-Policy": _POLICY, **(headers or {})})
