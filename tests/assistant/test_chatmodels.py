import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.chat.failures import KEYS, explain
from assistant.chat.listing import Configured, configured
from assistant.chat.models import find_gguf, open_chat_model
from tests.chat_server import WORDS, ChatServer, serving
from vectorstore.errors import ModelError, UsageError

SECRET = "sk-proj-doNotShowThisOne123"
PLACES = ("FOOTNOTE_MODEL", "FOOTNOTE_BASE_URL", "OPENAI_BASE_URL", "OPENAI_API_BASE", "OLLAMA_HOST")


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The models folder; nothing else is configured, and nothing serves where Ollama would."""
    for name in (*PLACES, *KEYS.values()):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FOOTNOTE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("OLLAMA_HOST", closed_port())
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serving() as state:
        yield state


def closed_port() -> str:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{made.getsockname()[1]}"


def failing(model: Any) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  of whatever class
        model.invoke("Why?")
    assert isinstance(caught.value, Exception)
    return caught.value


def openai_model(url: str, **settings: Any) -> Any:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model="tiny", base_url=f"{url}/v1", api_key=SECRET, **{"max_retries": 0, **settings})


# Names


@pytest.mark.parametrize("name", ["gpt-5", "", ":", "openai:", ":gpt-5", "openai: "])
def test_a_name_without_provider_and_model_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(UsageError, match="openai:gpt-5-mini"):
        open_chat_model(name)


def test_an_unknown_provider_is_refused_with_an_example() -> None:
    with pytest.raises(UsageError, match=r"no provider 'opnai'.*such as openai:"):
        open_chat_model("opnai:gpt-5")


def test_a_missing_integration_says_what_to_install() -> None:
    with pytest.raises(ModelError, match=r"pip install langchain-upstage$"):
        open_chat_model("upstage:solar-mini")


def test_a_missing_key_says_what_to_set() -> None:
    with pytest.raises(ModelError, match=r"Set OPENAI_API_KEY, or give --base-url of a server of your own"):
        open_chat_model("openai:gpt-4o")


def test_what_an_integration_says_of_a_missing_setting_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelError, match=r"azure_openai:x cannot be used: \w+"):
        open_chat_model("azure_openai:x")


def test_a_base_url_is_refused_where_it_means_nothing_or_is_none() -> None:
    with pytest.raises(UsageError, match="not with anthropic:"):
        open_chat_model("anthropic:x", "http://127.0.0.1:8000/v1")
    with pytest.raises(UsageError, match=r"http://127\.0\.0\.1:8000/v1"):
        open_chat_model("openai:x", "127.0.0.1:8000")


def test_importing_the_module_loads_no_framework() -> None:
    code = (
        "import sys, assistant.chat.models, assistant.chat.failures, assistant.chat.listing, assistant.chat.pulling\n"
        "print([name for name in ('langchain', 'langchain_core', 'openai', 'torch', 'huggingface_hub', 'xllamacpp')"
        " if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


# Files


def test_a_pulled_model_is_found_with_or_without_its_suffix_and_a_path_is_a_path(models: Path, tmp_path: Path) -> None:
    (models / "qwen2.5-x.gguf").write_bytes(b"GGUF1234")
    elsewhere = tmp_path / "other.gguf"
    elsewhere.write_bytes(b"GGUF1234")
    found = [find_gguf(name) for name in ("qwen2.5-x", "qwen2.5-x.gguf", str(elsewhere))]
    assert found == [models / "qwen2.5-x.gguf", models / "qwen2.5-x.gguf", elsewhere]


def test_a_gguf_file_is_opened_by_llama_cpp(models: Path) -> None:
    (models / "qwen.gguf").write_bytes(b"GGUF1234")
    model = open_chat_model("llama.cpp:qwen")
    assert model._llm_type == "llama.cpp"
    assert getattr(model, "path", None) == models / "qwen.gguf"


@pytest.mark.parametrize("name", ["absent", "/absent/model.gguf"])
def test_a_missing_file_says_where_it_was_looked_for_and_how_to_get_one(name: str, models: Path) -> None:
    with pytest.raises(ModelError, match="footnote models pull") as caught:
        open_chat_model(f"llama.cpp:{name}")
    assert (name if "/" in name else str(models)) in str(caught.value)


def test_a_file_that_is_no_gguf_is_refused(models: Path) -> None:
    (models / "page.gguf").write_text("<html>Not found</html>")
    with pytest.raises(ModelError, match="is not a GGUF file"):
        open_chat_model("llama.cpp:page")


# Settings


def test_openai_gets_time_out_retries_and_temperature_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    model: Any = open_chat_model("openai:gpt-4o")
    assert (model.temperature, model.request_timeout, model.max_retries) == (0, 60, 2)
    assert model.model_kwargs == {}


@pytest.mark.parametrize("name", ["o3", "gpt-5.5", "o9-not-yet-known"])
def test_no_temperature_goes_to_models_that_may_refuse_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    assert getattr(open_chat_model(f"openai:{name}"), "temperature", 0) is None


def test_ollama_gets_its_settings_in_its_own_form() -> None:
    model: Any = open_chat_model("ollama:qwen3", "http://127.0.0.1:9")
    assert (model.temperature, model.client_kwargs, model.base_url) == (0, {"timeout": 180}, "http://127.0.0.1:9")


INTEGRATION = """
from typing import Any

from langchain_core.language_models.fake_chat_models import FakeListChatModel
from pydantic import ConfigDict, Field, SecretStr


class ChatPerplexity(FakeListChatModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    responses: list[str] = ["yes"]
    model: str
    pplx_api_key: SecretStr = SecretStr("")
    wait: float | None = Field(default=None, alias="timeout")
"""


def test_an_integration_gets_the_settings_that_its_class_has_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed = INTEGRATION.replace('SecretStr("")', 'SecretStr("a key")')
    (tmp_path / "langchain_perplexity.py").write_text(keyed)
    monkeypatch.syspath_prepend(tmp_path)
    model: Any = open_chat_model("perplexity:sonar")
    assert (model.model, model.wait) == ("sonar", 60)
    sys.modules.pop("langchain_perplexity")


def test_a_key_that_an_integration_does_not_miss_before_it_is_called_is_missed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "langchain_together.py").write_text(INTEGRATION.replace("ChatPerplexity", "ChatTogether"))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match="Set TOGETHER_API_KEY"):
        open_chat_model("together:x")
    sys.modules.pop("langchain_together")


# Calls, to a real server on this machine


def test_a_base_url_reaches_a_server_of_ones_own_that_needs_no_key(server: ChatServer) -> None:
    model = open_chat_model("openai:tiny", f"{server.url}/v1")
    assert model.invoke("What froze?").text == "".join(WORDS)
    assert [chunk.text for chunk in model.stream("What froze?") if chunk.text] == list(WORDS)
    path, _, body = server.asked[0]
    assert path == "/v1/chat/completions"
    assert (body["model"], body["temperature"]) == ("tiny", 0)


def test_the_environment_can_name_the_server_and_the_key(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_BASE_URL", f"{server.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    open_chat_model("openai:tiny").invoke("What froze?")
    headers = {name.lower(): value for name, value in server.asked[0][1].items()}
    assert headers["authorization"] == f"Bearer {SECRET}"


def test_a_rate_limit_that_passes_is_waited_out(server: ChatServer) -> None:
    server.statuses = [429, 429]
    assert open_chat_model("openai:tiny", f"{server.url}/v1").invoke("What froze?").text == "".join(WORDS)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "refused the key for openai:tiny. Set OPENAI_API_KEY"),
        (403, "does not let this key use openai:tiny"),
        (404, "has no 'tiny'. `footnote models` lists"),
        (429, "limits how often openai:tiny may be asked"),
        (500, "failed by itself"),
    ],
)
def test_what_a_server_refuses_is_told_without_the_key(server: ChatServer, status: int, sentence: str) -> None:
    server.statuses = [status]
    server.error = {"message": f"Incorrect API key provided: {SECRET}"}
    told = str(explain(failing(openai_model(server.url)), "openai:tiny"))
    assert sentence in told
    assert f"The server at {server.url}" in told
    assert SECRET not in told


def test_what_no_rule_knows_is_told_in_its_own_words_without_the_key(server: ChatServer) -> None:
    server.statuses = [400]
    server.error = {"message": f"bad request for {SECRET}"}
    told = str(explain(failing(openai_model(server.url)), "openai:tiny"))
    assert "openai:tiny could not be asked" in told
    assert "bad request" in told
    assert SECRET not in told


def test_an_account_without_credit_is_not_asked_to_wait(server: ChatServer) -> None:
    server.statuses = [429]
    server.error = {"message": "You exceeded your current quota", "code": "insufficient_quota"}
    assert "has no credit left" in str(explain(failing(openai_model(server.url)), "openai:tiny"))


def test_a_time_out_is_told_as_one(server: ChatServer) -> None:
    server.delay = 0.3
    told = str(explain(failing(openai_model(server.url, timeout=0.05)), "openai:tiny"))
    assert "openai:tiny did not answer in time" in told


def test_a_server_that_is_not_there_is_named(server: ChatServer) -> None:
    place = f"http://{closed_port()}"
    told = str(explain(failing(openai_model(place)), "openai:tiny"))
    assert f"The server at {place} does not answer" in told
    assert "--base-url" in told


def test_a_stream_that_breaks_off_is_told_as_a_broken_connection(server: ChatServer) -> None:
    server.break_off = True
    with pytest.raises(Exception) as caught:  # noqa: PT011  httpx's own, of either name
        list(openai_model(server.url).stream("Why?"))
    assert isinstance(caught.value, Exception)
    assert "broke off" in str(explain(caught.value, "openai:tiny"))


def test_ollama_that_does_not_run_says_how_to_start_it() -> None:
    model = open_chat_model("ollama:qwen3", f"http://{closed_port()}")
    assert "ollama serve" in str(explain(failing(model), "ollama:qwen3"))


def test_a_model_that_ollama_does_not_have_says_how_to_pull_it(server: ChatServer) -> None:
    server.statuses = [404]
    model = open_chat_model("ollama:qwen3:4b", server.url)
    assert "Type: ollama pull qwen3:4b" in str(explain(failing(model), "ollama:qwen3:4b"))


# Errors of packages that are not installed


def made_up(name: str, *bases: type, text: str = "no", **values: object) -> Exception:
    error: Exception = type(name, bases or (Exception,), values)(text)
    return error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (made_up("AuthenticationError"), "Set ANTHROPIC_API_KEY to one that is valid"),
        (made_up("ClientError", code=429), "limits how often"),
        (made_up("APITimeoutError", ConnectionError), "did not answer in time"),
        (httpx.ConnectError("refused"), "Check the network"),
        (httpx.ReadTimeout("slow"), "did not answer in time"),
        (httpx.HTTPStatusError("x", request=httpx.Request("POST", "https://a"), response=httpx.Response(401)), "key"),
        (made_up("MyContextOverflowError", type("ContextOverflowError", (Exception,), {})), "longer than"),
        (ValueError(f"https://me:hunter2@host broke with {SECRET}\nand more"), "could not be asked: https://***@host"),
        (ValueError(""), "ValueError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value[:20],
)
def test_errors_are_known_by_name_or_status(error: Exception, sentence: str) -> None:
    told = str(explain(error, "anthropic:claude"))
    assert sentence in told
    assert "\n" not in told
    assert SECRET not in told
    assert "hunter2" not in told


def test_the_cause_of_an_error_is_looked_at_too() -> None:
    outer = RuntimeError("chain failed")
    outer.__cause__ = TimeoutError()
    assert "in time" in str(explain(outer, "groq:llama"))


def test_keys_of_the_environment_are_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "abcdefgh12345")
    assert "abcdefgh12345" not in str(explain(ValueError("bad abcdefgh12345"), "groq:llama"))


def test_an_error_of_ours_stays_as_it_is() -> None:
    error = ModelError("It says what to do")
    assert explain(error, "llama.cpp:x") is error


# What is configured


def row(name: str) -> Configured:
    return next(row for row in configured() if row.name == name)


def test_with_nothing_configured_the_list_says_how_to_get_each() -> None:
    assert [(row.name, row.state) for row in configured()] == [
        ("llama.cpp:qwen2.5-coder-1.5b", "not pulled"),
        ("ollama:MODEL", "not reachable"),
    ]
    assert "footnote models pull qwen2.5-coder-1.5b" in row("llama.cpp:qwen2.5-coder-1.5b").advice
    assert "ollama serve" in row("ollama:MODEL").advice


def test_files_are_listed_with_those_that_cannot_be_used(models: Path) -> None:
    (models / "qwen2.5-coder-1.5b.gguf").write_bytes(b"GGUF1234")
    (models / "page.gguf").write_text("<html>")
    assert row("llama.cpp:qwen2.5-coder-1.5b").state == "ready"
    assert row("llama.cpp:page").state == "not usable"


def test_ollama_is_asked_for_its_models(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.models = ("qwen3:latest", "phi4:mini")
    monkeypatch.setenv("OLLAMA_HOST", server.url.removeprefix("http://").replace("127.0.0.1", "0.0.0.0"))
    monkeypatch.setenv("FOOTNOTE_MODEL", "ollama:qwen3")
    assert (configured()[0].name, configured()[0].state) == ("ollama:qwen3:latest", "ready")
    assert row("ollama:phi4:mini").state == "ready"
    monkeypatch.setenv("FOOTNOTE_MODEL", "ollama:gone")
    assert row("ollama:gone").state == "not there"
    server.models = ()
    assert "ollama pull" in row("ollama:MODEL").advice


def test_a_server_of_ones_own_is_asked_for_its_models_without_a_key(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_BASE_URL", f"{server.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    assert row("openai:tiny") == Configured("openai:tiny", "ready", f"At {server.url}")
    assert [row.name for row in configured() if row.name.startswith("openai:")] == ["openai:tiny"]
    assert SECRET not in str(server.asked)
    server.statuses = [401]
    assert row("openai:MODEL").state == "key set"
    monkeypatch.delenv("OPENAI_API_KEY")
    server.statuses = [401]
    assert "Set OPENAI_API_KEY" in row("openai:MODEL").advice
    monkeypatch.setenv("FOOTNOTE_BASE_URL", server.url)
    assert "ends in /v1" in row("openai:MODEL").advice
    monkeypatch.setenv("FOOTNOTE_BASE_URL", f"http://{closed_port()}/v1")
    assert row("openai:MODEL").state == "not reachable"


def test_providers_are_listed_by_their_keys_and_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("TOGETHER_API_KEY", SECRET)
    assert row("openai:MODEL").state == "key set"
    assert row("together:MODEL") == Configured(
        "together:MODEL", "package missing", "Type: pip install langchain-together"
    )
    assert SECRET not in str(configured())


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("llama.cpp:absent", "not usable"),
        ("gpt-5", "not usable"),
        ("openai:gpt-5", "key missing"),
        ("upstage:solar", "package missing"),
        ("ollama:qwen3", "not reachable"),
    ],
)
def test_the_chosen_model_comes_first_with_what_it_lacks(
    name: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_MODEL", name)
    first = configured()[0]
    assert (first.name, first.state) == (name, state)
    assert "FOOTNOTE_MODEL" in first.advice
