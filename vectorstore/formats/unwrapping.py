"""Lines of a text file -> lines that are paragraphs each, where the file was wrapped at a fixed width."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_LONGEST = 110
_SHORTEST = 40
# Wrappers that balance their lines (GNU fmt) leave up to 7 % of the width, and people some more.
_FULL = 0.85

_ITEM = re.compile(r"(?:[-*+•‣·–—]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")
_LABEL = re.compile(r"(?:Image|Media|Photo|Video|Picture) caption\b")
_ENDS_SENTENCE = re.compile(r"[.!?:;…。！？][\"'”’)\]]*$")
_GOES_ON = re.compile(
    r"(?:[,\-–—]|\b(?:a|an|the|of|in|on|at|to|by|for|from|with|and|or|but|that|which|who|is|are|was|were|as))$"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line without the spaces around it, and the number of its block; blank lines part blocks."""

    text: str
    block: int


def paragraphs(text: str) -> list[Line]:
    """Return the lines that are not blank, those of a hard-wrapped text joined to paragraphs."""
    blocks = _blocks(text)
    width = _wrap_width(blocks)
    lines: list[Line] = []
    for number, block in enumerate(blocks):
        joined = _joined(block, width) if width else (line.strip() for line in block)
        lines.extend(Line(line, number) for line in joined)
    return lines


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _wrap_width(blocks: list[list[str]]) -> int | None:
    """Return the width that the text was wrapped at, or None where its lines are paragraphs already.

    Wrapped: lines as long as a page is wide, most that break in mid-sentence are full, and what
    comes next shows here and there that the sentence goes on (headlines in a list do neither).
    """
    lengths = [len(line) for block in blocks for line in block if len(block) > 1]
    within = [length for length in lengths if length <= _LONGEST]
    if not within or len(within) < 0.9 * len(lengths) or max(within) < _SHORTEST:
        return None
    width = max(within)
    broken = [
        (line, after)
        for block in blocks
        for line, after in pairwise(block)
        if not _starts_anew(line, after) and not _ENDS_SENTENCE.search(line)
    ]
    if not broken:
        return None
    full = sum(_is_full(line, after, width) for line, after in broken)
    going_on = sum(after.lstrip()[:1].islower() or bool(_GOES_ON.search(line)) for line, after in broken)
    return width if full >= 0.6 * len(broken) and going_on >= 0.3 * len(broken) else None


def _joined(block: list[str], width: int) -> Iterator[str]:
    parts = [block[0].strip()]
    for line, after in pairwise(block):
        mid_sentence = after.lstrip()[:1].islower() and not _ENDS_SENTENCE.search(line)
        if not _starts_anew(line, after) and (_is_full(line, after, width) or mid_sentence):
            hyphen = line.endswith("-") and not line.endswith((" -", "--"))
            parts += ["" if hyphen else " ", after.strip()]
        else:
            yield "".join(parts)
            parts = [after.strip()]
    yield "".join(parts)


def _is_full(line: str, after: str, width: int) -> bool:
    """Tell whether the next line's first word would not have fitted on this line."""
    return len(line) + 1 + len(after.split(maxsplit=1)[0]) > _FULL * width


def _starts_anew(line: str, after: str) -> bool:
    """Tell whether the next line starts a paragraph by its look: a list item, a label, an indent."""
    stripped = after.lstrip()
    indented = len(after) - len(stripped) >= 2 and not line.startswith((" ", "\t"))
    hanging = bool(_ITEM.match(line.lstrip()))
    return bool(_ITEM.match(stripped) or _LABEL.match(stripped)) or (indented and not hanging)
