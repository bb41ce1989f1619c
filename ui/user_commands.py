"""The commands about people who sign in to a page that is served to others."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.handling import handled
from ui.options import library_option

if TYPE_CHECKING:
    from ui.web.users import Users


@click.group("users")
def users_group() -> None:
    """Say who may sign in to the web page of a library.

    Once there is a user, everybody has to sign in. A page that is being served takes changes at once.

    \b
    footnote users add ann
    footnote ui --host 0.0.0.0
    """


@users_group.command("add")
@click.argument("name")
@library_option
@handled
def users_add(name: str, library: Path) -> None:
    """Add the user NAME, or give NAME another password; the old one's sessions and tokens end then.

    The password is asked for, or read as one line from standard input where that is no terminal.

    \b
    footnote users add ann
    footnote users add ann --library articles.library < password.txt
    """
    users = _users(library)
    known = name in users.names()
    users.add(name, _password())
    click.echo(
        f"{name} has another password. Sessions and tokens from before have ended." if known else f"Added {name}."
    )


@users_group.command("list")
@library_option
@handled
def users_list(library: Path) -> None:
    """List the names of those who may sign in."""
    names = _users(library).names()
    for name in names:
        click.echo(name)
    if not names:
        click.echo("There are no users. Add one: footnote users add NAME", err=True)


@users_group.command("remove")
@click.argument("name")
@library_option
@handled
def users_remove(name: str, library: Path) -> None:
    """Remove the user NAME and NAME's chats; NAME's sessions and tokens end at once."""
    from ui.web.chats import Chats

    _users(library).remove(name)
    chats = Chats(library / "chats").delete_all(f"user:{name}")  # or who gets this name next would have them
    click.echo(f"Removed {name}, and {chats} chat{'' if chats == 1 else 's'} of theirs.")


@users_group.command("token")
@click.argument("name")
@library_option
@handled
def users_token(name: str, library: Path) -> None:
    """Print a new token, with which a program asks the library in NAME's place; it cannot be shown again.

    Tokens end when NAME gets another password.

    \b
    footnote users token ann
    curl http://127.0.0.1:7860/v1/models -H "Authorization: Bearer fn_..."
    """
    click.echo(_users(library).new_token(name))


def _users(library: Path) -> "Users":
    """Return the users of a library that exists; raises LibraryMissing."""
    from ui.web.users import USERS_FILE, Users
    from vectorstore.catalog import Catalog

    Catalog.open(library).close()
    return Users(library / USERS_FILE)


def _password() -> str:
    if sys.stdin.isatty():
        asked: str = click.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True)
        return asked
    return sys.stdin.readline().rstrip("\r\n")
