"""URL -> file, checked by its SHA-256; a download that was broken off goes on where it stopped."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from assistant.chat.failures import address
from vectorstore.errors import ModelError

TRIES = 4


@dataclass(frozen=True, slots=True)
class Web:
    """What downloading needs of the world; `pause` waits so many seconds before the next try.

    `hub` is the address of a model hub; None is the one that huggingface_hub is set to.
    """

    client: httpx.Client
    pause: Callable[[float], None] = time.sleep
    hub: str | None = None

    @classmethod
    def open(cls) -> "Web":
        """Return the real one; httpx takes proxies and certificates from the environment."""
        return cls(httpx.Client(timeout=30, follow_redirects=True))

    def get(self, url: str, accept: str = "*/*") -> httpx.Response:
        """Return the answer to a small request; raises ModelError where there is none, or none that is right."""
        for attempt in range(TRIES):
            try:
                response = self.client.get(url, headers={"Accept": accept})
                response.raise_for_status()
                return response
            except httpx.HTTPError as error:
                self._pause_or_raise(attempt, error, url)
        raise AssertionError("the last try returns or raises")

    def download(self, url: str, target: Path, sha256: str | None, on_bytes: Callable[[int], None]) -> None:
        """Write what is at `url` to `target`, after what it has already; `on_bytes` is told its size so far.

        Raises ModelError; what has come is kept, unless it has another SHA-256 than it should.
        """
        for attempt in range(TRIES):
            try:
                self._fetch(url, target, on_bytes)
                break
            except httpx.HTTPError as error:
                self._pause_or_raise(attempt, error, url)
        if sha256 and digest_of(target) != sha256:
            target.unlink()
            raise ModelError(
                f"What came from {address(url)} is not what it should be (its SHA-256 differs), and was deleted. "
                "Pull it again: the same command goes on from what is right"
            )

    def _fetch(self, url: str, target: Path, on_bytes: Callable[[int], None]) -> None:
        have = target.stat().st_size if target.exists() else 0
        wanted = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
        with self.client.stream("GET", url, headers=wanted) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # all of it is there, or it is wrong, which its SHA-256 tells
            response.raise_for_status()
            goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT
            with target.open("ab" if goes_on else "wb") as file:
                for block in response.iter_raw():
                    file.write(block)
                    on_bytes(file.tell())

    def _pause_or_raise(self, attempt: int, error: httpx.HTTPError, url: str) -> None:
        """Wait longer each time for what may pass; raise ModelError for what will not."""
        status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else None
        if attempt + 1 < TRIES and (status is None or status == 429 or status >= 500):
            self.pause(2.0**attempt)
        elif status is None:
            raise ModelError(
                f"{address(url)} cannot be reached ({type(error).__name__}). Check the network and the proxy; the "
                "same command goes on where this one stopped"
            ) from error
        else:
            raise ModelError(f"{address(url)} answers {status} for {httpx.URL(url).path}") from error


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
