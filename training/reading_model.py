"""The reader's network: question and passage in one pass, a score for every sentence and one for the passage.

Each token gets a value and a weight; a sentence's score is the mean of its tokens' values under the softmax of
their weights, so that the few words that answer can decide. The sentences of a passage see each other and the
title, which is what "he said" needs. Provence (Chirkova et al. 2025, arXiv:2501.16214) marks tokens in one
pass too, and sentences by a vote of their tokens; here the sentence is what is trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

OUTPUTS = 3  # of each token: value, weight, and the passage's score, which is read at the first token


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows, padded: `ids` to `types` of shape (n, tokens); a row of `spans` is a
    sentence's (window, first token, end)."""

    ids: Tensor
    mask: Tensor
    types: Tensor
    spans: Tensor


class ReadingModel(nn.Module):
    """An encoder with one linear head over its tokens."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.config.hidden_size, OUTPUTS)

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        """Return the three outputs of each token; shape (n, tokens, 3)."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        return self.head(hidden).float()

    def score(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the logits of the sentences, shape (spans,), and of the windows, shape (n,)."""
        outputs = self(batch.ids, batch.mask, batch.types)
        return pooled(outputs, batch.spans), outputs[:, 0, 2]


def pooled(outputs: Tensor, spans: Tensor) -> Tensor:
    """Return each sentence's mean of its tokens' values under the softmax of their weights."""
    position = torch.arange(outputs.shape[1])
    inside = (position >= spans[:, 1:2]) & (position < spans[:, 2:3])
    rows = outputs[spans[:, 0]]
    weights = rows[..., 1].masked_fill(~inside, -1e9).softmax(-1)
    return (weights * rows[..., 0]).sum(-1)


def loss_of(sentences: Tensor, windows: Tensor, answers: Sequence[Sequence[bool]], groups: Sequence[int]) -> Tensor:
    """Return the sum of three losses; `answers` says of each window's sentences which answer, `groups` whose it is.

    Over all sentences read for a question and "none of them", whose logit is 0: -log of the share of what
    answers. Over each sentence, and each window: binary cross-entropy.
    """
    labels = torch.tensor([float(label) for window in answers for label in window])
    of = torch.tensor([group for group, window in zip(groups, answers, strict=True) for _ in window])
    count = max(groups) + 1
    top = torch.zeros(count).scatter_reduce(0, of, sentences.detach(), "amax")
    parts = (sentences - top[of]).exp()
    none = (-top).exp()
    whole = none.index_add(0, of, parts)
    answering = torch.zeros(count).index_add(0, of, parts * labels)
    unanswerable = torch.zeros(count).index_add(0, of, labels) == 0
    ranking = -(torch.where(unanswerable, none, answering) / whole).clamp_min(1e-9).log().mean()
    found = torch.tensor([float(any(window)) for window in answers])
    single = functional.binary_cross_entropy_with_logits(sentences, labels)
    passage = functional.binary_cross_entropy_with_logits(windows, found)
    return ranking + single + 0.5 * passage
