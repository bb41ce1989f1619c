"""A draft is a claim with citations that support it, or is dropped with the kind of reason and the reason."""

from collections.abc import Sequence

import pytest

from assistant.offering import Offer
from assistant.replies import Draft
from assistant.settling import settle
from assistant.support.checking import Checker
from assistant.values import Claim, Dropped, Support, Verdict
from tests.assistant.shelf import Shelf
from vectorstore.search import STOP_WORDS
from vectorstore.values import Article

RAIN = Article(
    "rain", "Rain", "2020-01-02", None,
    "It rained for 3 days in Leeds. Ann Ross runs the city. She said that the pumps had failed. Schools were closed."
)  # fmt: skip
SNOW = Article("snow", "Snow", "2020-02-01", None, "Snow fell in York for 9 days. Roads were closed there.")


class SharedWords:
    """Finds a claim supported when the sentences together hold all its telling words."""

    name = "shared words"
    threshold = 1.0

    def score(self, claim: str, quotes: Sequence[str]) -> float:
        words, held = (set(text.lower().replace(".", "").split()) - STOP_WORDS for text in (claim, " ".join(quotes)))
        return float(words <= held)


@pytest.fixture
def offer() -> Offer:
    """1 It rained, 2 Ann Ross, 3 She said, 4 Schools, 5 Snow, 6 Roads."""
    return Shelf(RAIN, SNOW).offer(*((id, n) for id, most in (("rain", 4), ("snow", 2)) for n in range(most)))


checker = Checker(SharedWords())


def settled(offer: Offer, text: str, *numbers: int, said: Sequence[Claim] = ()) -> Claim | Dropped:
    return settle(Draft(text, numbers), offer, checker, said)


def places(outcome: Claim | Dropped) -> list[tuple[str, int]]:
    assert isinstance(outcome, Claim), outcome
    return [(one.article_id, one.ordinal) for one in outcome.citations]


def test_a_supported_draft_becomes_a_claim_that_cites_what_it_cites(offer: Offer) -> None:
    claim = settled(offer, "In Leeds it rained for 3 days.", 1)
    assert places(claim) == [("rain", 0)]
    assert claim.support == Support(Verdict.SUPPORTED, 1.0)  # type: ignore[union-attr]


def test_the_very_words_are_verbatim(offer: Offer) -> None:
    claim = settled(offer, "Schools were closed.", 4)
    assert claim.support == Support(Verdict.VERBATIM, 1.0)  # type: ignore[union-attr]


def test_of_two_numbers_the_one_that_supports_the_draft_by_itself_is_enough(offer: Offer) -> None:
    assert places(settled(offer, "In Leeds it rained for 3 days.", 5, 1)) == [("rain", 0)]


def test_two_sentences_may_support_a_draft_together(offer: Offer) -> None:
    together = settled(offer, "It rained in Leeds and roads were closed.", 1, 6)
    assert places(together) == [("rain", 0), ("snow", 1)]


def test_a_sentence_that_leans_on_the_one_before_brings_it(offer: Offer) -> None:
    assert places(settled(offer, "Ann Ross said that the pumps had failed.", 3)) == [("rain", 1), ("rain", 2)]


def test_a_draft_with_the_wrong_number_is_cited_to_the_sentence_that_says_so(offer: Offer) -> None:
    assert places(settled(offer, "In York snow fell for 9 days.", 1)) == [("snow", 0)]


def test_a_sentence_that_is_not_cited_has_to_hold_every_telling_word(offer: Offer) -> None:
    generous = Checker(SharedWords())
    generous.meaning.threshold = 0.0
    assert places(settle(Draft("It rained frogs in Leeds.", (1,)), offer, generous)) == [("rain", 0)]
    assert isinstance(settle(Draft("It rained frogs in Leeds for 3 days.", (4,)), offer, generous), Dropped)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("It rained for 5 days in Leeds.", "number", "the number 5 is not in the cited sentences"),
        ("It rained for 3 days in Hull.", "name", "the name Hull is not in the cited sentences"),
        ("It never rained in Leeds.", "negation", "“never” is not in the cited sentences"),
        ("The pumps had failed.", "speech", "the cited sentences give this as somebody's words"),
        ("It rained frogs in Leeds.", "meaning", "the cited sentences do not say this"),
    ],
)
def test_what_nothing_supports_is_dropped_with_the_fault_of_what_it_cites(
    offer: Offer, text: str, kind: str, reason: str
) -> None:
    cited = 3 if kind == "speech" else 1
    assert settled(offer, text, cited) == Dropped(text, kind, reason)


@pytest.mark.parametrize(
    ("numbers", "kind", "reason"),
    [
        ((), "uncited", "it cites nothing"),
        ((0,), "not offered", "it cites no sentence that was offered"),
        ((7, 10**20), "not offered", "it cites no sentence that was offered"),
    ],
)
def test_a_draft_without_an_offered_number_is_dropped_as_such(
    offer: Offer, numbers: tuple[int, ...], kind: str, reason: str
) -> None:
    for text in ("It rained frogs in Leeds.", "Schools were closed."):  # not even if a sentence says so
        assert settled(offer, text, *numbers) == Dropped(text, kind, reason)


def test_a_number_that_was_not_offered_does_not_spoil_one_that_was(offer: Offer) -> None:
    assert places(settled(offer, "In Leeds it rained for 3 days.", 99, 1)) == [("rain", 0)]


@pytest.mark.parametrize("text", ["Yes, schools were closed.", "No. Schools were closed.", "yes: Schools were closed."])
def test_a_yes_or_no_in_front_goes(offer: Offer, text: str) -> None:
    claim = settled(offer, text, 4)
    assert isinstance(claim, Claim)
    assert claim.text == "Schools were closed."


@pytest.mark.parametrize(
    "draft", [Draft("Yes.", (4,)), Draft("Closed schools.", (4,)), Draft('("a": 1)', (1,), usable=False)]
)
def test_what_is_no_statement_is_malformed(offer: Offer, draft: Draft) -> None:
    assert settle(draft, offer, checker) == Dropped(draft.text, "malformed", "it is not a statement")


def test_what_is_said_already_is_dropped_as_repeated(offer: Offer) -> None:
    first = settled(offer, "In Leeds it rained for 3 days.", 1)
    assert isinstance(first, Claim)
    again = settled(offer, "It rained in Leeds for 3 days.", 1, said=[first])
    assert again == Dropped("It rained in Leeds for 3 days.", "repeated", "it is said already")
    assert isinstance(settled(offer, "In York snow fell for 9 days.", 5, said=[first]), Claim)


def test_contradicting_figures_are_both_claims() -> None:
    two = Shelf(
        Article("a", "A", "2020-01-02", None, "The flood killed 12 people in Pisa."),
        Article("b", "B", "2020-01-02", None, "The flood killed 14 people in Pisa."),
    ).offer(("a", 0), ("b", 0))
    first = settled(two, "In Pisa the flood killed 12 people.", 1)
    assert isinstance(first, Claim)
    assert places(settled(two, "In Pisa the flood killed 14 people.", 2, said=[first])) == [("b", 0)]


def test_every_citation_resolves_in_the_text_that_was_offered(offer: Offer) -> None:
    for number in range(1, len(offer) + 1):
        one = offer[number]
        outcome = settled(offer, one.citation.quote, number)
        assert isinstance(outcome, Claim)
        for citation in outcome.citations:
            assert one.stored.article.text[citation.start : citation.end] == citation.quote
