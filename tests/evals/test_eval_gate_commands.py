"""footnote eval compare, report and baseline, on run folders that a fixture writes."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tests.evals.run_folder import outranked, right, write_run
from ui.eval_gate_commands import add_to


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write_run(tmp_path / "base", [right("q1"), right("q2")])


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_run(tmp_path / "new", [right("q1"), outranked("q2")])


def run(*args: object) -> Result:
    group = click.Group("eval")
    add_to(group)
    return CliRunner().invoke(group, [str(arg) for arg in args], help_option_names=["-h", "--help"])


def test_compare_prints_what_was_lost(base: Path, new: Path) -> None:
    result = run("compare", base, new)
    assert result.exit_code == 0
    assert "1 case lost\n\n  q2: " in result.stdout


def test_compare_ends_with_status_2_where_the_articles_differ(base: Path, tmp_path: Path) -> None:
    other = write_run(tmp_path / "o", [right("q1"), right("q2")], corpus={"fingerprint": "a", "articles": 1})
    result = run("compare", base, other)
    assert result.exit_code == 2
    assert "their articles differ" in result.stderr


def test_report_writes_the_reports_again_from_the_files_alone(new: Path) -> None:
    result = run("report", new)
    assert result.exit_code == 0
    assert result.stdout.split() == [str(new / name) for name in ("report.md", "report.html", "junit.xml")]


def test_report_makes_one_table_of_several_runs(base: Path, new: Path, tmp_path: Path) -> None:
    result = run("report", base, new, "--table", tmp_path / "results.md")
    assert result.exit_code == 0
    assert (tmp_path / "results.md").read_text().count("| weather | 2026") == 2
    assert not (base / "report.html").exists()


def test_report_of_a_run_that_has_not_ended_says_what_to_do(new: Path) -> None:
    (new / "summary.json").unlink()
    result = run("report", new)
    assert result.exit_code == 2
    assert "goes on where it stopped" in result.stderr


def test_baseline_is_written_and_an_update_prints_what_changed(base: Path, new: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    assert "2 cases." in run("baseline", base, "--out", path).stdout
    result = run("baseline", new, "--out", path)
    assert result.exit_code == 0
    assert "lost: q2\n" in result.stdout
    assert "right: 100.0 % → 50.0 % (worse)" in result.stdout


def test_a_baseline_is_not_made_without_a_name_for_it(base: Path) -> None:
    assert run("baseline", base).exit_code == 2
