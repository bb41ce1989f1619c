"""The vectors of passages; the only importer of Chroma.

Vectors are derived from the catalog and can always be made again. Chroma's embedded store may be
written by one process at a time (the library's lock sees to it), and a process that reads does not
notice what another has written: `refresh` is for that.
"""

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from vectorstore.embedding import Vectors
from vectorstore.errors import LibraryDamaged

FOLDER_NAME = "chroma"
COLLECTION = "passages"
EFFORT = (
    200  # candidates that a search of Chroma's HNSW graph keeps (ef); 100 loses 1 % of the nearest at 40,000
)


class VectorStore(Protocol):
    """What a library needs of an engine for vectors."""

    def upsert(
        self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Mapping[str, str | int]]
    ) -> None:
        """Store vectors, in the place of any with the same ids."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove vectors; ids that are not there are passed over."""
        ...

    def nearest(
        self, vector: Vectors, limit: int, where: Mapping[str, Any] | None
    ) -> list[tuple[str, float]]:
        """Return up to `limit` (id, cosine similarity), most similar first."""
        ...

    def ids(self) -> set[str]:
        """Return every id."""
        ...

    def refresh(self) -> None:
        """See what other processes have written."""
        ...


class ChromaVectors:
    """Vectors in Chroma's embedded store, in a folder of the library."""

    def __init__(self, library: Path) -> None:
        self._path = library / FOLDER_NAME
        self._lock = threading.Lock()
        self._collection = self._open()

    def upsert(
        self, ids: Sequence[str], vectors: Vectors, metadata: Sequence[Mapping[str, str | int]]
    ) -> None:
        with _mapped(self._path):
            step = self._client.get_max_batch_size()
            for i in range(0, len(ids), step):
                part = slice(i, i + step)
                self._collection.upsert(
                    list(ids[part]), embeddings=vectors[part], metadatas=list(metadata[part])
                )

    def delete(self, ids: Sequence[str]) -> None:
        if ids:
            with _mapped(self._path):
                self._collection.delete(ids=list(ids))

    def nearest(
        self, vector: Vectors, limit: int, where: Mapping[str, Any] | None
    ) -> list[tuple[str, float]]:
        with _mapped(self._path):
            found = self._collection.query(
                query_embeddings=[vector],
                n_results=limit,
                where=dict(where) if where else None,
                include=["distances"],
            )
        return [
            (id, 1.0 - distance) for id, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the stored vectors of some ids."""
        with _mapped(self._path):
            found = self._collection.get(ids=list(ids), include=["embeddings"])
        return {
            id: np.asarray(v, np.float32) for id, v in zip(found["ids"], found["embeddings"], strict=True)
        }

    def ids(self) -> set[str]:
        with _mapped(self._path):
            return set(self._collection.get(include=[])["ids"])

    def refresh(self) -> None:
        with self._lock:
            self._collection = self._open()

    def _open(self) -> Any:
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        SharedSystemClient.clear_system_cache()  # else a second client of one path shares the first one's memory
        with _mapped(self._path):
            settings = Settings(anonymized_telemetry=False, is_persistent=True)
            self._client = chromadb.PersistentClient(str(self._path), settings=settings)
            return self._client.get_or_create_collection(
                COLLECTION,
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine", "ef_search": EFFORT}},
            )


def discard(library: Path) -> None:
    """Throw a library's vectors away; no process may have them open."""
    shutil.rmtree(library / FOLDER_NAME, ignore_errors=True)


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    """Turn Chroma's errors into LibraryDamaged, with what to do next."""
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, OSError, ValueError, RuntimeError) as error:
        raise LibraryDamaged(
            f"The vectors in {path} cannot be used: {error}. Check the disk's free space, then make them again "
            "from the catalog: footnote index --rebuild"
        ) from error
