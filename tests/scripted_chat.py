"""Chat models that follow a script; apart from tests/fakes.py, which processes load that need no LangChain."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr


class ScriptedChat(BaseChatModel):
    """A chat model that says what it is told to, reply after reply, in pieces of a few characters; the last one stays.

    "[some words]" in a reply is the number of the sentence in the prompt that holds these words, or 99. An exception
    among the parts of a reply is raised there. `asked` holds the messages of each call as (role, text),
    `bound` what was bound to it; `pieces` counts the pieces that were taken, `closed` the streams that were closed
    before their end.
    """

    _replies: list[list[str | Exception]] = PrivateAttr()
    _size: int = PrivateAttr()
    _asked: list[list[tuple[str, str]]] = PrivateAttr(default_factory=list)
    _bound: list[dict[str, Any]] = PrivateAttr(default_factory=list)
    _pieces: int = PrivateAttr(default=0)
    _closed: int = PrivateAttr(default=0)

    def __init__(self, *replies: str | Exception | Sequence[str | Exception], size: int = 7) -> None:
        super().__init__()
        self._replies = [[reply] if isinstance(reply, str | Exception) else list(reply) for reply in replies]
        self._size = size

    @property
    def _llm_type(self) -> str:
        return "scripted"

    @property
    def asked(self) -> list[list[tuple[str, str]]]:
        return self._asked

    @property
    def bound(self) -> list[dict[str, Any]]:
        return self._bound

    @property
    def pieces(self) -> int:
        return self._pieces

    @property
    def closed(self) -> int:
        return self._closed

    def reply_to(self, messages: list[BaseMessage]) -> Iterator[str | Exception]:
        """Yield the parts of the next reply."""
        offered = re.findall(r"^\[(\d+)\] (.*)$", str(messages[-1].content), re.MULTILINE)

        def number(words: re.Match[str]) -> str:
            return f"[{next((number for number, quote in offered if words[1] in quote), '99')}]"

        for part in self._replies[min(len(self._asked), len(self._replies)) - 1]:
            yield re.sub(r"\[([^\]\d\W][^\]\n]* [^\]\n]*)\]", number, part) if isinstance(part, str) else part

    def message(self, piece: str) -> AIMessageChunk:
        """Return a piece as the chunk of a message."""
        return AIMessageChunk(piece)

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
        self._asked.append([(message.type, str(message.content)) for message in messages])
        self._bound.append(kwargs)
        try:
            for part in self.reply_to(messages):
                if isinstance(part, Exception):
                    raise part
                for start in range(0, max(1, len(part)), self._size):
                    self._pieces += 1
                    yield ChatGenerationChunk(message=self.message(part[start : start + self._size]))
        except GeneratorExit:
            self._closed += 1
            raise


class ToolCallingChat(ScriptedChat):
    """A scripted chat model that takes tools, and replies by calling one."""

    def bind_tools(self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any) -> Any:
        return self.bind(tools=list(tools), tool_choice=tool_choice, **kwargs)

    def message(self, piece: str) -> AIMessageChunk:
        call = {"name": None, "args": piece, "id": "1", "index": 0, "type": "tool_call_chunk"}
        return AIMessageChunk("", tool_call_chunks=[call])
