"""`.html`: the article of a web page, found by trafilatura -> a paragraph a line. No network, ever."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vectorstore.errors import ReadingError
from vectorstore.formats.dates import parse_date
from vectorstore.formats.decoding import decode
from vectorstore.formats.draft import Draft, Metadata, Unreadable, make_draft, one_line
from vectorstore.formats.files import read_bytes
from vectorstore.formats.furniture import caption_of, is_furniture, without_boxes, without_credit

MAX_HTML_BYTES = 10_000_000
MOST_ATTRIBUTES = 2_000

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1\b|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[a-z](?:[^>\"']|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))*+", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)")

# The elements of trafilatura's tree that are lines of their own.
_BLOCKS = frozenset({"body", "head", "p", "list", "item", "quote", "table", "row", "code", "div", "lb"})
# Only what a page says about itself: a year that stands somewhere in the text is no date of it.
_DATES = {"original_date": True, "extensive_search": False}


def read_html(path: Path) -> Iterator[Draft | Unreadable]:
    """Yield the article of a page: what trafilatura takes for the article, or else all of its text."""
    data = read_bytes(path, MAX_HTML_BYTES)
    declared = _CHARSET.search(data, 0, 4096)
    decoded = decode(data, declared[1].decode("ascii") if declared else None)
    _refuse_monsters(decoded.text)
    known, lines = _extract(decoded.text)
    lines = [caption_of(line) or line for line in lines]
    lines = [lines[index] for index in without_boxes(lines)]
    lines = [without_credit(line) for line in lines if not is_furniture(line)]
    if len(lines) > 1 and lines[0] == known.title:
        lines = lines[1:]
    notes = decoded.notes if declared is None else ()
    yield make_draft("\n".join(lines), Metadata(None, known.title, known.published, known.source, notes))


def _refuse_monsters(html: str) -> None:
    """Raise ReadingError on an element of thousands of attributes: libxml2 needs minutes for it."""
    for tag in _TAG.finditer(_HIDDEN.sub(" ", html)):
        if len(tag[0]) > 2 * MOST_ATTRIBUTES and len(_QUOTED.sub(" ", tag[0]).split()) > MOST_ATTRIBUTES:
            raise ReadingError(f"an element has more than {MOST_ATTRIBUTES} attributes: it is no article")


def _extract(html: str) -> tuple[Metadata, list[str]]:
    """Return what the page says about itself, and the lines of its article."""
    import trafilatura

    # Its warnings ("discarding data") repeat what is reported here; without a handler they go to stderr.
    for name in ("trafilatura", "htmldate", "justext"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    tree: Any = trafilatura.load_html(html)
    if tree is None or tree.find("body") is None:  # a fragment of a page
        tree = trafilatura.load_html(f"<html><body><article>{html}</article></body></html>")
    if tree is None:
        return Metadata(), []
    for unseen in tree.xpath("//template | //*[@hidden]"):  # trafilatura knows the styles that hide, not these
        unseen.drop_tree()
    _keep_captions(tree)
    found = trafilatura.bare_extraction(
        tree, with_metadata=True, include_comments=False, date_extraction_params=dict(_DATES)
    )
    if not isinstance(found, trafilatura.settings.Document):
        return Metadata(title=one_line(tree.findtext(".//title"))), _all_text(tree)
    date = parse_date(found.date or "")
    known = Metadata(title=one_line(found.title), published=date, source=found.sitename or found.hostname)
    return known, _lines(found.body) or _all_text(tree)


def _keep_captions(tree: Any) -> None:
    """Put a figure's caption in its place, as a paragraph: trafilatura leaves figures out."""
    for figure in list(tree.iter("figure")):
        parent = figure.getparent()
        captions = [caption for caption in figure.iter("figcaption") if caption.text_content().strip()]
        holds_more = next(figure.iter("table", "pre", "blockquote"), None) is not None
        if parent is None or not captions or holds_more:
            continue
        paragraph = captions[0]
        paragraph.tag = "p"
        paragraph.attrib.clear()
        paragraph.tail = figure.tail
        parent.replace(figure, paragraph)


def _lines(body: Any) -> list[str]:
    """Return the text of trafilatura's tree, a line for each block and each row of a table."""
    parts: list[str] = []
    waiting: list[Any] = [body]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        edge = "\n" if item.tag in _BLOCKS else ""
        inside: list[Any] = [item.text or ""]
        for child in item:
            between = " | " if child.tag == "cell" and child.getprevious() is not None else ""
            inside += [between, child, child.tail or ""]
        if item.tag != "code":  # white space in a page's source means one space; code has lines
            inside = [re.sub(r"[ \t\n]+", " ", part) if isinstance(part, str) else part for part in inside]
        waiting += [edge, *reversed(inside), edge]
    return [line.strip() for line in "".join(parts).split("\n") if line.strip()]


def _all_text(tree: Any) -> list[str]:
    """Return all the visible text of a page in which no article was found."""
    import trafilatura

    text = trafilatura.html2txt(tree)
    return [line.strip() for line in text.split("\n") if line.strip()]
