"""`footnote ui` in a process of its own, as a person starts it; every look that it takes at another machine is told.

    with serving(library, folder) as served:
        page.goto(served.url)

Run as a module it is that process: the command line of footnote with its connections watched.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STARTING = 120.0  # seconds; two busy cores are slow to load a model
HERE = ("127.0.0.1", "::1", "localhost", "", None)
WATCHED = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_OURS = re.compile(r"(FOOTNOTE_(?!CACHE)|OPENAI_|GRADIO_|MCP_)|.*_proxy$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Served:
    """A process that serves the page at `url` from `folder`; what it says is in the file `errors`."""

    url: str
    process: "subprocess.Popen[bytes]"
    folder: Path
    errors: Path


@contextmanager
def serving(library: Path, folder: Path, *options: str, **environment: str) -> Iterator[Served]:
    """Run `footnote ui` on a library until the block ends, in `folder`, on a free port of this machine.

    `options` are of the command line, as is `environment`: of what begins with FOOTNOTE_, OPENAI_ or GRADIO_ it has
    nothing else, save where models are cached. Fails if the process looked at another machine, or said a traceback.
    """
    folder.mkdir(parents=True, exist_ok=True)
    errors = folder / "stderr"
    command = [sys.executable, "-m", __name__, "ui", "--library", str(library), "--port", "0", *options]
    inherited = {name: value for name, value in os.environ.items() if not _OURS.match(name)}
    environment = {**inherited, "PYTHONPATH": str(ROOT), **environment}
    with errors.open("wb") as stderr:
        process = subprocess.Popen(command, cwd=folder, stdout=stderr, stderr=stderr, env=environment)
    try:
        yield Served(_wait_for_address(process, errors), process, folder, errors)
    finally:
        process.terminate()
        try:
            process.wait(15)
        finally:
            process.kill()
    said = errors.read_text("utf-8", "replace")
    assert "LEFT " not in said, f"the server looked at another machine:\n{said}"
    assert "Traceback" not in said, said


def _wait_for_address(process: "subprocess.Popen[bytes]", errors: Path) -> str:
    for _ in range(int(STARTING / 0.1)):
        if found := re.search(r"Footnote is at (http\S+)", errors.read_text("utf-8", "replace")):
            return found[1]
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"the page did not start:\n{errors.read_text('utf-8', 'replace')}")


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event not in WATCHED:
        return
    target = args[1] if event in ("socket.connect", "socket.sendto") else args
    if isinstance(target, tuple) and target[0] not in HERE:  # the address of a Unix socket is a string
        sys.stderr.write(f"LEFT {event} {target}\n")
        sys.stderr.flush()


def _main() -> None:
    sys.addaudithook(_watch)
    from ui.cli import main

    sys.argv[0] = "footnote"
    main()


if __name__ == "__main__":
    _main()
