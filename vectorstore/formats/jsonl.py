"""`.jsonl`: an article a line, ``{"id", "title", "text", "date"?, "source"?, "url"?}``, read as a stream.

The text is kept exactly, for people's own offsets refer to it; see `draft.printable` for the two exceptions.
"""

import json
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from vectorstore.errors import ReadingError
from vectorstore.formats.decoding import refuse_binary
from vectorstore.formats.draft import Draft, Unreadable, make_draft
from vectorstore.formats.files import open_regular
from vectorstore.formats.metadata import read_metadata

MAX_LINE_BYTES = 20_000_000
_BOM = b"\xef\xbb\xbf"
_HEAD = 4_096


def read_jsonl(path: Path) -> Iterator[Draft | Unreadable]:
    """Yield a draft, or the reason why there is none, for every line that is not blank."""
    found = False
    with open_regular(path) as file:
        _refuse_other_formats(file.peek(_HEAD)[:_HEAD])
        for number, line in _numbered_lines(file):
            if line is not None and not line.strip():
                continue
            found = True
            try:
                yield _read_line(line, number)
            except ReadingError as error:
                yield Unreadable(path, str(error), number)
    if not found:
        raise ReadingError("no text")


def _numbered_lines(file: BufferedReader) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines with their numbers from 1, None in place of one that is over the limit.

    Only ``\\n`` ends a line: JSON strings may hold the other characters that Python splits lines at.
    """
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(_BOM)
        if len(line) <= MAX_LINE_BYTES or line.endswith(b"\n"):
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES)
        yield number, None


def _refuse_other_formats(head: bytes) -> None:
    """Say once what is wrong with the whole file, where its beginning shows it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReadingError("it is UTF-16: save it as UTF-8")
    refuse_binary(head)
    if head.removeprefix(_BOM).lstrip().startswith(b"["):
        raise ReadingError("it is one JSON array, not an object a line: jq -c '.[]' turns one into the other")


def _read_line(line: bytes | None, number: int) -> Draft:
    if line is None:
        raise ReadingError(f"the line is longer than {MAX_LINE_BYTES // 1_000_000} MB")
    try:
        fields = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ReadingError(f"not UTF-8 at byte {error.start + 1} of the line") from error
    except json.JSONDecodeError as error:
        raise ReadingError(f"not JSON: {error.msg} at character {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise ReadingError("not JSON that can be read: a number too long, or nested too deeply") from error
    if not isinstance(fields, dict):
        raise ReadingError('not a JSON object: write {"id": ..., "title": ..., "text": ...}')
    text = fields.get("text")
    if text is None:
        raise ReadingError('"text" is missing')
    if not isinstance(text, str):
        raise ReadingError('"text" must be a string')
    return make_draft(text, read_metadata(fields), number)
