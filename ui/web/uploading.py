"""Files that people send from their browsers: checked, named safely, and kept whole or not at all.

Every upload has a folder of its own in ``uploads/`` of the library, named by a hash of its name and content: what was
uploaded is never overwritten by something else, and the file's own name, which its article is called by, stays
readable. A mark beside the file says that it still waits to be indexed, so that a server that was killed takes it up
again; what gave no article is deleted.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
import unicodedata
from collections.abc import AsyncIterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from vectorstore.errors import FootnoteError, UsageError
from vectorstore.reading import MAX_BYTES, READERS

FOLDER = "uploads"
LONGEST_NAME = 120  # characters
LONGEST_BYTES = 200  # file systems end at 255, and count bytes
STALE = 3600.0  # seconds after which a file that was never received whole is swept away
_TOKEN = re.compile(r"[0-9a-f]{32}")
_DRAFT = ".part-"
_WAITING = ".waiting"
_FORBIDDEN = re.compile(r'[<>:"|?*]')  # that some file systems refuse; no name needs them


class TooLarge(UsageError):
    """An upload is larger than what can be read."""

    status = 413  # of the response in HTTP


class Unkept(FootnoteError):
    """An upload cannot be written; the message says why."""

    status = 507


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was received whole; `token` stands for it, `name` is its own, made safe."""

    token: str
    name: str
    path: Path


class Uploads:
    """The uploads of one library; may be used by many threads."""

    def __init__(self, library: Path) -> None:
        self._root = Path(os.path.abspath(library)) / FOLDER  # noqa: PTH100  (as vectorstore.reading.find_files)

    async def receive(self, name: str, chunks: AsyncIterable[bytes]) -> Upload:
        """Keep what arrives under a name; raises UsageError where it cannot be read as an article.

        Raises TooLarge, without waiting for the rest, and Unkept.
        """
        name = safe_name(name)
        draft, digest, size = self._draft(), hashlib.sha256(), 0
        with _whole(draft):
            with draft.open("wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > MAX_BYTES:
                        raise _too_large(name)
                    digest.update(chunk)
                    file.write(chunk)
            if not size:
                raise UsageError(f"{name} is empty. Choose a file with text in it.")
            return self._keep(draft, name, digest.hexdigest())

    def paste(self, title: str, text: str, published: str, source: str) -> Upload:
        """Keep a text that was typed or pasted, as a file of one article; raises UsageError and Unkept."""
        if not text.strip():
            raise UsageError("There is no text: paste some, and add it again.")
        fields = {"title": title.strip(), "text": text, "date": iso_day(published), "source": source.strip()}
        line = json.dumps({key: value for key, value in fields.items() if value}).encode() + b"\n"
        if len(line) > MAX_BYTES:
            raise _too_large("The text")
        stem = title.strip() or " ".join(text.split()[:8])
        draft = self._draft()
        with _whole(draft):
            draft.write_bytes(line)
            return self._keep(draft, safe_name(f"{stem}.jsonl"), hashlib.sha256(line).hexdigest())

    def find(self, token: str) -> Upload:
        """Return an upload by its token; raises UsageError where there is none."""
        if _TOKEN.fullmatch(token):
            for path in self._files(self._root / token):
                return Upload(token, path.name, path)
        raise UsageError("A file that is to be indexed is not here any more. Upload it again.")

    def settle(self, upload: Upload, *, keep: bool) -> None:
        """Note that an upload has been indexed; without `keep`, delete it."""
        with suppress(OSError):
            (upload.path.parent / _WAITING).unlink(missing_ok=True)
        if not keep:
            shutil.rmtree(upload.path.parent, ignore_errors=True)

    def at(self, path: str) -> Upload | None:
        """Return the upload whose file this path is, if it is one."""
        file = Path(path)
        is_ours = file.parent.parent == self._root and _TOKEN.fullmatch(file.parent.name)
        return Upload(file.parent.name, file.name, file) if is_ours else None

    def take_up(self) -> list[Upload]:
        """Return what was uploaded and never indexed, and delete what was never received whole."""
        if not self._root.is_dir():
            return []
        for draft in self._root.glob(f"{_DRAFT}*"):
            with suppress(OSError):  # a second server of this library may be receiving it
                if draft.stat().st_mtime < time.time() - STALE:
                    draft.unlink()
        folders = sorted(mark.parent for mark in self._root.glob(f"*/{_WAITING}"))
        return [Upload(folder.name, path.name, path) for folder in folders for path in self._files(folder)]

    def _draft(self) -> Path:
        with _whole():
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, path = tempfile.mkstemp(prefix=_DRAFT, dir=self._root)
            os.close(handle)
        return Path(path)

    def _keep(self, draft: Path, name: str, digest: str) -> Upload:
        token = hashlib.sha256(f"{name}\0{digest}".encode()).hexdigest()[:32]
        folder = self._root / token
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / _WAITING).touch()
        draft.replace(folder / name)
        return Upload(token, name, folder / name)

    @staticmethod
    def _files(folder: Path) -> Sequence[Path]:
        return sorted(path for path in folder.glob("*") if not path.name.startswith(".")) if folder.is_dir() else ()


@contextmanager
def _whole(draft: Path | None = None) -> Iterator[None]:
    """Delete a draft whatever goes wrong, and turn the file system's errors into sentences."""
    try:
        yield
    except BaseException as error:
        if draft is not None:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        reason = (error.strerror or type(error).__name__).lower()
        raise Unkept(
            f"The file could not be kept: {reason}. Whoever runs footnote has to make room, or the library's "
            "folder writable; then add it again."
        ) from error


def safe_name(given: str) -> str:
    """Return a name that is safe as a file's, from one that is not trusted; raises UsageError for an unknown suffix.

    Folders, control characters, marks that turn the direction of writing, and what some systems refuse go.
    """
    plain = unicodedata.normalize("NFKC", given)  # first: it can make a "/" of what looked like none
    base = re.split(r"[/\\]", plain)[-1]
    base = "".join(char for char in base if not unicodedata.category(char).startswith("C"))
    base = " ".join(_FORBIDDEN.sub(" ", base).split())
    stem, dot, ending = base.rpartition(".")
    suffix = f"{dot}{ending}".lower()
    if suffix not in READERS:
        known = ", ".join(READERS)
        raise UsageError(f"{base or 'A file without a name'} cannot be read as an article; these can: {known}")
    stem = stem.strip(". ")[: LONGEST_NAME - len(suffix)]
    stem = stem.encode()[: LONGEST_BYTES - len(suffix)].decode(errors="ignore")
    return (stem.rstrip(". ") or "article") + suffix


def iso_day(text: str) -> str | None:
    """Return a day such as "2015-09-25", or None for an empty text; raises UsageError."""
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError as error:
        raise UsageError(f"{text} is no day. Write it as year-month-day, such as 2015-09-25.") from error


def _too_large(name: str) -> TooLarge:
    return TooLarge(
        f"{name} is larger than {MAX_BYTES // 1_000_000} MB. Split it into smaller files, or index it in a terminal: "
        "footnote index FILE"
    )
