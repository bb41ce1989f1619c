"""The vectors of passages; the only importer of Chroma.

Vectors are derived from the catalog and can always be made again. Chroma's embedded store is made for
one process: one that is killed while it saves its graph leaves what Chroma will not open again, and a
reader beside a writer can save an old graph over a new one. So nothing is changed where it is
read. Every version is a folder of its own; changes go to a copy, and the catalog then points to the
copy, in the transaction that lets its articles answer.
"""

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from vectorstore.embedding import Vectors
from vectorstore.errors import LibraryDamaged

FOLDER_NAME = "chroma"
DATABASE = "chroma.sqlite3"
COLLECTION = "passages"
EFFORT = 200  # candidates that a search of Chroma's graph keeps (ef); benchmarks/retrieval.py prints what it misses
# Chroma saves its graph when an upsert ends, not every 1,000 vectors: what is not saved is put in again by every
# process that opens it, for up to 0.3 s.
SAVING = {"sync_threshold": 2, "batch_size": 2}

T = TypeVar("T")


class VectorStore(Protocol):
    """What a library needs of an engine for vectors.

    What is written is seen by others when the catalog points to its version, and not before.
    """

    draft_seconds: float  # what it took to begin the last draft

    @property
    def version(self) -> int:
        """The number of the version that is read, or of the draft that is being written."""
        ...

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Mapping[str, str | int]]) -> None:
        """Store vectors, in the place of any with the same ids."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove vectors; ids that are not there are passed over."""
        ...

    def clear(self) -> None:
        """Begin a draft that holds nothing."""
        ...

    def published(self) -> None:
        """Take note that the catalog points to the draft: it is changed no more, and older versions go."""
        ...

    def nearest(self, vector: Vectors, limit: int, where: Mapping[str, Any] | None) -> list[tuple[str, float]]:
        """Return up to `limit` (id, cosine similarity), most similar first."""
        ...

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the stored vectors of some ids."""
        ...

    def ids(self) -> set[str]:
        """Return every id."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class ChromaVectors:
    """Vectors in Chroma's embedded store, in numbered folders of the library; version 0 is none at all.

    `current` tells which version is to be read; it is asked each time, for another process may have
    published one. May be shared between threads; they take turns.
    """

    def __init__(self, library: Path, current: Callable[[], int]) -> None:
        self._root = library / FOLDER_NAME
        self._current = current
        self._lock = threading.RLock()
        self._version = 0
        self._drafting = False
        self._client: Any = None
        self._collection: Any = None
        self._file = 0  # the database's number in the file system
        self.draft_seconds = 0.0  # what it took to begin the last draft

    @property
    def version(self) -> int:
        return self._version if self._drafting else self._current()

    def upsert(self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Mapping[str, str | int]]) -> None:
        def change(collection: Any) -> None:
            for part in self._parts(len(ids)):
                collection.upsert(list(ids[part]), embeddings=vectors[part], metadatas=list(metadata[part]))

        self._write(change)

    def delete(self, ids: Sequence[str]) -> None:
        def change(collection: Any) -> None:
            for part in self._parts(len(ids)):
                collection.delete(ids=list(ids[part]))

        if ids:
            self._write(change)

    def clear(self) -> None:
        with self._lock, _mapped(self._root):
            self._begin(None)

    def published(self) -> None:
        with self._lock:
            self._drafting = False
            self._sweep()

    def nearest(self, vector: Vectors, limit: int, where: Mapping[str, Any] | None) -> list[tuple[str, float]]:
        def ask(collection: Any) -> list[tuple[str, float]]:
            found = collection.query(
                query_embeddings=[vector],
                n_results=limit,
                where=dict(where) if where else None,
                include=["distances"],
            )
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            return [(id, 1.0 - distance) for id, distance in pairs]

        return self._read(ask, [])

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the stored vectors of some ids."""

        def ask(collection: Any) -> dict[str, Vectors]:
            result: dict[str, Vectors] = {}
            for part in self._parts(len(ids)):
                found = collection.get(ids=list(ids[part]), include=["embeddings"])
                for id, vector in zip(found["ids"], found["embeddings"], strict=True):
                    result[id] = np.asarray(vector, np.float32)
            return result

        return self._read(ask, {}) if ids else {}

    def ids(self) -> set[str]:
        version = self.version
        if not self._folder(version).is_dir() and version == self.version:
            return set()  # somebody has deleted it, or there was none yet
        return self._read(lambda collection: set(collection.get(include=[])["ids"]), set())

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = self._collection = None

    def _read(self, ask: Callable[[Any], T], nothing: T) -> T:
        """Ask the collection of the current version; again if that was replaced on the way."""
        with self._lock, _mapped(self._root):
            while True:
                version = self.version
                if version != self._version:
                    self.close()
                    self._version = version
                if version == 0:
                    return nothing
                try:
                    answer = ask(self._open())
                    self._check_file()
                    return answer
                except _foreign_errors():
                    self.close()
                    if self.version == version:
                        raise

    def _open(self) -> Any:
        if self._collection is None:
            self._file = (self._folder(self._version) / DATABASE).stat().st_ino
            self._connect()
            self._collection = self._client.get_collection(COLLECTION, embedding_function=None)
        return self._collection

    def _check_file(self) -> None:
        """Raise OSError if what was read has been deleted.

        Chroma reads its graph when it is first asked, and where the files are gone it makes empty ones.
        """
        if (self._folder(self._version) / DATABASE).stat().st_ino != self._file:
            raise FileNotFoundError(f"{self._folder(self._version)} was deleted")

    def _write(self, change: Callable[[Any], None]) -> None:
        """Change the draft, which is first made as a copy of the current version; a failed draft is dropped."""
        with self._lock, _mapped(self._root):
            try:
                if not self._drafting:
                    self._begin(self._folder(self._current()))
                change(self._collection)
            except BaseException:
                self._drafting = False
                self.close()
                self._sweep()
                raise

    def _begin(self, source: Path | None) -> None:
        begun = time.monotonic()
        self._drafting = False
        self.close()
        self._version = self._current()
        self._sweep()
        # A number is never used twice, so that no reader takes a new version for the one that it knows.
        self._version = max([self._version, *self._numbers()]) + 1
        folder = self._folder(self._version)
        folder.mkdir(parents=True)
        if source is not None and source.is_dir():
            _copy(source, folder)
        self._connect()
        self._collection = self._client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", "ef_search": EFFORT, **SAVING}},
        )
        self._file = (folder / DATABASE).stat().st_ino
        self._drafting = True
        self.draft_seconds = time.monotonic() - begun

    def _connect(self) -> None:
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False, is_persistent=True)
        try:
            self._client = chromadb.PersistentClient(str(self._folder(self._version)), settings=settings)
        except BaseException:
            SharedSystemClient.clear_system_cache()  # which would give out what failed the next time
            raise

    def _folder(self, version: int) -> Path:
        return self._root / str(version)

    def _numbers(self) -> list[int]:
        if not self._root.is_dir():
            return []
        return [int(path.name) for path in self._root.iterdir() if path.name.isdecimal()]

    def _sweep(self) -> None:
        """Delete every version but the current: older ones, and drafts of processes that were killed."""
        current = self._folder(self._current())
        for path in list(self._root.iterdir()) if self._root.is_dir() else ():
            if path != current:
                _delete(path)

    def _parts(self, count: int) -> list[slice]:
        step = self._client.get_max_batch_size()
        return [slice(i, i + step) for i in range(0, count, step)]


def _copy(source: Path, target: Path) -> None:
    """Copy a version: its database by SQLite itself, for a reader may have it open, and the rest as it is."""
    with (
        closing(sqlite3.connect(source / DATABASE)) as old,
        closing(sqlite3.connect(target / DATABASE)) as new,
    ):
        old.backup(new)
    for path in source.iterdir():
        if path.is_dir():
            shutil.copytree(path, target / path.name)


def _delete(path: Path) -> None:
    """Delete a version at one stroke, as a process that begins to read it sees it; a later run tries again."""
    grave = path.with_name("deleted")
    shutil.rmtree(grave, ignore_errors=True)
    with suppress(OSError):
        path.rename(grave)
    shutil.rmtree(grave, ignore_errors=True)
    if grave.is_file():
        grave.unlink()


def _foreign_errors() -> tuple[type[Exception], ...]:
    from chromadb.errors import ChromaError

    return ChromaError, sqlite3.Error, OSError, ValueError, RuntimeError


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    """Turn Chroma's errors into LibraryDamaged, with what to do next."""
    try:
        yield
    except _foreign_errors() as error:
        raise LibraryDamaged(
            f"The vectors in {path} cannot be used: {error}. Check the disk's free space, then make them again "
            "from the catalog: footnote index --rebuild"
        ) from error
