"""The routes of past chats, as two people's browsers use them."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from tests.ui.test_copying import HOSTILE, RAIN, answer_of
from ui.web.chat_routes import draw_list, routes
from ui.web.chats import ChatLine, Chats, Exchange, now
from ui.web.conversing import Conversing
from ui.web.desk import Desk
from ui.web.feedback import Feedback
from ui.web.guarding import person_of
from vectorstore.errors import UsageError

NOW = datetime(2026, 10, 8, 9, 0, tzinfo=UTC)  # a Thursday
ANSWER = answer_of(RAIN) | {"version": 1, "abstained": False}


@dataclass
class TwoParts:
    """All that the routes need of a desk."""

    chats: Chats
    feedback: Feedback


@pytest.fixture
def desk(tmp_path: Path) -> TwoParts:
    chats = Chats(tmp_path / "chats")
    return TwoParts(chats, Feedback(tmp_path / "feedback", chats))


@pytest.fixture
def browser(desk: TwoParts) -> Iterator[Callable[[str], TestClient]]:
    """Makes a browser of a person."""
    app = FastAPI()
    app.include_router(routes(cast(Desk, desk), Conversing(cast(Desk, desk))))
    app.dependency_overrides[person_of] = who
    app.add_exception_handler(UsageError, lambda _, error: JSONResponse({"error": {"message": str(error)}}, 400))
    return lambda person: TestClient(app, headers={"X-Person": person})


def who(request: Request) -> str:
    return request.headers["X-Person"]


@pytest.fixture
def ann(browser: Callable[[str], TestClient]) -> TestClient:
    return browser("ann")


@pytest.fixture
def bob(browser: Callable[[str], TestClient]) -> TestClient:
    return browser("bob")


@pytest.fixture
def chat(desk: TwoParts) -> str:
    """A chat of Ann's: an answer, and a question that failed."""
    id = desk.chats.new_id()
    desk.chats.put("ann", id, 0, Exchange("Did it rain?", now(), ANSWER))
    desk.chats.put("ann", id, 1, Exchange("And snow?", now(), None, "No model."))
    return id


def test_a_chat_is_listed_with_a_way_to_open_and_to_delete_it(ann: TestClient, chat: str) -> None:
    html = ann.get("/chats").text
    assert f'data-chat="{chat}"><bdi dir="auto">Did it rain?</bdi>' in html
    assert f'data-delete="{chat}" aria-label="Delete the chat: Did it rain?"' in html
    assert chat in ann.get("/chats", params={"search": "SNOW rained"}).text
    assert "No chat has these words." in ann.get("/chats", params={"search": "hail"}).text
    assert "No chat has these words." in ann.get("/chats", params={"search": "a" * 5000}).text


def test_another_person_sees_deletes_copies_and_rates_nothing(ann: TestClient, bob: TestClient, chat: str) -> None:
    assert "No chats yet." in bob.get("/chats").text
    refusals = (
        bob.get(f"/chats/{chat}/0.txt"),
        bob.delete(f"/chats/{chat}"),
        bob.post("/feedback", json={"chat": chat, "number": 0, "rating": "up", "remark": ""}),
    )
    assert [one.status_code for one in refusals] == [404] * 3
    assert all(one.json()["error"]["message"].startswith("You have no such") for one in refusals)
    assert bob.delete("/chats").json() == {"deleted": 0}
    assert ann.get(f"/chats/{chat}/0.txt").status_code == 200


def test_a_chat_is_deleted_and_then_all_are(ann: TestClient, desk: TwoParts, chat: str) -> None:
    assert ann.delete(f"/chats/{chat}").status_code == 200
    assert ann.delete(f"/chats/{chat}").status_code == 404
    for _ in range(2):
        desk.chats.put("ann", desk.chats.new_id(), 0, Exchange("Who?", now(), ANSWER))
    assert ann.delete("/chats").json() == {"deleted": 2}
    assert "No chats yet." in ann.get("/chats").text


@pytest.mark.parametrize(("form", "start"), [("txt", "Did it"), ("md", "### Did it"), ("html", "<p><strong><bdi")])
def test_an_answer_is_copied_as_text_whatever_its_form(ann: TestClient, chat: str, form: str, start: str) -> None:
    copied = ann.get(f"/chats/{chat}/0.{form}")
    assert copied.text.startswith(start)
    assert copied.headers["content-type"] == "text/plain; charset=utf-8"
    assert copied.headers["x-content-type-options"] == "nosniff"
    assert copied.headers["content-disposition"] == "inline"


@pytest.mark.parametrize("place", ["1.txt", "2.txt", "-1.txt", "0.exe", "0", "x.txt", "99999999999999999999.txt"])
def test_where_there_is_no_answer_nothing_is_copied(ann: TestClient, chat: str, place: str) -> None:
    assert ann.get(f"/chats/{chat}/{place}").status_code == 404


@pytest.mark.parametrize("id", ["..", "%2e%2e%2f", "a" * 16, "%00"])
def test_an_id_that_is_none_finds_nothing(ann: TestClient, id: str) -> None:
    assert ann.get(f"/chats/{id}/0.txt").status_code == 404
    assert ann.delete(f"/chats/{id}").status_code in (404, 405)


def test_a_rating_is_kept_and_given_back(ann: TestClient, desk: TwoParts, chat: str) -> None:
    given = {"chat": chat, "number": 0, "rating": "down", "remark": " It did \ud800not. ", "answer": "forged"}
    kept = ann.post("/feedback", content=json.dumps(given), headers={"Content-Type": "application/json"})
    assert kept.json() == {"rating": "down", "remark": "It did ?not."}
    assert desk.feedback.ratings("ann", chat) == {0: ("down", "It did ?not.")}
    assert ann.post("/feedback", json={"chat": chat, "number": 0, "rating": None}).json() == {
        "rating": None,
        "remark": "",
    }
    assert desk.feedback.ratings("ann", chat) == {}


@pytest.mark.parametrize(
    "wrong", [{"rating": "good"}, {"number": "x"}, {"chat": 5}, {"number": 1}, {"remark": "a" * 2001}, {"number": None}]
)
def test_a_wrong_rating_is_refused(ann: TestClient, desk: TwoParts, chat: str, wrong: dict[str, Any]) -> None:
    given = {"chat": chat, "number": 0, "rating": "up", "remark": ""} | wrong
    assert ann.post("/feedback", json=given).status_code in (400, 422)
    assert desk.feedback.ratings("ann", chat) == {}


def line(title: str = "Who?", **ago: int) -> ChatLine:
    return ChatLine("a" * 16, title, (NOW - timedelta(**ago)).isoformat(timespec="seconds"))


def test_chats_stand_under_their_days() -> None:
    html = draw_list([line(hours=1), line(days=1), line(days=3), line(days=4), line(days=400)], "", NOW)
    assert re.findall(r"<h3[^>]*>([^<]*)|>([0-9:-]+)</time>", html) == [
        ("Today", ""), ("", "08:00"),
        ("Earlier this week", ""), ("", "2026-10-07"), ("", "2026-10-05"),
        ("Earlier", ""), ("", "2026-10-04"), ("", "2025-09-03"),
    ]  # fmt: skip
    assert "Earlier" not in draw_list([line(hours=1)], "", NOW)


class Elements(HTMLParser):
    """Notes the elements with the names of their attributes, and the words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, ...]] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, *(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("title", [*HOSTILE, '"><script>', "' autofocus onfocus='x", '" autofocus onfocus="x'])
def test_no_title_becomes_markup(title: str) -> None:
    plain, hostile = Elements(), Elements()
    plain.feed(draw_list([line()], "", NOW))
    html = draw_list([line(title)], "", NOW)
    hostile.feed(html)
    assert hostile.found == plain.found
    html.encode()


def test_stopping_tells_nobody_whether_there_was_anything_to_stop(ann: TestClient) -> None:
    assert ann.post("/chats/AAAAAAAAAAAAAAAA/stop").status_code == 204
