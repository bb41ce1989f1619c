"""Figures, their counts and intervals; expected numbers are worked out by hand or come from scikit-learn."""

from collections.abc import Callable
from functools import partial
from itertools import permutations
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.metrics.calibrating import (
    Bin,
    aurc,
    auroc,
    brier,
    expected_calibration_error,
    reliability,
    risk_coverage,
)
from evals.metrics.estimating import Values, estimate, mean_of

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


def test_the_rows_of_a_case_are_drawn_together() -> None:
    # Two cases, one right and one wrong, ten rows each: a resample has mean 0, 1/2 or 1, where twenty
    # independent rows would hardly leave 0.3 to 0.7.
    found = mean_of([1.0] * 10 + [0.0] * 10, seed=0, cases=[7] * 10 + [9] * 10)
    assert found is not None
    assert (found.n, found.value, found.low, found.high) == (20, 0.5, 0, 1)


def test_a_figure_that_is_undefined_on_some_resamples_still_has_an_interval() -> None:
    score, label = np.array([0.2, 0.9]), np.array([0.0, 1.0])
    found = estimate(lambda weights: auroc(score, label, weights), range(2), seed=0)
    assert found is not None
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)  # half of the resamples have one label only


def test_a_figure_that_is_undefined_is_none() -> None:
    same = np.ones(3)
    assert estimate(lambda weights: auroc(same, same, weights), range(3), seed=0) is None


def once(figure: Callable[[Values, Values, Values], Values], one: Values, other: Values) -> float:
    return float(figure(one, other, np.ones((1, len(one))))[0])


@pytest.mark.parametrize("figure", [brier, expected_calibration_error, auroc, aurc])
@pytest.mark.parametrize("seed", range(5))
def test_a_weight_is_how_often_a_row_is_drawn(figure: Callable[[Values, Values, Values], Values], seed: int) -> None:
    random = np.random.default_rng(seed)
    score, label = random.random(40).round(1), random.integers(0, 2, 40).astype(float)
    drawn = random.integers(40, size=40)
    weighed = figure(score, label, np.bincount(drawn, minlength=40)[None].astype(float))
    assert weighed[0] == pytest.approx(once(figure, score[drawn], label[drawn]))


def test_brier_by_hand() -> None:
    # ((0.9 - 1)^2 + (0.6 - 0)^2) / 2 = (0.01 + 0.36) / 2
    assert once(brier, np.array([0.9, 0.6]), np.array([1.0, 0.0])) == pytest.approx(0.185)


def test_expected_calibration_error_by_hand() -> None:
    # Bin (0.8, 0.9]: 0.9 and 0.85 with outcomes 1 and 0, gap |0.875 - 0.5| = 0.375, weight 2/4.
    # Bin (0.1, 0.2]: 0.2 with 0, gap 0.2, weight 1/4. Bin (0, 0.1]: 0 with 0, gap 0, weight 1/4.
    # 0.375 / 2 + 0.2 / 4 = 0.2375
    confidence, outcome = np.array([0.9, 0.85, 0.2, 0.0]), np.array([1.0, 0.0, 0.0, 0.0])
    assert once(expected_calibration_error, confidence, outcome) == pytest.approx(0.2375)


def test_auroc_by_hand() -> None:
    # Pairs (one, zero): 0.8 > 0.3, 0.8 > 0.5, 0.5 > 0.3, 0.5 = 0.5 (half): 3.5 of 4.
    assert once(auroc, np.array([0.8, 0.5, 0.3, 0.5]), np.array([1.0, 1.0, 0.0, 0.0])) == 3.5 / 4
    assert np.isnan(once(auroc, np.array([0.8, 0.5]), np.array([1.0, 1.0])))


@pytest.mark.parametrize("decimals", [1, 6], ids=["many ties", "few ties"])
@pytest.mark.parametrize("seed", range(20))
def test_brier_and_auroc_agree_with_scikit_learn(seed: int, decimals: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, 200).astype(float)
    score = np.clip(random.normal(0.4 + 0.2 * label, 0.2), 0, 1).round(decimals)
    assert once(brier, score, label) == pytest.approx(metrics.brier_score_loss(label, score))
    assert once(auroc, score, label) == pytest.approx(metrics.roc_auc_score(label, score))


@pytest.mark.parametrize("seed", range(20))
def test_calibration_error_agrees_with_the_calibration_curve_of_scikit_learn(seed: int) -> None:
    calibration = pytest.importorskip("sklearn.calibration")
    random = np.random.default_rng(seed)
    score = random.random(300)
    label = (random.random(300) < score**2).astype(float)
    accuracy, confidence = calibration.calibration_curve(label, score, n_bins=10)
    counts = np.histogram(score, bins=np.linspace(0, 1, 11))[0]
    expected = np.sum(np.abs(accuracy - confidence) * counts[counts > 0]) / 300
    assert once(expected_calibration_error, score, label) == pytest.approx(expected)


def test_aurc_and_its_curve_by_hand() -> None:
    # Most confident first: right, wrong, right. Risk 0/1, 1/2, 1/3; the mean is (0 + 1/2 + 1/3) / 3 = 5/18.
    confidence, outcome = np.array([0.9, 0.5, 0.7]), np.array([1.0, 1.0, 0.0])
    assert once(aurc, confidence, outcome) == pytest.approx(5 / 18)
    assert risk_coverage(confidence, outcome) == [(1 / 3, 0), (2 / 3, 1 / 2), (1, pytest.approx(1 / 3))]
    # Two of equal confidence, one wrong: either order alike, risks (0, 1/2) or (1, 1/2); the mean is 1/2.
    assert once(aurc, np.array([0.5, 0.5]), np.array([1.0, 0.0])) == pytest.approx(0.5)
    assert risk_coverage(np.array([0.5, 0.5]), np.array([1.0, 0.0])) == [(1, 0.5)]


@pytest.mark.parametrize("seed", range(10))
def test_aurc_is_the_mean_risk_over_every_order_of_equals(seed: int) -> None:
    random = np.random.default_rng(seed)
    confidence, outcome = random.random(6).round(1), random.integers(0, 2, 6).astype(float)
    areas = []
    for order in permutations(range(6)):
        ranked = outcome[sorted(order, key=lambda row: -confidence[row])]  # sorting keeps the order of equals
        areas.append(np.mean([np.mean(1 - ranked[: n + 1]) for n in range(6)]))
    assert once(aurc, confidence, outcome) == pytest.approx(np.mean(areas))


def test_a_curve_has_two_hundred_points_at_most_and_ends_at_full_coverage() -> None:
    random = np.random.default_rng(0)
    confidence, outcome = random.random(3000), random.integers(0, 2, 3000).astype(float)
    curve = risk_coverage(confidence, outcome)
    assert len(curve) == 200
    assert curve[-1] == (1, pytest.approx(1 - outcome.mean()))
    assert risk_coverage(np.array([]), np.array([])) == []


def test_the_reliability_diagram_leaves_empty_bins_out() -> None:
    bins = reliability(np.array([0.9, 0.85, 0.2, 0.0]), np.array([1.0, 0.0, 0.0, 0.0]))
    assert bins == [Bin(0.0, 0.1, 1, 0.0, 0.0), Bin(0.1, 0.2, 1, 0.2, 0.0), Bin(0.8, 0.9, 2, 0.875, 0.5)]


def test_a_bootstrap_over_thousands_of_rows_takes_seconds_for_all_figures() -> None:
    random = np.random.default_rng(0)
    score, label = random.random(7000), random.integers(0, 2, 7000).astype(float)
    began = perf_counter()
    for _ in range(30):
        mean_of(list(label), seed=0)
    for figure in (brier, expected_calibration_error, auroc, aurc):
        estimate(partial(figure, score, label), range(7000), seed=0)
    assert perf_counter() - began < 60  # some 5 seconds on two idle cores
