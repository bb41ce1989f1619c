"""What the page asks of past chats: the list, deleting, copying an answer, and what somebody thinks of one."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel

from ui.web.chats import ChatLine
from ui.web.copying import as_html, as_markdown, as_text, harmless
from ui.web.guarding import person_of

if TYPE_CHECKING:
    from ui.web.conversing import Conversing
    from ui.web.desk import Desk

LONGEST_SEARCH = 200
FORMS = {"txt": as_text, "md": as_markdown, "html": as_html}
_GROUPS = ("Today", "Earlier this week", "Earlier")

Person = Annotated[str, Depends(person_of)]


class Rating(BaseModel):
    """What a person thinks of answer `number` (from 0) of a chat; a `rating` of null takes it back."""

    chat: str
    number: int
    rating: Literal["up", "down"] | None
    remark: str = ""


def routes(desk: "Desk", conversing: "Conversing") -> APIRouter:
    """Return the routes of past chats; each person has their own, and of others' nothing is told."""
    router = APIRouter()

    @router.get("/chats")
    def list_chats(person: Person, search: str = "") -> Response:
        words = search[:LONGEST_SEARCH].strip()
        return HTMLResponse(draw_list(desk.chats.listing(person, words), words, datetime.now().astimezone()))

    @router.delete("/chats")
    def delete_chats(person: Person) -> Response:
        return JSONResponse({"deleted": desk.chats.delete_all(person)})

    @router.delete("/chats/{id}")
    def delete_chat(person: Person, id: str) -> Response:
        return JSONResponse({"deleted": 1}) if desk.chats.delete(person, id) else _unknown("chat")

    @router.post("/chats/{id}/stop", status_code=204)
    def stop(person: Person, id: str) -> None:
        conversing.stop(person, id)

    @router.get("/chats/{id}/{number:int}.{form}")
    def copy_answer(person: Person, id: str, number: int, form: str) -> Response:
        chat = desk.chats.open(person, id)
        if chat is None or number >= len(chat.exchanges) or form not in FORMS:
            return _unknown("answer")
        answer = chat.exchanges[number].answer
        if answer is None:
            return _unknown("answer")
        # As text whatever the form: nothing that an article says is ever shown as a page of this site.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": "inline"}
        return PlainTextResponse(FORMS[form](answer), headers=headers)

    @router.post("/feedback")
    def rate(person: Person, given: Rating) -> Response:
        kept = desk.feedback.rate(person, given.chat, given.number, given.rating, given.remark)
        return _unknown("answer") if kept is None else JSONResponse({"rating": kept[0], "remark": kept[1]})

    return router


def draw_list(lines: Sequence[ChatLine], search: str, now: datetime) -> str:
    """Return past chats, the newest first, as HTML under the days of `now`'s time zone."""
    if not lines:
        return f'<p class="small">{"No chat has these words." if search else "No chats yet."}</p>'
    groups: dict[str, list[str]] = {name: [] for name in _GROUPS}
    for line in lines:
        updated = datetime.fromisoformat(line.updated).astimezone(now.tzinfo)
        groups[_group(updated.date(), now.date())].append(_draw_line(line, updated, now.date()))
    return "".join(
        f'<h3 class="chats-of" id="chats-{at}">{name}</h3><ul class="chats" aria-labelledby="chats-{at}">'
        f"{''.join(items)}</ul>"
        for at, (name, items) in enumerate(groups.items())
        if items
    )


def _draw_line(line: ChatLine, updated: datetime, today: date) -> str:
    title = escape(harmless(line.title))
    shown = f"{updated:%H:%M}" if updated.date() == today else updated.date().isoformat()
    return (
        f'<li><button type="button" data-chat="{escape(line.id)}"><bdi dir="auto">{title}</bdi> '
        f'<time datetime="{updated.isoformat()}">{shown}</time></button>'
        f'<button type="button" class="delete" data-delete="{escape(line.id)}" '
        f'aria-label="Delete the chat: {title}">×</button></li>'
    )


def _group(day: date, today: date) -> str:
    """Return the heading of a day; a week begins on Monday."""
    if day >= today:
        return _GROUPS[0]
    return _GROUPS[1] if day >= today - timedelta(days=today.weekday()) else _GROUPS[2]


def _unknown(what: str) -> Response:
    """Answer alike whether there is none, or it is another person's."""
    message = f"You have no such {what}: it may have been deleted in another window. Load the page again."
    return JSONResponse({"error": {"message": message}}, 404)
