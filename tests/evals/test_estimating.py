"""Figures, their counts and intervals; expected numbers are worked out by hand or come from scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.metrics.calibrating import auroc, brier, expected_calibration_error
from evals.metrics.estimating import estimate, mean_of, percentile_of

seeds = st.integers(0, 2**32 - 1)
scores = st.lists(st.none() | st.floats(0, 1), max_size=30)


def test_a_mean_counts_eligible_cases_only() -> None:
    found = mean_of([1.0, None, 0.0, 1.0, 1.0], seed=0)
    assert found is not None
    assert (found.n, found.value) == (4, 0.75)  # (1 + 0 + 1 + 1) / 4


def test_nothing_eligible_has_no_mean() -> None:
    assert mean_of([None, None], seed=0) is None
    assert mean_of([], seed=0) is None


def test_the_interval_of_a_share_is_near_the_normal_one() -> None:
    # p = 0.7, n = 400: standard error sqrt(0.7 * 0.3 / 400) = 0.0229, so 0.7 +- 1.96 * 0.0229 = 0.655 to 0.745
    found = mean_of([1.0] * 280 + [0.0] * 120, seed=1)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(0.655, abs=0.006), pytest.approx(0.745, abs=0.006))


@given(scores, seeds)
def test_an_interval_holds_the_mean_and_depends_on_the_seed_alone(values: list[float | None], seed: int) -> None:
    found = mean_of(values, seed)
    assert found == mean_of(values, seed)
    if found is not None:
        eligible = [value for value in values if value is not None]
        assert found.n == len(eligible)
        assert min(eligible) - 1e-9 <= found.low <= found.high <= max(eligible) + 1e-9


def test_a_percentile_is_linear_between_ranks() -> None:
    found = percentile_of([10.0, 20.0, None, 40.0], 50, seed=0)
    assert found is not None
    assert found.value == 20.0
    assert found.n == 3
    quarter = percentile_of([10.0, 20.0], 25, seed=0)
    assert quarter is not None
    assert quarter.value == 12.5  # 10 + 0.25 * (20 - 10)


def test_a_figure_that_is_undefined_on_some_resamples_still_has_an_interval() -> None:
    score, label = np.array([0.2, 0.9]), np.array([0.0, 1.0])
    found = estimate(lambda rows: auroc(score[rows], label[rows]), 2, seed=0)
    assert found is not None
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)  # half of the resamples have one label only


def test_brier_by_hand() -> None:
    # ((0.9 - 1)^2 + (0.6 - 0)^2) / 2 = (0.01 + 0.36) / 2
    assert brier(np.array([0.9, 0.6]), np.array([1.0, 0.0])) == pytest.approx(0.185)


def test_expected_calibration_error_by_hand() -> None:
    # Bin (0.8, 0.9]: 0.9 and 0.85 with outcomes 1 and 0, gap |0.875 - 0.5| = 0.375, weight 2/4.
    # Bin (0.1, 0.2]: 0.2 with 0, gap 0.2, weight 1/4. Bin (0, 0.1]: 0 with 0, gap 0, weight 1/4.
    # 0.375 / 2 + 0.2 / 4 = 0.2375
    confidence, outcome = np.array([0.9, 0.85, 0.2, 0.0]), np.array([1.0, 0.0, 0.0, 0.0])
    assert expected_calibration_error(confidence, outcome) == pytest.approx(0.2375)


def test_auroc_by_hand() -> None:
    # Pairs (one, zero): 0.8 > 0.3, 0.8 > 0.5, 0.5 > 0.3, 0.5 = 0.5 (half): 3.5 of 4.
    assert auroc(np.array([0.8, 0.5, 0.3, 0.5]), np.array([1.0, 1.0, 0.0, 0.0])) == 3.5 / 4
    assert auroc(np.array([0.8, 0.5]), np.array([1.0, 1.0])) is None


@pytest.mark.parametrize("decimals", [1, 6], ids=["many ties", "few ties"])
@pytest.mark.parametrize("seed", range(20))
def test_brier_and_auroc_agree_with_scikit_learn(seed: int, decimals: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, 200).astype(float)
    score = np.clip(random.normal(0.4 + 0.2 * label, 0.2), 0, 1).round(decimals)
    assert brier(score, label) == pytest.approx(metrics.brier_score_loss(label, score))
    assert auroc(score, label) == pytest.approx(metrics.roc_auc_score(label, score))


@pytest.mark.parametrize("seed", range(20))
def test_calibration_error_agrees_with_the_calibration_curve_of_scikit_learn(seed: int) -> None:
    calibration = pytest.importorskip("sklearn.calibration")
    random = np.random.default_rng(seed)
    score = random.random(300)
    label = (random.random(300) < score**2).astype(float)
    accuracy, confidence = calibration.calibration_curve(label, score, n_bins=10)
    counts = np.histogram(score, bins=np.linspace(0, 1, 11))[0]
    expected = np.sum(np.abs(accuracy - confidence) * counts[counts > 0]) / 300
    assert expected_calibration_error(score, label) == pytest.approx(expected)
