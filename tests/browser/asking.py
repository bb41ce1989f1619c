"""How a person asks, reads and closes: the hooks of the page that several tests share."""

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install 'footnote-assistant[test]'")
Page, Locator, expect = sync_api.Page, sync_api.Locator, sync_api.expect


ASKED = "number => document.querySelectorAll('article.exchange').length > number"
DONE = "number => document.querySelectorAll('article.exchange')[number]?.matches('[data-done]')"


def begin_asking(page: Page, question: str) -> Locator:
    """Ask, and return the exchange as soon as it is on the page; its reply is yet to grow."""
    number = page.locator("article.exchange").count()
    page.get_by_label("Your question", exact=True).fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_function(ASKED, arg=number)  # looks at every frame, where `expect` waits longer and longer
    exchange = page.locator("article.exchange").nth(number)
    expect(exchange.locator("h2").first).to_have_text(question)
    return exchange


def ask(page: Page, question: str) -> Locator:
    """Ask, and return the exchange once its reply is whole."""
    number = page.locator("article.exchange").count()
    exchange = begin_asking(page, question)
    page.wait_for_function(DONE, arg=number)
    return exchange


def open_chip(exchange: Locator, number: int = 0) -> Locator:
    """Click a chip of an answer (the first is 0), and return the sentence that the reading panel went to."""
    exchange.locator("a.chip").nth(number).click()
    return expect_at(exchange.page)


def expect_at(page: Page) -> Locator:
    """Return the sentence that the reading panel went to, once it is in view."""
    sentence = page.locator("aside#reading[data-open] .sentence.at")
    expect(sentence).to_be_in_viewport()
    return sentence


def open_tab(page: Page, name: str) -> Locator:
    """Choose a tab, and return what it shows."""
    page.get_by_role("tab", name=name, exact=True).click()
    panel = page.locator("[role=tabpanel]:visible")
    expect(panel).to_be_visible()
    return panel
