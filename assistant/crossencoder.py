"""Any sentence-transformers CrossEncoder as the reader: it scores each sentence, with its title, by itself."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from assistant.reading import Excerpt, Reading
from assistant.values import Citation, Evidence
from vectorstore.embedding import Vectors
from vectorstore.errors import ModelError

PAIRS_AT_A_TIME = 32


class CrossEncoderReader:
    """Reads with a CrossEncoder of one output; its probability, the sigmoid of it, is nobody's calibration."""

    threshold = 0.5

    def __init__(self, name: str) -> None:
        """Take a model by its name on the hub, or the path of its folder; it is loaded with the first question."""
        self.name = name
        self._model: Any = None

    def read(self, question: str, vector: Vectors, excerpts: Sequence[Excerpt]) -> Reading:
        """Score every sentence of the excerpts; raises ModelError where there is no such model."""
        places = [(e.stored, ordinal) for e in excerpts for ordinal in range(e.first, e.last + 1)]
        if not places:
            return Reading((), 0.0)
        pairs = [(question, f"{stored.article.title}: {stored.quote(ordinal)}") for stored, ordinal in places]
        scores = self._predict(pairs)
        order = np.argsort(-scores, kind="stable")
        return Reading([Evidence(Citation.of(*places[i]), float(scores[i])) for i in order], float(scores[order[0]]))

    def _predict(self, pairs: Sequence[tuple[str, str]]) -> Vectors:
        if self._model is None:
            self._model = _load(self.name)
        scores: Vectors = np.asarray(
            self._model.predict(list(pairs), batch_size=PAIRS_AT_A_TIME, show_progress_bar=False)
        )
        return scores


def _load(name: str) -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from sentence_transformers import CrossEncoder
    from torch.nn import Sigmoid

    try:
        model = CrossEncoder(name, device="cpu", activation_fn=Sigmoid())
    except Exception as error:  # the hub, transformers and safetensors each have errors of their own
        raise ModelError(
            f"The reader {name!r} could not be loaded ({type(error).__name__}). Check its name and the network, "
            "or give the path of its folder; without --reader the one that ships with Footnote reads."
        ) from error
    if model.num_labels != 1:
        raise ModelError(f"The reader {name!r} gives {model.num_labels} scores for a pair; one is needed.")
    return model
