"""Cases -> a response each -> rows of results.jsonl; one case that fails is recorded, and the others go on."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.answering import Finished, Found
from assistant.serializing import answer_to_json
from evals.cases import Case
from evals.losing import lost_at
from evals.metrics import measure
from evals.stored import Stored, gold_places
from evals.values import Place, Response
from vectorstore import indexing
from vectorstore.catalog import Filter
from vectorstore.embedding import DEFAULT_MODEL
from vectorstore.errors import LibraryError, ModelError, UsageError
from vectorstore.library import LAYOUT
from vectorstore.reading import find_files

if TYPE_CHECKING:
    from assistant.answering import Assistant

SECONDS_TO_WAIT = 3600.0
SCORE_DECIMALS = 4

Respond = Callable[[Case], Response]
"""What is measured."""

Row = dict[str, Any]
"""A line of results.jsonl; docs/decisions/0011-evals.md has its layout."""


def respond_with(assistant: "Assistant", stored: Stored, *, per_document: bool = False) -> Respond:
    """Return what asks an assistant each case, with its history and its day.

    `per_document` asks it within its own article; see `Case.home`.
    """

    def respond(case: Case) -> Response:
        where = Filter(article=stored.resolve(home_of(case))) if per_document else None
        *before, last = assistant.stream(case.question, case.history, as_of=case.as_of, where=where)
        assert isinstance(last, Finished)
        found = next(event for event in before if isinstance(event, Found))
        cited = [item.citation for item in found.ranked]
        return Response(
            answer_to_json(last.answer, id=case.id),
            tuple(stored.place(hit.passage) for hit in found.hits),
            tuple(Place(one.article_id, one.start, one.end) for one in cited),
            tuple(round(item.score, SCORE_DECIMALS) for item in found.ranked),
        )

    return respond


def home_of(case: Case) -> str:
    """Return the article that a case is asked within; raises UsageError if there is none."""
    if case.home is None:
        raise UsageError(
            f"Case {case.id!r} cannot be asked within its article: it has neither gold_doc_ids nor "
            "meta.context_doc_id. Add one, or leave out --per-document"
        )
    return case.home


def ask(respond: Respond, case: Case, run: int, stored: Stored) -> Row:
    """Ask one case and return its row; any error is recorded there.

    Only LibraryError and ModelError are raised: every case would meet them again.
    """
    row: Row = {"id": case.id, "run": run, "case": case.to_json(), "answer": None, "trace": None}
    row["gold_places"] = [{**_place(place), "sentence": sentence} for place, sentence in gold_places(case, stored)]
    row |= {"metrics": {}, "lost": None, "error": None}
    try:
        response = respond(case)
        metrics = measure(case, response, stored.text)
        lost = lost_at(case, response, metrics, stored.text)
    except (LibraryError, ModelError):
        raise
    except Exception as error:  # noqa: BLE001  a bug that one question finds must not lose the hours of the others
        return row | {"error": f"{type(error).__name__}: {error}"}
    return row | {"answer": response.answer, "trace": _trace(response), "metrics": metrics, "lost": lost}


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


def _trace(response: Response) -> dict[str, Any]:
    return {
        "passages": [_place(place) for place in response.passages],
        "sentences": [
            {**_place(place), "score": score} for place, score in zip(response.sentences, response.scores, strict=True)
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return {"article_id": place.article_id, "start": place.start, "end": place.end}
