"""`.html`: the article of a web page, found by trafilatura -> a paragraph a line. The network is never used."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vectorstore.errors import ReadingError
from vectorstore.formats.decoding import decode
from vectorstore.formats.draft import Draft, Metadata, Unreadable, make_draft, one_line
from vectorstore.formats.files import read_bytes
from vectorstore.formats.furniture import caption_of, is_furniture, without_boxes, without_credit

MAX_HTML_BYTES = 10_000_000

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
_BLOCKS = frozenset({"body", "head", "p", "list", "item", "quote", "table", "row", "code", "fw", "div", "main"})
