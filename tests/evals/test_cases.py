"""Question sets are read whole or refused with the file, the line and the reason."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.values import Turn
from evals.cases import load_cases, question_files
from vectorstore.errors import UsageError

GOOD: dict[str, Any] = {
    "id": "q1",
    "question": "Who?",
    "answers": ["A"],
    "answerable": True,
    "gold_doc_ids": ["d1"],
    "gold_sentences": ["A did."],
    "gold_spans": [{"doc_id": "d1", "start": 0, "end": 6}],
    "history": [{"role": "user", "text": "Hello?"}],
    "meta": {"alt_gold_sentences": ["B did.", "A did."], "alt_gold_doc_ids": ["d2", "d1"], "asked_on": "2022-06-16"},
}


def write(folder: Path, *lines: Any) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def test_every_field_of_a_line_is_read(tmp_path: Path) -> None:
    (case,) = load_cases(write(tmp_path, GOOD, ""))
    assert (case.id, case.question, case.answers, case.answerable) == ("q1", "Who?", ("A",), True)
    assert case.gold_sentences == ("A did.",)
    assert case.accepted_sentences == ("A did.", "B did.")
    assert (case.gold_doc_ids, case.accepted_doc_ids) == (("d1",), ("d1", "d2"))
    assert case.history == (Turn("user", "Hello?"),)
    assert case.as_of == date(2022, 6, 16)
    assert not case.needs_all


def test_only_the_id_the_question_and_answerable_must_be_there(tmp_path: Path) -> None:
    (case,) = load_cases(write(tmp_path, {"id": "q1", "question": "Who?", "answerable": False}))
    assert (case.answers, case.accepted_sentences, case.history, case.as_of) == ((), (), (), None)


def test_gold_articles_take_the_ids_of_the_library(tmp_path: Path) -> None:
    (case,) = load_cases(write(tmp_path, GOOD))
    moved = case.with_ids({"d1": "same-text", "d2": "d2"}.__getitem__)
    assert moved.gold_doc_ids == ("same-text",)
    assert moved.accepted_doc_ids == ("same-text", "d2")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": ""}, '"id" must be a string'),
        ({"question": 3}, '"question" must be a string'),
        ({"answerable": "yes"}, '"answerable" must be true or false'),
        ({"answers": "A"}, '"answers" must be a list of strings'),
        ({"gold_sentences": [""]}, '"gold_sentences" must be a list of strings that are not empty'),
        ({"history": [{"role": "robot", "text": "Hi"}]}, 'turn 1 of "history"'),
        ({"history": "Hi"}, '"history" must be a list'),
        ({"meta": []}, '"meta" must be an object'),
        ({"meta": {"asked_on": "June"}}, '"meta.asked_on" must be a date'),
        ({"meta": {"alt_gold_sentences": [1]}}, '"meta.alt_gold_sentences" must be a list'),
        ({"gold_sentence": ["A did."]}, "there is no field 'gold_sentence'"),
        ({"answerable": False}, '"answerable" is false, but there are answers or gold'),
    ],
)
def test_a_wrong_field_is_refused_with_its_line_and_the_reason(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    path = write(tmp_path, GOOD, {**GOOD, "id": "q2", **change})
    with pytest.raises(UsageError) as caught:
        load_cases(path)
    assert str(caught.value).startswith(f"{path}, line 2: {reason}")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["{"], "line 1: not JSON"),
        (["[1]"], "line 1: not a JSON object"),
        ([GOOD, "", GOOD], "line 3: the id 'q1' is that of .*line 1 too"),
        ([], "there are no questions in it"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(tmp_path: Path, lines: list[Any], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        load_cases(write(tmp_path, *lines))


def test_a_file_that_is_missing_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Name a file"):
        load_cases(tmp_path / "none.jsonl")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_cases(tmp_path / "binary.jsonl")


def test_a_folder_is_read_by_its_questions_or_else_by_all_its_sets(tmp_path: Path) -> None:
    (tmp_path / "documents.jsonl").write_text("{}")
    (tmp_path / "b.jsonl").write_text(json.dumps({**GOOD, "id": "q2"}))
    (tmp_path / "a.jsonl").write_text(json.dumps(GOOD))
    assert [case.id for case in load_cases(tmp_path)] == ["q1", "q2"]
    (tmp_path / "b.jsonl").write_text(json.dumps(GOOD))
    with pytest.raises(UsageError, match=r"b.jsonl, line 1: the id 'q1' is that of .*a.jsonl, line 1 too"):
        load_cases(tmp_path)
    assert question_files(write(tmp_path, GOOD).parent) == [tmp_path / "questions.jsonl"]


def test_a_question_is_asked_within_its_gold_article_or_its_context(tmp_path: Path) -> None:
    nothing = {"question": "Who?", "answerable": False}
    lines = [GOOD, {**nothing, "id": "q2", "meta": {"context_doc_id": "d9"}}, {**nothing, "id": "q3"}]
    assert [case.home for case in load_cases(write(tmp_path, *lines))] == ["d1", "d9", None]
