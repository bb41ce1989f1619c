"""Does confidence mean what it says? Figures over pairs of a probability and an outcome (0 or 1)."""

import numpy as np

from evals.metrics.estimating import Values

BINS = 10


def brier(confidence: Values, outcome: Values) -> float:
    """Return the mean squared difference of probability and outcome; 0 is best (Brier 1950)."""
    return float(np.mean((confidence - outcome) ** 2))


def expected_calibration_error(confidence: Values, outcome: Values) -> float:
    """Return the mean gap of confidence and accuracy over ten bins of equal width; 0 is best.

    ECE as in Guo et al. 2017 (arXiv:1706.04599): the bins are open on the left, and each weighs as
    many as are in it. Few cases alone make a gap: 100 perfectly calibrated ones have about 0.10, and 1,000
    have 0.03. The bootstrap adds to it, so the interval leans upwards.
    """
    bins = np.clip(np.ceil(confidence * BINS) - 1, 0, BINS - 1).astype(np.intp)
    gaps = np.bincount(bins, weights=confidence - outcome, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def auroc(score: Values, label: Values) -> float | None:
    """Return the probability that a case of label 1 scores above one of label 0, ties counting half.

    The area under the ROC curve by ranks (Hanley & McNeil 1982). None where one label is missing.
    """
    positive = label == 1
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if not ones or not zeros:
        return None
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))
