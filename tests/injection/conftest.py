"""The library of attacking articles, with the real embedding model and the real reader; for reading alone."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from assistant import open_assistant
from assistant.answering import Assistant
from assistant.reading import Excerpt, Reader, Reading
from assistant.values import Answer
from tests.injection import FEW, Case, ask, cases, write
from vectorstore.embedding import Vectors
from vectorstore.indexing import index


class RememberingReader:
    """Reads what it has not read before: the same question is answered in many manners here."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._read: dict[tuple[object, ...], Reading] = {}

    @property
    def name(self) -> str:
        return self._reader.name

    def read(self, question: str, vector: Vectors, excerpts: Sequence[Excerpt]) -> Reading:
        key = (question, *((one.stored.article.content_hash, one.first, one.last) for one in excerpts))
        if key not in self._read:
            self._read[key] = self._reader.read(question, vector, excerpts)
        return self._read[key]


def _library(folder: Path, *, attacked: bool) -> Path:
    (folder / "files").mkdir()
    for case in cases():
        write(case, folder / "files", attacked=attacked)
    report = index(folder / "library", [folder / "files"])
    assert (report.added, report.failed) == (len(cases()), [])
    return folder / "library"


@pytest.fixture(scope="session")
def attacked_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every article, with its attack."""
    return _library(tmp_path_factory.mktemp("attacked"), attacked=True)


@pytest.fixture(scope="session")
def clean_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every article, without its attack."""
    return _library(tmp_path_factory.mktemp("clean"), attacked=False)


@pytest.fixture(scope="session")
def reader(attacked_library: Path) -> RememberingReader:
    """The reader that ships, on the attacked library."""
    return RememberingReader(open_assistant(attacked_library).reader)


@pytest.fixture(scope="session")
def quoting(attacked_library: Path, reader: RememberingReader) -> Assistant:
    """The answerer that quotes."""
    assistant = open_assistant(attacked_library)
    assistant.reader = reader
    return assistant


@pytest.fixture(scope="session")
def quoted(quoting: Assistant) -> Callable[[Case], Answer]:
    """What the quoting answerer says to a case's question."""
    answers: dict[str, Answer] = {}

    def answer(case: Case) -> Answer:
        if case.id not in answers:
            answers[case.id] = ask(quoting, case, attacked=True, k=FEW)
        return answers[case.id]

    return answer
