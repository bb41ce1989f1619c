"""Passages: windows of whole sentences, for any article and any budget."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from vectorstore.passages import OVERLAP, make_passages, passage_text
from vectorstore.sentences import sentences_of
from vectorstore.values import Article, Passage, Sentence

lengths = st.lists(st.integers(0, 80), max_size=60)
budgets = st.integers(-20, 120)


def make(tokens: list[int], budget: int) -> tuple[Passage, ...]:
    article = Article("a", "Title", None, None, "x" * len(tokens))
    sentences = [Sentence("a", ordinal, ordinal, ordinal + 1) for ordinal in range(len(tokens))]
    return make_passages(article, sentences, tokens, budget)


@given(lengths, budgets)
def test_every_sentence_is_in_a_passage_and_they_go_forward(tokens: list[int], budget: int) -> None:
    passages = make(tokens, budget)
    assert {i for p in passages for i in range(p.first, p.last + 1)} == set(range(len(tokens)))
    assert all(p.first <= p.last for p in passages)
    for one, other in itertools.pairwise(passages):
        assert one.first < other.first <= one.last + 1
        assert one.last < other.last


@given(lengths, budgets)
def test_no_passage_is_over_the_budget_but_a_single_long_sentence(tokens: list[int], budget: int) -> None:
    for passage in make(tokens, budget):
        assert passage.first == passage.last or sum(tokens[passage.first : passage.last + 1]) <= budget


@given(lengths, budgets)
def test_a_passage_repeats_at_most_a_fifth_of_the_budget(tokens: list[int], budget: int) -> None:
    passages = make(tokens, budget)
    for one, other in itertools.pairwise(passages):
        assert sum(tokens[other.first : one.last + 1]) <= max(0, OVERLAP * budget)


@given(lengths, budgets)
def test_ids_are_of_the_article_and_the_place_and_differ(tokens: list[int], budget: int) -> None:
    passages = make(tokens, budget)
    assert [p.id for p in passages] == [f"a#{p.first}-{p.last}" for p in passages]
    assert len({p.id for p in passages}) == len(passages)


def test_a_window_by_hand() -> None:
    # Budget 10: 4+4 fit, a third 4 does not. A fifth of 10 is 2: nothing of 4 is repeated. Then 4+1+1 fit, 9 does
    # not, and 1+1 would be repeated, but 1+1+9 > 10: the next window begins with the 9.
    spans = [(p.first, p.last) for p in make([4, 4, 4, 1, 1, 9], 10)]
    assert spans == [(0, 1), (2, 4), (5, 5)]
    # 1+1 and 8 fit together: the window of the 8 begins with both.
    assert [(p.first, p.last) for p in make([8, 1, 1, 8], 10)] == [(0, 2), (1, 3)]


def test_no_sentences_are_no_passages() -> None:
    assert make([], 10) == ()


def test_what_is_embedded_is_the_title_and_the_exact_text() -> None:
    article = Article("a", "The title", None, None, "One 😀.\n\nTwo.  Three.")
    sentences = sentences_of(article)
    assert passage_text(article, sentences, Passage("a#0-1", "a", 0, 1)) == "The title\nOne 😀.\n\nTwo."
