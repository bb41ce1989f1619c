"""The command line. `--help` must be quick, so each command imports what it needs when it runs."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.eval_commands import eval_group
from ui.handling import handled
from ui.library_commands import index_command, list_command, remove, show, status
from ui.model_commands import models_group
from ui.options import library_option, width
from ui.user_commands import users_group

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from assistant.values import Answer, Turn
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


_MODEL_OPTIONS = ("model", "base_url", "nli", "reader", "risk")
_model_options = (
    click.option(
        "--risk",
        type=click.FloatRange(0, 1),
        help="Share of answers that may be wrong, such as 0.2; less answers less.",
    ),
    click.option("--reader", help="A CrossEncoder to read with, by name or path (or FOOTNOTE_READER)."),
    click.option("--nli", help="A CrossEncoder to check what is written, by name or path (or FOOTNOTE_NLI)."),
    click.option("--base-url", help="Address of the chat model's server (or FOOTNOTE_BASE_URL)."),
    click.option(
        "--model", help="Chat model that writes, such as ollama:llama3.2 (or FOOTNOTE_MODEL); see footnote models."
    ),
)


def _with_model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in _model_options:
        command = option(command)
    return command


def _asking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--k", type=click.IntRange(1, 200), default=16, show_default=True, help="Passages to read."),
        click.option("--source", help="Only articles whose source contains this."),
        click.option("--until", type=_Day(), help="Only articles published on this day or before."),
        click.option("--since", type=_Day(), help="Only articles published on this day or later."),
        click.option(
            "--as-of", type=_Day(), help="The day of asking, from which 'recently' is read.  [default: today]"
        ),
        *_model_options,
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


for command in (index_command, list_command, show, remove, status, models_group, eval_group, users_group):
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
    footnote ask "Who is Peter Humphrey?" --model llama.cpp:qwen2.5-coder-1.5b
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
    if as_json:
        from assistant.serializing import answer_to_json

        answer = _open(asking).answer(question, as_of=asking["as_of"], where=_filter(asking), k=asking["k"])
        click.echo(json.dumps(answer_to_json(answer), ensure_ascii=False))
    else:
        answer = _show(_open(asking), question, (), asking)
    if answer.abstained:
        sys.exit(EXIT_ABSTAINED)


@main.command()
@_asking_options
@handled
def chat(**asking: Any) -> None:
    """Hold a conversation: follow-ups such as "Is he still being held?" are understood.

    Type /new to begin a new conversation, /quit (or end of input) to leave. Ctrl-C stops an answer.
    """
    from assistant.values import Turn
    from vectorstore.errors import FootnoteError

    assistant = _open(asking)
    history: list[Turn] = []
    for line in _lines():
        if line == "/quit":
            break
        if line == "/new":
            history = []
            continue
        click.echo()
        try:
            answer = _show(assistant, line, history, asking)
        except FootnoteError as error:
            click.echo(f"Error: {error}", err=True)
            continue
        except KeyboardInterrupt:
            click.echo("\nStopped.", err=True)
            continue
        click.echo()
        history += [Turn("user", line), Turn("assistant", "" if answer.abstained else answer.text)]


@main.command("ui")
@library_option
@_with_model_options
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to serve at; beyond this machine people sign in."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=7860,
    show_default=True,
    help="Port to serve at; 0 takes a free one.",
)
@click.option("--open/--no-open", "open_browser", default=False, help="Open the page in a browser.")
@handled
def ui_command(library: Path, host: str, port: int, open_browser: bool, model: str | None, **options: Any) -> None:
    """Serve the web page, and the same to other programs, at http://127.0.0.1:7860.

    A library that is not there is made, and is filled from the page. To serve other people than yourself, give each a
    name with footnote users add.

    \b
    footnote ui --open
    footnote ui --model llama.cpp:qwen2.5-coder-1.5b
    footnote users add ana && footnote ui --host 0.0.0.0
    """
    try:
        from ui.web.serving import serve
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"The page needs {error.name}. Type: pip install 'footnote-assistant[ui]'"
        ) from error

    chosen = model or os.environ.get("FOOTNOTE_MODEL") or ""
    serve(library, model="" if chosen == "none" else chosen, host=host, port=port, open_browser=open_browser, **options)


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

    chosen = {name: asking[name] for name in _MODEL_OPTIONS}
    return open_assistant(asking["library"], embedding=asking["embedding"], **chosen)


def _show(assistant: "Assistant", question: str, history: "Sequence[Turn]", asking: dict[str, Any]) -> "Answer":
    """Print an answer, in a terminal while it is written, and return it."""
    from ui.rendering import render_answer
    from ui.streaming import show

    given = {"as_of": asking["as_of"], "where": _filter(asking), "k": asking["k"]}
    if assistant.writing and sys.stdout.isatty():
        return show(question, assistant.stream(question, history, **given), width())
    answer = assistant.answer(question, history, **given)
    click.echo(render_answer(answer, width()))
    return answer


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
