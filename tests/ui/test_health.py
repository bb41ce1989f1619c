from importlib.metadata import version
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.ui.fake_desk import ARTICLES, open_fake_desk
from ui.web.desk import Desk
from ui.web.guarding import guard
from ui.web.health import routes
from ui.web.users import Users


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return open_fake_desk(tmp_path_factory.mktemp("health"))


def visit(desk: Desk, folder: Path) -> TestClient:
    app = FastAPI()
    app.include_router(routes(desk))
    guard(app, Users(folder / "users.json"), "127.0.0.1", folder / "session.key")
    return TestClient(app, base_url="http://127.0.0.1")


def test_it_is_well_and_says_how_much_it_holds(desk: Desk, tmp_path: Path) -> None:
    response = visit(desk, tmp_path).get("/health")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "articles": len(ARTICLES), "version": version("footnote-assistant")}


def test_where_people_sign_in_others_learn_that_it_is_well_and_nothing_else(desk: Desk, tmp_path: Path) -> None:
    users = Users(tmp_path / "users.json")
    users.add("ada", "a long enough password")
    client = visit(desk, tmp_path)
    assert client.get("/health").json() == {"status": "ok"}
    token = {"Authorization": f"Bearer {users.new_token('ada')}"}
    assert client.get("/health", headers=token).json()["articles"] == len(ARTICLES)


def test_a_catalog_that_cannot_be_read_is_503_and_a_sentence_without_a_path(tmp_path: Path) -> None:
    desk = open_fake_desk(tmp_path)
    desk.catalog.close()
    desk.catalog.path.write_bytes(b"this is no database" * 1000)
    for leftover in desk.folder.glob("catalog.sqlite-*"):
        leftover.unlink()
    response = visit(desk, tmp_path).get("/health")
    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
    assert response.json()["error"]["message"].startswith("The library cannot be read.")
    assert str(tmp_path) not in response.text
