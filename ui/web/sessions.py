"""Who a browser says that it is: a signed cookie of a user, or a random one where nobody has to sign in."""

import hashlib
import os
import re
import secrets
import stat
from functools import cached_property
from hmac import compare_digest
from pathlib import Path
from typing import Literal

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from ui.web.keeping import held
from ui.web.users import Users, write_private

DAY = 24 * 60 * 60  # seconds
_SESSION_LASTS = 30 * DAY
_VISIT_LASTS = 400 * DAY  # the longest that browsers keep a cookie
_VISITOR = "footnote_visitor"
_VISITOR_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_SECRET_LENGTH = 64
# Not "strict": a browser that follows a link from a mail would then send no cookie, so that a visitor would get a new
# one in its place and lose their chats. No GET of ours changes anything, and the guard checks the Origin of the rest.
_SAME_SITE: Literal["lax"] = "lax"


class Sessions:
    """Begins, reads and ends the sessions of users; a changed password or a removed user ends them too.

    The key that signs them is made at its first use, in the file `secret`.
    """

    def __init__(self, secret: Path, users: Users) -> None:
        self._secret = secret
        self._users = users

    def begin(self, response: Response, name: str, secure: bool) -> None:
        """Let a response sign a user in."""
        value = self._serializer.dumps([name, self._users.fingerprint(name)])
        _set_cookie(response, self._cookie, value, _SESSION_LASTS, secure)

    def end(self, response: Response, secure: bool) -> None:
        """Let a response sign its receiver out."""
        _set_cookie(response, self._cookie, "", 0, secure)

    def name(self, connection: HTTPConnection) -> str | None:
        """Return the name of the user whose session this is, or None."""
        try:
            name, fingerprint = self._serializer.loads(connection.cookies.get(self._cookie, ""), _SESSION_LASTS)
        except BadData:
            return None
        current = self._users.fingerprint(name)
        return name if current and compare_digest(current, fingerprint) else None

    @cached_property
    def _key(self) -> bytes:
        return _kept_secret(self._secret)

    @cached_property
    def _cookie(self) -> str:
        """Its name: two libraries on two ports of a machine share their cookies, and must not overwrite them."""
        return f"footnote_session_{hashlib.sha256(self._key).hexdigest()[:8]}"

    @cached_property
    def _serializer(self) -> URLSafeTimedSerializer:
        hmac_sha256 = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return URLSafeTimedSerializer(self._key, salt="footnote session", signer_kwargs=hmac_sha256)


def visitor_token(connection: HTTPConnection) -> str | None:
    """Return the random token by which a browser is known, or None if it has none."""
    token = connection.cookies.get(_VISITOR, "")
    return token if _VISITOR_TOKEN.fullmatch(token) else None


def new_visitor_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(32)


def visitor_cookie(token: str, secure: bool) -> bytes:
    """Return the Set-Cookie header by which a browser is known again."""
    response = Response()
    _set_cookie(response, _VISITOR, token, _VISIT_LASTS, secure)
    return response.raw_headers[-1][1]


def _set_cookie(response: Response, name: str, value: str, lasts: int, secure: bool) -> None:
    response.set_cookie(name, value, max_age=lasts, secure=secure, httponly=True, samesite=_SAME_SITE)


def _kept_secret(path: Path) -> bytes:
    """Return the secret in a file; one that is missing, damaged or not private is made anew, which ends sessions."""
    with held(path.with_name(f"{path.name}.lock")):
        if not _is_secret(path):
            write_private(path, secrets.token_hex(_SECRET_LENGTH // 2).encode())
        return path.read_bytes()


def _is_secret(path: Path) -> bool:
    if not path.is_file():
        return False
    found = path.stat()
    others_read = os.name == "posix" and found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    return found.st_size == _SECRET_LENGTH and not others_read
