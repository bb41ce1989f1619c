"""The folder of a run: who may write to it, and which one is gone on with."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from evals.keeping import open_run
from vectorstore.errors import UsageError

IDENTITY = {"name": "rain", "settings": {"seed": 0}}
NOW = datetime(2024, 2, 29, 9, 30)


def test_two_processes_never_write_to_one_folder(tmp_path: Path) -> None:
    with open_run(IDENTITY, None, tmp_path, NOW) as one, open_run(IDENTITY, None, tmp_path, NOW) as other:
        assert (one.path.name, other.path.name) == ("20240229-093000-rain", "20240229-093000-rain-2")
    folder = tmp_path / "o"
    with (
        open_run(IDENTITY, folder, tmp_path, NOW),
        pytest.raises(UsageError, match="--out DIR"),
        open_run(IDENTITY, folder, tmp_path, NOW),
    ):
        pass


def test_the_newest_stopped_run_of_the_same_identity_is_gone_on_with(tmp_path: Path) -> None:
    for hour in (7, 8):
        with open_run({**IDENTITY, "settings": {"seed": hour}}, None, tmp_path, NOW.replace(hour=hour)) as kept:
            kept.keep({"id": str(hour), "run": 0})
        identity = kept.path / "run.json"
        identity.write_text(json.dumps(IDENTITY))
    with open_run(IDENTITY, None, tmp_path, NOW) as kept:
        assert kept.rows == [{"id": "8", "run": 0}]
        kept.finish([], {"n": 1})
    with open_run(IDENTITY, None, tmp_path, NOW) as kept:
        assert kept.rows == [{"id": "7", "run": 0}]


def test_a_folder_whose_run_json_cannot_be_read_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "run.json").write_text("{")
    (tmp_path / "o" / "results.jsonl").write_text('{"id": "old", "run": 0}\n')
    with open_run(IDENTITY, tmp_path / "o", tmp_path, NOW) as kept:
        assert kept.rows == []


def test_rows_after_a_line_that_is_torn_are_asked_again(tmp_path: Path) -> None:
    with open_run(IDENTITY, tmp_path / "o", tmp_path, NOW) as kept:
        kept.keep({"id": "1", "run": 0, "text": "a lone surrogate \ud800 and é"})
    results = tmp_path / "o" / "results.jsonl"
    results.write_bytes(results.read_bytes() + '{"id": "2", "question": "é'.encode()[:-1])
    with open_run(IDENTITY, tmp_path / "o", tmp_path, NOW) as kept:
        assert [row["id"] for row in kept.rows] == ["1"]
        kept.keep({"id": "2", "run": 0})
    assert [json.loads(line)["id"] for line in results.read_text().splitlines()] == ["1", "2"]
