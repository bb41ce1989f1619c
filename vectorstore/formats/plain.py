"""`.txt`: plain text and saved web pages -> one article, a paragraph a line.

The canonical text has ``\\n`` between paragraphs and nowhere else; page furniture, the headline (it becomes
the title), the byline and the date above the text are not in it. Nothing else is altered.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from vectorstore.formats.decoding import decode
from vectorstore.formats.draft import Draft, Metadata, Unreadable, make_draft
from vectorstore.formats.files import read_bytes
from vectorstore.formats.furniture import (
    caption_of,
    is_furniture,
    is_link,
    is_prose,
    without_boxes,
    without_credit,
)
from vectorstore.formats.header import take_header
from vectorstore.formats.unwrapping import Line, paragraphs

LONGEST_ALT = 20


def read_plain(path: Path) -> Iterator[Draft | Unreadable]:
    """Yield the article of a text file."""
    decoded = decode(read_bytes(path))
    lines = paragraphs(decoded.text)
    lines = [lines[index] for index in without_boxes([line.text for line in lines])]
    headline = lines[0] if lines and is_link(lines[0].text) else None
    header = take_header([line for line in lines if line is headline or not is_furniture(line.text)])
    body = list(_without_labels(header.body))
    if header.title and not any(is_prose(line) for line in body):
        body.insert(0, header.title)  # no article: a list, a poem, a line; its first line is as good as the others
    yield make_draft("\n".join(body), Metadata(title=header.title, published=header.published, notes=decoded.notes))


def _without_labels(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the texts of the lines, captions without their labels and without the picture's alt text.

    The alt text of a picture is saved as a line right above its caption, and says less than it.
    """
    in_blocks = len({line.block for line in lines}) > 1
    for line, after in zip_longest(lines, lines[1:]):
        caption = caption_of(line.text)
        above_caption = after is not None and after.block == line.block and bool(caption_of(after.text))
        short = not is_prose(line.text) and len(line.text.split()) <= LONGEST_ALT
        if caption is None and in_blocks and above_caption and short:
            continue
        text = without_credit(line.text if caption is None else caption)
        if text:
            yield text
