"""What clients give with a question, checked: Gradio hands over whatever JSON they sent. All raise UsageError."""

from datetime import date
from typing import Any

from assistant.values import Turn
from ui.web.conversing import LONGEST_QUESTION
from vectorstore.catalog import Filter
from vectorstore.errors import UsageError

MOST_TURNS = 40
LONGEST_TURN = 10_000


def turns_of(history: Any) -> list[Turn]:
    """Read earlier turns, oldest first: a string is an earlier question, an object has a role and a text."""
    if not isinstance(history or [], list):
        raise UsageError("history is a list of earlier turns")
    if len(history or []) > MOST_TURNS:
        raise UsageError(f"history holds at most {MOST_TURNS} turns. Leave the oldest out")
    turns = []
    for turn in history or []:
        role, text = ("user", turn) if isinstance(turn, str) else _role_and_text(turn)
        if role not in ("user", "assistant") or not isinstance(text, str):
            raise UsageError('history holds strings, or objects such as {"role": "user", "text": "..."}')
        if len(text) > LONGEST_TURN:
            raise UsageError(f"A turn of the history has at most {LONGEST_TURN} characters. Shorten it")
        turns.append(Turn(role, text))
    return turns


def _role_and_text(turn: Any) -> tuple[Any, Any]:
    return (turn.get("role"), turn.get("text")) if isinstance(turn, dict) else (None, None)


def question_of(name: str, given: Any) -> str:
    """Return a question of a length that can be answered."""
    text = text_of(name, given) or ""
    if not text.strip():
        raise UsageError(f"{name} is empty. Ask, for example: Who is Peter Humphrey?")
    if len(text) > LONGEST_QUESTION:
        raise UsageError(f"{name} has at most {LONGEST_QUESTION} characters, not {len(text)}. Shorten it")
    return text


def text_of(name: str, given: Any) -> str | None:
    """Return a text, or None where none is given."""
    if given is not None and not isinstance(given, str):
        raise UsageError(f"{name} is a text, not {given!r:.40}")
    return given


def number_of(name: str, given: Any, most: int) -> int:
    """Return a whole number from 1 to `most`."""
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= most:
        raise UsageError(f"{name} is a whole number from 1 to {most}, not {given!r:.40}")
    return given


def filter_of(source: Any, since: Any, until: Any) -> Filter:
    """Return which articles may answer."""
    days = {name: _iso(name, given) for name, given in (("since", since), ("until", until))}
    return Filter(source=text_of("source", source) or None, **days)


def day_of(given: Any) -> date | None:
    """Return the day of asking, or None where none is given."""
    text = _iso("as_of", given)
    return date.fromisoformat(text) if text else None


def _iso(name: str, given: Any) -> str | None:
    """Return a date as it is stored, or None; other ways to write it would compare wrongly."""
    text = text_of(name, given) or None
    try:
        if text and date.fromisoformat(text).isoformat() != text:
            raise ValueError
    except ValueError as error:
        raise UsageError(f"{name} is a date such as 2013-12-04, not {text!r:.40}") from error
    return text
