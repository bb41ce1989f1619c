"""What `footnote eval run` does: question set + library -> answers, scores, a table and two files."""

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import evals
from assistant import open_assistant
from assistant.answering import Assistant
from evals.cases import Case, load_cases
from evals.grouping import group_labels
from evals.report import summarise, table
from evals.running import Result, asking, build_library, run
from evals.stored import missing_gold, resolver, texts
from vectorstore.embedding import cache_folder
from vectorstore.errors import UsageError

SUMMARY_VERSION = 1
SEEDS = Path(evals.__file__).resolve().parents[1] / "seeds"
QUESTIONS = "questions.jsonl"
DOCUMENTS = ("documents.jsonl", "articles")


@dataclass(frozen=True, slots=True)
class Step:
    """How far an eval is: the `stage` is "index" (counting bytes) or "ask" (counting questions)."""

    stage: str
    done: int
    total: int


def run_command(
    cases: Path | None = None,
    documents: Sequence[Path] = (),
    library: Path | None = None,
    limit: int | None = None,
    seed: int = 0,
    out: Path | None = None,
    echo: Callable[[str], None] = lambda text: None,
    *,
    by: str | None = None,
    warn: Callable[[str], None] = lambda text: None,
    on_progress: Callable[[Step], None] = lambda step: None,
    opener: Callable[[Path], Assistant] = open_assistant,
) -> dict[str, Any]:
    """Run an eval, `echo` its table, write results.jsonl and summary.json to `out`; return the summary.

    `cases` is a file, or a folder that holds questions.jsonl; by default the seeds. `library` is asked
    as it is; without one, a library of `documents` (by default those beside the questions) is made and
    kept in the cache. `limit` draws that many questions with `seed`, which also draws for intervals.
    `by` is a meta key, or "week_parity", to report by groups. Raises FootnoteError.
    """
    loaded = load_cases(questions := _questions_file(cases or SEEDS))
    groups = group_labels(loaded, by) if by else None
    chosen = sample(loaded, limit, seed)
    keep = _Keeper(out, len(chosen), on_progress)
    folder = library or _build(documents or [_documents_beside(questions)], warn, on_progress)
    results, missing = _ask(opener(folder), chosen, keep, warn)
    summary = {
        "version": SUMMARY_VERSION,
        "cases": {"path": str(questions), "sha256": _sha256(questions), "n": len(loaded)},
        "library": {"path": str(folder), "missing_gold": missing},
        "model": next((result.answer["model"] for result in results if result.answer), None),
        "options": {"limit": limit, "seed": seed, "by": by},
        **summarise(results, seed, groups),
    }
    if out:
        _write(out / "summary.json", json.dumps(summary, ensure_ascii=False, indent=1) + "\n")
    echo(table(_title(questions), summary))
    return summary


def sample(cases: Sequence[Case], limit: int | None, seed: int) -> list[Case]:
    """Return all cases, or `limit` of them drawn with a seed, in their order."""
    if limit is not None and limit < 1:
        raise UsageError(f"The limit must be 1 or more, not {limit}")
    if limit is None or limit >= len(cases):
        return list(cases)
    return [cases[number] for number in sorted(random.Random(seed).sample(range(len(cases)), limit))]


def _questions_file(cases: Path) -> Path:
    path = cases / QUESTIONS if cases.is_dir() else cases
    if not path.is_file():
        raise UsageError(f"There are no questions at {path}. Name a file, or a folder with {QUESTIONS}: --cases PATH")
    return path


def _documents_beside(questions: Path) -> Path:
    for name in DOCUMENTS:
        if (path := questions.parent / name).exists():
            return path
    raise UsageError(
        f"There are no {' or '.join(DOCUMENTS)} beside {questions}. "
        "Name what the questions are about: --documents PATH, or --library DIR"
    )


def _build(documents: Sequence[Path], warn: Callable[[str], None], on_progress: Callable[[Step], None]) -> Path:
    return build_library(
        documents,
        cache_folder() / "evals",
        on_progress=lambda step: on_progress(Step("index", step.done, step.total)),
        warn=warn,
    )


def _ask(
    assistant: Assistant, cases: Sequence[Case], keep: Callable[[Result], None], warn: Callable[[str], None]
) -> tuple[list[Result], list[str]]:
    """Return the results, and the gold articles that the library lacks."""
    with closing(assistant.library):
        catalog = assistant.library.catalog
        resolve = resolver(catalog)
        resolved = [case.with_ids(resolve) for case in cases]
        missing = missing_gold(resolved, catalog)
        if missing:
            warn(f"{len(missing)} gold articles are not in the library and count as misses, such as {missing[0]}")
        return run(asking(assistant), resolved, texts(catalog), keep), missing


class _Keeper:
    """Writes each result as soon as it is there, so that a run that is stopped has lost nothing."""

    def __init__(self, out: Path | None, total: int, on_progress: Callable[[Step], None]) -> None:
        self.path = out / "results.jsonl" if out else None
        self.total = total
        self.done = 0
        self.on_progress = on_progress
        if out:
            _make_folder(out)

    def __call__(self, result: Result) -> None:
        if self.path:
            line = json.dumps(result.to_json(), ensure_ascii=False) + "\n"
            _write(self.path, line, mode="a" if self.done else "w")
        self.done += 1
        self.on_progress(Step("ask", self.done, self.total))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror or error}. Choose another: --out DIR") from error


def _write(path: Path, text: str, mode: str = "w") -> None:
    try:
        # A lone surrogate, which a text may hold, is no UTF-8; JSON has an escape for it.
        with path.open(mode, encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}. Choose another folder: --out DIR"
        ) from error


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _title(questions: Path) -> str:
    return questions.resolve().parent.name if questions.name == QUESTIONS else questions.stem
