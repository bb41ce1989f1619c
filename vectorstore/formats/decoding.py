"""Bytes -> text: UTF-8 first, then what a byte order mark or the file itself says, then a careful guess."""

import codecs
import re
from dataclasses import dataclass

from vectorstore.errors import ReadingError

_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
)

# The longer ones first: UTF-32's mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# All but tab, line ends, form feed, and the escape of coloured terminal output.
_CONTROLS = bytes(set(range(32)) - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B}) + b"\x7f"
_MOST_CONTROLS = 0.02

# A guess is made among these. Left free, it finds English with one "£650m" in it to be cp852.
_GUESSES = [
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "iso8859_2",
    "gb18030", "big5", "cp932", "euc_jp", "cp949",
]  # fmt: skip
_SAMPLE = 65_536

# What a page may declare, by the codec that browsers take for it (WHATWG Encoding, section 4.2). Python
# has codecs by other names that do more than decode, so a name out of a file is never passed on.
_DECLARED = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "euc-jp": "euc_jp",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "koi8-r": "koi8_r",
    "koi8-u": "koi8_u", "macintosh": "mac_roman",
    **{f"windows-{number}": f"cp{number}" for number in (874, *range(1250, 1259))},
    **{f"iso-8859-{number}": f"iso8859_{number}" for number in (*range(2, 9), 10, 13, 14, 15, 16)},
    "iso-8859-9": "cp1254", "utf-16": "utf-8", "utf-8": "utf-8",
}  # fmt: skip

_WESTERN = frozenset("àâäáãåæçèéêëìíîïñòóôöõøœùúûüÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜŸ")
_SYMBOLS = frozenset("‘’“”‚„–—…€£¥©®™°·•«»§¡¿¢ªº½¼¾±×\xa0")
_SYMBOL_IN_WORD = re.compile(r"[^\W\d_][‘“”‚„…€£¥©®™°•«»§¡¿¢ªº½¼¾±×][^\W\d_]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text, with ``\\n`` for every kind of line end, and what to say about its encoding."""

    text: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Return the text of a file. `declared` is the encoding that the file itself names, if any.

    Raises ReadingError where the bytes are no text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], encoding)
    refuse_binary(data)
    try:
        return Decoded(_with_newlines(data.decode("utf-8")))
    except UnicodeDecodeError:
        pass
    if (repaired := _repair_utf8(data)) is not None:
        return repaired
    for name in (_DECLARED.get((declared or "").strip().lower()), _guess(data)):
        if name:
            try:
                text = _with_newlines(data.decode(name))
            except UnicodeDecodeError:
                continue
            return Decoded(text, (f"not UTF-8, read as {name}",))
    raise ReadingError("its encoding is unknown: save it as UTF-8")


def refuse_binary(data: bytes) -> None:
    """Raise ReadingError where bytes are something other than text, by their first bytes or by their look."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            raise ReadingError(f"it is {name} by its content, whatever its name says")
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > _MOST_CONTROLS * len(data):
        raise ReadingError("it is binary, not text")


def _decode_as(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, errors="replace")
    damaged = text.count("\ufffd")
    if damaged > _MOST_CONTROLS * len(text):
        raise ReadingError(f"it begins as {encoding.upper()} and is not: save it as UTF-8")
    notes = (f"{damaged} damaged characters were replaced",) if damaged else ()
    return Decoded(_with_newlines(text), notes)


def _repair_utf8(data: bytes) -> Decoded | None:
    """Read UTF-8 that a few bytes are broken in; None where it looks like another encoding.

    In text of another encoding hardly any two bytes make a character of UTF-8 by chance.
    """
    text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    whole = sum(1 for character in text if character > "\x7f") - damaged
    if whole <= 3 * damaged:
        return None
    return Decoded(_with_newlines(text), (f"{damaged} bytes are not UTF-8 and were replaced",))


def _guess(data: bytes) -> str | None:
    sample = data[:_SAMPLE]
    if len(data) > _SAMPLE:  # cut at a line, or a character could be cut in two
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    if _looks_western(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_GUESSES).best()
    return best.encoding if best is not None else None


def _looks_western(sample: bytes) -> bool:
    """Tell whether bytes are cp1252: mostly ASCII, the rest its letters and typography where they belong.

    charset-normalizer needs more letters than an English article has that are not ASCII.
    """
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    others = [character for character in text if character > "\x7f"]
    rare = len(others) <= max(3, 0.1 * len(text))
    return rare and _WESTERN.union(_SYMBOLS).issuperset(others) and not _SYMBOL_IN_WORD.search(text)


def _with_newlines(text: str) -> str:
    return re.sub("\r\n|[\r\v\f\x85\u2028\u2029]", "\n", text)
