"""`provider:model` -> a chat model: the border to LangChain's chat models.

Time-outs, retries with back-off and rate limits are those of LangChain's integrations. Nothing is imported before it
is needed. What a call raises later is explained by `model_failures`.
"""

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.chat.failures import KEYS, redacted, told
from vectorstore.embedding import cache_folder
from vectorstore.errors import FootnoteError, ModelError, UsageError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

LOCAL = "llama.cpp"
SERVERS = ("openai", "ollama")  # providers whose place may be another one: a server of one's own
TIMEOUT = 60.0
TIMEOUT_OF_OWN_SERVER = 180.0  # a processor reads a long prompt for minutes before the first word
RETRIES = 2
_EXAMPLES = f"such as openai:gpt-5-mini, ollama:qwen3 or {LOCAL}:/path/file.gguf"


def models_folder() -> Path:
    """Return where pulled models are kept: FOOTNOTE_MODELS, else a folder of the cache folder."""
    chosen = os.environ.get("FOOTNOTE_MODELS")
    return Path(chosen).expanduser() if chosen else cache_folder() / "models"


def own_base_url(provider: str) -> str | None:
    """Return the address of a server of one's own that the environment names for `openai` or `ollama`."""
    names = ["FOOTNOTE_BASE_URL", *(["OPENAI_API_BASE", "OPENAI_BASE_URL"] if provider == "openai" else [])]
    return next(filter(None, map(os.environ.get, names)), None)


def open_chat_model(name: str, base_url: str | None = None) -> "BaseChatModel":
    """Return the chat model of a name, `provider:model`; no call is made, and no file is loaded yet.

    `base_url` (or FOOTNOTE_BASE_URL) is the address of a server of one's own, for `openai:` and `ollama:`. Raises
    UsageError for a name that cannot be one, ModelError for what is missing: a package, a key, a file.
    """
    provider, _, model = (part.strip() for part in name.partition(":"))
    provider = provider.lower().replace("-", "_")
    if not provider or not model:
        raise UsageError(f"{name!r} names no chat model: write provider:model, {_EXAMPLES}")
    if base_url and provider not in SERVERS:
        raise UsageError(f"--base-url goes with openai: and ollama:, not with {provider}:. Leave it out")
    if provider == LOCAL:
        from assistant.chat.llamacpp import LlamaCpp

        return LlamaCpp(path=find_gguf(model))
    return _open_with_langchain(provider, model, base_url)


def find_gguf(name: str) -> Path:
    """Return the file of a `llama.cpp:` name, a path or a model that was pulled; raises ModelError."""
    if not find_spec("xllamacpp"):
        raise ModelError("llama.cpp is not installed. Type: pip install 'footnote-assistant[llama]'")
    given = Path(name).expanduser()
    pulled = [] if given.name != name else [models_folder() / name, models_folder() / f"{name}.gguf"]
    path = next((path for path in (*pulled, given) if path.is_file()), None)
    if path is None:
        where = given if not pulled else f"{models_folder()}, nor one of that name here"
        raise ModelError(
            f"There is no model file {name!r}: not {'at' if not pulled else 'in'} {where}. `footnote models` lists "
            "what is there; `footnote models pull qwen2.5-coder-1.5b` gets one"
        )
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}). Make it readable, or pull it again") from error
    if start != b"GGUF":
        raise ModelError(f"{path} is not a GGUF file. Give one that is, or: footnote models pull qwen2.5-coder-1.5b")
    return path


def _open_with_langchain(provider: str, model: str, base_url: str | None) -> "BaseChatModel":
    try:
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise ModelError(f"{provider}: needs LangChain. Type: pip install langchain langchain-openai") from error
    given = _place(provider, base_url)
    try:
        plain: BaseChatModel = init_chat_model(model, model_provider=provider, **given)
        _check_key(provider, plain)
        if provider == "huggingface":  # it has loaded the model by now, and has a place for none of the settings
            return plain
        settings = _settings(plain, provider == "ollama" or bool(given))
        chosen: BaseChatModel = init_chat_model(model, model_provider=provider, **given, **settings)
        return chosen
    except ImportError as error:
        package = re.search(r"pip install [`'\"]?([\w-]+)", str(error))
        advice = f"Type: pip install {package[1]}" if package else told(error)
        raise ModelError(f"{provider}: needs a package that is not installed. {advice}") from error
    except Exception as error:  # each integration raises what it likes where a key or a setting is missing
        raise _unusable(provider, model, error) from error


def _place(provider: str, base_url: str | None) -> dict[str, Any]:
    """Return what says where a server of one's own is; nothing where it is the provider's."""
    if provider not in SERVERS:
        return {}
    url = base_url or own_base_url(provider)
    if not url:
        return {}
    if not re.match(r"https?://[^/]", url):
        raise UsageError(f"{redacted(url)!r} is no base URL: write one such as http://127.0.0.1:8000/v1")
    key = {"api_key": "none-is-needed"} if provider == "openai" and not os.environ.get("OPENAI_API_KEY") else {}
    return {"base_url": url, **key}


def _settings(plain: "BaseChatModel", own_server: bool) -> dict[str, Any]:
    """Return those settings that the model's class has; an unknown one would be sent on, and refused.

    Temperature 0 goes to models that are known to take it, and to servers of one's own: many of the newest models
    refuse any temperature.
    """
    fields = type(plain).model_fields
    known = {*fields, *(field.alias for field in fields.values() if field.alias)}
    timeout = TIMEOUT_OF_OWN_SERVER if own_server else TIMEOUT
    wanted: dict[str, Any] = {"max_retries": RETRIES, "timeout": timeout}
    if "timeout" not in known:
        wanted["client_kwargs"] = {"timeout": timeout}  # ChatOllama's
    if (getattr(plain, "profile", None) or {}).get("temperature", own_server):
        wanted["temperature"] = 0.0
    return {name: value for name, value in wanted.items() if name in known}


def _check_key(provider: str, plain: "BaseChatModel") -> None:
    """Raise ValueError where no key was found; some integrations notice that with the first call only."""
    values = [getattr(plain, field) for field in type(plain).model_fields if field.endswith("api_key")]
    if provider in KEYS and values and not any(values):
        raise ValueError("no key was found")


def _unusable(provider: str, model: str, error: Exception) -> FootnoteError:
    if "Unsupported provider" in str(error):
        return UsageError(f"LangChain knows no provider {provider!r}. Give one that it knows, {_EXAMPLES}")
    key = KEYS.get(provider)
    if not key or os.environ.get(key):
        return ModelError(f"{provider}:{model} cannot be used: {told(error)}. Set what it asks for")
    if provider == "openai":
        return ModelError(f"Set {key}, or give --base-url of a server of your own")
    return ModelError(f"Set {key} to use {provider}:{model}, or choose another: `footnote models` lists some")
