"""One module a format. A new one is a function ``Path -> Iterator[Draft | Unreadable]`` and a line in READERS.

A reader raises ReadingError or OSError where the whole file cannot be read, and yields an Unreadable
for a part of it. It imports its heavy libraries when it is called, not before.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from vectorstore.formats.draft import Draft, Unreadable
from vectorstore.formats.html import read_html
from vectorstore.formats.jsonl import read_jsonl
from vectorstore.formats.markdown import read_markdown
from vectorstore.formats.plain import read_plain

Reader = Callable[[Path], Iterator[Draft | Unreadable]]

READERS: dict[str, Reader] = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".jsonl": read_jsonl,
}
