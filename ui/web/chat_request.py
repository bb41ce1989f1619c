"""A request for a chat completion, read and checked: the question, what was said before it, and how to answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError

from assistant.values import Turn
from ui.web.arguments import LONGEST_TURN, MOST_TURNS
from ui.web.chat_markdown import heard
from ui.web.conversing import LONGEST_QUESTION
from vectorstore.errors import FootnoteError, UsageError


class BadRequest(Exception):
    """A request that cannot be answered, in the terms of OpenAI's errors."""

    def __init__(self, message: str, parameter: str | None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of which model; `with_usage` is whether a stream ends with what it cost."""

    model: str
    question: str
    history: Sequence[Turn]
    stream: bool
    with_usage: bool


def error_json(error: BadRequest | FootnoteError) -> dict[str, Any]:
    """Return an error in OpenAI's form."""
    refused = error if isinstance(error, BadRequest) else None
    return {
        "error": {
            "message": str(error),
            "type": "invalid_request_error" if _status(error) < 500 else "server_error",
            "param": refused.parameter if refused else None,
            "code": refused.code if refused else None,
        }
    }


def error_response(error: BadRequest | FootnoteError) -> JSONResponse:
    """Return the response that tells an error in OpenAI's form."""
    return JSONResponse(error_json(error), _status(error))


def _status(error: BadRequest | FootnoteError) -> int:
    if isinstance(error, BadRequest):
        return error.status
    return 400 if isinstance(error, UsageError) else 500


class _Part(BaseModel):
    type: str
    text: str = ""


class _Message(BaseModel):
    role: str
    content: str | list[_Part] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or ())


class _StreamOptions(BaseModel):
    include_usage: bool = False


class _Format(BaseModel):
    type: str = "text"


class _Body(BaseModel):
    """What is read of a request; all else, such as the temperature, changes nothing about an answer."""

    messages: list[_Message] = Field(min_length=1)
    model: str = "footnote"
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    n: Literal[1] | None = None
    tool_choice: Literal["none", "auto"] | None = None
    response_format: _Format | None = None


async def read_request(request: Request) -> Asked:
    """Return what a request asks; raises BadRequest."""
    try:
        read = _Body.model_validate_json(await request.body())
    except ValidationError as error:
        raise _refused(error) from error
    if read.response_format and read.response_format.type != "text":
        raise BadRequest("Answers are text with footnotes; there is no other response_format.", "response_format")
    question, history = _conversation(read.messages)
    with_usage = bool(read.stream_options and read.stream_options.include_usage)
    return Asked(read.model, question, history, bool(read.stream), with_usage)


def _conversation(messages: Sequence[_Message]) -> tuple[str, Sequence[Turn]]:
    """Return the last message of the user, and what both sides said before it; all other messages are ignored."""
    asked = [at for at, message in enumerate(messages) if message.role == "user"]
    if not asked:
        raise BadRequest('There is no message of role "user", which would be the question.', "messages")
    last = messages[asked[-1]]
    if isinstance(last.content, list) and any(part.type != "text" for part in last.content):
        raise BadRequest("A question is text alone: leave pictures, sounds and files out.", "messages")
    if not last.text.strip():
        raise BadRequest("The question is empty.", "messages")
    if len(last.text) > LONGEST_QUESTION:
        said = f"A question has at most {LONGEST_QUESTION} characters, not {len(last.text)}. Shorten it."
        raise BadRequest(said, "messages", "string_above_max_length")
    turns = (_turn(message) for message in messages[: asked[-1]] if message.role in ("user", "assistant"))
    return last.text, [turn for turn in turns if turn.text][-MOST_TURNS:]


def _turn(message: _Message) -> Turn:
    text = heard(message.text) if message.role == "assistant" else message.text
    return Turn(message.role, text[:LONGEST_TURN])


def _refused(error: ValidationError) -> BadRequest:
    first: Any = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return BadRequest(
        f"{where}: {first['msg']}." if where else f"The request is no JSON object: {first['msg']}.", where or None
    )
