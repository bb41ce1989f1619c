"""Articles for the reading panel: the whole text, sentence by sentence, the cited ones marked where they stand."""

from collections.abc import Collection, Iterator
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from assistant.chat.listing import READY
from ui.web.desk import QUOTE, Desk
from ui.web.guarding import person_of
from vectorstore.errors import UsageError
from vectorstore.values import StoredArticle


def routes(desk: Desk) -> APIRouter:
    """Return the routes that the reading panel and the choice of an answerer are filled from."""
    router = APIRouter(prefix="/reading", dependencies=[Depends(person_of)])

    @router.get("/article")
    def article(id: str, at: int | None = None, cited: str = "", hash: str = "") -> HTMLResponse:
        stored = desk.catalog.article(desk.catalog.resolve(id))
        changed = bool(hash) and hash != stored.article.content_hash
        return HTMLResponse(draw_article(stored, () if changed else _ordinals(cited), None if changed else at, changed))

    @router.get("/who")
    def who(person: Annotated[str, Depends(person_of)]) -> dict[str, str | None]:
        kind, _, name = person.partition(":")
        return {"name": name if kind == "user" else None}

    @router.get("/answerers")
    def answerers() -> list[dict[str, Any]]:
        rows = desk.answerers.known()
        default = desk.answerers.default
        return [
            {"name": QUOTE, "ready": True, "state": READY, "advice": "", "chosen": not default},
            *(
                {"name": row.name, "ready": row.state == READY, "state": row.state, "advice": row.advice}
                | {"chosen": row.name == default}
                for row in rows
            ),
        ]

    return router


def draw_article(stored: StoredArticle, cited: Collection[int], at: int | None, changed: bool = False) -> str:
    """Return an article as HTML; `cited` and `at` are ordinals of the sentences to mark, and of the one to go to."""
    article = stored.article
    parts = [*(part for part in (article.published, article.source) if part), f"{len(stored.sentences)} sentences"]
    about = " · ".join(f"<bdi>{escape(part)}</bdi>" for part in parts)
    remark = (
        '<p class="small error">This article has changed since it was cited, so that nothing is marked in it.</p>'
        if changed
        else ""
    )
    return (
        f'<header><h2 dir="auto" id="reading-title">{escape(article.title)}</h2>'
        f'<p class="small">{about}</p>{remark}</header>'
        f'<div class="text" data-article="{escape(article.id)}">{"".join(_paragraphs(stored, cited, at))}</div>'
    )


def _paragraphs(stored: StoredArticle, cited: Collection[int], at: int | None) -> Iterator[str]:
    """Yield the paragraphs: a line break between two sentences begins another."""
    text = stored.article.text
    marked = set(cited) if at is None else {*cited, at}
    pieces: list[str] = []
    end = 0
    for sentence in stored.sentences:
        between = text[end : sentence.start]
        if "\n" in between and pieces:
            yield _paragraph(pieces)
            pieces = []
        elif between:
            pieces.append(escape(between))
        looks = [
            "sentence",
            *(["cited"] if sentence.ordinal in marked else []),
            *(["at"] if sentence.ordinal == at else []),
        ]
        marks = ' tabindex="-1"' if len(looks) > 1 else ""
        said = escape(text[sentence.start : sentence.end])
        pieces.append(f'<span class="{" ".join(looks)}" data-ordinal="{sentence.ordinal}"{marks}>{said}</span>')
        end = sentence.end
    if pieces:
        yield _paragraph(pieces)


def _paragraph(pieces: list[str]) -> str:
    return f'<p dir="auto">{"".join(pieces)}</p>'


def _ordinals(text: str) -> set[int]:
    """Return the numbers of a list such as "3,7"."""
    try:
        return {int(part) for part in text.split(",") if part}
    except ValueError as error:
        raise UsageError("The sentences to mark are numbers with commas between them, such as 3,7") from error
