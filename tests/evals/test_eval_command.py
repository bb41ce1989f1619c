"""`footnote eval run` without its models: a real library on disk, and an assistant that quotes what it is told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.answering import PASSAGES_READ
from assistant.values import Turn
from evals.cases import QUESTIONS, load_cases
from evals.command import SEEDS, Console, Outcome, Step, run_command, sample, title
from evals.identity import RunOptions, code_version
from tests.evals.conftest import QUESTION_LINES, ScriptedAssistant, write_lines
from vectorstore.catalog import Filter
from vectorstore.errors import UsageError
from vectorstore.library import Library

Run = Callable[..., Outcome]


@pytest.fixture
def run(library: Library, questions: Path, tmp_path: Path) -> Run:
    """Run the question set with these options; each run opens the library anew, as a command does."""

    def start(
        cases: Path = questions,
        console: Console | None = None,
        assistants: list[ScriptedAssistant] | None = None,
        interrupt_at: int | None = None,
        **options: Any,
    ) -> Outcome:
        def opener(folder: Path) -> ScriptedAssistant:
            assistant = ScriptedAssistant(Library.open(folder))
            assistant.interrupt_at = interrupt_at
            if assistants is not None:
                assistants.append(assistant)
            return assistant

        return run_command(
            cases, library=library.folder, options=RunOptions(**options), console=console,
            runs=tmp_path / "runs", opener=opener,
        )  # fmt: skip

    return start


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]


def test_a_run_prints_a_table_and_writes_its_folder(run: Run, tmp_path: Path) -> None:
    printed: list[str] = []
    steps: list[Step] = []
    done = run(console=Console(printed.append, on_progress=steps.append), by="kind")
    assert done.folder.parent == tmp_path / "runs"
    assert done.folder.name.endswith("-rainy")
    assert printed[0].startswith("rainy (3 questions)\n")
    assert "rainy: event (1 question)" in printed[0]
    assert "rainy: unanswerable, clean (1 question)" in printed[0]
    assert steps == [Step("ask", done, 3) for done in (1, 2, 3)]
    assert sorted(path.name for path in done.folder.iterdir()) == [
        *("articles.jsonl", "results.jsonl", "run.json", "summary.json")
    ]


def test_a_summary_says_what_was_run(run: Run, questions: Path) -> None:
    done = run(by="kind")
    summary = json.loads((done.folder / "summary.json").read_text())
    assert summary == done.summary
    assert (summary["version"], summary["name"], summary["n"]) == (2, "rainy", 3)
    assert summary["cases"]["path"] == str(questions)
    assert summary["cases"]["n"] == 3
    assert summary["corpus"]["articles"] == 1
    assert summary["settings"] == {
        "limit": None, "seed": 0, "runs": 1, "per_document": False, "by": "kind", "k": PASSAGES_READ, "threshold": 0.5,
    }  # fmt: skip
    assert summary["models"] == {"embedding": "fake@1", "reader": "scripted", "chat": None, "check": None}
    assert summary["code"] == {"version": code_version()}
    assert summary["missing_gold"] == {"articles": [], "sentences": []}
    assert summary["figures"]["right"] == {"n": 1, "value": 1.0, "low": 1.0, "high": 1.0}
    assert summary["figures"]["article_hit_1"]["value"] == 1  # the gold article is stored under its copy's id
    assert set(summary["kinds"]) == {"clean", "near_miss"}
    assert summary["errors"] == [{"id": "q3", "error": "ZeroDivisionError: crashed"}]
    assert "spread" not in summary
    assert summary["timings"]["latency_ms"]["total"] == {"p50": 5.0, "p95": 5.0, "n": 2}


def test_a_row_holds_everything(run: Run) -> None:
    done = run()
    first, refused, crashed = rows_of(done.folder)
    assert [row["id"] for row in (first, refused, crashed)] == ["q1", "q2", "q3"]
    place = {"article_id": "rain", "start": 30, "end": 55}
    assert first["case"]["gold_doc_ids"] == ["rain"]
    assert first["case"]["as_of"] == "2022-06-16"
    assert first["answer"]["answer"] == "The match was called off. [1]"
    assert first["gold_places"] == [{**place, "sentence": "The match was called off."}]
    assert first["trace"] == {
        "passages": [{"article_id": "rain", "start": 0, "end": 74}],
        "sentences": [{**place, "score": 0.9}],
    }
    assert (first["run"], first["lost"], first["metrics"]["validity"]) == (0, None, 1)
    assert (refused["lost"], refused["metrics"]["abstained_right"]) == (None, 1)
    assert (crashed["answer"], crashed["trace"], crashed["error"]) == (None, None, "ZeroDivisionError: crashed")


def test_the_articles_that_a_report_shows_are_written_with_their_sentences(run: Run) -> None:
    (article,) = [json.loads(line) for line in (run().folder / "articles.jsonl").read_text().splitlines()]
    assert article["id"] == "rain"
    assert [article["text"][start:end] for start, end in article["sentences"]][1] == "The match was called off."


def test_a_case_is_asked_with_its_history_and_its_day(run: Run) -> None:
    assistants: list[ScriptedAssistant] = []
    run(assistants=assistants)
    question, history, as_of, where = assistants[0].asked[0]
    assert (question, history) == ("What happened to the match?", (Turn("user", "Was there a match?"),))
    assert str(as_of) == "2022-06-16"
    assert where is None


def test_a_case_can_be_asked_within_its_own_article(run: Run) -> None:
    assistants: list[ScriptedAssistant] = []
    run(assistants=assistants, per_document=True)
    assert [where for *_, where in assistants[0].asked] == [Filter(article="rain")] * 3


def test_a_case_without_an_article_of_its_own_cannot_be(run: Run, tmp_path: Path) -> None:
    cases = write_lines(tmp_path / "c.jsonl", [{"id": "lonely", "question": "Who?", "answerable": False}])
    with pytest.raises(UsageError, match="'lonely' cannot be asked within its article"):
        run(cases, per_document=True)


def test_the_same_run_twice_has_the_same_summary_but_for_times(run: Run) -> None:
    one, other = run(runs=2, by="kind"), run(runs=2, by="kind")
    assert one.folder != other.folder
    texts = [
        json.dumps({**json.loads((done.folder / "summary.json").read_text()), "timings": None}) for done in (one, other)
    ]
    assert texts[0] == texts[1]


def test_a_run_that_was_interrupted_goes_on_where_it_stopped(run: Run) -> None:
    whole = run(name="whole", runs=2)
    with pytest.raises(KeyboardInterrupt):
        run(interrupt_at=4, runs=2)
    warnings: list[str] = []
    assistants: list[ScriptedAssistant] = []
    done = run(assistants=assistants, console=Console(warn=warnings.append), runs=2)
    assert len(assistants[0].asked) == 2
    assert warnings == [f"Going on with the run in {done.folder}, which was stopped after 4 of 6"]
    same = ("figures", "kinds", "curves", "lost", "errors", "spread")
    assert {key: done.summary[key] for key in same} == {key: whole.summary[key] for key in same}
    assert [(row["id"], row["run"]) for row in rows_of(done.folder)] == [
        (id, number) for number in (0, 1) for id in ("q1", "q2", "q3")
    ]


def test_a_torn_last_line_is_asked_again(run: Run, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(interrupt_at=2)
    (folder,) = (tmp_path / "runs").iterdir()
    results = folder / "results.jsonl"
    results.write_text(results.read_text()[:-9])  # as a killed process may leave it
    done = run()
    assert done.folder == folder
    assert [row["id"] for row in rows_of(folder)] == ["q1", "q2", "q3"]


def test_a_stopped_run_of_other_settings_or_other_cases_is_left_alone(run: Run, questions: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(interrupt_at=1)
    assert len(rows_of(run(seed=1).folder)) == 3
    write_lines(questions / QUESTIONS, QUESTION_LINES[:2])
    warnings: list[str] = []
    assert len(rows_of(run(console=Console(warn=warnings.append)).folder)) == 2
    assert warnings == []


def test_a_run_into_a_folder_replaces_what_an_earlier_one_left_there(run: Run, tmp_path: Path) -> None:
    for limit in (3, 2):
        run(limit=limit, out=tmp_path / "o")
    assert len(rows_of(tmp_path / "o")) == 2


def test_several_runs_say_what_they_spread(run: Run) -> None:
    summary = run(runs=3).summary
    assert summary["n"] == 9
    assert summary["spread"]["right"] == {"mean": 1, "sd": 0, "low": 1, "high": 1}
    assert summary["spread"]["flaky"] == []
    assert summary["spread"]["pass_rate"] == {"q1": 1, "q2": 1, "q3": 0}
    with pytest.raises(UsageError, match="number of runs"):
        run(runs=0)


def test_a_library_without_any_of_the_gold_articles_is_refused(run: Run, library: Library) -> None:
    library.catalog.remove(["rain"])
    with pytest.raises(UsageError, match=r"holds none of the articles .* 'wire-copy'"):
        run()


def test_a_gold_article_that_is_missing_is_warned_of(run: Run, questions: Path) -> None:
    write_lines(questions / QUESTIONS, [*QUESTION_LINES, {**QUESTION_LINES[0], "id": "q4", "gold_doc_ids": ["lost"]}])
    warnings: list[str] = []
    summary = run(console=Console(warn=warnings.append)).summary
    assert summary["missing_gold"] == {"articles": ["lost"], "sentences": []}
    assert len(warnings) == 1
    assert "such as 'lost'" in warnings[0]


def test_a_gold_sentence_that_has_gone_from_its_article_stops_the_run_and_names_the_case(
    run: Run, questions: Path
) -> None:
    gone = {**QUESTION_LINES[0], "id": "q4", "gold_sentences": ["The match was played."]}
    write_lines(questions / QUESTIONS, [*QUESTION_LINES, gone])
    assistants: list[ScriptedAssistant] = []
    with pytest.raises(UsageError, match=r"'q4': the gold sentence 'The match was played.' .* article 'rain'"):
        run(assistants=assistants)
    assert assistants[0].asked == []
    warnings: list[str] = []
    summary = run(allow_missing_gold=True, console=Console(warn=warnings.append)).summary
    assert summary["missing_gold"] == {"articles": [], "sentences": ["q4"]}
    assert "1 gold sentences are not in their articles" in warnings[0]


def test_questions_without_documents_say_what_to_name(questions: Path) -> None:
    with pytest.raises(UsageError, match="--documents PATH"):
        run_command(questions)


def test_a_folder_without_questions_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--cases PATH"):
        run_command(tmp_path)


def test_an_eval_without_a_case_fails(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    with pytest.raises(UsageError, match="there are no questions in it"):
        run(empty)


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_asked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assistants: list[ScriptedAssistant] = []
    with pytest.raises(UsageError, match="--out DIR"):
        run(assistants=assistants, out=tmp_path / "file" / "o")
    assert assistants[0].asked == []


def test_a_sample_depends_on_its_seed_alone_and_keeps_the_order(questions: Path) -> None:
    cases = load_cases(questions / QUESTIONS) * 20
    drawn = sample(cases, 10, seed=1)
    assert drawn == sample(cases, 10, seed=1)
    assert sample(cases, None, 0) == sample(cases, 100, 0) == cases
    with pytest.raises(UsageError, match="1 or more"):
        sample(cases, 0, 0)


def test_a_set_is_named_by_its_folder_or_its_file(questions: Path) -> None:
    assert title(questions) == title(questions / QUESTIONS) == "rainy"
    assert title(write_lines(questions / "mine.jsonl", QUESTION_LINES)) == "mine"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="there are no seeds in this installation")
def test_every_gold_sentence_of_the_seeds_stands_in_its_article() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (SEEDS / "articles").glob("*.md")}
    for case in load_cases(SEEDS / QUESTIONS):
        assert set(case.accepted_doc_ids) <= texts.keys(), case.id
        for sentence in case.accepted_sentences:
            assert any(sentence in texts[article_id] for article_id in case.accepted_doc_ids), case.id
