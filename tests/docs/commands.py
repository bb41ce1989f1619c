"""Writes docs/commands.md from `--help`: python -m tests.docs.commands."""

from pathlib import Path

import click

from ui.cli import main

COMMANDS_PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


def every_command(command: click.Command, path: str = "footnote") -> list[tuple[str, click.Command]]:
    """Return a command and all commands below it, with what is typed to run them."""
    found = [(path, command)]
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            found += every_command(below, f"{path} {name}")
    return found


def commands_page() -> str:
    """Return the page: the help of every command."""
    parts = ["# The commands\n\nWritten by `python -m tests.docs.commands` from what `--help` prints.\n"]
    for path, command in every_command(main):
        context = click.Context(command, info_name=path, terminal_width=100, **main.context_settings)
        parts.append(f"## `{path}`\n\n```\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    COMMANDS_PAGE.write_text(commands_page())
