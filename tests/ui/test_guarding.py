"""The guard before a small application: tests/ui/test_signing_in.py has the form and its limits."""

import asyncio
import stat
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Annotated, Any

import pytest
from argon2 import PasswordHasher
from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from ui.web.guarding import MOST_SENT, MOST_UPLOADED, guard, may_serve, person_of
from ui.web.users import Users
from vectorstore.errors import LibraryDamaged, UsageError

PASSWORD = "correct horse battery"
HOME = "http://127.0.0.1:7860"
Asker = Annotated[str, Depends(person_of)]


def small_app() -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse("<p>page</p>")

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.api_route("/me", methods=["GET", "POST", "PUT", "DELETE", "OPTIONS"])
    def me(person: Asker) -> str:
        return person

    @app.post("/library/upload")
    @app.post("/gradio_api/upload")
    @app.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/own")
    def own() -> PlainTextResponse:
        headers = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "max-age=60"}
        return PlainTextResponse("own", headers=headers)

    @app.get("/assets/a.js")
    @app.get("/gradio_api/file=/tmp/a.html")
    def file() -> PlainTextResponse:
        return PlainTextResponse("file")

    @app.websocket("/socket")
    async def socket(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(socket.state.person)
        await socket.close()

    return app


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return Users(tmp_path / "users.json", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def ann(users: Users) -> Users:
    users.add("ann", PASSWORD)
    return users


def browser(users: Users, host: str = "127.0.0.1", base_url: str = HOME, app: FastAPI | None = None) -> TestClient:
    app = app or small_app()
    guard(app, users, host, users.path.with_name("session.key"))
    return TestClient(app, base_url=base_url, follow_redirects=False)


def bearer(users: Users, name: str = "ann") -> dict[str, str]:
    return {"Authorization": f"Bearer {users.new_token(name)}"}


def said(response: Any) -> str:
    message: str = response.json()["error"]["message"]
    return message


# Where nobody signs in


def test_each_browser_is_a_visitor_of_its_own_and_stays_one(users: Users) -> None:
    first = browser(users)
    second = TestClient(first.app, base_url=HOME)
    first.get("/")
    me = first.get("/me").json()
    assert me.startswith("visitor:")
    assert first.get("/me").json() == me
    assert second.get("/me").json() != me


def test_the_visitors_cookie_is_out_of_reach_of_scripts_and_other_sites(users: Users) -> None:
    cookie = browser(users).get("/").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/", f"Max-Age={400 * 24 * 60 * 60}"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "Secure" in browser(users, base_url="https://localhost").get("/").headers["set-cookie"]


def test_a_visitors_cookie_is_set_once_and_lasts_from_the_last_visit(users: Users) -> None:
    client = browser(users)
    token = client.get("/me").cookies["footnote_visitor"]
    assert "set-cookie" not in client.get("/me").headers
    assert client.get("/").cookies["footnote_visitor"] == token


@pytest.mark.parametrize("value", ["", "short", "x" * 42, "x" * 44, "user:ann", "../../" + "x" * 37])
def test_a_visitor_cannot_choose_who_to_be(users: Users, value: str) -> None:
    me = browser(users).get("/me", headers={"Cookie": f"footnote_visitor={value}"}).json()
    assert me != f"visitor:{value}"
    assert len(me) == len("visitor:") + 43


def test_a_key_that_a_program_has_to_send_does_no_harm(users: Users) -> None:
    assert browser(users).get("/me", headers={"Authorization": "Bearer sk-none"}).json().startswith("visitor:")


def test_no_key_is_made_where_nobody_signs_in(users: Users, tmp_path: Path) -> None:
    browser(users).get("/")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:7860", "LOCALHOST:1", "[::1]", "[::1]:7860"])
def test_this_machines_names_are_answered(users: Users, host: str) -> None:
    assert browser(users).get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.evil.example", "localhost."),
        *("127.0.0.1@evil.example", "evil.example#127.0.0.1", "127.0.0.2", "0.0.0.0", "[::1].evil", "", "localhost:x"),
    ],
)
def test_a_name_that_was_pointed_at_this_machine_is_not_answered(users: Users, host: str) -> None:
    response = browser(users).get("/", headers={"Host": host})
    assert response.status_code == 400
    assert "127.0.0.1 or localhost" in said(response)
    assert "set-cookie" not in response.headers


# Where people sign in


@pytest.mark.parametrize(
    "path", ["/config", "/gradio_api/info", "/assets/a.js", "/theme.css", "/mcp", "/v1/models", "/me", "/", "/login/"]
)
def test_everything_needs_signing_in(ann: Users, path: str) -> None:
    response = browser(ann).get(path, headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert said(response).startswith("Sign in first")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/logout"), ("HEAD", "/"), ("PUT", "/login"), ("POST", "/health"), ("GET", "//login"), ("GET", "/LOGIN")],
)
def test_what_is_open_is_open_for_one_use_alone(ann: Users, method: str, path: str) -> None:
    assert browser(ann).request(method, f"{HOME}{path}").status_code == 401


def test_health_and_the_form_are_open(ann: Users) -> None:
    client = browser(ann)
    assert [client.get(path).status_code for path in ("/health", "/login", "/login/login.css")] == [200, 200, 200]


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/", "%2F"),
        ("/evals/run?a=1&b=%22%20", "%2Fevals%2Frun%3Fa%3D1%26b%3D%2522%2520"),
        ("/a%0d%0aSet-Cookie:%20a=b", "%2Fa%250D%250ASet-Cookie%253A%2520a%253Db"),
    ],
)
def test_a_person_is_led_to_the_form_and_it_knows_where_they_went(ann: Users, path: str, there: str) -> None:
    response = browser(ann).get(path, headers={"Accept": "text/html,*/*"})
    assert response.status_code == 303
    assert response.headers["location"] == f"/login?next={there}"


def test_a_post_is_not_led_to_the_form(ann: Users) -> None:
    assert browser(ann).post("/me", headers={"Accept": "text/html"}).status_code == 401


def test_a_token_is_enough(ann: Users) -> None:
    client, headers = browser(ann), bearer(ann)
    assert client.get("/me", headers=headers).json() == "user:ann"
    assert client.post(
        "/me", headers={"Authorization": headers["Authorization"].replace("Bearer", "bearer")}
    ).is_success
    ann.remove("ann")
    assert client.get("/me", headers=headers).status_code == 401


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer fn_wrong", "Basic YW5uOnB3", "fn_wrong", "Bearer \xe9"])
def test_what_is_no_token_is_refused(ann: Users, value: str) -> None:
    ann.new_token("ann")
    assert browser(ann).get("/me", headers={"Authorization": value.encode("latin-1")}).status_code == 401


def test_a_visitor_of_before_is_nobody_once_there_are_users(users: Users) -> None:
    client = browser(users)
    assert client.get("/me").status_code == 200
    users.add("ann", PASSWORD)
    assert client.get("/me").status_code == 401


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_page_that_people_signed_in_to_is_not_opened_when_the_last_of_them_goes(ann: Users, host: str) -> None:
    client, headers = browser(ann, host), bearer(ann)
    assert client.get("/me", headers=headers).status_code == 200
    ann.remove("ann")
    assert client.get("/me", headers=headers).status_code == 401
    ann.path.unlink()
    assert client.get("/me").status_code == 401


def test_beyond_this_machine_nobody_is_a_visitor(users: Users) -> None:
    assert browser(users, "0.0.0.0").get("/me", headers={"Host": "library.paper.example"}).status_code == 401


def test_where_people_sign_in_the_page_may_have_any_name(ann: Users) -> None:
    client = browser(ann)
    assert client.get("/login", headers={"Host": "library.paper.example"}).status_code == 200
    assert client.get("/me", headers={"Host": "library.paper.example", **bearer(ann)}).json() == "user:ann"


@pytest.mark.parametrize("path", ["/", "/me", "/login", "/v1/models"])
def test_damaged_users_let_nobody_in_and_say_so_without_a_path(
    ann: Users, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    client, headers = browser(ann), bearer(ann)
    ann.path.write_text("{")
    for sent in ({}, headers, {"Cookie": "footnote_visitor=" + "x" * 43}):
        response = client.get(path, headers=sent)
        assert response.status_code == 503
        assert "terminal" in said(response)
        assert "users.json" not in response.text
    assert "users.json" in caplog.text


def test_users_that_were_damaged_before_the_start_let_nobody_in(users: Users) -> None:
    users.path.write_text("")
    assert browser(users).get("/me").status_code == 503


# Who may serve


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "paper.example", ""])
def test_nothing_is_served_to_others_before_there_is_a_user(users: Users, host: str) -> None:
    with pytest.raises(UsageError, match="footnote users add NAME"):
        may_serve(host, users)
    users.add("ann", PASSWORD)
    may_serve(host, users)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_is_served_without_users_but_not_with_damaged_ones(users: Users, host: str) -> None:
    may_serve(host, users)
    users.path.write_text("{")
    with pytest.raises(LibraryDamaged):
        may_serve(host, users)


# Other web sites


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:7860", "127.0.0.1:7860"),
        ("http://localhost", "localhost:80"),
        ("http://LOCALHOST:80", "localhost"),
        ("http://[::1]:7860", "[::1]:7860"),
    ],
)
def test_our_own_page_may_send(users: Users, origin: str, host: str) -> None:
    assert browser(users).post("/me", headers={"Origin": origin, "Host": host}).status_code == 200


def test_our_own_page_may_send_through_a_proxy_with_tls(ann: Users) -> None:
    headers = {"Origin": "https://library.example", "Host": "library.example", **bearer(ann)}
    assert browser(ann).post("/me", headers=headers).status_code == 200


FOREIGN = [
    *("http://evil.example", "http://evil.example:7860", "http://127.0.0.1:7861", "http://127.0.0.1", "null", ""),
    *("http://localhost:7860", "http://127.0.0.1:7860.evil.example", "http://127.0.0.1:7860@evil.example"),
    *("chrome-extension://127.0.0.1:7860", "127.0.0.1:7860", "http://", "http://127.0.0.1:7860/"),
]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET", "OPTIONS"])
def test_another_web_page_is_refused_whatever_it_sends(users: Users, method: str, origin: str) -> None:
    response = browser(users).request(method, "/me", headers={"Origin": origin})
    assert response.status_code == 403
    assert "another web page" in said(response)
    assert "access-control-allow-origin" not in response.headers


def test_another_web_page_cannot_use_a_session_or_try_passwords(ann: Users) -> None:
    client = browser(ann)
    form = {"name": "ann", "password": PASSWORD}
    assert client.post("/login", data=form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/login", data=form).status_code == 303
    assert client.get("/me").json() == "user:ann"
    assert client.post("/me", headers={"Origin": "http://evil.example"}).status_code == 403


def test_a_web_socket_passes_the_same_guard(ann: Users, users: Users) -> None:
    client, headers = browser(ann), bearer(ann)
    with client.websocket_connect("/socket", headers=headers) as socket:
        assert socket.receive_text() == "user:ann"
    for sent in ({}, {**headers, "Origin": "http://evil.example"}, {"Authorization": "Bearer wrong"}):
        with pytest.raises(WebSocketDisconnect) as closed, client.websocket_connect("/socket", headers=sent):
            pass
        assert closed.value.code == 1008


def test_a_web_socket_of_a_rebound_name_is_closed(users: Users) -> None:
    client = browser(users)
    with client.websocket_connect("ws://127.0.0.1:7860/socket") as socket:
        assert socket.receive_text().startswith("visitor:")
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("ws://evil.example:7860/socket"):
        pass


# Headers


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/", {}), ("/me", {"Host": "evil.example"}), ("/me", {"Origin": "null"}), ("/nowhere", {})],
)
def test_every_response_tells_the_browser_to_be_careful(users: Users, path: str, headers: dict[str, str]) -> None:
    got = browser(users).get(path, headers=headers).headers
    assert got["x-content-type-options"] == "nosniff"
    assert got["referrer-policy"] == "same-origin"
    assert got["x-frame-options"] == "SAMEORIGIN"
    assert got["cross-origin-opener-policy"] == "same-origin"
    assert got["cross-origin-resource-policy"] == "same-origin"
    assert "microphone=()" in got["permissions-policy"]
    assert "default-src 'self'" in got["content-security-policy"]
    assert "frame-ancestors 'self'" in got["content-security-policy"]
    assert got["cache-control"] == "no-store"


def test_a_response_keeps_headers_of_its_own(users: Users) -> None:
    got = browser(users).get("/own").headers
    assert got.get_list("content-security-policy") == ["default-src 'none'"]
    assert got.get_list("cache-control") == ["max-age=60"]


def test_assets_may_be_cached_and_a_file_that_was_sent_may_do_nothing(users: Users) -> None:
    client = browser(users)
    assert "cache-control" not in client.get("/assets/a.js").headers
    got = client.get("/gradio_api/file=/tmp/a.html").headers
    assert got["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert got["cache-control"] == "no-store"


# Bodies and streams, spoken in ASGI itself: the test client would collect what is streamed


def speak(app: FastAPI, path: str, parts: Iterable[bytes], **headers: str) -> tuple[int, bytes, int]:
    """Post parts without saying how long they are; return the status, the body, and how many parts were taken."""
    sent: list[dict[str, Any]] = []
    waiting, taken = list(parts), 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if taken == len(waiting):
            return {"type": "http.disconnect"}
        taken += 1
        return {"type": "http.request", "body": waiting[taken - 1], "more_body": taken < len(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app({**scope(path, "POST", headers)}, receive, send))
    assert [message["type"] for message in sent].count("http.response.start") == 1
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent), taken


def scope(path: str, method: str, headers: dict[str, str]) -> dict[str, Any]:
    given = {"host": "127.0.0.1:7860", **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 7860),
    }


def app_of(users: Users, app: FastAPI | None = None) -> FastAPI:
    made = browser(users, app=app).app
    assert isinstance(made, FastAPI)
    return made


HALF = b"x" * (MOST_SENT // 2)


def test_a_body_of_the_largest_size_is_taken(users: Users) -> None:
    assert speak(app_of(users), "/size", [HALF, HALF])[:2] == (200, b"1000000")


def test_a_body_that_says_it_is_too_large_is_not_read(users: Users) -> None:
    for length in (str(MOST_SENT + 1), "9" * 5000):
        status, body, taken = speak(app_of(users), "/size", [HALF] * 3, **{"content-length": length})
        assert (status, taken) == (413, 0)
        assert b"at most 1 MB are taken" in body


def test_a_body_that_does_not_say_how_large_it_is_is_counted_while_it_comes(users: Users) -> None:
    status, body, taken = speak(app_of(users), "/size", [HALF, HALF, b"x", *[HALF] * 10])
    assert (status, taken) == (413, 3)
    assert b"at most 1 MB are taken" in body


@pytest.mark.parametrize("length", ["5", "-1", "1e3", ""])
def test_a_body_that_lies_about_its_size_is_counted_all_the_same(users: Users, length: str) -> None:
    assert speak(app_of(users), "/size", [HALF] * 9, **{"content-length": length})[0] == 413


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/library/upload"])
def test_files_may_be_larger(users: Users, path: str) -> None:
    app = app_of(users)
    assert speak(app, path, [HALF] * 10)[:2] == (200, b"5000000")
    status, body, _ = speak(app, path, [], **{"content-length": str(MOST_UPLOADED + 1)})
    assert status == 413
    assert b"at most 100 MB are taken" in body


def test_the_form_takes_no_large_body_either(ann: Users) -> None:
    assert speak(app_of(ann), "/login", [HALF] * 3)[0] == 413


def test_nothing_is_read_of_a_request_that_is_turned_away(ann: Users) -> None:
    status, _, taken = speak(app_of(ann), "/size", [HALF] * 3)
    assert (status, taken) == (401, 0)


def test_an_application_that_makes_something_else_of_the_error_still_says_that_it_was_too_much(users: Users) -> None:
    app = small_app()

    @app.post("/tolerates")
    async def tolerate(request: Request) -> JSONResponse:
        try:
            return JSONResponse(len(await request.body()))
        except HTTPException:
            return JSONResponse("fine")

    status, body, _ = speak(app_of(users, app), "/tolerates", [HALF] * 3)
    assert status == 413
    assert b"at most 1 MB" in body


def test_a_streamed_answer_comes_as_it_is_made(users: Users) -> None:
    app, go_on = small_app(), asyncio.Event()

    @app.get("/events")
    async def events() -> StreamingResponse:
        async def made() -> AsyncIterator[str]:
            yield "data: first\n\n"
            await go_on.wait()  # only who has got the first lets the second be made
            yield "data: second\n\n"

        return StreamingResponse(made(), media_type="text/event-stream")

    got: list[bytes] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError("the client stays")

    async def send(message: Any) -> None:
        got.append(message.get("body", b""))
        if b"first" in got[-1]:
            go_on.set()

    async def ask() -> None:
        guarded = app_of(users, app)
        await asyncio.wait_for(guarded(scope("/events", "GET", {}), receive, send), 5)

    asyncio.run(ask())
    assert [part for part in got if part] == [b"data: first\n\n", b"data: second\n\n"]


def test_who_asks_is_unknown_without_the_guard() -> None:
    app = FastAPI()

    @app.get("/me")
    def me(person: Asker) -> str:
        return person

    assert TestClient(app).get("/me").status_code == 401


def test_the_key_is_for_its_owner_alone(ann: Users) -> None:
    client = browser(ann)
    client.post("/login", data={"name": "ann", "password": PASSWORD})
    key = ann.path.with_name("session.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 64
