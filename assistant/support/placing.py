"""Whether a name or a number of a claim stands where the cited sentences have another: "A beat B" is not "B beat A"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import Stemmer

from assistant.support.dates import mentions_in, without_dates
from assistant.support.names import Casing, names_in, words_of
from assistant.support.numbers import quantities_in
from vectorstore.search import STOP_WORDS

_BEFORE = re.compile(r"(?i)([^\W\d_]+)['’]?[ \-](?:(?:the|an?|his|her|its|their) )?$")
_JOINS = frozenset(("and", "or", ""))
_SAID = frozenset("said say told tell ad add claim accord".split())


@dataclass(frozen=True, slots=True)
class Item:
    """A name or a number with the stems of the words right before and after it; empty where a clause ends."""

    text: str
    is_number: bool
    identity: frozenset[object]
    left: str
    right: str


def items_in(text: str, casing: Casing) -> list[Item]:
    """Return the names and the numbers of a text."""
    undated = without_dates(text, mentions_in(text))
    numbers = [
        (one.start, one.end, True, frozenset[object](one.readings)) for one in quantities_in(undated) if not one.weak
    ]
    names = [(one.start, one.end, False, frozenset[object](one.words)) for one in names_in(text, casing)]
    return [Item(text[s:e], number, identity, *_beside(text, s, e)) for s, e, number, identity in [*numbers, *names]]


def misplaced(items: Sequence[Item], others: Sequence[Item]) -> Item | None:
    """Return an item of a claim that stands beside words that in the sentences stand beside another of its kind.

    One telling word is enough ("3 women and 5 men" is not "5 women"); of others, such as "from", two items have to
    stand in each other's place.
    """
    stray = [
        (item, [other for other in others if _takes_place_of(item, other)])
        for item in items
        if _is_known(item, others) and not _is_at_home(item, others)
    ]
    for item, taken in stray:
        if any(_tells(item, other) for other in taken):
            return item
        for second, back in stray:
            if any(one.identity & second.identity for one in taken) and any(o.identity & item.identity for o in back):
                return item
    return None


def _is_known(item: Item, others: Sequence[Item]) -> bool:
    return any(item.identity & other.identity for other in others)


def _is_at_home(item: Item, others: Sequence[Item]) -> bool:
    """Say whether an item stands as it does in the sentences; "said Li" and "Li said" are the same."""
    own = [other for other in others if item.identity & other.identity]
    if any({item.left, item.right, other.left, other.right} <= {""} for other in own):
        return True
    beside = {item.left, item.right} - _JOINS
    said = {word for word in beside if word in _SAID}
    return any(
        (item.left == other.left and item.left not in _JOINS)
        or (item.right == other.right and item.right not in _JOINS)
        or said & {other.left, other.right}
        for other in own
    )


def _takes_place_of(item: Item, other: Item) -> bool:
    if item.is_number != other.is_number or item.identity & other.identity:
        return False
    return any(mine == its and mine not in _JOINS for mine, its in _sides(item, other))


def _tells(item: Item, other: Item) -> bool:
    return any(mine == its and mine not in _JOINS and mine not in STOP_WORDS for mine, its in _sides(item, other))


def _sides(item: Item, other: Item) -> tuple[tuple[str, str], tuple[str, str]]:
    return (item.left, other.left), (item.right, other.right)


def _beside(text: str, start: int, end: int) -> tuple[str, str]:
    before = _BEFORE.search(text[:start])
    after = re.match(r"(?:['’]s)?[ \-]([^\W\d_]+)", text[end:])
    stem = Stemmer.Stemmer("english").stemWord
    return tuple(stem(words_of(match[1])[0]) if match else "" for match in (before, after))  # type: ignore[return-value]
