"""The library's articles as a table: which are wanted, in which order, and how a page of them is drawn."""

import os
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from vectorstore.catalog import Catalog, Listed

ROWS = 50
Column = Literal["title", "published", "source", "sentences"]
HEADINGS: dict[Column, str] = {"title": "Title", "published": "Date", "source": "Source", "sentences": "Sentences"}
SOURCES_OFFERED = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the table shows; `source` is a part of a source's name, the days are ISO dates, as in a chat's filter."""

    search: str = ""
    source: str = ""
    since: str = ""
    until: str = ""
    sort: Column = "published"
    desc: bool = True
    page: int = 1

    @property
    def filters(self) -> bool:
        """Whether some articles are left out."""
        return bool(self.search.strip() or self.source or self.since or self.until)


class Shelf:
    """The listing of a catalog, read again when its files have changed; may be used by many threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._read: tuple[object, Sequence[Listed]] = (None, ())

    def all(self) -> Sequence[Listed]:
        """Return a line for every article."""
        with self._lock:
            state = self._state()  # before the reading: what is written meanwhile is then read the next time
            if self._read[0] != state:
                self._read = (state, self._catalog.listing())
            return self._read[1]

    def find(self, wanted: Wanted) -> list[Listed]:
        """Return the articles that are wanted, in order; what lacks a date or a source comes last either way."""
        by_text = self._by_text(wanted.search)
        words = wanted.search.casefold().split()
        source = wanted.source.strip().casefold()

        def is_wanted(one: Listed) -> bool:
            about = f"{one.title}\n{one.source or ''}\n{one.id}".casefold()
            return (
                (source in (one.source or "").casefold())
                and (not wanted.since or (one.published or "") >= wanted.since)
                and (not wanted.until or (one.published or "9999") <= wanted.until)
                and (one.id in by_text or all(word in about for word in words))
            )

        found = [one for one in self.all() if is_wanted(one)]
        key = _KEYS[wanted.sort]
        known = sorted((one for one in found if key(one) is not None), key=key, reverse=wanted.desc)
        return known + [one for one in found if key(one) is None]

    def _by_text(self, search: str) -> set[str]:
        """Return the articles with a passage that has all the words, the last of which may be unfinished."""
        words = re.findall(r"\w+", search)
        if not words:
            return set()
        query = " ".join(f'"{word}"' for word in words) + "*"
        return self._catalog.articles_matching(query)

    def _state(self) -> object:
        """Return what changes with every write to the catalog."""
        return [_stamp(f"{self._catalog.path}{ending}") for ending in ("", "-wal")]


_KEYS: dict[Column, Callable[[Listed], Any]] = {
    "title": lambda one: one.title.casefold(),
    "published": lambda one: one.published,
    "source": lambda one: None if one.source is None else one.source.casefold(),
    "sentences": lambda one: one.sentences,
}


def draw_shelf(everything: Sequence[Listed], found: Sequence[Listed], wanted: Wanted) -> str:
    """Return a page of the table with its count and its pages, or what to do where there is nothing."""
    sources = sorted({one.source for one in everything if one.source})[:SOURCES_OFFERED]
    offered = "".join(f'<option value="{escape(source)}"></option>' for source in sources)
    datalist = f'<datalist id="shelf-sources">{offered}</datalist>'
    if not everything:
        return datalist + _EMPTY
    if not found:
        return (
            f'{datalist}<p id="shelf-count" tabindex="-1">No article of {len(everything):,} fits. '
            '<button type="button" id="shelf-clear">Show all</button></p>'
        )
    pages = -(-len(found) // ROWS)
    page = min(max(wanted.page, 1), pages)
    first = (page - 1) * ROWS
    shown = found[first : first + ROWS]
    among = f", filtered from {len(everything):,}" if wanted.filters else ""
    count = f"{first + 1:,} to {first + len(shown):,} of {len(found):,}{among}"
    headings = "".join(_draw_heading(column, wanted) for column in HEADINGS)
    return (
        f'{datalist}<p id="shelf-count" tabindex="-1">{count}</p>'
        '<table role="table" aria-labelledby="shelf-count"><thead role="rowgroup"><tr role="row">'
        '<th role="columnheader" scope="col" class="pick"><input type="checkbox" id="shelf-all" '
        f'aria-label="Choose all articles of this page"></th>{headings}'
        '<th role="columnheader" scope="col"><span class="unseen">Remove</span></th></tr></thead>'
        f'<tbody role="rowgroup">{"".join(map(_draw_row, shown))}</tbody></table>{_draw_pages(page, pages)}'
    )


_EMPTY = (
    '<div class="empty"><h3>There are no articles yet</h3><p>Drop files or a folder above, or paste a text. '
    "In a terminal, <code>footnote index PATH</code> does the same.</p><p>Articles can be text, Markdown, saved web "
    "pages, or JSON lines. Once they are here, ask about them in the chat.</p></div>"
)


def _draw_heading(column: Column, wanted: Wanted) -> str:
    sorted_by = wanted.sort == column
    direction = ("descending" if wanted.desc else "ascending") if sorted_by else "none"
    arrow = (" ▾" if wanted.desc else " ▴") if sorted_by else ""
    return (
        f'<th role="columnheader" scope="col" class="{column}" aria-sort="{direction}">'
        f'<button type="button" id="shelf-by-{column}" data-sort="{column}">{HEADINGS[column]}'
        f'<span aria-hidden="true">{arrow}</span></button></th>'
    )


def _draw_row(one: Listed) -> str:
    id, title = escape(one.id), escape(one.title)
    waits = "" if one.ready else ' <span class="waits">not ready yet: it is being indexed</span>'
    return (
        f'<tr role="row"><td role="cell" class="pick"><input type="checkbox" data-pick="{id}" '
        f'aria-label="Choose {title}"></td>'
        f'<th role="rowheader" scope="row" class="title"><button type="button" data-open="{id}" dir="auto">{title}'
        f"</button>{waits}</th>"
        f'<td role="cell" class="published">{escape(one.published or "no date")}</td>'
        f'<td role="cell" class="source"><bdi>{escape(one.source or "")}</bdi></td>'
        f'<td role="cell" class="sentences">{one.sentences:,}<span class="narrow"> '
        f"{'sentence' if one.sentences == 1 else 'sentences'}</span></td>"
        f'<td role="cell" class="away"><button type="button" data-remove="{id}" '
        f'aria-label="Remove {title}">Remove</button></td></tr>'
    )


def _draw_pages(page: int, pages: int) -> str:
    if pages == 1:
        return ""

    def button(name: str, words: str, to: int) -> str:
        off = "" if 1 <= to <= pages else ' aria-disabled="true"'
        return f'<button type="button" id="shelf-{name}" data-page="{to}"{off}>{words}</button>'

    return (
        f'<nav aria-label="Pages of the table">{button("back", "Back", page - 1)}'
        f"<span>Page {page:,} of {pages:,}</span>{button('next', 'Next', page + 1)}</nav>"
    )


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116  (the two files are beside each other by name alone)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
