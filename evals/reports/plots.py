"""Plots as SVG in the page itself: no library draws them, so that they follow its light or dark and weigh a few kB.

Each is 360 wide, which a phone shows as it is; colours are classes of report.css.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from evals.wording import shown

WIDTH = 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 10, 38
_SQUARE = 250  # height of a plot with two axes
_ROW = 26
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def risk_coverage(points: Sequence[tuple[float, float]]) -> str:
    """Draw the share of wrong answers among those given, as more and more questions are answered.

    El-Yaniv & Wiener 2010: from the most trusted answer (left) to all of them (right); lower is better.
    """
    line = " ".join(f"{_x(coverage):.1f},{_y(risk):.1f}" for coverage, risk in points)
    body = f'<polyline class="line" points="{line}"/>'
    words = "; ".join(f"{risk:.0%} wrong of the {coverage:.0%} most trusted" for coverage, risk in _some(points))
    return _framed(body, "share of questions answered", "share wrong", f"Risk-coverage curve: {words}")


def reliability(bins: Sequence[Mapping[str, Any]]) -> str:
    """Draw how often answers of each confidence were right, with the count of each bin; on the diagonal is honest."""
    filled = [one for one in bins if one["n"]]
    most = max((one["n"] for one in filled), default=1)
    parts = [f'<line class="diagonal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>']
    for one in filled:
        x, y = _x(one["confidence"]), _y(one["accuracy"])
        radius = 3 + 5 * (one["n"] / most) ** 0.5
        below = y < _TOP + 22
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>')
        parts.append(_text(x, y + (radius + 12 if below else -radius - 4), str(one["n"]), "middle", "count"))
    words = "; ".join(
        f"confidence {one['confidence']:.2f}: {one['accuracy']:.0%} right of {one['n']}" for one in filled
    )
    return _framed("".join(parts), "confidence", "share right", f"Reliability diagram: {words}")


def latencies(stages: Mapping[str, Mapping[str, float]]) -> str:
    """Draw the median and the 95th percentile of each stage's milliseconds."""
    most = max((one["p95"] for one in stages.values()), default=0) or 1
    rows = []
    for number, (stage, one) in enumerate(stages.items()):
        y = number * _ROW
        wide, narrow = (_LONG * one[key] / most for key in ("p95", "p50"))
        rows.append(
            _text(_LABEL - 6, y + 17, stage, "end")
            + f'<rect class="pale" x="{_LABEL}" y="{y + 5}" width="{wide:.1f}" height="16"/>'
            + f'<rect class="bar" x="{_LABEL}" y="{y + 9}" width="{narrow:.1f}" height="8"/>'
            + _text(WIDTH, y + 17, f"{one['p50']:.0f} / {one['p95']:.0f} ms", "end", "count")
        )
    words = "; ".join(f"{stage} {one['p50']:.0f} and {one['p95']:.0f} ms" for stage, one in stages.items())
    return _svg("".join(rows), len(stages) * _ROW + 4, f"Median and 95th percentile by stage: {words}")


def intervals(figures: Mapping[str, Mapping[str, float]]) -> str:
    """Draw shares as bars from 0 to 1, each with its count and its 95 % interval."""
    rows = []
    for number, (label, one) in enumerate(figures.items()):
        y = number * 2 * 20
        value, low, high = (_LONG_BAR * min(1.0, max(0.0, one[key])) for key in ("value", "low", "high"))
        rows.append(
            _text(0, y + 13, _short(label), "start")
            + _text(WIDTH, y + 13, f"{shown('', one['value'])}, n = {one['n']:.0f}", "end", "count")
            + f'<rect class="pale" x="0" y="{y + 19}" width="{_LONG_BAR}" height="10"/>'
            + f'<rect class="bar" x="0" y="{y + 19}" width="{value:.1f}" height="10"/>'
            + _whisker(low, high, y + 24)
        )
    words = "; ".join(
        f"{label} {shown('', one['value'])} ({shown('', one['low'])} to {shown('', one['high'])})"
        for label, one in figures.items()
    )
    return _svg("".join(rows), len(figures) * 40 + 2, f"Shares with 95 % intervals: {words}")


_LABEL = 56
_LONG = WIDTH - _LABEL - 112
_LONG_BAR = WIDTH
_LONGEST_LABEL = 36


def _whisker(low: float, high: float, y: int) -> str:
    """Return an interval as a line with two ends, on a wider one that parts it from the bar."""
    path = f"M{low:.1f} {y}H{high:.1f}M{low:.1f} {y - 5}v10M{high:.1f} {y - 5}v10"
    return f'<path class="halo" d="{path}"/><path class="interval" d="{path}"/>'


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"


def _some(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points nearest to a quarter, half, three quarters and all of the questions, for a screen reader."""
    return [min(points, key=lambda point: abs(point[0] - share)) for share in _TICKS[1:]] if points else []


def _framed(body: str, across: str, up: str, words: str) -> str:
    grid = "".join(
        f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(tick):.1f}" y2="{_y(tick):.1f}"/>'
        + _text(_x(0) - 6, _y(tick) + 4, f"{tick:g}", "end", "tick")
        + _text(_x(tick), _SQUARE - _BOTTOM + 15, f"{tick:g}", "middle", "tick")
        for tick in _TICKS
    )
    middle = (_y(0) + _y(1)) / 2
    names = _text((_x(0) + _x(1)) / 2, _SQUARE - 5, across, "middle") + (
        f'<text transform="translate(11 {middle:.0f}) rotate(-90)" text-anchor="middle">{escape(up)}</text>'
    )
    return _svg(grid + names + body, _SQUARE, words)


def _svg(body: str, height: int, words: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(words)}">{body}</svg>'


def _text(x: float, y: float, words: str, anchor: str, look: str = "label") -> str:
    return f'<text class="{look}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _TOP + (1 - share) * (_SQUARE - _TOP - _BOTTOM)
