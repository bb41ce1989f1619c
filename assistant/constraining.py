"""How a chat model is held to the offered numbers: by a grammar, a JSON schema or a tool call, whichever it takes."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import Runnable

LOCAL = "llama.cpp"  # what LlamaCpp is called
MOST_CLAIMS = 2
MOST_CITED = 2  # sentences by one claim
LONGEST_CLAIM = 300  # characters

Bound: TypeAlias = "Runnable[Any, BaseMessage]"


def constrained(model: "BaseChatModel", numbers: int) -> tuple[Bound, str] | None:
    """Return a model that can cite 1 to `numbers` alone, with the form that it replies in; None if none is known.

    The form names a section of the prompt: "Lines" or "JSON".
    """
    if model._llm_type == LOCAL:
        return model.bind(grammar=grammar(numbers)), "Lines"
    if model._llm_type in _TAKES_SCHEMA:
        return model.bind(**_TAKES_SCHEMA[model._llm_type](schema(numbers))), "JSON"
    if type(model).bind_tools is not _base().bind_tools:
        tool = {"title": "answer", "description": "Give the answer.", **schema(numbers)}
        return model.bind_tools([tool], tool_choice="any"), "JSON"
    return None


def grammar(numbers: int) -> str:
    """Return the GBNF of a reply: a line a claim, which begins with the numbers of 1 to `numbers` that it cites.

    It says nothing of where a sentence ends: to tell abbreviations apart makes it ambiguous, and slow beyond use.
    """
    number = " | ".join(f'"{n}"' for n in range(1, numbers + 1))
    return (
        f"root ::= claim{' claim?' * (MOST_CLAIMS - 1)}\n"
        f'claim ::= number{" number?" * (MOST_CITED - 1)} " " text\n'
        f'number ::= "[" ({number}) "]"\n'
        f'text ::= [^\\x00-\\x20\\[\\]] [^\\x00-\\x1f\\[\\]]{{8,{LONGEST_CLAIM}}} "\\n"\n'
    )


def schema(numbers: int) -> dict[str, Any]:
    """Return the JSON schema of a reply, in the subset that strict servers take."""
    claim = {
        "type": "object",
        "properties": {
            "sentences": {"type": "array", "items": {"type": "integer", "enum": list(range(1, numbers + 1))}},
            "text": {"type": "string"},
        },
        "required": ["sentences", "text"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"claims": {"type": "array", "items": claim}},
        "required": ["claims"],
        "additionalProperties": False,
    }


def text_of(chunks: "Iterator[BaseMessage]") -> Iterator[str]:
    """Yield the text of a streamed reply, or the arguments of the tool that it calls."""
    for chunk in chunks:
        called = getattr(chunk, "tool_call_chunks", ())
        yield "".join(call["args"] or "" for call in called) if called else str(chunk.text)


def _base() -> "type[BaseChatModel]":
    from langchain_core.language_models import BaseChatModel

    return BaseChatModel


def _openai(schema: dict[str, Any]) -> dict[str, Any]:
    named = {"name": "answer", "strict": True, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


_TAKES_SCHEMA: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "openai-chat": _openai,
    "azure-openai-chat": _openai,
    "chat-ollama": lambda schema: {"format": schema},
}
