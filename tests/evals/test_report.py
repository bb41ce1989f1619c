"""How a summary looks in a terminal."""

from typing import Any

from evals.report import table

ONE = {"n": 2, "value": 0.5, "low": 0.0, "high": 1.0}
SUMMARY: dict[str, Any] = {
    "name": "rain",
    "n": 3,
    "figures": {"right": ONE, "brier": {"n": 3, "value": 0.17, "low": 0.01, "high": 0.5}},
    "kinds": {"clean": {"n": 1, "figures": {"abstained_right": ONE}}},
    "groups": {"a": {"n": 1, "figures": {}}},
    "lost": {"not retrieved": 2, "answered": 1},
    "errors": [],
    "timings": {"latency_ms": {"total": {"p50": 20.4, "p95": 29.0, "n": 3}}},
}
SPREAD = {"right": {"mean": 0.5, "sd": 0.1, "low": 0.4, "high": 0.6}, "flaky": ["q7"], "pass_rate": {"q7": 0.5}}


def test_a_table_has_a_line_a_figure_with_count_and_interval() -> None:
    lines = table(SUMMARY).splitlines()
    assert lines[0] == "rain (3 questions)"
    assert lines[1].split() == ["n", "value", "95", "%", "interval"]
    assert lines[2].split() == ["right", "2", "50.0%", "0.0%", "to", "100.0%"]
    assert lines[3].split() == ["brier", "3", "0.170", "0.010", "to", "0.500"]
    assert "rain: unanswerable, clean (1 question)" in lines
    assert "rain: a (1 question)" in lines
    assert ["total", "3", "20", "29"] in [line.split() for line in lines]
    assert lines[-1] == "Lost: 2 not retrieved, 1 answered"


def test_a_table_says_what_failed() -> None:
    failed = {**SUMMARY, "errors": [{"id": "broken", "error": "ValueError: no"}]}
    last = table(failed).splitlines()[-1]
    assert last == "1 of 3 questions failed and are in no figure. The first is broken: ValueError: no"


def test_a_table_of_several_runs_says_what_they_spread() -> None:
    lines = table({**SUMMARY, "spread": SPREAD}).splitlines()
    assert lines[-2].split() == ["right", "50.0%", "10.0%", "40.0%", "to", "60.0%"]
    assert lines[-1] == "Right in some runs only: q7"
