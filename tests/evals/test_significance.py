"""The paired tests, against numbers worked out by hand and against what they promise."""

import numpy as np
import pytest

from evals.significance import difference, holm, mcnemar, sign_flips


def test_mcnemar_is_twice_the_tail_of_a_fair_coin() -> None:
    # 6 changes, 1 of them won: 2 * (C(6,0) + C(6,1)) / 2^6 = 2 * 7 / 64
    assert mcnemar(5, 1) == pytest.approx(14 / 64)
    assert mcnemar(10, 0) == pytest.approx(2 / 1024)
    assert mcnemar(3, 3) == 1


def test_no_change_has_a_p_of_one() -> None:
    assert mcnemar(0, 0) == 1
    assert sign_flips(np.zeros(5), seed=0) == 1
    assert sign_flips(np.array([0.0, 0.3]), seed=0) == 1  # one sign or the other


def test_few_differences_are_flipped_in_every_way() -> None:
    # Of the 8 ways to sign 0.1, 0.2 and 0.4, only +++ and --- have a sum as far from 0: 2 / 8
    assert sign_flips(np.array([0.1, 0.2, 0.4]), seed=0) == pytest.approx(0.25)
    # 0.4 - 0.1 - 0.2 = 0.1 is the least of all sums
    assert sign_flips(np.array([-0.1, -0.2, 0.4]), seed=0) == pytest.approx(1.0)


def test_cases_that_do_not_differ_change_no_p() -> None:
    apart = np.array([0.1, 0.2, 0.4])
    assert sign_flips(np.concatenate((apart, np.zeros(50))), seed=0) == sign_flips(apart, seed=0)


def test_many_differences_are_drawn_with_the_seed() -> None:
    apart = np.random.default_rng(1).normal(0.05, 0.3, 200)
    assert sign_flips(apart, seed=7) == sign_flips(apart, seed=7)
    assert sign_flips(apart, seed=7) == pytest.approx(sign_flips(apart, seed=8), abs=0.02)


def test_equal_systems_are_called_different_no_more_often_than_alpha_says() -> None:
    random = np.random.default_rng(0)
    alarms = [sign_flips(random.normal(0, 1, 12), seed=0) < 0.05 for _ in range(400)]
    assert np.mean(alarms) < 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


def test_a_binary_metric_is_tested_by_mcnemar_and_others_by_sign_flips() -> None:
    lost = difference([1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 1], seed=0)
    assert lost is not None
    assert (lost.n, lost.p) == (6, pytest.approx(14 / 64))
    graded = difference([0.5, 0.5, 0.5], [0.6, 0.7, 0.9], seed=0)
    assert graded is not None
    assert graded.p == pytest.approx(0.25)
    assert graded.value == pytest.approx(0.7 / 3)
    assert graded.low <= graded.value <= graded.high


def test_the_interval_of_alike_differences_has_no_width() -> None:
    found = difference([0.5, 0.25], [0.75, 0.5], seed=0)
    assert found is not None
    assert (found.low, found.high) == (0.25, 0.25)


def test_no_case_has_no_difference() -> None:
    assert difference([], [], seed=0) is None


def test_holm_by_hand() -> None:
    # Ranked 0.01, 0.02, 0.04: times 3, 2 and 1, and never below the one before
    assert holm({"a": 0.04, "b": 0.01, "c": 0.02}) == pytest.approx({"a": 0.04, "b": 0.03, "c": 0.04})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}
