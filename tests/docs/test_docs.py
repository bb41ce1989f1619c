import re
import subprocess
from pathlib import Path

import click
import pytest

from tests.docs.commands import COMMANDS_PAGE, commands_page, every_command
from ui.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_commands_page_is_what_help_prints_now() -> None:
    assert COMMANDS_PAGE.read_text() == commands_page(), "run: python -m tests.docs.commands"


@pytest.mark.parametrize(("path", "command"), every_command(main), ids=lambda value: str(value))
def test_every_command_and_every_option_says_what_it_does(path: str, command: click.Command) -> None:
    assert command.help, path
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_readme_lists_files_that_exist() -> None:
    tree = (ROOT / "README.md").read_text().split("## The files")[1].split("```")[1]
    folder = ROOT
    for line in tree.strip().splitlines():
        name = line.split()[0]
        folder = ROOT if not line.startswith(" ") else folder
        assert (folder / name).exists(), line
        if name.endswith("/") and not line.startswith(" "):
            folder = ROOT / name


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [page.name[:4] for page in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(set(numbers)) == len(numbers)


def test_no_text_of_the_shared_folder_is_in_the_project(shared: Path) -> None:
    """Eight words in a row of the two real articles, quoted speech aside, stand nowhere in what we publish."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in tracked.splitlines() if name.endswith((".md", ".py", ".jsonl"))]
    ours = " ".join(_told(path.read_text(errors="ignore")) for path in paths if path.exists())
    for article in sorted((shared / "seeds").glob("*.txt")):
        words = _told(article.read_text()).split()
        for i in range(len(words) - 7):
            assert " ".join(words[i : i + 8]) not in ours


def _told(text: str) -> str:
    """Return the words of a text, each paragraph's quoted speech replaced by a mark that stands in no text."""
    return _words(re.sub(r"[\"“][^\"”\n]*(?:[\"”]|$)", " quotedspeech ", text, flags=re.MULTILINE))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
