"""What the reader is trained on: who may see which article, and questions that are made unanswerable."""

import random

from training.augmenting import swapped
from training.overlap import long_sentences, normal
from training.questions import Question
from training.train_reader import OTHERS, alone, crop, draw

ARTICLE = "Ada Byron met Charles Babbage in 1833. In 1843 she published her notes. Mary Somerville had taught her."


def question(article_id: str = "a", set: str = "multirc_train", **changes: object) -> Question:
    values = {
        "id": "1", "set": set, "text": "When did Ada Byron meet Charles Babbage?", "article_id": article_id,
        "gold": frozenset({4, 5}), "context": None, "within": (("a", 2, 9), ("a", 11, 14)),
        "everywhere": (("b", 0, 3), ("a", 2, 9)), "similarity": (0.5, 0.4),
    }  # fmt: skip
    return Question(**(values | changes))  # type: ignore[arg-type]


def test_an_article_has_one_role_whoever_asks() -> None:
    roles = [question(f"article-{number}").role for number in range(400)]
    assert roles == [question(f"article-{number}", text="Why?").role for number in range(400)]
    shares = {role: roles.count(role) / len(roles) for role in ("train", "choose", "report")}
    assert shares["train"] > 0.65
    assert min(shares.values()) > 0.06


def test_a_swapped_question_asks_for_another_name_or_number_of_the_article() -> None:
    made = {swapped("When did Mary Somerville teach Ada Byron?", ARTICLE, random.Random(seed)) for seed in range(40)}
    assert "When did Charles Babbage teach Ada Byron?" in made
    assert "When did Mary Somerville teach Charles Babbage?" in made
    assert not any(text and text.count("Ada Byron") == 2 for text in made)
    made = {swapped("What was published in 1843?", ARTICLE, random.Random(seed)) for seed in range(9)}
    assert made == {"What was published in 1833?"}


def test_a_question_without_a_name_or_number_of_the_article_is_left() -> None:
    assert swapped("Who taught her?", ARTICLE, random.Random(0)) is None


def test_a_window_that_is_cut_short_keeps_what_answers() -> None:
    windows = {crop(("a", 2, 9), question(), random.Random(seed)) for seed in range(200)}
    assert len(windows) > 10
    assert all(first <= 4 and last >= 5 for _, first, last in windows)
    assert all(2 <= first <= last <= 9 for _, first, last in windows)


def test_a_step_reads_what_answers_and_a_near_miss() -> None:
    seen = [draw(question(), random.Random(seed)) for seed in range(100)]
    for answering, miss in seen:
        assert any(question().answers(answering))
        assert not any(question().answers(miss))
    assert {miss[0] for _, miss in seen} == {"a", "b"}


def test_what_is_compared_between_sets_is_words_alone() -> None:
    assert normal("Who’s “there”?  ") == normal("who's there") == "who s there"
    text = "Short one. The very same eight words stand in both texts."
    assert long_sentences(text) == {"the very same eight words stand in both texts"}


def test_a_window_is_taken_apart_into_one_sentence_that_answers_and_some_that_do_not() -> None:
    for seed in range(20):
        right, *wrong = alone([("a", 2, 9), ("b", 0, 3)], question(), random.Random(seed))
        assert right == ("a", 4, 4)
        assert len(set(wrong)) == OTHERS
        assert all(first == last and not any(question().answers((a, first, last))) for a, first, last in wrong)
