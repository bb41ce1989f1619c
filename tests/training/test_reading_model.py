"""The network as it is trained: its scores are those of the code that runs it, and its loss is the one by hand."""

import math

import numpy as np
import pytest
import torch

from assistant.network import pooled as pooled_in_use
from training.reading_model import loss_of, pooled


def test_training_and_use_pool_tokens_alike() -> None:
    outputs = torch.randn(2, 12, 3, generator=torch.Generator().manual_seed(1))
    spans = torch.tensor([[0, 2, 5], [0, 5, 6], [1, 1, 11]])
    in_use = [pooled_in_use(outputs[row].numpy(), [(first, end)])[0] for row, first, end in spans.tolist()]
    assert pooled(outputs, spans).numpy() == pytest.approx(np.array(in_use), abs=1e-5)


def test_the_loss_by_hand() -> None:
    # One question, two windows: a sentence of logit log 3 that answers, and one of logit 0 that does not; "none" is 0.
    sentences, windows = torch.tensor([math.log(3.0), 0.0]), torch.tensor([0.0, 0.0])
    ranking = -math.log(3 / (1 + 3 + 1))
    single = (-math.log(3 / 4) - math.log(1 / 2)) / 2
    passage = -math.log(1 / 2)
    expected = ranking + single + 0.5 * passage
    assert loss_of(sentences, windows, [[True], [False]], [0, 0]).item() == pytest.approx(expected)


def test_a_question_that_nothing_answers_is_best_where_every_logit_is_low() -> None:
    low, high = (
        loss_of(torch.tensor([logit, logit]), torch.tensor([logit]), [[False, False]], [0]).item()
        for logit in (-5.0, 5.0)
    )
    assert low < 0.1 < high
