"""How the page looks, at three widths and in both schemes; FOOTNOTE_SCREENSHOTS names a folder to keep pictures in.

The tests hold what can be measured: nothing is cut off or has to be scrolled sideways, nothing jumps while an answer
grows, a cited sentence deep in a long article is in view. The rest is for eyes.
"""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.articles import ARABIC, LONG_TITLE, PAGES, long_question
from tests.browser.asking import Page, ask, begin_asking, expect, open_chip, open_tab
from tests.browser.conftest import Serve, Visits
from tests.browser.serving import Served
from tests.chat_server import ChatServer

HUAWEI = "When must Huawei be removed from 5G networks?"
THREE_CITED = "Which promise did Jeremy Hunt say China had gone against, and on what occasion was it made?"
REFUSED = "How much was Mark Reilly personally ordered to pay?"
CONVERSATION = (
    "Who is Peter Humphrey?",
    "On what day did he get out of jail?",
    "What did Xi say on hacking in Seattle, and what did he and Obama settle on later that week?",
    "How many fingerprints were stolen?",
    "Since what year is GSK alleged to have been channelling money to travel agencies?",
    REFUSED,
    THREE_CITED,
)
ARABIC_QUESTION = "كم حاوية حملت السفينة؟"
WIDTHS = (360, 900, 1400)

Shoot = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def empty(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """What is served where there is no library yet."""
    return serve(tmp_path_factory.mktemp("none") / "library")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("FOOTNOTE_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def shoot(pictures: Path) -> Shoot:
    """Take pictures of a page in both schemes, and hold that everything fits its width."""

    def take(page: Page, name: str) -> None:
        width = page.viewport_size["width"]
        page.evaluate(ARRIVED)
        assert cut_off(page) == [], f"{name} at {width}"
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(SCHEMED, arg=scheme)
            page.evaluate(ARRIVED)
            page.screenshot(path=pictures / f"{name}-{width}-{scheme}.png")

    return take


def cut_off(page: Page) -> list[str]:
    """Return what does not fit the width, and still does not when the page has come to rest."""
    for _ in range(10):
        if not (found := page.evaluate(CUT_OFF)):
            break
        page.wait_for_timeout(200)
    return found


ARRIVED = """() => Promise.all(
  document.getAnimations().filter((one) => one.effect.getTiming().iterations === 1).map((one) => one.finished)
)"""
CUT_OFF = """() => {
  const found = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [];
  const scrolls = (node) => ["auto", "scroll"].includes(getComputedStyle(node).overflowX);
  for (const node of document.body.querySelectorAll("*")) {
    const { left, right, width, height } = node.getBoundingClientRect();
    const seen = width > 1 && height > 1 && node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    let around = node.parentElement;
    while (around && !scrolls(around)) around = around.parentElement;
    if (!seen || around) continue;
    const reaches = getComputedStyle(node).overflowX === "visible" ? left + node.scrollWidth : right;
    if (Math.max(right, reaches) > innerWidth + 1 || left < -1) {
      found.push(`${Math.round(left)} to ${Math.round(Math.max(right, reaches))}: ${node.outerHTML.slice(0, 160)}`);
    }
  }
  return found.slice(-3);
}"""
SCHEMED = """(scheme) => {
  const ground = getComputedStyle(document.querySelector("#foot") || document.body).backgroundColor;
  const light = ground.match(/[\\d.]+/g).slice(0, 3).reduce((sum, part) => sum + part / 765, 0);
  return light > 0.5 === (scheme === "light");
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_a_conversation_an_article_beside_it_and_a_refusal(
    visit: Visits, looks: Served, shoot: Shoot, width: int
) -> None:
    page = visit(at=looks.url, viewport={"width": width, "height": 900})
    expect(page.locator(".welcome")).to_be_visible()
    shoot(page, "1-welcome")
    exchange = ask(page, THREE_CITED)
    shoot(page, "2-answer")
    exchange.locator("a.chip").first.focus()
    expect(page.get_by_role("tooltip")).to_be_visible()
    shoot(page, "3-card")
    open_chip(exchange)
    shoot(page, "4-article")
    page.keyboard.press("Escape")
    expect(ask(page, REFUSED).locator(".refusal")).to_be_visible()
    shoot(page, "5-refusal")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_long_conversation(visit: Visits, served: Served, shoot: Shoot, width: int) -> None:
    page = visit(viewport={"width": width, "height": 900})
    for question in CONVERSATION:
        ask(page, question)
    expect(page.locator("article.exchange").last.locator("h2")).to_be_in_viewport()
    expect(page.get_by_label("Your question", exact=True)).to_be_in_viewport()
    shoot(page, "6-long-conversation")
    page.locator("article.exchange").nth(3).scroll_into_view_if_needed()
    shoot(page, "7-long-conversation-before")


@pytest.mark.parametrize("width", WIDTHS)
def test_an_article_of_a_hundred_pages_opens_at_the_cited_sentence(
    visit: Visits, looks: Served, shoot: Shoot, width: int
) -> None:
    page = visit(at=looks.url, viewport={"width": width, "height": 900})
    question, sentence = long_question(PAGES - 27)
    exchange = ask(page, question)
    begun = page.evaluate("performance.now()")
    opened = open_chip(exchange)
    expect(opened).to_have_text(sentence)
    assert page.evaluate("performance.now()") - begun < 3000
    expect(page.locator("#reading h2")).to_have_text(LONG_TITLE)
    shoot(page, "8-hundred-pages")


@pytest.mark.parametrize("width", WIDTHS)
def test_arabic_is_set_from_right_to_left(visit: Visits, looks: Served, shoot: Shoot, width: int) -> None:
    page = visit(at=looks.url, viewport={"width": width, "height": 900})
    exchange = ask(page, ARABIC_QUESTION)
    directions = "node => getComputedStyle(node).direction"
    for part in ("h2", ".answer"):
        assert exchange.locator(part).evaluate(directions) == "rtl"
    shoot(page, "9-arabic-answer")
    opened = open_chip(exchange)
    expect(opened).to_have_text(ARABIC[1])
    assert page.locator("#reading p:has(.at)").evaluate(directions) == "rtl"
    assert page.locator("#reading h2").evaluate(directions) == "rtl"
    shoot(page, "10-arabic-article")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_library_and_the_evals(visit: Visits, looks: Served, shoot: Shoot, width: int) -> None:
    page = visit(at=looks.url, viewport={"width": width, "height": 900})
    panel = open_tab(page, "Library")
    expect(panel.locator("#shelf-count")).to_contain_text("29")
    shoot(page, "11-library")
    panel = open_tab(page, "Evals")
    panel.get_by_role("button", name="weather").click()
    expect(page.frame_locator("#report-frame").locator("#cases > li").first).to_be_visible()
    shoot(page, "12-evals")


@pytest.mark.parametrize("width", WIDTHS)
def test_an_empty_library_says_what_to_do_first(visit: Visits, empty: Served, shoot: Shoot, width: int) -> None:
    page = visit(at=empty.url, viewport={"width": width, "height": 900})
    expect(page.locator(".welcome")).to_contain_text("There are no articles yet")
    shoot(page, "13-empty")
    page.locator(".welcome").get_by_role("button", name="open the Library").click()
    expect(page.get_by_role("tab", name="Library")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#library-tab")).to_contain_text("Drop files")
    shoot(page, "14-empty-library")
    open_tab(page, "Evals")
    shoot(page, "15-empty-evals")


@pytest.mark.parametrize("width", WIDTHS)
def test_signing_in(visit: Visits, closed: Served, shoot: Shoot, width: int) -> None:
    visit.forgiven.append("status of 401")
    shoot(visit(at=closed.url, wait_for="Name", viewport={"width": width, "height": 900}), "16-signing-in")


SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (one.hadRecentInput) continue;
      const where = one.sources.map(({ node }) => node?.outerHTML?.slice(0, 100) ?? String(node?.data).slice(0, 60));
      shifts.push({ value: one.value, where });
    }
  }).observe({ type: "layout-shift" });
}"""


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_jumps_while_an_answer_is_written(visit: Visits, written: Served, chat: ChatServer, width: int) -> None:
    page = visit(at=written.url, viewport={"width": width, "height": 800})
    said = (
        "Britain's mobile phone companies must remove all of Huawei's equipment from their 5G networks by the end of "
        "2027, the government has said."
    )
    claims = [{"sentences": [1], "text": said}, {"sentences": [1], "text": "It was moved to the Moon on 3 May 1999."}]
    chat.reply = tuple(re.findall(r".{1,24}", json.dumps({"claims": claims}), re.DOTALL))
    chat.pause = 0.08
    ask(page, "Who is Su Bin?")
    page.evaluate(SHIFTS)
    exchange = begin_asking(page, HUAWEI)
    expect(exchange).to_have_attribute("data-done", "")
    expect(exchange.locator(".answer")).to_contain_text("Huawei")
    page.wait_for_timeout(500)
    shifts = page.evaluate("shifts")
    assert sum(one["value"] for one in shifts) < 0.02, shifts  # a line of text, over all of the screen
