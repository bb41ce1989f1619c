"""The commands that read finished runs: footnote eval compare, report and baseline."""

from collections.abc import Sequence
from pathlib import Path

import click

from ui.handling import handled

_RUN = click.Path(path_type=Path)


def add_to(group: click.Group) -> None:
    """Add the commands to `footnote eval`."""
    for command in (eval_compare, eval_report, eval_baseline):
        group.add_command(command)


@click.command("compare")
@click.argument("base", type=_RUN)
@click.argument("new", type=_RUN)
@handled
def eval_compare(base: Path, new: Path) -> None:
    """Say which cases NEW won and lost against BASE, two run folders, and which metrics differ.

    Both must be of the same cases and articles (exit status 2).

    \b
    footnote eval compare runs/20240105-101500-seeds runs/20240106-090000-seeds
    """
    from evals.comparing import compare, render
    from evals.runs import read_run

    click.echo(render(compare(read_run(base), read_run(new))))


@click.command("report")
@click.argument("runs", type=_RUN, nargs=-1, required=True)
@click.option("--table", type=_RUN, help="Write one Markdown table of all RUNS here instead.")
@handled
def eval_report(runs: Sequence[Path], table: Path | None) -> None:
    """Write report.md, report.html and junit.xml of each of RUNS again, from the run's files alone.

    \b
    footnote eval report runs/20240105-101500-seeds
    footnote eval report runs/*-seeds runs/*-qed_dev --table docs/results.md
    """
    from evals.reports import results_page, write_reports
    from vectorstore.errors import UsageError

    if table is None:
        for run in runs:
            for path in write_reports(run):
                click.echo(path)
        return
    page = results_page(runs, command="footnote eval report RUN ... --table FILE")
    try:
        table.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"{table} cannot be written: {error.strerror or error}. Choose another: --table FILE"
        ) from error
    click.echo(table)


@click.command("baseline")
@click.argument("run", type=_RUN)
@click.option("--out", type=_RUN, required=True, help="The baseline file to write.")
@handled
def eval_baseline(run: Path, out: Path) -> None:
    """Make RUN what later runs are held against, and print what that changes.

    The file has a line a case, so that a reviewer can read its diff.

    \b
    footnote eval baseline runs/20240105-101500-seeds --out evals/baselines/seeds.json
    """
    from evals.baseline import baseline_of, read_baseline, what_changed, write_baseline
    from evals.runs import read_run

    new = baseline_of(read_run(run))
    said = what_changed(read_baseline(out), new) if out.exists() else f"{len(new.rows):,} cases."
    write_baseline(new, out)
    click.echo(f"{out}\n{said}")
