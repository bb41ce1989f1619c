"""Two people at one page: nobody ever sees what is another's, whether they sign in or not."""

import re
from typing import Any

from tests.browser.asking import Page, ask, begin_asking, expect
from tests.browser.conftest import PASSWORDS, Visits
from tests.browser.serving import Served

HUAWEI, SU_BIN = "When must Huawei be removed from 5G networks?", "When did Su Bin leave prison?"


def sign_in(page: Page, name: str, password: str | None = None) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORDS[name] if password is None else password)
    page.get_by_role("button", name="Sign in").click()


def enter(visit: Visits, closed: Served, name: str) -> Page:
    page = visit(at=closed.url, wait_for="Name")
    sign_in(page, name)
    expect(page.get_by_label("Your question", exact=True)).to_be_visible()
    return page


def past_chats(page: Page) -> Any:
    return page.locator("nav#chats button[data-chat]")


def expect_apart(one: Page, other: Page) -> None:
    """Have two people ask at the same time, and hold what each sees, lists, searches, opens and fetches."""
    for page, question in ((one, HUAWEI), (other, SU_BIN)):
        begin_asking(page, question)
    for page, mine, theirs in ((one, "Huawei", "Su Bin"), (other, "Su Bin", "Huawei")):
        expect(page.locator("article.exchange[data-done]")).to_have_count(1)
        expect(past_chats(page)).to_have_count(1)
        expect(past_chats(page)).to_contain_text(mine)
        assert theirs not in page.locator("body").inner_text().replace("Who is Su Bin?", "")
    other.get_by_label("Search your chats").fill("Huawei")
    expect(other.locator("nav#chats")).to_contain_text("No chat has these words.")
    chat = re.search(r"chat=([\w-]+)", one.url)
    assert chat
    for path in ("0.txt", "0.md", "0.html"):
        assert one.request.get(f"/chats/{chat[1]}/{path}").ok
        assert other.request.get(f"/chats/{chat[1]}/{path}").status == 404
    assert other.request.delete(f"/chats/{chat[1]}").status == 404
    other.goto(one.url)
    expect(other.get_by_label("Your question", exact=True)).to_be_visible()
    expect(past_chats(other)).to_contain_text("Su Bin")
    expect(other.locator("article.exchange")).to_have_count(0)
    ask(other, "And when was that?")  # in a chat that is named by another's address: nothing of theirs is heard
    expect(other.locator("article.exchange")).to_have_count(1)
    one.reload()
    expect(one.locator("article.exchange")).to_have_count(1)
    expect(one.locator("article.exchange h2")).to_have_text(HUAWEI)


def test_two_browsers_without_a_name_never_see_each_others_chats(visit: Visits) -> None:
    expect_apart(visit(), visit())


def test_two_people_who_sign_in_never_see_each_others_chats(visit: Visits, closed: Served) -> None:
    expect_apart(enter(visit, closed, "ana"), enter(visit, closed, "ben"))


def test_a_person_finds_their_chats_in_another_browser(visit: Visits, closed: Served) -> None:
    question = "How many fingerprints were stolen?"
    ask(enter(visit, closed, "ana"), question)
    elsewhere = enter(visit, closed, "ana")
    past_chats(elsewhere).filter(has_text=question).first.click()
    expect(elsewhere.locator("article.exchange h2")).to_have_text(question)


def test_who_signs_out_leaves_nothing_to_the_next_at_the_same_browser(visit: Visits, closed: Served) -> None:
    page = enter(visit, closed, "eve")
    ask(page, HUAWEI)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.locator("article.exchange")).to_have_count(0)
    assert page.request.get("/chats").status == 401
    sign_in(page, "ben")
    expect(page.get_by_label("Your question", exact=True)).to_be_visible()
    expect(page.locator("nav#chats")).not_to_contain_text("Huawei")


def test_a_wrong_password_is_a_sentence_and_the_sixth_is_not_looked_at(visit: Visits, closed: Served) -> None:
    visit.forgiven += ["status of 401", "status of 429"]
    page = visit(at=closed.url, wait_for="Name")
    for _ in range(5):
        sign_in(page, "eve2", "wrong password")
        expect(page.get_by_role("alert")).to_have_text("This name and password do not belong together.")
    sign_in(page, "eve2", "wrong password")
    expect(page.get_by_role("alert")).to_have_text("Too many attempts. Try again in 15 minutes.")
    expect(page.get_by_label("Name")).to_have_value("eve2")


def test_the_cookies_are_no_scripts_business(visit: Visits, closed: Served) -> None:
    page = enter(visit, closed, "ana")
    assert {(one["httpOnly"], one["sameSite"] in ("Lax", "Strict")) for one in page.context.cookies()} == {(True, True)}
    assert page.evaluate("document.cookie") == ""
