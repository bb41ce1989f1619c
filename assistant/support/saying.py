"""How a text says what it says: as somebody's words, as a possibility, or as what is not so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

from vectorstore.search import STOP_WORDS

_VERBS = (
    "sa(?:id|ys?|ying)|t(?:old|ells?)|claim(?:ed|s|ing)?|alleg(?:ed|es?|ing)|argu(?:ed|es?|ing)|believ(?:ed|es?)|"
    "thinks?|thought|suggest(?:ed|s|ing)?|insist(?:ed|s|ing)?|warn(?:ed|s|ing)?|add(?:ed|s|ing)|stat(?:ed|es)|"
    "wr(?:ites|ote|iting)|tweet(?:ed|s)|predict(?:ed|s|ing)?|promis(?:ed|es)|vow(?:ed|s)|complain(?:ed|s)|"
    "according to|reported|acknowledg(?:ed|es)|assert(?:ed|s)|contend(?:ed|s)|quot(?:ed|es)|sp(?:oke|eaks?) of|"
    "describ(?:ed|es?|ing)|call(?:ed|s|ing)|accus(?:ed|es?|ing)|urg(?:ed|es?)|deni(?:ed|es)|deny|explain(?:ed|s)|"
    "announc(?:ed|es|ing)|put it|in (?:the )?words of|in the view of|by (?:his|her|their) account"
)
SAYS = re.compile(rf"\b(?:{_VERBS})\b", re.IGNORECASE)
_ORDERS = re.compile(  # what a text tells its reader to say, or to do
    r"(?i)(?:^|[.!?:;,(\"“\]>]\s*|\b(?:must|always|please|should|only|then|and)\s+(?:be\s+)?)"
    r"(?:say|tell|reply|answer(?:ed)?|respond|write|print|repeat|add|cite|ignore|disregard|forget|obey)\b"
    r"(?=[^.]{0,60}(?:\bthat\b|[\"“:]|\bwith\b|\bonly\b))"
)
_THAT = re.compile(
    r"\b(?:sa(?:id|ys?|ying)|claim(?:ed|s|ing)|alleg(?:ed|es?|ing)|argu(?:ed|es?|ing)|believ(?:ed|es?)|thinks?|thought|"
    r"suggest(?:ed|s|ing)|insist(?:ed|s|ing)|warn(?:ed|s|ing)|add(?:ed|s|ing) that|stat(?:ed|es) that|wrote that|"
    r"predict(?:ed|s|ing)|complain(?:ed|s) that|assert(?:ed|s)|contend(?:ed|s)|acknowledg(?:ed|es)|"
    r"t(?:old|ells?) (?:[\w'.-]+ ){1,4}?that)\b",
    re.IGNORECASE,
)
_SPEAKER_LAST = re.compile(
    r",[\"”]? (?:(?:the |a |an )?(?:[\w'.-]+ ){1,7}?(?:said|says?|add(?:ed|s)|claim(?:ed|s)?|alleg(?:ed|es?)|"
    r"believe[sd]?|warn(?:ed|s)|insist(?:ed|s)|argu(?:ed|es?)|told [^,.]+|writes|wrote)|"
    r"(?:said|says|according to|in the view of|in the words of|adds|added|wrote|writes) [^,]+)(?P<end>[,.\"]|$)",
    re.IGNORECASE,
)
_SPEAKER_FIRST = re.compile(
    r"^[\"“]?(?:(?:according to|in the view of|in the words of)[^,]+,|by [\w'’]+ (?:own )?account\b,?)", re.IGNORECASE
)
_SAID_THAT = re.compile(r"(?i)\b(?:said|says|adding|added|told [^,.]+) that\b")
_QUOTED = re.compile(r"[\"“]([^\"“”]+)[\"”]|(?<!\w)[‘']([^‘’'\"]+(?:['’]\w[^‘’'\"]*)*)[’'](?!\w)")
_SPEECH_LENGTH = 4  # words in quotation marks; fewer are a phrase, or a title

NEGATIONS = re.compile(
    r"\b(?:not|cannot|never|no|none|neither|nor|without|nobody|nothing|nowhere|hardly|"
    r"fail(?:ed|s|ing)? to|refus(?:ed|es|ing) to|declin(?:ed|es|ing) to(?! \d| [a-z]+ \d)|unable to|"
    r"den(?:ied|ies|y|ying)|no longer|ruled out|reject(?:ed|s|ing)|refused)\b|\w+n['’]t\b",
    re.IGNORECASE,
)
_NONE_AT_ALL = re.compile(
    r"(?i)\bnot (?:only|just|least)\b|\bno (?:doubt|(?:more|less|fewer|later|earlier) than)\b|\bwithout doubt\b|"
    r"^no\b,?|\bno\. ?\d"
)
_NOUN = re.compile(r"(?i) (?:the|an?|his|her|its|their|just|only|all|any|in|on|at|by|from|to|for|as|with)\b")
HEDGES = re.compile(
    r"\b(?:may|might|could|alleged(?:ly)?|accused of|suspected|reportedly|possibl[ey]|perhaps|maybe|probably|"
    r"(?:un)?likely|appear(?:s|ed)? to|seem(?:s|ed)? to|plan(?:s|ned|ning)? to|(?:expected|believed|thought|said) to|"
    r"hop(?:es|ed|ing) to|want(?:s|ed)? to|propos(?:es|ed|al)|considering|potential(?:ly)?|aims? to|"
    r"intend(?:s|ed)? to|supposed|claims?)\b",
    re.IGNORECASE,
)
_TELLING = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_REACH = 4  # telling words that a negation or a hedge is taken to be about
_EMPTY = STOP_WORDS | frozenset(
    "not cannot never none neither without also been said says say will yet even only".split()
)


@dataclass(frozen=True, slots=True)
class Turned:
    """A negation or a hedge, and the stems of the words that it is about, nearest first.

    `direct` says that the nearest follows at once, as a verb does, and not "a" or "the".
    """

    word: str
    about: tuple[str, ...]
    direct: bool


def is_attributed(text: str) -> bool:
    """Say whether a text gives words to somebody."""
    unclosed = text.count('"') % 2 == 1 or text.count("“") != text.count("”")
    return bool(unclosed or SAYS.search(text) or any(_is_speech(match[0]) for match in _QUOTED.finditer(text)))


def is_order(text: str) -> bool:
    """Say whether a text tells whoever reads it what to do or say, which says nothing of what is so."""
    return bool(_ORDERS.search(text))


def quotations_in(text: str) -> list[str]:
    """Return what stands between quotation marks."""
    return [match[1] or match[2] for match in _QUOTED.finditer(text)]


def speech_and_rest(sentence: str, *, inside: bool = False) -> tuple[str, str]:
    """Part what a sentence reports from what it says itself; both may be empty.

    By rule: quoted words, what follows "said (that)" to the end of the clause, and what stands before ", he said".
    `inside` says that the sentence opens amid quoted words.
    """
    if inside and sentence[:1] not in ('"', "“"):
        sentence = "“" + sentence + ("" if re.search('["”]', sentence) else "”")
    elif sentence.count('"') % 2 == 1 or sentence.count("“") > sentence.count("”"):
        sentence += "”"
    text = _QUOTED.sub(lambda m: " " * len(m[0]) if _is_speech(m[0]) else m[0], sentence)
    spoken = [match[0] for match in _QUOTED.finditer(sentence) if _is_speech(match[0])]
    if spoken and text[0] == " " and not _SAID_THAT.search(text):  # it opens with the quoted words
        return " ".join(spoken), text
    if first := _SPEAKER_FIRST.match(text):
        return " ".join([*spoken, text[first.end() :]]), text[: first.end()]
    if (last := _SPEAKER_LAST.search(text)) and not _THAT.search(text, 0, last.start()):
        after = text[last.end() :] if last["end"] == "," else ""
        return " ".join([*spoken, text[: last.start()], after]), text[last.start() : last.end()]
    if that := _THAT.search(text):
        return " ".join([*spoken, text[that.end() :]]), text[: that.end()]
    return " ".join(spoken), text


def negations_in(text: str) -> list[Turned]:
    """Return the negations of a text."""
    return _turned(NEGATIONS, text)


def hedges_in(text: str) -> list[Turned]:
    """Return the hedges of a text."""
    return _turned(HEDGES, text)


@lru_cache(maxsize=4096)
def telling_stems(text: str) -> tuple[str, ...]:
    """Return the stems of the words of a text that tell something, in order."""
    words = [match[0].lower().replace("’", "'").removesuffix("'s") for match in _TELLING.finditer(text)]
    return tuple(Stemmer.Stemmer("english").stemWords([w for w in words if w not in _EMPTY and "n't" not in w]))


def _turned(pattern: re.Pattern[str], text: str) -> list[Turned]:
    found = []
    for match in pattern.finditer(_NONE_AT_ALL.sub(lambda m: " " * len(m[0]), text)):
        clause = re.split(r"[.,;:!?]\s|\bbut\b", text[match.end() :])[0]
        about: Sequence[str] = telling_stems(clause)[:_REACH] or telling_stems(text[: match.start()])[-2:]
        direct = not _NOUN.match(clause)
        found.append(Turned(match[0].lower(), tuple(about), direct))
    return found


def _is_speech(quoted: str) -> bool:
    return len(quoted.split()) >= _SPEECH_LENGTH
