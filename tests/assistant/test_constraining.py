"""Models are held to the offered numbers: by a grammar, a schema, a tool; what none of these takes is left alone."""

import re
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from assistant.chat.llamacpp import LlamaCpp
from assistant.constraining import LOCAL, constrained, grammar, schema, text_of
from tests.scripted_chat import ScriptedChat, ToolCallingChat


def rules_of(text: str) -> dict[str, str]:
    return dict(line.split(" ::= ", 1) for line in text.strip().splitlines())


def as_regex(gbnf: str) -> re.Pattern[str]:
    """Turn the grammar into a regular expression: it has no recursion, and nothing that Python writes differently."""
    rules = rules_of(gbnf)

    def expand(rule: str) -> str:
        tokens = re.findall(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|\{\d+,\d+\}|[a-z]+|[()|?]', rule)
        assert "".join(tokens).replace(" ", "") == re.sub(r" (?=[^\"]|\"\[|\"\\)", "", rule).replace(" ", "")
        parts = []
        for token in tokens:
            if token.startswith('"'):
                parts.append(re.escape(token[1:-1].replace("\\n", "\n")))
            elif token in rules:
                parts.append(f"(?:{expand(rules[token])})")
            else:
                parts.append(token)
        return "".join(parts)

    return re.compile(expand(rules["root"]))


@pytest.mark.parametrize("offered", [1, 3, 12])
def test_the_grammar_takes_exactly_the_numbers_that_are_offered(offered: int) -> None:
    held = as_regex(grammar(offered))
    taken = [number for number in range(40) if held.fullmatch(f"[{number}] It rained all day.\n")]
    assert taken == list(range(1, offered + 1))


@pytest.mark.parametrize(
    "reply",
    [
        "It rained all day.\n",
        "[4] It rained all day.\n",
        "[01] It rained all day.\n",
        "[1] It rained all day.",
        "[1] It rained [2] all day.\n",
        "[1][2][3] It rained all day.\n",
        "[1] Rain.\n",
        "[1] It rained\x00 all day.\n",
        "[1] It rained all day.\n" * 3,
        f"[1] {'very ' * 100}wet.\n",
        "",
    ],
)
def test_the_grammar_refuses_what_is_no_short_answer_with_numbers(reply: str) -> None:
    assert not as_regex(grammar(3)).fullmatch(reply)


@pytest.mark.parametrize(
    "reply",
    ["[1] It rained all day.\n", "[1][3] £5.6bn fell — 习.\n", "[1] It rained all day.\n[2] It snowed all day.\n"],
)
def test_the_grammar_takes_one_or_two_claims_by_one_or_two_sentences(reply: str) -> None:
    assert as_regex(grammar(3)).fullmatch(reply)


def test_the_schema_offers_the_numbers_as_a_choice_and_is_strict() -> None:
    made = schema(3)
    claim = made["properties"]["claims"]["items"]
    assert claim["properties"]["sentences"]["items"]["enum"] == [1, 2, 3]
    for part in (made, claim):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])


def test_a_model_in_this_process_gets_the_grammar() -> None:
    model = LlamaCpp(path=Path("none.gguf"))
    assert model._llm_type == LOCAL
    assert bound_to(model, 2) == ({"grammar": grammar(2)}, "Lines")


def test_openai_and_ollama_get_the_schema_each_in_its_own_form() -> None:
    from langchain_ollama import ChatOllama
    from langchain_openai import AzureChatOpenAI, ChatOpenAI

    openai = ChatOpenAI(model="tiny", api_key="none", base_url="http://127.0.0.1:1/v1")
    azure = AzureChatOpenAI(azure_endpoint="http://127.0.0.1:1", api_version="1", api_key="none")
    for model in (openai, azure):
        kwargs, form = bound_to(model, 2)
        assert form == "JSON"
        assert kwargs["response_format"]["json_schema"]["schema"] == schema(2)
        assert kwargs["response_format"]["json_schema"]["strict"] is True
    assert bound_to(ChatOllama(model="tiny", base_url="http://127.0.0.1:1"), 2) == ({"format": schema(2)}, "JSON")


def test_a_model_that_takes_tools_has_to_call_one() -> None:
    kwargs, form = bound_to(ToolCallingChat(""), 2)
    assert form == "JSON"
    assert kwargs["tool_choice"] == "any"
    (tool,) = kwargs["tools"]
    assert tool["properties"] == schema(2)["properties"]


def test_a_model_that_takes_nothing_is_left_alone() -> None:
    assert constrained(ScriptedChat(""), 2) is None


def bound_to(model: Any, numbers: int) -> tuple[dict[str, Any], str]:
    held = constrained(model, numbers)
    assert held is not None
    bound, form = held
    return bound.kwargs, form  # type: ignore[attr-defined]


def test_the_text_of_a_stream_is_what_is_said_or_the_arguments_of_the_call() -> None:
    call = {"name": "answer", "args": '{"a"', "id": "1", "index": 0, "type": "tool_call_chunk"}
    chunks = [
        AIMessageChunk("It "),
        AIMessageChunk([{"type": "text", "text": "rained."}]),
        AIMessageChunk("", tool_call_chunks=[call]),
        AIMessageChunk("", tool_call_chunks=[{**call, "name": None, "args": None}]),
        AIMessageChunk(""),
    ]
    assert list(text_of(iter(chunks))) == ["It ", "rained.", '{"a"', "", ""]
