"""A follow-up becomes a question that stands alone, by rules: no language model is needed to chat.

Search and reading see one question and no history, so what a question leaves to its history has to be
put into words. A pronoun gives way to what was asked about last, of the things that it can stand for;
a fragment ("And in 2015?") is completed from the last question; where neither can be done, the last
question is put in front. A question that may stand alone is left alone: a topic carried over without
need finds again what was answered already. The figures are in docs/decisions/0006-follow-ups.md.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from assistant.values import Turn

WINDOW = 24  # turns; what was said before them is not looked at, which bounds the time
LONGEST = 2000  # characters of an earlier turn that are looked at; a longer question is left alone
MOST_NAMES = 12  # of one turn
SAYS_ENOUGH = 4  # telling words; a question with more finds its articles without an earlier question

_Span = tuple[int, int]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_AUX = _words(
    "is are was were am do does did has have had can could will would shall should may might must isn't aren't wasn't "
    "weren't doesn't didn't don't hasn't haven't hadn't can't couldn't won't wouldn't shouldn't"
)
_BE = _words("is are was were isn't wasn't")
_WH = _words("who whom whose what which when where why how")
_PREPOSITIONS = _words("in at on for by from during after before since until under against with without outside within")
_FUNCTION = (
    _AUX
    | _WH
    | _PREPOSITIONS
    | _words(
        "a an the and any some or but so if of to about as into over than till through between out up down off ago he "
        "she it they him her them his its their hers theirs this that these those there here then i me my we us our "
        "you your yes no not nor all both each every either other others another else one ones same such more most "
        "much many few less least very too also again still yet now already ever never just only even really actually "
        "exactly precisely long far often well tell say said says give please know like want let okay ok sure first "
        "thing things anything something everything anyone someone example instance be been being come happen "
        "happened happens mean means explain details detail further information elaborate continue go kind sort "
        "reason true false because besides despite unlike according what's who's where's i'd i'm i've that's it's "
        "he's she's they're there's let's how's were"
    )
)
_VERBS = _words(
    "start end make need use live die become begin get take play produce cause affect win lose buy sell leave join "
    "create differ change move grow run taste exist help keep include open close replace form write work look have "
    "find build stop raise meet visit try hire apply update add eat drink cook view sign break announce bought sold "
    "won beat took made wrote rose fell built held born sent paid known seen given taken won raised started happened "
    "founded invented found"
)
_TITLES = _words("mr mrs ms miss dr sir lord lady prof professor president senator pope king queen prince princess")
_MEN = _words(
    "james john robert michael william david richard joseph thomas charles daniel matthew anthony mark donald steven "
    "steve paul andrew kevin brian george edward jason jeff gary eric stephen larry scott samuel frank alexander "
    "patrick jack peter tim bill barack joe vladimir boris elon tony gordon simon martin philip ian alan henry albert "
    "isaac adam walter mohammed ahmed ali jose juan carlos luis lionel cristiano roger rafael novak mr sir lord king "
    "prince pope"
)
_WOMEN = _words(
    "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy margaret sandra emily donna "
    "michelle carol amanda melissa stephanie rebecca laura amy angela anna emma nicole helen katherine christine "
    "rachel catherine maria diane ruth julie olivia victoria hillary theresa ursula taylor marie rosa jane alice "
    "charlotte diana kate serena malala greta kamala nicola indira ada florence mrs ms miss lady queen princess"
)
_SHE_NOUNS = _words("woman girl actress wife daughter mother sister queen princess aunt niece")
_HE_NOUNS = _words("man boy actor husband son father brother king prince uncle nephew")
_PEOPLE = (
    _SHE_NOUNS
    | _HE_NOUNS
    | _words(
        "head chief official host star "
        "president minister singer author director founder ceo leader player politician scientist writer artist judge "
        "lawyer chairman spokesman mayor governor senator chancellor coach officer suspect victim killer inventor "
        "person owner doctor teacher patient driver pilot chef"
    )
)
_GROUPS = _words(
    "company firm bank airline organisation organization team club band party agency manufacturer retailer charity "
    "corporation newspaper"
)
_THINGS = _GROUPS | _words(
    "inc corp ltd plc group co university college school institute ministry department union league fc united city "
    "states kingdom republic street road river lake mountain sea ocean island islands park day week war treaty act "
    "law bill court council commission association foundation museum cup championship festival award prize airlines "
    "motors records studios film movie book song game event country town place region state language product device "
    "app phone case trial scandal fire storm attack accident study report project system agreement merger takeover "
    "series album novel election vaccine drug disease virus plant animal building bridge deal flower accord tower "
    "earthquake flood government committee pact dome network bank times post north south new china america britain "
    "england france germany russia india japan europe africa asia canada ireland scotland australia brazil london "
    "paris beijing us uk eu un usa u.s u.k nato"
)
_WORKS = _words("film movie book song album novel series deal device app product merger takeover")
_NO_NAMES = _words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december"
)
_TIMES = _words(
    "year years week weeks month months day days morning afternoon evening night summer winter spring autumn time "
    "times century decade season moment"
)
_PRONOUNS = {
    form: kind
    for kind, forms in {
        "he": "he him his",
        "she": "she her hers",
        "it": "it its",
        "they": "they them their theirs",
    }.items()
    for form in forms.split()
}

_TOKEN = re.compile(r"[^\W_](?:[\w.&'’-]*[^\W_])?")
_PRONOUN = re.compile(rf"\b(?:{'|'.join(_PRONOUNS)})\b", re.IGNORECASE)
_DOES = re.compile(r"\b(?:do|does|did|can|could|will|would|should|may|might|must|has|have|had) the $")
_ATTRIBUTE = re.compile(
    r"(?:the )?(?:\w+ )?(?:population|name|price|cost|size|area|age|height|length|weight|meaning|purpose|history|value|"
    r"causes?|(?:side )?effects?|symptoms|advantages|disadvantages|benefits|risks|origins?) of (?=[^\W_])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_INNER_STOP = re.compile(r"[.?!]\s")
_CLAUSE = re.compile(
    r"[,;:.?!]|\b(?:and|or|but|when|if|because|that|while|after|before|until|since|whether|although|how|why|what|where|"
    r"say|says|said|thinks?|thought|knows?|knew|claim|claims|claimed|believes?|believed|deny|denied|admit|admitted|promised?|"
    r"hopes?|announced?|reported?|reveal|revealed|warn|warned|told|argued?|suggest|suggested)\b",
    re.IGNORECASE,
)
_EARLY_CLAUSE = re.compile(r"(?:when|while|after|before|in|during|despite|since|although|if|at|by|on)\b", re.IGNORECASE)
_NOUN = re.compile(
    r"\b(?:an?|the|any|some|my|your|our|all|every|each|do|does|did|is|are|was|were|can|could|will|would|should|what|"
    r"which|many|other)\s+((?:[^\W\d_]+\s*){1,4})",
    re.IGNORECASE,
)
_EMPTY_IT = re.compile(  # "Is it true that", "What time is it", "Was it Cameron who": it stands for nothing
    r"\bit(?:['’]s| is| was| be| has been| would be)? (?:\w+ )?(?:true|possible|impossible|likely|unlikely|known|clear|"
    r"legal|illegal|safe|easy|hard|difficult|important|necessary|better|best|worth|normal|common|good|bad|ok|okay|right|"
    r"wrong|rare|dangerous|healthy|cheaper|fair|certain|useful|allowed|traditional|time|required) "
    r"(?:that|to|for|if|when|whether|how)\b"
    r"|\b(?:time|day|date|year|month) (?:is|was) it\b|\bit(?: \w+)? (?:rain|snow|hail|thunder)\w*|\bit been since\b"
    r"|\bit (?:take|cost|feel|matter|hurt|help|pay|mean)s? (?:\w+ ){0,4}?(?:to|if|whether|when|how|what|for|that)\b"
    r"|\bit (?:because|like to)\b|\bit becomes? \w+ (?:to|for|that)\b"
    r"|\b(?:is|was) it (?!\w+(?:ed|ing)\b|(?:able|sold|made|built|given|due|close|similar|open|left|up|bad|good) )\w+ "
    r"(?:to|that|for \w+ .*\bto)\b"
    r"|\bhow far is it\b|\bit (?:seem|appear|turn)(?:s|ed)?\b"
    r"|\b(?:is|was|isn['’]t|wasn['’]t) it (?:[\w.’'-]+ ){1,5}?(?:who|that|which)\b",
    re.IGNORECASE,
)
_DEFINITE = re.compile(
    r"\b(?:the(?: same| other)?|this|that|these|those)\s+(?:(?:other|new|whole|former)\s+)?([^\W\d_]+)\b"
    r"(?!\s+(?:of|in|for|that|who|which|where|to|from|between|on|with|called|at)\b)",
    re.IGNORECASE,
)
_RELATION = re.compile(
    r"\bthe (?:main |biggest |possible |total )?(?:(?:dis)?advantages?|drawbacks?|benefits|downsides?|causes?|reasons?|"
    r"(?:side )?effects?|results?|outcome|consequences|aftermath|symptoms|treatment|risks|dangers|penalty|penalties|"
    r"costs?|price|ingredients|features|varieties|differences?|origins?|purpose|history|population|capital|plot|cast)"
    r"(?=[\s?.!]*$)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:(?:and|but|or|so|ok|okay|well|yes|yeah|sure|please|interesting|i see|oh|hmm|then|btw|by the way)\b"
    r"[\s,.!…-]*)+",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"[\W_]*(?:many |ok(?:ay)?,? |great,? )?(?:thanks?(?: you)?|hi|hello|hey|ok|okay|great|cool|nice|bye|goodbye|yes|"
    r"yeah|no|nope|sure|i see|good (?:morning|evening)|perfect|how are you|who are you)"
    r"(?: (?:so much|very much|a lot|there))?[\W_]*",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"(?:(?:no|nope|sorry|wait|actually|oh)\b[\s,.!-]*)*i (?:meant?|was (?:asking|talking) about)[\s,:-]+(.+)"
    r"|no\b[\s,.!-]+(?!\w+ (?:is|are|was|were)\b)(.+)",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(r"(?:what|how)\s+about\s+(.+)", re.IGNORECASE)
_ADVERB = re.compile(
    r"((?:(?:since|until|from|by|with|for) )?(?:when|whom|where|how long)|why|how(?: come| often| many times)?)"
    r"(?: exactly| then)?[\s?!.]*",
    re.IGNORECASE,
)
_ASKS_ADVERB = re.compile(rf"(?:when|where|why|how)\s+(?=(?:{'|'.join(_AUX)})\s)", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:tell me|know|hear|learn|read|information|interested)\b.*?\b(?:about|in|on)\s+(.+)", re.IGNORECASE
)
_WHAT_IS = re.compile(r"(?:so |and )?(who|what)(?:\s+(?:is|are|was|were)|['’]s)\s+(.+)", re.IGNORECASE)
_GENERIC_THEY = re.compile(r"(?:when|where|what|why|how)\s+(?:do|did)\s+they\b", re.IGNORECASE)
_WHO_DID = re.compile(rf"who\s+(?:(?:is|was|are|were|has|had)\s+\w+ed\b|(?!(?:{'|'.join(_AUX)})\b)\w)", re.IGNORECASE)
_PHRASE_END = re.compile(
    r"\s+(?:who|that|which|when|where|why|how|if|because|called|used|made|doing|"
    r"and (?:why|how|what|where|when|who|is|was|did))\b|[,;?!]|\.(?:\s|$)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(rf"\b({'|'.join(_AUX)})\s+(?:(?:all|any|some|most)\s+)?((?:the|an?)\s+)?", re.IGNORECASE)
_PERSON_CUE = (
    r"\b(?:who(?:['’]s| is| was)|born|when|where) {name}\W*$|\bwho(?:['’]s| is| was) {name}\b|\bborn {name}\b"
    r"|\b(?:father|mother|wife|husband|son|daughter|brother|sister|leader|president|minister|executive|director|author|"
    r"ceo) {name}\b|{name}(?:['’]s (?:wife|husband|children|death|mother|father)| (?:still )?(?:say|said|says|born|die|"
    r"died|marry|married|tell|told|write|wrote|visit|visited|meet|met|go|went|fly|flew|travel|live|lived|study|retire|"
    r"resign|resigned|think|speak|spoke|play|played|arrested|jailed)\b)"
)
_THING_CUE = (
    r"\b(?:bought|buy|acquired|founded|owns?|runs?|heads|leads|invented|work(?:s|ed)? (?:for|at)) (?:the )?{name}\b"
    r"|{name} (?:sell|sells|sold|make|makes|made|produce|launch|launched|release|released|cut|own|owns|acquire|employ|"
    r"merge|operate|cost|founded|invented|built|based)\b"
)


@dataclass(frozen=True, slots=True)
class _Topic:
    """Something that was named, and what pronouns may stand for it: 3 surely, 2 likely, 1 perhaps, 0 not."""

    text: str
    fits: Mapping[str, int]


@dataclass(slots=True)
class _Memory:
    """What a follow-up can lean on: the last questions, and what they and their answers named."""

    question: str = ""  # the last one that stands alone
    latest: str = ""  # the last one that says anything, with what had to be put in front of it
    asked: list[list[_Topic]] = field(default_factory=list)  # what each question named, the subject first
    answered: list[list[_Topic]] = field(default_factory=list)  # what the answers to it named besides
    said: set[str] = field(default_factory=set)

    def ask(self, asked: "_Question") -> None:
        """Remember a question."""
        if not _lower(asked.text) or _POLITE.fullmatch(asked.text) or (asked.lead and not _content(asked.text)):
            return
        self.latest = str(asked)
        if not asked.lead:
            self.question = asked.text
        self.asked.append(_topics(asked.text) + (self.asked[-1] if asked.lead else []))
        self.answered.append([])
        self.said.update(_lower(str(asked)))

    def hear(self, answer: str) -> None:
        """Remember what an answer names; of "Which company ...?" it is what was asked for."""
        self.said.update(_lower(answer))
        if not self.asked:
            return
        question = self.latest.lower()
        known = {topic.text.lower() for topic in self.asked[-1]}
        named = [_named_in(answer, span, asks_who=question.startswith("who ")) for span in _names(answer)[:MOST_NAMES]]
        new = [topic for topic in named if topic.text.lower() not in known]
        self.answered[-1].extend(new)
        if new and re.match(r"which|what", question) and set(question.split()[1:3]) & _THINGS:
            self.asked[-1].insert(0, _Topic(new[0].text, {"he": 0, "she": 0, "it": 3, "they": 3}))

    def says_more_than(self, topic: _Topic, pronoun: str) -> bool:
        """Tell whether the last question may be of another thing: of what Nokia sold, not of Nokia."""
        more = set(_content(self.latest)) - set(_lower(topic.text))
        sure = topic.fits[pronoun] > 2 or (topic.fits[pronoun] == 2 and topic.text.lower().startswith("the "))
        return not sure and (topic.fits[pronoun] < 2 or len(more) > 1)

    def best(self, pronoun: str, question: str) -> _Topic | None:
        """Return what `pronoun` stands for: something asked about before something merely answered.

        "It" and "they" reach no further than the last question, for there is always some thing named.
        """
        person = pronoun in ("he", "she")
        if pronoun != "it" and _WHO_DID.match(self.latest):
            named = [topic for topic in self.answered[-1] if topic.fits[pronoun]]
            return named[0] if named else None  # "Who won?": they did, whose name only the answer has
        for asked, answered in list(zip(self.asked, self.answered, strict=True))[: -(WINDOW if person else 2) : -1]:
            people = list({topic.text: topic for topic in asked if 2 in (topic.fits["he"], topic.fits["she"])}.values())
            if pronoun == "they" and len(people) == 2 and not any(topic.fits["they"] == 2 for topic in asked):
                return _Topic(f"{people[0].text} and {people[1].text}", people[0].fits)
            for topics, least in ((asked, 1 if pronoun == "it" else 2), (answered if person else (), 2), (asked, 1)):
                for topic in topics:
                    if topic.fits[pronoun] >= least and topic.text.lower() not in question.lower():
                        return topic
        return None


@dataclass(frozen=True, slots=True)
class _Question:
    """A question that stands alone, if need be with an earlier one in front of it."""

    text: str
    lead: str = ""

    def __str__(self) -> str:
        lead = self.lead.strip()
        if not lead:
            return self.text
        return f"{lead if lead[-1] in '.?!' else lead + '?'} {self.text.strip()}"


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
    return str(_resolve(question, memory))


def _resolve(question: str, memory: _Memory) -> _Question:
    if not memory.question or not _lower(question) or _POLITE.fullmatch(question):
        return _Question(question)
    named, lacking = _name_pronouns(question, memory)
    before = named
    if not _names(named):
        named, pointed = _name_definite(named, memory)
        lacking = pointed or (lacking and named == before)
    completed = _complete(named.strip(), memory)
    lacking = lacking and len(_content(named)) <= SAYS_ENOUGH
    return completed or _Question(named, memory.question if lacking else "")


def _name_pronouns(question: str, memory: _Memory) -> tuple[str, bool]:
    """Name the pronouns that lean on earlier turns; tell whether something is left without a name."""
    names, empty = _names(question), [match.span() for match in _EMPTY_IT.finditer(question)]
    settled: set[str] = set()
    edits: list[tuple[re.Match[str], str]] = []
    pointer = _pointer(question, names, memory)
    lacking = False
    for match in _PRONOUN.finditer(question):
        word, kind = match[0].lower(), _PRONOUNS[match[0].lower()]
        spans = [*names, *empty] if kind == "it" else names
        if kind in settled or any(start <= match.start() < end for start, end in spans):
            continue
        if match[0] != word and not question.isupper() and not _opens_sentence(question, match.start()):
            continue  # "Who wrote It?"
        settled.add(kind)
        if _has_antecedent(question, match, kind, names):
            continue
        topic = memory.best(kind, question + "".join(text for _, text in edits))
        vague = topic is not None and _is_object(question, match) and memory.says_more_than(topic, kind)
        if topic is None or (kind in ("it", "they") and vague):
            lacking = True
        else:
            ending = "'s" if _is_possessive(question, match) else ""
            edits.append((match, topic.text + (ending if not topic.text.endswith("s") else ending[:1])))
    for match, text in reversed(edits):
        question = question[: match.start()] + text + question[match.end() :]
    return question, lacking or pointer in ("this", "that", "these", "those") or (bool(pointer) and not edits)


def _has_antecedent(question: str, match: re.Match[str], kind: str, names: Sequence[_Span]) -> bool:
    """Tell whether the question itself says what its pronoun stands for."""
    at, inner = match.start(), not _is_object(question, match)
    for start, end in names[:MOST_NAMES]:
        if not _named(question[start:end], question).fits[kind]:
            continue
        if end <= at and (inner or _CLAUSE.search(question, end, at)):
            return True
        if start > at and _EARLY_CLAUSE.match(question) and "," in question[at:start]:
            return True
    if kind in ("it", "they") and len(_content(question[:at])) >= SAYS_ENOUGH:
        return True  # so much has been said that it is likelier to be within
    if kind == "they" and _GENERIC_THEY.match(question) and len(_content(question)) > 2:
        return True  # "When do they put the tree up?": people do
    if kind in ("he", "she") and _WHO_DID.match(question) and _is_possessive(question, match):
        return True  # "Who called his father?"
    return _noun_before(question, at, kind, anywhere=_is_possessive(question, match))


def _noun_before(question: str, at: int, kind: str, *, anywhere: bool = False) -> bool:
    """Tell whether a noun of an earlier clause, or with `anywhere` of any, fits the pronoun `kind`."""
    for noun in _NOUN.finditer(question, 0, at):
        words = [word for word in _lower(noun[1]) if word not in _FUNCTION]
        if not words or not (anywhere or _CLAUSE.search(question, noun.start(1), at)):
            continue
        people = any(word in _PEOPLE for word in words)
        plural = (all if anywhere and kind == "it" else any)(_is_plural(word) for word in words)
        if people if kind in ("he", "she") else (plural or people) if kind == "they" else not plural and not people:
            return True
    return False


def _is_object(question: str, match: re.Match[str]) -> bool:
    """Tell whether a pronoun is an object: "Did Cameron meet him?" does not ask whether he met himself."""
    word = match[0].lower()
    previous = _word_before(question, match.start())
    doubtful = word == "it" or (word == "her" and not _is_possessive(question, match))
    clausal = not previous or previous in _AUX or _CLAUSE.fullmatch(previous) is not None
    return word in ("him", "them") or (doubtful and not clausal)


def _is_possessive(question: str, match: re.Match[str]) -> bool:
    word = match[0].lower()
    following = re.match(r"\s+([^\W\d_]+)", question[match.end() :])
    own = following is not None and (following[1].lower() not in _FUNCTION or following[1].lower() in ("first", "own"))
    return own if word == "her" else word in ("his", "its", "their", "hers", "theirs")


def _pointer(question: str, names: Sequence[_Span], memory: _Memory) -> str:
    """Return the "this", "that", "there" or "then" that stands for something said earlier, if any."""
    tokens = list(_TOKEN.finditer(question))
    for place, token in enumerate(tokens):
        word, _, clitic = token[0].lower().replace("’", "'").partition("'")
        if word not in ("this", "that", "these", "those", "there", "then"):
            continue
        previous = tokens[place - 1][0].lower() if place else ""
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        adjacent = after is not None and question[token.end() : after.start()].isspace()
        following = "is" if clitic else after[0].lower() if after and adjacent else ""
        inner = [end for _, end in names if end <= token.start()]
        if any(word == "there" or _CLAUSE.search(question, end, tokens[place - 1].start()) for end in inner):
            continue
        if place and _noun_before(question, tokens[place - 1].start(), "it"):
            continue
        if _stands_for_something(word, previous, following, memory):
            return word
    return ""


def _stands_for_something(word: str, previous: str, following: str, memory: _Memory) -> bool:
    if word in ("there", "then"):
        return not following and previous not in _AUX and bool(previous)
    if following in _TIMES or following == "who":
        return False
    if word == "that" and previous and previous not in _FUNCTION | _VERBS and following:
        return False  # "regulations that deal with"
    if following and following not in _FUNCTION and (following in memory.said or following in _THINGS | _PEOPLE):
        return True
    if word != "that":
        return True
    if previous in _AUX or not previous:
        return following in _FUNCTION or previous in _AUX
    if not following:
        return True
    return previous in _PREPOSITIONS | {"of", "about", "like"} and following in _FUNCTION


def _name_definite(question: str, memory: _Memory) -> tuple[str, bool]:
    """Name "the company"; tell whether "that flower" is left without its topic."""
    for match in _DEFINITE.finditer(question):
        noun = match[1].lower()
        following = _word_after(question, match.end())
        company = noun in _GROUPS and _word_before(question, match.start()) in _BE  # "Is the company profitable?"
        plain = match[0].lower().startswith("the") and not company
        if plain and following and following not in _FUNCTION | _VERBS and not following.endswith(("ed", "ing")):
            continue  # "the bank shot"
        if noun in _WORKS and following in _FUNCTION - {"come", "about", "be"}:
            continue  # "the song how far is heaven"
        whole = (topic for asked in memory.asked[:-4:-1] for topic in asked if topic.text.lower().endswith(f" {noun}"))
        if (topic := next(whole, None)) and "other" not in match[0].lower():
            return question[: match.start()] + topic.text + question[match.end() :], False
        topic = memory.best("it" if noun in _THINGS else "he", question)
        mentioned = noun in memory.said
        if topic and ((noun in _GROUPS and "other" not in match[0].lower()) or (noun in _PEOPLE and mentioned)):
            return question[: match.start()] + topic.text + question[match.end() :], False
        if (mentioned and noun in _THINGS | _PEOPLE) or (noun in _WORKS | _GROUPS):
            return question, True
    relation = _RELATION.search(question)
    topic = memory.best("it", question) or memory.best("they", question)
    if relation and topic:
        return f"{question[: relation.end()]} of {topic.text}{question[relation.end() :]}", False
    return question, bool(relation)


def _complete(question: str, memory: _Memory) -> _Question | None:
    """Make a whole question of a fragment; return None where it is whole."""
    lead = _LEAD.match(question)
    body = question[lead.end() :] if lead else question
    if adverb := _ADVERB.fullmatch(body):
        asked = adverb[1].capitalize() if question[0].isupper() else adverb[1]
        return _front(asked, memory.latest) or _Question(question, memory.latest)
    correction, about = _CORRECTION.fullmatch(body), _WHAT_ABOUT.fullmatch(body)
    said = correction or about
    part = ((said[said.lastindex or 0]) if said else body).strip("?.! \t")
    fragment = _is_fragment(part)
    if fragment and (said or lead or _YEAR.fullmatch(part) or _lower(part)[0] in _PREPOSITIONS | {"of"}):
        return _swap(part, memory.question) or _Question(question, memory.question)
    to_us = re.search(r"\byou(?:r|rs)?\b(?! (?:tell|give|say|explain))", body, re.IGNORECASE)
    if not to_us and _says_nothing(body):
        return _Question(question, memory.latest)
    few = len(_content(part)) <= (2 if fragment else 1)
    if few and not to_us and not _is_about_something(question):
        return _Question(question, memory.question)
    return None


def _says_nothing(body: str) -> bool:
    """Tell whether a question has no words of its own but perhaps a name: "Anything else?", "How many in London?"."""
    words = _lower(body)
    whole = (
        not words or words[0] not in _WH or re.search(r"['’]s\b", body) or any(word in _AUX | _VERBS for word in words)
    )
    names = {word for start, end in _names(body) for word in _lower(body[start:end])}
    return not set(_content(body)) - (set() if whole else names)


def _is_about_something(question: str) -> bool:
    """Tell whether a short question says what it is about: "What is inflation?", "What time is it?"."""
    capitals = not question.isupper() and question[1:] != question[1:].lower()
    return capitals or "," in question or bool(_EMPTY_IT.search(question)) or any(True for _ in _phrases(question))


def _is_fragment(text: str) -> bool:
    words = _lower(text)
    clausal = _AUX | _WH | _VERBS | {"i", "i'm", "i'd", "tell", "let", "give", "show"}
    return 0 < len(words) <= 6 and "," not in text and not any(word in clausal for word in words)


def _swap(part: str, base: str) -> _Question | None:
    """Ask a question of something else ("in 2015", "Microsoft"); None where it is not clear how."""
    base = base.strip()
    if _INNER_STOP.search(base):
        return None
    names, years = _names(base), [match.span() for match in _YEAR.finditer(base)]
    word = part.split()[0].lower()
    if "other" in _lower(part):
        return None
    if _YEAR.search(part) and len(years) == 1:
        return _Question(_YEAR.sub(_YEAR.findall(part)[0], base))
    if word in _PREPOSITIONS | {"of"}:
        part = word + part[len(word) :]
        for start, end in sorted([*names, *years], reverse=True):
            phrase = re.search(rf"\b{word}(?: the)? $", base[:start], re.IGNORECASE)
            if phrase and not re.match(r" [^\W\d_]+[\s?]*$", base[end:]):
                return _Question(base[: phrase.start()] + part + base[end:])
        return _Question(f"{base.rstrip('?.! ')} {part}?")
    spans = years if _YEAR.search(part) else names
    if not spans and not years:
        found = ((base.find(topic.text), len(topic.text)) for topic in _topics(base))
        spans = [(start, start + length) for start, length in found if start >= 0]
    if len(spans) != 1 or (_names(base) and not _names(part) and not _YEAR.search(part)):
        return None
    start, end = spans[0]
    if base[:start].lower().endswith("the ") and word == "the":
        start -= len("the ")
    return _Question(base[:start] + part + base[end:])


def _front(adverb: str, base: str) -> _Question | None:
    """Ask "Since when?" of a whole question: "Since when is he held?"."""
    base = base.strip()
    asked = _ASKS_ADVERB.match(base)
    rest = base[asked.end() :] if asked else base
    if _INNER_STOP.search(base) or rest.split()[0].lower() not in _AUX:
        return None
    return _Question(f"{adverb} {rest[0].lower()}{rest[1:]}")


def _lower(text: str) -> list[str]:
    words = (match[0].lower().replace("’", "'") for match in _TOKEN.finditer(text))
    return [word.removesuffix("'s") for word in words]


def _word_before(text: str, at: int) -> str:
    return "".join(_lower(text[max(0, at - 40) : at])[-1:])


def _word_after(text: str, at: int) -> str:
    return "".join(_lower(text[at : at + 40])[:1])


def _content(text: str) -> list[str]:
    return [word for word in _lower(text) if word not in _FUNCTION]


def _is_plural(word: str) -> bool:
    if word in ("measles", "mumps", "news", "physics", "economics", "politics", "diabetes"):
        return False
    return word in ("people", "police", "children", "men", "women") or (word[-1:] == "s" and word[-2:-1] not in "suia")


def _opens_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \t\"'“‘([")
    return not before or before[-1] in ".?!:\n"


def _names(text: str) -> list[_Span]:
    """Return where the names are: runs of capitalised words, which an ordinary word cannot open."""
    if text.isupper():
        return []
    spans: list[_Span] = []
    tokens = list(_TOKEN.finditer(text))
    for place, token in enumerate(tokens):
        word = re.sub(r"['’]s$", "", token[0])
        word += "." * (re.fullmatch(r"(?:\w\.)+\w", word) is not None and text[token.end() : token.end() + 1] == ".")
        gap = text[spans[-1][1] : token.start()] if spans else ""
        joined = bool(spans) and re.fullmatch(
            r" | & | (?:of|of the|de|de la|la|le|du|da|di|del|van|von|van der|der|den|bin|al|el|flight) ", gap
        )
        if joined and (word[0].isdigit() or word != word.lower()) and not _YEAR.fullmatch(word):
            spans[-1] = (spans[-1][0], token.start() + len(word))
            continue
        ordinary = word.lower() in _FUNCTION | _VERBS | _NO_NAMES and not (word.isupper() and len(word) > 1)
        if word == word.lower() or ordinary:
            continue
        if _opens_sentence(text, token.start()) and not _opens_with_name(tokens, place):
            continue
        spans.append((token.start(), token.start() + len(word)))
    return spans


def _opens_with_name(tokens: Sequence[re.Match[str]], place: int) -> bool:
    """Tell whether the capital that opens a sentence is a name's: "Nokia was", "Peter Humphrey", "Microsoft?"."""
    following = tokens[place + 1][0] if place + 1 < len(tokens) else ""
    return (
        (place == 0 and not following)
        or following != following.lower()
        or following in _AUX | _VERBS | {"said", "says"}
        or following.endswith("ed")
    )


def _topics(text: str) -> list[_Topic]:
    """Return what a question names, the thing that it is about first, and last whose name only owns another."""
    spans = _names(text)[:MOST_NAMES]
    topics = [_described(phrase, asks_who) for phrase, asks_who in _phrases(text)]
    for (start, end), (following, stop) in pairwise(spans):
        if text[end:following] == " and ":
            topics.append(_Topic(text[start:stop], {"he": 0, "she": 0, "it": 0, "they": 2}))
    spans.sort(key=lambda span: re.match(r"['’]s\s", text[span[1] :]) is not None)
    return topics + [_named_in(text, span) for span in spans]


def _named_in(text: str, span: _Span, *, asks_who: bool = False) -> _Topic:
    """Judge a name where it stands; "the Bank of England" keeps its article."""
    start, end = span
    before = text[:start].lower()
    article = before.endswith("the ")
    noun = re.match(r" ([^\W\d_]+)(?<!ed)(?<!ing)\b", text[end:])
    if article and noun and noun[1] not in _FUNCTION | _VERBS and not _DOES.search(before):
        return _described(f"the {text[start : end + noun.end()]}", asks_who=False)
    topic = _named(text[start:end], text, asks_who=asks_who)
    fits = topic.fits
    if re.search(r"\b(?:in|at|on|near|of)(?: the)? $", before) and fits["he"] == fits["she"] == 1:
        fits = {"he": 0, "she": 0, "it": 1, "they": 0}
    if article and re.search(r"(?:ese|ish|ch|ans)$", topic.text):
        fits = {"he": 0, "she": 0, "it": 0, "they": 2}
    return _Topic(f"the {topic.text}" if article else topic.text, fits)


def _phrases(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the noun phrases that a question is about, and whether it asks who they are."""
    what_is = None if _WHO_DID.match(text) else _WHAT_IS.match(text)
    about = _ABOUT.search(text)
    if match := what_is or about:
        phrase = _PHRASE_END.split(match[match.lastindex or 0], maxsplit=1)[0]
        phrase = _ATTRIBUTE.sub("", re.sub(r"^(?:some|any|all)\s+", "", phrase.strip()), count=1)
        words = _lower(phrase)
        if 0 < len(words) <= 6 and _content(phrase) and not any(word in _PRONOUNS or word == "your" for word in words):
            names = _names(phrase)
            whole = not names or names[0][0] > 0 or re.match(r"['’]s\s|\s(?:of|in)\s|$", phrase[names[0][1] :])
            yield phrase if whole else phrase[: names[0][1]], bool(what_is) and match[1].lower() == "who"
            return
    subject = None if _names(text) else _SUBJECT.search(text)
    if subject:
        run = re.match(r"(?:[^\W_][\w'’-]*\s*)+", text[subject.end() :])
        words = re.split(r"\s+", run[0].strip()) if run else []
        length = next((place for place, word in enumerate(words) if word.lower() in _FUNCTION | _VERBS), len(words))
        ends_in_verb = length > 1 and (length == len(words) or words[length].lower() not in _AUX | _VERBS | {"be"})
        noun = " ".join(words[: length - ends_in_verb])
        if noun and not noun.endswith(("ed", "ing")):
            yield (subject[2] or "") + noun, False


def _described(phrase: str, asks_who: bool) -> _Topic:
    """Judge a noun phrase by its head: "the president of France" may be he or she, "eggs" are they."""
    if names := _names(phrase):
        start, end = names[0]
        if (start, end) == (0, len(phrase)):
            topic = _named(phrase, f"who is {phrase}" if asks_who else phrase)
            return topic if topic.fits["it"] != 1 else _Topic(phrase, {**topic.fits, "it": 2})
    head = (_lower(re.split(r"\s(?:of|in|for|to|at|on|from|between|with)\s", phrase)[0]) or [""])[-1]
    if _is_plural(head):
        return _Topic(phrase, {"he": 0, "she": 0, "it": 0, "they": 2})
    if asks_who or head in _PEOPLE:
        she, he = head in _SHE_NOUNS, head in _HE_NOUNS
        return _Topic(phrase, _person(he=he or head in _MEN, she=she or head in _WOMEN))
    return _Topic(phrase, {"he": 0, "she": 0, "it": 2, "they": 2 if head in _GROUPS else 0})


def _named(name: str, text: str, *, asks_who: bool = False) -> _Topic:
    """Judge a name by its words and by what the text says of it."""
    words = _lower(name)
    quoted = re.escape(name)
    a_person = re.search(_PERSON_CUE.format(name=quoted), text, re.IGNORECASE)
    a_thing = re.search(_THING_CUE.format(name=quoted), text, re.IGNORECASE)
    if words[0] in _TITLES | _MEN | _WOMEN and not set(words[1:]) & _THINGS:
        fits = _person(he=words[0] in _MEN, she=words[0] in _WOMEN)
    elif a_thing or set(words) & _THINGS or any(character.isdigit() for character in name) or words[0] == "the":
        fits = {"he": 0, "she": 0, "it": 2, "they": 2 if _is_plural(words[-1]) or set(words) & _GROUPS else 1}
    elif a_person or (asks_who and len(words) > 1):
        fits = _person(he=False, she=False)
    else:
        fits = {"he": 1, "she": 1, "it": 1, "they": 2 if _is_plural(words[-1]) else 1}
    return _Topic(name, fits)


def _person(*, he: bool, she: bool) -> dict[str, int]:
    return {"he": 0 if she and not he else 2, "she": 0 if he and not she else 2, "it": 0, "they": 1}
