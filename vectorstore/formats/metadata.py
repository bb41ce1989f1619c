"""The fields that a line of JSONL and the front matter of Markdown share: id, title, date, source, url."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from vectorstore.errors import ReadingError
from vectorstore.formats.dates import parse_date
from vectorstore.formats.draft import Metadata, one_line

LONGEST_ID = 512


def read_metadata(fields: Mapping[str, object]) -> Metadata:
    """Return what the fields say of an article. Raises ReadingError on a field of the wrong type.

    A date that cannot be understood costs the date, not the article: it becomes a note.
    """
    published, notes = _published(fields)
    url = _text(fields, "url")
    return Metadata(
        given_id=_id(fields),
        title=_text(fields, "title"),
        published=published,
        source=_text(fields, "source") or (_host(url) if url else None),
        notes=notes,
    )


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return one_line(value)
    raise ReadingError(f'"{name}" must be a string, not {_kind(value)}')


def _id(fields: Mapping[str, object]) -> str | None:
    value = fields.get("id")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ReadingError(f'"id" must be a string or a whole number, not {_kind(value)}')
    given = str(value)
    if not given.strip():
        raise ReadingError('"id" is empty: give one or leave it out')
    if len(given) > LONGEST_ID:
        raise ReadingError(f'"id" is longer than {LONGEST_ID} characters')
    if any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in given) or any(
        "\ud800" <= character <= "\udfff" for character in given
    ):
        raise ReadingError('"id" holds a control character or half of a character')
    return given


def _published(fields: Mapping[str, object]) -> tuple[str | None, tuple[str, ...]]:
    value = fields.get("date")
    if value is None or value == "":
        return None, ()
    if isinstance(value, str | int) and not isinstance(value, bool):
        published = parse_date(str(value)[:200])
        if published is not None:
            return published, ()
    shown = one_line(str(value)[:40]) if isinstance(value, str | int | float) else _kind(value)
    return None, (f'the date "{shown}" was not understood, the article has none: write YYYY-MM-DD',)


def _host(url: str) -> str:
    """Return who published a page, as a reader would name the site: the host without its www."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return host.removeprefix("www.") if host else url


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), "null" if value is None else type(value).__name__)
