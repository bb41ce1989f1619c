"""Past chats: one JSON file a chat, in a folder a person, readable by the owner of the library alone.

A chat is written whole and atomically after each exchange, so a killed process leaves the chat as it was. Whoever
knows the id of another person's chat still cannot open it: the folder is named by a hash of who asks.
"""

import json
import os
import re
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.values import Turn
from ui.web.keeping import PRIVATE_FILE, held, key_of
from vectorstore.errors import LibraryDamaged, UsageError

TITLE = 80  # characters of the first question that name a chat
EXCHANGES = 500  # at most in one chat: its file is written whole each time
PEOPLE_KNOWN = 200  # whose listings are kept in memory
_ID = re.compile(r"[A-Za-z0-9_-]{16}")
_LOCK = "lock"
_FIELDS = ("question", "asked", "answer", "error")
_ENDING = ".json"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what came of it: exactly one of `answer` and `error` is given.

    `asked` is the ISO time in UTC, to the second, as `now` gives it. `answer` is an answer's JSON, version 1.
    """

    question: str
    asked: str
    answer: dict[str, Any] | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        if (self.answer is None) == (self.error is None):
            raise ValueError("an exchange has either an answer or an error")


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation; `title` is its first question, shortened."""

    id: str
    title: str
    exchanges: tuple[Exchange, ...]

    @classmethod
    def of(cls, id: str, exchanges: Sequence[Exchange]) -> "Chat":
        """Make the chat of at least one exchange."""
        return cls(id, shortened(exchanges[0].question), tuple(exchanges))


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A chat in a list; `updated` is when its last question was asked, an ISO time in UTC."""

    id: str
    title: str
    updated: str


@dataclass(frozen=True, slots=True)
class _Glance:
    """What a list needs of a chat's file, as long as the file is the same (`stamp`); `line` is None if damaged."""

    stamp: tuple[int, ...]
    line: ChatLine | None
    words: str


class Chats:
    """Every person's chats under one folder; may be used by many threads, and by several processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._locks = [threading.Lock() for _ in range(64)]  # a person always has the same one
        self._glances: dict[str, dict[str, _Glance]] = {}
        self._glancing = threading.Lock()

    def new_id(self) -> str:
        """Return an id that no chat has, and that nobody can guess."""
        return secrets.token_urlsafe(12)

    def open(self, person: str, id: str) -> Chat | None:
        """Return this person's chat, or None where there is none; raises LibraryDamaged if its file is."""
        if not _ID.fullmatch(id):
            return None
        path = self._home(person) / f"{id}{_ENDING}"
        try:
            return _read(path, id)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LibraryDamaged(f"This chat cannot be read: {error.strerror or error} ({path})") from error
        except (ValueError, RecursionError) as error:
            raise LibraryDamaged(
                f"The file of this chat is damaged, and was left as it is: {path}. Begin a new chat"
            ) from error

    def put(self, person: str, id: str, number: int, exchange: Exchange) -> Chat:
        """Write exchange `number` (from 0), drop those after it, and return the chat as it is now.

        The next number appends; number 0 begins a chat that is not there. Raises UsageError for any other number
        and for a chat that is full, and LibraryDamaged where the disk refuses: the chat is then as it was.
        """
        if not _ID.fullmatch(id):
            raise UsageError("That is not the id of a chat. Begin a new chat")
        if number >= EXCHANGES:
            raise UsageError(f"This chat has {EXCHANGES} questions, which is as many as fit. Begin a new chat")
        with self._locked(person) as home:
            before = self.open(person, id)
            exchanges = before.exchanges if before else ()
            if not 0 <= number <= len(exchanges):
                raise UsageError("This chat was changed or deleted in another window. Load the page again")
            chat = Chat.of(id, (*exchanges[:number], exchange))
            _write(home / f"{id}{_ENDING}", chat)
        return chat

    def listing(self, person: str, search: str = "") -> list[ChatLine]:
        """Return this person's chats that have all words of `search` in questions or answers, the newest first.

        A file that is damaged is left out, and stays where it is.
        """
        wanted = search.casefold().split()
        found = [
            (glance.line, glance.stamp)
            for glance in self._look(person)
            if glance.line and all(word in glance.words for word in wanted)
        ]
        found.sort(key=lambda pair: (pair[0].updated, pair[1]), reverse=True)
        return [line for line, _ in found]

    def delete(self, person: str, id: str) -> bool:
        """Delete a chat, and say whether it was there."""
        if not _ID.fullmatch(id) or not (self._home(person) / f"{id}{_ENDING}").exists():
            return False
        with self._locked(person) as home:
            return _unlink(home / f"{id}{_ENDING}")

    def delete_all(self, person: str) -> int:
        """Delete all chats of a person, damaged ones too, and say how many there were."""
        if not self._home(person).is_dir():
            return 0
        with self._locked(person) as home:
            return sum(_unlink(path) for path in home.glob(f"*{_ENDING}"))

    def _home(self, person: str) -> Path:
        return self.folder / key_of(person)

    @contextmanager
    def _locked(self, person: str) -> Iterator[Path]:
        """Hold a person's folder for writing: among the threads here, and among processes."""
        home = self._home(person)
        with self._locks[int(key_of(person), 16) % len(self._locks)], held(home / _LOCK):
            yield home

    def _look(self, person: str) -> list[_Glance]:
        """Return what lists need of a person's files; only those that changed since the last time are read."""
        key = key_of(person)
        with self._glancing:
            known = self._glances.get(key, {})
        seen: dict[str, _Glance] = {}
        for path, stamp in _stamps(self.folder / key):
            old = known.get(path.name)
            seen[path.name] = old if old and old.stamp == stamp else _glance(path, stamp)
        with self._glancing:
            self._glances.pop(key, None)
            self._glances[key] = seen
            while len(self._glances) > PEOPLE_KNOWN:
                del self._glances[next(iter(self._glances))]
        return list(seen.values())


def now() -> str:
    """Return the time in UTC, to the second, as exchanges keep it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def shortened(question: str) -> str:
    """Return a question in one line of at most 80 characters, cut at a word."""
    line = " ".join(question.split())
    if len(line) <= TITLE:
        return line
    return (line[:TITLE].rpartition(" ")[0] or line[: TITLE - 1]).rstrip() + "…"


def heard(exchanges: Sequence[Exchange]) -> list[Turn]:
    """Return what a follow-up is understood by: the questions that were answered or refused, and the answers."""
    turns = []
    for exchange in exchanges:
        if exchange.answer is None:
            continue
        turns.append(Turn("user", exchange.question))
        if not exchange.answer["abstained"]:
            turns.append(Turn("assistant", exchange.answer["answer"]))
    return turns


def _read(path: Path, id: str) -> Chat:
    """Read a chat; raises OSError, or ValueError if it is none."""
    value = json.loads(path.read_text(encoding="utf-8"))
    lines = value.get("exchanges") if isinstance(value, dict) else None
    if not isinstance(lines, list) or not lines:
        raise ValueError("not a chat")
    return Chat.of(id, [_exchange(line) for line in lines])


def _exchange(line: Any) -> Exchange:
    if not isinstance(line, Mapping) or not {"question", "asked"} <= line.keys():
        raise ValueError("not an exchange")
    question, asked, answer, error = (line.get(name) for name in _FIELDS)
    if not (isinstance(question, str) and isinstance(asked, str) and isinstance(answer, dict | None)):
        raise ValueError("not an exchange")
    return Exchange(question, asked, answer, None if error is None else str(error))


def _write(path: Path, chat: Chat) -> None:
    draft = path.with_name(f"{path.name}.new")
    value = {"version": 1, "exchanges": [{name: getattr(one, name) for name in _FIELDS} for one in chat.exchanges]}
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        # A lone surrogate, which a text may hold, is no UTF-8; JSON has an escape for it.
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123
            file.write(json.dumps(value, ensure_ascii=False))  # json.dump is several times slower
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


def _unlink(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _stamps(home: Path) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """Yield the files of a folder with what changes when one is written anew, the time first."""
    for path in home.glob(f"*{_ENDING}"):
        with suppress(OSError):
            about = path.stat()
            yield path, (about.st_mtime_ns, about.st_ino, about.st_size)


def _glance(path: Path, stamp: tuple[int, ...]) -> _Glance:
    try:
        chat = _read(path, path.stem)
    except (OSError, ValueError, RecursionError):
        return _Glance(stamp, None, "")
    words = " ".join(
        f"{exchange.question} {(exchange.answer or {}).get('answer', '')}" for exchange in chat.exchanges
    ).casefold()
    return _Glance(stamp, ChatLine(chat.id, chat.title, chat.exchanges[-1].asked), words)
