"""Does confidence mean what it says? Figures over pairs of a probability and an outcome (0 or 1).

`weights`, of shape (resamples, pairs), says how often each pair counts; a figure has one value a row.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.metrics.estimating import Values, mean

BINS = 10
CURVE_POINTS = 200


@dataclass(frozen=True, slots=True)
class Bin:
    """The pairs whose probability lies above `low`, up to `high`: their mean probability and mean outcome."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def brier(confidence: Values, outcome: Values, weights: Values) -> Values:
    """Return the mean squared difference of probability and outcome; 0 is best (Brier 1950)."""
    return mean((confidence - outcome) ** 2, weights)


def expected_calibration_error(confidence: Values, outcome: Values, weights: Values) -> Values:
    """Return the mean gap of confidence and accuracy over ten bins of equal width; 0 is best.

    ECE as in Guo et al. 2017 (arXiv:1706.04599): the bins are open on the left, and each weighs as
    many as are in it. Few cases alone make a gap: 100 perfectly calibrated ones have about 0.10, and 1,000
    have 0.03. The bootstrap adds to it, so the interval leans upwards.
    """
    in_bin = np.eye(BINS)[_bins(confidence)]
    gaps = weights @ (in_bin * (confidence - outcome)[:, None])
    return np.asarray(np.abs(gaps).sum(axis=1) / weights.sum(axis=1))


def reliability(confidence: Values, outcome: Values) -> list[Bin]:
    """Return the bins of the reliability diagram that hold something (Guo et al. 2017, arXiv:1706.04599)."""
    bins = _bins(confidence)
    return [
        Bin(
            number / BINS,
            (number + 1) / BINS,
            int(inside.sum()),
            float(confidence[inside].mean()),
            float(outcome[inside].mean()),
        )
        for number in range(BINS)
        if (inside := bins == number).any()
    ]


def auroc(score: Values, label: Values, weights: Values) -> Values:
    """Return the probability that a case of label 1 scores above one of label 0, ties counting half.

    The area under the ROC curve as the Mann-Whitney statistic (Hanley & McNeil 1982); nan where one label
    is missing.
    """
    order = np.argsort(score, kind="stable")
    ones, zeros = (_by_score(weights[:, order] * (label[order] == one), score[order]) for one in (1, 0))
    below = np.cumsum(zeros, axis=1) - zeros / 2
    pairs = ones.sum(axis=1) * zeros.sum(axis=1)
    return np.asarray(np.divide((ones * below).sum(axis=1), pairs, out=np.full(len(weights), np.nan), where=pairs > 0))


def aurc(confidence: Values, outcome: Values, weights: Values) -> Values:
    """Return the mean, over every coverage, of the share of wrong answers; 0 is best.

    The area under the risk-coverage curve (Geifman, Uziel & El-Yaniv 2019, arXiv:1805.08206): the n most
    confident are answered, for n from 1 to all. Of cases of equal confidence none comes first: the
    wrong are taken as spread evenly among them, which is the mean over their orders.
    """
    order = np.argsort(-confidence, kind="stable")
    score, wrong = confidence[order], 1 - outcome[order]
    counts, errors = (_by_score(weights[:, order] * one, score) for one in (np.ones_like(wrong), wrong))
    before, errors_before = np.cumsum(counts, axis=1) - counts, np.cumsum(errors, axis=1) - errors
    # Of the j-th of m cases with e errors after n with E, the risk is (E + j e / m) / (n + j): summed over j,
    # by harmonic numbers, E (H(n + m) - H(n)) + e / m (m - n (H(n + m) - H(n))).
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, int(weights.sum(axis=1).max()) + 1))])
    inverse = harmonic[(before + counts).astype(np.intp)] - harmonic[before.astype(np.intp)]
    rate = np.divide(errors, counts, out=np.zeros_like(errors), where=counts > 0)
    area = errors_before * inverse + rate * (counts - before * inverse)
    return np.asarray(area.sum(axis=1) / weights.sum(axis=1))


def risk_coverage(confidence: Values, outcome: Values) -> list[tuple[float, float]]:
    """Return the curve whose area is `aurc`: (coverage, risk), at most 200 points, the last at coverage 1.

    A point stands where a threshold can: after all cases of equal confidence.
    """
    order = np.argsort(-confidence, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(confidence[order])), len(order) - 1) if len(order) else order
    wrong = np.cumsum(1 - outcome[order])
    if len(ends) > CURVE_POINTS:
        ends = ends[np.linspace(0, len(ends) - 1, CURVE_POINTS).round().astype(np.intp)]
    return [(float((end + 1) / len(order)), float(wrong[end] / (end + 1))) for end in ends]


def _bins(confidence: Values) -> NDArray[np.intp]:
    return np.asarray(np.clip(np.ceil(confidence * BINS) - 1, 0, BINS - 1), dtype=np.intp)


def _by_score(weights: Values, ordered: Values) -> Values:
    """Sum the weights of equal scores; `ordered` are the scores of the columns."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(ordered)) + 1])
    return np.asarray(np.add.reduceat(weights, starts, axis=1))
