"""Builds the real parts of an assistant; the only place that knows them all."""

from pathlib import Path

from assistant.answering import Assistant
from assistant.scoring import load_scorer
from vectorstore.library import Library, default_folder


def open_assistant(library: str | Path | None = None, *, embedding: str | None = None) -> Assistant:
    """Open the assistant on a library: a folder, else FOOTNOTE_LIBRARY, else ./.footnote.

    `embedding` is only needed where the model that made the library has moved. Raises
    LibraryMissing, LibraryMismatch or ModelError; models are loaded with the first question.
    """
    opened = Library.open(Path(library) if library else default_folder(), embedding)
    scorer = load_scorer(opened)
    return Assistant(opened, scorer, scorer.threshold)
