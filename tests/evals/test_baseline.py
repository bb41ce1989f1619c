"""The baseline file: what a reviewer reads, and what an update says."""

import json
from pathlib import Path

import pytest

from evals.baseline import baseline_of, read_baseline, what_changed, write_baseline
from evals.runs import read_run
from tests.evals.run_folder import Asked, broken, outranked, refused, right, rightly_refused, write_run
from vectorstore.errors import UsageError


def write(folder: Path, asked: list[Asked], **changes: object) -> Path:
    write_baseline(baseline_of(read_run(write_run(folder / "run", asked, **changes))), folder / "b.json")
    return folder / "b.json"


def test_it_has_one_case_a_line_sorted_by_id(tmp_path: Path) -> None:
    path = write(tmp_path, [right("q2"), rightly_refused("q10"), refused("q1")])
    lines = path.read_text().splitlines()
    rows = lines[lines.index('"rows": {') + 1 : -2]
    assert [line.split(":")[0] for line in rows] == ['"q1"', '"q10"', '"q2"']
    fields = json.loads("{" + rows[2] + "}")["q2"]
    assert fields["cited"] == [["rain", 33, 60]]
    assert fields["quotes"] == ["The match 🏟 was called off."]
    assert fields["right"] == 1
    assert "abstained_right" not in fields  # null
    assert "latency_ms" not in fields


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = write(tmp_path, [right("q1"), outranked("q2")])
    found = read_baseline(path)
    assert found == read_baseline(path)
    assert found.rows["q1"].metrics["right"] == 1
    assert found.rows["q2"].cited == [("snow", 0, 18)]
    assert found.figures["right"] == 0.5


def test_the_same_run_makes_the_same_file_wherever_it_was_made(tmp_path: Path) -> None:
    cases = {"sha256": "c" * 64, "n": 1}
    one = write(tmp_path / "a", [right("q1")], cases={"path": "/home/a/seeds/questions.jsonl", **cases})
    other = write(tmp_path / "b", [right("q1")], cases={"path": "/ci/b/seeds/questions.jsonl", **cases})
    assert one.read_bytes() == other.read_bytes()


def test_several_runs_of_a_case_make_one_line_with_their_mean(tmp_path: Path) -> None:
    path = write(tmp_path, [right("q1"), outranked("q1", run=1)])
    assert read_baseline(path).rows["q1"].metrics["right"] == 0.5


def test_an_error_counts_as_not_right(tmp_path: Path) -> None:
    assert read_baseline(write(tmp_path, [broken("q1"), right("q2")])).rows["q1"].success == 0


def test_an_update_leaves_no_other_file(tmp_path: Path) -> None:
    write(tmp_path, [right("q1")])
    write(tmp_path, [outranked("q1")])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.json", "run"]


def test_an_update_says_which_cases_and_figures_changed(tmp_path: Path) -> None:
    old = read_baseline(write(tmp_path / "a", [right("q1"), refused("q2"), right("q3")]))
    new = read_baseline(write(tmp_path / "b", [outranked("q1"), right("q2"), right("q3")], code={"version": "2"}))
    said = what_changed(old, new).splitlines()
    assert said[:2] == ["lost: q1", "won: q2"]
    assert "article_hit_1: 100.0 % → 66.7 % (worse)" in said
    assert "false_refusal: 33.3 % → 0.0 %" in said
    assert what_changed(old, old) == "Nothing changed."


def test_an_update_says_that_cases_articles_and_settings_changed(tmp_path: Path) -> None:
    settings = {"limit": None, "seed": 0, "runs": 1, "k": 10}
    old = read_baseline(write(tmp_path / "a", [right("q1")]))
    new = read_baseline(write(tmp_path / "b", [right("q2")], corpus={"fingerprint": "a", "articles": 1},
                              settings=settings))  # fmt: skip
    said = what_changed(old, new)
    assert "the articles differ" in said
    assert "1 case new, such as q2" in said
    assert "1 case gone, such as q1" in said
    assert "settings.k: 20 → 10" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read as a baseline"),
        ("[]", "is no baseline of version 1"),
        ('{"version": 2}', "is no baseline of version 1"),
        ('{"version": 1, "rows": {}}', "it is not whole: KeyError: 'name'"),
    ],
)
def test_a_file_that_is_no_baseline_says_how_to_make_one(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(UsageError, match=rf"{said}.* footnote eval baseline RUN --out FILE"):
        read_baseline(tmp_path / "b.json")


def test_a_baseline_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no baseline .* footnote eval baseline RUN --out .*none\.json"):
        read_baseline(tmp_path / "none.json")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    baseline = read_baseline(write(tmp_path, [right("q1")]))
    with pytest.raises(UsageError, match="--out FILE"):
        write_baseline(baseline, tmp_path / "file" / "b.json")
