"""Progress bars on standard error, with rate and time left; none where that is not a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from vectorstore.indexing import Progress


@contextmanager
def indexing_progress() -> Iterator[Callable[[Progress], None]]:
    """Show how far an indexing is."""
    with progress_bar("Indexing", unit="passages") as advance:
        yield lambda progress: advance(progress.done, progress.total, progress.passages)


@contextmanager
def progress_bar(label: str, unit: str) -> Iterator[Callable[[float, float, int], None]]:
    """Yield a function of (done, total, units done) that draws a bar, or nothing."""
    if not sys.stderr.isatty():
        yield lambda done, total, units: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            units = task.fields["units"]
            speed = units / task.elapsed if task.elapsed else 0.0
            return Text(f"{units} {unit}, {speed:.0f}/s")

    columns: list[Any] = [
        TextColumn(label),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        Rate(),
        TimeRemainingColumn(),
    ]
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None, units=0)
        yield lambda done, total, units: bar.update(task, completed=done, total=total, units=units)
