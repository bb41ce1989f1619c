"""The command line. `--help` must be quick, so each command imports what it needs when it runs."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.handling import handled

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from vectorstore.catalog import Filter

EXIT_ABSTAINED = 3
VERSION_OF = "footnote-assistant"


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2013-12-04", param, ctx)


def _library_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--library",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="FOOTNOTE_LIBRARY",
        default=".footnote",
        show_default=True,
        help="Folder of the library (or FOOTNOTE_LIBRARY).",
    )(command)


def _asking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--k", type=click.IntRange(1, 200), default=20, show_default=True, help="Passages to read."),
        click.option("--source", help="Only articles whose source contains this."),
        click.option("--until", type=_Day(), help="Only articles published on this day or before."),
        click.option("--since", type=_Day(), help="Only articles published on this day or later."),
        click.option(
            "--as-of", type=_Day(), help="The day of asking, from which 'recently' is read.  [default: today]"
        ),
        click.option("--embedding", help="Embedding model, if the one that made the library has moved."),
        _library_option,
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name=VERSION_OF, prog_name="footnote")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Ask a library of articles; every sentence of an answer is footnoted to the sentence that says so.

    \b
    footnote index articles/                  read files and folders into ./.footnote
    footnote ask "Who is Peter Humphrey?"     one answer, with its footnotes
    footnote chat                             a conversation
    footnote ui                               the same in a web page
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False


@main.command("index")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@_library_option
@click.option("--prune", is_flag=True, help="Remove articles whose file is gone.")
@click.option("--rebuild", is_flag=True, help="Make all that is derived again from the stored articles.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processor cores to use.  [default: all]")
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=600.0,
    show_default=True,
    help="Seconds to wait for another process that is indexing.",
)
@click.option("--embedding", help="Embedding model: a sentence-transformers name or path.")
@handled
def index_command(
    paths: Sequence[Path],
    library: Path,
    prune: bool,
    rebuild: bool,
    jobs: int | None,
    wait: float,
    embedding: str | None,
) -> None:
    """Add or update the articles of PATHS, files or folders.

    Reads .txt, .md, .html and .jsonl. What has not changed is skipped; an interrupted run goes on
    where it stopped.

    \b
    footnote index articles/ notes.md
    footnote index articles/ --prune          also forget articles whose file is gone
    footnote index --rebuild                  after a change of the embedding model, or a damaged disk
    """
    from ui.progress import indexing_progress
    from vectorstore.indexing import index

    if not paths and not rebuild and not prune:
        raise click.UsageError("Name what to index: footnote index PATH...")

    def on_wait() -> None:
        click.echo("Another process is indexing this library; waiting for it to end ...", err=True)

    with indexing_progress() as on_progress:
        report = index(
            library,
            paths,
            model=embedding,
            prune=prune,
            rebuild=rebuild,
            threads=jobs,
            wait=wait,
            on_wait=on_wait,
            on_progress=on_progress,
        )
    counts = {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "the same as another": report.same,
        "removed": report.removed,
        "failed": len(report.failed),
    }
    shown = [f"{count} {name}" for name, count in counts.items() if count or name == "added"]
    click.echo(f"Articles in {library}: {', '.join(shown)}.")
    for note in report.notes:
        click.echo(f"Note: {note}", err=True)
    for failure in report.failed:
        click.echo(f"Not indexed: {failure}", err=True)
    if report.failed:
        sys.exit(1)


@main.command()
@click.argument("question", required=False)
@_asking_options
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON, version 1.")
@click.option(
    "--batch",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Answer each line of a .jsonl file, a JSON line each.",
)
@handled
def ask(question: str | None, as_json: bool, batch: Path | None, **asking: Any) -> None:
    """Answer QUESTION from the library, or say that it holds no answer (exit status 3).

    \b
    footnote ask "Who is Peter Humphrey?"
    footnote ask "What happened this week?" --as-of 2015-09-25 --source BBC
    echo "Who is Peter Humphrey?" | footnote ask - --json
    footnote ask --batch questions.jsonl > answers.jsonl
    """
    if (question is None) == (batch is None):
        raise click.UsageError('Give a question, or --batch FILE: footnote ask "Who is Peter Humphrey?"')
    if batch is not None:
        from ui.batch import answer_batch

        answer_batch(batch, _open(asking), as_of=asking["as_of"], where=_filter(asking), k=asking["k"])
        return
    if question == "-":
        question = sys.stdin.read().strip()
    assert question is not None
    answer = _open(asking).answer(question, as_of=asking["as_of"], where=_filter(asking), k=asking["k"])
    if as_json:
        from assistant.serializing import answer_to_json

        click.echo(json.dumps(answer_to_json(answer), ensure_ascii=False))
    else:
        from ui.rendering import render_answer

        click.echo(render_answer(answer, _width()))
    if answer.abstained:
        sys.exit(EXIT_ABSTAINED)


@main.command()
@_asking_options
@handled
def chat(**asking: Any) -> None:
    """Hold a conversation: follow-ups such as "Is he still being held?" are understood.

    Type /new to begin a new conversation, /quit (or end of input) to leave.
    """
    from assistant.values import Turn
    from ui.rendering import render_answer
    from vectorstore.errors import FootnoteError

    assistant = _open(asking)
    history: list[Turn] = []
    for line in _lines():
        if line == "/quit":
            break
        if line == "/new":
            history = []
            continue
        try:
            answer = assistant.answer(line, history, as_of=asking["as_of"], where=_filter(asking), k=asking["k"])
        except FootnoteError as error:
            click.echo(f"Error: {error}", err=True)
            continue
        click.echo(f"\n{render_answer(answer, _width())}\n")
        history += [Turn("user", line), Turn("assistant", "" if answer.abstained else answer.text)]


@main.command("list")
@_library_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@handled
def list_command(library: Path, as_json: bool) -> None:
    """List the articles: id, date, number of sentences, title, source."""
    from dataclasses import asdict

    from ui.rendering import render_listing
    from vectorstore.catalog import Catalog

    listing = Catalog.open(library).listing()
    if as_json:
        click.echo(json.dumps([asdict(item) for item in listing], ensure_ascii=False))
    elif listing:
        click.echo(render_listing(listing))
    else:
        click.echo("The library is empty. Add articles: footnote index PATH", err=True)


@main.command()
@click.argument("article")
@_library_option
@click.option("--json", "as_json", is_flag=True, help="Print the article and its sentences as JSON.")
@handled
def show(article: str, library: Path, as_json: bool) -> None:
    """Show ARTICLE, by its id, sentence by sentence."""
    from ui.rendering import render_article
    from vectorstore.catalog import Catalog

    catalog = Catalog.open(library)
    stored = catalog.article(catalog.resolve(article))
    if not as_json:
        click.echo(render_article(stored, _width()))
        return
    whole = stored.article
    click.echo(
        json.dumps(
            {
                "id": whole.id,
                "title": whole.title,
                "published": whole.published,
                "source": whole.source,
                "text": whole.text,
                "sentences": [
                    {"ordinal": s.ordinal, "start": s.start, "end": s.end, "text": stored.quote(s.ordinal)}
                    for s in stored.sentences
                ],
            },
            ensure_ascii=False,
        )
    )


@main.command()
@click.argument("articles", nargs=-1, required=True)
@_library_option
@handled
def remove(articles: Sequence[str], library: Path) -> None:
    """Remove ARTICLES, by their ids, from the library. Their files stay where they are."""
    from vectorstore.library import Library

    opened = Library.open(library)
    with opened.writing(wait=60):
        ids = list(dict.fromkeys(opened.catalog.resolve(article) for article in articles))
        opened.remove(ids)
    click.echo(f"Removed {', '.join(ids)}.")


@main.command()
@_library_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@handled
def status(library: Path, as_json: bool) -> None:
    """Say what is in the library, and whether it is whole (exit status 1 if not)."""
    from dataclasses import asdict

    from ui.rendering import render_status
    from vectorstore.library import Library

    found = Library.open(library).status()
    click.echo(json.dumps(asdict(found), default=str) if as_json else render_status(found))
    if found.problems:
        sys.exit(1)


@main.group("eval")
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


@main.command("ui")
@_library_option
@click.option("--port", type=click.IntRange(1, 65535), default=7860, show_default=True, help="Port on this machine.")
@click.option("--open/--no-open", "open_browser", default=False, help="Open the page in a browser.")
@handled
def ui_command(library: Path, port: int, open_browser: bool) -> None:
    """Serve the web page on this machine, http://127.0.0.1:7860."""
    from assistant.assembly import open_assistant
    from ui.page import serve

    serve(open_assistant(library), port=port, open_browser=open_browser)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a SHELL.

    \b
    footnote completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "footnote", "_FOOTNOTE_COMPLETE").source())


def _open(asking: dict[str, Any]) -> "Assistant":
    from assistant.assembly import open_assistant

    return open_assistant(asking["library"], embedding=asking["embedding"])


def _filter(asking: dict[str, Any]) -> "Filter":
    from vectorstore.catalog import Filter

    def day(name: str) -> str | None:
        return asking[name].isoformat() if asking[name] else None

    return Filter(day("since"), day("until"), asking["source"])


def _width() -> int:
    import shutil

    return min(100, shutil.get_terminal_size((80, 24)).columns)


def _lines() -> Iterator[str]:
    """Yield what is typed, with line editing where there is a terminal."""
    if sys.stdin.isatty():
        import readline  # noqa: F401  # gives input() its history and editing keys
    while True:
        try:
            line = input("> " if sys.stdin.isatty() else "").strip()
        except (EOFError, KeyboardInterrupt):
            return
        if line:
            yield line
