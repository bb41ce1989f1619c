"""The routes of the evals tab: the runs that `footnote eval run` wrote, and their reports; nothing is computed anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from evals.command import RUNS
from evals.keeping import RUN, SUMMARY
from evals.reports import write_reports
from evals.runs import read_run
from evals.wording import meaning, plural, shown
from ui.web.guarding import person_of
from vectorstore.errors import UsageError

REPORT = "report.html"
# The report holds what articles and models say, and brings a stricter policy of its own for its one script. In the
# sandbox it can reach neither the page around it nor the server.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
)
FIGURES = {
    "right": "Right",
    "citation_precision": "Cited precisely",
    "citation_recall": "Cited fully",
    "citation_f1": "Cited, F1",
    "abstained_right": "Refused rightly",
    "validity": "Citations valid",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the table says of a run folder; `problem` is why it cannot be read, or empty."""

    folder: str
    started: str
    summary: Mapping[str, Any]
    problem: str = ""


class Runs:
    """The run folders in a folder, each read once for every change of its summary."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[int, Told]] = {}

    def all(self) -> list[Told]:
        """Return what there is to tell of every run, newest first."""
        self._read = {name: self._tell(name, folder) for name, folder in self.folders().items()}
        return sorted(
            (told for _, told in self._read.values()), key=lambda one: (one.started, one.folder), reverse=True
        )

    def folders(self) -> dict[str, Path]:
        """Return the run folders by their names."""
        if not self._folder.is_dir():
            return {}
        return {
            path.name: path for path in self._folder.iterdir() if (path / SUMMARY).exists() or (path / RUN).exists()
        }

    def report(self, name: str) -> Path | None:
        """Return a run's report, made again where it is missing or older than the run; None for an unknown run."""
        folder = self.folders().get(name)
        if folder is None:
            return None
        report = folder / REPORT
        if not report.is_file() or report.stat().st_mtime_ns < _changed(folder):
            write_reports(folder)
        return report

    def _tell(self, name: str, folder: Path) -> tuple[int, Told]:
        changed = _changed(folder)
        known = self._read.get(name)
        if known is not None and known[0] == changed and not known[1].problem:
            return known
        try:
            summary = read_run(folder).summary
        except UsageError as error:
            return changed, Told(name, name, {}, str(error).replace(f"{folder}/", "").replace(str(folder), name))
        return changed, Told(name, str(summary["timings"]["started"]), summary)


def routes(runs: Path = RUNS) -> APIRouter:
    """Return the routes under /evals; `runs` is where `footnote eval run` writes."""
    router = APIRouter(prefix="/evals", dependencies=[Depends(person_of)])
    found = Runs(runs)

    @router.get("/runs")
    def table() -> HTMLResponse:
        return HTMLResponse(draw_runs(found.all()))

    @router.get("/{run}/report.html")
    def report(run: str) -> Response:
        path = found.report(run)
        if path is None:
            sentence = "There is no such run any more. Load the page again to see which there are."
            return JSONResponse({"error": {"message": sentence}}, 404)
        return FileResponse(path, media_type="text/html", headers={"Content-Security-Policy": POLICY})

    return router


def draw_runs(runs: list[Told]) -> str:
    """Return the table of runs, or what to do where there is none."""
    if not runs:
        return (
            '<div class="empty"><h3>No evals have been run yet</h3><p>Type <code>footnote eval run</code> in the '
            "terminal where footnote was started: it asks the sample questions, and the answers are kept here. To ask "
            "your own, see <code>footnote eval run --help</code>.</p></div>"
        )
    headings = "".join(
        f'<th scope="col" title="{escape(meaning(name))}">{words}</th>' for name, words in FIGURES.items()
    )
    return (
        '<div class="runs" role="region" aria-label="Runs" tabindex="0"><table><thead><tr><th scope="col">Run</th>'
        f'<th scope="col">When</th><th scope="col">Questions</th>{headings}<th scope="col">Model</th></tr></thead>'
        f"<tbody>{''.join(map(_draw_run, runs))}</tbody></table></div>"
    )


def _draw_run(told: Told) -> str:
    if told.problem:
        return (
            f'<tr class="unread"><th scope="row" dir="auto">{escape(told.folder)}</th>'
            f'<td colspan="{len(FIGURES) + 3}">{escape(told.problem)}</td></tr>'
        )
    summary = told.summary
    figures = "".join(_draw_figure(name, summary["figures"].get(name)) for name in FIGURES)
    model = summary["models"].get("chat") or "quoting"
    address = escape(f"evals/{quote(told.folder, safe='')}/{REPORT}")
    return (
        f'<tr><th scope="row"><button type="button" data-report="{address}" dir="auto">{escape(str(summary["name"]))}'
        f"</button></th><td>{escape(told.started[:16].replace('T', ' '))}</td><td>{summary['n']:,}</td>{figures}"
        f'<td class="model" dir="auto">{escape(str(model))}</td></tr>'
    )


def _draw_figure(name: str, figure: Mapping[str, float] | None) -> str:
    if figure is None:
        return '<td><span aria-label="no question of this kind">–</span></td>'
    low, high, n = shown(name, figure["low"]), shown(name, figure["high"]), plural(int(figure["n"]), "question")
    return f'<td title="{low} to {high} (95 % interval), of {n}">{shown(name, figure["value"])}</td>'


def _changed(folder: Path) -> int:
    try:
        return (folder / SUMMARY).stat().st_mtime_ns
    except OSError:
        return 0
