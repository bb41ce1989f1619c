import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ui.user_commands import users_group
from ui.web.users import Users
from vectorstore.library import Library

PASSWORD = "correct horse battery"


@pytest.fixture
def folder(library: Library) -> Path:
    return library.folder


def run(folder: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(users_group, [*arguments, "--library", str(folder)], input=typed)


def test_a_user_is_added_with_one_line_of_standard_input(folder: Path) -> None:
    result = run(folder, "add", "ann", typed=f"{PASSWORD}\r\nmore\n")
    assert (result.exit_code, result.stdout) == (0, "Added ann.\n")
    assert Users(folder / "users.json").check("ann", PASSWORD)


def test_spaces_around_a_password_belong_to_it(folder: Path) -> None:
    run(folder, "add", "ann", typed="  spaces around  \n")
    assert Users(folder / "users.json").check("ann", "  spaces around  ")


def test_another_password_is_said_to_end_what_was_before(folder: Path) -> None:
    run(folder, "add", "ann", typed=f"{PASSWORD}\n")
    result = run(folder, "add", "ann", typed="another password\n")
    assert result.stdout == "ann has another password. Sessions and tokens from before have ended.\n"
    assert Users(folder / "users.json").check("ann", "another password")


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [("../x", PASSWORD, "cannot be a user's name"), ("ann", "short", "10 characters"), ("ann", "", "10 characters")],
)
def test_a_name_or_password_that_will_not_do_is_a_mistake_of_usage(
    folder: Path, name: str, typed: str, said: str
) -> None:
    result = run(folder, "add", name, typed=typed)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (folder / "users.json").exists()


def test_a_password_is_never_an_argument(folder: Path) -> None:
    assert run(folder, "add", "ann", PASSWORD).exit_code == 2


def test_names_are_listed_a_line_each(folder: Path) -> None:
    for name in ("cem", "ann"):
        run(folder, "add", name, typed=f"{PASSWORD}\n")
    result = run(folder, "list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "ann\ncem\n", "")


def test_an_empty_list_says_how_to_begin(folder: Path) -> None:
    result = run(folder, "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "footnote users add NAME" in result.stderr


def test_a_user_is_removed_once(folder: Path) -> None:
    run(folder, "add", "ann", typed=f"{PASSWORD}\n")
    assert run(folder, "remove", "ann").stdout == "Removed ann, and 0 chats of theirs.\n"
    again = run(folder, "remove", "ann")
    assert again.exit_code == 2
    assert "footnote users list" in again.stderr


def test_a_token_is_printed_alone_so_that_it_can_be_piped(folder: Path) -> None:
    run(folder, "add", "ann", typed=f"{PASSWORD}\n")
    result = run(folder, "token", "ann")
    assert result.exit_code == 0
    assert Users(folder / "users.json").person_of_token(result.stdout.removesuffix("\n")) == "ann"
    assert run(folder, "token", "ben").exit_code == 2


@pytest.mark.parametrize("arguments", [["add", "ann"], ["list"], ["remove", "ann"], ["token", "ann"]])
def test_a_library_has_to_be_there_first(tmp_path: Path, arguments: list[str]) -> None:
    result = run(tmp_path / "none", *arguments, typed=f"{PASSWORD}\n")
    assert result.exit_code == 1
    assert "footnote index PATH" in result.stderr
    assert not (tmp_path / "none").exists()


def test_a_damaged_file_ends_in_a_sentence(folder: Path) -> None:
    (folder / "users.json").write_text("{")
    result = run(folder, "list")
    assert result.exit_code == 1
    assert "Put back a copy of the file" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_terminal_is_asked_for_the_password_twice_and_shows_nothing_of_it(folder: Path) -> None:
    ours, theirs = pty.openpty()
    command = "from ui.user_commands import users_group; users_group()"
    running = subprocess.Popen(
        [sys.executable, "-c", command, "add", "ann", "--library", str(folder)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    seen = read_until(ours, b"Password: ")
    os.write(ours, f"{PASSWORD}\n".encode())
    seen += read_until(ours, b"Once more: ")
    os.write(ours, f"{PASSWORD}\n".encode())
    seen += read_until(ours, b"Added ann.")
    assert running.wait(30) == 0
    os.close(ours)
    assert PASSWORD.encode() not in seen
    assert Users(folder / "users.json").check("ann", PASSWORD)


def read_until(descriptor: int, end: bytes) -> bytes:
    seen = b""
    while end not in seen:
        part = os.read(descriptor, 1000)
        assert part, seen
        seen += part
    return seen


@pytest.mark.parametrize("arguments", [["--help"], ["add", "--help"], ["token", "--help"]])
def test_help_has_examples(arguments: list[str]) -> None:
    assert "footnote users " in CliRunner().invoke(users_group, arguments).stdout
