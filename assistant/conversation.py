"""A follow-up becomes a question that stands alone, by rules: no language model is needed to chat.

Search and reading see one question and no history, so what a question leaves to its history has to be
put into words. A pronoun or "the company" gives way to what was asked about last, of the things that it
can stand for; a fragment ("And in 2015?") is completed from the last question; where neither can be
done, the last question is put in front. A question that may stand alone is left alone: a topic carried
over without need finds again what was answered already. See docs/decisions/0006-follow-ups.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.values import Turn

WINDOW = 24  # turns; what was said before them is not looked at, which bounds the time
LONGEST = 2000  # characters of an earlier turn that are looked at; a longer question is left alone
SAYS_ENOUGH = 4  # telling words; a question with more finds its articles without an earlier question

_AUX = set("is are was were am do does did has have had can could will would shall should may might must".split())
_WH = set("who whom whose what which when where why how".split())
_PREPOSITIONS = set("in at on for by from of during after before since until under against with without within".split())
_PRONOUNS = dict.fromkeys(["he", "him", "his", "she", "her", "hers"], "he")
_PRONOUNS |= {"it": "it", "its": "it"} | dict.fromkeys(["they", "them", "their", "theirs"], "they")
_FUNCTION = {*_AUX, *_WH, *_PREPOSITIONS, *_PRONOUNS} | set(
    "a an the and any some or but so if to about as into over than through between out up down off ago this that these "
    "those there here then i me my we us our you your yes no not all both each every either other others another else "
    "one ones same such more most much many few less least very too also again still yet now already ever never just "
    "only even really exactly long far often well tell say said give please know like want let ok thing things "
    "anything something anyone example be been being come happen happened mean explain details go kind reason true "
    "don't didn't isn't wasn't doesn't can't i'd i'm monday tuesday wednesday thursday friday saturday sunday january "
    "february march april june july august september october november december".split()
)
_VERBS = set(
    "start end make need use live die become begin get take play produce cause affect win lose buy sell leave change "
    "work look find build built eat won bought sold made wrote took paid beat lost rose fell".split()
)
_PEOPLE = set(
    "mr mrs ms dr sir lord lady professor president senator pope king queen prince minister singer author director "
    "founder ceo leader player writer actor judge lawyer mayor governor suspect victim head officer owner man "
    "woman wife husband son daughter father mother james john david michael peter angela theresa".split()
)
_THINGS = set("inc corp ltd group bank university council commission cup award airlines tower street united".split())

_AUXES = "|".join(sorted(_AUX))
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_](?:[\w.&'’-]*[^\W_])?")
_JOINED = re.compile(r" (?:(?:&|of|of the|de|la|van|von|der|bin|al|flight) )?")
_NAME_DOES = re.compile(rf"(?:['’]s)? (?:{_AUXES}|\w+ed|{'|'.join(sorted(_VERBS))})\b|[?.!]*$")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_NOUN = re.compile(rf"(?i)\b(?:an?|the|any|my|your|our|all|what|which|many|{_AUXES})\s+((?:[^\W\d_]+\s*){{1,4}})")
_CLAUSE = re.compile(
    r"(?i)[,;:.?!]|\b(?:and|or|but|when|if|because|that|while|after|before|until|since|whether|how|why|what|where|"
    r"sa(?:y|ys|id)|thinks?|thought|knows?|knew|claim(?:s|ed)?|believed?|announced?|reported?|told)\b"
)
_PRONOUN = re.compile(  # "the company" is a pronoun of many letters
    rf"(?i)\b(?:{'|'.join(sorted(_PRONOUNS))}|(?:the|this|that) (?:company|firm|organi[sz]ation|airline|mission)"
    r"(?! (?:of|in|for|that|who|which|to|with|called)\b))\b"
)
_EMPTY_IT = re.compile(  # "Is it true that", "What time is it", "Does it matter if": it stands for nothing
    r"(?i)\b(?:time|day|date|year|far) (?:is|was) it\b|\bit(?:['’]s)? (?:rain|snow|true|seems|been since)"
    r"|\b(?:is|was|be) it (?!\w+(?:ed|ing) |able |made )(?:[\w.'’-]+ ){1,5}?(?:to|that|who|if|whether|how|when)\b"
    r"|\bit (?:take|cost|feel|matter|hurt|help|mean|become)s? (?:\w+ ){0,4}?(?:to|if|whether|when|how|for|that)\b"
)
_GENERIC_THEY = re.compile(r"(?i)(?:when|where|what|why|how) (?:do|did) they(?: \w+){3}")  # "do they put the tree up"
_ASKS_NAME = re.compile(rf"(?i)(?:who|which \w+) (?:(?:is|was|are|were) \w+ed\b|(?!(?:{_AUXES})\b)\w)")
_POINTER = re.compile(
    r"(?i)\b(?:this|that|these|those|(?<!is )(?<!are )there)[?.!]*$"
    rf"|^(?:\w+ )?(?:{_AUXES}) (?:this|that|these) (?!year|week|month|day|morning|evening|season|time|who)\w"
)
_LEAD = re.compile(r"(?i)(?:(?:and|but|or|so|ok|okay|well|yes|oh|then)\b[\s,.!…-]*)+")
_POLITE = re.compile(
    r"(?i)\W*(?:(?:thanks?(?: you)?|hi|hello|hey|ok|okay|great|bye|yes|no|who are you|what can you do)"
    r"(?: (?:so much|very much|a lot|there))?\W*)?"
)
_ABOUT = re.compile(r"(?i)(?:what|how) about (.+)|(?:no\b[ ,.!-]+)?i meant?[ ,:-]+(.+)|no\b[ ,.!-]+(.+)")
_ADVERB = re.compile(
    r"(?i)((?:(?:since|until|from|by|with) )?(?:when|whom|where|how long)|why|how(?: come| often)?)(?: exactly)?[ ?!.]*"
)
_SUBJECT = re.compile(
    r"(?i)(?:(who|what)(?: (?:is|are|was|were)|['’]s)|tell me about) "
    r"(?:the (?:population|name|price|cost|size|history|causes?|effects|symptoms|benefits) of )?([^,;:?!]+)"
)

_Span = tuple[int, int]
PERSON, THING, PLURAL, GROUP, UNKNOWN = {"he"}, {"it"}, {"they"}, {"it", "they"}, {"he", "it", "they"}


@dataclass(frozen=True, slots=True)
class _Topic:
    """Something that was named, and the kinds of pronoun ("he" is also she) that may stand for it."""

    text: str
    fits: set[str]


@dataclass(slots=True)
class _Memory:
    """What a follow-up can lean on: the last question, what each question named, and what the last answer did."""

    question: str = ""
    asked: list[list[_Topic]] = field(default_factory=list)  # the latest question first, its subject first
    heard: list[_Topic] = field(default_factory=list)

    def ask(self, question: str) -> None:
        """Remember a question; one that had the last question in front does not take its place."""
        if _POLITE.fullmatch(question):
            return
        known = {topic.text: topic for topics in self.asked for topic in topics if topic.fits == PERSON}
        self.asked.insert(0, [known.get(topic.text, topic) for topic in _topics(question)])
        self.heard = []
        if not self.question or not question.startswith(self.question):
            self.question = question if question[-1] in ".?!" else f"{question}?"

    def hear(self, answer: str) -> None:
        """Remember whom an answer names; the first name is what "Who founded ...?" asked for."""
        names = [answer[start:end] for start, end in _names(answer)]
        self.heard = [_Topic(name, PERSON | PLURAL) for name in names if name not in self.question]
        if self.asked and self.heard and _ASKS_NAME.match(self.question):
            who = self.question.lower().startswith("who")
            self.asked[0].insert(0, self.heard[0] if who else _Topic(self.heard[0].text, GROUP))

    def best(self, kind: str, question: str) -> _Topic | None:
        """Return what was asked about last of the things that fit; "it" and "they" reach one question back."""
        topics = [topic for asked in self.asked[: None if kind == "he" else 1] for topic in asked]
        if kind != "it":
            topics.sort(key=lambda topic: topic.fits == UNKNOWN)
        if kind == "he":
            topics += [topic for topic in self.heard if " " in topic.text]
        fitting = (topic for topic in topics if kind in topic.fits and topic.text.lower() not in question.lower())
        return next(fitting, None)


def standalone(question: str, history: Sequence[Turn]) -> str:
    """Return the question with what it leaves to the earlier turns put into words.

    `history` is oldest first. A question that can stand alone comes back as the same string, because
    search is led astray by a topic that is carried over without need.
    """
    if len(question) > LONGEST:
        return question
    memory = _Memory()
    for turn in history[-WINDOW:]:
        text = turn.text[:LONGEST].strip()
        if turn.role == "user":
            memory.ask(_resolve(text, memory))
        else:
            memory.hear(text)
    return _resolve(question, memory)


def _resolve(question: str, memory: _Memory) -> str:
    if not memory.question or _POLITE.fullmatch(question):
        return question
    named, lacking = _name_pronouns(question, memory)
    if completed := _complete(named.strip(), memory.question):
        return completed
    lacking = (lacking or bool(_POINTER.search(named))) and len(_telling(named)) <= SAYS_ENOUGH
    return f"{memory.question} {named.strip()}" if lacking or _says_little(named) else named


def _name_pronouns(question: str, memory: _Memory) -> tuple[str, bool]:
    """Name the pronouns that lean on earlier turns; tell whether one is left without a name."""
    empty = [match.span() for match in _EMPTY_IT.finditer(question)]
    seen, named, done, lacking = set(), "", 0, False
    for match in _PRONOUN.finditer(question):
        word, before, after = match[0].lower(), question[: match.start()], question[match.end() :]
        kind = _PRONOUNS.get(word, "it")
        title = match[0] != word and before.strip() and not question.isupper()  # "Who wrote It?"
        if title or kind in seen or (kind == "it" and any(start <= match.start() < end for start, end in empty)):
            continue
        seen.add(kind)
        owns = word in ("his", "its", "their") or (word == "her" and _telling(after)[:1] == _words(after)[:1] != [])
        is_object = word in ("him", "her", "it", "them") and not owns and bool({*_words(before)[-1:]} - _AUX)
        if _has_antecedent(question, match.start(), kind, owns=owns, is_object=is_object):
            continue
        topic = memory.best(kind, question)
        more = set(_telling(memory.question)) - set(_words(topic.text if topic else ""))
        if is_object and kind != "he" and len(more) > (kind == "it"):
            topic = None  # "How much was paid for it?": for what Nokia did, not for Nokia
        if topic:
            named += question[done : match.start()] + topic.text
            named += "" if not owns else "'" if topic.text.endswith("s") else "'s"
            done = match.end()
        lacking = lacking or not topic
    return named + question[done:], lacking


def _has_antecedent(question: str, at: int, kind: str, *, owns: bool, is_object: bool) -> bool:
    """Tell whether the question itself says what its pronoun stands for."""
    before = question[:at]
    for start, end in _names(question):
        inner = end <= at and (not is_object or _CLAUSE.search(before, end))
        if kind in _fits(question, (start, end)) and (inner or "," in question[at:start]):
            return True
    for noun in _NOUN.finditer(before):
        clear = owns or _CLAUSE.search(before, noun.start(1))
        if clear and any(kind in _fits_noun(word) for word in _telling(noun[1])):
            return True
    if kind == "he":
        return bool(_ASKS_NAME.match(question) and (owns or _CLAUSE.search(before)))  # "Who called his father?"
    return len(_telling(before)) >= SAYS_ENOUGH or (kind == "they" and _GENERIC_THEY.match(question) is not None)


def _says_little(question: str) -> bool:
    """Tell whether a question is too short to be searched for: "Tell me more.", "How many in London?"."""
    words, own = _words(question), set(_telling(question))
    names = {word for start, end in _names(question) for word in _words(question[start:end])}
    if {"you", "your"} & set(words):
        return False
    if not own - names:
        return not own or (words[0] in _WH and not set(words) & (_AUX | _VERBS) and "'s " not in question)
    what_is = question[1:] != question[1:].lower() or "," in question or _SUBJECT.match(question)
    return len(own) == 1 < len(words) and not what_is and not _EMPTY_IT.search(question)


def _complete(question: str, base: str) -> str:
    """Complete a fragment ("Why?", "And in 2015?", "What about Microsoft?") from the last question, or return ""."""
    lead = _LEAD.match(question)
    body = question[lead.end() :] if lead else question
    if adverb := _ADVERB.fullmatch(body):
        rest = re.sub(rf"(?i)^(?:when|where|why|how) (?=(?:{_AUXES}) )", "", base)
        if rest.split()[0].lower() not in _AUX or re.search(r"[.?!] ", base):
            return f"{base} {question}"
        return f"{adverb[1].capitalize() if question[0].isupper() else adverb[1]} {rest[0].lower()}{rest[1:]}"
    about = _ABOUT.fullmatch(body)
    part = (next(filter(None, about.groups())) if about else body).strip("?.! ")
    words = _words(part)
    if not 0 < len(words) <= 6 or "," in part or (_AUX | _WH | _VERBS | {"i", "tell", "give"}) & set(words):
        return ""
    fragment = about or lead or _YEAR.fullmatch(part) or words[0] in _PREPOSITIONS
    return (_swap(part, base) or f"{base} {question}") if fragment else ""


def _swap(part: str, base: str) -> str:
    """Ask the last question of 2015, in London, of Microsoft; return "" where it is not clear how."""
    names, years = _names(base), [match.span() for match in _YEAR.finditer(base)]
    opens, year = _words(part)[0], _YEAR.search(part)
    if re.search(r"[.?!] ", base) or "other" in _words(part):
        return ""
    if opens in _PREPOSITIONS and not (year and years):
        for start, end in names:
            if phrase := re.search(rf"(?i)\b{opens}(?: the)? $", base[:start]):
                return base[: phrase.start()] + opens + part[len(opens) :] + base[end:]
        return f"{base.rstrip('?.! ')} {opens}{part[len(opens) :]}?"
    if not year and not names:
        names = [(at, at + len(topic.text)) for topic in _topics(base) if (at := base.find(topic.text)) >= 0]
    elif not year and not _names(part):
        return ""
    spans = years if year else names
    if len(spans) != 1:
        return ""
    before = base[: spans[0][0]]
    same = re.match("(?i)the ", part) if before.lower().endswith("the ") else None
    return before + (year[0] if year else part[same.end() :] if same else part) + base[spans[0][1] :]


def _words(text: str) -> list[str]:
    return [re.sub("['’]s$", "", match[0].lower()) for match in _TOKEN.finditer(text)]


def _telling(text: str) -> list[str]:
    return [word for word in _words(text) if word not in _FUNCTION]


def _names(text: str) -> list[_Span]:
    """Return where the names are: runs of capitalised words, which an ordinary word cannot open."""
    spans: list[_Span] = []
    for token in () if text.isupper() else _TOKEN.finditer(text):
        at, word = token.start(), re.sub("['’]s$", "", token[0])
        end, capital = at + len(word), word != word.lower()
        joined = spans and _JOINED.fullmatch(text, spans[-1][1], at) and (capital or word[0].isdigit())
        before, after = text[:at].rstrip(" \"'“‘(["), text[end:]
        if joined and not _YEAR.match(word):
            spans[-1] = (spans[-1][0], end)
        elif (
            capital
            and (word.lower() not in _FUNCTION | _VERBS or word[1:].isupper())
            and (before[-1:] not in ".?!:\n" or _NAME_DOES.match(after) or after[1:2].isupper())
        ):
            spans.append((at, end))
    return spans


def _topics(question: str) -> list[_Topic]:
    """Return what a question names, the thing that it is about first, and last whose name only owns another."""
    topics = _subject(question)
    for start, end in sorted(_names(question), key=lambda span: question[span[1] + 1 : span[1] + 3] == "s "):
        article = "the " if question[:start].lower().endswith("the ") else ""
        noun = re.match(r" ([^\W\d_]+)(?<!ed)(?<!ing)\b", question[end:])
        if not (article and noun and noun[1] not in _FUNCTION | _VERBS):  # "the Nepal earthquake" is not about Nepal
            fits = GROUP if _ASKS_NAME.match(question) else _fits(question, (start, end))
            topics.append(_Topic(article + question[start:end], fits))
    return topics


def _subject(question: str) -> list[_Topic]:
    """Return what "What is X?", "Who is X?" or "Tell me about X." is about."""
    match = _SUBJECT.match(question)
    words = match[2].split() if match and not _ASKS_NAME.match(question) else []
    stops = (_FUNCTION | _VERBS) - {"the", "a", "an", "and", "of", "in"}
    phrase = " ".join(words[: next((place for place, word in enumerate(words) if word in stops), None)]).rstrip(".")
    if not match or not _telling(phrase):
        return []
    if (match[1] or "").lower() == "who":
        return [_Topic(phrase, PLURAL if " and " in phrase else PERSON)]
    return [_Topic(phrase, GROUP if _names(phrase)[:1] == [(0, len(phrase))] else _fits_noun(phrase))]


def _fits(text: str, span: _Span) -> set[str]:
    """Judge by its words and by what stands before it which pronouns may stand for a name."""
    before, words = text[: span[0]].lower(), _words(text[span[0] : span[1]])
    if before.endswith("the "):
        return PLURAL if words[-1].endswith(("s", "ese", "ish", "ch")) else THING
    if (
        re.search(r"\b(?:in|at|on|near|of) $", before)
        or set(words) & _THINGS
        or any(map(str.isdigit, text[slice(*span)]))
    ):
        return GROUP
    return PERSON if words[0] in _PEOPLE else UNKNOWN


def _fits_noun(noun: str) -> set[str]:
    """Judge by its last word which pronouns may stand for a noun."""
    head = (_words(re.split(" of | in ", noun)[0]) or [""])[-1]
    if head in _PEOPLE:
        return {"he", "they"}
    return PLURAL if re.search(r"[^suia]s$|^people$|^police$", head) and head not in ("measles", "news") else THING
