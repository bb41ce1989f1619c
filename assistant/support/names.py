"""The names of a text: runs of capitalised words, of which those that only open a sentence are none."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import Stemmer

from assistant.support.dates import MONTHS, WEEKDAYS
from vectorstore.search import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:[-'&][^\W_]+)*")
_CURRENCIES = frozenset(("gbp", "usd", "eur", "rmb"))
_PARTICLES = frozenset("of the de la le du da dos van von der den bin ibn al el di y".split())
_OF_PEOPLE = _PARTICLES - {"of", "the"}
HONORIFICS = frozenset("mr mrs ms miss dr sir dame lord lady prof professor rev st".split())
_NO_NAMES = frozenset(
    "i also however although though despite while since because after before during according additionally furthermore "
    "moreover meanwhile therefore thus overall finally instead later earlier recently today yesterday tomorrow yes "
    "people officials researchers scientists experts authorities critics police reporters others many several all both "
    "each every either neither another one two three four five six seven eight nine ten only even still yet once again "
    "up out without within through under over between among against until unless whether not never nobody nothing "
    "first second third last next early late most some few its their his her our your my no near then now".split()
)
_DOES = frozenset(
    "said says told was is were are has had have will would did does can could may might added claimed wrote asked "
    "became began died won lost made took gave called argued warned".split()
)
_PEOPLES = (
    "us usa america american americans united-states|uk britain british briton britons united-kingdom great-britain|"
    "eu european-union|un united-nations|china chinese|japan japanese|france french|germany german germans|"
    "russia russian russians|india indian indians|ireland irish|scotland scottish scots scot|wales welsh|"
    "england english|spain spanish|italy italian italians|ukraine ukrainian ukrainians|israel israeli israelis|"
    "iran iranian iranians|iraq iraqi iraqis|syria syrian syrians|turkey turkish turks|egypt egyptian egyptians|"
    "greece greek greeks|poland polish poles|sweden swedish swedes|norway norwegian norwegians|denmark danish danes|"
    "finland finnish finns|netherlands dutch holland|belgium belgian|switzerland swiss|austria austrian|"
    "portugal portuguese|australia australian australians|canada canadian canadians|mexico mexican mexicans|"
    "brazil brazilian brazilians|argentina argentine argentinian|cuba cuban cubans|pakistan pakistani pakistanis|"
    "afghanistan afghan afghans|korea korean koreans|vietnam vietnamese|taiwan taiwanese|thailand thai|"
    "indonesia indonesian|malaysia malaysian|philippines philippine filipino|nigeria nigerian|kenya kenyan|"
    "ethiopia ethiopian|somalia somali|europe european europeans|africa african africans|asia asian asians|"
    "rome roman romans"
).split("|")
_SAME = {word: group.split()[0] for group in _PEOPLES for word in group.split()}
_JOINED = re.compile(r"\b(United States(?: of America)?|United Kingdom|Great Britain|European Union|United Nations)\b")
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")


@dataclass(frozen=True, slots=True)
class Name:
    """A run of capitalised words at ``text[start:end]``, as `key` would have each of them."""

    start: int
    end: int
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Casing:
    """How articles write words: the stems of those without a capital, and the keys of those that only have one."""

    ordinary: frozenset[str] = frozenset()
    proper: frozenset[str] = frozenset()

    def __or__(self, other: "Casing") -> "Casing":
        return Casing(self.ordinary | other.ordinary, self.proper | other.proper)


def key(word: str) -> str:
    """Return what a word of a name is compared by: no case, accents or possessive; peoples are their countries."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)).casefold()
    bare = re.sub(r"['’]s?$", "", bare).replace(".", "").replace("centre", "center")
    return _SAME.get(bare, bare)


def words_of(text: str) -> list[str]:
    """Return every word of a text as `key` has it, in order."""
    return [key(match[0]) for match in _tokens(text)]


def names_in(text: str, casing: Casing) -> list[Name]:
    """Return the names of a text; how its article writes a word says whether it is one where it opens a sentence."""
    runs: list[list[re.Match[str]]] = []
    held: list[re.Match[str]] = []  # particles, which belong to a name when another word of it follows
    text = readable(text)
    tokens = list(_tokens(text))
    for at, token in enumerate(tokens):
        word = token[0]
        beside = bool(runs and runs[-1]) and _joined(text, [runs[-1][-1], *held, token])
        if _is_capital(word) and not (_opens(text, token) and _is_ordinary(tokens, at, casing)):
            if beside:
                runs[-1] += [*held, token]
            else:
                runs.append([token])
            held = []
        elif beside and word.lower() in _PARTICLES and len(held) < 2:
            held.append(token)
        else:
            held = []
            runs.append([])
    return [_name(text, run) for run in runs if run and any(_tells(token[0]) for token in run)]


@lru_cache(maxsize=256)
def casing_of(text: str) -> Casing:
    """Return how a text writes its words."""
    words = {match[0] for match in _tokens(text)}
    stem = Stemmer.Stemmer("english").stemWord
    ordinary = frozenset(stem(word) for word in words if word.islower())
    proper = frozenset(key(word) for word in words if word[0].isupper() and stem(word.lower()) not in ordinary)
    return Casing(ordinary, proper)


def readable(text: str) -> str:
    """Return a text in which U.S. is one word, and so is the United States; places stay what they are."""
    text = _DOTTED.sub(lambda match: match[0].replace(".", "").ljust(len(match[0])), text.replace("’", "'"))
    return _JOINED.sub(lambda match: match[0].replace(" ", "-"), text)


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return _WORD.finditer(readable(text))


def _is_capital(word: str) -> bool:
    return word[0].isupper() or any(c.isupper() for c in word[1:]) or (word[0].isdigit() and word[-1].isupper())


def _tells(word: str) -> bool:
    """Say whether a word tells a name: months and weekdays are dates, and honorifics nobody in particular."""
    bare = key(word)
    return (
        bare not in HONORIFICS
        and bare not in MONTHS
        and bare not in WEEKDAYS
        and bare not in STOP_WORDS | _CURRENCIES | {"i"}
    )


def _opens(text: str, token: re.Match[str]) -> bool:
    before = text[: token.start()].rstrip(" \"'“‘([")
    return not before or before[-1] in ".?!:;\n—"


def _is_ordinary(tokens: Sequence[re.Match[str]], at: int, casing: Casing) -> bool:
    """Say whether a word that opens a sentence is no name."""
    word = tokens[at][0]
    if word[1:] != word[1:].lower():
        return False
    lower = word.lower()
    if lower in STOP_WORDS or lower in _NO_NAMES or lower.endswith("ly"):
        return True
    follows = tokens[at + 1][0] if at + 1 < len(tokens) else ""
    if follows in _OF_PEOPLE:
        return False
    if Stemmer.Stemmer("english").stemWord(lower) in casing.ordinary:
        return not (follows and follows[0].isupper())
    return key(word) not in casing.proper and not (
        follows.lower() in _DOES or follows[:1].isupper() or word.endswith("'s")
    )


def _joined(text: str, run: Sequence[re.Match[str]]) -> bool:
    """Say whether only spaces are between words, or the full stop of "J. Smith" and "Dr. Smith"."""
    return all(
        text[one.end() : two.start()] == " "
        or (text[one.end() : two.start()] == ". " and (len(one[0]) == 1 or one[0].lower() in HONORIFICS))
        for one, two in pairwise(run)
    )


def _name(text: str, run: Sequence[re.Match[str]]) -> Name:
    words = [key(token[0]) for token in run if _tells(token[0]) and token[0].lower() not in _PARTICLES]
    return Name(run[0].start(), run[-1].end(), text[run[0].start() : run[-1].end()], tuple(words))
