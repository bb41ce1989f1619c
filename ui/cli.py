"""The command line. `--help` must be quick, so each command imports what it needs when it runs."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.eval_commands import eval_group
from ui.handling import handled
from ui.library_commands import index_command, list_command, remove, show, status
from ui.options import library_option, width

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


_reader_options = (
    click.option(
        "--risk",
        type=click.FloatRange(0, 1),
        help="Share of answers that may be wrong, such as 0.2; less answers less.",
    ),
    click.option("--reader", help="A CrossEncoder to read with, by name or path (or FOOTNOTE_READER)."),
)


def _asking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--k", type=click.IntRange(1, 200), default=16, show_default=True, help="Passages to read."),
        click.option("--source", help="Only articles whose source contains this."),
        click.option("--until", type=_Day(), help="Only articles published on this day or before."),
        click.option("--since", type=_Day(), help="Only articles published on this day or later."),
        click.option(
            "--as-of", type=_Day(), help="The day of asking, from which 'recently' is read.  [default: today]"
        ),
        *_reader_options,
        click.option("--embedding", help="Embedding model, if the one that made the library has moved."),
        library_option,
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


for command in (index_command, list_command, show, remove, status, eval_group):
    main.add_command(command)


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

        click.echo(render_answer(answer, width()))
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
        click.echo(f"\n{render_answer(answer, width())}\n")
        history += [Turn("user", line), Turn("assistant", "" if answer.abstained else answer.text)]


@main.command("ui")
@library_option
@_reader_options[1]
@_reader_options[0]
@click.option("--port", type=click.IntRange(1, 65535), default=7860, show_default=True, help="Port on this machine.")
@click.option("--open/--no-open", "open_browser", default=False, help="Open the page in a browser.")
@handled
def ui_command(library: Path, port: int, open_browser: bool, reader: str | None, risk: float | None) -> None:
    """Serve the web page on this machine, http://127.0.0.1:7860."""
    from assistant.assembly import open_assistant
    from ui.page import serve

    serve(open_assistant(library, reader=reader, risk=risk), port=port, open_browser=open_browser)


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

    return open_assistant(
        asking["library"], embedding=asking["embedding"], reader=asking["reader"], risk=asking["risk"]
    )


def _filter(asking: dict[str, Any]) -> "Filter":
    from vectorstore.catalog import Filter

    def day(name: str) -> str | None:
        return asking[name].isoformat() if asking[name] else None

    return Filter(day("since"), day("until"), asking["source"])


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
