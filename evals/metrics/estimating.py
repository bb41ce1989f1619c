"""A figure with its count and its interval: no mean is reported without both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
Values = NDArray[np.float64]
Statistic = Callable[[NDArray[np.intp]], float | None]
"""A figure over the rows of these numbers; None where they do not define it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over `n` cases, and the interval that holds it with 95 % confidence."""

    n: int
    value: float
    low: float
    high: float


def estimate(statistic: Statistic, n: int, seed: int) -> Estimate | None:
    """Return a figure over n rows with its interval; None where it is undefined.

    The percentile bootstrap (Efron 1979): the rows are drawn again 1,000 times. Where all rows agree
    the interval has no width, however few they are: read it with `n`. Questions on one article are
    taken as independent, which they are not quite, so the true interval is somewhat wider.
    """
    value = statistic(np.arange(n)) if n else None
    if value is None:
        return None
    random = np.random.default_rng(seed)
    drawn = [statistic(random.integers(n, size=n)) for _ in range(RESAMPLES)]
    low, high = np.percentile([one for one in drawn if one is not None], (2.5, 97.5))
    return Estimate(n, float(value), float(low), float(high))


def mean_of(scores: Sequence[float | None], seed: int) -> Estimate | None:
    """Return the mean over the eligible cases; None where there are none."""
    values = _eligible(scores)
    return estimate(lambda rows: float(values[rows].mean()), len(values), seed)


def percentile_of(scores: Sequence[float | None], percent: float, seed: int) -> Estimate | None:
    """Return a percentile over the eligible cases, linear between ranks; None where there are none."""
    values = _eligible(scores)
    return estimate(lambda rows: float(np.percentile(values[rows], percent)), len(values), seed)


def _eligible(scores: Sequence[float | None]) -> Values:
    return np.array([score for score in scores if score is not None], dtype=np.float64)
