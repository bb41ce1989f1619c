"""What all tests share. The network is out of reach: sockets reach this machine alone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts

from tests.fakes import FakeEmbedder
from vectorstore.indexing import index
from vectorstore.library import Library


def pytest_runtest_setup() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _no_settings_of_yours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands must not find the library or the models of whoever runs the tests."""
    for name in ("LIBRARY", "MODEL", "BASE_URL", "NLI", "READER"):
        monkeypatch.delenv(f"FOOTNOTE_{name}", raising=False)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of large data and of the two news pages: FOOTNOTE_SHARED, else beside the checkout."""
    folder = Path(os.environ.get("FOOTNOTE_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}: set FOOTNOTE_SHARED to the folder with data/ and seeds/")
    return folder


@pytest.fixture(scope="session")
def seed_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample library, with the real embedding model; for reading alone."""
    folder = tmp_path_factory.mktemp("seeds") / "library"
    index(folder, [Path(__file__).parents[1] / "seeds" / "articles"])
    return folder


@pytest.fixture
def embedder() -> FakeEmbedder:
    """The embedding model of `library`."""
    return FakeEmbedder()


@pytest.fixture
def library(tmp_path: Path, embedder: FakeEmbedder) -> Iterator[Library]:
    """An empty library with the fake embedding model."""
    made = Library.create(tmp_path / "library", embedder.identity, embedder)
    yield made
    made.close()
