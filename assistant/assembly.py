"""Builds the real parts of an assistant; the only place that knows them all."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answering import Assistant, Writing
from assistant.crossencoder import CrossEncoderReader
from assistant.matching import rarity_in
from assistant.reading import Reader
from assistant.scoring import Calibration, ShippedReader
from assistant.support.checking import Checker, Meaning
from assistant.writing import Writer
from vectorstore.errors import UsageError
from vectorstore.library import Library, default_folder

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def open_assistant(
    library: str | Path | None = None,
    *,
    embedding: str | None = None,
    reader: str | None = None,
    risk: float | None = None,
    model: "str | BaseChatModel | None" = None,
    base_url: str | None = None,
    nli: str | None = None,
) -> Assistant:
    """Open the assistant on a library: a folder, else FOOTNOTE_LIBRARY, else ./.footnote.

    `embedding` is only needed where the model that made the library has moved. `reader`, else
    FOOTNOTE_READER, names a CrossEncoder to read with in the place of the reader that ships. `risk` is the
    share of answers, 0 to 1, that may be wrong: a lower one refuses more. `model`, else FOOTNOTE_MODEL, is the chat
    model that writes: a name (docs/models.md; `base_url` is its server's) or LangChain's own object; without one, or
    with "none", answers are quoted. `nli`, else FOOTNOTE_NLI, names a CrossEncoder that checks what is written.
    Raises LibraryMissing, LibraryMismatch, ModelError or UsageError; models are loaded with the first question.
    """
    opened = Library.open(Path(library) if library else default_folder(), embedding)
    read_by, threshold = _reader(opened, reader or os.environ.get("FOOTNOTE_READER"), risk)
    return Assistant(opened, read_by, threshold, _writing(opened, model, base_url, nli))


def with_model(assistant: Assistant, model: str, *, base_url: str | None = None, nli: str | None = None) -> Assistant:
    """Return the same assistant with a chat model that writes, or with "none" that quotes; see `open_assistant`."""
    writing = _writing(assistant.library, model, base_url, nli)
    return Assistant(assistant.library, assistant.reader, assistant.threshold, writing)


def _reader(opened: Library, chosen: str | None, risk: float | None) -> tuple[Reader, float]:
    if chosen:
        if risk is not None:
            raise UsageError(
                "--risk needs the reader that ships with Footnote: another is not calibrated. Leave out one"
            )
        other = CrossEncoderReader(chosen)
        return other, other.threshold
    calibration = Calibration.load()
    threshold = calibration.threshold if risk is None else calibration.threshold_for(risk)
    return ShippedReader(calibration, rarity_in(opened.catalog)), threshold


def _writing(
    opened: Library, model: "str | BaseChatModel | None", base_url: str | None, nli: str | None
) -> Writing | None:
    model = model or os.environ.get("FOOTNOTE_MODEL")
    if not model or model == "none":
        return None
    from assistant.chat.failures import explain
    from assistant.chat.models import open_chat_model

    chat = open_chat_model(model, base_url) if isinstance(model, str) else model
    name = model if isinstance(model, str) else chat._llm_type
    return Writing(Writer(name, chat, explain), Checker(_meaning(opened, nli or os.environ.get("FOOTNOTE_NLI"))))


def _meaning(opened: Library, nli: str | None) -> Meaning:
    if nli:
        from assistant.support.entailment import Entailment

        return Entailment(nli)
    from assistant.support.meaning import ShippedMeaning

    return ShippedMeaning(opened.embedder)
