"""The network that ships: what it is given, what it gives, and what is said when its files are not right."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.network import FOLDER, MOST_TOKENS, Network, Window, encode, pieces_of, pooled
from vectorstore.errors import ModelError

MARKS = (101, 102)
RAIN = Window("Rain in Leeds", ["It rained all day.", "The match was called off at noon.", "Fans went home."])


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(threads=2)


def test_the_layout_by_hand() -> None:
    ids, asked, spans = encode([1, 2], [3], [[4, 5], [6]], MARKS)
    assert ids == [101, 1, 2, 102, 3, 4, 5, 6, 102]
    assert asked == 4
    assert spans == [(5, 7), (7, 8)]


def test_a_sentence_counts_by_the_softmax_of_its_tokens_weights() -> None:
    outputs = np.array([[9, 9, 9], [2.0, 0.0, 0], [4.0, np.log(3.0), 0], [7.0, 5.0, 0]], np.float32)
    # Weights 1 : 3 over the values 2 and 4 give 3.5; a sentence of one token has its value.
    assert pooled(outputs, [(1, 3), (3, 4)]) == pytest.approx([3.5, 7.0])


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30), st.integers(0, 90), st.integers(0, 60))
def test_no_sentence_is_lost_however_long_a_window_is(lengths: list[int], question: int, title: int) -> None:
    sentences = [[7] * length for length in lengths]
    pieces = pieces_of(0, [1] * question, [2] * title, sentences, MARKS)
    assert [len(piece.spans) for piece in pieces if not piece.spans] == []
    assert sum(len(piece.spans) for piece in pieces) == len(sentences)
    for piece in pieces:
        assert len(piece.ids) <= MOST_TOKENS
        assert all(piece.asked <= first < end <= len(piece.ids) for first, end in piece.spans)


def test_the_sentence_that_answers_has_the_highest_score(network: Network) -> None:
    (scores,) = network.read("When was the match called off?", [RAIN])
    assert int(scores.sentences.argmax()) == 1
    (others,) = network.read("Who wrote the first opera in Danish?", [RAIN])
    assert scores.sentences.max() > others.sentences.max() + 2
    assert scores.window > others.window + 2


def test_a_window_scores_the_same_alone_and_among_others(network: Network) -> None:
    snow = Window("Snow", ["Snow fell in York on Monday."] * 12)
    question = "When was the match called off?"
    (alone,) = network.read(question, [RAIN])
    among, other = network.read(question, [RAIN, snow])
    assert among.sentences == pytest.approx(alone.sentences, abs=1e-5)
    assert len(other.sentences) == 12


def test_any_text_is_read(network: Network) -> None:
    odd = Window("", ["", " ", "😀 漢字 \ud800", "a" * 5000, "word " * 2000])
    (scores,) = network.read("?", [odd])
    assert len(scores.sentences) == 5
    assert np.isfinite(scores.sentences).all()
    assert network.read("?", []) == []


@pytest.mark.parametrize("name", ["model.onnx", "about.json", "tokenizer.json"])
def test_a_missing_file_is_an_error_that_says_what_to_do(name: str, tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "reader")
    (folder / name).unlink()
    with pytest.raises(ModelError, match="pip install --force-reinstall"):
        Network(folder)


@pytest.mark.parametrize("text", ["{", "{}", "[]"])
def test_a_broken_description_is_an_error_that_says_what_to_do(text: str, tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "reader")
    (folder / "about.json").write_text(text)
    with pytest.raises(ModelError, match="pip install --force-reinstall"):
        Network(folder)


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "reader")
    with (folder / "model.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\1\2\3")
    with pytest.raises(ModelError, match="not the one that was shipped"):
        Network(folder)


def test_it_is_small_and_needs_no_torch() -> None:
    assert (FOLDER / "model.onnx").stat().st_size <= 30_000_000
    code = "import sys; from assistant.network import Network; Network(); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
