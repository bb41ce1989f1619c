"""The table of the library, and its routes, asked as a browser asks them."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from tests.fakes import FakeEmbedder
from tests.ui.fake_desk import open_fake_desk
from tests.ui.skeleton import Skeleton
from ui.web import shelf
from ui.web.desk import Desk
from ui.web.guarding import person_of
from ui.web.shelf_table import ROWS, Shelf, Wanted, draw_shelf
from vectorstore.catalog import Listed
from vectorstore.errors import ArticleUnknown, FootnoteError, LibraryBusy
from vectorstore.indexing import index
from vectorstore.library import Library

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</button></td></tr></table><style>*{display:none}</style>",
    "' onmouseover='alert(1)",
    "[link](javascript:alert(1)) **bold** $x^2$ ${alert(1)} {{constructor}}",
    "&lt;script&gt; &amp;amp; &#60;",
)


def load(name: str, threads: int | None) -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = open_fake_desk(tmp_path)
    yield made
    made.assistant.library.close()


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(shelf.routes(desk, load))
    app.dependency_overrides[person_of] = who

    @app.exception_handler(FootnoteError)
    async def explain(request: Request, error: Exception) -> JSONResponse:
        status = 404 if isinstance(error, ArticleUnknown) else 409 if isinstance(error, LibraryBusy) else 400
        return JSONResponse({"error": {"message": str(error)}}, status)

    with TestClient(app) as client:
        yield client


def who(request: Request) -> str:
    return request.headers.get("x-person", "user:ann")


def titles(html: str) -> list[str]:
    return re.findall(r'data-open="([^"]*)"', html)


def listed(number: int, **changes: Any) -> Listed:
    fields = {"id": f"a{number}", "title": f"Title {number}", "published": None, "source": None, "sentences": 1}
    return Listed(**{**fields, "ready": True, **changes})


# The table


def test_it_is_newest_first_and_what_has_no_date_comes_last(client: TestClient) -> None:
    assert titles(client.get("/library/articles").text) == ["harbour", "weather/2020", "evil"]
    assert titles(client.get("/library/articles?desc=0").text) == ["weather/2020", "harbour", "evil"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("title", ["evil", "harbour", "weather/2020"]),
        ("source", ["harbour", "evil", "weather/2020"]),
        ("sentences", ["harbour", "weather/2020", "evil"]),
    ],
)
def test_it_is_sorted_by_any_column_and_says_so(client: TestClient, sort: str, order: list[str]) -> None:
    html = client.get(f"/library/articles?sort={sort}&desc=0").text
    assert titles(html) == order
    assert re.findall(r'aria-sort="(\w+)"', html).count("ascending") == 1
    assert f'class="{sort}" aria-sort="ascending"' in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=WEATH", {"weather/2020"}),
        ("search=gazette", {"harbour"}),
        ("search=2020", {"weather/2020"}),
        ("search=rained", {"weather/2020"}),  # a word of the text
        ("search=rain", {"weather/2020"}),
        ("search=tuesday", {"weather/2020", "harbour"}),
        ("search=ships+wedn", {"harbour"}),  # the last word may be unfinished
        ('search="*)(', set()),
        ("source=GAZ", {"harbour"}),
        ("since=2020-02-01", {"harbour"}),
        ("until=2020-02-01", {"weather/2020"}),
        ("since=2020-01-02&until=2020-01-02", {"weather/2020"}),
        ("search=tuesday&source=daily", {"weather/2020"}),
        ("search=nowhere", set()),
    ],
)
def test_it_is_searched_and_filtered(client: TestClient, query: str, found: set[str]) -> None:
    response = client.get(f"/library/articles?{query}")
    assert response.status_code == 200
    assert set(titles(response.text)) == found
    if not found:
        assert "No article of 3 fits" in response.text
        assert "shelf-clear" in response.text


def test_a_day_that_is_none_and_an_unknown_order_are_refused(client: TestClient) -> None:
    assert client.get("/library/articles?since=yesterday").json()["error"]["message"].startswith("yesterday is no day")
    assert client.get("/library/articles?sort=colour").status_code == 422


def test_long_listings_have_pages_and_a_page_beyond_the_last_is_the_last() -> None:
    everything = [listed(n) for n in range(2 * ROWS + 1)]
    html = draw_shelf(everything, everything, Wanted(page=2))
    assert "51 to 100 of 101" in html
    assert titles(html) == [f"a{n}" for n in range(50, 100)]
    assert "Page 2 of 3" in html
    last = draw_shelf(everything, everything, Wanted(page=9))
    assert "101 to 101 of 101" in last
    assert re.search(r'id="shelf-next"[^>]*aria-disabled="true"', last)
    filtered = draw_shelf(everything, everything[:3], Wanted(search="x"))
    assert "1 to 3 of 3, filtered from 101" in filtered
    assert "<nav" not in filtered


def test_an_article_that_still_waits_says_so() -> None:
    waiting = listed(1, ready=False)
    assert "not ready yet" in draw_shelf([waiting], [waiting], Wanted())


def test_an_empty_library_says_what_to_do_first() -> None:
    html = draw_shelf([], [], Wanted())
    assert "There are no articles yet" in html
    assert "footnote index PATH" in html


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_an_article_says_becomes_markup(text: str) -> None:
    evil = listed(1, id=text, title=text, published=text, source=text)
    skeleton = Skeleton(draw_shelf([evil], [evil], Wanted()))
    known = "datalist option p table thead tbody tr th td input button span bdi".split()
    assert set(skeleton.tags) <= set(known)
    assert skeleton.open == ["input"] * skeleton.tags.count("input") or not skeleton.open
    assert skeleton.text.count(text) == 3
    names = {name for name, _ in skeleton.attributes}
    assert not {name for name in names if name.startswith("on")}
    assert ("data-open", text) in skeleton.attributes


def test_a_listing_is_read_again_after_every_change_and_not_before(desk: Desk) -> None:
    table = Shelf(desk.catalog)
    first = table.all()
    assert table.all() is first
    index(desk.folder, [write(desk, "new.txt", "Something new.")], load=load)
    assert len(table.all()) == len(first) + 1


def write(desk: Desk, name: str, text: str) -> Path:
    path = desk.folder.parent / name
    path.write_text(text)
    return path


# Removing


def test_removed_articles_are_gone_from_the_table_and_from_what_is_searched(client: TestClient, desk: Desk) -> None:
    assert client.post("/library/remove", json={"ids": ["harbour", "evil", "harbour"]}).json() == {"removed": 2}
    assert titles(client.get("/library/articles").text) == ["weather/2020"]
    assert desk.assistant.library.vectors.ids() == set(desk.catalog.passage_ids())


def test_removing_what_is_gone_is_said_and_what_is_left_is_removed(client: TestClient) -> None:
    assert client.post("/library/remove", json={"ids": ["harbour", "gone"]}).json() == {"removed": 1}
    again = client.post("/library/remove", json={"ids": ["harbour"]})
    assert again.status_code == 404
    assert "no such article" in again.json()["error"]["message"]
    assert client.post("/library/remove", json={"ids": []}).status_code == 422


def test_removing_while_somebody_writes_is_a_sentence(
    client: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "PATIENCE", 0.0)
    with Library.open(desk.folder).writing():
        response = client.post("/library/remove", json={"ids": ["harbour"]})
    assert response.status_code == 409
    assert response.json()["error"]["message"].startswith("Articles are being indexed just now")


def test_the_upload_of_a_removed_article_is_deleted(client: TestClient, desk: Desk) -> None:
    finish(client, begin(client, upload(client, "note.txt", b"A note.")))
    [path] = desk.folder.glob("uploads/*/note.txt")
    client.post("/library/remove", json={"ids": ["note"]})
    assert not path.parent.exists()


# Adding


def upload(client: TestClient, name: str, content: bytes) -> str:
    response = client.post("/library/upload", params={"name": name}, content=content)
    assert response.status_code == 200, response.text
    token: str = response.json()["token"]
    return token


def begin(client: TestClient, *tokens: str) -> str:
    response = client.post("/library/index", json={"files": tokens})
    assert response.status_code == 200, response.text
    id: str = response.json()["id"]
    return id


def finish(client: TestClient, id: str) -> dict[str, Any]:
    end = time.monotonic() + 20
    while True:
        told: dict[str, Any] = client.get(f"/library/jobs/{id}").json()
        if told["state"] in ("done", "failed"):
            return told
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_file_is_uploaded_indexed_and_in_the_table(client: TestClient) -> None:
    told = finish(client, begin(client, upload(client, "pier <b>.txt", b"The pier opened. It cost much.")))
    assert told["files"][0]["state"] == "added"
    assert told["sentence"] == "Articles: 1 added."
    assert titles(client.get("/library/articles?search=pier").text) == ["pier-b"]


def test_a_pasted_text_is_added(client: TestClient) -> None:
    pasted = {"title": "Piers", "text": "The pier opened.", "published": "2024-01-01", "source": "Me"}
    token = client.post("/library/paste", json=pasted).json()["token"]
    assert finish(client, begin(client, token))["files"][0]["state"] == "added"
    assert "Piers" in client.get("/library/articles?source=me").text
    assert client.post("/library/paste", json={"text": " "}).status_code == 400


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [
        ("a.exe", b"x", 400, "cannot be read"),
        ("a.txt", b"", 400, "is empty"),
        ("a.txt", b"x" * 50_000_001, 413, "larger than 50 MB"),
    ],
)
def test_an_upload_that_is_refused_says_why(
    client: TestClient, name: str, content: bytes, status: int, said: str
) -> None:
    response = client.post("/library/upload", params={"name": name}, content=content)
    assert response.status_code == status
    assert said in response.json()["error"]["message"]


def test_a_full_disk_is_a_sentence(client: TestClient, desk: Desk) -> None:
    (desk.folder / "uploads").write_text("a file where the folder should be")
    response = client.post("/library/upload", params={"name": "a.txt"}, content=b"x")
    assert response.status_code == 507
    assert "could not be kept" in response.json()["error"]["message"]


def test_a_job_is_told_to_who_began_it_alone(client: TestClient) -> None:
    id = begin(client, upload(client, "note.txt", b"A note."))
    bob = {"x-person": "user:bob"}
    assert client.get(f"/library/jobs/{id}", headers=bob).status_code == 404
    assert client.get("/library/jobs", headers=bob).json() == []
    finish(client, id)
    assert client.get("/library/jobs").json() == []


def test_a_file_that_was_never_uploaded_cannot_be_indexed(client: TestClient) -> None:
    for token in ("0" * 32, "../../../etc/passwd", ""):
        response = client.post("/library/index", json={"files": [token]})
        assert response.status_code == 400
        assert "Upload it again" in response.json()["error"]["message"]


def test_nobody_unknown_reaches_any_of_it(desk: Desk) -> None:
    app = FastAPI()
    app.include_router(shelf.routes(desk, load))
    with TestClient(app) as client:
        for method, path in (("GET", "articles"), ("POST", "remove"), ("POST", "upload?name=a.txt"), ("GET", "jobs")):
            body = {"content": json.dumps({"ids": ["harbour"]})} if method == "POST" else {}
            assert client.request(method, f"/library/{path}", **body).status_code == 401
