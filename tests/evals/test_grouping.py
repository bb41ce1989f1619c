"""Groups that a report keeps apart."""

from datetime import date
from typing import Any

import pytest

from evals.cases import Case
from evals.grouping import group_labels
from vectorstore.errors import UsageError


def case(id: str, as_of: date | None = None, **meta: Any) -> Case:
    return Case(id, "?", (), True, as_of=as_of, meta=meta)


def test_cases_are_grouped_by_a_meta_key() -> None:
    cases = [case("a", kind="date"), case("b", kind="figure"), case("c")]
    assert group_labels(cases, "kind") == {"a": "date", "b": "figure", "c": "(none)"}


def test_a_key_that_no_case_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'kin'.*kind, week_parity"):
        group_labels([case("a", kind="date")], "kin")


def test_weeks_are_even_and_odd_by_turns_in_their_order() -> None:
    cases = [case("c", week="20220701"), case("a", week="20220617"), case("b", week="20220624"), case("d")]
    # In order: 0617 is number 0, 0624 number 1, 0701 number 2.
    assert group_labels(cases, "week_parity") == {"a": "even", "b": "odd", "c": "even", "d": "(none)"}


def test_a_case_without_a_week_has_that_of_the_friday_after_it_was_asked() -> None:
    cases = [
        case("friday", date(2022, 6, 17)),
        case("thursday", date(2022, 6, 16), week="20220617"),
        case("saturday", date(2022, 6, 18)),
    ]
    assert group_labels(cases, "week_parity") == {"friday": "even", "thursday": "even", "saturday": "odd"}


def test_week_parity_takes_weeks() -> None:
    with pytest.raises(UsageError, match=r"meta\.week"):
        group_labels([case("a")], "week_parity")
