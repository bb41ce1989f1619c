"""What is kept of a person: under which name, locked against others who write, and what to say if the disk refuses."""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vectorstore.errors import LibraryBusy, LibraryDamaged

PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_WAIT = 30.0  # seconds for another process that writes to the same files


def key_of(person: str) -> str:
    """Return the name under which all that is a person's is kept; it does not say who they are."""
    return hashlib.sha256(person.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """Hold a file lock against threads and processes; its folder is made, readable by its owner alone.

    Raises LibraryBusy where another process does not let go, and LibraryDamaged where the disk refuses, be it the
    lock or what is written under it.
    """
    from filelock import FileLock, Timeout

    try:
        for folder in (lock.parent.parent, lock.parent):
            folder.mkdir(parents=True, mode=_PRIVATE_FOLDER, exist_ok=True)
        with FileLock(lock, timeout=_WAIT, mode=PRIVATE_FILE, poll_interval=0.01):
            yield
    except Timeout as error:
        raise LibraryBusy(f"Another process has been writing to {lock.parent} for long. Try again later") from error
    except OSError as error:
        raise LibraryDamaged(_refusal(lock.parent, error)) from error


def _refusal(folder: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"The disk is full, so this was not saved. Make room for {folder}, then try again"
    return f"{folder} cannot be written: {error.strerror or error}. This was not saved: make it writable, and try again"
