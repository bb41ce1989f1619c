"""A run folder -> report.md, report.html and junit.xml, made from its files alone."""

from pathlib import Path

from evals.gate import GateResult
from evals.reports.html import html_report
from evals.reports.junit import junit_report
from evals.reports.markdown import markdown_report, results_page
from evals.runs import read_run
from vectorstore.errors import UsageError

__all__ = ["results_page", "write_reports"]


def write_reports(run: Path, gate: GateResult | None = None) -> list[Path]:
    """Write the three reports of a run folder into it, and return them; `gate` is told in report.md.

    Raises UsageError where the folder is not whole or cannot be written.
    """
    found = read_run(run)
    reports = {
        run / "report.md": markdown_report(found, gate),
        run / "report.html": html_report(found),
        run / "junit.xml": junit_report(found),
    }
    for path, text in reports.items():
        try:
            # A lone surrogate, which a text may hold, is no UTF-8.
            path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}. Free the folder {run}") from error
    return list(reports)
