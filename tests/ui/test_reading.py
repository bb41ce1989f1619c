"""The reading panel's pieces: an article, sentence by sentence, with the cited ones marked."""

import re
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.fake_desk import HOSTILE, READY_MODEL, open_fake_desk
from tests.ui.skeleton import Skeleton
from ui.web.guarding import person_of
from ui.web.reading import draw_article, routes
from ui.web.serving import explain_errors
from vectorstore.sentences import sentences_of
from vectorstore.values import Article, StoredArticle


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    app = FastAPI()
    app.include_router(routes(open_fake_desk(tmp_path)))
    app.dependency_overrides[person_of] = lambda: "user:ana"
    explain_errors(app)
    return TestClient(app)


def stored(text: str, **about: str) -> StoredArticle:
    article = Article("a", about.get("title", "Title"), about.get("published"), about.get("source"), text)
    return StoredArticle(article, tuple(sentences_of(article)))


def test_the_cited_sentences_are_marked_and_the_one_gone_to_most() -> None:
    html = draw_article(stored("It rained. It stopped. It froze."), {0, 2}, 2)
    assert re.findall(r'<span class="([a-z ]+)" data-ordinal="(\d)"', html) == [
        ("sentence cited", "0"),
        ("sentence", "1"),
        ("sentence cited at", "2"),
    ]


def test_a_line_break_begins_a_paragraph() -> None:
    html = draw_article(stored("It rained. It stopped.\n\nIt froze."), (), None)
    assert html.count('<p dir="auto">') == 2
    assert "It stopped.</span></p><p" in html


@given(
    st.lists(
        st.sampled_from(["It rained. ", "\n\n", "Mr. Li said so. ", "«Ça va?» ", "雨だった。", "مرحبا. ", "<b> & "])
    )
)
def test_the_text_is_whole(pieces: list[str]) -> None:
    text = "".join(pieces).strip()
    html = draw_article(stored(text), (), None)
    shown = Skeleton(html[html.index('<div class="text"') :]).text
    assert "".join(shown.split()) == "".join(text.split())


def test_an_article_says_its_day_its_source_and_how_long_it_is() -> None:
    html = draw_article(stored("It rained. It stopped.", published="2020-01-02", source="A & B"), (), None)
    assert "2020-01-02 · A & B · 2 sentences" in Skeleton(html).text


def test_an_article_is_had_by_an_id_with_a_slash(client: TestClient) -> None:
    answer = client.get("/reading/article", params={"id": "weather/2020", "cited": "0,1", "at": 1})
    assert answer.status_code == 200
    assert '<span class="sentence cited at" data-ordinal="1" tabindex="-1">It stopped on Tuesday.</span>' in answer.text


def test_an_article_that_has_changed_since_is_shown_without_marks(client: TestClient) -> None:
    answer = client.get("/reading/article", params={"id": "harbour", "cited": "0", "at": 0, "hash": "0" * 64})
    assert "This article has changed since it was cited" in answer.text
    assert "cited" not in Skeleton(answer.text).values("class")


def test_an_article_that_is_gone_is_a_sentence(client: TestClient) -> None:
    answer = client.get("/reading/article", params={"id": "nowhere"})
    assert answer.status_code == 404
    assert "nowhere" in answer.json()["error"]["message"]


def test_ordinals_that_are_none_are_refused(client: TestClient) -> None:
    answer = client.get("/reading/article", params={"id": "harbour", "cited": "0;1"})
    assert answer.status_code == 400


def test_nothing_in_an_article_becomes_markup(client: TestClient) -> None:
    answer = client.get("/reading/article", params={"id": "evil"})
    page = Skeleton(answer.text)
    assert set(page.tags) <= {"header", "h2", "p", "bdi", "div", "span"}
    assert HOSTILE in unescape(page.text)
    assert "A [title](http://evil.example) of <b>note</b>" in page.text


def test_who_has_signed_in_is_told_their_name(client: TestClient) -> None:
    assert client.get("/reading/who").json() == {"name": "ana"}
    client.app.dependency_overrides[person_of] = lambda: "visitor:abc"  # type: ignore[attr-defined]
    assert client.get("/reading/who").json() == {"name": None}


def test_the_answerers_are_listed_with_what_they_need(client: TestClient) -> None:
    rows = client.get("/reading/answerers").json()
    assert [(row["name"], row["ready"], row["chosen"]) for row in rows] == [
        ("quote", True, True),
        (READY_MODEL, True, False),
        ("fake:missing", False, False),
    ]
    assert rows[2]["advice"] == "Type: pip install fake"
