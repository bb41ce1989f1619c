"""The gate: what turns it red, and that the reason is named each time."""

from pathlib import Path
from typing import Any

import pytest

from evals.baseline import baseline_of, write_baseline
from evals.gate import GateResult, check_run
from evals.gate_rules import Threshold, read_rules
from evals.runs import read_run
from tests.evals.run_folder import Asked, broken, made_up, outranked, refused, right, rightly_refused, write_run
from vectorstore.errors import UsageError

GOOD = [right("q1"), right("q2"), rightly_refused("q3")]
ROOT = Path(__file__).parents[2]


class Gate:
    """A baseline of some answers; each `check` holds other answers against it."""

    def __init__(self, folder: Path, base: list[Asked]) -> None:
        self.folder, self.baseline = folder, folder / "baseline.json"
        write_baseline(baseline_of(read_run(write_run(folder / "base", base))), self.baseline)

    def check(self, asked: list[Asked], rules: str = "", **changes: Any) -> GateResult:
        (self.folder / "gate.toml").write_text(rules)
        return check_run(write_run(self.folder / "new", asked, **changes), self.folder / "gate.toml", self.baseline)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path, GOOD)


def test_the_same_answers_pass(gate: Gate) -> None:
    found = gate.check(GOOD)
    assert (found.passed, found.failures) == (True, ())
    assert found.text.startswith("Gate: passed  weather, 3 cases")


def test_an_answer_that_is_right_no_longer_fails_and_is_told_with_its_cause(gate: Gate) -> None:
    found = gate.check([right("q1"), outranked("q2"), rightly_refused("q3")])
    assert not found.passed
    assert found.failures == (
        "1 case that the baseline has right, and this run has not; the gate allows 0 (outranked: 1)",
    )
    assert (
        "Lost since the baseline:\n\n"
        "q2: What happened to the match?\n"
        "  expected  “The match 🏟 was called off.” (rain)\n"
        "  instead   “Snow fell in York.” (snow) (confidence 0.70)\n"
        "  before    “The match 🏟 was called off.”\n"
        "  lost      outranked: it was read, but other sentences were put before it"
    ) in found.text


@pytest.mark.parametrize("stage", ["not retrieved", "not read", "below the threshold", "dropped", "outranked"])
def test_each_stage_is_named(gate: Gate, stage: str) -> None:
    lost = refused("q2", lost=stage) if stage == "below the threshold" else outranked("q2", lost=stage)
    found = gate.check([right("q1"), lost, rightly_refused("q3")])
    assert f"({stage}: 1)" in found.failures[0]
    assert f"  lost      {stage}: " in found.text


def test_an_answer_to_what_has_none_is_told_as_such(gate: Gate) -> None:
    text = gate.check([right("q1"), right("q2"), made_up("q3")]).text
    assert "  expected  a refusal: the library holds no answer\n  instead   “Snow fell in York.”" in text
    assert "  before    a refusal\n  lost      answered: " in text


def test_as_many_cases_may_be_lost_as_the_gate_says(gate: Gate) -> None:
    found = gate.check([right("q1"), outranked("q2"), rightly_refused("q3")], "[regression]\nmost_lost = 1")
    assert found.passed
    assert "Lost since the baseline:\n\nq2: " in found.text


def test_a_metric_that_is_significantly_worse_fails_though_many_may_be_lost(tmp_path: Path) -> None:
    gate = Gate(tmp_path, [right(f"q{n}") for n in range(12)])
    rules = '[regression]\nmetrics = ["right", "article_hit_1"]\nmost_lost = 12'
    found = gate.check([outranked(f"q{n}") for n in range(12)], rules)
    # 12 lost and none won: 2 / 2^12, doubled for two metrics
    assert found.failures[0] == (
        "right: 100.0 % in the baseline, 0.0 % now: significantly worse (-100.0 points, "
        "95 % interval -100.0 points to -100.0 points, n = 12, p = < 0.001)"
    )


def test_a_metric_that_is_worse_by_chance_is_no_regression(tmp_path: Path) -> None:
    gate = Gate(tmp_path, [right(f"q{n}") for n in range(12)])
    asked = [outranked("q0"), outranked("q1"), *(right(f"q{n}") for n in range(2, 12))]
    assert gate.check(asked, '[regression]\nmetrics = ["right"]\nmost_lost = 2').passed


def test_a_metric_that_got_better_is_no_regression(tmp_path: Path) -> None:
    gate = Gate(tmp_path, [refused(f"q{n}") for n in range(12)])
    rules = '[regression]\nmetrics = ["right", "false_refusal"]'
    assert gate.check([right(f"q{n}") for n in range(12)], rules).passed


def test_a_missed_threshold_names_the_figure_and_the_cases(gate: Gate) -> None:
    found = gate.check([right("q1"), right("q2"), made_up("q3")], "[thresholds]\nabstained_right = { least = 0.9 }\n"
                       "[regression]\nmost_lost = 9")  # fmt: skip
    assert found.failures == ("abstained_right: 0.0 %, and the gate asks for at least 90.0 %",)
    assert "q3: Who won?" in found.text


def test_a_threshold_may_be_a_most(gate: Gate) -> None:
    asked = [right("q1"), refused("q2"), rightly_refused("q3")]
    rules = "[thresholds]\nfalse_refusal = { most = 0.1 }\n[regression]\nmost_lost = 9"
    assert gate.check(asked, rules).failures == ("false_refusal: 50.0 %, and the gate asks for at most 10.0 %",)


def test_a_threshold_on_what_no_case_is_eligible_for_fails_and_says_so(gate: Gate) -> None:
    found = gate.check(GOOD, "[thresholds]\ncitation_recall = { least = 0.1 }")
    assert found.failures == ("citation_recall: no case of this set is eligible for it",)


def test_a_misspelt_metric_fails_with_what_was_meant(gate: Gate) -> None:
    found = gate.check(GOOD, '[thresholds]\nrigth = { least = 0.1 }\n[regression]\nmetrics = ["article_hit"]')
    assert found.failures[0] == "rigth: no case of this set is eligible for it; did you mean right?"
    assert found.failures[1].startswith("article_hit: no case is judged by it both here and in the baseline; did you")


def test_a_citation_that_does_not_resolve_always_fails_and_says_what_stands_there(gate: Gate, tmp_path: Path) -> None:
    wrong = right("q1", metrics={"validity": 0.0})
    folder = write_run(tmp_path / "new", [wrong, *GOOD[1:]])
    path = folder / "results.jsonl"
    path.write_text(path.read_text().replace('"start": 33, "end": 60, "marker"', '"start": 34, "end": 61, "marker"'))
    found = check_run(folder)
    assert found.failures == ("validity: 1 answer not as its articles have it; that always fails",)
    assert "q1: cites rain [34:61] as “The match 🏟 was called off.”, but there stands “he match 🏟" in found.text


def test_an_error_always_fails(gate: Gate) -> None:
    found = gate.check([*GOOD[:2], broken("q3", gold=None)], "[regression]\nmost_lost = 9")
    assert found.failures == ("1 answer ended in an error, first q3: ZeroDivisionError: crashed",)


def test_without_a_baseline_the_thresholds_alone_are_checked_and_this_is_said(tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text("[thresholds]\nright = { least = 0.4 }")
    found = check_run(write_run(tmp_path / "new", [right("q1"), outranked("q2")]), tmp_path / "gate.toml")
    assert found.passed
    assert "no baseline" in found.text


def test_a_baseline_of_other_articles_says_how_to_update_it(gate: Gate) -> None:
    with pytest.raises(UsageError, match=r"articles differ.* footnote eval baseline .*new --out .*baseline\.json"):
        gate.check(GOOD, corpus={"fingerprint": "a" * 64, "articles": 3})


def test_a_baseline_of_other_cases_says_how_to_update_it(gate: Gate) -> None:
    with pytest.raises(UsageError, match=r"their cases differ.* footnote eval baseline"):
        gate.check(GOOD, cases={"path": "p", "sha256": "b" * 64, "n": 3})


def test_times_are_gated_where_they_are_named(gate: Gate) -> None:
    found = gate.check(GOOD, "[thresholds]\nlatency_total_p95_ms = { most = 20 }")
    assert found.failures == ("latency_total_p95_ms: 25 ms, and the gate asks for at most 20 ms",)


def spread(**figures: dict[str, float]) -> dict[str, Any]:
    return {**figures, "flaky": ["q1"], "pass_rate": {}}


def test_a_threshold_that_the_runs_straddle_is_told_and_not_failed(gate: Gate) -> None:
    asked = [right("q1"), outranked("q1", run=1), right("q2"), right("q2", run=1), *GOOD[2:]]
    runs = spread(right={"mean": 0.75, "sd": 0.35, "low": 0.5, "high": 1.0})
    found = gate.check(asked, "[thresholds]\nright = { least = 0.9 }", spread=runs)
    assert found.passed
    assert "the runs go from 50.0 % to 100.0 %, on both sides of it, which is no failure" in found.text


def test_a_straddled_threshold_fails_where_the_mean_is_significantly_worse(tmp_path: Path) -> None:
    gate = Gate(tmp_path, [right(f"q{n}", run=run) for n in range(12) for run in (0, 1)])
    asked = [(right if run else outranked)(f"q{n}", run=run) for n in range(12) for run in (0, 1)]
    runs = spread(right={"mean": 0.5, "sd": 0.7, "low": 0.0, "high": 1.0})
    found = gate.check(asked, "[thresholds]\nright = { least = 0.9 }\n[regression]\nmetrics = []\nmost_lost = 20",
                       spread=runs)  # fmt: skip
    assert len(found.failures) == 1
    assert "the mean is significantly worse" in found.failures[0]


def test_a_flaky_case_is_not_counted_as_lost(gate: Gate) -> None:
    asked = [right("q1"), outranked("q1", run=1), outranked("q1", run=2), *GOOD[1:]]
    found = gate.check(asked, spread=spread())
    assert found.passed
    assert "right in some of the runs, and in most of the baseline's: q1" in found.text


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[treshold]", "treshold: there is no such key; there are thresholds, regression"),
        ("[regression]\nalfa = 0.1", "regression.alfa: there is no such key"),
        ("[thresholds]\nright = { at_least = 0.1 }", "thresholds.right.at_least: there is no such key"),
        ("[thresholds]\nright = 0.9", r"thresholds.right: write \{ least = 0.9 \}"),
        ("[thresholds]\nright = { least = 90 }", "thresholds.right.least: it must be a number from 0 to 1, not 90"),
        ("[thresholds]\nright = { least = nan }", "thresholds.right.least: it must be a number"),
        ("[thresholds]\nright = { least = true }", "thresholds.right.least: it must be a number"),
        ("[thresholds]\nright = { least = 0.9, most = 0.1 }", "thresholds.right: least is more than most"),
        ("[regression]\nalpha = 0.9", "regression.alpha: it must be a number from 0 to 0.5"),
        ("[regression]\nalpha = 0", "regression.alpha: at 0 nothing"),
        ("[regression]\nmost_lost = -1", "regression.most_lost: it must be a number of cases"),
        ("[regression]\nmost_lost = 1.5", "regression.most_lost: it must be a number of cases"),
        ('[regression]\nmetrics = "right"', "regression.metrics: it must be a list"),
        ('[regression]\nmetrics = ["latency_ms"]', "regression.metrics: latency_ms is a time"),
        ("regression = 1", "regression: it must be a table"),
        ("[thresholds", "it is not TOML"),
    ],
)
def test_a_gate_that_is_wrong_is_refused_with_the_path_of_the_key(tmp_path: Path, toml: str, said: str) -> None:
    (tmp_path / "gate.toml").write_text(toml)
    with pytest.raises(UsageError, match=rf"gate\.toml: {said}"):
        read_rules(tmp_path / "gate.toml")


def test_a_gate_that_is_not_there_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--gate FILE"):
        read_rules(tmp_path / "none.toml")


def test_our_own_gate_is_read_and_gates_no_time() -> None:
    rules = read_rules(ROOT / "evals" / "gate.toml")
    assert rules.thresholds["validity"] == Threshold(least=1.0)
    assert not any(name.endswith("_ms") for name in rules.thresholds)
    assert rules.most_lost == 0


def test_evidence_that_does_not_resolve_is_told_too(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [refused("q1", metrics={"validity": 0.0})])
    path = folder / "results.jsonl"
    path.write_text(path.read_text().replace('"end": 60, "ordinal"', '"end": 59, "ordinal"'))
    assert "found rain [33:59] as “The match 🏟 was called off.”, but there stands" in check_run(folder).text
