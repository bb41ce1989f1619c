"""Cases -> an answer each -> scores; one case that fails is recorded, and the others go on."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.serializing import answer_to_json
from evals.cases import Case
from evals.metrics import measure
from evals.metrics.matching import TextOf
from vectorstore import indexing
from vectorstore.embedding import DEFAULT_MODEL
from vectorstore.errors import LibraryError, ModelError
from vectorstore.library import LAYOUT
from vectorstore.reading import find_files

if TYPE_CHECKING:
    from assistant.answering import Assistant

SECONDS_TO_WAIT = 3600.0

AnswerCase = Callable[[Case], Mapping[str, Any]]
"""What is measured: it gives the answer's JSON, version 1, for a case."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case: an answer with its scores, or an error and neither."""

    case: Case
    answer: Mapping[str, Any] | None
    scores: Mapping[str, float | None] = field(default_factory=dict)
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the row of results.jsonl."""
        return {"id": self.case.id, "answer": self.answer, "metrics": dict(self.scores), "error": self.error}


def run(
    answer: AnswerCase,
    cases: Sequence[Case],
    text_of: TextOf,
    on_result: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Ask every case in order, and score the answers; `on_result` gets each as soon as it is there.

    Any error of one case is recorded in its result. Only LibraryError and ModelError are raised:
    every case would meet them again.
    """
    results = []
    for case in cases:
        result = _run_case(answer, case, text_of)
        on_result(result)
        results.append(result)
    return results


def _run_case(answer: AnswerCase, case: Case, text_of: TextOf) -> Result:
    try:
        given = answer(case)
    except (LibraryError, ModelError):
        raise
    except Exception as error:  # noqa: BLE001  a bug that one question finds must not lose the hours of the others
        return Result(case, None, error=f"{type(error).__name__}: {error}")
    return Result(case, given, measure(case, given, text_of))


def asking(assistant: "Assistant") -> AnswerCase:
    """Return what asks an assistant each case, with its history and its day."""
    return lambda case: answer_to_json(assistant.answer(case.question, case.history, as_of=case.as_of), id=case.id)


def build_library(
    documents: Path | Sequence[Path],
    cache: Path,
    *,
    model: str | None = None,
    on_progress: Callable[[indexing.Progress], None] = lambda progress: None,
    warn: Callable[[str], None] = lambda text: None,
) -> Path:
    """Index documents into a folder of `cache` named by their content and the settings; return the folder.

    A folder that is there already is brought up to date, which takes little time and finishes what a
    killed run left. Another process that builds the same one is waited for. Raises as
    `vectorstore.indexing.index` does; `warn` gets what is wrong with a document.
    """
    paths = [documents] if isinstance(documents, Path) else list(documents)
    first = paths[0].resolve()
    folder = cache / f"{first.parent.name}-{first.stem}-{_key(paths, model or DEFAULT_MODEL)}"
    report = indexing.index(folder, paths, model=model, wait=SECONDS_TO_WAIT, on_progress=on_progress)
    for problem in (*map(str, report.failed), *report.notes):
        warn(problem)
    return folder


def _key(paths: Sequence[Path], model: str) -> str:
    """Hash what decides how documents are stored; a file's name counts, for it gives an article its id."""
    parts = [f"layout {LAYOUT}", f"model {model}"]
    for path in find_files(paths):
        with path.open("rb") as file:
            parts.append(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
