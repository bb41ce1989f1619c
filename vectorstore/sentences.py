"""Cut an article into sentences by their offsets; a sentence is what every citation points at.

Lines come first. Saved web text has one paragraph a line, so that a line break normally ends a
sentence; only text that was wrapped to a width is put together again. Within a paragraph the engine
is nupunkt's (Kiss and Strunk, "Unsupervised Multilingual Sentence Boundary Detection", 2006), with
the small lexicon below in place of its own, which was learnt from scanned law and takes 'month' and
'century' for abbreviations; docs/decisions/0002-sentence-splitter.md has the comparison.

Rules only ever say where a sentence begins. The spans are made from those places at one point, so
that they cover everything but white space, in order, whatever the rules do.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from string import ascii_lowercase

from nupunkt import PunktParameters, PunktSentenceTokenizer
from nupunkt.core.constants import ORTHO_BEG_UC, ORTHO_MID_LC

from vectorstore.values import Article, Sentence

Span = tuple[int, int]

_ABBREVIATIONS = """
    mr mrs ms mx messrs dr drs prof profs rev revs hon fr sr jr esq st ste mt ft
    gov govs sen sens rep reps pres amb atty asst supt insp det dist
    gen brig lt col maj capt cmdr adm sgt cpl pvt pfc spc ret
    inc ltd co cos corp bros assn dept univ govt intl natl
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues thu thur thurs fri
    ala ariz calif colo conn fla kan ky mich minn mont neb nev okla penn tenn tex wis wyo
    ave blvd rd hwy fig figs eq eqs vol vols eds approx translit transl
    al cf viz v vs etc ph.d m.sc b.sc d.phil lt.gen
"""
_NEVER_LAST = "mx messrs drs profs sens reps maj capt cmdr adm sgt cpl amb e.g i.e cf viz vs"
_LAST_BEFORE_A_CAPITAL = "etc a.m p.m"
_AFTER_THE_HOUR = """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december et est edt ct cst cdt mt mst mdt pt pst pdt gmt
    utc bst cet cest ist eastern central mountain pacific
"""
_BEFORE_A_NUMBER = "no|nos|pp?|b|ca?|d|r|ch|art|sec|para|ver|op|est|ed|[nesw]"
_SUBJECTS = "i you he she it we they there that this these those what who where how"
_STARTERS = """
    the a an his her its our their my your some many most several all both each every another other
    such no not in on at as by for from with after before during since until while when if although
    though because despite unlike among under over about between through and but or so yet still then
    now also however meanwhile moreover instead once today why which just even only according to
"""

_FEWEST_WRAPPED_LINES = 4
_NARROWEST, _WIDEST = 40, 140
_LONGEST_MARKER = 8

_SPACE = re.compile(r"\s")
_LETTER = re.compile(r"\w")
_LONG_WORD = re.compile(r"(?<!\S)\S{200,}(?=\S)")
_ITEM = re.compile(r"[-–—*•‣▪●◦·]\s|\(?(?:\d{1,3}|[A-Za-z])[.)]\s")
_MARKER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})[.)]\s*")
_MARKER_AFTER_COLON = re.compile(r"[:;]\s\(?\d{1,3}[.)]\s*\Z")
_NOTE_MARKS = re.compile(r"(?<=[.!?\"'”’)])(?:\[[^\s\[\]][^\[\]]{0,30}\]|:\d[\d–,-]*|\s\[\d[\d\s,–-]{0,30}\])+(?=\s)")
_OPENING_MARKS = "\"'“‘«"
_OPENING = re.compile(rf"(?<!\S)[{_OPENING_MARKS}]+(?=\w)")
_NUMBER_FOLLOWS = re.compile(rf"\b(?:{_BEFORE_A_NUMBER})\.\s\Z", re.IGNORECASE)
_DATELINE = re.compile(r"[A-Z][a-z]{1,4}\.\s\Z")
_FULL_WIDTH_END = "。！？｡」』”’）】》"
_FOREIGN_END = re.compile(rf"[。！？｡][{_FULL_WIDTH_END}]*|[।॥؟۔።][”’»\")]*(?=\s)")
_FIRST_WORD = re.compile(r"[\"'”’»)\]\s]*([,;:]|[^\W\d_]+)")


def sentences_of(article: Article) -> tuple[Sentence, ...]:
    """Return the sentences of an article, numbered from 0 in the order in which they are read."""
    spans = split_sentences(article.text)
    return tuple(Sentence(article.id, ordinal, start, end) for ordinal, (start, end) in enumerate(spans))


def split_sentences(text: str) -> list[Span]:
    """Return the (start, end) of every sentence, in code points of `text`.

    Of any string at all: the spans are in order, not empty and do not overlap, each begins and ends
    with a character that is not white space, and outside them there is nothing but white space.
    """
    return [span for start, end in paragraphs(text) for span in _sentences(text, start, end)]


def paragraphs(text: str) -> Iterator[Span]:
    """Yield the span of each run of lines that belong together; mostly that is a single line.

    Wrapping shows in two ways: most lines of a block are so full that the next word would not have
    fitted, or a long line stops without a full stop and the next goes on in lower case.
    """
    block: list[Span] = []
    offset = 0
    for line in text.splitlines(keepends=True):
        if stripped := line.strip():
            start = offset + line.index(stripped[0])
            block.append((start, start + len(stripped)))
        elif block:
            yield from _unwrapped(text, block)
            block = []
        offset += len(line)
    if block:
        yield from _unwrapped(text, block)


def _unwrapped(text: str, lines: list[Span]) -> Iterator[Span]:
    next_words = [text[start:end].split(maxsplit=1)[0] for start, end in lines[1:]]
    width = max(end - start for start, end in lines)
    # A tenth of slack, because the letters of a PDF vary in width.
    full = [
        end - start + 1 + len(word) > 0.9 * width for (start, end), word in zip(lines[:-1], next_words, strict=True)
    ]
    wrapped = len(lines) >= _FEWEST_WRAPPED_LINES and _NARROWEST <= width <= _WIDEST and sum(full) >= 0.6 * len(full)
    first = lines[0][0]
    for (line, following), word, is_full in zip(pairwise(lines), next_words, full, strict=True):
        goes_on = (
            line[1] - line[0] >= _NARROWEST
            and text[line[1] - 1] not in '.!?:;"”'
            and word[0].islower()
            and "@" not in word
            and "//" not in word
        )
        if not (goes_on or (wrapped and is_full)) or _ITEM.match(text, following[0]):
            yield first, line[1]
            first = following[0]
    yield first, lines[-1][1]


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    begins = [start]
    candidates = [start + begin for begin in _candidates(text[start:end])]
    for begin, following in pairwise([*candidates, end]):
        if _LETTER.search(text, begin, following) and _may_begin(text, begins[-1], begin):
            begins.append(begin)
    for begin, following in pairwise([*begins, end]):
        yield begin, begin + len(text[begin:following].rstrip())


def _candidates(paragraph: str) -> Iterator[int]:
    """Yield, in order, the offsets at which the engine sees a sentence begin."""
    # It reads a stand-in of the same length, so that its offsets are ours. In that, line breaks are
    # spaces; so are the note marks after a full stop ("so.[12] Then") and the quotation mark before a
    # word, with which it would not know “Mr. for an abbreviation; and overlong words lose their
    # punctuation, for which its scan takes quadratic time.
    flat = _SPACE.sub(" ", paragraph)
    for pattern in (_NOTE_MARKS, _OPENING):
        flat = pattern.sub(lambda match: " " * len(match[0]), flat)
    flat = _LONG_WORD.sub(lambda match: "x" * len(match[0]), flat)
    stops = [match.end() for match in _FOREIGN_END.finditer(paragraph)]
    for first, last in pairwise([0, *stops, len(paragraph)]):
        piece = flat[first:last]
        first += len(piece) - len(piece.lstrip())
        for begin, _ in _engine().span_tokenize(piece.strip()):
            at = first + begin
            while at and paragraph[at - 1] in _OPENING_MARKS:
                at -= 1
            if at:
                yield at


def _may_begin(text: str, previous: int, begin: int) -> bool:
    """Tell whether a sentence may begin here, where the one before it began at `previous`."""
    if not text[begin - 1].isspace() and text[begin - 1] not in _FULL_WIDTH_END:
        return False
    if begin - previous <= _LONGEST_MARKER and (
        _MARKER.fullmatch(text, previous, begin) or not _LETTER.search(text, previous, begin)
    ):
        return False
    before = text[max(previous, begin - _LONGEST_MARKER) : begin]
    if (
        _MARKER_AFTER_COLON.search(before)
        or (text[begin].isdigit() and _NUMBER_FOLLOWS.search(before))
        or (text[begin] in "-–—―" and _DATELINE.search(before))
    ):
        return False
    # "iPhone sales fell" is one; "said Xi" and ", Greece" go on with the sentence before.
    first = _FIRST_WORD.match(text, begin)
    return not first or not (first[1].islower() or first[1] in ",;:")


@cache
def _engine() -> PunktSentenceTokenizer:
    """Return nupunkt with our lexicon; made at the first split, because asking never splits."""
    months_and_zones = {(hour, word) for hour in ("a.m", "p.m") for word in _AFTER_THE_HOUR.split()}
    initials = {".".join(letters) for n in (2, 3) for letters in product(ascii_lowercase, repeat=n)}
    parameters = PunktParameters(
        abbrev_types={*_ABBREVIATIONS.split(), *initials},
        collocations=months_and_zones,
        abbrev_break_rates={
            **dict.fromkeys(_NEVER_LAST.split(), (100, 0)),
            **dict.fromkeys(_LAST_BEFORE_A_CAPITAL.split(), (100, 100)),
        },
    )
    contracted = [
        f"{word}{mark}{end}" for word in _SUBJECTS.split() for mark in "'’" for end in ("s", "re", "ve", "ll", "d", "m")
    ]
    for word in [*_STARTERS.split(), *_SUBJECTS.split(), *contracted]:
        parameters.add_ortho_context(word, ORTHO_BEG_UC | ORTHO_MID_LC)
    engine = PunktSentenceTokenizer(parameters, include_common_abbrevs=False)
    engine.BREAK_RATE_LOW = 0.0
    return engine
