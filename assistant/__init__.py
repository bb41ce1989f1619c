"""Retrieve, read, cite and check: answers whose every sentence is footnoted to an exact sentence.

    from assistant import open_assistant
    assistant = open_assistant("path/to/library")
    answer = assistant.answer("Who is Peter Humphrey?")

Importing this loads no framework; models are loaded with the first question.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.assembly import open_assistant as open_assistant

__all__ = ["open_assistant"]


def __getattr__(name: str) -> object:
    if name == "open_assistant":
        from assistant.assembly import open_assistant

        return open_assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
