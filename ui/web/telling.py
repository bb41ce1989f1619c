"""What became of files that were indexed -> words for the person who added them."""

from pathlib import Path

from vectorstore.indexing import Report

FAILED = "failed"
_RESULTS = {"added": "added", "updated": "updated", "unchanged": "unchanged", "same": "the same as another"}


def result_of(report: Report) -> str:
    """Return what became of a file, by what most concerns the person: one of "added" ... "failed"."""
    return next((words for name, words in _RESULTS.items() if getattr(report, name)), FAILED)


def told_of_file(report: Report, path: Path) -> str:
    """Return what is to be said of a file besides its result: counts where it held several articles, and failures."""
    counts = {words: getattr(report, name) for name, words in _RESULTS.items() if getattr(report, name)}
    said = [", ".join(f"{count:,} {words}" for words, count in counts.items())] if sum(counts.values()) > 1 else []
    if report.failed:
        first = report.failed[0]
        place = f"line {first.line}: " if first.line else ""
        others = f" (and {len(report.failed) - 1:,} more)" if len(report.failed) > 1 else ""
        said.append(f"{'not all of it, ' if counts else ''}{place}{first.reason}{others}")
    said += [note.removeprefix(f"{path}: ") for note in report.notes[:3]]
    return "; ".join(said)


def summed_up(report: Report) -> str:
    """Return what an indexing did as one sentence."""
    counts = {
        "added": report.added,
        "updated": report.updated,
        "already there": report.unchanged,
        "the same as another": report.same,
        "failed": len(report.failed),
    }
    said = [f"{count:,} {words}" for words, count in counts.items() if count]
    return f"Articles: {', '.join(said)}." if said else "There was nothing to add."
