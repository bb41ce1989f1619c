"""A follow-up becomes a question that stands alone, by rules: no language model is needed to chat.

Search and reading see one question and no history. So a pronoun or "the company" gives way to what was asked
about last, of the things that it can stand for; a fragment ("And in 2015?") is completed from the last question;
where neither can be done, the last question is put in front. Anything else is left alone: a topic carried over
without need finds again what was answered already. See docs/decisions/0006-follow-ups.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from assistant.values import Turn

WINDOW = 24  # turns; what was said before them is not looked at, which bounds the time
LONGEST = 2000  # characters of an earlier turn that are looked at; a longer question is left alone
SAYS_ENOUGH = 4  # telling words; a question with more finds its articles without an earlier question

_AUX = set("is are was were am do does did has have had can could will would shall should may might must".split())
_WH = set("who whom whose what which when where why how".split())
_PREPOSITIONS = set("in at on for by from of during after before since until under against with without within".split())
_HE, _THEY = ("he", "him", "his", "she", "her", "hers"), ("they", "them", "their", "theirs")
_PRONOUNS = dict.fromkeys(_HE, "he") | dict.fromkeys(_THEY, "they") | {"it": "it", "its": "it"}
_FUNCTION = {*_AUX, *_WH, *_PREPOSITIONS, *_PRONOUNS} | set(
    "a an the and any some or but so if to about as into over than through between out up down off ago this that these "
    "those there here then i me my we us our you your yes no not all both each every either other others another else "
    "one ones same such more most much many few less least very too also again still yet now already ever never just "
    "only even really exactly long far often well tell say said give please know like want let ok thing things "
    "anything something anyone example be been being come happen happened mean explain details go kind reason true "
    "i'd i'm monday friday january february march april june july august september october november december".split()
)
_VERBS = set("make need use live die become get take play win buy sell won bought sold made built wrote took".split())
_PEOPLE = set("mr dr sir president minister king queen pope head author founder leader man woman suspect".split())
_THINGS = set("inc corp ltd group bank university council commission cup award airlines tower street united".split())

_AUXES = "|".join(sorted(_AUX))
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_](?:[\w.&'’-]*[^\W_])?")
_JOINED = re.compile(r" (?:(?:&|of|of the|de|la|van|von|der|bin|al|flight) )?")
_NAME_DOES = re.compile(rf"(?:['’]s)? (?:{_AUXES}|\w+ed|{'|'.join(sorted(_VERBS))})\b|[?.!]*$")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_NOUN = re.compile(rf"(?i)\b(?:an?|the|any|my|your|our|all|what|which|many|{_AUXES})\s+((?:[^\W\d_]+\s*){{1,4}})")
_CLAUSE = re.compile(r"(?i)[,;:.?!]|\b(?:and|but|when|if|because|that|after|before|how|why|says?|said|\w+ed)\b")
_PRONOUN = re.compile(  # "the company" is a pronoun of many letters
    rf"(?i)\b(?:{'|'.join(sorted(_PRONOUNS))}|(?:the|this|that) (?:company|firm|organi[sz]ation|airline|mission)"
    r"(?! (?:of|in|for|that|who|which|to|with|called)\b))\b"
)
_EMPTY_IT = re.compile(  # "Is it true that", "What time is it", "Does it matter if": it stands for nothing
    r"(?i)\b(?:time|day|date|year|far) (?:is|was) it\b|\bit(?:['’]s)? (?:rain|snow|true|seems|been since)"
    r"|\b(?:is|was|be) it (?!\w+(?:ed|ing) |able |made )(?:[\w.'’-]+ ){1,5}?(?:to|that|who|if|whether|how|when)\b"
    r"|\bit (?:take|cost|matter|hurt|mean|become)s? (?:\w+ ){0,4}?(?:to|if|whether|when|how|for|that)\b"
)
_ASKS_NAME = re.compile(rf"(?i)(?:who|which \w+) (?:(?:is|was|are|were) \w+ed\b|(?!(?:{_AUXES})\b)\w)")
_POINTER = re.compile(r"(?i)\b(?:this|that|these|those|(?<!is )(?<!are )there)[?.!]*$")  # "Who said that?"
_LEAD = re.compile(r"(?i)^(?:(?:and|but|or|so|ok|okay|well|yes|oh|then)\b[\s,.!…-]*)+")
_POLITE = re.compile(r"(?i)\W*(?:(?:thanks?(?: you)?|hi|hello|hey|okay|ok|great|bye|yes|no|who are you)( a lot)?\W*)?")
_ABOUT = re.compile(r"(?i)(?:what|how) about (.+)|(?:no\b[ ,.!-]+)?i meant?[ ,:-]+(.+)|no\b[ ,.!-]+(.+)")
_ADVERB = re.compile(r"(?i)((?:(?:since|until|from|by) )?(?:when|whom|where|how long)|why|how)(?: exactly)?[ ?!.]*")
_SUBJECT = re.compile(
    r"(?i)(?:(who|what)(?: (?:is|are|was|were)|['’]s)|tell me about) "
    r"(?:the (?:population|price|cost|size|history|causes?|effects|symptoms|benefits) of )?([^,;:?!]+)"
)

PERSON, THING, PLURAL, GROUP, UNKNOWN = {"he"}, {"it"}, {"they"}, {"it", "they"}, {"he", "it", "they"}


class _Topic(NamedTuple):
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
        topics = [_Topic(answer[start:end], PERSON | PLURAL) for start, end in _names(answer)]
        self.heard = [topic for topic in topics if topic.text not in self.question]
        if self.asked and self.heard and _ASKS_NAME.match(self.question):
            who = self.question[:3].lower() == "who"
            self.asked[0].insert(0, self.heard[0] if who else _Topic(self.heard[0].text, GROUP))

    def best(self, kind: str, question: str) -> _Topic | None:
        """Return what was asked about last of the things that fit; "it" and "they" reach one question back."""
        topics = [topic for asked in self.asked[: None if kind == "he" else 1] for topic in asked]
        if kind == "he":
            topics.sort(key=lambda topic: topic.fits == UNKNOWN)
            topics += [topic for topic in self.heard if " " in topic.text]
        fitting = [topic for topic in topics if kind in topic.fits and topic.text not in question]
        return next((topic for topic in fitting if kind != "they" or topic.fits != UNKNOWN), None)


def standalone(question: str, history: Sequence[Turn]) -> str:
    """Return the question with what it leaves to the earlier turns, oldest first, put into words.

    A question that can stand alone comes back as the same string.
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
    seen, named, done, lacking = {"it"} if _EMPTY_IT.search(question) else set(), "", 0, False
    for match in _PRONOUN.finditer(question):
        word, before, after = match[0].lower(), question[: match.start()], question[match.end() :]
        kind = _PRONOUNS.get(word, "it")
        if kind in seen or (match[0] != word and before.strip() and not question.isupper()):  # "Who wrote It?"
            continue
        seen.add(kind)
        owns = word in ("his", "its", "their") or (word == "her" and _telling(after)[:1] == _words(after)[:1] != [])
        is_object = word in ("him", "her", "it", "them") and not owns and bool({*_words(before)[-1:]} - _AUX)
        if _has_antecedent(question, before, kind, owns=owns, is_object=is_object):
            continue
        topic = memory.best(kind, question)
        more = set(_telling(memory.question)) - set(_words(topic.text if topic else ""))
        if is_object and kind != "he" and len(more) > (kind == "it"):
            topic = None  # "How much was paid for it?": for what Nokia did, not for Nokia
        if topic:
            ending = ("'" if topic.text.endswith("s") else "'s") if owns else ""
            named, done = named + question[done : match.start()] + topic.text + ending, match.end()
        lacking = lacking or not topic
    return named + question[done:], lacking


def _has_antecedent(question: str, before: str, kind: str, *, owns: bool, is_object: bool) -> bool:
    """Tell whether the question itself says what its pronoun stands for."""
    for start, end in _names(question):
        inner = end <= len(before) and (not is_object or _CLAUSE.search(before, end))
        if kind in _fits(question, (start, end)) and (inner or "," in question[len(before) : start]):
            return True
    for noun in _NOUN.finditer(before):
        if any(kind in _fits_noun(w) for w in _telling(noun[1])) and (owns or _CLAUSE.search(before, noun.start(1))):
            return True
    if kind == "he":
        return bool(_ASKS_NAME.match(question) and (owns or _CLAUSE.search(before)))  # "Who called his father?"
    return len(_telling(before)) >= SAYS_ENOUGH or (kind == "they" and len(_telling(question)) > 2)


def _says_little(question: str) -> bool:
    """Tell whether a question is too short to be searched for: "Tell me more.", "How many in London?"."""
    words, own = _words(question), set(_telling(question))
    own -= {word for start, end in _names(question) for word in _words(question[start:end])}
    if not own and _telling(question):
        return words[0] in _WH and not set(words) & (_AUX | _VERBS) and "'s " not in question
    what_is = question[1:] != question[1:].lower() or "," in question or _SUBJECT.match(question)
    alone = {"you", "your"} & set(words) or _EMPTY_IT.search(question) or (own and (what_is or len(words) == 1))
    return len(own) < 2 and not alone


def _complete(question: str, base: str) -> str:
    """Complete a fragment ("Why?", "And in 2015?", "What about Microsoft?") from the last question, or return ""."""
    body = _LEAD.sub("", question)
    if adverb := _ADVERB.fullmatch(body):
        rest = re.sub(rf"(?i)^(?:when|where|why|how) (?=(?:{_AUXES}) )", "", base)
        if rest.split()[0].lower() not in _AUX or re.search(r"[.?!] ", base):
            return f"{base} {question}"
        return f"{adverb[1].capitalize() if question[0].isupper() else adverb[1]} {rest[0].lower()}{rest[1:]}"
    about = _ABOUT.fullmatch(body)
    part = (next(filter(None, about.groups())) if about else body).strip("?.! ")
    words = _words(part)
    short = 0 < len(words) <= 6 and "," not in part and not (_AUX | _WH | _VERBS | {"i", "tell", "give"}) & set(words)
    fragment = short and (about or body != question or _YEAR.fullmatch(part) or words[0] in _PREPOSITIONS)
    return (_swap(part, base) or f"{base} {question}") if fragment else ""


def _swap(part: str, base: str) -> str:
    """Ask the last question of 2015, in London, of Microsoft; return "" where it is not clear how."""
    names, years = _names(base), [match.span() for match in _YEAR.finditer(base)]
    opens, year = _words(part)[0], _YEAR.search(part)
    if re.search(r"[.?!] ", base) or "other" in _words(part):
        return ""
    same = [span for span in names if re.search(rf"(?i)\b{re.escape(opens)} (?:the )?$", base[: span[0]])]
    if year and years:
        names, part = years, year[0]
    elif opens in _PREPOSITIONS and not same:
        return f"{base[:-1]} {opens}{part[len(opens) :]}?"
    elif opens in _PREPOSITIONS:
        names, part = same[:1], part[len(opens) :].lstrip()
    elif not names and not year:
        names = [(at, at + len(topic.text)) for topic in _topics(base) if (at := base.find(topic.text)) >= 0]
    elif not _names(part):
        return ""
    start, end = names[0] if len(names) == 1 else (0, 0)
    return (base[:start] if year else base[:start].removesuffix("the ")) + part + base[end:] if end else ""


def _words(text: str) -> list[str]:
    return [re.sub("['’]s$", "", match[0].lower()) for match in _TOKEN.finditer(text)]


def _telling(text: str) -> list[str]:
    return [word for word in _words(text) if word not in _FUNCTION]


def _names(text: str) -> list[tuple[int, int]]:
    """Return where the names are: runs of capitalised words, which an ordinary word cannot open."""
    spans: list[tuple[int, int]] = []
    for token in () if text.isupper() else _TOKEN.finditer(text):
        at, word = token.start(), re.sub("['’]s$", "", token[0])
        end, capital = at + len(word), word != word.lower()
        joined = spans and _JOINED.fullmatch(text, spans[-1][1], at) and (capital or word[0].isdigit())
        before, after = text[:at].rstrip(" \"'“‘(["), text[end:]
        opens = before[-1:] in ".?!:\n" and not (_NAME_DOES.match(after) or after[1:2].isupper())
        if joined and not _YEAR.match(word):
            spans[-1] = (spans[-1][0], end)
        elif capital and not opens and (word.lower() not in _FUNCTION | _VERBS or word[1:].isupper()):
            spans.append((at, end))
    return spans


def _topics(question: str) -> list[_Topic]:
    """Return what a question names, the thing that it is about first, and last whose name only owns another."""
    topics, match = [], None if _ASKS_NAME.match(question) else _SUBJECT.match(question)
    if match:
        words = match[2].split()
        stops = (_FUNCTION | _VERBS) - {"the", "a", "an", "and", "of", "in"}
        phrase = " ".join(words[: next((at for at, word in enumerate(words) if word in stops), None)]).rstrip(".")
        who = PLURAL if " and " in phrase else PERSON
        fits = who if (match[1] or "").lower() == "who" else _fits_noun(phrase)
        topics = [_Topic(phrase, fits)] if _telling(phrase) else []
    for start, end in sorted(_names(question), key=lambda span: question[span[1] + 1 : span[1] + 3] == "s "):
        article = "the " if question[:start].lower().endswith("the ") else ""
        noun = re.match(r" ([^\W\d_]+)(?<!ed)(?<!ing)\b", question[end:])
        if not (article and noun and noun[1] not in _FUNCTION | _VERBS):  # "the Nepal earthquake" is not about Nepal
            fits = GROUP if _ASKS_NAME.match(question) else _fits(question, (start, end))
            topics.append(_Topic(article + question[start:end], fits))
    return topics


def _fits(text: str, span: tuple[int, int]) -> set[str]:
    """Judge by its words and by what stands before it which pronouns may stand for a name."""
    before, words = text[: span[0]].lower(), _words(text[span[0] : span[1]])
    if before.endswith("the "):
        return PLURAL if words[-1].endswith(("s", "ese", "ish", "ch")) else THING
    if re.search(r"\b(?:in|at|on|near|of) $", before) or set(words) & _THINGS or re.search(r"\d", " ".join(words)):
        return GROUP
    return PERSON if words[0] in _PEOPLE else UNKNOWN


def _fits_noun(noun: str) -> set[str]:
    """Judge by its last word which pronouns may stand for a noun."""
    head = (_words(re.split(" of | in ", noun)[0]) or [""])[-1]
    plural = re.search(r"^(?!measles|news).*[^suia]s$|^people$|^police$", head)
    return PERSON | PLURAL if head in _PEOPLE else PLURAL if plural else THING
