"""What holds of the sentences of any text; where they are cut is in test_sentences_golden.py."""

import json
import os
import time
import timeit
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.sentences import paragraphs, sentences_of, split_sentences
from vectorstore.values import Article, Sentence

SHARED = Path(os.environ.get("FOOTNOTE_SHARED") or Path(__file__).resolve().parents[2] / ".." / "shared")

# Pieces that rules look at, to be strung together: what text() alone would hardly ever hit upon.
PIECES = [
    *"aA1.?!…。؟।,;:-–—•()[]{}\"'“”‘’«»/@_\0\u200b\u200f\u202e\ufeff\ud800\udfff🎉é中\u0301",
    *["\n", "\r\n", "\r", "\u2028", "\x0b", "\x1c", "\x85", "\t", " ", " ", "\u00a0", "\n\n", " \n ", "  "],
    *[
        "Mr. ",
        "U.S. ",
        "a.m. ",
        "e.g. ",
        "J. K. ",
        "No. 5",
        "1. ",
        "(a) ",
        "[12]",
        ".[1] ",
        " . ",
        "...",
        ". . .",
    ],
    *["the ", "The ", "iPhone ", '" he said', '."', "?” ", "'' ", "word " * 12, "x" * 250, "http://a.b/c?d "],
]

any_text = st.text(st.characters())
nasty_text = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


def check_contract(text: str) -> None:
    spans = split_sentences(text)
    covered = 0
    for start, end in spans:
        assert covered <= start < end <= len(text)
        assert not text[covered:start].strip()
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        covered = end
    assert not text[covered:].strip()


@given(any_text | nasty_text)
def test_spans_are_ordered_tight_and_cover_all_but_white_space(text: str) -> None:
    check_contract(text)


@given(nasty_text)
def test_the_same_text_is_always_cut_the_same(text: str) -> None:
    assert split_sentences(text) == split_sentences(text)


@given(nasty_text, nasty_text)
def test_a_blank_line_separates_what_is_on_either_side(above: str, below: str) -> None:
    offset = len(above) + 2
    assert split_sentences(f"{above}\n\n{below}") == [
        *split_sentences(above),
        *((start + offset, end + offset) for start, end in split_sentences(below)),
    ]


@given(nasty_text)
def test_sentences_lie_within_paragraphs(text: str) -> None:
    borders = list(paragraphs(text))
    for start, end in split_sentences(text):
        assert any(first <= start and end <= last for first, last in borders)


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t \u2003\u2028"])
def test_white_space_alone_has_no_sentences(text: str) -> None:
    assert split_sentences(text) == []


@pytest.mark.parametrize("text", ["\0", "\u200b", "…", "\ud83d", ")", "🎉"])
def test_a_single_sign_is_a_sentence(text: str) -> None:
    assert split_sentences(f" {text} ") == [(1, 2)]


def test_offsets_count_code_points_beyond_the_basic_plane() -> None:
    text = "🎉🎉 𝐀 party. 🎉 Another."
    assert [text[start:end] for start, end in split_sentences(text)] == ["🎉🎉 𝐀 party.", "🎉 Another."]


def test_sentences_of_an_article_are_numbered_from_0() -> None:
    article = Article("a1", "News", None, None, "One.\n\nTwo. Three.")
    assert sentences_of(article) == (
        Sentence("a1", 0, 0, 4),
        Sentence("a1", 1, 6, 10),
        Sentence("a1", 2, 11, 17),
    )


RUNS = [".", ".)", "?) ", ". ", "! ", '." ', "… ", "中。", "\0. ", '"', "a", "a.", "A. ", "1. ", "U.S. The "]
RUNS += ["\n", "a\n", ".\n", "[1", ".[1]", ". [1]", "x" * 199 + " ", "." * 199 + " ", "abcdef " * 8 + "\n"]


@pytest.mark.parametrize("piece", RUNS)
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    """Eight times the text takes eight times as long where time is linear, 64 where it is quadratic.

    A busy machine can slow one run; it does not slow three in the same place. timeit keeps the garbage collector
    away, whose time grows with all that other tests have loaded.
    """

    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        return timeit.timeit(lambda: split_sentences(text), timer=time.process_time, number=1)

    split_sentences(piece)
    assert any(seconds(160_000) < 32 * max(seconds(20_000), 0.01) for _ in range(3))


def documents() -> Iterator[tuple[str, str]]:
    for path in sorted(SHARED.glob("data/*/documents.jsonl")):
        with path.open(encoding="utf-8") as lines:
            yield from ((path.parent.name, json.loads(line)["text"]) for line in lines)
    for path in sorted(SHARED.glob("seeds/*.txt")):
        yield "seeds", path.read_text(encoding="utf-8")


def test_the_contract_holds_on_every_document_of_the_data_sets() -> None:
    checked = 0
    for _, text in documents():
        check_contract(text)
        checked += 1
    if not checked:
        pytest.skip(f"no data sets in {SHARED / 'data'}; set FOOTNOTE_SHARED to the folder that holds data/")


def test_hardly_any_sentence_of_the_news_is_over_long_or_cut_before_a_small_letter() -> None:
    texts = [text for name, text in documents() if name == "realtimeqa_2022a"][::8]
    if not texts:
        pytest.skip(f"no news in {SHARED / 'data'}; set FOOTNOTE_SHARED to the folder that holds data/")
    sentences = [(text, span) for text in texts for span in split_sentences(text)]
    over_long = sum(end - start > 1000 for _, (start, end) in sentences)
    small = sum(
        text[second[0]].islower() and "\n" not in text[first[1] : second[0]]
        for text in texts
        for first, second in pairwise(split_sentences(text))
    )
    assert over_long <= len(sentences) / 1000
    assert small <= len(sentences) / 1000
