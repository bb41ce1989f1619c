"""Opening files that others wrote: regular files only, no more of them than fits."""

import os
import stat
from io import BufferedReader
from pathlib import Path

from vectorstore.errors import ReadingError

MAX_BYTES = 50_000_000

_KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
    stat.S_IFSOCK: "it is a socket",
}


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading bytes.

    Anything else is refused without waiting: a pipe that nobody writes to would block an ordinary
    ``open`` for ever. Raises ReadingError and OSError.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError as error:
        raise ReadingError("its name cannot be a file's name") from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise ReadingError(f"{_KINDS.get(stat.S_IFMT(mode), 'it is no regular file')}, not a file with text")
    return os.fdopen(descriptor, "rb")


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the whole content of a file of at most `limit` bytes. Raises ReadingError and OSError."""
    with open_regular(path) as file:
        # The size on disk is not asked: it can be wrong (/proc), and the file can grow.
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ReadingError(
            f"it is larger than {limit // 1_000_000} MB: "
            "split it into articles, a file each, or a line each of one .jsonl file"
        )
    return data
