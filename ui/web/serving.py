"""The served process: the page, and what other programs ask of it, behind one guard."""

import logging
import os
import socket
import sys
import webbrowser
from asyncio import CancelledError
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from threading import Thread

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Route

from assistant.answering import Assistant, Found
from assistant.assembly import open_assistant, with_model
from ui.web import chat_routes, eval_runs, health, openai_api, reading, shelf
from ui.web.conversing import Conversing
from ui.web.desk import Desk, open_desk
from ui.web.guarding import guard, may_serve, person_of
from ui.web.mcp_server import mcp_app
from ui.web.page import build_page, mount_page
from ui.web.users import Users
from vectorstore.errors import ArticleUnknown, FootnoteError, LibraryBusy, UsageError
from vectorstore.indexing import index

LOG = logging.getLogger(__name__)
STATUSES = ((ArticleUnknown, 404), (UsageError, 400), (LibraryBusy, 409), (FootnoteError, 500))


def serve(
    folder: Path,
    *,
    model: str = "",
    base_url: str | None = None,
    nli: str | None = None,
    reader: str | None = None,
    risk: float | None = None,
    host: str = "127.0.0.1",
    port: int = 7860,
    open_browser: bool = False,
) -> None:
    """Serve a library's page until it is interrupted; a library that is not there is made, empty.

    `model` is the chat model that answers by default, and may be ""; port 0 takes a free one. Raises UsageError where
    `host` is beyond this machine and nobody has a password, and where `port` cannot be had.
    """
    users = Users(folder / "users.json")
    may_serve(host, users)
    with listening(host, port) as sock:
        if not (folder / "catalog.sqlite").exists():
            index(folder, [])
        quoting = open_assistant(folder, model="none", reader=reader, risk=risk)

        def open_model(assistant: Assistant, name: str) -> Assistant:
            return with_model(assistant, name, base_url=base_url if name == model else None, nli=nli)

        desk = open_desk(folder, quoting, model, open_model)
        if model:
            desk.answerers.choose(model)  # a model that cannot be had is an error now, in the terminal
        Thread(target=_warm, args=(quoting,), daemon=True).start()
        _run(web_app(desk, users, host), sock, host, open_browser)


def web_app(desk: Desk, users: Users, host: str = "127.0.0.1", runs: Path = Path("runs")) -> FastAPI:
    """Return the application: our own routes, and Gradio's page at the root; `runs` is the folder of the evals."""
    mcp, running = mcp_app(desk)
    conversing = Conversing(desk)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running:
            yield

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    explain_errors(app)
    for router in (
        chat_routes.routes(desk, conversing),
        eval_runs.routes(runs),
        health.routes(desk),
        openai_api.routes(desk),
        reading.routes(desk),
        shelf.routes(desk),
    ):
        app.include_router(router)
    app.router.routes.append(Route("/mcp", endpoint=mcp))
    guard(app, users, host, desk.folder / "session.key")
    return mount_page(app, build_page(desk, conversing), person_of)


def explain_errors(app: FastAPI) -> None:
    """Have an application answer errors with their sentences, as JSON: {"error": {"message"}}."""
    app.add_exception_handler(FootnoteError, _explain)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _refused)


async def _malformed(_: Request, error: Exception) -> JSONResponse:
    return _sentence("This request is not as it should be. Load the page again.", 422)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _sentence(str(error.detail), error.status_code)


async def _explain(_: Request, error: Exception) -> JSONResponse:
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    return _sentence(str(error), status)


def _sentence(message: str, status: int) -> JSONResponse:
    return JSONResponse({"error": {"message": message}}, status)


def _warm(assistant: Assistant) -> None:
    """Load the models while the page is opened, or the first question would wait for them; it tells what goes wrong."""
    with suppress(FootnoteError), closing(assistant.stream("What is there?", k=1)) as events:
        for event in events:
            if isinstance(event, Found):
                return


def _run(app: FastAPI, sock: socket.socket, host: str, open_browser: bool) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="warning",
        timeout_graceful_shutdown=1,  # every open tab holds a connection, to be waited for without end
        server_header=False,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_no_farewell)
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{sock.getsockname()[1]}"
    sys.stderr.write(f"Footnote is at {address} (Ctrl-C ends it)\n")
    sys.stderr.flush()
    if open_browser:  # its request waits in the socket's backlog until the server accepts
        webbrowser.open(address)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[sock])


def _is_no_farewell(record: logging.LogRecord) -> bool:
    """Tell what a person should read from what uvicorn says of tabs that are open when it ends."""
    cancelled = record.exc_info is not None and isinstance(record.exc_info[1], CancelledError)
    return not cancelled and "timeout graceful shutdown" not in record.getMessage()


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen at a host and port; raises UsageError where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as sock:
        if os.name == "posix":  # elsewhere the option would share a port that is taken
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen()
        except socket.gaierror as error:
            raise UsageError(f"{host} is no address of this machine. Name another with --host.") from error
        except (OSError, OverflowError) as error:
            reason = (getattr(error, "strerror", None) or "ports end at 65535").lower()
            raise UsageError(f"Port {port} of {host} cannot be used: {reason}. Name another with --port.") from error
        yield sock
