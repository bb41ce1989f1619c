"""A GGUF file run by llama.cpp in this process, as a LangChain chat model; the only importer of xllamacpp."""

import secrets
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.utils import convert_to_openai_messages
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from vectorstore.errors import ModelError

CACHE_MIB = 512  # of prompts that were read, in memory: llama.cpp's own default is 8 GiB


class LlamaCpp(BaseChatModel):
    """A chat model in a file; it is loaded with the first call, and serves one call at a time.

    `context` is the longest prompt and reply together, in tokens. `threads` is llama.cpp's choice by default: one a
    physical core. What `bind` is given goes to llama.cpp as it is: `grammar` (GBNF), `max_tokens`, `response_format`.
    A stream that is closed stops the model. Raises ModelError.
    """

    path: Path
    context: int = 4096
    threads: int | None = None
    temperature: float = 0.0
    _server: Any = PrivateAttr(default=None)
    _loading: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"path": str(self.path), "context": self.context}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        asked = {
            "messages": convert_to_openai_messages(messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": self.temperature,
            **({"stop": stop} if stop else {}),
            **kwargs,
        }
        for part in self._parts(asked):
            chunk = _chunk_of(part)
            if run_manager and chunk.text:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    def _parts(self, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield what llama.cpp tells, as it tells it; its call returns only at the end, so it has its own thread."""
        server = self._loaded()
        told: SimpleQueue[dict[str, Any] | Exception | None] = SimpleQueue()
        closed = threading.Event()

        def hear(part: dict[str, Any]) -> bool:
            told.put(part)
            return closed.is_set()  # true ends it

        def run() -> None:
            try:
                server.handle_chat_completions(asked, hear)
                told.put(None)
            except Exception as error:  # noqa: BLE001  it is raised where the stream is read
                told.put(error)

        worker = threading.Thread(target=run, name="llama.cpp", daemon=True)
        worker.start()
        try:
            while (part := told.get()) is not None:
                if isinstance(part, Exception):
                    raise ModelError(f"{self.path.name} cannot be asked: {part}") from part
                if "error" in part:
                    raise ModelError(f"{self.path.name} cannot be asked: {part['error'].get('message', part)}")
                yield part
        finally:
            closed.set()
            worker.join()

    def _loaded(self) -> Any:
        with self._loading:
            if self._server is None:
                self._server = _load(self.path, self.context, self.threads)
            return self._server


def _load(path: Path, context: int, threads: int | None) -> Any:
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelError("llama.cpp is not installed. Type: pip install 'footnote-assistant[llama]'") from error
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context
    params.n_parallel = 1
    params.cache_ram_mib = CACHE_MIB
    params.warmup = False
    params.verbosity = -1
    params.ui = False
    params.api_keys = [secrets.token_hex()]  # it listens on a port of this machine, which nobody else is to use
    if threads is not None:
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    try:
        return xllamacpp.Server(params)
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"{path} cannot be loaded by llama.cpp ({error}). Is it a whole GGUF file, and is there memory for it? "
            "`footnote models pull` gets one that works"
        ) from error


def _chunk_of(part: dict[str, Any]) -> ChatGenerationChunk:
    choices: Sequence[dict[str, Any]] = part.get("choices") or ()
    text = (choices[0].get("delta", {}).get("content") or "") if choices else ""
    told = {name: part[name] for name in ("timings",) if name in part}
    message = AIMessageChunk(content=text, response_metadata=told)
    if usage := part.get("usage"):
        message.usage_metadata = {
            "input_tokens": usage["prompt_tokens"],
            "output_tokens": usage["completion_tokens"],
            "total_tokens": usage["total_tokens"],
        }
    return ChatGenerationChunk(message=message)
