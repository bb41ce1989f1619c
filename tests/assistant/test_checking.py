"""The checker: facts first, then the meaning; what falls says on which ground and why."""

from collections.abc import Sequence

from assistant.support.checking import Checker, Cited, Ground
from vectorstore.sentences import sentences_of
from vectorstore.values import Article, StoredArticle


class FakeMeaning:
    """Gives every claim one score, and keeps what it was asked."""

    name = "fake"
    threshold = 0.5

    def __init__(self, score: float) -> None:
        self._score = score
        self.asked: list[tuple[str, list[str]]] = []

    def score(self, claim: str, quotes: Sequence[str]) -> float:
        self.asked.append((claim, list(quotes)))
        return self._score


def cite(*quotes: str) -> list[Cited]:
    article = Article("rain", "Rain", "2015-09-24", None, " ".join(quotes))
    stored = StoredArticle(article, sentences_of(article))
    return [Cited(quote, stored, ordinal) for ordinal, quote in enumerate(quotes)]


def test_a_claim_that_passes_both_is_supported_with_the_score_of_its_meaning() -> None:
    meaning = FakeMeaning(0.8)
    finding = Checker(meaning).check("Rain fell all day.", cite("It rained all day.", "Fans went home."))
    assert finding.supported
    assert finding.score == 0.8
    assert finding.reason == ""
    assert meaning.asked == [("Rain fell all day.", ["It rained all day.", "Fans went home."])]


def test_a_wrong_fact_falls_before_the_meaning_is_asked() -> None:
    meaning = FakeMeaning(1.0)
    finding = Checker(meaning).check("It rained for 3 days.", cite("It rained for 2 days."))
    assert not finding.supported
    assert finding.ground == Ground.NUMBER
    assert finding.score == 0.0
    assert finding.reason == "the number 3 is not in the cited sentences"
    assert meaning.asked == []


def test_a_score_under_the_threshold_falls_on_the_meaning_and_one_at_it_stands() -> None:
    cited = cite("It rained all day.")
    below = Checker(FakeMeaning(0.49)).check("Fans went home.", cited)
    assert below.ground == Ground.MEANING
    assert below.score == 0.49
    assert below.reason
    assert Checker(FakeMeaning(0.5)).check("Fans went home.", cited).supported


def test_a_sentence_cited_word_for_word_stands_whatever_the_meaning_says() -> None:
    finding = Checker(FakeMeaning(0.0)).check("“It rained  all day”", cite("It rained all day."))
    assert finding.supported
    assert finding.score == 1.0


def test_a_claim_that_cites_nothing_falls() -> None:
    assert Checker(FakeMeaning(1.0)).check("It rained.", []).ground == Ground.MEANING
