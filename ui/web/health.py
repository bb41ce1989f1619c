"""Whether the served library can be read, for whatever watches over the process."""

import logging
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from ui.web.desk import Desk
from vectorstore.errors import FootnoteError

LOG = logging.getLogger(__name__)
UNREADABLE = "The library cannot be read. The terminal that runs footnote says why."


def routes(desk: Desk) -> APIRouter:
    """Return the route of /health: 200 where the catalog can be read, else 503; no path and no name is told.

    Who would have to sign in is told that it is well or not, and nothing else.
    """
    router = APIRouter()

    @router.get("/health")
    def health(request: Request) -> JSONResponse:
        known = getattr(request.state, "person", None) is not None
        try:
            articles = desk.catalog.counts().articles
        except FootnoteError as error:
            LOG.error("%s", error)
            told: dict[str, Any] = {"error": {"message": UNREADABLE}} if known else {}
            return JSONResponse({"status": "unavailable", **told}, 503)
        told = {"articles": articles, "version": version("footnote-assistant")} if known else {}
        return JSONResponse({"status": "ok", **told})

    return router
