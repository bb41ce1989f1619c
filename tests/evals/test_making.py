"""Cases from answers that somebody approves, and from tables."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from assistant.serializing import answer_to_json
from evals.cases import load_cases
from evals.making import (
    Decision,
    Proposal,
    Verdict,
    append,
    approve_all,
    ask,
    from_answers,
    from_csv,
    read_answers,
)
from tests.evals.conftest import ScriptedAssistant, write_lines
from ui.approving import ask_person
from vectorstore.errors import UsageError

MATCH = "The match was called off."


def proposal(id: str = "a", abstained: bool = False) -> Proposal:
    return Proposal(id, "What happened?", abstained, () if abstained else (("rain", MATCH),), {})


def table(folder: Path, *lines: str) -> Path:
    path = folder / "cases.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def test_an_approved_answer_becomes_a_case_with_its_citations_as_gold(
    assistant: ScriptedAssistant, tmp_path: Path
) -> None:
    questions = ["What happened to the match?", "Who won?"]
    answers = [answer_to_json(assistant.answer(question), id=f"b{at}") for at, question in enumerate(questions)]
    lines = write_lines(tmp_path / "answers.jsonl", [*answers, {"id": "b2", "error": "line 3: no"}])
    made = from_answers(read_answers(lines), approve_all)
    assert append(tmp_path / "new" / "cases.jsonl", made) == 2
    answered, refused = load_cases(tmp_path / "new" / "cases.jsonl")
    assert (answered.id, answered.question, answered.answerable) == ("b0", questions[0], True)
    assert (answered.gold_doc_ids, answered.gold_sentences, answered.answers) == (("rain",), (MATCH,), ())
    assert (refused.id, refused.answerable, refused.gold_sentences) == ("b1", False, ())


def test_each_verdict_does_what_it_says() -> None:
    verdicts = {
        "right": Decision(Verdict.RIGHT, ("called off",)),
        "wrong": Decision(Verdict.WRONG),
        "skipped": Decision(Verdict.SKIP),
        "unanswerable": Decision(Verdict.NO_ANSWER),
        "stop": Decision(Verdict.STOP),
        "never": Decision(Verdict.RIGHT),
    }
    made = from_answers(map(proposal, verdicts), lambda one: verdicts[one.id])
    assert [(line["id"], line["answerable"], line["answers"]) for line in made] == [
        ("right", True, ["called off"]),
        ("unanswerable", False, []),
    ]
    wrongly_refused = from_answers([proposal(abstained=True)], lambda one: Decision(Verdict.WRONG))
    assert wrongly_refused == []


def test_a_question_that_is_asked_keeps_its_day(assistant: ScriptedAssistant, tmp_path: Path) -> None:
    made = from_answers(ask(["What happened to the match?"], None, lambda folder: assistant), approve_all)
    append(tmp_path / "cases.jsonl", made)
    (case,) = load_cases(tmp_path / "cases.jsonl")
    assert case.as_of == date.today()
    assert case.id.startswith("q-")


def test_a_follow_up_becomes_the_question_that_stands_alone(assistant: ScriptedAssistant, tmp_path: Path) -> None:
    answer = answer_to_json(assistant.answer("And the match?")) | {"standalone_question": "What of the match?"}
    (made,) = from_answers(read_answers(write_lines(tmp_path / "a.jsonl", [answer])), approve_all)
    assert (made["question"], made["meta"]) == ("What of the match?", {"asked_as": "And the match?"})


@pytest.mark.parametrize(
    ("text", "reason"), [("{", "line 1: not JSON"), ("[]", "line 1: not an answer"), ('{"a": 1}', "not an answer")]
)
def test_what_is_no_answer_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(UsageError, match=reason):
        read_answers(tmp_path / "a.jsonl")


def test_a_table_becomes_cases(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "id,question,answer,answerable,article,sentence",
        f'c1,"What happened, then?",called off|cancelled,,rain,{MATCH}',
        ",Who won?,,no,,",
    )
    append(tmp_path / "cases.jsonl", from_csv(path))
    first, second = load_cases(tmp_path / "cases.jsonl")
    assert (first.id, first.question, first.answers) == ("c1", "What happened, then?", ("called off", "cancelled"))
    assert (first.answerable, first.gold_doc_ids, first.gold_sentences) == (True, ("rain",), (MATCH,))
    assert not second.answerable


def test_a_table_may_have_semicolons_and_few_columns(tmp_path: Path) -> None:
    (line,) = from_csv(table(tmp_path, "question;answer", "What happened, then?;called off"))
    assert (line["question"], line["answers"], line["answerable"]) == ("What happened, then?", ["called off"], True)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["answer", "x"], "no column 'question'"),
        (["question,gold", "x,y"], "no column 'gold'"),
        (["question,answer", ",y"], "line 2: the column 'question' is empty"),
        (["question,answer", "x,"], "line 2: the column 'answerable' must say"),
        (["question,answerable", "x,maybe"], "line 2: the column 'answerable' must say"),
        (["question,answer,answerable", "x,y,no"], "line 2: 'answerable' is no, but there is an answer"),
        (["question,sentence", "x,It rained."], "line 2: the column 'article' must say"),
        (["question,answer", "x,y,z"], "line 2: there are more fields than columns"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line_and_the_column(tmp_path: Path, lines: list[str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        from_csv(table(tmp_path, *lines))


def test_what_was_there_stays_and_an_id_is_taken_once(tmp_path: Path) -> None:
    out = tmp_path / "cases.jsonl"
    before = json.dumps({"id": "old", "question": "Who?", "answerable": False})
    out.write_text(before)  # without an end of line
    made: Callable[[str], list[dict[str, Any]]] = lambda id: from_answers([proposal(id)], approve_all)  # noqa: E731
    for lines in (made("old"), made("new") * 2):
        with pytest.raises(UsageError, match="already"):
            append(out, lines)
    assert out.read_text() == before
    assert append(out, made("new")) == 1
    assert out.read_text().startswith(before + "\n")
    assert [case.id for case in load_cases(out)] == ["old", "new"]
    assert append(out, []) == 0


def test_a_set_that_is_wrong_already_is_not_added_to(tmp_path: Path) -> None:
    out = tmp_path / "cases.jsonl"
    out.write_text("{\n")
    with pytest.raises(UsageError, match="line 1: not JSON"):
        append(out, from_answers([proposal()], approve_all))
    assert out.read_text() == "{\n"


@pytest.mark.parametrize(
    ("typed", "abstained", "decided"),
    [
        ("y\n\n", False, Decision(Verdict.RIGHT)),
        ("y\ncalled off | off\n", False, Decision(Verdict.RIGHT, ("called off", "off"))),
        ("y\n", True, Decision(Verdict.RIGHT)),
        ("what\nn\n", False, Decision(Verdict.WRONG)),
        ("u\n", False, Decision(Verdict.NO_ANSWER)),
        ("s\n", False, Decision(Verdict.SKIP)),
        ("Q\n", False, Decision(Verdict.STOP)),
        ("", False, Decision(Verdict.STOP)),
    ],
)
def test_a_person_decides_by_one_key(typed: str, abstained: bool, decided: Decision) -> None:
    decisions = []
    command = click.Command("approve", callback=lambda: decisions.append(ask_person(proposal(abstained=abstained))))
    result = CliRunner().invoke(command, input=typed)
    assert result.exit_code == 0, result.output
    assert decisions == [decided]
    assert ("Refused" if abstained else MATCH) in result.output
