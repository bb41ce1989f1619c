"""A library: one folder that holds a catalog and the vectors derived from it."""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from vectorstore.catalog import Catalog
from vectorstore.embedding import DEFAULT_MODEL, Embedder, load_embedder
from vectorstore.errors import LibraryBusy, LibraryDamaged, LibraryMismatch
from vectorstore.vectors import ChromaVectors, VectorStore

DEFAULT_FOLDER = ".footnote"
LOCK_FILE = "lock"
LAYOUT = "1"  # raise it when sentences, passages or what is embedded of them change
PASSAGE_TOKENS = 200  # title and body together stay inside the 256 tokens that MiniLM sees


@dataclass(frozen=True, slots=True)
class Status:
    """What is in a library, and what is wrong with it; `problems` is empty when it is whole."""

    folder: Path
    embedding: str
    articles: int
    pending: int
    sentences: int
    passages: int
    vectors: int
    files: int
    size_bytes: int
    problems: tuple[str, ...]


class Library:
    """An open library; may be read by many threads, and written under `writing` alone.

    The embedding model and Chroma are loaded when they are first needed: to list articles takes
    neither.
    """

    def __init__(self, folder: Path, catalog: Catalog, load: Callable[[], Embedder]) -> None:
        self.folder = folder
        self.catalog = catalog
        self._load = load
        self._version = 0

    @classmethod
    def open(
        cls,
        folder: Path,
        model: str | None = None,
        threads: int | None = None,
        load: Callable[[str, int | None], Embedder] = load_embedder,
    ) -> "Library":
        """Open an existing library with the model that made it; raises LibraryMissing.

        `load` makes an embedder of a model's name and a number of threads.
        """
        catalog = Catalog.open(folder)
        name = model or catalog.setting("model") or DEFAULT_MODEL
        return cls(folder, catalog, lambda: load(name, threads))

    @classmethod
    def create(cls, folder: Path, model: str, embedder: Embedder) -> "Library":
        """Make an empty library that remembers an embedding model."""
        return cls(folder, Catalog.create(folder, index_settings(model, embedder)), lambda: embedder)

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model; raises LibraryMismatch if it is not the one that made the vectors."""
        embedder = self._load()
        _check_model(self.folder, embedder, self.catalog)
        return embedder

    @cached_property
    def vectors(self) -> VectorStore:
        """The vectors, always in the version that is current, whichever process wrote it."""
        return ChromaVectors(self.folder, self._vectors_version)

    def _vectors_version(self) -> int:
        version = self.catalog.vectors_version()
        if version != self._version and "embedder" in self.__dict__:  # another model may have made it
            _check_model(self.folder, self.embedder, self.catalog)
        self._version = version
        return version

    @property
    def settings_digest(self) -> str:
        """What besides its content decides how an article is stored."""
        return f"{self.catalog.setting('embedding')}/{self.catalog.setting('layout')}"

    @contextmanager
    def writing(self, wait: float = 0.0, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold the library's lock for writing; see `write_lock`."""
        with write_lock(self.folder, wait, on_wait):
            yield

    def remove(self, article_ids: list[str]) -> None:
        """Remove articles; call under `writing`. A process killed on the way leaves no trace of them."""
        self.catalog.remove(article_ids)
        self.publish()

    def publish(self, ready: Collection[str] = ()) -> None:
        """Let articles answer whose vectors are stored, without the vectors of deleted passages."""
        doomed = self.catalog.doomed()
        self.vectors.delete(doomed)
        if not ready and self.vectors.version == self.catalog.vectors_version():
            return
        self.catalog.publish(self.vectors.version, ready, doomed)
        self.vectors.published()

    def status(self) -> Status:
        """Count what is in the library, and check that catalog and vectors agree."""
        counts = self.catalog.counts()
        problems = self.catalog.check()
        try:
            stored = self.vectors.ids()
            wanted = set(self.catalog.passage_ids())
            waiting = {*self.catalog.doomed(), *self.catalog.pending_passage_ids()}
            problems += _difference(wanted, stored, waiting)
        except LibraryDamaged as error:
            stored = set()
            problems.append(str(error))
        if counts.pending:
            problems.append(f"{counts.pending} articles wait for their vectors: run footnote index again")
        if counts.doomed:
            problems.append(f"{counts.doomed} vectors of removed articles wait to be removed: run footnote index again")
        return Status(
            folder=self.folder,
            embedding=self.catalog.setting("embedding") or "",
            articles=counts.articles,
            pending=counts.pending,
            sentences=counts.sentences,
            passages=counts.passages,
            vectors=len(stored),
            files=counts.files,
            size_bytes=_size(self.folder),
            problems=tuple(problems),
        )

    def close(self) -> None:
        """Close the catalog, and the vectors if they were opened."""
        if "vectors" in self.__dict__:
            self.vectors.close()
        self.catalog.close()


def index_settings(model: str, embedder: Embedder) -> dict[str, str]:
    """Return what a library remembers of how it was made."""
    return {"model": model, "embedding": embedder.identity, "layout": LAYOUT}


def default_folder() -> Path:
    """Return FOOTNOTE_LIBRARY, else `.footnote` in the current folder."""
    return Path(os.environ.get("FOOTNOTE_LIBRARY") or DEFAULT_FOLDER)


@contextmanager
def write_lock(folder: Path, wait: float = 0.0, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Let one process at a time write to a library; `wait` is in seconds.

    `on_wait` is called once if another process holds the lock. Raises LibraryBusy when the wait is
    over. The lock ends with the process that holds it, however that ends.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK_FILE)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if on_wait:
                on_wait()
            lock.acquire(timeout=wait)
    except Timeout as error:
        raise LibraryBusy(
            f"Another process is writing to the library at {folder}. Try again when it is done, "
            "or wait longer with --wait SECONDS."
        ) from error
    except OSError as error:
        raise LibraryDamaged(f"The library at {folder} cannot be written: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()


def start_rebuild(library: Library, settings: dict[str, str]) -> None:
    """Throw away all that is derived, so that the next indexing makes it again; safe to interrupt."""
    library.vectors.clear()
    library.catalog.start_over(library.vectors.version, settings)
    library.vectors.published()


def _check_model(folder: Path, embedder: Embedder, catalog: Catalog) -> None:
    made_by = catalog.setting("embedding")
    if embedder.identity != made_by:
        raise LibraryMismatch(
            f"The library at {folder} was made with {made_by}, not with {embedder.identity}. Leave out "
            f"--embedding to use it, or make its vectors anew: footnote index --rebuild --embedding MODEL"
        )


def _size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):  # which passes over what another process deletes meanwhile
        for name in names:
            with suppress(OSError):
                total += Path(parent, name).stat().st_size
    return total


def _difference(wanted: set[str], stored: set[str], waiting: set[str]) -> list[str]:
    advice = "run footnote index again"
    problems = []
    if missing := len(wanted - stored):
        problems.append(f"{missing} passages have no vectors; {advice}")
    if strange := len(stored - wanted - waiting):
        problems.append(f"{strange} vectors belong to no passage; {advice}")
    return problems
