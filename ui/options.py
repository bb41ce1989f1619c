"""What the commands share: options, and the width of the terminal."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def library_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take --library."""
    return click.option(
        "--library",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="FOOTNOTE_LIBRARY",
        default=".footnote",
        show_default=True,
        help="Folder of the library (or FOOTNOTE_LIBRARY).",
    )(command)


def width() -> int:
    """Return the columns to write to: the terminal's, at most 100."""
    return min(100, shutil.get_terminal_size((80, 24)).columns)
