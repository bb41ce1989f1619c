"""The command line with a chat model: a server on this machine that speaks OpenAI's protocol."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.chat_server import ChatServer, serving
from tests.ui.test_cli import QUESTION, run
from ui.cli import main


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A chat server on this machine that writes one claim of its own and one that no sentence supports."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with serving() as state:
        claims = [
            {
                "sentences": [3],
                "text": "Britain's National Cyber Security Programme started in 2011, at a cost of £650m.",
            },
            {
                "sentences": [3],
                "text": "Britain's National Cyber Security Programme started in 1999, at a cost of £650m.",
            },
        ]
        state.reply = tuple(re.findall(r".{1,9}", json.dumps({"claims": claims}, ensure_ascii=False)))
        yield state


def with_server(server: ChatServer, *arguments: str | Path) -> Result:
    return run("ask", QUESTION, "--model", "openai:tiny", "--base-url", f"{server.url}/v1", *arguments)


def test_what_a_model_writes_is_printed_with_footnotes(server: ChatServer, seed_library: Path) -> None:
    result = with_server(server, "--library", seed_library)
    assert (result.exit_code, result.stderr) == (0, "")
    paragraph, *footnotes = result.stdout.strip().split("\n\n")
    assert "started in 2011, at a cost of £650m. [1]" in " ".join(paragraph.split())
    assert "1999" not in result.stdout
    assert "[1] “Britain started its National Cyber Security Programme in 2011" in " ".join(footnotes[0].split())
    assert "1 statement was left out" in footnotes[-1]
    ((path, _, body),) = server.asked
    assert path == "/v1/chat/completions"
    assert "response_format" in body


def test_the_json_of_a_written_answer_names_the_model_and_what_was_dropped(
    server: ChatServer, seed_library: Path
) -> None:
    result = with_server(server, "--json", "--library", seed_library)
    answer = json.loads(result.stdout)
    assert answer["model"]["chat"] == "openai:tiny"
    assert answer["claims"][0]["support"]["verdict"] == "supported"
    assert [one["kind"] for one in answer["dropped"]] in (["date"], ["number"])


def test_a_server_that_fails_leaves_a_quoted_answer_and_a_note(server: ChatServer, seed_library: Path) -> None:
    server.statuses = [404]
    result = with_server(server, "--library", seed_library)
    assert result.exit_code == 0
    assert "£650m" in result.stdout
    told = " ".join(result.stdout.split())
    assert "has no 'tiny'" in told
    assert "The answer is quoted instead." in told
    assert "Traceback" not in result.output


def test_chat_goes_on_with_what_was_written(server: ChatServer, seed_library: Path) -> None:
    arguments = ["chat", "--model", "openai:tiny", "--base-url", f"{server.url}/v1", "--library", str(seed_library)]
    result = CliRunner().invoke(main, arguments, input=f"{QUESTION}\nand in 2015?\n")
    assert result.exit_code == 0
    assert "Understood as:" in result.stdout
    prompts = [body["messages"][-1]["content"] for _, _, body in server.asked]
    assert "Reader: and in 2015?" in prompts[1]
    assert "started in 2011" in prompts[1]


@pytest.mark.parametrize(
    ("model", "status", "told"),
    [
        ("gpt-5", 2, "write provider:model"),
        ("opnai:gpt-5", 2, "no provider 'opnai'"),
        ("llama.cpp:no-such-file", 1, "footnote models pull"),
        ("openai:gpt-5", 1, "Set OPENAI_API_KEY"),
    ],
)
def test_a_wrong_model_is_one_sentence_that_says_what_is_right(
    model: str, status: int, told: str, seed_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = run("ask", QUESTION, "--model", model, "--library", seed_library)
    assert result.exit_code == status
    assert result.stdout == ""
    assert told in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
