"""Who may use a page that is served to others: names, and hashes of their passwords and tokens, in one file."""

import hashlib
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from ui.web.keeping import PRIVATE_FILE, held
from vectorstore.errors import FootnoteError, LibraryDamaged, UsageError

USERS_FILE = "users.json"
SHORTEST_PASSWORD = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # no ".." and no "-x", whatever a name is used for
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TOKEN_MARK = "fn_"


@dataclass(frozen=True, slots=True)
class _User:
    password: str
    tokens: tuple[str, ...] = ()


class Users:
    """The users in a file, read anew whenever the file has changed; may be shared by threads.

    No file means no users. One that cannot be understood never does: every method raises LibraryDamaged then.
    """

    def __init__(self, path: Path, hasher: PasswordHasher | None = None) -> None:
        self.path = path
        self._hasher = hasher or PasswordHasher()
        self._known: tuple[tuple[int, ...], Mapping[str, _User]] = ((), {})

    def __bool__(self) -> bool:
        return bool(self._read())

    def names(self) -> list[str]:
        """Return everybody's name, in order."""
        return sorted(self._read())

    def add(self, name: str, password: str) -> None:
        """Add a user, or give one another password, which ends the sessions and tokens there are.

        Raises UsageError for a name or a password that will not do.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} cannot be a user's name. Use 1 to 64 letters of a to z, digits, '.', '_' or '-', and begin "
                "with a letter or a digit."
            )
        if len(password) < SHORTEST_PASSWORD:
            raise UsageError(f"That password is too short. Use {SHORTEST_PASSWORD} characters or more.")
        if any(0xD800 <= ord(character) <= 0xDFFF for character in password):
            raise UsageError("That password is no UTF-8 text. Type it in a terminal, or send it as UTF-8.")
        user = _User(self._hasher.hash(_bytes(password)))
        self._change(lambda users: users.update({name: user}))

    def remove(self, name: str) -> None:
        """Remove a user, whose sessions and tokens end at once; raises UsageError if there is none."""

        def change(users: dict[str, _User]) -> None:
            _existing(users, name)
            del users[name]

        self._change(change)

    def check(self, name: str, password: str) -> bool:
        """Tell whether this is the user's password; takes as long where there is no such user.

        A hash that was made with other parameters than are usual now is made again.
        """
        user = self._read().get(name)
        right = self._verify(user.password if user else self._nobody, password)
        if not user or not right:
            return False
        if self._hasher.check_needs_rehash(user.password):
            with suppress(FootnoteError):  # a disk that cannot be written is no reason to keep a person out
                self._rehash(name, user.password, password)
        return True

    def fingerprint(self, name: str) -> str | None:
        """Return what changes with a user's password and says nothing of it; None if there is no such user."""
        user = self._read().get(name)
        return hashlib.sha256(user.password.encode()).hexdigest()[:32] if user else None

    def new_token(self, name: str) -> str:
        """Return a new token for a program of the user's; it cannot be shown again. Raises UsageError.

        A token has 256 random bits, so that its plain SHA-256 is as hard to turn back as a slow hash.
        """
        token = _TOKEN_MARK + secrets.token_urlsafe(32)

        def change(users: dict[str, _User]) -> None:
            user = _existing(users, name)
            users[name] = replace(user, tokens=(*user.tokens, _digest(token)))

        self._change(change)
        return token

    def person_of_token(self, token: str) -> str | None:
        """Return the name of the user whose token this is, or None."""
        digest = _digest(token)
        return next((name for name, user in self._read().items() if digest in user.tokens), None)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_bytes(16))

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False

    def _rehash(self, name: str, old: str, password: str) -> None:
        new = self._hasher.hash(_bytes(password))

        def change(users: dict[str, _User]) -> None:
            if name in users and users[name].password == old:
                users[name] = replace(users[name], password=new)

        self._change(change)

    def _change(self, change: Callable[[dict[str, _User]], None]) -> None:
        with held(self.path.with_name(f"{self.path.name}.lock")):
            users = dict(self._read())
            change(users)
            value = {name: asdict(user) for name, user in sorted(users.items())}
            write_private(self.path, json.dumps(value, indent=1).encode())

    def _read(self) -> Mapping[str, _User]:
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._known[0] != stamp:
                self._known = stamp, _parse(self.path)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise LibraryDamaged(
                f"The users in {self.path} cannot be read: {error.strerror or error}. Make the file readable for "
                "whoever runs footnote."
            ) from error
        return self._known[1]


def write_private(path: Path, data: bytes) -> None:
    """Write a file that its owner alone may read, whole or not at all; call it under a lock. Raises OSError."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)  # of a process that was killed
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with open(descriptor, "wb") as file:  # noqa: PTH123  # a path alone would take the mode from the umask
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)


def _parse(path: Path) -> dict[str, _User]:
    try:
        return {name: _user(name, value) for name, value in json.loads(path.read_bytes()).items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise LibraryDamaged(
            f"The users in {path} cannot be understood, so nobody is let in. Put back a copy of the file; or delete it "
            "and add everybody again: footnote users add NAME"
        ) from error


def _user(name: str, value: Any) -> _User:
    tokens = value["tokens"]
    extract_parameters(value["password"])
    if not _NAME.fullmatch(name) or not isinstance(tokens, list) or not all(map(_DIGEST.fullmatch, tokens)):
        raise ValueError(name)
    return _User(value["password"], tuple(tokens))


def _existing(users: Mapping[str, _User], name: str) -> _User:
    if name not in users:
        raise UsageError(f"There is no user {name!r}. See who there is: footnote users list")
    return users[name]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _bytes(password: str) -> bytes:
    """Return a password's bytes, the same however a keyboard composes its letters (as RFC 8265 has it)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
