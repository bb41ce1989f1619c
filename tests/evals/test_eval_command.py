"""`footnote eval run` without its models: a real library on disk, and an assistant that quotes what it is told."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.values import Answer, Citation, Claim, Evidence, Models, Support, Turn, Verdict
from evals.cases import load_cases
from evals.command import QUESTIONS, SEEDS, Step, run_command, sample
from vectorstore.duplicates import signature
from vectorstore.errors import UsageError
from vectorstore.library import Library
from vectorstore.sentences import sentences_of
from vectorstore.values import Article

TEXT = "It rained in Leeds on Monday. The match was called off."
QUESTION_LINES = [
    {"id": "q1", "question": "What happened to the match?", "answers": ["called off"], "answerable": True,
     "gold_doc_ids": ["wire-copy"], "gold_sentences": ["The match was called off."],
     "history": [{"role": "user", "text": "Was there a match?"}], "meta": {"kind": "event", "asked_on": "2022-06-16"}},
    {"id": "q2", "question": "Who won?", "answers": [], "answerable": False, "meta": {"kind": "none"}},
    {"id": "q3", "question": "Crash?", "answers": [], "answerable": False, "meta": {"kind": "none"}},
]  # fmt: skip


class NoEmbedder:
    identity, dimension, window = "none", 1, 256

    def embed(self, texts: Sequence[str]) -> Any:
        return np.ones((len(texts), 1), dtype=np.float32)

    def embed_question(self, question: str) -> Any:
        return np.ones(1, dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


class ScriptedAssistant:
    """Cites the second sentence of the article, refuses to say who won, and crashes when asked to."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.asked: list[tuple[str, Sequence[Turn], date | None]] = []

    def answer(self, question: str, history: Sequence[Turn] = (), *, as_of: date | None = None) -> Answer:
        self.asked.append((question, history, as_of))
        if question == "Crash?":
            raise ZeroDivisionError("crashed")
        citation = Citation.of(self.library.catalog.article("rain"), 1)
        abstained = question == "Who won?"
        claims = () if abstained else (Claim(citation.quote, (citation,), Support(Verdict.VERBATIM, 1.0)),)
        return Answer(
            question, question, claims, (), abstained, 0.2 if abstained else 0.9, (Evidence(citation, 0.9),),
            Models("none", "none"), {"total": 5.0},
        )  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.create(tmp_path / "library", "none", NoEmbedder())
    article = Article("rain", "Rain", None, None, TEXT)
    library.catalog.put(article, sentences_of(article), [], fingerprint="f", signature=signature(TEXT))
    library.catalog.note_origin("copy.jsonl", "wire-copy", "rain")
    library.catalog.publish(0, ["rain"], [])
    yield library
    library.close()


@pytest.fixture
def assistant(library: Library) -> ScriptedAssistant:
    return ScriptedAssistant(library)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    folder = tmp_path / "rainy"
    folder.mkdir()
    (folder / QUESTIONS).write_text("".join(json.dumps(line) + "\n" for line in QUESTION_LINES))
    return folder


def test_a_run_prints_a_table_and_writes_results_and_a_summary(
    assistant: ScriptedAssistant, questions: Path, tmp_path: Path
) -> None:
    printed: list[str] = []
    steps: list[Step] = []
    out = tmp_path / "runs" / "1"
    summary = run_command(
        questions, library=tmp_path / "library", out=out, echo=printed.append, by="kind",
        on_progress=steps.append, opener=lambda folder: assistant,
    )  # fmt: skip
    assert printed[0].startswith("rainy (3 questions)\n")
    assert "rainy: event (1 question)" in printed[0]
    assert steps == [Step("ask", done, 3) for done in (1, 2, 3)]
    assert json.loads((out / "summary.json").read_text()) == summary
    assert summary["figures"]["right"] == {"n": 1, "value": 1.0, "low": 1.0, "high": 1.0}
    assert summary["figures"]["article_hit_1"]["value"] == 1  # the gold article is stored under its copy's id
    assert summary["figures"]["abstained_right"]["n"] == 1
    assert summary["errors"] == [{"id": "q3", "error": "ZeroDivisionError: crashed"}]
    assert summary["model"] == {"embedding": "none", "reader": "none", "chat": None}
    rows = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["q1", "q2", "q3"]
    assert rows[0]["answer"]["answer"] == "The match was called off. [1]"
    assert rows[0]["metrics"]["validity"] == 1
    assert (rows[2]["answer"], rows[2]["error"]) == (None, "ZeroDivisionError: crashed")


def test_a_case_is_asked_with_its_history_and_its_day(
    assistant: ScriptedAssistant, questions: Path, tmp_path: Path
) -> None:
    run_command(questions, library=tmp_path, opener=lambda folder: assistant)
    assert assistant.asked[0] == (
        "What happened to the match?",
        (Turn("user", "Was there a match?"),),
        date(2022, 6, 16),
    )


def test_a_second_run_replaces_the_results_of_the_first(library: Library, questions: Path, tmp_path: Path) -> None:
    def opener(folder: Path) -> ScriptedAssistant:
        return ScriptedAssistant(Library.open(folder))

    for _ in range(2):
        run_command(questions, library=library.folder, limit=2, out=tmp_path / "o", opener=opener)
    assert len((tmp_path / "o" / "results.jsonl").read_text().splitlines()) == 2


def test_a_library_without_any_of_the_gold_articles_is_refused(
    assistant: ScriptedAssistant, questions: Path, tmp_path: Path
) -> None:
    assistant.library.catalog.remove(["rain"])
    with pytest.raises(UsageError, match=r"holds none of the articles .* 'wire-copy'"):
        run_command(questions, library=tmp_path, opener=lambda folder: assistant)


def test_a_gold_article_that_is_missing_is_warned_of(
    assistant: ScriptedAssistant, questions: Path, tmp_path: Path
) -> None:
    line = {**QUESTION_LINES[0], "id": "q4", "gold_doc_ids": ["lost"]}
    with (questions / QUESTIONS).open("a") as file:
        file.write(json.dumps(line) + "\n")
    warnings: list[str] = []
    summary = run_command(questions, library=tmp_path, warn=warnings.append, opener=lambda folder: assistant)
    assert summary["library"] == {"path": str(tmp_path), "missing_gold": ["lost"]}
    assert len(warnings) == 1
    assert "such as lost" in warnings[0]


def test_questions_without_documents_say_what_to_name(questions: Path) -> None:
    with pytest.raises(UsageError, match="--documents PATH"):
        run_command(questions)


def test_a_folder_without_questions_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--cases PATH"):
        run_command(tmp_path)


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_asked(
    assistant: ScriptedAssistant, questions: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="--out DIR"):
        run_command(questions, library=tmp_path, out=tmp_path / "file" / "o", opener=lambda folder: assistant)
    assert assistant.asked == []


def test_a_sample_depends_on_its_seed_alone_and_keeps_the_order(questions: Path) -> None:
    cases = load_cases(questions / QUESTIONS) * 20
    drawn = sample(cases, 10, seed=1)
    assert drawn == sample(cases, 10, seed=1)
    assert sample(cases, None, 0) == sample(cases, 100, 0) == cases
    with pytest.raises(UsageError, match="1 or more"):
        sample(cases, 0, 0)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="there are no seeds in this installation")
def test_every_gold_sentence_of_the_seeds_stands_in_its_article() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (SEEDS / "articles").glob("*.md")}
    for case in load_cases(SEEDS / QUESTIONS):
        assert set(case.accepted_doc_ids) <= texts.keys(), case.id
        for sentence in case.accepted_sentences:
            assert any(sentence in texts[article_id] for article_id in case.accepted_doc_ids), case.id
