"""One module a format. A new one is one more file, a function for it here, and its suffixes in READERS.

A reader raises ReadingError or OSError where the whole file cannot be read, and yields an Unreadable
for a part of it. Its module is imported when the first file of its kind is read, not before.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from vectorstore.formats.draft import Draft, Unreadable

Reader = Callable[[Path], Iterator[Draft | Unreadable]]


def _html(path: Path) -> Iterator[Draft | Unreadable]:
    from vectorstore.formats.html import read_html

    return read_html(path)


def _jsonl(path: Path) -> Iterator[Draft | Unreadable]:
    from vectorstore.formats.jsonl import read_jsonl

    return read_jsonl(path)


def _markdown(path: Path) -> Iterator[Draft | Unreadable]:
    from vectorstore.formats.markdown import read_markdown

    return read_markdown(path)


def _plain(path: Path) -> Iterator[Draft | Unreadable]:
    from vectorstore.formats.plain import read_plain

    return read_plain(path)


READERS: dict[str, Reader] = {
    ".txt": _plain,
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".jsonl": _jsonl,
}
