"""A chat server on this machine for tests: the parts of OpenAI's and Ollama's protocols that Footnote uses."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORDS = ("The", " harbour", " froze", ".")


@dataclass
class ChatServer:
    """What it does next: each status in `statuses` once, then 200 with `reply`, piece by piece where it streams.

    `pause` is waited before each piece, in seconds; `left` counts the streams whose reader did not wait for the end.
    `asked` holds (path, headers, body) of each call.
    """

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    error: dict[str, Any] = field(default_factory=lambda: {"message": "no"})
    delay: float = 0.0
    pause: float = 0.0
    left: int = 0
    break_off: bool = False
    models: tuple[str, ...] = ("tiny",)
    reply: tuple[str, ...] = WORDS
    finish: str = "stop"
    asked: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[ChatServer]:
    """Serve on a free port of this machine."""
    state = ChatServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append((self.path, dict(self.headers), {}))
            if state.statuses:
                self.say(state.statuses.pop(0), {"error": state.error})
            elif self.path == "/api/tags":
                self.say(200, {"models": [{"name": name} for name in state.models]})
            elif self.path == "/v1/models":
                self.say(200, {"data": [{"id": name} for name in state.models]})
            else:
                self.say(404, {"error": state.error})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append((self.path, dict(self.headers), body))
            time.sleep(state.delay)
            if state.statuses:
                self.say(state.statuses.pop(0), {"error": state.error})
            elif body.get("stream"):
                self.stream()
            else:
                message = {"role": "assistant", "content": "".join(state.reply)}
                self.say(200, {"id": "1", "model": "tiny", "choices": [{"index": 0, "message": message}]})

        def stream(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Content-Length", "100000" if state.break_off else str(sum(map(len, self.events()))))
            self.end_headers()
            try:
                for event in self.events()[: 2 if state.break_off else None]:
                    time.sleep(state.pause)
                    self.wfile.write(event)
                    if state.pause and self.is_alone():
                        raise ConnectionResetError
            except ConnectionError:
                state.left += 1

        def is_alone(self) -> bool:
            """Tell whether the reader has closed the connection, which a write alone notices late."""
            try:
                return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:
                return False

        def events(self) -> list[bytes]:
            deltas = [({"role": "assistant", "content": word}, None) for word in state.reply] + [({}, state.finish)]
            parts = [
                {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "tiny",
                 "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
                for delta, finish in deltas
            ]  # fmt: skip
            return [f"data: {json.dumps(part)}\n\n".encode() for part in parts] + [b"data: [DONE]\n\n"]

        def say(self, status: int, value: dict[str, Any]) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
