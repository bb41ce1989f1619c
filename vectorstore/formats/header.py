"""What stands above the text of a saved web page: section, headline, byline, date."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vectorstore.formats.dates import parse_date
from vectorstore.formats.furniture import caption_of, is_prose
from vectorstore.formats.unwrapping import Line

_LONGEST_HEADLINE = 200
_MOST_WORDS = 32
_HEADER_LINES = 12

# A section's name is made of these words alone ("UK Politics", "Science & Environment").
_SECTION_WORDS = """
africa america americas analysis arts asia australia beauty blog blogs books breaking britain business
canada china cities climate comment companies crime culture economics economy edition education election
elections energy england entertainment environment europe explainer family fashion features film finance
focus food football france germany global health home india insight international investing ireland
japan justice latest latin law life lifestyle live local london magazine markets media middle east money
music national nature news newsbeat north northern northwest opinion pacific people pictures policy
politics property region religion report reports review reviews russia scotland science security society
south space special sport sports stories story style tech technology television theatre top travel tv uk
united us usa video wales weather west world and the & of in
"""
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_DAY = re.compile(
    rf"\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|"
    r"\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{4}",
    re.IGNORECASE,
)
_AROUND_A_DATE = re.compile(
    r"\b(?:first|last|published|posted|updated|modified|created|filed|issued|released|date|on|at|"
    r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?|"
    r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?|\d{1,2}(?= ?[ap]\.?m)|[ap]\.?m\b\.?|noon|midnight|"
    r"GMT|BST|UTC|CET|CEST|[ECMP][SD]?T|AE[SD]T|IST|JST|HKT|SGT|T|Z)\b|[-+]\d{2}:?\d{2}\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"(?:(?:first |last )?(?:published|posted|updated):? )?(?:about |an? )?(?:\d{1,2} )?"
    r"(?:min(?:ute)?s?|hours?|hrs?|days?|weeks?|months?|years?) ago",
    re.IGNORECASE,
)
_NAME = r"(?:(?:[A-Z][\w.'’-]*|de|da|di|del|der|den|van|von|al|bin|ibn|la|le|of|for|the)(?=[ ,&]|$))"
_BYLINE = re.compile(
    rf"(?:By|BY|Written by|Words by|Reported by|Analysis by):? {_NAME}(?:(?:,? and|,| &)? {_NAME}){{0,9}}"
)
_ROLE = re.compile(
    r"(?:correspondent|editor|reporters?|staff|writer|columnist|analyst|contributor|presenter|BBC News|"
    r"Reuters|Associated Press|AFP)\b",
    re.IGNORECASE,
)
_SECTION = frozenset(_SECTION_WORDS.split())
_ENDS_SENTENCE = re.compile(r"[.,;:。][\"'”’)\]]*$")
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}$|(?:\.\.\.|…)$")
_ITEM = re.compile(r"[-*+•]\s")


@dataclass(frozen=True, slots=True)
class Header:
    """The headline and the day of publication, where there are any, and the lines that are the text."""

    title: str | None
    published: str | None
    body: Sequence[Line]


def take_header(lines: Sequence[Line]) -> Header:
    """Part the header of a page from its text.

    Dates, bylines and section names count near the top only, on lines of their own, and what is not
    recognised stays in the text. The byline is left out of the text: it is no statement.
    """
    title: str | None = None
    published: str | None = None
    body: list[Line] = []
    after_byline = False
    prose = 0
    for index, line in enumerate(lines):
        if index == _HEADER_LINES or prose == 2:
            body.extend(lines[index:])
            break
        text = line.text
        is_role = after_byline and not is_prose(text) and bool(_ROLE.search(text)) and len(text.split()) <= 8
        after_byline = is_role or (index > 0 and bool(_BYLINE.fullmatch(text)))
        at_top = title is None and not body
        if (day := _published(text)) is not None:
            published = published or day
        elif after_byline or _RELATIVE.fullmatch(text) or (at_top and _is_section(text, lines[index + 1 :])):
            continue
        elif at_top and is_headline(text):
            title = text
        else:
            body.append(line)
            prose += is_prose(text)
    return Header(title, published, body)


def is_headline(text: str) -> bool:
    """Tell whether a line can be a headline: not long, and no full stop unless of initials ("U.S.")."""
    if len(text) > _LONGEST_HEADLINE or len(text.split()) > _MOST_WORDS:
        return False
    if caption_of(text) is not None or _ITEM.match(text):
        return False
    return not _ENDS_SENTENCE.search(text) or bool(_INITIALS.search(text))


def _is_section(text: str, following: Sequence[Line]) -> bool:
    """Tell whether a line names a part of a site ("UK Politics", "Home > World") above the headline."""
    words = re.sub(r"[-/>»›|·,]", " ", text).lower().split()
    if not 0 < len(words) <= 6 or not _SECTION.issuperset(words) or not following:
        return False
    after = following[0].text
    return is_headline(after) and _published(after) is None and not _BYLINE.fullmatch(after)


def _published(text: str) -> str | None:
    """Return the day of a line that is a time stamp and nothing else; the first where it has two."""
    if len(text) > 100:
        return None
    days = _DAY.findall(text)
    rest = _AROUND_A_DATE.sub("", _DAY.sub(" ", text))
    if not days or any(character.isalnum() for character in rest):
        return parse_date(text) if text[:4].isdecimal() else None
    return parse_date(days[0])
