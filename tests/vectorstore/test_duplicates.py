"""Near-duplicates: copies of one wire story, and other stories."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.duplicates import PERMUTATIONS, SAME_STORY, copies, resemblance, signature

WORDS = [f"word{n}" for n in range(2000)]


def story(seed: int, length: int = 300) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def sign(words: list[str]) -> bytes:
    return signature(" ".join(words))


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_any_text_has_a_signature_of_one_size_and_resembles_itself(text: str) -> None:
    assert len(signature(text)) == 4 * PERMUTATIONS
    assert signature(text) == signature(text)
    assert resemblance(signature(text), signature(text)) == 1.0


def test_case_punctuation_and_space_do_not_matter() -> None:
    assert signature("Coal use fell, he said.") == signature("COAL  use\nfell he said")


@pytest.mark.parametrize("shared", [0.0, 0.2, 0.8])
def test_resemblance_estimates_the_shared_part_of_the_shingles(shared: float) -> None:
    # Two texts of 600 words with a common run of n words share n - 4 shingles of 2 x 596 - (n - 4).
    run = round(1192 * shared / (1 + shared)) + 4 if shared else 0
    one, other = story(1, 600), story(2, 600)
    other[:run] = one[:run]
    assert resemblance(sign(one), sign(other)) == pytest.approx(shared, abs=0.2)  # 64 permutations: sd 0.06


def test_a_copy_with_a_changed_paragraph_is_a_copy_and_a_story_with_one_shared_quote_is_none() -> None:
    original = story(1)
    edited = original[:250] + story(2, 40)
    quoting = story(3, 270) + original[100:130]
    signatures = {"original": sign(original), "edited": sign(edited), "quoting": sign(quoting)}
    assert copies(["original", "edited", "quoting"], signatures) == {"edited": "original"}
    assert copies(["edited", "quoting", "original"], signatures) == {"original": "edited"}


def test_every_copy_leads_to_the_first_that_is_none() -> None:
    signatures = dict.fromkeys("abc", sign(story(1))) | {"d": sign(story(2))}
    assert copies(["d", "c", "a", "b"], signatures) == {"a": "c", "b": "c"}
    assert copies([], {}) == {}


def test_the_threshold_is_between_copies_and_other_reports() -> None:
    assert 0.3 <= SAME_STORY <= 0.7
