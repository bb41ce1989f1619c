import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from ui.web.guarding import guard, person_of
from ui.web.signing_in import (
    FAILURES_OF_A_NAME,
    FAILURES_OF_AN_ADDRESS,
    WINDOW,
    Attempts,
    TooManyAttempts,
    own_path,
)
from ui.web.users import Users

PASSWORD = "correct horse battery"
DAY = 24 * 60 * 60


@pytest.fixture
def users(tmp_path: Path) -> Users:
    made = Users(tmp_path / "users.json", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    made.add("ann", PASSWORD)
    return made


@pytest.fixture
def app(users: Users) -> FastAPI:
    made = FastAPI(openapi_url=None)

    @made.get("/me")
    def me(request: Request) -> str:
        return person_of(request)

    guard(made, users, "0.0.0.0", users.path.with_name("session.key"))
    return made


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return browser(app)


def browser(app: FastAPI, address: str = "192.0.2.1", scheme: str = "http") -> TestClient:
    return TestClient(app, f"{scheme}://library.example", follow_redirects=False, client=(address, 5000))


def sign_in(client: TestClient, name: str = "ann", password: str = PASSWORD, next: str = "/") -> httpx.Response:
    return client.post("/login", data={"name": name, "password": password, "next": next})


def session(client: TestClient) -> tuple[str, str]:
    """Return the name and the value of the cookie of a session."""
    ((name, value),) = client.cookies.items()
    return name, value


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)


# Signing in and out


def test_who_signs_in_is_known_and_goes_where_they_wanted(client: TestClient) -> None:
    response = sign_in(client, next="/evals/run?case=3")
    assert response.status_code == 303
    assert response.headers["location"] == "/evals/run?case=3"
    assert client.get("/me").json() == "user:ann"


def test_a_session_is_out_of_reach_of_scripts_and_other_sites(app: FastAPI) -> None:
    cookie = sign_in(browser(app)).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/", f"Max-Age={30 * DAY}"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "Secure" in sign_in(browser(app, scheme="https")).headers["set-cookie"]


@pytest.mark.parametrize(
    ("name", "password"), [("ann", "wrong password"), ("ben", PASSWORD), ("", ""), ("../x", PASSWORD), ("ann", "")]
)
def test_a_refusal_does_not_tell_whether_there_is_such_a_user(client: TestClient, name: str, password: str) -> None:
    response = sign_in(client, name, password)
    assert response.status_code == 401
    assert "This name and password do not belong together." in response.text
    assert "set-cookie" not in response.headers
    expected = sign_in(client, "cem", "anything").text.replace('value="cem"', f'value="{name}"')
    if name:
        assert response.text == expected


def test_spaces_around_a_name_are_forgiven_and_around_a_password_are_not(client: TestClient) -> None:
    assert sign_in(client, password=f" {PASSWORD}").status_code == 401
    assert sign_in(client, " ann ").status_code == 303


def test_a_password_may_hold_any_letters(users: Users, client: TestClient) -> None:
    users.add("ann", "pässwörd & 密码 + % 🔑")
    assert sign_in(client, password="pässwörd & 密码 + % 🔑").status_code == 303


def test_signing_out_takes_the_cookie_away(client: TestClient) -> None:
    sign_in(client)
    response = client.post("/logout")
    assert (response.status_code, response.headers["location"]) == (303, "/login")
    assert not client.cookies
    assert client.get("/me").status_code == 401
    assert client.post("/logout").status_code == 303


def test_a_link_does_not_sign_anybody_out(client: TestClient) -> None:
    sign_in(client)
    client.get("/logout")
    assert client.get("/me").status_code == 200


def test_who_is_signed_in_already_does_not_see_the_form(client: TestClient) -> None:
    sign_in(client)
    response = client.get("/login?next=/me")
    assert (response.status_code, response.headers["location"]) == (303, "/me")


# Sessions that are none


def test_a_session_that_was_tampered_with_is_none(client: TestClient) -> None:
    sign_in(client)
    name, value = session(client)
    payload, stamp, signature = value.split(".")
    other = "A" if payload[-1] != "A" else "B"
    for forged in (
        f"{payload[:-1]}{other}.{stamp}.{signature}",
        f"{payload}.{stamp}x.{signature}",
        f"{payload}.{stamp}.{signature[::-1]}",
        f"{payload}.{stamp}.",
        f"{payload}.{stamp}",
        payload,
        value[:-1],
        value.upper(),
        "",
        ".",
        "..",
        "." * 10_000,
        "\xff\xfe",
        '["ann","x"]',
    ):
        client.cookies.clear()
        headers = {"Cookie": f"{name}={forged}".encode("latin-1")}
        assert client.get("/me", headers=headers).status_code == 401, forged
    assert client.get("/me", headers={"Cookie": f"{name}={value}"}).status_code == 200


def test_a_session_of_another_library_is_none(client: TestClient, users: Users, tmp_path: Path) -> None:
    other = FastAPI()
    guard(other, users, "0.0.0.0", tmp_path / "other.key")
    stranger = browser(other)
    sign_in(stranger)
    name, value = session(stranger)
    sign_in(client)
    ours, _ = session(client)
    assert ours != name
    client.cookies.clear()
    for cookie in (f"{name}={value}", f"{ours}={value}"):
        assert client.get("/me", headers={"Cookie": cookie}).status_code == 401


def test_a_session_ends_after_thirty_days(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client)
    name, value = session(client)
    later(monkeypatch, 30 * DAY - 60)
    assert client.get("/me", headers={"Cookie": f"{name}={value}"}).status_code == 200
    later(monkeypatch, 120)
    client.cookies.clear()
    assert client.get("/me", headers={"Cookie": f"{name}={value}"}).status_code == 401


def test_a_session_from_the_future_is_none(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client)
    later(monkeypatch, -DAY)
    assert client.get("/me").status_code == 401


def test_a_session_ends_with_the_password_or_the_user(client: TestClient, users: Users) -> None:
    sign_in(client)
    users.add("ann", "another password")
    assert client.get("/me").status_code == 401
    sign_in(client, password="another password")
    assert client.get("/me").status_code == 200
    users.remove("ann")
    assert client.get("/me").status_code == 401
    users.add("ann", "another password")
    assert client.get("/me").status_code == 401


def test_sessions_outlive_the_process(client: TestClient, users: Users) -> None:
    sign_in(client)
    again = FastAPI()

    @again.get("/me")
    def me(request: Request) -> str:
        return person_of(request)

    guard(again, users, "0.0.0.0", users.path.with_name("session.key"))
    restarted = browser(again)
    restarted.cookies = client.cookies
    assert restarted.get("/me").json() == "user:ann"


@pytest.mark.parametrize("spoil", ["empty", "short", "open"])
def test_a_key_that_is_damaged_or_that_others_could_read_is_made_anew(users: Users, tmp_path: Path, spoil: str) -> None:
    key = tmp_path / "spoiled.key"
    key.write_text("" if spoil == "empty" else "ab" if spoil == "short" else "0" * 64)
    key.chmod(0o644 if spoil == "open" else 0o600)
    app = FastAPI()
    guard(app, users, "0.0.0.0", key)
    assert sign_in(browser(app)).status_code == 303
    assert re.fullmatch("[0-9a-f]{64}", key.read_text())
    assert key.read_text() != "0" * 64
    assert key.stat().st_mode & 0o777 == 0o600


# Where one goes afterwards

ELSEWHERE = [
    *(
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
    ),
    *("http://evil.example", "https:evil.example", "javascript:alert(1)", "evil.example", "", " /", "/ ", "?next=/"),
    *("/a\r\nSet-Cookie: a=b", "/a\x00", "/a\x7f", "/\u2028", "/\\/evil.example", "\t//evil.example", "/a b"),
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere(client: TestClient, target: str) -> None:
    assert own_path(target) == "/"
    shown = client.get("/login", params={"next": target})
    assert '<input type="hidden" name="next" value="/">' in shown.text
    response = sign_in(client, next=target)
    assert response.headers["location"] == "/"
    assert response.headers.get_list("set-cookie")[0].startswith("footnote_session_")
    assert len(response.headers.get_list("set-cookie")) == 1


@pytest.mark.parametrize(
    "target", ["/", "/evals/run?a=b&c=%20#x", "/login", "/a//b", "/http://evil.example", "/%0d%0a"]
)
def test_every_path_of_ours_can_be_gone_to(target: str) -> None:
    assert own_path(target) == target


# The form


class Form(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_form_has_a_label_for_each_field_and_helps_a_password_manager(client: TestClient) -> None:
    response = client.get("/login")
    form = Form(response.text)
    fields = {field["id"]: field for field in form.all("input") if field.get("type") != "hidden"}
    assert {label["for"] for label in form.all("label")} == set(fields)
    assert fields["name"]["autocomplete"] == "username"
    assert fields["password"]["autocomplete"] == "current-password"
    assert fields["password"]["type"] == "password"
    assert 'role="alert"' not in response.text


def test_the_form_may_run_nothing_and_load_its_style_alone(client: TestClient) -> None:
    response = client.get("/login")
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
    assert "unsafe" not in policy
    assert response.headers["cache-control"] == "no-store"
    form = Form(response.text)
    assert form.all("script") == []
    assert not [name for _, attributes in form.tags for name in attributes if name.startswith("on") or name == "style"]
    (link,) = form.all("link")
    style = client.get(str(link["href"]))
    assert style.headers["content-type"].startswith("text/css")
    assert "url(" not in style.text
    assert "@import" not in style.text


@pytest.mark.parametrize("hostile", ['"><script>alert(1)</script>', "' onfocus='alert(1)", "</form><b>", "&quot;"])
def test_what_was_typed_stays_text(client: TestClient, hostile: str) -> None:
    response = sign_in(client, hostile, "wrong password", f"/{hostile.replace(' ', '')}")
    form = Form(response.text)
    values = {field["name"]: field.get("value") for field in form.all("input")}
    assert values == {"next": f"/{hostile.replace(' ', '')}", "name": hostile, "password": None}
    assert {tag for tag, _ in form.tags} == {
        *("html", "head", "meta", "title", "link", "body", "main", "h1", "form", "p", "input", "label", "button")
    }


def test_a_problem_is_tied_to_the_fields_and_the_password_is_not_sent_back(client: TestClient) -> None:
    response = sign_in(client, password="wrong password")
    fields = [field for field in Form(response.text).all("input") if field.get("type") != "hidden"]
    assert [field["aria-describedby"] for field in fields] == ["problem", "problem"]
    assert '<p id="problem" role="alert">' in response.text
    assert "wrong password" not in response.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe=%ff&name=%ff", "application/x-www-form-urlencoded"),
        (b"&".join([b"name=ann"] * 1000), "application/x-www-form-urlencoded"),
        (b'{"name": "ann"}', "application/json"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_what_is_no_form_signs_nobody_in(client: TestClient, body: bytes, kind: str) -> None:
    assert client.post("/login", content=body, headers={"Content-Type": kind}).status_code == 401


# How often


def test_a_name_can_be_tried_so_often_from_anywhere_and_then_the_right_password_is_refused_too(app: FastAPI) -> None:
    for number in range(FAILURES_OF_A_NAME):
        assert sign_in(browser(app, f"192.0.2.{number}"), password="wrong").status_code == 401
    response = sign_in(browser(app, "198.51.100.1"))
    assert response.status_code == 429
    assert WINDOW * 60 - 30 < int(response.headers["retry-after"]) <= WINDOW * 60
    assert f"Try again in {WINDOW} minutes." in response.text
    assert "set-cookie" not in response.headers
    assert sign_in(browser(app), "ben").status_code == 401


def test_who_waits_may_try_again(app: FastAPI, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(FAILURES_OF_A_NAME):
        sign_in(client, password="wrong")
    later(monkeypatch, WINDOW * 60 - 30)
    response = sign_in(client)
    assert response.status_code == 429
    assert "Try again in 1 minute." in response.text
    later(monkeypatch, 60)
    assert sign_in(client).status_code == 303


def test_a_success_clears_what_was_counted_for_the_name(client: TestClient) -> None:
    for _ in range(3):
        for _ in range(FAILURES_OF_A_NAME - 1):
            assert sign_in(client, password="wrong").status_code == 401
        assert sign_in(client).status_code == 303


def test_an_address_can_try_so_many_names(app: FastAPI) -> None:
    tried = browser(app, "192.0.2.7")
    for number in range(FAILURES_OF_AN_ADDRESS):
        assert sign_in(tried, f"user{number}", "wrong").status_code == 401
    assert sign_in(tried).status_code == 429
    assert sign_in(browser(app, "192.0.2.8")).status_code == 303


def test_signing_in_often_is_no_failure(client: TestClient) -> None:
    assert {sign_in(client).status_code for _ in range(FAILURES_OF_AN_ADDRESS + 5)} == {303}


def failing(attempts: Attempts, addresses: list[str]) -> Callable[[int], bool]:
    return lambda number: attempts.make(f"user{number}", "wrong", addresses[number % len(addresses)])


@pytest.mark.parametrize(
    ("addresses", "counted_as_one"),
    [
        (["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"], True),
        (["::ffff:192.0.2.1", "192.0.2.1"], True),
        (["fe80::1%eth0", "fe80::1%eth1"], True),
        (["2001:db8:1:2::1", "2001:db8:1:3::1"], False),
        (["192.0.2.1", "192.0.2.2"], False),
    ],
)
def test_an_address_of_ipv6_counts_by_its_network(addresses: list[str], counted_as_one: bool) -> None:
    attempt = failing(Attempts(lambda *_: False), addresses)
    for number in range(FAILURES_OF_AN_ADDRESS):
        attempt(number)
    if counted_as_one:
        with pytest.raises(TooManyAttempts):
            attempt(FAILURES_OF_AN_ADDRESS)
    else:
        assert not attempt(FAILURES_OF_AN_ADDRESS)


def test_many_attempts_at_once_are_no_way_round_the_limit() -> None:
    looked_at, begin = [], threading.Barrier(30)

    def check(name: str, password: str) -> bool:
        looked_at.append(name)
        time.sleep(0.05)
        return False

    attempts = Attempts(check)

    def attempt(number: int) -> None:
        begin.wait()
        with suppress(TooManyAttempts):
            attempts.make("ann", "wrong", f"192.0.2.{number}")

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked_at) == FAILURES_OF_A_NAME


def test_two_passwords_are_looked_at_at_once_and_others_are_served_meanwhile(users: Users) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    class Slow(Users):
        def check(self, name: str, password: str) -> bool:
            begun.release()
            return not go_on.wait(10)

    app = FastAPI()

    @app.get("/health")
    def health() -> str:
        return "ok"

    guard(app, Slow(users.path), "0.0.0.0", users.path.with_name("session.key"))
    with TestClient(app, "http://library.example", follow_redirects=False) as client:
        # More than the threads in which an application's other routes run: 40.
        threads = [threading.Thread(target=sign_in, args=(client, f"user{number}")) for number in range(50)]
        for thread in threads:
            thread.start()
        assert begun.acquire(timeout=5)
        assert begun.acquire(timeout=5)
        assert not begun.acquire(timeout=0.2)
        assert client.get("/health").status_code == 200
        go_on.set()
        for thread in threads:
            thread.join()
