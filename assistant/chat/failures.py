"""What a chat model's failure means, in one sentence that says what to set, start or wait for; no key is ever in it."""

import os
import re
from collections.abc import Iterator

from vectorstore.errors import ModelError

KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "cohere": "COHERE_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "perplexity": "PERPLEXITY_API_KEY",
    "together": "TOGETHER_API_KEY",
    "xai": "XAI_API_KEY",
}
# By the names of their classes, since most of the packages that raise them are not installed; in this order, since a
# time-out is a broken connection too. The numbers are HTTP's.
_FAILURES: tuple[tuple[str, frozenset[str], frozenset[int]], ...] = (
    ("timeout", frozenset({"TimeoutError", "TimeoutException", "APITimeoutError"}), frozenset({408, 504})),
    ("context", frozenset({"ContextOverflowError"}), frozenset({413})),
    ("key", frozenset({"AuthenticationError", "ModelAuthenticationError"}), frozenset({401})),
    ("permission", frozenset({"PermissionDeniedError", "ModelPermissionDeniedError"}), frozenset({403})),
    ("missing", frozenset({"NotFoundError", "ModelNotFoundError"}), frozenset({404})),
    ("credit", frozenset(), frozenset({402})),
    ("rate", frozenset({"RateLimitError", "ModelRateLimitError"}), frozenset({429})),
    ("fault", frozenset({"InternalServerError", "ModelAPIError"}), frozenset({500, 502, 503, 529})),
    ("connection", frozenset({"ConnectionError", "TransportError", "APIConnectionError"}), frozenset()),
)
_ADVICE = {
    "timeout": "{name} did not answer in time. Ask again, or choose a smaller or nearer model",
    "context": "The question and its sentences are longer than {name} can read. Choose one that reads more",
    "key": "{server} refused the key for {name}. Set {key} to one that is valid",
    "permission": "{server} does not let this key use {name}. Choose another model, or another key",
    "missing": "{server} has no model {model!r}. Check its name",
    "missing of ollama": "Ollama has no model {model!r}. Type: ollama pull {model}",
    "missing of own server": "{server} has no {model!r}. `footnote models` lists those it has; a base URL ends in /v1",
    "rate": "{server} limits how often {name} may be asked, and still did after waiting. Ask again in a minute",
    "credit": "The account at {provider} has no credit left. Add some there, or choose another --model",
    "fault": "{server} failed by itself at {name}. Ask again in a minute, or choose another --model",
    "connection": "No connection to {server}. Check the network, or choose a model on this machine: footnote models",
    "connection of ollama": "No Ollama server answers. Start it with `ollama serve`, or set OLLAMA_HOST to where it is",
    "connection of own server": "{server} does not answer, or broke off. Start it, or correct --base-url",
    "unknown": "{name} could not be asked: {told}. Choose another --model: `footnote models` lists some",
}


def explain(error: Exception, name: str) -> ModelError:
    """Return what a call to the chat model `name` raised, as one sentence that says what to do."""
    if isinstance(error, ModelError):
        return error
    provider, _, model = name.partition(":")
    url = next(filter(None, map(_asked_url, _chain(error))), None)
    own = provider == "ollama" or bool(provider == "openai" and url and "//api.openai.com" not in url)
    kind = next(filter(None, map(_kind, _chain(error))), "unknown")
    if re.search(r"insufficient_quota|credit balance", f"{getattr(error, 'code', '')} {error}"):
        kind = "credit"  # which providers tell with the status of a rate limit, or of a bad request
    special = f"{kind} of {provider if provider == 'ollama' or not own else 'own server'}"
    return ModelError(
        _ADVICE.get(special, _ADVICE[kind]).format(
            name=name,
            model=model,
            provider=provider,
            server=f"The server at {url}" if own and url else provider,
            key=KEYS.get(provider, "its API key"),
            told=told(error),
        )
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _kind(error: BaseException) -> str | None:
    names = {base.__name__ for base in type(error).__mro__}
    response = getattr(error, "response", None)
    codes = {getattr(error, "status_code", None), getattr(error, "code", None), getattr(response, "status_code", None)}
    statuses = {code for code in codes if isinstance(code, int)}
    return next((kind for kind, classes, numbers in _FAILURES if names & classes or statuses & numbers), None)


def _asked_url(error: BaseException) -> str | None:
    try:
        request = getattr(error, "request", None)
    except RuntimeError:  # httpx's, where there was none
        return None
    return address(str(request.url)) if request is not None else None


def told(error: Exception) -> str:
    """Return the first line of what an error says, without anything secret."""
    details = getattr(error, "errors", None)  # pydantic's: its own text repeats what was put in, keys too
    text = details()[0]["msg"] if type(error).__name__ == "ValidationError" and callable(details) else str(error)
    line = next(iter(text.strip().splitlines()), "")
    return redacted(line)[:200].rstrip(" .") or type(error).__name__


def redacted(text: str) -> str:
    """Return a text without keys and passwords: the environment's, those in URLs, and what looks like a key."""
    for name, value in os.environ.items():
        if len(value) >= 8 and re.search(r"KEY|TOKEN|SECRET|PASSWORD", name):
            text = text.replace(value, "***")
    return re.sub(r"\b(?:sk|gsk|xai|pplx)-[\w*-]{4,}", "***", re.sub(r"//[^/@\s]*@", "//***@", text))


def address(url: str) -> str:
    """Return scheme, host and port of a URL: what may be shown of it, since a password may stand in the rest."""
    found = re.match(r"(https?://)(?:[^/@]*@)?([^/?#]+)", url)
    return "".join(found.groups()) if found else "the address given"
