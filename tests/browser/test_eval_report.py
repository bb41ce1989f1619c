"""report.html in a real browser, opened as a file: what a person sees, and that no text of theirs is obeyed.

Needs Chromium (`apt-get install chromium`) and `pip install 'footnote-assistant[test]'`; skips without.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.reports import write_reports
from tests.evals.run_folder import HOSTILE, SENTENCES, broken, made_up, outranked, refused, right, write_run

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install 'footnote-assistant[test]'")
Page, expect = sync_api.Page, sync_api.expect

EVIL = outranked(
    f"evil {HOSTILE}", question=f"What of {HOSTILE}?", gold=("evil", 1), cited=[("evil", 2)],
    read=[("evil", 2), ("evil", 1)],
)  # fmt: skip
BOTH = right("both", cited=[("rain", 1), ("rain", 2)], read=[("rain", 1), ("snow", 1)])
ASKED = [
    right("q1"), outranked("q2"), refused("q3"), made_up("q5"), broken("q6"), EVIL, BOTH,
    *(right(f"more{n}", question=f"Question number {n}?") for n in range(150)),
]  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_run(tmp_path_factory.mktemp("report") / "run", ASKED)
    return write_reports(folder)[1]


@pytest.fixture
def page(browser: Any, report: Path) -> Iterator[Page]:
    """The page, freshly opened; whatever it asks of anybody, and whatever goes wrong in it, fails the test."""
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: request.url == report.as_uri() or troubles.append(request.url))
    page.goto(report.as_uri())
    yield page
    assert troubles == []
    context.close()


def open_case(page: Page, id: str, outcome: str = "") -> Any:
    page.get_by_label("Outcome").select_option(outcome)
    page.get_by_role("searchbox").fill(id)
    case = page.locator("#cases > li").first
    case.locator("summary").first.click()
    return case


def test_it_opens_on_the_cases_that_are_not_right(page: Page) -> None:
    expect(page.locator("#count")).to_have_text("5 of 157 answers")
    expect(page.locator("#cases > li")).to_have_count(5)


def test_cases_are_filtered_by_outcome_stage_sort_of_question_and_words(page: Page) -> None:
    count = page.locator("#count")
    page.get_by_label("Outcome").select_option("refused, wrongly")
    expect(count).to_have_text("1 of 157 answers")
    page.get_by_label("Outcome").select_option("")
    page.get_by_label("Lost at").select_option("outranked")
    expect(count).to_have_text("2 of 157 answers")
    page.get_by_label("Lost at").select_option("")
    page.get_by_label("Question").select_option("no")
    expect(count).to_have_text("1 of 157 answers")
    page.get_by_label("Question").select_option("")
    page.get_by_role("searchbox").fill("NUMBER 149")
    expect(count).to_have_text("1 of 157 answers")
    page.get_by_role("searchbox").fill("no such words")
    expect(count).to_have_text("0 of 157 answers")


def test_a_long_list_is_shown_piece_by_piece(page: Page) -> None:
    page.get_by_label("Outcome").select_option("")
    expect(page.locator("#cases > li")).to_have_count(40)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#cases > li")).to_have_count(80)
    page.get_by_role("button", name="Show more").click()
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#cases > li")).to_have_count(157)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_a_case_shows_gold_and_cited_sentences_exactly_though_emoji_stand_before_them(page: Page) -> None:
    case = open_case(page, "q2")
    gold, cited = case.locator("mark.gold"), case.locator("mark.cited")
    assert marked(gold) == SENTENCES["rain"][1]  # 🌧🌧 before it are two code points, and four of JavaScript's units
    assert marked(cited) == SENTENCES["snow"][0]
    expect(gold.locator(".tag.gold")).to_have_text("expected")  # told in words, not by colour alone
    expect(cited.locator(".tag.cited")).to_have_text("cited [1]")
    expect(case).to_contain_text("outranked: it was read, but other sentences were put before it")


def test_joined_emoji_and_accents_stay_whole(page: Page) -> None:
    case = open_case(page, "evil")
    assert marked(case.locator("mark.cited")) == SENTENCES["evil"][2]  # 👩‍👩‍👧 is five code points
    assert marked(case.locator("mark.gold")) == SENTENCES["evil"][1]


def test_a_sentence_that_is_expected_and_cited_is_marked_as_both(page: Page) -> None:
    case = open_case(page, "both")
    assert marked(case.locator("mark.gold.cited")) == SENTENCES["rain"][1]
    assert marked(case.locator("mark.cited:not(.gold)")) == SENTENCES["rain"][2]
    assert marked(case.locator("mark.read:not(.cited)")) == SENTENCES["snow"][1]


def test_nothing_that_was_written_by_others_is_obeyed(page: Page) -> None:
    case = open_case(page, "evil")
    page.wait_for_timeout(200)
    assert page.title() == "weather: 157 cases"
    assert page.locator("img").count() == 0
    expect(case.locator(".question")).to_have_text(f"What of {HOSTILE}?")
    expect(case.locator("h4").first).to_have_text(f"Title {HOSTILE}")


def test_a_case_is_reached_and_opened_with_the_keyboard_alone(page: Page) -> None:
    page.get_by_role("searchbox").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    case = page.locator("#cases > li").first
    expect(case.get_by_role("region").first).to_be_visible()  # what unfolds is drawn a moment after it is open
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"  # the article scrolls by keys


def test_every_plot_says_in_words_what_it_shows(page: Page) -> None:
    plots = page.locator("figure svg")
    assert plots.count() == 6
    for number in range(plots.count()):
        assert plots.nth(number).get_attribute("role") == "img"
        assert "%" in words if (words := plots.nth(number).get_attribute("aria-label")) and "ms" not in words else words


@pytest.mark.parametrize("width", [360, 900, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_narrow_and_wide_light_and_dark(page: Page, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    open_case(page, "q2")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ratio = page.evaluate(CONTRAST, ["mark.gold", "mark.cited", "body", ".quiet", ".tag.gold", ".tag.cited"])
    assert {look: round(value, 1) for look, value in ratio.items() if value < 4.5} == {}


WORDS = """marks => marks.flatMap((mark) => [...mark.childNodes])
  .filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("")"""


def marked(marks: Any) -> str:
    """The words of the marks, without their tags."""
    return marks.evaluate_all(WORDS)


CONTRAST = """looks => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = channels(colour).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (channels(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return Object.fromEntries(looks.map((look) => {
    const node = document.querySelector(look);
    const [one, other] = [light(getComputedStyle(node).color), light(ground(node))].sort((a, b) => b - a);
    return [look, (one + 0.05) / (other + 0.05)];
  }));
}"""
