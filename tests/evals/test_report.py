"""Figures of results, and how they look."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from evals.cases import Case
from evals.metrics import measure
from evals.report import figures_of, summarise, table
from evals.running import Result

MATCH = ("rain", "The match was called off.")
SNOW = ("snow", "Snow fell in York.")


@pytest.fixture
def results(
    make_case: Callable[..., Case],
    unanswerable: Case,
    make_answer: Callable[..., dict[str, Any]],
    text_of: Callable[[str], str | None],
) -> list[Result]:
    """Right at 0.9, refused at 0.3 with the right sentence best, rightly refused at 0.1, and an error."""
    answers = [
        (make_case(id="right"), make_answer([MATCH], confidence=0.9, total=30)),
        (make_case(id="refused"), make_answer([], evidence=[MATCH], confidence=0.3, total=10)),
        (unanswerable, make_answer([], evidence=[SNOW], confidence=0.1, total=20)),
    ]
    scored = [Result(case, answer, measure(case, answer, text_of)) for case, answer in answers]
    return [*scored, Result(make_case(id="broken"), None, error="ValueError: no")]


def test_figures_by_hand(results: list[Result]) -> None:
    found = {name: (one.n, one.value) for name, one in figures_of(results, seed=0).items()}
    assert found["answered"] == (3, pytest.approx(1 / 3))
    assert found["right"] == (2, 0.5)
    assert found["right_if_forced"] == (2, 1.0)
    assert found["false_refusal"] == (2, 0.5)
    assert found["abstained_right"] == (1, 1.0)
    assert found["latency_ms"] == found["latency_p50_ms"] == (3, 20.0)
    assert found["latency_p95_ms"] == (3, pytest.approx(29.0))  # 20 + 0.9 * (30 - 20)
    # Outcomes 1, 1, 0: (0.1^2 + 0.7^2 + 0.1^2) / 3 = 0.51 / 3
    assert found["brier"] == (3, pytest.approx(0.17))
    # Three bins of one case each: (0.1 + 0.7 + 0.1) / 3
    assert found["ece"] == (3, pytest.approx(0.3))
    assert found["auroc"] == (3, 1.0)  # 0.9 and 0.3 are both above 0.1


def test_what_nothing_is_eligible_for_is_left_out(results: list[Result]) -> None:
    found = figures_of(results[:1], seed=0)
    assert "abstained_right" not in found
    assert "auroc" not in found
    assert figures_of(results[3:], seed=0) == {}


def test_a_summary_is_json_with_errors_and_groups(results: list[Result]) -> None:
    groups = {result.case.id: "yes" if result.case.answerable else "no" for result in results}
    summary = json.loads(json.dumps(summarise(results, 0, groups)))
    assert summary["n"] == 4
    assert summary["errors"] == [{"id": "broken", "error": "ValueError: no"}]
    assert {label: group["n"] for label, group in summary["groups"].items()} == {"no": 1, "yes": 3}
    assert summary["groups"]["no"]["figures"]["abstained_right"] == {"n": 1, "value": 1, "low": 1, "high": 1}


def test_the_same_results_and_seed_make_the_same_summary(results: list[Result]) -> None:
    assert summarise(results, 3) == summarise(results, 3)


def test_a_table_has_a_line_a_figure_with_count_and_interval(results: list[Result]) -> None:
    lines = table("rain", summarise(results[:3], 0, {"right": "a", "refused": "b", "q0": "b"})).splitlines()
    assert lines[0] == "rain (3 questions)"
    assert lines[1].split() == ["n", "value", "95", "%", "interval"]
    assert next(line.split() for line in lines if line.startswith("right ")) == [
        "right",
        "2",
        "50.0%",
        "0.0%",
        "to",
        "100.0%",
    ]
    assert next(line.split()[:3] for line in lines if line.startswith("latency_ms")) == ["latency_ms", "3", "20"]
    assert next(line.split()[:3] for line in lines if line.startswith("brier")) == ["brier", "3", "0.170"]
    assert "rain: a (1 question)" in lines
    assert "rain: b (2 questions)" in lines


def test_a_table_says_what_failed(results: list[Result]) -> None:
    last = table("rain", summarise(results, 0)).splitlines()[-1]
    assert last == "1 of 4 questions failed and are in no figure. The first is broken: ValueError: no"
