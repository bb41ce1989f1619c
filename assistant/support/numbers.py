"""The quantities of a text by value and kind: £5.6bn is 5.6 billion pounds, "four" is 4, "21 per cent" is 21%."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

ORDINAL, PERCENT, MANY = "ordinal", "%", "many"
Reading = tuple[float, str]

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_SCALES = {
    "dozen": 12.0,
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
}
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12}
_SMALL = {word: float(value) for value, word in enumerate(_UNITS)} | {
    word: 20.0 + 10.0 * at for at, word in enumerate(_TENS)
}
_ORDER = {word: at + 1.0 for at, word in enumerate(_ORDINALS)}
_KINDS = {
    "£": "£|gbp|pounds?(?: sterling)?",
    "$": r"us ?\$|\$|usd|(?:us )?dollars?",
    "€": "€|eur|euros?",
    "¥": "¥|jpy|yen",
    "yuan": "cny|rmb|yuan|renminbi",
    PERCENT: "%|per ?cent|percentage points?|pc",
    "am": r"a\.?m\.?",
    "pm": r"p\.?m\.?",
}
_CURRENCIES = {"£", "$", "€", "¥", "yuan"}
_SMALL_WORDS = "|".join(sorted(_SMALL, key=len, reverse=True))
_SCALE_WORDS = "|".join(_SCALES)
_SCALED = rf"(?:{_SCALE_WORDS})\b(?:\ (?:{_SCALE_WORDS})\b)*"
_QUANTITY = re.compile(
    rf"""(?ix)
    (?:(?P<before>us\ ?\$|[£$€¥]|\b(?:gbp|usd|eur|rmb))\ ?)?
    (?:
        (?<![a-z0-9.,:/])(?<![A-Z]-)
        (?P<digits>\d{{1,2}}[:/]\d{{1,2}}(?:/\d{{2,4}})?|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)
        (?:(?P<th>st|nd|rd|th)\b|(?:\ ?(?P<short>k|mn|m|bn|b|tn)\b|[\ -]?(?P<scale>{_SCALED})))?
      | \b(?P<words>(?:{_SMALL_WORDS}|{_SCALE_WORDS})\b(?:(?:[\ -]|\ and\ )(?:{_SMALL_WORDS}|{_SCALE_WORDS})\b)*)
        (?:-(?P<last>{"|".join(_ORDINALS[:9])})\b)?
      | \b(?P<order>{"|".join(_ORDINALS)})\b(?!-)
      | \b(?P<many>(?:{_SCALE_WORDS})s)\b
    )
    (?:[\ -]?(?P<after>{"|".join(_KINDS.values()).replace(" ", chr(92) + " ")})(?![\w%]))?
    """
)
_RANGE = re.compile(r" ?(?:-+|–|to|and|or) ?")
_DETERMINED = re.compile(r"(?i)\b(?:the|his|her|its|their|my|our|'s|for a)\s$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity at ``text[start:end]``: its value and kind, as it may be read.

    A range shares its kind and scale ("3 to 5 million"), so that 3 may be read in two ways. `weak`
    quantities are often none at all: "one" as a pronoun, "second" as a unit of time.
    """

    start: int
    end: int
    readings: frozenset[Reading]
    scale: float = 1.0
    weak: bool = False

    @property
    def kinds(self) -> set[str]:
        """The kinds of its readings."""
        return {kind for _, kind in self.readings}

    def stands_in(self, others: Sequence["Quantity"]) -> bool:
        """Say whether one of some quantities is this one."""
        return any(_same(one, other) for one in self.readings for found in others for other in found.readings)


def quantities_in(text: str) -> list[Quantity]:
    """Return the quantities of a text, in order; dates are numbers too, and are for the caller to take out."""
    found = [quantity for match in _QUANTITY.finditer(text) for quantity in _of(match, text)]
    for at, (one, two) in enumerate(pairwise(found)):
        if _RANGE.fullmatch(text, one.end, two.start):
            found[at], found[at + 1] = _shared(one, two)
    return found


def _same(claimed: Reading, cited: Reading) -> bool:
    """Compare readings; a claim may leave out which currency a large sum is in."""
    (value, kind), (other, cited_kind) = claimed, cited
    left_out = kind == "" and cited_kind in _CURRENCIES and value >= 1e3
    return (kind == cited_kind or left_out) and abs(value - other) <= 1e-9 * max(abs(value), abs(other))


def _of(match: re.Match[str], text: str) -> Iterator[Quantity]:
    start, end = match.span()
    if match["digits"]:
        digits = match["digits"]
        if mark := re.search("[:/]", digits):  # a time, or a date in a form that is not guessed
            yield Quantity(start, end, frozenset({(float(re.sub(r"\D", "", digits)), mark[0] + _kind(match))}))
            return
        value = float(digits.replace(",", ""))
        scale = _SHORT_SCALES.get((match["short"] or "").lower(), 1.0)
        for word in (match["scale"] or "").lower().split():
            scale *= _SCALES[word]
        kind = ORDINAL if match["th"] else _kind(match)
        readings = {(value * scale, kind)}
        if (match["short"] or "").lower() == "m" and not kind:
            readings.add((value, ""))  # metres
        yield Quantity(start, end, frozenset(readings), scale)
    elif match["words"]:
        yield from _spelled(match)
    elif match["order"]:
        weak = not _DETERMINED.search(text, 0, start)
        yield Quantity(start, end, frozenset({(_ORDER[match["order"].lower()], ORDINAL)}), weak=weak)
    else:
        yield Quantity(start, end, frozenset({(_SCALES[match["many"].lower()[:-1]], MANY)}))


def _spelled(match: re.Match[str]) -> Iterator[Quantity]:
    words = [word for word in re.split(r"[\s-]+", match["words"].lower()) if word != "and"]
    values = list(_values(words))
    for value, scale in values[:-1]:
        yield Quantity(*match.span(), frozenset({(value, "")}), scale)
    value, scale = values[-1]
    kind = _kind(match)
    if match["last"]:
        value, kind = value + _ORDER[match["last"].lower()], ORDINAL
    yield Quantity(*match.span(), frozenset({(value, kind)}), scale, weak=words == ["one"] and not kind)


def _values(words: Sequence[str]) -> Iterator[tuple[float, float]]:
    """Yield the values of spelled numbers, each with its scale ("two hundred thousand" -> 200,000 and 1,000)."""
    total, current, scale = 0.0, 0.0, 1.0
    before = ""
    for word in words:
        if word in _SMALL:
            if before in _SMALL and not (before in _TENS and _SMALL[word] < 10):  # "nineteen ninety" is two
                yield total + current, scale
                total, current, scale = 0.0, 0.0, 1.0
            current += _SMALL[word]
        elif _SCALES[word] <= 1e2:
            current = (current or 1.0) * _SCALES[word]
        else:
            total, current, scale = total + (current or 1.0) * _SCALES[word], 0.0, _SCALES[word]
        before = word
    yield total + current, scale


def _kind(match: re.Match[str]) -> str:
    marks = [mark.lower() for mark in (match["before"], match["after"]) if mark]
    return next((kind for mark in marks for kind, forms in _KINDS.items() if re.fullmatch(forms, mark)), "")


def _shared(one: Quantity, two: Quantity) -> tuple[Quantity, Quantity]:
    """Let the two ends of a range lend each other kind and scale."""
    scale = two.scale if one.scale == 1.0 else 1.0
    lent = {(value * scale, own or kind) for value, own in one.readings for kind in two.kinds}
    returned = {(value, kind) for value, bare in two.readings if not bare for kind in one.kinds if kind != ORDINAL}
    return replace(one, readings=one.readings | lent), replace(two, readings=two.readings | returned)
