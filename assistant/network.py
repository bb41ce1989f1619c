"""The network that ships with Footnote: question and passage in one pass, a score for every sentence.

It is run by onnxruntime; training/ makes it, and MODEL_CARD.md says of what and how well it does.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectorstore.errors import ModelError

FOLDER = Path(__file__).parent / "reader"
WEIGHTS, TOKENIZER, ABOUT = "model.onnx", "tokenizer.json", "about.json"
ADVICE = "Install it again: pip install --force-reinstall --no-deps footnote-assistant"
MOST_TOKENS = 320  # of a question, a title and a window; training saw no more
MOST_OF_QUESTION = 64
MOST_OF_TITLE = 32

Logits = NDArray[np.float32]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive sentences of an article, as the network reads them."""

    title: str
    sentences: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scores:
    """The logits of a window's sentences, shape (sentences,), and of the window: that an answer is in it."""

    sentences: Logits
    window: float


class Network:
    """The loaded network; may be shared by threads."""

    def __init__(self, folder: Path = FOLDER, threads: int | None = None) -> None:
        """Load the network; raises ModelError where a file is missing, or is not the one that was shipped."""
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            about = json.loads((folder / ABOUT).read_text())
            name, digest = about["name"], about["sha256"]
            weights, vocabulary = (folder / WEIGHTS).read_bytes(), (folder / TOKENIZER).read_bytes()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"The reader in {folder} cannot be loaded: {error}. {ADVICE}") from error
        if digest_of(weights, vocabulary) != digest:
            raise ModelError(f"The reader in {folder} is not the one that was shipped. {ADVICE}")
        self._tokenizer: Any = Tokenizer.from_buffer(vocabulary)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        self._session: Any = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        start, end = self._tokenizer.encode("").ids
        self._marks: Span = (start, end)
        self.name: str = name

    def read(self, question: str, windows: Sequence[Window]) -> list[Scores]:
        """Score every sentence of some windows for a question."""
        asked, *titles = self._tokens([question, *(window.title for window in windows)])
        flat = self._tokens([sentence for window in windows for sentence in window.sentences])
        pieces: list[Piece] = []
        done = 0
        for number, window in enumerate(windows):
            own = flat[done : done + len(window.sentences)]
            done += len(window.sentences)
            pieces += pieces_of(number, asked, titles[number], own, self._marks)
        outputs = [(piece, self._run(piece)) for piece in pieces]
        return [_scores([one for one in outputs if one[0].window == number]) for number in range(len(windows))]

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        # A lone surrogate, which a text may hold, is no UTF-8.
        encodable = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        return [found.ids for found in self._tokenizer.encode_batch(encodable, add_special_tokens=False)]

    def _run(self, piece: "Piece") -> Logits:
        """Return a piece's outputs, shape (its tokens, 3).

        Pieces are run one by one: int8 activations are scaled by the largest of a run, so that in a batch a
        piece's scores would depend on the others.
        """
        ids = np.array([piece.ids], np.int64)
        types = (np.arange(len(piece.ids)) >= piece.asked).astype(np.int64)[None]
        (outputs,) = self._session.run(None, {"ids": ids, "mask": np.ones_like(ids), "types": types})
        found: Logits = outputs[0]
        return found


@dataclass(frozen=True, slots=True)
class Piece:
    """As much of a window as the network takes at once."""

    window: int
    ids: list[int]
    asked: int
    spans: list[Span]


def digest_of(weights: bytes, tokenizer: bytes) -> str:
    """Return the SHA-256 that about.json holds."""
    return hashlib.sha256(weights + tokenizer).hexdigest()


def encode(
    question: Sequence[int], title: Sequence[int], sentences: Sequence[Sequence[int]], marks: Span
) -> tuple[list[int], int, list[Span]]:
    """Return token ids, how many of them are the question's, and each sentence's span of tokens.

    ``[CLS] question [SEP] title sentence sentence ... [SEP]``; `marks` are the ids of the two. What is over
    MOST_TOKENS is cut; a sentence that is cut whole keeps the last token as its span.
    """
    start, end = marks
    ids = [start, *question[:MOST_OF_QUESTION], end]
    asked = len(ids)
    ids += title[:MOST_OF_TITLE]
    spans = []
    for sentence in sentences:
        first = min(len(ids), MOST_TOKENS - 2)
        ids += sentence
        spans.append((first, max(first + 1, min(len(ids), MOST_TOKENS - 1))))
    return [*ids[: MOST_TOKENS - 1], end], asked, spans


def pooled(outputs: Logits, spans: Sequence[Span]) -> Logits:
    """Return each sentence's mean of its tokens' values, weighted by the softmax of their weights."""
    logits = np.empty(len(spans), np.float32)
    for i, (first, end) in enumerate(spans):
        weights = np.exp(outputs[first:end, 1] - outputs[first:end, 1].max())
        logits[i] = (weights * outputs[first:end, 0]).sum() / weights.sum()
    return logits


def pieces_of(
    window: int, question: list[int], title: list[int], sentences: Sequence[list[int]], marks: Span
) -> list[Piece]:
    """Cut a window so that no sentence is lost to the limit; one that is over it alone is read in part."""
    room = MOST_TOKENS - 3 - len(question[:MOST_OF_QUESTION]) - len(title[:MOST_OF_TITLE])
    runs: list[list[list[int]]] = [[]]
    for sentence in sentences:
        if runs[-1] and sum(map(len, runs[-1])) + len(sentence) > room:
            runs.append([])
        runs[-1].append(sentence)
    return [Piece(window, *encode(question, title, run, marks)) for run in runs]


def _scores(parts: Sequence[tuple[Piece, Logits]]) -> Scores:
    sentences = np.concatenate([pooled(outputs, piece.spans) for piece, outputs in parts])
    return Scores(sentences, max(float(outputs[0, 2]) for _, outputs in parts))
