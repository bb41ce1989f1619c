"""The days, months and years that a text names, and those that follow from when its article was published."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

MONTHS = "january february march april may june july august september october november december".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTH = "|".join(f"{month}|{month[:3]}\\.?" for month in MONTHS if month != "may") + "|may|sept\\.?"
_DAY = r"(?P<{0}>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<{0}>(?:1[1-9]|20)\d\d)"
_DATE = re.compile(
    rf"""(?ix)
    (?P<iso>\b(?:19|20)\d\d-[01]\d-[0-3]\d\b)
  | \b{_DAY.format("d1")}\ (?:of\ )?(?P<m1>{_MONTH})\b,?(?:\ {_YEAR.format("y1")}\b)?
  | \b(?P<m2>{_MONTH})\ {_DAY.format("d2")}(?![\d,.]*\d|\ ?%)(?:\ ?,?\ {_YEAR.format("y2")}\b)?
  | \b(?P<m3>{_MONTH})\b(?:,?\ (?:of\ |in\ )?{_YEAR.format("y3")}\b)?
  | (?<![\w.,£$€])(?P<decade>(?:1[1-9]|20)\d0)'?s\b
  | (?<![\w.,£$€])(?<!\d[-/]){_YEAR.format("y4")}(?![\w%]|[.,]\d|\ (?:per\ cent|percent|million|billion|people|jobs)\b)
  | \b(?P<weekday>{"|".join(WEEKDAYS)})s?\b
    """
)
_RELATIVE = re.compile(
    r"(?i)\b(?P<day>today|tonight|yesterday|tomorrow)\b"
    r"|\b(?P<which>last|this|next|earlier this|later this) (?P<unit>week|month|year)\b"
    r"|\b(?P<count>an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) "
    r"(?P<units>day|week|month|year)s? ago\b"
)
_BEFORE_MONTH = re.compile(
    r"(?i)\b(?:in|of|since|until|by|last|next|this|early|late|mid|from|to|and|between|before|after|during)[ -]$"
)
_OF_YEAR = re.compile(r"(?i) (?:of )?(last|this|next) year\b")
_AHEAD = re.compile(r"(?i)\b(?:will|due|next|plans?|planned|scheduled|expected|upcoming|is to|are to|going to)\b|'ll\b")
_COUNTS = "a an one two three four five six seven eight nine ten".split()
_STEPS = {"last": -1, "next": 1}
_DAYS = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class Day:
    """What a text says of a day; None where it does not.

    `weekday` counts from 0, Monday; `decade` is its first year; `words` are those of "last year".
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    decade: int | None = None
    words: str = ""

    def follows_from(self, other: "Day", years: set[int]) -> bool:
        """Say whether another mention tells all of this; `years` are those it may take where it has none."""
        if self.words:
            return self.words == other.words
        year_told = self.year is None or self.year == other.year or (other.year is None and self.year in years)
        pairs = ((self.month, other.month), (self.day, other.day), (self.weekday, other.weekday))
        return year_told and self.decade in (None, other.decade) and all(mine in (None, its) for mine, its in pairs)


@dataclass(frozen=True, slots=True)
class Mention:
    """A day that is named at ``text[start:end]``."""

    start: int
    end: int
    day: Day


def mentions_in(text: str) -> list[Mention]:
    """Return the days, months, years and words such as "last year" of a text, in order."""
    found = [Mention(*match.span(), day) for match in _DATE.finditer(text) if (day := _named(match, text))]
    relative = [Mention(*match.span(), Day(words=_words(match))) for match in _RELATIVE.finditer(text)]
    return sorted(found + relative, key=lambda mention: mention.start)


def days_told(text: str, published: str | None) -> list[Day]:
    """Return all that a text tells of days, with what follows from the day on which it was published."""
    mentions = mentions_in(text)
    told = [mention.day for mention in mentions]
    if day := _date(published):
        ahead = bool(_AHEAD.search(text))
        for mention in mentions:
            if said := _OF_YEAR.match(text, mention.end):  # "in June last year"
                told.append(replace(mention.day, year=day.year + _STEPS.get(said[1].lower(), 0)))
            else:
                told += _placed(mention.day, day, ahead=ahead)
        told += [found for match in _RELATIVE.finditer(text) for found in _relative(match, day)]
    return told + [replace(one, weekday=_weekday(one)) for one in told if _weekday(one) is not None]


def without_dates(text: str, mentions: Sequence[Mention]) -> str:
    """Blank the days out of a text, so that their numbers count nothing else; places stay what they are."""
    for mention in mentions:
        if not mention.day.words:
            text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return text


def _named(match: re.Match[str], text: str) -> Day | None:
    group = match.groupdict()
    if group["iso"]:
        iso = _date(group["iso"])
        return Day(iso.year, iso.month, iso.day) if iso else None
    if group["weekday"]:
        return Day(weekday=WEEKDAYS.index(group["weekday"].lower()))
    if group["decade"]:
        return Day(decade=int(group["decade"]))
    year = next((int(group[name]) for name in ("y1", "y2", "y3", "y4") if group[name]), None)
    month = next((group[name] for name in ("m1", "m2", "m3") if group[name]), None)
    if month is None:
        return Day(year)
    number = next(int(group[name]) for name in ("d1", "d2") if group[name]) if not group["m3"] else None
    if not month[0].isupper() or number == 0 or (number or 0) > 31:
        return None
    alone = group["m3"] and year is None
    if alone and (len(month) < 4 or month == "March") and not _BEFORE_MONTH.search(text, 0, match.start()):
        return None
    return Day(year, [name[:3] for name in MONTHS].index(month[:3].lower()) + 1, number)


def _date(iso: str | None) -> date | None:
    try:
        return date.fromisoformat(iso) if iso else None
    except ValueError:
        return None


def _weekday(day: Day) -> int | None:
    if day.year and day.month and day.day and day.weekday is None:
        try:
            return date(day.year, day.month, day.day).weekday()
        except ValueError:
            return None
    return None


def _placed(day: Day, published: date, *, ahead: bool) -> Iterator[Day]:
    """Yield where a weekday or a month without a year is: the nearest before the article, or after what will be."""
    if day.weekday is not None:
        back = (published.weekday() - day.weekday) % 7
        yield _full(published - timedelta(back))
        if ahead:
            yield _full(published + timedelta((-back) % 7))
    elif day.month and day.year is None:
        passed = (day.month, day.day or 1) <= (published.month, published.day)
        yield replace(day, year=published.year - (not passed))
        if ahead:
            reached = (day.month, day.day or 31) >= (published.month, published.day)
            yield replace(day, year=published.year + (not reached))


def _relative(match: re.Match[str], published: date) -> Iterator[Day]:
    if match["day"]:
        yield _full(published + timedelta(_DAYS[match["day"].lower()]))
    elif match["unit"]:
        step = _STEPS.get(match["which"].lower(), 0)
        yield from _moved(published, match["unit"].lower(), step)
    else:
        yield from _moved(published, match["units"].lower(), -_count(match))


def _count(match: re.Match[str]) -> int:
    count = match["count"].lower()
    return int(count) if count.isdigit() else max(1, _COUNTS.index(count) - 1)


def _words(match: re.Match[str]) -> str:
    """Return the words of a relative date, in which "two years ago" and "2 years ago" are one."""
    return f"{_count(match)} {match['units'].lower()} ago" if match["count"] else match[0].lower()


def _moved(published: date, unit: str, steps: int) -> Iterator[Day]:
    """Yield the day, month or year some units away, no closer than the unit says; of weeks nothing follows."""
    moved = published + relativedelta(**{f"{unit}s": steps})  # type: ignore[arg-type]
    if unit == "day":
        yield _full(moved)
    elif unit == "month":
        yield Day(moved.year, moved.month)
    elif unit == "year":
        yield Day(moved.year)


def _full(day: date) -> Day:
    return Day(day.year, day.month, day.day, day.weekday())
