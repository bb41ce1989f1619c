"""What people think of answers: lines that are only ever added, in a file a person, beside the library.

A line holds the question, what was said before it and the answer itself, all taken from the chat that is kept and
never from the browser. So feedback outlives its chat: to delete a chat does not take back what was said of it.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ui.web.chats import Chat, Chats, heard, now
from ui.web.keeping import PRIVATE_FILE, held, key_of
from vectorstore.errors import UsageError

FOLDER = "feedback"  # in the folder of the library
LONGEST_REMARK = 2000
UP, DOWN = "up", "down"
_ENDING = ".jsonl"
_FIELDS = {"chat", "number", "at", "rating", "remark", "question", "asked", "history", "answer"}

Line = dict[str, Any]
"""A line of a file: what was said of which answer and when, and the answer with what was asked before it."""


class Feedback:
    """The ratings that people give; may be used by many threads, and by several processes."""

    def __init__(self, folder: Path, chats: Chats) -> None:
        self.folder = folder
        self.chats = chats

    def rate(
        self, person: str, chat: str, number: int, rating: str | None, remark: str = ""
    ) -> tuple[str | None, str] | None:
        """Keep what a person thinks of answer `number` (from 0) of a chat, and return it; None if it is not theirs.

        `rating` is "up", "down", or None to take it back, remark and all. Raises UsageError for anything else, for
        a remark of more than 2,000 characters, and where there is no answer.
        """
        if rating not in (UP, DOWN, None):
            raise UsageError("A rating is up, down, or null to take it back")
        if len(remark) > LONGEST_REMARK:
            raise UsageError(f"A remark has at most {LONGEST_REMARK} characters, not {len(remark)}. Shorten it")
        found = self.chats.open(person, chat)
        if found is None or not 0 <= number < len(found.exchanges):
            return None
        if found.exchanges[number].answer is None:
            raise UsageError("There is no answer here to rate. Ask again first")
        said = rating, remark.strip().encode("utf-8", "replace").decode() if rating else ""
        if self.ratings(person, chat).get(number, (None, "")) != said:
            self._add(person, _line(found, number, *said))
        return said

    def ratings(self, person: str, chat: str) -> dict[int, tuple[str | None, str]]:
        """Return the rating and the remark of each answer of a chat that has one.

        That of an answer which was asked again or edited since is not among them: it is of another answer.
        """
        found = self.chats.open(person, chat)
        if found is None:
            return {}
        rated: dict[int, tuple[str | None, str]] = {}
        for line in _lines(self.folder / f"{key_of(person)}{_ENDING}", chat):
            number = line["number"]
            if line["chat"] == chat and number < len(found.exchanges) and _is_of(line, found, number):
                rated[number] = line["rating"], line["remark"]
        return {number: said for number, said in rated.items() if said[0]}

    def _add(self, person: str, line: Line) -> None:
        path = self.folder / f"{key_of(person)}{_ENDING}"
        with held(path.with_suffix(".lock")):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
            try:
                _append(descriptor, json.dumps(line).encode() + b"\n")
            finally:
                os.close(descriptor)


def all_rated(folder: Path) -> list[Line]:
    """Return the latest line of each answer that anybody rated, the oldest first, without saying who.

    `folder` is that of the feedback. What was taken back is left out.
    """
    latest: dict[tuple[str, str, int, str], Line] = {}
    for path in sorted(folder.glob(f"*{_ENDING}")):
        for line in _lines(path):
            latest[path.name, line["chat"], line["number"], line["asked"]] = line
    return sorted((line for line in latest.values() if line["rating"]), key=lambda line: str(line["at"]))


def _line(chat: Chat, number: int, rating: str | None, remark: str) -> Line:
    exchange = chat.exchanges[number]
    return {
        "chat": chat.id,
        "number": number,
        "at": now(),
        "rating": rating,
        "remark": remark,
        "question": exchange.question,
        "asked": exchange.asked,
        "history": [{"role": turn.role, "text": turn.text} for turn in heard(chat.exchanges[:number])],
        "answer": exchange.answer,
    }


def _is_of(line: Line, chat: Chat, number: int) -> bool:
    exchange = chat.exchanges[number]
    return bool(line["asked"] == exchange.asked and line["answer"] == exchange.answer)


def _lines(path: Path, chat: str = "") -> Iterator[Line]:
    """Yield the lines of a file, of one chat alone if it is given; what is torn or is no such line is passed over."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for text in file:
            if chat.encode() not in text:  # most lines need not be read as JSON
                continue
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(line, dict) and line.keys() >= {
                "chat",
                "number",
                "at",
                "rating",
                "remark",
                "asked",
                "answer",
            }:
                yield line


def _append(descriptor: int, line: bytes) -> None:
    """Add a line whole or not at all; one that a killed process left torn is ended first."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size:
        os.lseek(descriptor, size - 1, os.SEEK_SET)
        line = line if os.read(descriptor, 1) == b"\n" else b"\n" + line
    try:
        while line:
            line = line[os.write(descriptor, line) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise
