"""Files -> drafts of articles with canonical text. Nothing that a file holds stops the ones after it."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from vectorstore.errors import ReadingError
from vectorstore.formats import READERS, Reader
from vectorstore.formats.draft import Draft, Unreadable
from vectorstore.formats.files import MAX_BYTES

__all__ = ["MAX_BYTES", "READERS", "Draft", "Unreadable", "find_files", "is_gone", "read_articles"]


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files to read, absolute, sorted, each once: those named, and those in named folders.

    In folders only suffixes that can be read count, and hidden names are skipped. What is named
    outright, and a folder that cannot be listed, is in the list whatever it is, even when it does not
    exist: `read_articles` says what is wrong with it, so nothing is left out in silence.
    """
    found: dict[str, Path] = {}
    visited: set[tuple[int, int]] = set()
    for path in paths:
        start = Path(os.path.abspath(path))  # noqa: PTH100  (Path.absolute keeps "..", resolve follows links)
        for file in _walk(start, visited) if _is_folder(start) else (start,):
            real = os.path.realpath(file)
            if real not in found or file < found[real]:
                found[real] = file
    return sorted(found.values())


def read_articles(path: Path) -> Iterator[Draft | Unreadable]:
    """Yield the articles of one file in its order, and an Unreadable for each that is none.

    It raises nothing that a file can cause, and holds one article at a time.
    """
    try:
        yield from _reader_of(path)(path)
    except ReadingError as error:
        yield Unreadable(path, str(error))
    except OSError as error:
        yield Unreadable(path, (error.strerror or type(error).__name__).lower())


def _reader_of(path: Path) -> Reader:
    reader = READERS.get(path.suffix.lower())
    if reader is not None:
        return reader
    if _is_folder(path):
        with os.scandir(path):  # a folder is here when it could not be listed: the error says why
            raise ReadingError("it is a folder: name it to find_files")
    if is_gone(path):
        raise ReadingError("no such file or folder")
    known = ", ".join(READERS)
    raise ReadingError(f"{path.suffix or 'a file without a suffix'} cannot be read; these can: {known}")


def is_gone(path: Path) -> bool:
    """Return whether a path certainly leads nowhere; one that may not be looked at is not gone."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return True
    except OSError:
        return False
    return False


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  (Path.is_dir raises inside a folder that cannot be searched)


def _walk(folder: Path, visited: set[tuple[int, int]]) -> Iterator[Path]:
    """Yield the readable files below a folder; links to folders are followed, each folder once."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in visited:
                continue
            visited.add((status.st_dev, status.st_ino))
            entries = [entry for entry in current.iterdir() if not entry.name.startswith(".")]
        except OSError:
            yield current
            continue
        for entry in entries:
            if _is_folder(entry):
                waiting.append(entry)
            elif entry.suffix.lower() in READERS:
                yield entry
