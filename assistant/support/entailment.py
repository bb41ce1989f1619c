"""Any natural language inference CrossEncoder as the meaning: do the sentences entail the claim?"""

import os
from collections.abc import Sequence
from typing import Any

from vectorstore.errors import ModelError


class Entailment:
    """Judges with a CrossEncoder that has a label for entailment, such as cross-encoder/nli-deberta-v3-base.

    The score is the softmax's share of that label, premise the cited sentences, hypothesis the claim.
    """

    threshold = 0.5

    def __init__(self, name: str) -> None:
        """Take a model by its name on the hub, or the path of its folder; it is loaded with the first claim."""
        self.name = name
        self._model: Any = None
        self._label = 0

    def score(self, claim: str, quotes: Sequence[str]) -> float:
        """Return the probability of entailment; raises ModelError where there is no such model."""
        if self._model is None:
            self._model, self._label = _load(self.name)
        pair = (_encodable(" ".join(quotes)), _encodable(claim))
        return float(self._model.predict([pair], apply_softmax=True, show_progress_bar=False)[0][self._label])


def _load(name: str) -> tuple[Any, int]:
    """Return a model and the number of its label for entailment."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(name, device="cpu")
    except Exception as error:  # the hub, transformers and safetensors each have errors of their own
        raise ModelError(
            f"The checker {name!r} could not be loaded ({type(error).__name__}). Check its name and the network, "
            "or give the path of its folder; without it the checker that ships with Footnote is used."
        ) from error
    labels = {int(number): str(label).lower() for number, label in model.config.id2label.items()}
    found = [number for number, label in labels.items() if label.startswith("entail")]
    if len(found) != 1 or len(labels) < 2:
        raise ModelError(
            f"The checker {name!r} has the labels {', '.join(labels.values())}, of which one must be 'entailment'. "
            "Give a model for natural language inference, such as cross-encoder/nli-deberta-v3-base."
        )
    return model, found[0]


def _encodable(text: str) -> str:
    """Replace lone surrogates, which tokenizers refuse."""
    return text.encode("utf-8", "replace").decode()
