"""The commands that measure the assistant: footnote eval ..."""

from collections.abc import Sequence
from pathlib import Path

import click

from ui.handling import handled


@click.group("eval")
def eval_group() -> None:
    """Measure the assistant on questions with known answers."""


@eval_group.command("run")
@click.option(
    "--cases",
    type=click.Path(path_type=Path),
    help="Questions: a .jsonl file, or a folder.  [default: the sample questions]",
)
@click.option(
    "--documents",
    type=click.Path(path_type=Path),
    multiple=True,
    help="What the questions are about; may be given again.  [default: beside the questions]",
)
@click.option("--library", type=click.Path(path_type=Path, file_okay=False), help="Ask this library as it is instead.")
@click.option("--limit", type=click.IntRange(1), help="Ask only so many questions, drawn with the seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the drawing, and for the intervals.")
@click.option("--by", help="Report by groups: a key of the questions' meta, or week_parity.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write results.jsonl and summary.json here."
)
@handled
def eval_run(
    cases: Path | None,
    documents: Sequence[Path],
    library: Path | None,
    limit: int | None,
    seed: int,
    by: str | None,
    out: Path | None,
) -> None:
    """Ask every question of a set, and print how the answers did, with counts and 95 % intervals.

    The library of a set is made once, and kept in the cache folder.

    \b
    footnote eval run                                     the sample questions on the sample library
    footnote eval run --cases ../shared/data/qed_dev --limit 200 --out runs/qed
    """
    from evals.command import run_command
    from ui.progress import progress_bar

    with progress_bar("Evaluating", unit="done") as advance:
        run_command(
            cases,
            documents,
            library,
            limit,
            seed,
            out,
            click.echo,
            by=by,
            warn=lambda text: click.echo(f"Warning: {text}", err=True),
            on_progress=lambda step: advance(step.done, step.total, step.done),
        )
