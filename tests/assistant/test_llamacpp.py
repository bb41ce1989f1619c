"""llama.cpp in this process, with a real model where its file is: what only the real thing can show."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.messages import AIMessageChunk

from assistant import open_assistant
from assistant.chat.llamacpp import LlamaCpp
from assistant.constraining import grammar
from vectorstore.errors import ModelError

FILE = "qwen2.5-coder-1.5b.gguf"
FOLDER = Path(os.environ.get("FOOTNOTE_MODELS") or Path.home() / ".cache" / "footnote" / "models").expanduser()
QUESTION = "How much did Britain's National Cyber Security Programme cost?"


def test_a_file_that_llama_cpp_cannot_load_says_how_to_get_one_that_it_can(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\x00" * 100)
    with pytest.raises(ModelError, match="footnote models pull"):
        LlamaCpp(path=broken).invoke("Why?")


def test_naming_a_file_loads_nothing(tmp_path: Path) -> None:
    assert LlamaCpp(path=tmp_path / "none.gguf")._llm_type == "llama.cpp"


@pytest.fixture(scope="module")
def model() -> Iterator[LlamaCpp]:
    if not (FOLDER / FILE).is_file():
        pytest.skip(f"there is no {FOLDER / FILE}: footnote models pull qwen2.5-coder-1.5b")
    return LlamaCpp(path=FOLDER / FILE, context=1536)


@pytest.mark.slow
def test_a_written_answer_cites_sentences_that_resolve(seed_library: Path, model: LlamaCpp) -> None:
    assistant = open_assistant(seed_library, model=model)
    answer = assistant.answer(QUESTION)
    assert answer.claims
    assert "£650m" in answer.text
    assert not {one.kind for one in answer.dropped} & {"not offered", "uncited", "malformed"}
    for citation in answer.citations:
        text = assistant.library.catalog.article(citation.article_id).article.text
        assert text[citation.start : citation.end] == citation.quote


@pytest.mark.slow
def test_closing_a_long_reply_stops_the_model_and_it_can_be_asked_again(model: LlamaCpp) -> None:
    stream = model.stream("Count from one to one thousand, in words.")
    next(stream)
    start = time.perf_counter()
    stream.close()  # type: ignore[attr-defined]
    assert time.perf_counter() - start < 3
    assert model.bind(max_tokens=4).invoke("Say yes.").content


@pytest.mark.slow
def test_a_reply_keeps_to_the_grammar_and_a_second_question_finds_the_prompt_read(model: LlamaCpp) -> None:
    task = "You answer from numbered sentences, and begin with a number. " * 8
    held = model.bind(grammar=grammar(2), max_tokens=40)
    cached = []
    for question in (
        "[1] It rained in Leeds.\n[2] Snow fell.\nWhere did it rain?",
        "[1] It rained.\n[2] Hail fell.\nWhat fell?",
    ):
        chunks = list(held.stream([("system", task), ("human", question)]))
        whole = sum(chunks[1:], chunks[0])
        assert isinstance(whole, AIMessageChunk)
        assert str(whole.content)[:3] in ("[1]", "[2]")
        timings = next(chunk.response_metadata["timings"] for chunk in reversed(chunks) if chunk.response_metadata)
        cached.append(timings["cache_n"])
    assert cached[1] > 50


@pytest.mark.slow
def test_a_prompt_that_is_longer_than_the_context_is_an_error_that_says_so(model: LlamaCpp) -> None:
    with pytest.raises(ModelError, match=FILE):
        model.invoke("rain and snow " * 2000)
