"""The folder of a run: what was run, a row as soon as it is there, and the summary last.

A folder without summary.json is a run that was stopped. What decides its results stands in run.json, so
that the same command finds it and goes on.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from evals.running import Row
from vectorstore.errors import UsageError

RUN, RESULTS, ARTICLES, SUMMARY = "run.json", "results.jsonl", "articles.jsonl", "summary.json"
LOCK = "lock"


class RunFolder:
    """One run's folder, held by one process; made by `open_run`."""

    def __init__(self, path: Path, identity: Mapping[str, Any]) -> None:
        self.path = path
        self.rows = _whole_rows(path / RESULTS)
        _write(path / RUN, _pretty(identity))

    def keep(self, row: Row) -> None:
        """Add a row to results.jsonl; once this returns, a killed process has not lost it."""
        _write(self.path / RESULTS, _line(row), mode="a")
        self.rows.append(row)

    def finish(self, articles: Sequence[Mapping[str, Any]], summary: Mapping[str, Any]) -> None:
        """Write articles.jsonl, and summary.json last: it says that the run is whole."""
        _write(self.path / ARTICLES, "".join(map(_line, articles)))
        draft = self.path / f"{SUMMARY}.new"
        _write(draft, _pretty(summary))
        draft.replace(self.path / SUMMARY)


@contextmanager
def open_run(identity: Mapping[str, Any], out: Path | None, runs: Path, started: datetime) -> Iterator[RunFolder]:
    """Hold the folder of a run: the newest stopped one of the same identity, else a new one.

    `out` is that folder itself, and what another run left there is replaced; without it, a folder of
    `runs` named by time and name is. Raises UsageError if it cannot be written, or if
    another process is writing to `out`.
    """
    candidates = [out] if out else [*_stopped(runs, identity), *_new(runs, started, identity["name"])]
    for folder in candidates:
        _make(folder)
        lock = FileLock(folder / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue  # another process is at this one
        try:
            if not _is_stopped(folder, identity):
                for name in (SUMMARY, RESULTS):
                    (folder / name).unlink(missing_ok=True)
            yield RunFolder(folder, identity)
        finally:
            lock.release()
            with suppress(OSError):
                (folder / LOCK).unlink()
        return
    raise UsageError(f"Another process is writing to {candidates[-1]}. Choose another folder: --out DIR")


def _stopped(runs: Path, identity: Mapping[str, Any]) -> list[Path]:
    folders = [path.parent for path in runs.glob(f"*/{RUN}")]
    return [folder for folder in sorted(folders, reverse=True) if _is_stopped(folder, identity)]


def _is_stopped(folder: Path, identity: Mapping[str, Any]) -> bool:
    if (folder / SUMMARY).exists():
        return False
    try:
        return bool(json.loads((folder / RUN).read_text(encoding="utf-8")) == identity)
    except (OSError, ValueError):
        return False


def _new(runs: Path, started: datetime, name: str) -> list[Path]:
    """Return names of folders that are free now; two commands of one second take different ones."""
    stem = f"{started:%Y%m%d-%H%M%S}-{name}"
    named = (runs / (stem if number == 1 else f"{stem}-{number}") for number in range(1, 100))
    return [path for path in named if not path.exists()]


def _whole_rows(path: Path) -> list[Row]:
    """Read the rows that are there; a torn line, which a killed process leaves, is cut off."""
    if not path.exists():
        return []
    rows: list[Row] = []
    good = 0
    with path.open("r+b") as file:
        for line in file:
            try:
                if not line.endswith(b"\n"):
                    break
                rows.append(json.loads(line))
            except ValueError:
                break
            good += len(line)
        file.truncate(good)
    return rows


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror or error}. Choose another: --out DIR") from error


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _pretty(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str, mode: str = "w") -> None:
    try:
        # A lone surrogate, which a text may hold, is no UTF-8; JSON has an escape for it.
        with path.open(mode, encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}. Choose another folder: --out DIR"
        ) from error
