"""A question set -> cases: what is asked, and what a right answer is known to hold.

The layout is one JSON object a line; docs/decisions/0011-evals.md has every field.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from assistant.values import Turn
from vectorstore.errors import UsageError

QUESTIONS = "questions.jsonl"
DOCUMENTS = "documents.jsonl"
_KNOWN = frozenset(
    (
        "id",
        "question",
        "answers",
        "answerable",
        "gold_doc_ids",
        "gold_sentences",
        "gold_spans",
        "history",
        "meta",
    )
)  # gold_spans say again where gold_sentences are; matching finds them by their words
_ROLES = ("user", "assistant")


@dataclass(frozen=True, slots=True)
class Case:
    """One question with what is known of its answer.

    `answers` are strings of which any one makes an answer right, or all where `needs_all`.
    `gold_sentences` are exact substrings of the articles `gold_doc_ids`; `accepted_sentences` and
    `accepted_doc_ids` hold these and the others that answer as well. `as_of` is the day of asking.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    answerable: bool
    gold_doc_ids: tuple[str, ...] = ()
    gold_sentences: tuple[str, ...] = ()
    accepted_doc_ids: tuple[str, ...] = ()
    accepted_sentences: tuple[str, ...] = ()
    history: tuple[Turn, ...] = ()
    as_of: date | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs_all(self) -> bool:
        """Whether a right answer holds every string of `answers`."""
        return self.meta.get("answers_needed") == "all"

    @property
    def home(self) -> str | None:
        """The article that a question is asked within: its gold article, else `meta.context_doc_id`."""
        context = self.meta.get("context_doc_id")
        return self.gold_doc_ids[0] if self.gold_doc_ids else context if isinstance(context, str) else None

    @property
    def unanswerable_kind(self) -> str:
        """Why there is no answer: `meta.unanswerable_kind`, or that an article is near to one, `meta.near`."""
        return str(self.meta.get("unanswerable_kind") or ("near_miss" if self.meta.get("near") else "unspecified"))

    def to_json(self) -> dict[str, Any]:
        """Return what a row of results.jsonl holds of the case."""
        return {
            "question": self.question,
            "answers": list(self.answers),
            "answerable": self.answerable,
            "gold_doc_ids": list(self.gold_doc_ids),
            "gold_sentences": list(self.gold_sentences),
            "accepted_doc_ids": list(self.accepted_doc_ids),
            "accepted_sentences": list(self.accepted_sentences),
            "history": [{"role": turn.role, "text": turn.text} for turn in self.history],
            "as_of": self.as_of and self.as_of.isoformat(),
            "meta": dict(self.meta),
        }

    def with_ids(self, resolve: Callable[[str], str]) -> "Case":
        """Return the case with the ids under which a library keeps its articles.

        A library stores two articles of the same content once, so a gold article may have the
        other's id there.
        """
        return replace(
            self,
            gold_doc_ids=tuple(map(resolve, self.gold_doc_ids)),
            accepted_doc_ids=tuple(map(resolve, self.accepted_doc_ids)),
        )


def question_files(path: Path) -> list[Path]:
    """Return the files of a question set: the file itself, a folder's questions.jsonl, or all its *.jsonl."""
    if path.is_file():
        return [path]
    if (file := path / QUESTIONS).is_file():
        return [file]
    if found := sorted(file for file in path.glob("*.jsonl") if file.name != DOCUMENTS):
        return found
    raise UsageError(f"There are no questions at {path}. Name a file, or a folder with {QUESTIONS}: --cases PATH")


def load_cases(path: Path) -> list[Case]:
    """Read a question set, a file or a folder; raises UsageError, which names file, line and field."""
    places: dict[str, str] = {}
    cases = []
    for file in question_files(path):
        for where, line in _lines(file):
            case = parse_case(where, line)
            if case.id in places:
                raise UsageError(f"{where}: the id {case.id!r} is that of {places[case.id]} too")
            places[case.id] = where
            cases.append(case)
    if not cases:
        raise UsageError(f"{path}: there are no questions in it. Make some: footnote eval new {path}")
    return cases


def parse_case(where: str, line: str) -> Case:
    """Read one line of a question set; `where` names it in the UsageError that a wrong one raises."""
    return _Line(where, line).case()


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield f"{path}, line {number}", line
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}. Name a file of questions: --cases FILE") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: it is not UTF-8 text") from error


class _Line:
    """One line of a question set, checked field by field."""

    def __init__(self, where: str, line: str) -> None:
        self.where = where
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{where}: not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise UsageError(f'{where}: not a JSON object: write {{"id": ..., "question": ..., ...}}')
        self.fields: dict[str, Any] = fields

    def case(self) -> Case:
        if unknown := sorted(self.fields.keys() - _KNOWN):
            raise self._error(f"there is no field {unknown[0]!r}; there are {', '.join(sorted(_KNOWN))}")
        meta = self.fields.get("meta", {})
        if not isinstance(meta, dict):
            raise self._error('"meta" must be an object')
        gold_doc_ids = self._strings(self.fields, "gold_doc_ids")
        gold_sentences = self._strings(self.fields, "gold_sentences")
        case = Case(
            id=self._text("id"),
            question=self._text("question"),
            answers=self._strings(self.fields, "answers"),
            answerable=self._answerable(),
            gold_doc_ids=gold_doc_ids,
            gold_sentences=gold_sentences,
            accepted_doc_ids=_distinct(gold_doc_ids + self._strings(meta, "alt_gold_doc_ids", "meta.")),
            accepted_sentences=_distinct(gold_sentences + self._strings(meta, "alt_gold_sentences", "meta.")),
            history=self._history(),
            as_of=self._as_of(meta),
            meta=meta,
        )
        if not case.answerable and (case.answers or case.accepted_sentences or case.accepted_doc_ids):
            raise self._error('"answerable" is false, but there are answers or gold: leave those empty')
        return case

    def _text(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self._error(f'"{name}" must be a string that is not empty')
        return value

    def _answerable(self) -> bool:
        value = self.fields.get("answerable")
        if not isinstance(value, bool):
            raise self._error('"answerable" must be true or false')
        return value

    def _strings(self, fields: Mapping[str, Any], name: str, prefix: str = "") -> tuple[str, ...]:
        value = fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self._error(f'"{prefix}{name}" must be a list of strings that are not empty')
        return tuple(value)

    def _history(self) -> tuple[Turn, ...]:
        value = self.fields.get("history", [])
        if not isinstance(value, list):
            raise self._error('"history" must be a list')
        for number, turn in enumerate(value, 1):
            if not isinstance(turn, dict) or turn.get("role") not in _ROLES or not isinstance(turn.get("text"), str):
                raise self._error(
                    f'turn {number} of "history" must be {{"role": "user" or "assistant", "text": a string}}'
                )
        return tuple(Turn(turn["role"], turn["text"]) for turn in value)

    def _as_of(self, meta: Mapping[str, Any]) -> date | None:
        value = meta.get("asked_on")
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise self._error(f'"meta.asked_on" must be a date as YYYY-MM-DD, not {value!r}') from error

    def _error(self, problem: str) -> UsageError:
        return UsageError(f"{self.where}: {problem}")


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
