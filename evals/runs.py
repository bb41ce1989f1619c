"""A run folder -> values: what `footnote eval run` wrote, for everything that reads it.

A comparison, the gate, a baseline and the reports are all made from these files alone, so that each can
be made again, and made elsewhere, without a library and without a model.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from vectorstore.errors import UsageError

VERSION = 2
RIGHT, REFUSED = "right", "refused, rightly"
WRONG, FALSE_REFUSAL, FALSE_ANSWER = "wrong answer", "refused, wrongly", "answered the unanswerable"
ERROR, NOT_JUDGED = "error", "not judged"
OUTCOMES = (RIGHT, REFUSED, WRONG, FALSE_REFUSAL, FALSE_ANSWER, ERROR, NOT_JUDGED)
BAD = frozenset((WRONG, FALSE_REFUSAL, FALSE_ANSWER, ERROR))

_AGAIN = "Run the eval again: the same `footnote eval run` command goes on where it stopped"
_OF_ROW = ("id", "run", "case", "answer", "trace", "gold_places", "metrics", "lost", "error")
_OF_ARTICLE = ("id", "title", "published", "source", "text", "sentences")
_OF_SUMMARY = (
    *("name", "cases", "corpus", "settings", "models", "code", "n", "figures"),
    *("kinds", "groups", "curves", "lost", "errors", "timings"),
)


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article that some row shows; offsets count code points of `text`."""

    id: str
    title: str
    published: str | None
    source: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One case, asked once: the case, the answer as JSON version 1, and what each metric gave."""

    id: str
    run: int
    case: Mapping[str, Any]
    answer: Mapping[str, Any] | None
    trace: Mapping[str, Any] | None
    gold_places: Sequence[Mapping[str, Any]]
    metrics: Mapping[str, float | None]
    lost: str | None
    error: str | None

    @property
    def question(self) -> str:
        """The question as it was asked."""
        return str(self.case["question"])

    @property
    def citations(self) -> Sequence[Mapping[str, Any]]:
        """The citations of the answer; none in a refusal or after an error."""
        return self.answer["citations"] if self.answer else ()

    @property
    def evidence(self) -> Sequence[Mapping[str, Any]]:
        """The sentences that were read, best first."""
        return self.answer["evidence"] if self.answer else ()

    @property
    def outcome(self) -> str:
        """What came of it, one of OUTCOMES."""
        if self.error is not None or self.answer is None:
            return ERROR
        if not self.case["answerable"]:
            return REFUSED if self.answer["abstained"] else FALSE_ANSWER
        if self.answer["abstained"]:
            return FALSE_REFUSAL
        judged = self.metrics.get("right")
        if judged is None:
            return NOT_JUDGED
        return RIGHT if judged else WRONG


@dataclass(frozen=True)
class Run:
    """A run folder, read whole."""

    folder: Path
    summary: Mapping[str, Any]
    rows: Sequence[Row]
    articles: Mapping[str, Article]

    @property
    def name(self) -> str:
        """The name of the question set."""
        return str(self.summary["name"])

    @property
    def figures(self) -> Mapping[str, Mapping[str, float]]:
        """Every figure that some case was eligible for: `n`, `value`, `low`, `high`."""
        found: Mapping[str, Mapping[str, float]] = self.summary["figures"]
        return found

    @cached_property
    def by_case(self) -> Mapping[str, Sequence[Row]]:
        """The rows of each case, by its id, in the order of the cases."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.id, []).append(row)
        return found


def read_run(folder: Path) -> Run:
    """Read a run folder; raises UsageError where a file is missing, torn, or of another version."""
    if not folder.is_dir():
        raise UsageError(
            f"There is no run folder {folder}. Name one that `footnote eval run` wrote: runs/<time>-<name>"
        )
    summary = _summary(folder / "summary.json")
    rows = [Row(*map(fields.get, _OF_ROW)) for fields in _lines(folder / "results.jsonl", _OF_ROW)]  # type: ignore[arg-type]
    if len(rows) != summary["n"]:
        raise UsageError(
            f"{folder}: summary.json counts {summary['n']} answers, and results.jsonl has {len(rows)}. {_AGAIN}"
        )
    articles = {
        fields["id"]: Article(*(fields[name] for name in _OF_ARTICLE[:-1]))
        for fields in _lines(folder / "articles.jsonl", _OF_ARTICLE)
    }
    return Run(folder, summary, rows, articles)


def _summary(path: Path) -> Mapping[str, Any]:
    try:
        summary = json.loads(_text(path))
    except ValueError as error:
        raise UsageError(f"{path}: it is not whole: {error}. {_AGAIN}") from error
    version = summary.get("version") if isinstance(summary, dict) else None
    if version != VERSION:
        raise UsageError(
            f"{path}: it is of version {version!r}, and this program reads version {VERSION}. Make the run again"
        )
    _complete(summary, _OF_SUMMARY, str(path))
    return dict(summary)


def _lines(path: Path, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{where}: it is not whole: {error}. {_AGAIN}") from error
        _complete(fields, names, where)
        yield fields


def _complete(fields: Any, names: Sequence[str], where: str) -> None:
    if not isinstance(fields, dict):
        raise UsageError(f"{where}: it is not a JSON object. {_AGAIN}")
    if missing := [name for name in names if name not in fields]:
        raise UsageError(f"{where}: it has no {missing[0]!r}. {_AGAIN}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"There is no {path}: the run has not ended. {_AGAIN}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}. {_AGAIN}") from error
