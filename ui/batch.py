"""`footnote ask --batch`: a JSON answer a line, in order; a line that fails says so and the rest goes on."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from assistant.answering import Assistant
from assistant.serializing import answer_to_json
from assistant.values import Turn
from ui.progress import progress_bar
from vectorstore.catalog import Filter
from vectorstore.errors import FootnoteError, UsageError


def answer_batch(path: Path, assistant: Assistant, *, as_of: date | None, where: Filter, k: int) -> None:
    """Answer every line of a file (``-``: standard input) to standard output."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}. Name a .jsonl file with a question a line.") from error
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    with progress_bar("Answering", unit="questions") as advance:
        for done, (number, line) in enumerate(lines, 1):
            click.echo(json.dumps(_answer_line(number, line, assistant, as_of, where, k), ensure_ascii=False))
            advance(done, len(lines), done)


def _answer_line(
    number: int, line: str, assistant: Assistant, as_of: date | None, where: Filter, k: int
) -> dict[str, Any]:
    given: Any = None
    try:
        given = json.loads(line)
        if not isinstance(given, dict) or not isinstance(given.get("question"), str):
            raise UsageError('a line is an object such as {"id": "1", "question": "Who is Peter Humphrey?"}')
        asked_on = date.fromisoformat(given["as_of"]) if given.get("as_of") else as_of
        answer = assistant.answer(given["question"], _history(given), as_of=asked_on, where=where, k=k)
        return answer_to_json(answer, id=given.get("id"))
    except (FootnoteError, ValueError, TypeError, RecursionError) as error:
        return {"id": given.get("id") if isinstance(given, dict) else None, "error": f"line {number}: {error}"}


def _history(given: dict[str, Any]) -> list[Turn]:
    """Read earlier turns: a string is an earlier question, an object has a role and a text."""
    turns = []
    for turn in given.get("history") or []:
        if isinstance(turn, str):
            turns.append(Turn("user", turn))
        elif isinstance(turn, dict) and turn.get("role") in ("user", "assistant") and isinstance(turn.get("text"), str):
            turns.append(Turn(turn["role"], turn["text"]))
        else:
            raise UsageError('history holds strings, or objects such as {"role": "user", "text": "..."}')
    return turns
