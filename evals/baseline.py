"""The figures and cases that a run is held against: a file that a reviewer reads, one case a line.

It is made by one explicit command and by nothing else, so that what counts as right never changes unseen.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from evals.comparing import differing, is_worse
from evals.records import Record, changes, records_of
from evals.runs import Run
from evals.wording import plural, shown
from vectorstore.errors import UsageError

VERSION = 1
_DIGITS = 6  # decimals of a kept number: enough for every test, and a diff shows no noise
_HEAD = ("name", "cases", "corpus", "settings", "models", "figures")
_AGAIN = "Make it again: footnote eval baseline RUN --out FILE"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a baseline file holds: of which run, its figures, and a record a case."""

    name: str
    cases: Mapping[str, Any]
    corpus: Mapping[str, Any]
    settings: Mapping[str, Any]
    models: Mapping[str, Any]
    figures: Mapping[str, float]
    rows: Mapping[str, Record]

    @property
    def summary(self) -> Mapping[str, Mapping[str, Any]]:
        """What says whether a run can be held against it, as in a run's summary."""
        return {"cases": self.cases, "corpus": self.corpus, "settings": self.settings, "models": self.models}


def baseline_of(run: Run) -> Baseline:
    """Return the baseline that a run makes; of the cases' path the end, which is alike on every machine."""
    summary = run.summary
    path = PurePath(summary["cases"]["path"])
    end = "/".join(path.parts[-2:] if path.suffix else path.parts[-1:])
    figures = {name: round(one["value"], _DIGITS) for name, one in run.figures.items()}
    rows = dict(sorted(records_of(run).items()))
    return Baseline(
        run.name, {**summary["cases"], "path": end}, summary["corpus"], summary["settings"], summary["models"],
        figures, rows,
    )  # fmt: skip


def read_baseline(path: Path) -> Baseline:
    """Read a baseline file; raises UsageError where there is none, or it is not whole."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"There is no baseline {path}. Make it: footnote eval baseline RUN --out {path}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as a baseline: {error}. {_AGAIN}") from error
    if not isinstance(fields, dict) or fields.get("version") != VERSION:
        raise UsageError(f"{path} is no baseline of version {VERSION}. {_AGAIN}")
    try:
        rows = {id: _record(row) for id, row in fields["rows"].items()}
        return Baseline(**{name: fields[name] for name in _HEAD}, rows=rows)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(f"{path}: it is not whole: {type(error).__name__}: {error}. {_AGAIN}") from error


def write_baseline(baseline: Baseline, path: Path) -> None:
    """Write a baseline in place of what was there, whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text_of(baseline))
            Path(name).chmod(0o644)  # a temporary file is readable by its owner alone
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}. Choose another: --out FILE") from error


def text_of(baseline: Baseline) -> str:
    """Return the file: JSON, with a line for each part and for each case."""
    parts = [f'"version": {VERSION}', *(f'"{name}": {_json(getattr(baseline, name))}' for name in _HEAD)]
    rows = ",\n".join(f"{_json(id)}: {_json(_fields(record))}" for id, record in baseline.rows.items())
    return "{\n" + ",\n".join(parts) + ',\n"rows": {\n' + rows + "\n}\n}\n"


def what_changed(old: Baseline, new: Baseline) -> str:
    """Return the cases won and lost and the figures that moved, as text for whoever updates a baseline."""
    changed = changes(old.rows, new.rows)
    lines = list(_kinds_of_change(old, new))
    lines += [f"lost: {id}" for id in changed.lost] + [f"won: {id}" for id in changed.won]
    for name in dict.fromkeys((*old.figures, *new.figures)):
        before, after = old.figures.get(name), new.figures.get(name)
        if before == after:
            continue
        if before is None or after is None:
            lines.append(f"{name}: {'new' if before is None else 'gone'}")
            continue
        worse = " (worse)" if is_worse(name, after - before) else ""
        lines.append(f"{name}: {shown(name, before)} → {shown(name, after)}{worse}")
    return "\n".join(lines) or "Nothing changed."


def _kinds_of_change(old: Baseline, new: Baseline) -> Iterator[str]:
    if old.corpus != new.corpus:
        yield "the articles differ"
    if old.cases != new.cases:
        yield "the cases differ"
    for word, ids in (("new", new.rows.keys() - old.rows.keys()), ("gone", old.rows.keys() - new.rows.keys())):
        if ids:
            yield f"{plural(len(ids), 'case')} {word}, such as {min(ids)}"
    yield from differing(old.summary, new.summary)


def _fields(record: Record) -> Mapping[str, Any]:
    metrics = {name: round(value, _DIGITS) for name, value in record.metrics.items()}
    return {**metrics, "cited": record.cited, "quotes": record.quotes, "confidence": record.confidence}


def _record(fields: Mapping[str, Any]) -> Record:
    rest = dict(fields)
    cited: Sequence[Any] = rest.pop("cited")
    quotes: Sequence[str] = rest.pop("quotes")
    confidence = rest.pop("confidence")
    metrics = {str(name): float(value) for name, value in rest.items()}
    return Record(metrics, [(str(article), int(start), int(end)) for article, start, end in cited], quotes, confidence)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
