"""A figure with its count and its interval: no mean is reported without both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
BLOCK = 100  # resamples at a time: 7,000 rows of weights are then 6 MB
Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]
"""A figure over rows: weights (resamples, rows) -> (resamples,); nan where they do not define it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over `n` rows, and the interval that holds it with 95 % confidence."""

    n: int
    value: float
    low: float
    high: float


def estimate(statistic: Statistic, cases: Sequence[int], seed: int) -> Estimate | None:
    """Return a figure over rows with its interval; None where it is undefined.

    The percentile bootstrap (Efron 1979): cases are drawn again 1,000 times, each with all its rows,
    for the runs of one case are not independent; `cases` is the case of each row. Where all rows agree
    the interval has no width, however few they are: read it with `n`. Questions on one article are
    taken as independent, which they are not quite, so the true interval is somewhat wider.
    """
    if not len(cases):
        return None
    value = float(statistic(np.ones((1, len(cases))))[0])
    if np.isnan(value):
        return None
    _, numbers = np.unique(np.asarray(cases), return_inverse=True)
    counts = _counts(int(numbers.max()) + 1, seed)
    drawn = np.concatenate(
        [statistic(counts[at : at + BLOCK, numbers].astype(np.float64)) for at in range(0, RESAMPLES, BLOCK)]
    )
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    return Estimate(len(cases), value, float(low), float(high))


def mean_of(scores: Sequence[float | None], seed: int, cases: Sequence[int] | None = None) -> Estimate | None:
    """Return the mean over the eligible rows; None where there are none. `cases` is the case of each row."""
    of = range(len(scores)) if cases is None else cases
    eligible = [(score, case) for score, case in zip(scores, of, strict=True) if score is not None]
    values = np.array([score for score, _ in eligible], dtype=np.float64)
    return estimate(lambda weights: mean(values, weights), [case for _, case in eligible], seed)


def mean(values: Values, weights: Values) -> Values:
    """Return the weighted mean for each row of weights."""
    return np.asarray(weights @ values / weights.sum(axis=1))


@lru_cache(maxsize=4)
def _counts(n: int, seed: int) -> NDArray[np.uint16]:
    """Return how often each of n cases is drawn, for every resample."""
    random = np.random.default_rng(seed)
    drawn = (random.integers(n, size=n) for _ in range(RESAMPLES))
    return np.array([np.bincount(one, minlength=n) for one in drawn], dtype=np.uint16)
