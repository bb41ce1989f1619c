"""Are two systems different on the same cases? Paired tests, so that what the cases share cancels out.

Smucker, Allan & Carterette 2007, "A Comparison of Statistical Significance Tests for Information
Retrieval Evaluation" (doi:10.1145/1321440.1321528) compare the tests: sign flips and the bootstrap agree with each
other and keep what they promise; the Wilcoxon and sign tests do not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, permutation_test  # type: ignore[import-untyped]

from evals.metrics.estimating import mean_of

PERMUTATIONS = 9999
_AT_ONCE = 2_000_000  # numbers of a batch of permutations: 16 MB


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the new mean is from the base mean over the same `n` cases, new minus base.

    `low` and `high` hold the difference with 95 % confidence; `p` is two-sided, and not corrected.
    """

    n: int
    base: float
    new: float
    low: float
    high: float
    p: float

    @property
    def value(self) -> float:
        """New minus base."""
        return self.new - self.base


def difference(base: Sequence[float], new: Sequence[float], seed: int) -> Difference | None:
    """Return the paired difference of two means; None without a case.

    The interval is the percentile bootstrap (Efron 1979) over the cases' differences.
    """
    one, other = np.asarray(base, dtype=np.float64), np.asarray(new, dtype=np.float64)
    apart = other - one
    interval = mean_of(apart.tolist(), seed)
    if interval is None:
        return None
    binary = bool(np.isin(np.concatenate((one, other)), (0, 1)).all())
    p = mcnemar(int((apart < 0).sum()), int((apart > 0).sum())) if binary else sign_flips(apart, seed)
    return Difference(len(apart), float(one.mean()), float(other.mean()), interval.low, interval.high, p)


def mcnemar(lost: int, won: int) -> float:
    """Return the exact two-sided p of a right-or-wrong metric, from the cases lost and won.

    McNemar 1947, doi:10.1007/BF02295996: were the two systems alike, each case that changed would as
    soon have been lost as won, which is a binomial test at 1/2.
    """
    return float(binomtest(won, won + lost, 0.5).pvalue) if won + lost else 1.0


def sign_flips(differences: NDArray[np.float64], seed: int) -> float:
    """Return the two-sided p of a mean difference by the paired permutation test.

    Fisher's randomisation: were the two systems alike, each case's difference would as soon have had the
    other sign. All 2^n flips where there are at most 9,999, else so many drawn with the seed (Phipson &
    Smyth 2010, doi:10.2202/1544-6115.1585, why p is then never 0). Cases that do not differ change no
    flip, and are left out.
    """
    apart = differences[differences != 0]
    if len(apart) < 2:  # one difference is as far from 0 with either sign; scipy takes two or more
        return 1.0
    found = permutation_test(
        (apart, np.zeros_like(apart)),
        lambda one, other, axis: np.sum(one - other, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        batch=max(1, _AT_ONCE // len(apart)),
        rng=np.random.default_rng(seed),
    )
    return float(found.pvalue)


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Return each p corrected for there being several.

    Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure": the chance of even one false
    alarm stays below the level, however the metrics depend on each other.
    """
    corrected: dict[str, float] = {}
    highest = 0.0
    for rank, name in enumerate(sorted(p, key=lambda name: p[name])):
        highest = max(highest, min(1.0, (len(p) - rank) * p[name]))
        corrected[name] = highest
    return {name: corrected[name] for name in p}
