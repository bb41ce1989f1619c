import pytest

from assistant.quoting import distinct, nearest, quote, says_again
from tests.assistant.shelf import Shelf
from vectorstore.values import Article

STORY = (
    "The bridge over the Arno was closed on Monday. Mayor Rossi blamed the flood. She said that it would open in May. "
    "Traders asked for compensation from the city, and were told to wait."
)
BRIDGE = Article("bridge", "Bridge closed", "2020-01-02", "Gazette", STORY)
WIRE = Article("wire", "Arno bridge shut", "2020-01-02", "Wire", STORY + " Reporting by the agency.")
MARKET = Article(
    "market", "Market day", "2020-02-01", "Gazette", "The market moved to the square. It sold out at noon."
)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(BRIDGE, WIRE, MARKET)


def test_the_best_sentence_alone_is_quoted_when_no_other_answers(shelf: Shelf) -> None:
    claims = quote([shelf.evidence("bridge", 0, 0.9), shelf.evidence("market", 0, 0.2)], shelf)
    assert [claim.text for claim in claims] == ["The bridge over the Arno was closed on Monday."]


def test_what_says_the_same_is_quoted_once_and_what_adds_to_it_is_quoted_too() -> None:
    shelf = Shelf(
        Article("a", "A", None, None, "The bridge over the Arno was closed on Monday by the mayor."),
        Article("b", "B", None, None, "On Monday the mayor closed the bridge over the Arno. Traffic returns in May."),
    )
    best, again, more = (shelf.evidence(*place) for place in (("a", 0, 0.9), ("b", 0, 0.8), ("b", 1, 0.7)))
    quoted = [claim.citations[0] for claim in quote([best, again, more], shelf)]
    assert quoted == [best.citation, more.citation]


@pytest.mark.parametrize(
    ("one", "other", "again"),
    [
        ("The mayor closed the bridge on Monday.", "On Monday the mayor closed the bridge.", True),
        ("The flood killed 12 people in Pisa.", "The flood killed 14 people in Pisa.", False),
        ("The flood cost the city of Pisa £650m.", "The flood cost the city of Pisa £750m.", False),
        ("The flood killed 12 people in Pisa.", "The flood killed people in Pisa.", True),
        ("The flood killed 12 people in Pisa in 2015.", "In 2015 the flood killed people in Pisa.", True),
        ("The bridge opened.", "Traders asked for compensation.", False),
        ("", "", False),
    ],
)
def test_sentences_that_share_their_words_say_the_same_unless_their_figures_differ(
    one: str, other: str, again: bool
) -> None:
    assert says_again(one, other) is again
    assert says_again(other, one) is again


def test_contradicting_figures_are_both_quoted() -> None:
    shelf = Shelf(
        Article("a", "A", "2020-01-02", None, "The flood killed 12 people in Pisa."),
        Article("b", "B", "2020-01-02", None, "The flood killed 14 people in Pisa."),
    )
    claims = quote([shelf.evidence("a", 0, 0.9), shelf.evidence("b", 0, 0.8)], shelf)
    assert [claim.citations[0].article_id for claim in claims] == ["a", "b"]


def test_a_later_account_is_quoted_however_unlikely_an_answer_it_is(shelf: Shelf) -> None:
    later = shelf.evidence("market", 0, 0.1)
    claims = quote([shelf.evidence("bridge", 0, 0.9), later], shelf, later)
    assert [claim.citations[0].article_id for claim in claims] == ["bridge", "market"]


def test_a_claim_is_the_very_words_of_its_citation(shelf: Shelf) -> None:
    (claim,) = quote([shelf.evidence("bridge", 3, 0.9)], shelf)
    (citation,) = claim.citations
    assert claim.text == citation.quote == STORY[citation.start : citation.end]


def test_a_sentence_that_leans_on_the_one_before_it_is_quoted_after_it(shelf: Shelf) -> None:
    claims = quote([shelf.evidence("bridge", 2, 0.9)], shelf)
    assert [claim.citations[0].ordinal for claim in claims] == [1, 2]


def test_sentences_of_one_article_are_quoted_in_its_own_order(shelf: Shelf) -> None:
    claims = quote([shelf.evidence("bridge", 3, 0.9), shelf.evidence("bridge", 0, 0.8)], shelf)
    assert [claim.citations[0].ordinal for claim in claims] == [0, 3]


def test_the_article_with_the_best_sentence_comes_first(shelf: Shelf) -> None:
    claims = quote([shelf.evidence("market", 0, 0.9), shelf.evidence("bridge", 0, 0.8)], shelf)
    assert [claim.citations[0].article_id for claim in claims] == ["market", "bridge"]


def test_evidence_of_a_wire_copy_is_not_shown_beside_the_original(shelf: Shelf) -> None:
    found = [shelf.evidence("wire", 0, 0.9), shelf.evidence("bridge", 3, 0.8), shelf.evidence("market", 0, 0.7)]
    assert [item.citation.article_id for item in distinct(found, shelf)] == ["wire", "market"]


def test_a_sentence_that_stands_word_for_word_in_two_articles_is_shown_once() -> None:
    other = Article(
        "other", "Elsewhere", None, None, "The market moved to the Square! Nobody else in town had heard of it."
    )
    shelf = Shelf(MARKET, other)
    found = [shelf.evidence("market", 0, 0.9), shelf.evidence("other", 0, 0.8)]
    assert [item.citation.article_id for item in distinct(found, shelf)] == ["market"]


def test_the_nearest_evidence_has_the_first_sentences_and_the_best_of_the_first_articles(shelf: Shelf) -> None:
    ranked = [
        shelf.evidence("bridge", 0, 0.9),
        shelf.evidence("bridge", 1, 0.8),
        shelf.evidence("bridge", 2, 0.7),
        shelf.evidence("market", 1, 0.6),
        shelf.evidence("market", 0, 0.5),
    ]
    assert list(nearest(ranked, sentences=2, articles=2)) == [ranked[0], ranked[1], ranked[3]]
    assert list(nearest(ranked, sentences=2, articles=1)) == ranked[:2]
