"""Builds the real parts of an assistant; the only place that knows them all."""

import os
from pathlib import Path

from assistant.answering import Assistant
from assistant.crossencoder import CrossEncoderReader
from assistant.matching import rarity_in
from assistant.scoring import Calibration, ShippedReader
from vectorstore.errors import UsageError
from vectorstore.library import Library, default_folder


def open_assistant(
    library: str | Path | None = None,
    *,
    embedding: str | None = None,
    reader: str | None = None,
    risk: float | None = None,
) -> Assistant:
    """Open the assistant on a library: a folder, else FOOTNOTE_LIBRARY, else ./.footnote.

    `embedding` is only needed where the model that made the library has moved. `reader`, else
    FOOTNOTE_READER, names a CrossEncoder to read with in the place of the reader that ships. `risk` is the
    share of answers, 0 to 1, that may be wrong: a lower one refuses more. Raises LibraryMissing,
    LibraryMismatch, ModelError or UsageError; models are loaded with the first question.
    """
    opened = Library.open(Path(library) if library else default_folder(), embedding)
    if chosen := reader or os.environ.get("FOOTNOTE_READER"):
        if risk is not None:
            raise UsageError(
                "--risk needs the reader that ships with Footnote: another is not calibrated. Leave out one"
            )
        other = CrossEncoderReader(chosen)
        return Assistant(opened, other, other.threshold)
    calibration = Calibration.load()
    threshold = calibration.threshold if risk is None else calibration.threshold_for(risk)
    return Assistant(opened, ShippedReader(calibration, rarity_in(opened.catalog)), threshold)
