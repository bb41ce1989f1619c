"""What can be checked of a claim by rule: its numbers, dates, names, quoted words, negations, and who says it.

Each check is a pure function of the claim and the sentences that it cites, and returns the first fault that it finds.
They fail what they cannot find: a claim that is dropped costs less than one that is shown and false.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, reduce
from operator import or_

from assistant.support.aliases import Known, Place
from assistant.support.dates import Day, days_told, mentions_in, without_dates
from assistant.support.names import Casing, casing_of, names_in, words_of
from assistant.support.numbers import ORDINAL, Quantity, quantities_in
from assistant.support.placing import Item, items_in, misplaced
from assistant.support.saying import (
    HEDGES,
    Turned,
    hedges_in,
    is_attributed,
    is_order,
    negations_in,
    quotations_in,
    speech_and_rest,
    telling_stems,
)
from vectorstore.values import StoredArticle

SPOKEN = 2  # telling words of a claim that only somebody's words hold, from which on it is those words that it gives
SPOKEN_SHARE = 0.4
FEW = 5  # telling words; a claim that has no more is about what its one word is about
ALONE = frozenset(("nothing", "nobody", "none", "nowhere"))  # they are what they deny


class Ground(StrEnum):
    """Why a claim fell; the values are shown to people and counted by evals."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    QUOTE = "quote"
    NEGATION = "negation"
    SPEECH = "speech"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Cited:
    """One cited sentence, and its article: for when it was published, and for the names that people have in it."""

    quote: str
    article: StoredArticle
    ordinal: int

    @property
    def place(self) -> Place:
        """Where it stands, for the names of its article."""
        article, sentences = self.article.article, self.article.sentences
        end = sentences[self.ordinal].end if self.ordinal < len(sentences) else len(article.text)
        return Place(self.quote, article.title, article.text, end)

    @property
    def opens_inside_speech(self) -> bool:
        """Whether the sentence stands, in its paragraph, after quotation marks that are not closed yet."""
        if self.ordinal >= len(self.article.sentences):
            return False
        text, start = self.article.article.text, self.article.sentences[self.ordinal].start
        before = text[text.rfind("\n", 0, start) + 1 : start]
        return before.count("“") > before.count("”") or before.count('"') % 2 == 1


@dataclass(frozen=True, slots=True)
class Fault:
    """What of a claim is not in the sentences that it cites."""

    ground: Ground
    reason: str


class Sources:
    """The cited sentences, with what the checks want of them, each made once."""

    def __init__(self, cited: Sequence[Cited]) -> None:
        self.cited = cited
        self.quotes = [one.quote for one in cited]
        self.articles = list(dict.fromkeys(f"{c.article.article.title}.\n{c.article.article.text}" for c in cited))

    @cached_property
    def casing(self) -> Casing:
        """How the articles write their words."""
        return reduce(or_, map(casing_of, self.articles))

    @cached_property
    def days(self) -> list[Day]:
        """All days that the sentences tell."""
        return [day for one in self.cited for day in days_told(one.quote, one.article.article.published)]

    @cached_property
    def quantities(self) -> list[Quantity]:
        """The quantities of the sentences; a year may be one, and so may the day of a month."""
        found = [q for quote in self.quotes for q in quantities_in(without_dates(quote, mentions_in(quote)))]
        days = {(float(day.day), ORDINAL) for day in self.days if day.day}
        years = {(float(day.year), "") for quote in self.quotes for m in mentions_in(quote) if (day := m.day).year}
        return [*found, Quantity(0, 0, frozenset(days | years))]

    @cached_property
    def items(self) -> list[Item]:
        """The names and the quantities of the sentences, with the words beside them."""
        return [item for quote in self.quotes for item in items_in(quote, self.casing)]


def is_verbatim(claim: str, cited: Sequence[Cited]) -> bool:
    """Say whether a claim is one of the sentences, word for word; marks of quotation, spaces and case may differ."""
    return any(_plain(claim) == _plain(one.quote) for one in cited)


def first_fault(claim: str, cited: Sequence[Cited]) -> Fault | None:
    """Return the first fault of a claim, None where there is none; a sentence cited word for word has none."""
    if is_verbatim(claim, cited):
        return None
    sources = Sources(cited)
    return next((fault for check in CHECKS if (fault := check(claim, sources))), None)


def wrong_quotation(claim: str, sources: Sources) -> Fault | None:
    """Find quoted words that no cited sentence has, word for word."""
    held = [f" {' '.join(words_of(quote))} " for quote in sources.quotes]
    for quoted in quotations_in(claim):
        if not any(f" {' '.join(words_of(quoted))} " in words for words in held):
            return Fault(Ground.QUOTE, f"the quoted words “{quoted}” are not in the cited sentences")
    return None


def wrong_date(claim: str, sources: Sources) -> Fault | None:
    """Find a day, month, year or "last year" that no cited sentence tells, nor its article's date with it."""
    years = {day.year for day in sources.days if day.year}
    for mention in mentions_in(claim):
        day = mention.day
        as_number = Quantity(0, 0, frozenset({(float(day.year or 0), "")}))
        told = any(day.follows_from(other, years) for other in sources.days)
        if not told and not (day == Day(year=day.year) and as_number.stands_in(sources.quantities)):
            return Fault(Ground.DATE, f"the date “{claim[mention.start : mention.end]}” is not in the cited sentences")
    return None


def wrong_number(claim: str, sources: Sources) -> Fault | None:
    """Find a quantity that the cited sentences do not have, or have of something else."""
    text = without_dates(claim, mentions_in(claim))
    for quantity in quantities_in(text):
        if not quantity.weak and not quantity.stands_in(sources.quantities):
            words = text[quantity.start : quantity.end]
            return Fault(Ground.NUMBER, f"the number {words} is not in the cited sentences")
    numbers = [item for item in items_in(claim, sources.casing) if item.is_number]
    if stray := misplaced(numbers, sources.items):
        return Fault(Ground.NUMBER, f"the number {stray.text} is of something else in the cited sentences")
    return None


def wrong_name(claim: str, sources: Sources) -> Fault | None:
    """Find a name that the cited sentences do not have in any form, or have in another's place."""
    known = Known([one.place for one in sources.cited])
    for name in names_in(claim, sources.casing):
        if known.missing(name, claim):
            return Fault(Ground.NAME, f"the name {name.text} is not in the cited sentences")
    named = [item for item in items_in(claim, sources.casing) if not item.is_number]
    if stray := misplaced(named, sources.items):
        return Fault(Ground.NAME, f"the name {stray.text} stands in another's place in the cited sentences")
    return None


def wrong_negation(claim: str, sources: Sources) -> Fault | None:
    """Find a negation that only the claim has, or only the cited sentences have, of the same words."""
    said = [turned for quote in sources.quotes for turned in negations_in(quote)]
    own = negations_in(claim)
    for turned in own:
        if not any(_share_words(turned, other) for other in said):
            return Fault(Ground.NEGATION, f"“{turned.word}” is not in the cited sentences")
    for turned in said:
        if not any(_share_words(turned, other) for other in own) and _takes(claim, turned, sources, negations_in):
            return Fault(Ground.NEGATION, f"the cited sentences say “{turned.word}”")
    return None


def lost_speaker(claim: str, sources: Sources) -> Fault | None:
    """Find a claim that gives as a fact what somebody says in the cited sentences, or what only may be."""
    if not is_attributed(claim):
        speech, rest = set[str](), set[str]()
        for one in sources.cited:
            said, itself = speech_and_rest(one.quote, inside=one.opens_inside_speech)
            speech.update(telling_stems(said))
            rest.update(telling_stems(itself))
        telling = telling_stems(claim)
        spoken = [stem for stem in telling if stem in speech and stem not in rest]
        if len(spoken) >= SPOKEN and len(spoken) >= SPOKEN_SHARE * len(telling):
            return Fault(Ground.SPEECH, "the cited sentences give this as somebody's words")
    if not is_attributed(claim) and any(is_order(quote) for quote in sources.quotes):
        return Fault(Ground.SPEECH, "a cited sentence is an order, and no statement")
    if not HEDGES.search(claim):
        for turned in (hedge for quote in sources.quotes for hedge in hedges_in(quote)):
            if _takes(claim, turned, sources, hedges_in):
                return Fault(Ground.SPEECH, f"the cited sentences say “{turned.word}”")
    return None


def _plain(text: str) -> str:
    """Return a text as it is compared word for word: quotation marks, spaces, case and its last full stop aside."""
    return " ".join(re.sub("[“”‘’\"']", "", text).casefold().split()).rstrip(".")


def _share_words(one: Turned, other: Turned) -> bool:
    if one.word == other.word and one.word in ALONE:
        return True
    return not one.about or not other.about or bool(set(one.about) & set(other.about))


def _takes(claim: str, turned: Turned, sources: Sources, find: Callable[[str], list[Turned]]) -> bool:
    """Say whether a claim takes the words that a negation or a hedge is about, and no sentence has them without it."""
    words = set(telling_stems(claim))
    near = turned.about[:3]
    needed = 1 if turned.direct and len(words) <= FEW else min(2, len(near))
    if not near or turned.about[0] not in words or len(words & set(near)) < needed:
        return False
    free = [quote for quote in sources.quotes if not any(_share_words(turned, other) for other in find(quote))]
    return not any(set(near) <= set(telling_stems(quote)) for quote in free)


CHECKS = (wrong_quotation, wrong_number, wrong_date, wrong_name, wrong_negation, lost_speaker)
