"""A draft becomes a claim with citations that support it, or is dropped with the reason."""

import re
from collections.abc import Iterator, Sequence

from assistant.matching import stems_of
from assistant.offering import Offer, Offered
from assistant.quoting import adds_nothing, leant_on_in
from assistant.replies import Draft
from assistant.support.checking import Checker, Cited, Finding
from assistant.values import Citation, Claim, Dropped, Support, Verdict

FEWEST_WORDS = 3
_YES_OR_NO = re.compile(r"^(?:yes|no)\b[,.:;!]?\s*", re.IGNORECASE)

Place = tuple[Offered, int]
"""An article that is offered, by one of its sentences, and the ordinal of the sentence that is meant."""


def settle(draft: Draft, offer: Offer, checker: Checker, said: Sequence[Claim] = ()) -> Claim | Dropped:
    """Check a draft against the sentences that it cites, and else against the others.

    A number that was not offered counts as none. Of what is cited, one sentence that supports the draft by itself
    is enough; one that leans on those before it brings them along. A sentence that it does not cite has to hold its
    every telling word, since each that is tried is another chance for the check to err. A "yes" or "no" in front
    goes: no sentence can be checked to say that. What `said` says already is dropped too.
    """
    text = _YES_OR_NO.sub("", draft.text)
    text = text[:1].upper() + text[1:]
    if not draft.usable or len(text.split()) < FEWEST_WORDS:
        return Dropped(draft.text, "malformed", "it is not a statement")
    given = [offer[number] for number in draft.numbers if 1 <= number <= len(offer)]
    if not given:
        kind = "not offered" if draft.numbers else "uncited"
        return Dropped(text, kind, "it cites no sentence that was offered" if draft.numbers else "it cites nothing")
    fault: Finding | None = None
    for places in _supports(text, given, offer):
        finding = checker.check(text, [Cited(one.stored.quote(at), one.stored, at) for one, at in places])
        if finding.supported:
            citations = tuple(Citation.of(one.stored, at) for one, at in places)
            return _new(Claim(text, citations, _support(text, citations, finding)), said)
        fault = fault or finding
    assert fault is not None
    return Dropped(text, str(fault.ground), fault.reason)


def _supports(text: str, given: Sequence[Offered], offer: Offer) -> Iterator[list[Place]]:
    """Yield what may support a draft, the likeliest first: what it cites, then another sentence with all its words."""
    own = [[(one, one.citation.ordinal)] for one in given]
    yield from own
    if len(own) > 1:
        yield [place for places in own for place in places]
    yield from (wide for one in given if (wide := _with_leant_on(one)))
    words = set(stems_of(text))
    others = [one for one in offer.sentences if one not in given]
    for one in sorted(others, key=lambda one: -(one.score or 0.0)):
        for places in ([(one, one.citation.ordinal)], _with_leant_on(one)):
            if words and words.issubset(stem for part, at in places for stem in stems_of(part.stored.quote(at))):
                yield places


def _with_leant_on(one: Offered) -> list[Place]:
    """Return a sentence after those that it leans on; nothing if it stands by itself."""
    before = leant_on_in(one.stored, one.citation.ordinal)
    return [(one, ordinal) for ordinal in (*before, one.citation.ordinal)] if before else []


def _support(text: str, citations: Sequence[Citation], finding: Finding) -> Support:
    verbatim = any(_plain(text) == _plain(citation.quote) for citation in citations)
    return Support(Verdict.VERBATIM, 1.0) if verbatim else Support(Verdict.SUPPORTED, finding.score)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _new(claim: Claim, said: Sequence[Claim]) -> Claim | Dropped:
    if any(adds_nothing(claim.text, other.text) for other in said):
        return Dropped(claim.text, "repeated", "it is said already")
    return claim
