"""Figures of rows, worked out by hand."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from evals.cases import Case
from evals.losing import lost_at
from evals.metrics import measure
from evals.running import Row
from evals.summary import figures_of, latencies, summarise
from tests.evals.conftest import response_of

MATCH = ("rain", "The match was called off.")
SNOW = ("snow", "Snow fell in York.")
KINDS = {"q0": "clean"}


@pytest.fixture
def rows(
    make_case: Callable[..., Case],
    unanswerable: Case,
    make_answer: Callable[..., dict[str, Any]],
    text_of: Callable[[str], str | None],
) -> list[Row]:
    """Right at 0.9, refused at 0.3 with the right sentence best, rightly refused at 0.1, and an error."""

    def row(case: Case, answer: dict[str, Any]) -> Row:
        response = response_of(answer)
        metrics = measure(case, response, text_of)
        lost = lost_at(case, response, metrics, text_of)
        return {
            "id": case.id, "run": 0, "case": case.to_json(), "answer": answer, "metrics": metrics, "lost": lost,
            "error": None,
        }  # fmt: skip

    broken = {"id": "broken", "run": 0, "case": make_case().to_json(), "answer": None, "metrics": {}, "lost": None}
    return [
        row(make_case(id="right"), make_answer([MATCH], confidence=0.9, total=30)),
        row(make_case(id="refused"), make_answer([], evidence=[MATCH], confidence=0.3, total=10)),
        row(unanswerable, make_answer([], evidence=[SNOW], confidence=0.1, total=20)),
        {**broken, "error": "ValueError: no"},
    ]


def test_figures_by_hand(rows: list[Row]) -> None:
    found = {name: (one.n, one.value) for name, one in figures_of(rows, seed=0).items()}
    assert found["answered"] == (3, pytest.approx(1 / 3))
    assert found["right"] == (2, 0.5)
    assert found["right_if_forced"] == (2, 1.0)
    assert found["false_refusal"] == (2, 0.5)
    assert found["abstained_right"] == (1, 1.0)
    assert found["refusal_precision"] == (2, 0.5)
    # Outcomes 1, 1, 0: (0.1^2 + 0.7^2 + 0.1^2) / 3 = 0.51 / 3
    assert found["brier"] == (3, pytest.approx(0.17))
    # Three bins of one case each: (0.1 + 0.7 + 0.1) / 3
    assert found["ece"] == (3, pytest.approx(0.3))
    assert found["auroc"] == (3, 1.0)  # 0.9 and 0.3 are both above 0.1
    # Risks, most confident first: 0, 0, 1/3. Their mean is 1/9.
    assert found["aurc"] == (3, pytest.approx(1 / 9))
    assert not [name for name in found if name.endswith("_ms")]


def test_latencies_by_stage(rows: list[Row]) -> None:
    # Of 10, 20, 30: the median, and 20 + 0.9 * (30 - 20)
    assert latencies(rows) == {"total": {"p50": 20.0, "p95": 29.0, "n": 3}}
    assert latencies(rows[3:]) == {}


def test_what_nothing_is_eligible_for_is_left_out(rows: list[Row]) -> None:
    found = figures_of(rows[:1], seed=0)
    assert "abstained_right" not in found
    assert "auroc" not in found
    assert figures_of(rows[3:], seed=0) == {}
    assert summarise(rows[3:], 0, {})["curves"] == {"risk_coverage": [], "reliability": []}


def test_a_summary_is_json_with_kinds_groups_curves_and_what_was_lost(rows: list[Row]) -> None:
    groups = {row["id"]: "yes" if row["case"]["answerable"] else "no" for row in rows}
    summary = json.loads(json.dumps(summarise(rows, 0, KINDS, groups)))
    assert summary["n"] == 4
    assert summary["errors"] == [{"id": "broken", "error": "ValueError: no"}]
    assert {label: group["n"] for label, group in summary["groups"].items()} == {"no": 1, "yes": 3}
    assert summary["groups"]["no"]["figures"]["abstained_right"] == {"n": 1, "value": 1, "low": 1, "high": 1}
    assert summary["kinds"]["clean"]["n"] == 1
    assert summary["kinds"]["clean"]["figures"]["auroc"]["n"] == 3  # against all answerable ones
    assert "aurc" not in summary["kinds"]["clean"]["figures"]
    assert summary["lost"] == {"below the threshold": 1}
    assert summary["curves"]["risk_coverage"] == [[0.3333, 0.0], [0.6667, 0.0], [1.0, 0.3333]]
    assert summary["curves"]["reliability"][-1] == {"low": 0.8, "high": 0.9, "n": 1, "confidence": 0.9, "accuracy": 1.0}


def test_a_summary_counts_claims_by_verdict_and_dropped_ones_by_kind(rows: list[Row]) -> None:
    written = {"text": "The match was off.", "support": {"verdict": "supported", "score": 0.8}, "citations": [1]}
    rows[0]["answer"]["claims"].append(written)
    rows[0]["answer"]["dropped"] = [{"text": "Ten left.", "kind": "number", "reason": "the number 10 is not there"}]
    rows[2]["answer"]["dropped"] = [{"text": "Nine left.", "kind": "number", "reason": "the number 9 is not there"}]
    assert summarise(rows, 0, {})["written"] == {"verbatim": 1, "supported": 1, "dropped: number": 2}
    assert summarise(rows[3:], 0, {})["written"] == {}


def test_runs_that_differ_have_a_spread(rows: list[Row]) -> None:
    # Run 0: right 1 and 0, mean 1/2. Run 1: 0 and 0, mean 0. The mean of means 1/4, sd sqrt(2) / 4 = 0.353553.
    again = [{**row, "run": 1} for row in rows]
    again[0] = {**again[1], "id": "right"}
    spread = summarise([*rows, *again], 0, KINDS)["spread"]
    assert spread["right"] == {"mean": 0.25, "sd": 0.353553, "low": 0.0, "high": 0.5}
    assert spread["flaky"] == ["right"]
    assert spread["pass_rate"] == {"right": 0.5, "refused": 0.0, "q0": 1.0, "broken": 0.0}


def test_the_same_rows_and_seed_make_the_same_summary(rows: list[Row]) -> None:
    assert summarise(rows, 3, KINDS) == summarise(rows, 3, KINDS)
