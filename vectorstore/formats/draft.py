"""What reading yields: a Draft for each article, an Unreadable for each file or line that is none.

A Draft is an article before it has its id in the library. Its text is canonical: made here, once,
and every offset of every citation refers to it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from vectorstore.errors import ReadingError

LONGEST_TITLE = 300
LONGEST_FIRST_LINE = 100

# Neither can be stored: SQLite ends strings at NUL for some of its functions, and a lone surrogate has no
# UTF-8. One character takes the place of one, so offsets that were made elsewhere still hold.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Draft:
    """One article as it was read. `line` (from 1) is set where a file holds an article a line.

    `given_id` is the id that the article brought along, `published` an ISO date (``YYYY-MM-DD``).
    `notes` are what a person should hear although the article could be read.
    """

    given_id: str | None
    title: str
    published: str | None
    source: str | None
    text: str
    line: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or one line of it, that gave no article, and the reason; ``str()`` is the message to show.

    A value and no exception: it flows among the drafts, and crosses the border of a process.
    """

    path: Path
    reason: str
    line: int | None = None

    def __str__(self) -> str:
        place = printable(str(self.path))
        return f"{place}: {self.reason}" if self.line is None else f"{place}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of an article besides its text; all of it may be missing."""

    given_id: str | None = None
    title: str | None = None
    published: str | None = None
    source: str | None = None
    notes: tuple[str, ...] = ()


def printable(text: str) -> str:
    """Return the text with what cannot be stored replaced by U+FFFD, one for one."""
    return _UNSTORABLE.sub("\ufffd", text)


def one_line(text: str | None) -> str | None:
    """Return a title or a name on one line, or None where nothing is left."""
    return " ".join(printable(text).split()) or None if text else None


def _shorten(line: str, limit: int) -> str:
    """Return at most `limit` characters of a line, cut between words where that leaves half of them."""
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[limit // 2 :] else head) + "…"


def _title(known: str | None, text: str) -> str:
    title = one_line(known)
    if title is not None:
        return _shorten(title, LONGEST_TITLE)
    start = text.lstrip()[: 10 * LONGEST_FIRST_LINE].splitlines()[0]
    return _shorten(" ".join(start.split()), LONGEST_FIRST_LINE)


def make_draft(text: str, known: Metadata, line: int | None = None) -> Draft:
    """Return the draft of a canonical text; its title falls back to its first line.

    Raises ReadingError where the text is empty.
    """
    text = printable(text)
    if not text.strip():
        raise ReadingError("no text")
    return Draft(
        given_id=known.given_id,
        title=_title(known.title, text),
        published=known.published,
        source=one_line(known.source),
        text=text,
        line=line,
        notes=known.notes,
    )
