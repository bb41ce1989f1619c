"""The commands that measure the assistant: footnote eval run and new; those that read runs are beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ui.eval_gate_commands import add_to
from ui.handling import handled

EXIT_GATE = 4
_PATH = click.Path(path_type=Path)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group("eval")
def eval_group() -> None:
    """Measure the assistant on questions with known answers."""


@eval_group.command("run")
@click.option("--cases", type=_PATH, help="Questions: a .jsonl file, or a folder.  [default: the sample questions]")
@click.option(
    "--documents",
    type=_PATH,
    multiple=True,
    help="What the questions are about; may be given again.  [default: beside the questions]",
)
@click.option("--library", type=_FOLDER, help="Ask this library as it is instead.")
@click.option("--per-document", is_flag=True, help="Ask each question within its own article.")
@click.option("--limit", type=click.IntRange(1), help="Ask only so many questions, drawn with the seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the drawing, and for the intervals.")
@click.option(
    "--runs", type=click.IntRange(1), default=1, show_default=True, help="Ask so often, and report the spread."
)
@click.option("--by", help="Report by groups: a key of the questions' meta, or week_parity.")
@click.option("--allow-missing-gold", is_flag=True, help="Count gold sentences that have gone as misses.")
@click.option("--name", help="Name of the run.  [default: that of the questions]")
@click.option("--out", type=_FOLDER, help="Write the run here.  [default: runs/TIME-NAME]")
@click.option("--model", help="Chat model that writes (or FOOTNOTE_MODEL); see footnote models.")
@click.option("--base-url", help="Address of the chat model's server (or FOOTNOTE_BASE_URL).")
@click.option("--nli", help="A CrossEncoder to check what is written (or FOOTNOTE_NLI).")
@click.option("--gate", type=_PATH, help="Exit with status 4 unless the thresholds of this file are met.")
@click.option("--baseline", type=_PATH, help="Exit with status 4 if it is worse than this file says.")
@click.pass_context
@handled
def eval_run(
    ctx: click.Context,
    cases: Path | None,
    documents: Sequence[Path],
    library: Path | None,
    gate: Path | None,
    baseline: Path | None,
    model: str | None,
    base_url: str | None,
    nli: str | None,
    **options: Any,
) -> None:
    """Ask every question of a set; print and write how the answers did, with counts and 95 % intervals.

    The library of a set is made once, and kept in the cache folder. A run that was stopped goes on
    when the same command is typed again. A run whose citations do not all resolve, or in which a
    question failed, ends with status 4, as one does that a gate stops.

    \b
    footnote eval run                                     the sample questions on the sample library
    footnote eval run --cases ../shared/data/qed_dev --limit 200
    footnote eval run --cases cases.jsonl --library .footnote --gate gate.toml --baseline baseline.json
    """
    from functools import partial

    from assistant import open_assistant
    from evals.baseline import read_baseline
    from evals.command import Console, run_command
    from evals.gate import check_run
    from evals.gate_rules import read_rules
    from evals.identity import RunOptions
    from evals.reports import write_reports
    from ui.progress import progress_bar
    from vectorstore.errors import FootnoteError

    if gate:
        read_rules(gate)  # what is wrong with it is better known before an hour of asking
    if baseline:
        read_baseline(baseline)
    opener = partial(open_assistant, model=model, base_url=base_url, nli=nli)
    with progress_bar("Evaluating", unit="done") as advance:
        console = Console(
            click.echo,
            warn=lambda text: click.echo(f"Warning: {text}", err=True),
            on_progress=lambda step: advance(step.done, step.total, step.done),
        )
        run = run_command(cases, documents, library, RunOptions(**options), console, opener=opener)
    try:
        result = check_run(run.folder, gate, baseline)
    except FootnoteError:  # the baseline is over other cases: the run itself is whole
        write_reports(run.folder)
        raise
    write_reports(run.folder, result)
    click.echo(f"\nWritten to {run.folder}")
    if gate or baseline or not result.passed:
        click.echo(f"\n{result.text}")
    if not result.passed:
        ctx.exit(EXIT_GATE)


@eval_group.command("new")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from-answers", type=_PATH, help="Answers, as footnote ask --batch or --json prints them.")
@click.option(
    "--from-csv", type=_PATH, help="A table: question, answer (several parted by |), answerable, article, sentence, id."
)
@click.option("--ask", "questions", multiple=True, help="Ask this question; may be given again.")
@click.option("--feedback", is_flag=True, help="The answers that people rated on the page of the library.")
@click.option("--library", type=_FOLDER, help="The library to ask, or that was asked.  [default: .footnote]")
@click.option("--yes", is_flag=True, help="Approve every answer, and every refusal, without being asked.")
@handled
def eval_new(
    out: Path,
    from_answers: Path | None,
    from_csv: Path | None,
    questions: Sequence[str],
    feedback: bool,
    library: Path | None,
    yes: bool,
) -> None:
    """Add cases to OUT, a .jsonl file, from answers that you approve, or from a table.

    Of an answer that you approve, the cited sentences become those that a right answer cites. Of a
    refusal that you approve, a question becomes one that has no answer. Thumbs up on the page are
    approvals already; answers with thumbs down are written beside OUT, to be looked at.

    \b
    footnote eval new cases.jsonl --ask "Who is Peter Humphrey?"
    footnote ask --batch questions.jsonl > answers.jsonl
    footnote eval new cases.jsonl --from-answers answers.jsonl
    footnote eval new cases.jsonl --from-csv cases.csv
    footnote eval new cases.jsonl --feedback --library .footnote
    """
    from evals import making
    from ui.approving import approver
    from ui.rated import cases_of_feedback

    if sum(map(bool, (from_answers, from_csv, questions, feedback))) != 1:
        raise click.UsageError("Give one of --from-answers FILE, --from-csv FILE, --ask QUESTION and --feedback")
    made: Sequence[making.Line]
    if feedback:
        made = cases_of_feedback(out, library)
    elif from_csv:
        made = making.from_csv(from_csv)
    else:
        decide = making.approve_all if yes else approver()
        answers = making.read_answers(from_answers) if from_answers else making.ask(questions, library)
        made = making.from_answers(answers, decide)
    added = making.append(out, made)
    click.echo(f"{added} {'case' if added == 1 else 'cases'} added to {out}")


add_to(eval_group)
