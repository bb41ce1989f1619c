"""Results -> figures with counts and intervals, as JSON and as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from evals.metrics import METRICS
from evals.metrics.calibrating import auroc, brier, expected_calibration_error
from evals.metrics.estimating import Estimate, Values, estimate, mean_of, percentile_of
from evals.running import Result

MILLISECONDS = "_ms"  # how the name of a figure ends that is not a share
ABSOLUTE = frozenset(("brier", "ece", "auroc"))

Figures = Mapping[str, Estimate]


def figures_of(results: Sequence[Result], seed: int) -> dict[str, Estimate]:
    """Return every figure that some result is eligible for, in the order of reporting."""
    scored = [result for result in results if result.answer is not None]
    found: dict[str, Estimate | None] = {
        name: mean_of([result.scores[name] for result in scored], seed) for name in METRICS
    }
    latencies = [result.scores["latency_ms"] for result in scored]
    found["latency_p50_ms"] = percentile_of(latencies, 50, seed)
    found["latency_p95_ms"] = percentile_of(latencies, 95, seed)
    return {name: one for name, one in (found | _of_confidence(scored, seed)).items() if one is not None}


def _of_confidence(results: Sequence[Result], seed: int) -> dict[str, Estimate | None]:
    """Return the figures of calibration, and how well confidence tells answerable from unanswerable.

    Confidence foretells `right_if_forced`; no answer to an unanswerable question is right.
    """
    judged = [r for r in results if not r.case.answerable or r.scores["right_if_forced"] is not None]
    foretold = _confidence(judged)
    came = np.array([r.scores["right_if_forced"] or 0.0 for r in judged], dtype=np.float64)
    score = _confidence(results)
    label = np.array([result.case.answerable for result in results], dtype=np.float64)
    return {
        "brier": _over(brier, foretold, came, seed),
        "ece": _over(expected_calibration_error, foretold, came, seed),
        "auroc": _over(auroc, score, label, seed),
    }


def _over(figure: Callable[[Values, Values], float | None], one: Values, other: Values, seed: int) -> Estimate | None:
    return estimate(lambda rows: figure(one[rows], other[rows]), len(one), seed)


def _confidence(results: Sequence[Result]) -> Values:
    return np.array([result.answer["confidence"] for result in results if result.answer], dtype=np.float64)


def summarise(results: Sequence[Result], seed: int, groups: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what summary.json holds of the results; `groups` gives each case's group by its id."""
    labels = sorted({groups[result.case.id] for result in results}) if groups else []
    return {
        **_block(results, seed),
        "errors": [{"id": result.case.id, "error": result.error} for result in results if result.error],
        "groups": {
            label: _block([result for result in results if groups and groups[result.case.id] == label], seed)
            for label in labels
        },
    }


def _block(results: Sequence[Result], seed: int) -> dict[str, Any]:
    figures = figures_of(results, seed)
    return {"n": len(results), "figures": {name: asdict(one) for name, one in figures.items()}}


def table(title: str, summary: Mapping[str, Any]) -> str:
    """Return a summary as text: all cases first, then each group."""
    blocks = [_table(title, summary["n"], summary["figures"])]
    blocks += [_table(f"{title}: {label}", group["n"], group["figures"]) for label, group in summary["groups"].items()]
    if failed := len(summary["errors"]):
        first = summary["errors"][0]
        blocks.append(
            f"{failed} of {summary['n']} questions failed and are in no figure. "
            f"The first is {first['id']}: {first['error']}"
        )
    return "\n\n".join(blocks)


def _table(title: str, n: int, figures: Mapping[str, Mapping[str, float]]) -> str:
    lines = [
        f"{title} ({n} {'question' if n == 1 else 'questions'})",
        f"{'':20}{'n':>7}{'value':>9}   95 % interval",
    ]
    for name, one in figures.items():
        value, low, high = (_shown(name, one[key]) for key in ("value", "low", "high"))
        lines.append(f"{name:20}{one['n']:>7.0f}{value:>9}   {low} to {high}")
    return "\n".join(lines)


def _shown(name: str, value: float) -> str:
    """Write shares in per cent, times in milliseconds, and figures that are no share with three decimals."""
    if name in ABSOLUTE:
        return f"{value:.3f}"
    return f"{value:.0f}" if name.endswith(MILLISECONDS) else f"{100 * value:.1f}%"
