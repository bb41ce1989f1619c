"""Claims made from gold sentences: corrupted ones, which no checker may pass, and honest ones, which it must.

They are made with patterns of their own, not with the checker's, so that it is not measured by itself. Seeded: the
same sentence, article and `random.Random` give the same claims.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_NAME = r"[A-Z][\w’'-]+(?: (?:of |the |de |von )?[A-Z][\w’'-]+)*"
_INSIDE = re.compile(rf"(?<![.?!\"“] )(?<!^)\b{_NAME}")
_NUMBER = re.compile(r"(?<![\w.,:/-])[£$€]?\d+(?:,\d{3})*(?:\.\d+)?(?![\w-]|[.,:/]\d)")
_SPELLED = "two three four five six seven eight nine ten eleven twelve".split()
_SPELLED_NUMBER = re.compile(rf"\b(?:{'|'.join(_SPELLED)})\b")
_YEAR = re.compile(r"(?<![\w,.£$€-])(?:1[5-9]|20)\d\d\b(?![,.]\d|-)")
_MONTHS = "January February March April May June July August September October November December".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTH = re.compile(rf"\b(?:{'|'.join(set(_MONTHS) - {'May', 'March'})})\b")
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(_WEEKDAYS)})\b")
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|did|does)\b(?! not|n't)")
_NOT = re.compile(r" (?:not|never)\b|n[’']t\b")
_HEDGE = re.compile(r"\b(?:may|might|could)\b(?= [a-z])")
_SAID = r"(?:said|says|told (?:\w+ ){1,3}that|claimed|claims|argued|argues|warned|believes|alleged|insisted)"
_FIRST = re.compile(rf"^(?P<who>(?:The |A |An )?(?:[\w’'.-]+ ){{1,6}}?){_SAID} (?:that )?(?P<what>[^“\"]+)[.]$")
_LAST = re.compile(rf"^[“\"]?(?P<what>[^“”\"]+?),?[”\"]? (?P<who>(?:[\w’'.-]+ ){{1,6}}?){_SAID}[.]$")
_INVERTED = re.compile(rf"^[“\"]?(?P<what>[^“”\"]+?),[”\"]? (?P<verb>said|says) (?P<who>{_NAME})[.]$")
_ACCORDING = re.compile(r"^According to (?P<who>[^,]+), (?P<what>[^“\"]+)[.]$")
_QUOTED = re.compile(r"(?<![\w.,!?])[“\"]([^\s“”\"][^“”\"]{12,})[”\"]")
_SCALED = re.compile(r"([£$€])(\d[\d,.]*\d|\d) ?(bn|billion|m|million)\b")
_PERCENT = re.compile(r"(\d) ?(?:%|per cent|percent)")
_ASIDE = re.compile(r" ?\([^()]*\)| ?-- [^-]+ --|, (?:which|who|where|including|such as) [^,]+(?=[.]$)")
_CURRENCY = {"£": "pounds", "$": "dollars", "€": "euros"}


@dataclass(frozen=True, slots=True)
class Variant:
    """A claim made from a sentence: which kind it is, and whether the sentence supports it."""

    kind: str
    text: str
    honest: bool


Maker = Callable[[str, str, random.Random], str | None]


def variants_of(sentence: str, article: str, chance: random.Random) -> Iterator[Variant]:
    """Yield a claim of every kind that can be made from a sentence of an article."""
    yield Variant("verbatim", sentence, True)
    for kind, make in CORRUPTIONS.items():
        if (text := make(sentence, article, chance)) and text != sentence:
            yield Variant(kind, text, False)
    for kind, make in HONEST.items():
        if (text := make(sentence, article, chance)) and text != sentence:
            yield Variant(kind, text, True)


def _pick(pattern: re.Pattern[str], text: str, chance: random.Random) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return chance.choice(found) if found else None


def _put(text: str, match: re.Match[str], other: str) -> str:
    return text[: match.start()] + other + text[match.end() :]


def _number_changed(sentence: str, article: str, chance: random.Random) -> str | None:
    found = [m for m in _NUMBER.finditer(sentence) if not _YEAR.fullmatch(m[0])]
    if not found:
        return _spelled_changed(sentence, chance)
    match = chance.choice(found)
    mark = match[0][0] if match[0][0] in _CURRENCY else ""
    others = {m[0].lstrip("£$€") for m in _NUMBER.finditer(article) if not _YEAR.fullmatch(m[0])}
    digits = match[0].removeprefix(mark)
    others -= {m[0].lstrip("£$€") for m in _NUMBER.finditer(sentence)}
    near = [str(int(digits) + step) for step in (1, 2, 10)] if digits.isdigit() else []
    pool = sorted(others) or [other for other in near if other not in sentence]
    return _put(sentence, match, mark + chance.choice(pool)) if pool else None


def _spelled_changed(sentence: str, chance: random.Random) -> str | None:
    match = _pick(_SPELLED_NUMBER, sentence, chance)
    pool = [word for word in _SPELLED if word not in sentence.lower()]
    return _put(sentence, match, chance.choice(pool)) if match and pool else None


def _date_moved(sentence: str, article: str, chance: random.Random) -> str | None:
    options: list[tuple[re.Match[str], str]] = []
    for pattern, names in ((_MONTH, _MONTHS), (_WEEKDAY, _WEEKDAYS)):
        others = [name for name in names if name not in sentence]
        options += [(match, chance.choice(others)) for match in pattern.finditer(sentence)]
    for match in _YEAR.finditer(sentence):
        other = str(int(match[0]) + chance.choice((-10, -2, -1, 1, 2, 10)))
        options += [(match, other)] if other not in sentence else []
    return _put(sentence, *chance.choice(options)) if options else None


def _name_swapped(sentence: str, article: str, chance: random.Random) -> str | None:
    match = _pick(_INSIDE, sentence, chance)
    return (
        _put(sentence, match, other) if match and (other := _other_name(match[0], sentence, article, chance)) else None
    )


def _other_name(name: str, sentence: str, article: str, chance: random.Random) -> str | None:
    """Return another name of the article, of as many words where there is one; dates are no names."""
    words = set(re.findall(r"\w+", sentence))
    pool = [
        other
        for other in _names_of(article)
        if not set(re.findall(r"\w+", other)) & (words | set(_MONTHS) | set(_WEEKDAYS)) and len(other) > 3
    ]
    alike = [other for other in pool if other.count(" ") == name.count(" ")]
    return chance.choice(alike or pool) if pool else None


@lru_cache(maxsize=1024)
def _names_of(text: str) -> list[str]:
    """Return the names of an article: not what opens its sentences, nor what it writes without a capital too."""
    ordinary = set(re.findall(r"\b[a-z]+\b", text)) | {
        "This",
        "That",
        "These",
        "They",
        "When",
        "What",
        "Since",
        "After",
    }
    names = {re.sub(r"[’']s$", "", name) for name in _INSIDE.findall(text)}
    return sorted(name for name in names if not {name.split()[0], name.split()[0].lower()} & ordinary)


def _places_exchanged(sentence: str, article: str, chance: random.Random) -> str | None:
    """Exchange two names, or two numbers, that are not merely listed beside each other."""
    for pattern in (_INSIDE, _NUMBER):
        named = set(_names_of(article)) if pattern is _INSIDE else {m[0] for m in pattern.finditer(sentence)}
        found = [m for m in pattern.finditer(sentence) if m[0] in named and m[0] not in _MONTHS + _WEEKDAYS]
        for one, two in pairwise(found):
            between = sentence[one.end() : two.start()]
            told = re.search(r"\w{3,}", between) and not re.search(r"\b(?:and|or|with)\b|[(]", between)
            if told and one[0] not in two[0] and two[0] not in one[0]:
                return sentence[: one.start()] + two[0] + between + one[0] + sentence[two.end() :]
    return None


def _negation_added(sentence: str, article: str, chance: random.Random) -> str | None:
    if re.search(r"\b(?:not|no|never)\b|n[’']t\b", sentence):
        return None
    match = _AUXILIARY.search(sentence)
    return sentence[: match.end()] + " not" + sentence[match.end() :] if match else None


def _negation_removed(sentence: str, article: str, chance: random.Random) -> str | None:
    match = _NOT.search(sentence)
    return None if not match or sentence.startswith(" only", match.end()) else _put(sentence, match, "")


def _hedge_removed(sentence: str, article: str, chance: random.Random) -> str | None:
    match = _HEDGE.search(sentence)
    return _put(sentence, match, "will") if match else None


def _parted(sentence: str) -> tuple[str, str] | None:
    """Return who speaks, and what is said."""
    for pattern in (_INVERTED, _ACCORDING, _FIRST, _LAST):
        if match := pattern.match(sentence):
            return match["who"].strip(), match["what"].strip()
    return None


def _unattributed(sentence: str, article: str, chance: random.Random) -> str | None:
    parted = _parted(sentence)
    return parted[1][0].upper() + parted[1][1:] + "." if parted and len(parted[1].split()) > 3 else None


def _speaker_changed(sentence: str, article: str, chance: random.Random) -> str | None:
    parted = _parted(sentence)
    if not parted:
        return None
    other = _other_name(parted[0], sentence, article, chance)
    return sentence.replace(parted[0], other) if other else None


def _quote_changed(sentence: str, article: str, chance: random.Random) -> str | None:
    match = _QUOTED.search(sentence)
    words = list(re.finditer(r"\b[a-z]{5,}\b", match[1])) if match else []
    pool = sorted(set(re.findall(r"\b[a-z]{5,}\b", article)) - set(re.findall(r"\w+", sentence)))
    if not match or not words or not pool:
        return None
    word, at = chance.choice(words), match.start(1)
    return sentence[: at + word.start()] + chance.choice(pool) + sentence[at + word.end() :]


def _number_written_out(sentence: str, article: str, chance: random.Random) -> str | None:
    if match := _SCALED.search(sentence):
        scale = "billion" if match[3][0] == "b" else "million"
        return _put(sentence, match, f"{match[2]} {scale} {_CURRENCY[match[1]]}")
    if match := _PERCENT.search(sentence):
        return _put(sentence, match, match[1] + ("%" if "per" in match[0] else " per cent"))
    match = re.search(r"(?<=\d),(?=\d{3}\b)", sentence)
    return _put(sentence, match, "") if match else None


def _number_spelled(sentence: str, article: str, chance: random.Random) -> str | None:
    if match := _SPELLED_NUMBER.search(sentence):
        return _put(sentence, match, str(_SPELLED.index(match[0]) + 2))
    match = re.search(r"(?<![\w.,£$€:/-])(?:[2-9]|1[0-2])(?= [a-z]{3,})", sentence)
    return _put(sentence, match, _SPELLED[int(match[0]) - 2]) if match else None


def _name_in_full(sentence: str, article: str, chance: random.Random) -> str | None:
    """Give a surname that stands alone its first name, where the article has one person of that surname."""
    for match in re.finditer(r"(?<![A-Z][\w’'-] )(?<![\w’'-] )?\b[A-Z][a-z]{3,}\b(?! [A-Z])", sentence):
        if re.search(r"[A-Z][\w’'.-]* $", sentence[: match.start()]):
            continue
        full = {m[1] for m in re.finditer(rf"\b([A-Z][a-z]+) {match[0]}\b(?! [A-Z])", article)} - {"The", "Mr", "Mrs"}
        people = re.search(rf"\b{match[0]} (?:said|told|was born|has said|added)\b", article)
        if len(full) == 1 and people and f" {match[0]} {match[0]}" not in article:
            return _put(sentence, match, f"{full.pop()} {match[0]}")
    return None


def _name_short(sentence: str, article: str, chance: random.Random) -> str | None:
    match = re.search(r"\b([A-Z][a-z]+) ([A-Z][a-z]{2,})(?= (?:said|told|was born|added|has said|died))", sentence)
    return _put(sentence, match, match[2]) if match and match[1] not in ("The", "Mr", "Mrs") else None


def _attribution_moved(sentence: str, article: str, chance: random.Random) -> str | None:
    if match := _INVERTED.match(sentence) or _LAST.match(sentence):
        what = match["what"].strip()
        return (
            f"{match['who'].strip()} said: “{what}.”" if sentence[0] in '“"' else f"{match['who'].strip()} said {what}."
        )
    match = _FIRST.match(sentence)
    return f"According to {match['who'].strip()}, {match['what'].strip()}." if match else None


def _clause_dropped(sentence: str, article: str, chance: random.Random) -> str | None:
    match = _ASIDE.search(sentence)
    return _put(sentence, match, "") if match and len(match[0]) < 0.6 * len(sentence) else None


def _said_otherwise(sentence: str, article: str, chance: random.Random) -> str | None:
    match = re.search(r"(?<=[a-z] )said\b(?= (?:that|the|it|he|she|they|in|on)\b|[.])", sentence)
    return _put(sentence, match, chance.choice(("stated", "added", "explained"))) if match else None


CORRUPTIONS: dict[str, Maker] = {
    "number changed": _number_changed,
    "date moved": _date_moved,
    "name swapped": _name_swapped,
    "places exchanged": _places_exchanged,
    "negation added": _negation_added,
    "negation removed": _negation_removed,
    "hedge removed": _hedge_removed,
    "speaker changed": _speaker_changed,
    "speech unattributed": _unattributed,
    "quotation changed": _quote_changed,
}
HONEST: dict[str, Maker] = {
    "number written out": _number_written_out,
    "number spelled": _number_spelled,
    "name in full": _name_in_full,
    "name short": _name_short,
    "attribution moved": _attribution_moved,
    "clause dropped": _clause_dropped,
    "said otherwise": _said_otherwise,
}
