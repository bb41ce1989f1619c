"""A summary as a table for the terminal."""

from collections.abc import Mapping
from typing import Any

ABSOLUTE = frozenset(("brier", "ece", "auroc", "aurc"))  # figures that are no share of cases
WIDTH = 20


def table(summary: Mapping[str, Any]) -> str:
    """Return a summary as text: all cases first, then each kind of unanswerable and each group."""
    name = summary["name"]
    blocks = [_table(name, summary)]
    blocks += [_table(f"{name}: unanswerable, {kind}", block) for kind, block in summary["kinds"].items()]
    blocks += [_table(f"{name}: {label}", block) for label, block in summary["groups"].items()]
    blocks.append(_latencies(summary["timings"]["latency_ms"]))
    if lost := summary["lost"]:
        blocks.append("Lost: " + ", ".join(f"{count} {stage}" for stage, count in lost.items()))
    if written := summary.get("written"):
        blocks.append("Claims: " + ", ".join(f"{count} {kind}" for kind, count in written.items()))
    if spread := summary.get("spread"):
        blocks.append(_spread(spread))
    if failed := len(summary["errors"]):
        first = summary["errors"][0]
        blocks.append(
            f"{failed} of {summary['n']} questions failed and are in no figure. "
            f"The first is {first['id']}: {first['error']}"
        )
    return "\n\n".join(block for block in blocks if block)


def _table(title: str, block: Mapping[str, Any]) -> str:
    n = block["n"]
    lines = [
        f"{title} ({n} {'question' if n == 1 else 'questions'})",
        f"{'':{WIDTH}}{'n':>7}{'value':>9}   95 % interval",
    ]
    for name, one in block["figures"].items():
        value, low, high = (_shown(name, one[key]) for key in ("value", "low", "high"))
        lines.append(f"{name:{WIDTH}}{one['n']:>7.0f}{value:>9}   {low} to {high}")
    return "\n".join(lines)


def _latencies(stages: Mapping[str, Mapping[str, float]]) -> str:
    lines = [f"{'milliseconds':{WIDTH}}{'n':>7}{'p50':>9}{'p95':>9}"]
    lines += [f"{stage:{WIDTH}}{one['n']:>7}{one['p50']:>9.0f}{one['p95']:>9.0f}" for stage, one in stages.items()]
    return "\n".join(lines) if stages else ""


def _spread(spread: Mapping[str, Any]) -> str:
    lines = [f"{'over the runs':{WIDTH}}{'mean':>7}{'sd':>9}   lowest to highest"]
    for name, one in spread.items():
        if name not in ("flaky", "pass_rate"):
            mean, sd, low, high = (_shown(name, one[key]) for key in ("mean", "sd", "low", "high"))
            lines.append(f"{name:{WIDTH}}{mean:>7}{sd:>9}   {low} to {high}")
    flaky = spread["flaky"]
    lines.append(f"Right in some runs only: {', '.join(flaky) if flaky else 'none'}")
    return "\n".join(lines)


def _shown(name: str, value: float) -> str:
    """Write shares in per cent, and figures that are no share with three decimals."""
    return f"{value:.3f}" if name in ABSOLUTE else f"{100 * value:.1f}%"
