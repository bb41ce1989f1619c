"""A chat model's reply, as it comes -> what it wrote and which numbers it gave; nothing in it is trusted.

Read are lines (``[2] It rained.``, ``It rained [2][3].``) and JSON
(``{"claims": [{"sentences": [2], "text": "It rained."}]}``), with or without a fence around it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from assistant.prompting import as_data
from vectorstore.sentences import split_sentences

LONGEST = 600  # characters of a claim
_ODD = str.maketrans({"【": "[", "】": "]", "［": "[", "］": "]", "\ufeff": None, "\u200b": None})
_NUMBER = r"\^?\d{1,30}(?:†[^\[\]\n]*)?"
_MARKER = re.compile(rf"\[\s*{_NUMBER}(?:\s*[,;–-]\s*{_NUMBER})*\s*\]")
_GROUP = re.compile(rf"(?:\s*{_MARKER.pattern})+[.,;]?")
_OPENS = re.compile(rf"(?:\s*{_MARKER.pattern})+[:.]?\s*")
_NEXT = re.compile(rf"(?<=[.!?\"”’)])\s+(?={_MARKER.pattern})")  # where the next number in front of a sentence stands
_MAY_END = re.compile(r"[.!?][\"”’)]*\s+[^\s\[]\S*\s")  # the splitter sees the whole next word
_LIST = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_ENDS = re.compile(r"[.!?…][\"'”’)\]*]*\s*$")
_ROUND = re.compile(r"\((\d{1,2})\)\s+")
_BOLD = re.compile(r"\*\*|`")


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written, without its markers, and the numbers that it cites; `usable` if it is a claim at all."""

    text: str
    numbers: tuple[int, ...]
    usable: bool = True


class Reply:
    """Reads a reply in pieces; a claim is given as soon as it is whole."""

    def __init__(self) -> None:
        self._rest = ""
        self._json = False

    def feed(self, piece: str) -> Iterator[Draft]:
        """Take the next piece, and yield the claims that it completes."""
        self._rest += piece.translate(_ODD)
        if not self._json and "{" in self._rest:  # nothing that is offered has a brace
            before, brace, after = self._rest.partition("{")
            self._rest = before
            yield from self._lines()
            yield from _line(self._rest)
            self._rest, self._json = brace + after, True
        yield from self._objects() if self._json else self._lines()

    def close(self) -> Iterator[Draft]:
        """Yield what is left when nothing more comes."""
        rest, self._rest = self._rest, ""
        if not self._json:
            yield from _line(rest)
        elif '"text"' in rest:
            yield Draft(as_data(rest)[:LONGEST], (), usable=False)  # cut off within a claim

    def _lines(self) -> Iterator[Draft]:
        while "\n" in self._rest:
            line, self._rest = self._rest.split("\n", 1)
            yield from _line(line)
        while second := _second(self._rest):
            yield from _line(self._rest[:second])
            rest, opens = self._rest[second:].lstrip(), _OPENS.match(self._rest)
            assert opens is not None
            self._rest = rest if _OPENS.match(rest) else opens[0] + rest

    def _objects(self) -> Iterator[Draft]:
        """Yield each innermost object that is whole."""
        while (start := self._rest.find("{")) >= 0:
            inner = self._rest.find("{", start + 1)
            opened = re.match(r'\{\s*"claims"\s*:', self._rest[start:])
            if opened:
                self._rest = self._rest[start + opened.end() :]
                continue
            try:
                value, end = json.JSONDecoder(strict=False).raw_decode(self._rest, start)
            except (ValueError, RecursionError):
                if inner < 0 or self._rest[start + 1 : inner].strip():
                    return  # more is to come
                self._rest = self._rest[inner:]
                continue
            self._rest = self._rest[end:]
            yield from _of_json(value)


def _second(line: str) -> int | None:
    """Return where the second sentence of a line that numbers open begins: it need not wait for the whole line."""
    if not (opens := _OPENS.match(line)):
        return None
    if numbered := _NEXT.search(line, opens.end()):
        return numbered.start()
    if not _MAY_END.search(line, opens.end()):
        return None
    spans = split_sentences(line[opens.end() :])
    return opens.end() + spans[1][0] if len(spans) > 1 else None


def _of_json(value: Any) -> Iterator[Draft]:
    if not isinstance(value, dict):
        return
    text, numbers = value.get("text"), value.get("sentences")
    if not isinstance(text, str) or not text.strip():
        yield Draft(as_data(json.dumps(value, ensure_ascii=False))[:LONGEST], (), usable=False)
        return
    given = [number for one in (numbers if isinstance(numbers, list) else [numbers]) for number in _number(one)]
    yield from _drafts(_MARKER.sub(" ", text), [*given, *_numbers(text)])


def _number(value: Any) -> list[int]:
    if isinstance(value, str):
        return [int(value)] if re.fullmatch(r"\d{1,30}", value) else _numbers(value)
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def _line(line: str) -> Iterator[Draft]:
    """Read a line: its sentences with the numbers in front of them, or the parts that numbers end."""
    if line.lstrip().startswith("```"):
        return
    line = _LIST.sub("", _BOLD.sub("", line)).strip()
    if _OPENS.match(line):
        for part in _NEXT.split(line):
            opens = _OPENS.match(part)
            assert opens is not None
            yield from _drafts(part[opens.end() :], _numbers(opens[0]), is_cut=not _ENDS.search(part))
        return
    done = 0
    for markers in _GROUP.finditer(line):
        yield from _drafts(line[done : markers.start()], _numbers(markers[0]))
        done = markers.end()
    yield from _drafts(line[done:], [])


def _numbers(text: str) -> list[int]:
    marked = (re.sub(r"†[^\[\],;]*", "", match[0]) for match in _MARKER.finditer(text))
    return [int(number) for one in marked for number in re.findall(r"\d+", one)]


def _drafts(text: str, numbers: list[int], *, is_cut: bool = False) -> Iterator[Draft]:
    """Yield the sentences of a text, each with the numbers: one that is true must not carry another that is not.

    `is_cut` says that the text breaks off, as a line does that a grammar allows so many characters: its last
    sentence is none.
    """
    spans = split_sentences(text)
    for start, end in spans:
        sentence = text[start:end]
        round_ = _ROUND.match(sentence)
        drafts = (
            _draft(sentence[round_.end() :], [int(round_[1])])
            if round_
            else _draft(sentence, [*numbers, *_numbers(sentence)])
        )
        whole = not is_cut or end < spans[-1][1]
        yield from drafts if whole else (replace(draft, usable=False) for draft in drafts)


def _draft(text: str, numbers: list[int]) -> Iterator[Draft]:
    text = re.sub(r" +(?=[.,;:!?])", "", as_data(_MARKER.sub(" ", text))).strip("*# ")
    if re.search(r"[^\W\d_]", text):
        text += "." if text[-1].isalnum() else ""
        usable = len(text) <= LONGEST and not text.endswith(":")
        yield Draft(text[:LONGEST], tuple(dict.fromkeys(numbers)), usable)
