"""The page for everybody: by axe's rules in every state, by keyboard alone, and for those who hear it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.asking import Page, ask, expect, open_chip, open_tab
from tests.browser.conftest import Visits
from tests.browser.serving import Served

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="no axe: pip install 'footnote-assistant[test]'"
)

THREE_CITED = "Which promise did Jeremy Hunt say China had gone against, and on what occasion was it made?"
REFUSED = "How much was Mark Reilly personally ordered to pay?"
GRAVE = ("serious", "critical")


ARRIVED = """() => Promise.all(
  document.getAnimations().filter((one) => one.effect.getTiming().iterations === 1).map((one) => one.finished)
)"""


def grave(page: Page, state: str) -> list[str]:
    """Return what axe finds wrong in a state of the page and calls serious or critical."""
    page.evaluate(ARRIVED)  # what slides in is half transparent until then
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{state}: {one['id']} ({one['impact']}): {node['target']} {node['html'][:200]} {_said(node)}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def _said(node: dict[str, Any]) -> str:
    return json.dumps([check["message"] for check in (*node["any"], *node["all"], *node["none"])])


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 400)])
def test_axe_finds_nothing_serious_in_any_state_of_the_page(
    visit: Visits, looks: Served, scheme: str, width: int
) -> None:
    page = visit(at=looks.url, color_scheme=scheme, viewport={"width": width, "height": 800})
    assert [trouble for state in _states(page) for trouble in grave(page, state)] == []


def _states(page: Page) -> Iterator[str]:
    expect(page.locator(".welcome")).to_be_visible()
    yield "empty"
    exchange = ask(page, THREE_CITED)
    yield "answered"
    exchange.locator("a.chip").first.focus()
    yield "a footnote's card"
    open_chip(exchange)
    yield "an article beside it"
    page.keyboard.press("Escape")
    expect(ask(page, REFUSED).locator(".refusal")).to_be_visible()
    yield "refused"
    open_tab(page, "Library")
    expect(page.locator("#shelf-count")).to_be_visible()
    yield "library"
    open_tab(page, "Evals")
    expect(page.locator("#evals-tab")).to_contain_text("weather")
    yield "evals"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_where_one_signs_in(visit: Visits, closed: Served, scheme: str) -> None:
    visit.forgiven.append("status of 401")
    page = visit(at=closed.url, wait_for="Name", color_scheme=scheme)
    troubles = grave(page, "signing in")
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert troubles + grave(page, "a wrong password") == []


HAS_FOCUS = "where => document.activeElement?.closest(where) !== null"
FOCUS_IS_SEEN = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return ""; // it is in the browser's own bar, between end and beginning
  const box = focused.getBoundingClientRect(), style = getComputedStyle(focused);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const seen = (outlined || style.boxShadow !== "none") && box.width > 0 && box.height > 0;
  const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return seen && inside ? "" : focused.outerHTML.slice(0, 200);
}"""


def tab_to(page: Page, where: str, key: str = "Tab", at_most: int = 60) -> None:
    """Press a key until the focus is somewhere; every stop on the way can be seen to have it."""
    for _ in range(at_most):
        page.keyboard.press(key)
        assert page.evaluate(FOCUS_IS_SEEN) == ""
        if page.evaluate(HAS_FOCUS, where):
            return
    pytest.fail(f"{where} is not reached with {key}")


def test_everything_is_done_with_the_keyboard_alone(visit: Visits) -> None:
    page = visit()
    assert page.evaluate(HAS_FOCUS, "#asking textarea, #asking input")
    page.keyboard.type(THREE_CITED)
    page.keyboard.press("Enter")
    exchange = page.locator("article.exchange")
    expect(exchange).to_have_attribute("data-done", "")
    tab_to(page, "a.chip", "Shift+Tab")
    expect(page.get_by_role("tooltip")).to_be_visible()
    chip = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    sentence = page.locator("aside#reading[data-open] .sentence.at")
    expect(sentence).to_be_in_viewport()
    assert page.evaluate(HAS_FOCUS, "#reading")
    first = sentence.text_content()
    seen = [first]
    for _ in range(2):
        page.keyboard.press("n")
        expect(sentence).to_be_in_viewport()
        seen.append(sentence.text_content())
    assert len(set(seen)) == 3
    page.keyboard.press("n")
    assert sentence.text_content() == first
    page.keyboard.press("p")
    assert sentence.text_content() == seen[-1]
    tab_to(page, "#reading button", "Shift+Tab")
    page.keyboard.press("Escape")
    expect(page.locator("aside#reading")).to_be_hidden()
    assert page.evaluate("document.activeElement.textContent") == chip
    assert page.evaluate(HAS_FOCUS, "a.chip")


def test_the_tabs_are_reached_with_the_keyboard(visit: Visits) -> None:
    page = visit()
    tab_to(page, "#library-tab-button", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Library")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#shelf-count")).to_be_visible()


HEARD = """() => {
  window.heard = [];
  const said = document.querySelector("#said[aria-live=polite]");
  const hear = () => said.textContent && heard.push(said.textContent);
  new MutationObserver(hear).observe(said, {childList: true, subtree: true, characterData: true});
}"""


def test_an_answer_is_said_once_to_those_who_hear_it(visit: Visits) -> None:
    page = visit()
    page.evaluate(HEARD)
    claims = [one.text_content() for one in ask(page, THREE_CITED).locator(".claim .said").all()]
    heard = " ".join(page.evaluate("heard"))
    assert [heard.count(claim) for claim in claims] == [1, 1, 1]
    assert "3 footnotes" in heard
    assert page.locator("[aria-live] article, [role=log] article, [role=status] article").count() == 0


def test_a_refusal_is_said_too(visit: Visits) -> None:
    page = visit()
    page.evaluate(HEARD)
    ask(page, REFUSED)
    assert " ".join(page.evaluate("heard")).count("The library holds no answer to this.") == 1


def test_motion_is_left_out_for_who_asks_for_none(visit: Visits) -> None:
    page = visit(reduced_motion="reduce")
    open_chip(ask(page, THREE_CITED))
    moving = "() => document.getAnimations().filter((one) => one.playState === 'running').length"
    assert page.evaluate(moving) == 0
