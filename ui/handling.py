"""The one handler at the top of the program: every error becomes a sentence and an exit status."""

import functools
import os
import sys
from collections.abc import Callable
from typing import Any

import click

EXIT_ERROR = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def handled(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command end in a sentence on standard error, never in a traceback.

    FOOTNOTE_DEBUG=1 lets the traceback through, for a report of a bug.
    """

    @functools.wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        from vectorstore.errors import FootnoteError, UsageError

        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except UsageError as error:
            _end(f"Error: {error}", EXIT_USAGE)
        except FootnoteError as error:
            _end(f"Error: {error}", EXIT_ERROR)
        except KeyboardInterrupt:
            _end("Interrupted. Nothing is lost: the same command goes on where this one stopped.", EXIT_INTERRUPTED)
        except BrokenPipeError:
            # The reader of our output has gone (footnote list | head); there is nobody to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(EXIT_ERROR)
        except Exception as error:  # the last handler: a person must not see a traceback
            if os.environ.get("FOOTNOTE_DEBUG"):
                raise
            _end(
                f"Error: {type(error).__name__}: {error}\nThis is a bug in footnote. Run the command again with "
                "FOOTNOTE_DEBUG=1 and report what it prints.",
                EXIT_ERROR,
            )

    return wrapper


def _end(message: str, status: int) -> None:
    click.echo(message, err=True)
    sys.exit(status)
