"""How much of a question stands in a sentence, counted by hand."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.matching import MATCHES, Wanted, rarity_in, stems_of
from vectorstore.library import Library


def rarity(stems: Sequence[str]) -> dict[str, float]:
    """Take "fine" for three times as telling as any other word."""
    return {stem: 3.0 if stem == "fine" else 1.0 for stem in stems}


def matches(question: str, title: str, *quotes: str) -> list[dict[str, float]]:
    rows = Wanted.of(question, rarity).matches(title, quotes)
    return [dict(zip(MATCHES, row, strict=True)) for row in rows]


def test_coverage_weighs_words_by_rarity() -> None:
    (row,) = matches("Who paid the fine in Changsha?", "Untitled", "The court in Changsha set a fine.")
    # paid 1, fine 3, changsha 1: the sentence has 4 of 5
    assert row["coverage"] == pytest.approx(0.8)


def test_the_neighbours_and_the_title_are_around() -> None:
    first, second, third = matches(
        "Did Glaxo pay the fine?", "Glaxo in court", "It was Monday.", "It did pay.", "No fine was larger."
    )
    # glaxo 1, pay 1, fine 3
    assert [first["coverage"], second["coverage"], third["coverage"]] == pytest.approx([0.0, 0.2, 0.6])
    around = [row["coverage_around"] for row in (first, second, third)]
    assert around == pytest.approx([0.4, 1.0, 1.0])


def test_pairs_names_and_numbers() -> None:
    (row,) = matches(
        "What did Peter Humphrey say of the 2013 raid, and of 4,500 files?",
        "Untitled",
        "Humphrey spoke of 4,500 pages.",
    )
    assert row["names"] == pytest.approx(1 / 2)  # of Peter and Humphrey, one
    assert row["numbers_missing"] == pytest.approx(1 / 2)  # 2013 is missing
    (row,) = matches("When was the raid?", "Untitled", "The raid was in July.")
    assert (row["names"], row["numbers_missing"]) == (0.5, 0.0)  # none are wanted


def test_a_question_without_telling_words_matches_nothing() -> None:
    (row,) = matches("Who was it?", "Untitled", "It was he.")
    assert row["coverage"] == row["pairs"] == 0.0


def test_pairs_are_words_that_follow_each_other() -> None:
    both, neither = matches("Where is the river bank?", "Untitled", "A river bank.", "A bank by the river.")
    assert (both["pairs"], neither["pairs"]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("question", "quote", "put"),
    [
        ("Which show was renewed?", "Which show was renewed for a new season?", True),
        ("Which show was renewed?", "“Which show was renewed?”", True),
        ("Which big firm is accused of turning off the heating in its shops?",
         "A big firm is accused of turning off the heating in its shops.", True),
        ("Which big firm is accused of turning off the heating in its shops?",
         "Boots is accused of turning off the heating in its shops.", False),
        ("Is a big firm accused of turning off the heating in its shops?",
         "A big firm is accused of turning off the heating in its shops.", False),
        ("Who was the first to cross?", "The first to cross.", False),
    ],
)  # fmt: skip
def test_what_puts_the_question_in_the_place_of_an_answer(question: str, quote: str, put: bool) -> None:
    assert Wanted.of(question, rarity).is_put_by(quote) is put


def test_a_rare_word_is_worth_more_than_a_common_one(seed_library: Path) -> None:
    weights = rarity_in(Library.open(seed_library).catalog)(
        [*stems_of("china"), *stems_of("humphrey"), *stems_of("zyzzyva")]
    )
    assert weights["china"] < weights["humphrey"] < weights["zyzzyva"]
