"""From the network's logits to a ranking and probabilities, by hand."""

import json
import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.network import FOLDER, Network
from assistant.reading import Excerpt
from assistant.scoring import (
    CALIBRATION,
    FEATURES,
    TELLING,
    Calibration,
    Logistic,
    ShippedReader,
    Table,
    describe,
    features_of_best,
)
from vectorstore.embedding import Vectors
from vectorstore.errors import ModelError, UsageError
from vectorstore.sentences import sentences_of
from vectorstore.values import Article, StoredArticle

NO_VECTOR: Vectors = None  # type: ignore[assignment]


def stored(id: str, text: str) -> StoredArticle:
    article = Article(id, id.title(), None, None, text)
    return StoredArticle(article, sentences_of(article))


RAIN = stored("rain", "It rained all day. The match was called off at noon. Fans went home.")
COAL = stored("coal", "Coal use fell last year. The operator said so on Monday.")


def rarity(stems: Sequence[str]) -> dict[str, float]:
    return dict.fromkeys(stems, 1.0)


def test_a_logistic_regression_by_hand() -> None:
    fitted = Logistic(np.array([2.0, -1.0]), 0.5)
    # 2 * 1 - 1 * 2.5 + 0.5 = 0 -> 1/2; 2 * 1 - 0 + 0.5 = 2.5 -> 0.924
    assert fitted(np.array([[1.0, 2.5], [1.0, 0.0]])) == pytest.approx([0.5, 1 / (1 + math.exp(-2.5))])


def calibration(weights: dict[str, float], trust: float, risks: Sequence[tuple[float, float]] = ()) -> Calibration:
    sentence = Logistic(np.array([weights.get(feature, 0.0) for feature in FEATURES]), 0.0)
    return Calibration(sentence, trust, sentence, 0.3, risks)


def table() -> Table:
    rows = np.zeros((3, len(FEATURES)))
    rows[:, FEATURES.index("logit")] = [1.0, 3.0, 3.5]
    rows[:, FEATURES.index("window")] = [2.0, 2.0, -1.0]
    rows[:, FEATURES.index("similarity")] = [0.6, 0.6, 0.7]
    ranks, asks = np.array([0.0, 0.0, 1.0]), np.array([False, False, False])
    return Table([(RAIN, 0), (RAIN, 1), (COAL, 0)], rows, ranks, asks)


def test_the_ranking_by_hand() -> None:
    # logit + 0.5 * window - 2 * ln(1 + rank): 3.5 - 0.5 - 2 ln 2 = 1.61 for the last
    ranking = calibration({"logit": 1.0, "window": 0.5}, trust=2.0).ranking(table())
    assert ranking == pytest.approx([2.0, 4.0, 3.0 - 2 * math.log(2)])


def test_a_sentence_that_puts_the_question_is_no_answer() -> None:
    quiz = stored("quiz", "When was the match called off at noon? The match was called off at noon.")
    reader = ShippedReader(Calibration.load(), rarity)
    found = reader.read("When was the match called off?", NO_VECTOR, [Excerpt(quiz, 0, 1, 0, 0.9)])
    assert [item.citation.ordinal for item in found.evidence] == [1, 0]
    alone = reader.read("When was the match called off?", NO_VECTOR, [Excerpt(quiz, 0, 0, 0, 0.9)])
    assert alone.confidence == 0.0


def test_the_features_of_the_best_by_hand() -> None:
    found = dict(zip(TELLING, features_of_best(table(), np.array([0.0, 1.0, 30.0])), strict=True))
    assert (found["logit"], found["window"], found["similarity"]) == (3.5, -1.0, 0.7)


def test_what_is_read_is_described_sentence_by_sentence() -> None:
    excerpts = [Excerpt(COAL, 0, 1, rank=3, similarity=0.3), Excerpt(RAIN, 1, 2, rank=0, similarity=0.4)]
    found = describe(Network(), "Was the match called off at noon?", excerpts, rarity)
    assert [(stored.article.id, ordinal) for stored, ordinal in found.sentences] == [
        ("coal", 0), ("coal", 1), ("rain", 1), ("rain", 2),
    ]  # fmt: skip
    assert found.ranks.tolist() == [1, 1, 0, 0]  # of articles, in search's order
    assert found.rows[:, FEATURES.index("similarity")].tolist() == [0.3, 0.3, 0.4, 0.4]
    assert found.rows[:, FEATURES.index("coverage")].tolist() == [0, 0, 1, 0]
    assert found.rows[:, FEATURES.index("logit")].argmax() == 2


def test_the_threshold_of_a_risk_is_the_lowest_that_keeps_it() -> None:
    kept = calibration({}, 1.0, [(0.0, 0.6), (0.3, 0.2), (0.5, 0.25), (0.7, 0.1)])
    assert [kept.threshold_for(risk) for risk in (1.0, 0.25, 0.2, 0.15, 0.1)] == [0.0, 0.3, 0.3, 0.7, 0.7]
    with pytest.raises(UsageError, match=r"0\.10 of its surest answers were wrong\. Give --risk 0\.1"):
        kept.threshold_for(0.01)


def test_it_puts_the_sentence_that_answers_first_and_knows_when_there_is_none() -> None:
    reader = ShippedReader(Calibration.load(), rarity)
    excerpts = [Excerpt(COAL, 0, 1, 0, 0.3), Excerpt(RAIN, 0, 2, 1, 0.3)]
    found = reader.read("When was the match called off?", NO_VECTOR, excerpts)
    assert (found.evidence[0].citation.article_id, found.evidence[0].citation.ordinal) == ("rain", 1)
    assert len(found.evidence) == 5
    nothing = reader.read("Who wrote the first Danish opera?", NO_VECTOR, excerpts)
    assert nothing.confidence < reader.calibration.threshold < found.confidence
    assert reader.read("?", NO_VECTOR, []).evidence == ()


def test_a_calibration_that_cannot_be_read_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "reader")
    for broken in ("{", "[]", json.dumps({"trust": 1})):
        (folder / CALIBRATION).write_text(broken)
        with pytest.raises(ModelError, match="pip install --force-reinstall"):
            Calibration.load(folder)
