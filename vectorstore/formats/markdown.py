"""`.md`: front matter (`id`, `title`, `date`, `source`, `url`) and Markdown -> one article, its markup off.

The words are kept and the signs around them are not: a heading, a list item, a row of a table, a line of
code and the alt text of a picture are a line each.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.errors import ReadingError
from vectorstore.formats.decoding import decode
from vectorstore.formats.draft import Draft, Metadata, Unreadable, make_draft, one_line
from vectorstore.formats.files import read_bytes
from vectorstore.formats.metadata import read_metadata

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_MARKDOWN_BYTES = 5_000_000
LONGEST_FRONT_MATTER = 16_384
MOST_BRACKETS = 5_000

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[A-Za-z][^<>]*>", re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_MISSING = frozenset({"", "~", "null", "none"})


def read_markdown(path: Path) -> Iterator[Draft | Unreadable]:
    """Yield the article of a Markdown file; titled by its front matter, first heading, or name."""
    decoded = decode(read_bytes(path, MAX_MARKDOWN_BYTES))
    fields, body = _front_matter(decoded.text)
    known = read_metadata(fields)
    heading, lines = _render(body)
    if heading and (known.title is None or one_line(heading) == known.title) and len(lines) > 1:
        lines = lines[1:] if lines[0] == heading else lines
    title = known.title or heading or path.stem
    whole = Metadata(known.given_id, title, known.published, known.source, decoded.notes + known.notes)
    yield make_draft("\n".join(lines), whole)


def _front_matter(text: str) -> tuple[dict[str, object], str]:
    """Part the front matter from the body. Text between two rules that is no mapping is body.

    Every value is read as it is written (``id: 007``, ``title: No``): YAML's own types would change
    it, and building them from a file by a stranger can take for ever.
    """
    match = _FRONT_MATTER.match(text)
    if match is None or len(match[1]) > LONGEST_FRONT_MATTER:
        return {}, text
    import yaml

    try:
        fields = yaml.load(match[1], Loader=yaml.BaseLoader)  # it makes strings, lists and dicts only
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" in line {mark.line + 2}" if mark else ""
        raise ReadingError(f"the front matter is not YAML{place}: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ReadingError("the front matter is not YAML that can be read") from error
    if not isinstance(fields, dict):
        return {}, text
    body = text[match.end() :]
    return {
        str(name).lower(): value
        for name, value in fields.items()
        if not (isinstance(value, str) and value.strip().lower() in _MISSING)
    }, body


def _render(body: str) -> tuple[str | None, list[str]]:
    """Return the first heading of the first level, and the lines of the text."""
    from markdown_it import MarkdownIt

    # What nests deeper than this is left out by the parser; nobody writes it.
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
    if max(block.count("[") for block in body.split("\n\n")) > MOST_BRACKETS:
        parser.disable(["link", "image"])  # the time that they take grows with the square of it
    heading: str | None = None
    lines: list[str] = []
    cells: list[str] | None = None
    in_heading = False
    for token in parser.parse(body):
        if token.type == "tr_open":
            cells = []
        elif token.type == "tr_close" and cells is not None:
            lines.append(" | ".join(cell for cell in cells if cell))
            cells = None
        elif token.type == "heading_open":
            in_heading = token.tag == "h1"
        elif token.type == "inline":
            shown = _inline(token.children or [])
            if cells is not None:
                cells.append(" ".join(shown))
                continue
            if in_heading and heading is None and shown:
                shown = [" ".join(shown)]
                heading = shown[0]
            in_heading = False
            lines.extend(shown)
        elif token.type in ("fence", "code_block"):
            lines.extend(line.rstrip() for line in token.content.split("\n"))
        elif token.type == "html_block":
            lines.extend(_without_tags(token.content).split("\n"))
    return heading, [line for line in lines if line.strip()]


def _inline(tokens: list["Token"]) -> list[str]:
    """Return the words of a paragraph: a line, more where it breaks itself, and one for each picture."""
    words: list[str] = []
    captions: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline", "text_special"):
            words.append(token.content)
        elif token.type == "softbreak":
            words.append(" ")
        elif token.type == "hardbreak" or (token.type == "html_inline" and _BREAK.fullmatch(token.content)):
            words.append("\n")
        elif token.type == "image":
            captions.append(" ".join(_inline(token.children or [])))
    lines = re.sub(" {2,}", " ", "".join(words)).split("\n") + captions
    return [line.strip() for line in lines if line.strip()]


def _without_tags(html: str) -> str:
    from html import unescape

    return unescape(_TAG.sub("", _BREAK.sub("\n", html)))
