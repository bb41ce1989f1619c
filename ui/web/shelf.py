"""The routes of the library tab: its table, removing, and adding what people send from their browsers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from ui.web.adding import Jobs
from ui.web.desk import Desk
from ui.web.guarding import person_of
from ui.web.shelf_table import Column, Shelf, Wanted, draw_shelf
from ui.web.uploading import TooLarge, Unkept, Upload, Uploads, iso_day
from vectorstore.embedding import Embedder, load_embedder
from vectorstore.errors import ArticleUnknown, LibraryBusy
from vectorstore.library import Library

PATIENCE = 5.0  # seconds that a removal waits for an indexing
FILES_AT_ONCE = 20_000
Person = Annotated[str, Depends(person_of)]


class Chosen(BaseModel):
    """Articles, by their ids."""

    ids: list[str] = Field(min_length=1, max_length=1000)


class Received(BaseModel):
    """Uploads, by their tokens."""

    files: list[str] = Field(min_length=1, max_length=FILES_AT_ONCE)


class Pasted(BaseModel):
    """A text that was typed or pasted."""

    text: str
    title: str = Field("", max_length=1000)
    published: str = Field("", max_length=10)
    source: str = Field("", max_length=1000)


def routes(desk: Desk, load: Callable[[str, int | None], Embedder] = load_embedder) -> APIRouter:
    """Return the routes under /library; `load` makes the embedder of what is added.

    When the application that has them starts, what a killed server left is indexed; when it ends, indexing is broken
    off.
    """
    uploads = Uploads(desk.folder)
    jobs = Jobs(desk.folder, desk.catalog, uploads, load)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        jobs.take_up()
        yield
        await run_in_threadpool(jobs.end)

    router = APIRouter(prefix="/library", dependencies=[Depends(person_of)], lifespan=lifespan)
    _table(router, desk, uploads)
    _adding(router, uploads, jobs)
    return router


def _table(router: APIRouter, desk: Desk, uploads: Uploads) -> None:
    shelf = Shelf(desk.catalog)

    @router.get("/articles")
    def articles(
        search: Annotated[str, Query(max_length=500)] = "",
        source: Annotated[str, Query(max_length=500)] = "",
        since: str = "",
        until: str = "",
        sort: Column = "published",
        desc: bool = True,
        page: int = 1,
    ) -> HTMLResponse:
        wanted = Wanted(search, source, iso_day(since) or "", iso_day(until) or "", sort, desc, page)
        return HTMLResponse(draw_shelf(shelf.all(), shelf.find(wanted), wanted))

    @router.post("/remove")
    def remove(chosen: Chosen) -> dict[str, int]:
        ids = [id for id in dict.fromkeys(chosen.ids) if desk.catalog.fingerprint(id) is not None]
        if not ids:
            raise ArticleUnknown("There is no such article in the library any more.")
        files = {path for id in ids for path in desk.catalog.origins_of(id)}
        _remove(desk, ids)
        for upload in filter(None, map(uploads.at, files)):
            uploads.settle(upload, keep=bool(desk.catalog.origins(str(upload.path))))
        return {"removed": len(ids)}


def _adding(router: APIRouter, uploads: Uploads, jobs: Jobs) -> None:
    @router.post("/upload")
    async def upload(request: Request, name: Annotated[str, Query(max_length=2000)]) -> JSONResponse:
        """Receive one file, which is the body of the request: it is never held as a whole."""
        try:
            return _received(await uploads.receive(name, request.stream()))
        except (TooLarge, Unkept) as error:
            return _refused(error)

    @router.post("/paste")
    def paste(pasted: Pasted) -> JSONResponse:
        try:
            return _received(uploads.paste(pasted.title, pasted.text, pasted.published, pasted.source))
        except (TooLarge, Unkept) as error:
            return _refused(error)

    @router.post("/index")
    def begin(received: Received, person: Person) -> dict[str, Any]:
        files = [uploads.find(token) for token in dict.fromkeys(received.files)]
        return jobs.told(person, jobs.begin(person, files))

    @router.get("/jobs")
    def unfinished(person: Person) -> list[str]:
        return jobs.unfinished(person)

    @router.get("/jobs/{id}")
    def job(id: str, person: Person, after: Annotated[int, Query(ge=0)] = 0) -> dict[str, Any]:
        return jobs.told(person, id, after)


def _remove(desk: Desk, ids: list[str]) -> None:
    """Remove articles in a library of its own, as an indexing would, so that questions go on being answered."""
    library = Library.open(desk.folder)
    try:
        with library.writing(wait=PATIENCE):
            library.remove(ids)
    except LibraryBusy as error:
        raise LibraryBusy("Articles are being indexed just now. Remove these when that is done.") from error
    finally:
        library.close()


def _received(upload: Upload) -> JSONResponse:
    return JSONResponse({"token": upload.token, "name": upload.name})


def _refused(error: TooLarge | Unkept) -> JSONResponse:
    return JSONResponse({"error": {"message": str(error)}}, error.status)
