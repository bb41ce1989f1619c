"""Dates as people and programs write them -> ISO 8601 days. A wrong date is worse than none."""

import re
from datetime import date, datetime

_LONGEST = 64
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


def parse_date(value: str) -> str | None:
    """Return the day as ``YYYY-MM-DD``, or None where the value does not name one day for certain.

    The day is the one that is written: times and time zones are left off and never shift it. None
    are: a day that is missing in part ("December 2013"), years of two digits, numbers that can
    be read both ways ("03/04/2013"), times as numbers of seconds.
    """
    value = value.strip()
    if not value or len(value) > _LONGEST:
        return None
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        pass
    if year_first := _YEAR_FIRST.match(value):
        try:
            return date(int(year_first[1]), int(year_first[2]), int(year_first[3])).isoformat()
        except ValueError:
            return None
    if value.isdecimal() or not _YEAR.search(value):
        return None
    return _parse_freely(value)


def _parse_freely(value: str) -> str | None:
    """Read a date with dateutil, which fills what is missing from a default and guesses orders.

    Two defaults, and both orders of day and month, have to give the same day.
    """
    from dateutil import parser  # 50 ms, and most dates are ISO

    defaults = (datetime(2000, 1, 1), datetime(2001, 2, 2))
    days: set[date] = set()
    for default in defaults:
        for day_first in (True, False):
            try:
                parsed = parser.parse(value, default=default, dayfirst=day_first, ignoretz=True)
            except (ValueError, OverflowError, ArithmeticError, TypeError):
                return None
            days.add(parsed.date())
    return days.pop().isoformat() if len(days) == 1 else None
