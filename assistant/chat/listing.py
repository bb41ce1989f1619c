"""Which chat models are configured on this machine, and whether they can be used: what `footnote models` shows.

Listing asks the servers of this machine, and those that the user has named, for their models. It sends them no key, and
sends providers nothing at all.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from assistant.chat.failures import KEYS, address
from assistant.chat.models import LOCAL, SERVERS, find_gguf, models_folder, own_base_url
from assistant.chat.pulling import KNOWN
from vectorstore.errors import ModelError

SECONDS = 1.0
READY = "ready"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Configured:
    """A chat model: its name, whether it can be used, and what it needs if not."""

    name: str
    state: str
    advice: str = ""


def configured() -> Sequence[Configured]:
    """Return what there is: FOOTNOTE_MODEL first, then files, Ollama, a server of one's own, providers with a key."""
    chosen = os.environ.get("FOOTNOTE_MODEL")
    base_url = own_base_url("openai")
    of_ollama = bool(chosen and chosen.startswith("ollama:"))
    if of_ollama and base_url == os.environ.get("FOOTNOTE_BASE_URL"):
        base_url = None
    rows = [
        *_files(),
        *_ollama((own_base_url("ollama") if of_ollama else None) or _ollama_url()),
        *(_own_server(base_url) if base_url else ()),
        *_providers(without_openai=bool(base_url)),
    ]
    if not chosen:
        return rows
    first = _chosen(chosen, rows)
    others = [row for row in rows if row.name != first.name]
    return [replace(first, advice=f"Chosen by FOOTNOTE_MODEL. {first.advice}".rstrip()), *others]


def _files() -> list[Configured]:
    rows = []
    for path in sorted(models_folder().glob("*.gguf")):
        try:
            find_gguf(str(path))
            rows.append(Configured(f"{LOCAL}:{path.stem}", READY))
        except ModelError as error:
            state = "not usable" if find_spec("xllamacpp") else "package missing"
            rows.append(Configured(f"{LOCAL}:{path.stem}", state, str(error)))
    names = {row.name for row in rows}
    absent = [name for name in KNOWN if f"{LOCAL}:{name}" not in names]
    return rows + [Configured(f"{LOCAL}:{name}", "not pulled", f"Type: footnote models pull {name}") for name in absent]


def _ollama_url() -> str:
    """Return where Ollama serves; OLLAMA_HOST may lack scheme and port, and may be what a server listens on."""
    host = os.environ.get("OLLAMA_HOST") or "127.0.0.1"
    parts = urlsplit(host if "//" in host else f"http://{host}")
    name = "127.0.0.1" if parts.hostname in (None, "0.0.0.0") else parts.hostname
    port = parts.port or (443 if parts.scheme == "https" else 11434)
    return f"{parts.scheme}://{f'[{name}]' if ':' in name else name}:{port}"


def _ollama(url: str) -> list[Configured]:
    status, value = _get(f"{url.rstrip('/')}/api/tags")
    if status is None:
        advice = f"Nothing answers at {address(url)}. Start it with `ollama serve`, or set OLLAMA_HOST"
        return [Configured("ollama:MODEL", "not reachable", advice)]
    names = _names(value, "models", "name")
    if not names:
        return [Configured("ollama:MODEL", "no model", "Type, for example: ollama pull qwen3")]
    return [_with_package("ollama", Configured(f"ollama:{name}", READY)) for name in names]


def _own_server(url: str) -> list[Configured]:
    where = address(url)
    status, value = _get(f"{url.rstrip('/')}/models")
    names = _names(value, "data", "id")
    if names:
        return [_with_package("openai", Configured(f"openai:{name}", READY, f"At {where}")) for name in names]
    if status is None:
        row = Configured("openai:MODEL", "not reachable", f"Nothing answers at {where}. Start the server there")
    elif status in (401, 403) and os.environ.get("OPENAI_API_KEY"):
        row = Configured("openai:MODEL", "key set", f"{where} wants a key; this list sends it none")
    elif status in (401, 403):
        row = Configured("openai:MODEL", "key missing", f"{where} wants a key. Set OPENAI_API_KEY")
    else:
        row = Configured("openai:MODEL", "not usable", f"{where} lists no models. A base URL mostly ends in /v1")
    return [row]


def _providers(without_openai: bool) -> list[Configured]:
    return [
        _with_package(provider, Configured(f"{provider}:MODEL", "key set", f"{variable}; not asked by this list"))
        for provider, variable in KEYS.items()
        if os.environ.get(variable) and not (provider == "openai" and without_openai)
    ]


def _with_package(provider: str, row: Configured) -> Configured:
    missing = [name for name in ("langchain", f"langchain_{provider}") if not find_spec(name)]
    if not missing:
        return row
    return Configured(row.name, "package missing", f"Type: pip install {' '.join(missing).replace('_', '-')}")


def _chosen(name: str, rows: Sequence[Configured]) -> Configured:
    provider, _, model = name.partition(":")
    for row in rows:
        if row.name in (name, f"{name}:latest"):
            return row
    if not model:
        return Configured(name, "not usable", "Write provider:model, such as openai:gpt-5-mini")
    if provider == LOCAL:
        try:
            find_gguf(model)
        except ModelError as error:
            return Configured(name, "not usable", str(error))
        return Configured(name, READY)
    of_provider = [row for row in rows if row.name.startswith(f"{provider}:")]
    if provider in SERVERS and any(row.state == READY for row in of_provider):
        return Configured(name, "not there", "The server has no model of this name; see those below")
    if of_provider:
        return replace(of_provider[0], name=name)
    if provider in KEYS:
        return _with_package(provider, Configured(name, "key missing", f"Set {KEYS[provider]}"))
    return _with_package(provider, Configured(name, "not checked", "Only asking it shows whether it answers"))


def _get(url: str) -> tuple[int | None, Any]:
    """Return a server's status and JSON; (None, None) where nothing answers. Its own machine is asked without proxy."""
    import httpx

    try:
        with httpx.Client(timeout=SECONDS, trust_env=urlsplit(url).hostname not in _LOOPBACK) as client:
            response = client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None, None
    try:
        return response.status_code, response.json()
    except ValueError:
        return response.status_code, None


def _names(value: Any, field: str, key: str) -> list[str]:
    """Return the names in a server's list of models; none where it has another layout."""
    entries = value.get(field) if isinstance(value, dict) else None
    return [str(entry[key]) for entry in entries or () if isinstance(entry, dict) and key in entry]
