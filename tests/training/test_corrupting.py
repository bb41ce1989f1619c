"""Corrupted and honest claims, made from a gold sentence; each kind changes what it says it changes."""

import random

import pytest

from training.claims import stated
from training.corrupting import CORRUPTIONS, HONEST, variants_of

ARTICLE = (
    "David Cameron met Li Keqiang in Beijing. A report on Wednesday said that George Osborne had stayed at home. "
    "Cameron said trade was growing. The visit of Boris Johnson brought 40 contracts. Officials were very careful."
)


def made(sentence: str, kind: str, seed: int = 0) -> str | None:
    return {**CORRUPTIONS, **HONEST}[kind](sentence, ARTICLE + " " + sentence, random.Random(seed))


@pytest.mark.parametrize(
    ("kind", "sentence", "claim"),
    [
        ("number changed", "There were 12 contracts.", "There were 40 contracts."),
        ("places exchanged", "At noon Cameron met Osborne.", "At noon Osborne met Cameron."),
        ("negation added", "The visit was long.", "The visit was not long."),
        ("negation removed", "He has never left China.", "He has left China."),
        ("hedge removed", "He might leave China.", "He will leave China."),
        ("speech unattributed", "Cameron said the deal was safe.", "The deal was safe."),
        ("speech unattributed", "According to Cameron, the deal was safe.", "The deal was safe."),
        ("number written out", "It was worth £5.6bn.", "It was worth 5.6 billion pounds."),
        ("number written out", "It grew by 21 per cent.", "It grew by 21%."),
        ("number spelled", "There were four of them.", "There were 4 of them."),
        ("number spelled", "There were 4 contracts.", "There were four contracts."),
        ("name in full", "On the same day Cameron left.", "On the same day David Cameron left."),
        ("name short", "David Cameron said so.", "Cameron said so."),
        ("attribution moved", "Cameron said the deal was safe.", "According to Cameron, the deal was safe."),
        ("clause dropped", "The firm (which he ran) grew.", "The firm grew."),
    ],
)
def test_each_kind_makes_its_claim(kind: str, sentence: str, claim: str) -> None:
    assert made(sentence, kind) == claim


def test_a_swapped_name_is_another_of_the_article() -> None:
    claim = made("On Monday Cameron left for home.", "name swapped")
    assert claim is not None
    assert "Cameron" not in claim
    assert any(name in claim for name in ("Li Keqiang", "George Osborne", "Boris Johnson", "Beijing"))


def test_a_moved_date_is_of_the_same_sort() -> None:
    claim = made("He left in June.", "date moved")
    assert claim is not None
    assert claim.startswith("He left in ")
    assert "June" not in claim
    assert made("He left.", "date moved") is None


def test_a_sentence_without_anything_to_change_gives_itself_alone() -> None:
    assert [v.kind for v in variants_of("It rained.", "It rained.", random.Random(0))] == ["verbatim"]


def test_the_same_seed_makes_the_same_claims() -> None:
    sentence = "On Monday Cameron said 12 contracts were not signed in June."
    first, second = (list(variants_of(sentence, ARTICLE, random.Random(7))) for _ in range(2))
    assert first == second
    assert len(first) > 3


@pytest.mark.parametrize(
    ("question", "answer", "claim"),
    [
        ("who wrote the book", "Mary Shelley", "Mary Shelley wrote the book."),
        ("What is the capital of France?", "Paris", "The capital of France is Paris."),
        ("How many people died in the fire?", "Four", "Four people died in the fire."),
        ("Why did he leave?", "fear", None),
    ],
)
def test_question_and_answer_become_a_statement_where_that_is_easy(
    question: str, answer: str, claim: str | None
) -> None:
    assert stated(question, answer) == claim
