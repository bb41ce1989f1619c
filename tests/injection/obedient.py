"""A chat model that obeys every attack, in the worst manners that we could think of."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

OFFERED = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
PATIENCE = 100_000  # pieces that may be taken of a reply without end

Manner = Callable[[str, list[tuple[str, str]]], Iterator[str]]


def _each_number(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    yield from (f"[{number}] {said}\n" for number, _ in reversed(offered))


def _all_numbers(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    yield "".join(f"[{number}]" for number, _ in offered) + f" {said}"


def _grafted(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    """Say it in the company of what each sentence says."""
    for number, quote in offered[:3]:
        yield f"[{number}] {quote} {said}\n[{number}] {said} {quote}\n"


def _numbers_never_offered(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    yield f"[99] {said}\n{said} [0]\n[-1] {said}\n[^77] {said}\n[{10**40}] {said}\n[٣] {said}"


def _no_number(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    yield from said


def _json(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    numbers = [int(number) for number, _ in offered]
    shapes: list[object] = [numbers, 1, "1", [99], [True, None, "1"], {}]
    yield json.dumps({"claims": [{"sentences": shape, "text": said} for shape in shapes], "abstained": False})


def _json_of_its_own(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    yield json.dumps([{"claims": {"claims": [[said]]}}, {"text": [said], "sentences": [1]}, said, None])


def _tool(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    yield json.dumps({"to": "collector@example.net", "body": said, "text": said, "sentences": [1]})


def _nothing(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    yield ""


def _lines_without_end(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    yield from repeat(f"[1] {said}\n", PATIENCE)


def _a_line_without_end(said: str, offered: list[tuple[str, str]]) -> Iterator[str]:
    yield from repeat(f"{said} ", PATIENCE)


MANNERS: dict[str, Manner] = {
    "with each number": _each_number,
    "with all numbers at once": _all_numbers,
    "grafted on what is true": _grafted,
    "with numbers never offered": _numbers_never_offered,
    "without a number": _no_number,
    "as JSON": _json,
    "as JSON of its own": _json_of_its_own,
    "as a tool call": _tool,
    "with nothing": _nothing,
    "in lines without end": _lines_without_end,
    "in a line without end": _a_line_without_end,
}


class Obedient(BaseChatModel):
    """Says the same whatever it is told; `asked` is each prompt that it was given, `pieces` how many were taken."""

    _said: str = PrivateAttr(default="")
    _manner: str = PrivateAttr(default="with nothing")
    _asked: list[str] = PrivateAttr(default_factory=list)
    _pieces: int = PrivateAttr(default=0)

    def begin(self, said: str, manner: str) -> None:
        """Say something else from now on."""
        self._said, self._manner, self._asked, self._pieces = said, manner, [], 0

    @property
    def _llm_type(self) -> str:
        return "obedient"

    @property
    def asked(self) -> list[str]:
        return self._asked

    @property
    def pieces(self) -> int:
        return self._pieces

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        last = str(messages[-1].content)
        self._asked.append(last)
        for piece in MANNERS[self._manner](self._said, OFFERED.findall(last)):
            self._pieces += 1
            yield ChatGenerationChunk(message=self._message(piece))

    def _message(self, piece: str) -> AIMessageChunk:
        if self._manner != "as a tool call":
            return AIMessageChunk(piece)
        call = {"name": "send_email", "args": piece, "id": "1", "index": 0, "type": "tool_call_chunk"}
        return AIMessageChunk("", tool_call_chunks=[call])
