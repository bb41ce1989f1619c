"""The Library and Evals tabs in a real browser: add, ask about it, find, filter, remove; look at a run."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.asking import Page, ask, expect, expect_at, open_chip, open_tab
from tests.browser.conftest import Serve, Visits
from tests.browser.serving import Served
from tests.evals.run_folder import outranked, right, write_run

KESTREL = """---
title: The Kestrel of Vardo opens
date: 2024-03-05
source: Vardo Gazette
---

The research ship Kestrel was launched at Vardo on Tuesday. It carries 41 scientists and two submersibles.
Its captain, Runa Halvorsen, said that the ship would spend the winter beside the ice.
"""
QUESTION = "How many scientists does the Kestrel carry?"


@pytest.fixture(scope="module")
def shelf(serve: Serve, sample_copy: Callable[[], Path]) -> Served:
    """A sample library that these tests add to and remove from, served where two evals were run."""
    served = serve(sample_copy())
    for name, cases in (("earlier", [right("q1")]), ("later", [right("q1"), outranked("q2")])):
        timings = {"started": f"2026-11-{21 + (name == 'later')}T05:00:00+00:00", "seconds": 1.0, "latency_ms": {}}
        write_run(served.folder / "runs" / name, cases, timings=timings)
    return served


def add(page: Page, *files: Path) -> None:
    page.locator("input#files").set_input_files([str(file) for file in files])


def test_a_file_is_uploaded_with_progress_and_asked_about(visit: Visits, shelf: Served, tmp_path: Path) -> None:
    page = visit(at=shelf.url)
    expect(ask(page, QUESTION).locator(".refusal")).to_be_visible()
    kestrel, broken, picture = tmp_path / "kestrel.md", tmp_path / "empty.txt", tmp_path / "picture.png"
    kestrel.write_text(KESTREL)
    broken.write_text("")
    picture.write_bytes(b"\x89PNG")
    open_tab(page, "Library")
    page.evaluate(
        """() => {
            window.seen = [];
            const bar = document.getElementById("additions-bar");
            new MutationObserver(() => seen.push(bar.value)).observe(bar, { attributes: true });
        }"""
    )
    visit.forgiven.append("status of 400")
    add(page, kestrel, broken, picture)
    results = page.locator("#additions-files li")
    expect(results).to_have_count(3)
    expect(results.filter(has_text="kestrel.md")).to_contain_text("added")
    expect(results.filter(has_text="empty.txt")).to_contain_text("failed")
    expect(results.filter(has_text="picture.png")).to_contain_text(re.compile("failed.*(png|cannot be read)"))
    assert "/" not in results.all_inner_texts()[0]  # no path of the server's
    assert page.evaluate("seen.length") > 0
    expect(page.locator("#shelf")).to_contain_text("The Kestrel of Vardo opens")
    open_tab(page, "Chat")
    page.get_by_role("button", name="New chat").click()
    expect(page.locator("article.exchange")).to_have_count(0)
    exchange = ask(page, QUESTION)
    at = open_chip(exchange, 1)  # what "It" is stands in the sentence before, which is cited too
    expect(at).to_have_text("It carries 41 scientists and two submersibles.")
    expect(page.locator("#reading")).to_contain_text("2024-03-05 · Vardo Gazette")


def test_a_text_is_pasted_found_opened_and_removed(visit: Visits, shelf: Served) -> None:
    page = visit(at=shelf.url)
    panel = open_tab(page, "Library")
    panel.get_by_role("button", name="Paste a text").click()
    panel.get_by_label("Title").fill("The Orrin bridge")
    panel.get_by_label("Text", exact=True).fill("The Orrin bridge was closed on Sunday. Ferries cross instead.")
    panel.get_by_role("button", name="Add this text").click()
    expect(page.locator("#additions-files li")).to_contain_text("added")
    panel.get_by_label("Search").fill("ferries cross")  # words of its text
    rows = page.locator("#shelf tbody tr")
    expect(rows).to_have_count(1)
    panel.get_by_role("button", name="The Orrin bridge").first.click()
    expect(page.locator("aside#reading[data-open]")).to_contain_text("Ferries cross instead.")
    page.keyboard.press("Escape")
    rows.get_by_role("button", name=re.compile("^Remove")).click()
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name=re.compile("^Remove")).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator("#told")).to_have_text("1 article removed.")
    expect(rows).to_have_count(0)


def test_the_chat_asks_only_what_the_shelf_was_filtered_to(visit: Visits, shelf: Served) -> None:
    page = visit(at=shelf.url)
    panel = open_tab(page, "Library")
    panel.get_by_label("From", exact=True).fill("2014-01-01")
    panel.get_by_label("To", exact=True).fill("2014-12-31")
    expect(page.locator("#shelf")).to_contain_text("of 3")
    panel.get_by_role("button", name="Ask about these").click()
    chips = page.locator("#filters li")
    expect(chips).to_have_count(2)
    expect(page.get_by_role("tab", name="Chat")).to_have_attribute("aria-selected", "true")
    exchange = ask(page, "Who is Peter Humphrey?")
    for link in exchange.locator("a[data-article]").all():
        assert str(link.get_attribute("data-article")).startswith("2014")
    page.get_by_role("button", name="Remove the filter Until: 2014-12-31").click()
    expect(chips).to_have_text(re.compile("From: 2014-01-01"))


def test_a_title_is_opened_with_the_keyboard_and_closing_goes_back(visit: Visits, shelf: Served) -> None:
    page = visit(at=shelf.url)
    panel = open_tab(page, "Library")
    title = panel.get_by_role("button", name="UK orders Huawei out of 5G networks by 2027").first
    title.focus()
    page.keyboard.press("Enter")
    expect(page.locator("aside#reading[data-open] h2")).to_have_text("UK orders Huawei out of 5G networks by 2027")
    page.keyboard.press("Escape")
    expect(title).to_be_focused()


def test_runs_of_the_evals_are_listed_and_their_reports_shown(visit: Visits, shelf: Served) -> None:
    page = visit(at=shelf.url)
    panel = open_tab(page, "Evals")
    runs = panel.locator("tbody tr")
    expect(runs).to_have_count(2)
    expect(runs.first).to_contain_text("2026-11-22")  # the newest first
    expect(runs.last).to_contain_text("2026-11-21")
    runs.first.get_by_role("button").first.click()
    report = page.frame_locator("#evals iframe")
    expect(report.locator("#cases > li").first).to_be_visible()
    report.locator("#cases summary").first.click()
    expect(report.locator("mark.gold").first).to_be_visible()


def test_what_was_cited_is_still_there_after_the_shelf_was_looked_at(visit: Visits, shelf: Served) -> None:
    page = visit(at=shelf.url)
    exchange = ask(page, "How many fingerprints were stolen?")
    open_tab(page, "Library")
    open_tab(page, "Chat")
    exchange.locator("a.chip").first.click()
    expect(expect_at(page)).to_contain_text("fingerprints")
