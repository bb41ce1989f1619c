"""Rows of results.jsonl -> what summary.json says of them; a pure function, so a run can be summed up again."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from evals.losing import STAGES
from evals.metrics import METRICS
from evals.metrics.calibrating import aurc, auroc, brier, expected_calibration_error, reliability, risk_coverage
from evals.metrics.estimating import Estimate, Values, estimate, mean_of
from evals.metrics.timing import MILLISECONDS
from evals.metrics.timing import STAGES as TIMED
from evals.running import Row

DECIMALS = 6  # what sums of floats may differ in between machines is not shown
NOT_OF_KINDS = ("refusal_precision", "aurc")  # 1 wherever nothing is answerable

Rows = Sequence[Row]
OfConfidence = Callable[[Values, Values, Values], Values]


def summarise(
    rows: Rows, seed: int, kinds: Mapping[str, str], groups: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what summary.json holds of rows, all but what was run and how long it took.

    `kinds` gives the kind of each unanswerable case by its id, `groups` the group of each case. A
    row that is an error is in no figure.
    """
    of_group = {row["id"]: groups[row["id"]] for row in rows} if groups else {}
    spread = {"spread": _spread(rows)} if len({row["run"] for row in rows}) > 1 else {}
    return {
        **_block(rows, seed),
        "kinds": {kind: _of_kind(rows, kind, kinds, seed) for kind in sorted(set(kinds.values()))},
        "groups": {
            label: _block([row for row in rows if of_group[row["id"]] == label], seed)
            for label in sorted(set(of_group.values()))
        },
        "curves": _curves(rows),
        "lost": {stage: count for stage in STAGES if (count := sum(row["lost"] == stage for row in rows))},
        "written": _written(rows),
        "errors": [{"id": row["id"], "error": row["error"]} for row in rows if row["error"]],
        **spread,
    }


def _written(rows: Rows) -> dict[str, int]:
    """Return how many claims are shown, by the verdict on them, and how many were dropped, by the kind of reason."""
    claims = [claim["support"]["verdict"] for row in _answered(rows) for claim in row["answer"]["claims"]]
    dropped = [f"dropped: {one['kind']}" for row in _answered(rows) for one in row["answer"]["dropped"]]
    return {**Counter(claims), **Counter(dropped)}


def latencies(rows: Rows) -> dict[str, dict[str, float]]:
    """Return the median and the 95th percentile of each stage, in milliseconds."""
    found = {}
    for stage in TIMED:
        times = [row["answer"]["timings_ms"].get(stage) for row in _answered(rows)]
        known = [time for time in times if time is not None]
        if known:
            p50, p95 = (round(float(one), 2) for one in np.percentile(known, (50, 95)))
            found[stage] = {"p50": p50, "p95": p95, "n": len(known)}
    return found


def figures_of(rows: Rows, seed: int) -> dict[str, Estimate]:
    """Return every figure that some row is eligible for, in the order of reporting; none of them is a time."""
    scored = _answered(rows)
    cases = _numbers(scored)
    found: dict[str, Estimate | None] = {
        name: mean_of([row["metrics"][name] for row in scored], seed, cases)
        for name in METRICS
        if not name.endswith(MILLISECONDS)
    }
    judged = [row for row in scored if _outcome(row) is not None]
    came = np.array([_outcome(row) for row in judged], dtype=np.float64)
    for name, figure in (("brier", brier), ("ece", expected_calibration_error), ("aurc", aurc)):
        found[name] = _over(figure, judged, came, seed)
    found["auroc"] = _auroc(scored, seed)
    return {name: one for name, one in found.items() if one is not None}


def _block(rows: Rows, seed: int) -> dict[str, Any]:
    return {"n": len(rows), "figures": {name: _json(one) for name, one in figures_of(rows, seed).items()}}


def _of_kind(rows: Rows, kind: str, kinds: Mapping[str, str], seed: int) -> dict[str, Any]:
    """Return the figures of a kind of unanswerable cases; its AUROC is against all answerable ones."""
    own = [row for row in rows if kinds.get(row["id"]) == kind]
    block = _block(own, seed)
    answerable = [row for row in rows if row["case"]["answerable"]]
    figures = {name: one for name, one in block["figures"].items() if name not in NOT_OF_KINDS}
    against = _auroc(_answered([*answerable, *own]), seed)
    return block | {"figures": figures | ({"auroc": _json(against)} if against else {})}


def _json(one: Estimate) -> dict[str, float]:
    return {name: round(value, DECIMALS) for name, value in asdict(one).items()}


def _auroc(rows: Rows, seed: int) -> Estimate | None:
    """Return how well confidence tells answerable from unanswerable."""
    return _over(auroc, rows, np.array([row["case"]["answerable"] for row in rows], dtype=np.float64), seed)


def _over(figure: OfConfidence, rows: Rows, outcome: Values, seed: int) -> Estimate | None:
    return estimate(partial(figure, _confidence(rows), outcome), _numbers(rows), seed)


def _curves(rows: Rows) -> dict[str, Any]:
    judged = [row for row in _answered(rows) if _outcome(row) is not None]
    confidence, came = _confidence(judged), np.array([_outcome(row) for row in judged], dtype=np.float64)
    return {
        "risk_coverage": [[round(one, 4) for one in point] for point in risk_coverage(confidence, came)],
        "reliability": [
            {name: round(value, 4) for name, value in asdict(one).items()} for one in reliability(confidence, came)
        ],
    }


def _spread(rows: Rows) -> dict[str, Any]:
    """Return how the means of the runs differ, and which cases are right in some of them only."""
    runs = [[row for row in _answered(rows) if row["run"] == run] for run in sorted({row["run"] for row in rows})]
    means = {name: _means(runs, name) for name in METRICS if not name.endswith(MILLISECONDS)}
    passes: dict[str, list[float]] = {}
    for row in rows:
        if (passed := _passed(row)) is not None:
            passes.setdefault(row["id"], []).append(passed)
    return {
        **{name: _spread_of(values) for name, values in means.items() if values},
        "flaky": [id for id, values in passes.items() if len(set(values)) > 1],
        "pass_rate": {id: round(sum(values) / len(values), 4) for id, values in passes.items()},
    }


def _means(runs: Sequence[Rows], name: str) -> list[float]:
    scores = [[row["metrics"][name] for row in run if row["metrics"][name] is not None] for run in runs]
    return [sum(one) / len(one) for one in scores if one]


def _spread_of(values: Sequence[float]) -> dict[str, float]:
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    spread = {"mean": float(np.mean(values)), "sd": sd, "low": min(values), "high": max(values)}
    return {name: round(value, DECIMALS) for name, value in spread.items()}


def _passed(row: Row) -> float | None:
    """Say whether it was right to answer so, or to refuse; an error is not, and None is what nobody can judge."""
    if row["error"]:
        return 0.0
    found: float | None = row["metrics"]["right" if row["case"]["answerable"] else "abstained_right"]
    return found


def _outcome(row: Row) -> float | None:
    """Return what confidence foretold: no answer to an unanswerable question is right."""
    found: float | None = row["metrics"]["right_if_forced"] if row["case"]["answerable"] else 0.0
    return found


def _answered(rows: Rows) -> list[Row]:
    return [row for row in rows if row["answer"] is not None]


def _confidence(rows: Rows) -> Values:
    return np.array([row["answer"]["confidence"] for row in rows], dtype=np.float64)


def _numbers(rows: Rows) -> list[int]:
    numbers = {id: number for number, id in enumerate(dict.fromkeys(row["id"] for row in rows))}
    return [numbers[row["id"]] for row in rows]
