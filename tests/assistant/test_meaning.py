"""The meaning that ships: likeness to the cited sentences, as a probability."""

from pathlib import Path

import numpy as np
import pytest

from assistant.scoring import Logistic
from assistant.support.meaning import FEATURES, ShippedMeaning, Weights, features
from tests.fakes import FakeEmbedder
from vectorstore.errors import ModelError

QUOTES = ("David Cameron wants trade between the countries to double by 2015.", "He met the premier in Beijing.")


def test_a_sentence_is_wholly_like_itself() -> None:
    # Of the first sentence every telling stem and every pair of them is held, and one of the vectors is its own.
    assert features(QUOTES[0], QUOTES, FakeEmbedder()) == pytest.approx([1.0, 1.0, 1.0], abs=1e-6)


def test_the_features_are_shares_of_the_claim_worked_out_by_hand() -> None:
    # Telling stems of the claim: cameron, met, premier, rome. The second sentence holds met and premier, 2 of 4;
    # of the pairs cameron-met, met-premier, premier-rome the sentences hold the second alone.
    row = dict(zip(FEATURES, features("Cameron met the premier in Rome.", QUOTES, FakeEmbedder()), strict=True))
    assert row["coverage"] == pytest.approx(2 / 4)
    assert row["pairs"] == pytest.approx(1 / 3)
    assert 0 < row["cosine"] < 1


@pytest.mark.parametrize("claim", QUOTES)
def test_the_shipped_weights_pass_what_is_cited_and_a_part_of_it(claim: str) -> None:
    meaning = ShippedMeaning(FakeEmbedder())
    assert meaning.score(claim, QUOTES) >= meaning.threshold
    assert meaning.score(claim.removesuffix(" by 2015.") + ".", QUOTES) >= meaning.threshold


def test_the_shipped_weights_fail_what_is_about_something_else() -> None:
    meaning = ShippedMeaning(FakeEmbedder())
    assert meaning.score("Volcanoes erupt under glaciers.", QUOTES) < meaning.threshold
    assert meaning.score("", QUOTES) <= 1.0
    assert meaning.score("Volcanoes erupt.", ()) == 0.0


def test_all_likeness_speaks_for_a_claim() -> None:
    weights = Weights.load()
    assert (weights.regression.weights > 0).all()
    assert 0 < weights.threshold < 1


def test_weights_of_a_callers_own_are_taken() -> None:
    # The bias alone speaks: 1 / (1 + e^-2) = 0.8808
    meaning = ShippedMeaning(FakeEmbedder(), Weights(Logistic(np.zeros(len(FEATURES)), 2.0), 0.9))
    assert meaning.threshold == 0.9
    assert meaning.score(QUOTES[0], QUOTES) == pytest.approx(0.8808, abs=1e-4)


def test_a_claim_in_words_that_no_sentence_has_is_not_supported_by_the_names_that_it_shares() -> None:
    meaning = ShippedMeaning(FakeEmbedder(), Weights(Logistic(np.zeros(len(FEATURES)), 2.0), 0.9))
    sentence = "The prize of Lantern Bay is a bottle of ink."
    assert meaning.score("The prize of Lantern Bay was withdrawn.", [sentence]) == 0.0
    assert meaning.score("The prize of Lantern Bay is a bottle.", [sentence]) > 0.8


@pytest.mark.parametrize("text", [None, "{", '{"weights": {}}', '{"weights": {"cosine": "x"}, "bias": 0}'])
def test_weights_that_cannot_be_read_are_an_error_that_says_what_to_do(text: str | None, tmp_path: Path) -> None:
    file = tmp_path / "checker.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ModelError, match="Install Footnote again"):
        Weights.load(file)
