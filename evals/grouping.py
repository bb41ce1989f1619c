"""Cases -> groups that are reported one by one, so that a mean over all hides none of them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from evals.cases import Case
from vectorstore.errors import UsageError

WEEK_PARITY = "week_parity"
NO_VALUE = "(none)"
_FRIDAY = 4


def group_labels(cases: Sequence[Case], by: str) -> Mapping[str, str]:
    """Return each case's group, by case id: the value of a meta key, or `week_parity`.

    `week_parity` keeps tuning apart from reporting on questions of a weekly news quiz: the weeks of
    all these cases are numbered from 0 in their order, and a case is "even" (tune on these) or "odd"
    (report these). Give it the whole set, before any is left out. Raises UsageError for a key that no
    case has.
    """
    if by == WEEK_PARITY:
        return _week_parity(cases)
    if not any(by in case.meta for case in cases):
        keys = sorted({key for case in cases for key in case.meta})
        raise UsageError(f"No question has the meta key {by!r}. There are: {', '.join([*keys, WEEK_PARITY])}")
    return {case.id: str(case.meta.get(by, NO_VALUE)) for case in cases}


def _week_parity(cases: Sequence[Case]) -> Mapping[str, str]:
    weeks = {case.id: _week(case) for case in cases}
    numbers = {week: number for number, week in enumerate(sorted({week for week in weeks.values() if week}))}
    if not numbers:
        raise UsageError(f"No question has a week to group by {WEEK_PARITY}: that takes meta.week or meta.asked_on")
    return {case_id: ("even", "odd")[numbers[week] % 2] if week else NO_VALUE for case_id, week in weeks.items()}


def _week(case: Case) -> str | None:
    """Return `meta.week`, else the Friday on or after the day of asking.

    Where a question has both they agree; those without an answer have the day alone.
    """
    if "week" in case.meta:
        return str(case.meta["week"])
    return None if case.as_of is None else f"{_next_friday(case.as_of):%Y%m%d}"


def _next_friday(day: date) -> date:
    return day + timedelta(days=(_FRIDAY - day.weekday()) % 7)
