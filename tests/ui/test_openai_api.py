"""The library as a chat model, asked by OpenAI's own client and by LangChain's, over HTTP."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import openai
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from langchain_openai import ChatOpenAI
from markdown_it import MarkdownIt

from tests.ui.fake_desk import ARTICLES, HOSTILE, READY_MODEL, FakeAssistant, open_fake_desk, serving
from ui.web.chat_markdown import REFUSAL, foreign, heard
from ui.web.copying import harmless
from ui.web.desk import AT_ONCE, Desk
from ui.web.guarding import guard
from ui.web.openai_api import routes
from ui.web.users import Users

RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PLAIN_TOKENS = {"inline", "paragraph_open", "paragraph_close", "text", "text_special", "softbreak", "hardbreak"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return open_fake_desk(tmp_path_factory.mktemp("openai"))


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    app = FastAPI()
    app.include_router(routes(desk))
    guard(app, Users(desk.folder / "users.json"), "127.0.0.1", desk.folder / "session.key")
    with serving(app) as url:
        yield url


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        yield client


def ask(client: openai.OpenAI, question: str, before: Sequence[Any] = (), **options: Any) -> Any:
    messages = [*before, {"role": "user", "content": question}]
    return client.chat.completions.create(**{"model": "footnote", "messages": messages, **options})


def assistant_of(desk: Desk) -> FakeAssistant:
    assert isinstance(desk.assistant, FakeAssistant)
    return desk.assistant


def eventually(true: Any) -> bool:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(true())


def test_the_models_are_the_default_the_quoting_one_and_every_chat_model_that_is_ready(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert names == ["footnote", "footnote-quote", f"footnote/{READY_MODEL}"]
    assert client.models.retrieve(names[-1]).owned_by == "footnote"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-5")


def test_an_answer_carries_its_citations_as_text_as_annotations_and_as_json(
    client: openai.OpenAI, address: str
) -> None:
    completion = ask(client, "What was on Tuesday?")
    message = completion.choices[0].message
    assert completion.choices[0].finish_reason == "stop"
    assert message.content == (
        "It stopped on Tuesday. [1] The harbour froze on Tuesday. [2]\n\n"
        "[1] “It stopped on Tuesday.” - Weather, 2020-01-02, The Daily  \n"
        "[2] “The harbour froze on Tuesday.” - The harbour, 2021-05-06, Gazette"
    )
    cited = [note.url_citation for note in message.annotations]
    assert [message.content[one.start_index : one.end_index] for one in cited] == ["[1]", "[2]"]
    assert cited[0].title == "Weather"
    assert cited[0].url == f"{address}/?article=weather%2F2020&sentence=1"
    for one in message.footnote["citations"]:
        text = ARTICLES[one["article_id"]][3]
        assert text[one["start"] : one["end"]] == one["quote"]
    assert message.footnote["version"] == 1
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    assert completion.usage.prompt_tokens == 4  # the fake embedder counts words


def test_a_stream_brings_the_claims_one_by_one_and_then_what_the_whole_answer_has(client: openai.OpenAI) -> None:
    whole = ask(client, "What was on Tuesday?")
    chunks = list(ask(client, "What was on Tuesday?", stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta for chunk in chunks[:-1]]
    assert deltas[0].role == "assistant"
    assert [delta.content for delta in deltas[:3]] == [
        "",
        "It stopped on Tuesday. [1]",
        " The harbour froze on Tuesday. [2]",
    ]
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    assert deltas[-1].annotations == [note.model_dump() for note in whole.choices[0].message.annotations]
    assert deltas[-1].footnote["answer"] == whole.choices[0].message.footnote["answer"]
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None] * (len(deltas) - 1) + ["stop"]
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage


def test_a_stream_says_nothing_of_its_cost_unless_it_is_asked(client: openai.OpenAI) -> None:
    assert all(chunk.usage is None and chunk.choices for chunk in ask(client, "What on Tuesday?", stream=True))


@pytest.mark.parametrize("stream", [False, True])
def test_a_refusal_says_so_and_shows_the_nearest_sentences(client: openai.OpenAI, stream: bool) -> None:
    said = ask(client, "What was on Friday?", stream=stream)
    if stream:
        content = "".join(chunk.choices[0].delta.content or "" for chunk in said)
    else:
        content = said.choices[0].message.content
        assert said.choices[0].message.annotations == []
        assert said.choices[0].message.footnote["abstained"]
        assert said.choices[0].finish_reason == "stop"
    assert content.startswith(f"{REFUSAL}\n\nNearest sentences:\n\n- “It rained on Monday.” - Weather, 2020-01-02")


def test_earlier_messages_are_the_history_without_system_messages_footnotes_and_refusals(
    client: openai.OpenAI, desk: Desk
) -> None:
    said = ask(client, "What was on Tuesday?").choices[0].message.content
    before = [
        {"role": "system", "content": "Say that it snowed."},
        {"role": "user", "content": [{"type": "text", "text": "What was on Tuesday?"}]},
        {"role": "assistant", "content": said},
        {"role": "user", "content": "And Friday?"},
        {"role": "assistant", "content": f"{REFUSAL}\n\nNearest sentences:\n\n- x"},
    ]
    ask(client, "And Monday?", before)
    history, _, _ = assistant_of(desk).heard[-1]
    assert [(turn.role, turn.text) for turn in history] == [
        ("user", "What was on Tuesday?"),
        ("assistant", "It stopped on Tuesday. [1] The harbour froze on Tuesday. [2]"),
        ("user", "And Friday?"),
    ]


def test_of_a_long_conversation_the_last_forty_messages_are_heard(client: openai.OpenAI, desk: Desk) -> None:
    ask(client, "What on Monday?", [{"role": "user", "content": f"Question {n}"} for n in range(100)])
    history, _, _ = assistant_of(desk).heard[-1]
    assert [turn.text for turn in history] == [f"Question {n}" for n in range(60, 100)]


def test_a_chat_model_is_asked_by_its_name_and_quoting_can_be_had_too(client: openai.OpenAI) -> None:
    written = ask(client, "What on Monday?", model=f"footnote/{READY_MODEL}")
    assert written.model == f"footnote/{READY_MODEL}"
    assert written.choices[0].message.footnote["model"]["chat"] == READY_MODEL
    quoted = ask(client, "What on Monday?", model="footnote-quote")
    assert quoted.choices[0].message.footnote["model"]["chat"] is None


@pytest.mark.parametrize("model", ["gpt-5", "footnote/fake:missing", "footnote/llama.cpp:/etc/passwd"])
def test_a_model_that_is_not_offered_is_not_found(client: openai.OpenAI, model: str) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        ask(client, "What on Monday?", model=model)
    assert raised.value.code == "model_not_found"
    assert raised.value.param == "model"


@pytest.mark.parametrize(
    ("options", "parameter"),
    [
        ({"n": 2}, "n"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "system", "content": "Hello"}]}, "messages"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages"),
        ({"messages": [{"role": "user", "content": "x" * 1001}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, "messages"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_parameter(
    client: openai.OpenAI, options: dict[str, Any], parameter: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        ask(client, "What on Monday?", **options)
    assert raised.value.param == parameter
    assert raised.value.type == "invalid_request_error"
    assert raised.value.body["message"].endswith(".")


def test_parameters_that_change_nothing_are_ignored(client: openai.OpenAI) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    said = ask(client, "What on Monday?", temperature=0.7, max_tokens=1, tools=[tool], n=1, user="me", seed=3)
    assert said.choices[0].message.content.startswith("It rained on Monday. [1]")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"messages": 3}', b"\xff"])
def test_a_body_that_is_no_request_is_refused_in_the_same_form(address: str, body: bytes) -> None:
    response = httpx.post(f"{address}/v1/chat/completions", content=body)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("stream", [False, True])
def test_an_error_before_the_first_word_is_a_status_with_its_sentence(client: openai.OpenAI, stream: bool) -> None:
    with pytest.raises(openai.InternalServerError, match=r"The model is missing\. Install it"):
        ask(client, "Are you broken?", stream=stream)
    with pytest.raises(openai.InternalServerError, match="Something went wrong") as raised:
        ask(client, "Will you crash?", stream=stream)
    assert "secret" not in str(raised.value)


def test_an_error_after_the_first_word_ends_the_stream_with_its_sentence(client: openai.OpenAI) -> None:
    stream = ask(client, "What breaks midway on Tuesday?", stream=True)
    said = []
    with pytest.raises(openai.APIError, match=r"The model has gone\. Start it again"):
        said.extend(chunk.choices[0].delta.content for chunk in stream)
    assert said == ["", "It stopped on Tuesday. [1]"]


def test_a_client_that_goes_away_stops_the_answer(client: openai.OpenAI, desk: Desk) -> None:
    assistant = assistant_of(desk)
    closed = assistant.closed
    with ask(client, "What is endless on Tuesday?", stream=True) as stream:
        for _ in range(5):
            next(iter(stream))
    assert eventually(lambda: assistant.stopped() and assistant.closed == closed + 1)


def test_a_client_that_waits_for_the_whole_and_goes_away_stops_the_answer_too(address: str, desk: Desk) -> None:
    assistant = assistant_of(desk)
    closed = assistant.closed
    question = {"messages": [{"role": "user", "content": "What is endless on Tuesday?"}]}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{address}/v1/chat/completions", json=question, timeout=0.3)
    assert eventually(lambda: assistant.stopped() and assistant.closed == closed + 1)


def test_four_answers_are_made_at_once_and_the_fifth_waits_its_turn(client: openai.OpenAI) -> None:
    endless = [ask(client, "What is endless on Tuesday?", stream=True) for _ in range(AT_ONCE)]
    for stream in endless:
        next(iter(stream))
    answered = threading.Event()
    fifth = threading.Thread(target=lambda: (ask(client, "What on Monday?"), answered.set()))
    fifth.start()
    assert not answered.wait(0.3)
    endless[0].close()
    assert answered.wait(10)
    fifth.join()
    for stream in endless[1:]:
        stream.close()


def test_langchain_can_chat_with_the_library(address: str) -> None:
    chat = ChatOpenAI(model="footnote", base_url=f"{address}/v1", api_key="none")
    assert chat.invoke("What was on Monday?").content.startswith("It rained on Monday. [1]")
    assert "".join(str(chunk.content) for chunk in chat.stream("What was on Monday?")).startswith("It rained")


def test_nothing_in_an_article_becomes_markup(client: openai.OpenAI) -> None:
    content = ask(client, "What was on Thursday.").choices[0].message.content
    tokens = [token for block in RENDERER.parse(content) for token in (block, *(block.children or ()))]
    assert {token.type for token in tokens} <= PLAIN_TOKENS
    assert ARTICLES["evil"][0] in shown(content)


@pytest.mark.parametrize(
    "text",
    [
        "[a](http://x.example)",
        "![a](http://x.example/a.png)",
        "[a][b]\n\n[b]: http://x.example",
        "<http://x.example>",
        "<script>alert(1)</script>",
        "&lt;script&gt; &#60;b&#62; &amp;",
        "http://x.example https://x.example//y ftp://x.example www.x.example WWW.x.example a.b@x.example",
        "# Heading",
        "- item",
        "1. item",
        "> quote",
        "```\ncode\n```",
        "    code",
        "| a | b |\n|---|---|\n| c | d |",
        "Heading\n=======",
        "***",
        "*a* _b_ **c** __d__ ~~e~~ `f`",
        "\\[x\\] \\(y\\) $z$ $$z$$",
        "[^1]\n\n[^1]: note",
        "line\nline\u2028line\x85line",
        "a\\",
        HOSTILE,
    ],
)
def test_hostile_text_is_shown_as_it_is(text: str) -> None:
    markdown = f"{foreign(text)} [1]"
    tokens = [token for block in RENDERER.parse(markdown) for token in (block, *(block.children or ()))]
    assert {token.type for token in tokens} <= PLAIN_TOKENS
    rendered = shown(markdown, joiners=True)
    for address in (r"(?i)https?://", r"(?i)ftp://", r"(?i)www(?=\.)", r"[-.\w+]+@[-\w]+(\.[-\w]+)+"):
        assert not re.search(address, rendered)  # what clients make links of after rendering
    assert shown(markdown) == f"{' '.join(harmless(text).split())} [1]"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\u2060"), max_size=60))
def test_every_text_is_text_and_can_be_had_back(text: str) -> None:
    markdown = foreign(text)
    tokens = [token for block in RENDERER.parse(f"x {markdown}") for token in (block, *(block.children or ()))]
    assert {token.type for token in tokens} <= PLAIN_TOKENS
    assert heard(markdown) == " ".join(harmless(text).split())


def shown(markdown: str, joiners: bool = False) -> str:
    """Return what a reader sees of rendered Markdown."""
    inline = [child for block in RENDERER.parse(markdown) for child in (block.children or ())]
    text = "".join(child.content or " " for child in inline)
    return text if joiners else text.replace("\u2060", "")
