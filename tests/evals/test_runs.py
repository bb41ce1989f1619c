"""Run folders that are whole, and such as are not."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.runs import OUTCOMES, read_run
from tests.evals.run_folder import Asked, broken, made_up, outranked, refused, right, rightly_refused, write_run
from vectorstore.errors import UsageError


def test_a_run_folder_is_read_whole(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / "r", [right("q1"), right("q1", run=1), outranked("q2")]))
    assert run.name == "weather"
    assert [row.id for row in run.rows] == ["q1", "q1", "q2"]
    assert [row.run for row in run.by_case["q1"]] == [0, 1]
    assert run.articles["rain"].title == "Weather in Leeds"
    assert run.figures["right"]["n"] == 3


@pytest.mark.parametrize(
    ("make", "outcome"),
    list(zip((right, rightly_refused, outranked, refused, made_up, broken), OUTCOMES, strict=False)),
)
def test_every_outcome_has_its_name(tmp_path: Path, make: Callable[[str], Asked], outcome: str) -> None:
    assert read_run(write_run(tmp_path, [make("q")])).rows[0].outcome == outcome


def test_an_answer_that_nobody_can_judge_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path, [right("q", metrics={"right": None})]))
    assert run.rows[0].outcome == "not judged"


def test_a_folder_that_is_not_there_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no run folder .* `footnote eval run`"):
        read_run(tmp_path / "none")


@pytest.mark.parametrize("name", ["results.jsonl", "articles.jsonl", "summary.json"])
def test_a_missing_file_says_that_the_run_has_not_ended(tmp_path: Path, name: str) -> None:
    (write_run(tmp_path, [right("q1")]) / name).unlink()
    with pytest.raises(UsageError, match=f"There is no .*{name}.* goes on where it stopped"):
        read_run(tmp_path)


@pytest.mark.parametrize("name", ["results.jsonl", "articles.jsonl", "summary.json"])
def test_a_torn_file_names_itself_and_what_to_do(tmp_path: Path, name: str) -> None:
    path = write_run(tmp_path, [right("q1"), right("q2")]) / name
    path.write_text(path.read_text()[:-30])
    with pytest.raises(UsageError, match=f"{name}.* not whole.* goes on where it stopped"):
        read_run(tmp_path)


def test_fewer_answers_than_the_summary_counts_are_refused(tmp_path: Path) -> None:
    path = write_run(tmp_path, [right("q1"), right("q2")]) / "results.jsonl"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    with pytest.raises(UsageError, match=r"counts 2 answers, and results\.jsonl has 1"):
        read_run(tmp_path)


def test_a_run_of_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it is of version 1"):
        read_run(write_run(tmp_path, [right("q1")], version=1))


def test_a_row_without_a_field_names_its_line(tmp_path: Path) -> None:
    path = write_run(tmp_path, [right("q1"), right("q2")]) / "results.jsonl"
    lines = path.read_text().splitlines()
    fields = json.loads(lines[1])
    del fields["gold_places"]
    path.write_text(f"{lines[0]}\n{json.dumps(fields)}\n")
    with pytest.raises(UsageError, match="line 2: it has no 'gold_places'"):
        read_run(tmp_path)
