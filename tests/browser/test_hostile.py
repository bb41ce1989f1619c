"""A library, questions, file names and a chat model that attack the page: all of it is shown as text, none obeyed.

The browser's own defence, the Content-Security-Policy, is turned off for these visits, so that escaping alone holds.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.prompting import as_data
from tests.browser.asking import Locator, Page, ask, expect, open_chip, open_tab
from tests.browser.conftest import Serve, Visits
from tests.browser.hostile import Payload, canary, payloads, write_hostile
from tests.browser.serving import Served
from tests.chat_server import ChatServer
from tests.evals.run_folder import HOSTILE, SENTENCES, outranked, write_run
from vectorstore.catalog import Catalog
from vectorstore.indexing import index

FOREIGN = (
    "script, style, link, meta, base, img, picture, source, video, audio, iframe, object, embed, math, template, "
    "canvas, dialog, marquee, noscript, xss, gradio-app, strong, b, i, h1, code, [style], [popover], [autofocus], "
    "[srcdoc], [ping], [srcset], [formaction], [poster], [background]"
)
"""What no part of the page that holds foreign text has; every text of this file would make some of it."""

GUESTS = """where => {
  const found = [];
  for (const root of document.querySelectorAll(where)) {
    found.push(...[...root.querySelectorAll(%s)].map((node) => node.outerHTML.slice(0, 200)));
    for (const node of root.querySelectorAll("*")) {
      for (const { name, value } of node.attributes) {
        const leads = ["href", "src", "action", "xlink:href"].includes(name) && /^[^?#]*:/.test(value);
        if (name.startsWith("on") || leads) found.push(`${node.tagName} ${name}=${value}`);
      }
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  found.push(...ids.filter((id, at) => id && ids.indexOf(id) !== at).map((id) => `two of the id ${id}`));
  return found;
}""" % json.dumps(FOREIGN)  # noqa: UP031  (braces are JavaScript's)
LIBRARY = "#library, #told"
UNTOUCHED = "() => [typeof window.pwned, typeof {}.pwned, typeof window.footnote.openArticle, document.title]"
SETTLE = 300  # milliseconds in which an attack that got through would have run

pytestmark = pytest.mark.usefixtures("nothing_is_called")


@pytest.fixture(scope="module")
def called() -> Iterator[Any]:
    with canary() as server:
        yield server


@pytest.fixture
def nothing_is_called(called: Any) -> Iterator[None]:
    yield
    assert called.heard == []


@pytest.fixture(scope="module")
def attacks(called: Any) -> Sequence[Payload]:
    return payloads(called.url)


@pytest.fixture(scope="module")
def library(called: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    write_hostile(folder / "files", called.url)
    index(folder / "library", [folder / "files"])
    return folder / "library"


@pytest.fixture(scope="module")
def hostile(serve: Serve, library: Path) -> Served:
    return serve(library)


@pytest.fixture
def page(visit: Visits, hostile: Served) -> Iterator[Page]:
    """The hostile library's page, without the browser's defence; at the end nothing of it was obeyed."""
    page = visit(at=hostile.url, bypass_csp=True, permissions=["clipboard-read", "clipboard-write"])
    yield page
    unharmed(page)


def unharmed(page: Page, where: str = "article.exchange, #reading, #chats, #card, .controls, #told") -> None:
    page.wait_for_timeout(SETTLE)
    assert page.evaluate(GUESTS, where) == []
    assert page.evaluate(UNTOUCHED) == ["undefined", "undefined", "function", "Footnote"]


def test_payloads_are_quoted_as_they_stand(page: Page, attacks: Sequence[Payload]) -> None:
    asked = [one for one in attacks if one.number % 5 not in (0, 3)]  # every article is read further down
    quoted = [one for one in asked if _quotes(page, one)]
    assert len(quoted) >= 62, [one.text for one in asked if one not in quoted]
    assert {one.kind for one in quoted} == {one.kind for one in attacks}


def _quotes(page: Page, one: Payload) -> bool:
    """Ask for a payload, and say whether the answer holds it, and its note and title."""
    if page.locator("article.exchange").count() >= 16:  # a long chat is slow to draw again
        page.get_by_role("button", name="New chat").click()
        expect(page.locator("article.exchange")).to_have_count(0)
    exchange = ask(page, one.question)
    answered, noted, titled = exchange.evaluate(PARTS, [".answer", "ol.notes", "ol.notes .about"])
    assert one.sentence not in answered or (one.sentence in noted and one.line in titled)
    return one.sentence in answered


PARTS = "(exchange, parts) => parts.map((part) => exchange.querySelector(part)?.textContent ?? '')"


def test_a_chip_shows_its_card_and_opens_its_article(page: Page, attacks: Sequence[Payload]) -> None:
    for one in attacks[::12]:
        exchange = ask(page, one.question)
        exchange.locator("a.chip").first.hover()
        expect(page.locator("#card")).to_be_visible()
        assert one.sentence in page.locator("#card").text_content()
        assert open_chip(exchange).text_content() == f"{one.sentence}."
        page.keyboard.press("Escape")


def test_every_article_is_read_as_it_stands(page: Page, library: Path) -> None:
    catalog = Catalog.open(library)
    for article_id in catalog.article_ids():
        stored = catalog.article(article_id)
        page.evaluate("id => footnote.openArticle(id, {cited: [0], at: 0})", article_id)
        page.wait_for_function(
            "id => document.querySelector('#reading [data-article]')?.dataset.article === id", arg=article_id
        )
        shown = page.locator("#reading .sentence").all_text_contents()
        assert shown == [stored.quote(sentence.ordinal) for sentence in stored.sentences]
        assert page.locator("#reading h2").text_content() == stored.article.title
    unharmed(page)


IS_OPEN = "id => document.querySelector('#reading [data-article]')?.dataset.article === id"
VISIT = "text => { location.search = new URLSearchParams({chat: text, article: text, sentence: text}) }"


def test_the_librarys_table_shows_every_title_source_and_file_name(
    page: Page, attacks: Sequence[Payload], library: Path
) -> None:
    listed = Catalog.open(library).listing()
    assert len(listed) > 2 * len(attacks) - 3  # a file whose name begins with a dot is left out
    panel = open_tab(page, "Library")
    expect(panel.locator("#shelf-count")).to_contain_text(f"of {len(listed)}")
    shown = set(_rows(panel))
    while not panel.get_by_role("button", name="Next").get_attribute("aria-disabled"):
        first = panel.locator("tbody tr").first.element_handle()
        panel.get_by_role("button", name="Next").click()
        page.wait_for_function("row => !row.isConnected", arg=first)
        shown |= set(_rows(panel))
    assert shown == {(one.title, one.source or "") for one in listed}
    for one in attacks[::20]:
        panel.get_by_role("searchbox").fill(one.line[:200])
        expect(panel.locator("#shelf-count")).to_contain_text(re.compile("filtered|No article"))
    unharmed(page, LIBRARY)


def test_a_filter_that_attacks_is_a_chip_with_text(page: Page, attacks: Sequence[Payload]) -> None:
    for one in attacks[::12]:
        panel = open_tab(page, "Library")
        panel.get_by_role("search").get_by_label("Source").fill(one.line)
        expect(panel.locator("#shelf-count")).to_contain_text("filtered")
        panel.get_by_role("button", name="Ask about these").click()
        assert one.line in page.locator("#told").text_content()
        assert page.locator("#filters bdi").text_content() == f"Source: {one.line}"
        assert one.sentence in ask(page, one.question).locator(".answer").text_content()


def _rows(panel: Locator) -> list[tuple[str, str]]:
    titles = panel.locator("tbody [data-open]").all_text_contents()
    return list(zip(titles, panel.locator("tbody td.source").all_text_contents(), strict=True))


def test_questions_that_attack_are_shown_listed_searched_and_deleted_as_text(
    page: Page, attacks: Sequence[Payload]
) -> None:
    asked = attacks[::9]
    for one in asked:
        question = one.text.strip()[:200]
        page.get_by_role("button", name="New chat").click()
        expect(page.locator("article.exchange")).to_have_count(0)
        exchange = ask(page, question)
        assert exchange.locator("h2").text_content().split() == question.split()
    expect(page.locator("nav#chats button[data-chat]")).to_have_count(len(asked))
    page.get_by_label("Search your chats").fill(asked[0].line)
    expect(page.locator("nav#chats button[data-chat]")).to_have_count(1)
    page.locator("nav#chats button[data-delete]").click()
    expect(page.get_by_role("dialog")).to_contain_text("<script>alert(1)</script>")
    page.get_by_role("dialog").get_by_role("button").first.click()


def test_what_is_copied_is_no_markup(page: Page, attacks: Sequence[Payload]) -> None:
    for one in attacks[4::20]:
        exchange = ask(page, one.question)
        for form in ("Text", "Markdown", "HTML"):
            exchange.get_by_role("button", name=f"Copy the answer with its footnotes as {form}").click()
            expect(page.locator("#told")).to_contain_text(f"as {form}")
            made = page.evaluate(PASTED, FOREIGN.replace("strong, ", ""))
            assert made == [], form


PASTED = """async foreign => {
  const [item] = await navigator.clipboard.read();
  if (!item.types.includes("text/html")) return [];
  const text = await (await item.getType("text/html")).text();
  const body = new DOMParser().parseFromString(text, "text/html").body;
  return [...body.querySelectorAll(foreign)].map((node) => node.outerHTML);
}"""


def test_an_address_that_attacks_opens_the_page_and_nothing_else(
    visit: Visits, hostile: Served, attacks: Sequence[Payload]
) -> None:
    visit.forgiven += ["status of 404", "status of 422"]
    page = visit(at=hostile.url, bypass_csp=True)
    for one in attacks[::12]:
        page.evaluate("([id]) => footnote.openArticle(id)", [f"no such {one.text}"])
        expect(page.locator("#reading")).to_contain_text("No article")
        page.evaluate(
            "text => { location.search = new URLSearchParams({chat: text, article: text, sentence: text}) }", one.text
        )
        expect(page.get_by_label("Your question", exact=True)).to_be_visible()
        unharmed(page)


def test_routes_never_answer_with_a_page(hostile: Served, visit: Visits, attacks: Sequence[Payload]) -> None:
    page = visit(at=hostile.url)
    for one in attacks[::6]:
        for path in ("reading/article", "chats", "library/articles", "evals/runs"):
            reply = page.request.get(f"/{path}", params={"id": one.text, "search": one.text})
            assert reply.headers["x-content-type-options"] == "nosniff"
            if "text/html" in reply.headers["content-type"]:
                assert not re.search("<script|<img|<svg", reply.text(), re.IGNORECASE)


def test_files_whose_names_attack_are_received_and_indexed_as_text(page: Page, attacks: Sequence[Payload]) -> None:
    panel = open_tab(page, "Library")
    sent = attacks[::9]
    panel.locator("input[type=file]").first.set_input_files(
        [
            {
                "name": one.file_name,
                "mimeType": "text/markdown",
                "buffer": f"The lighthouse of {one.name} was painted {one.number} times.".encode(),
            }
            for one in sent
        ]
    )
    expect(panel.locator("#additions-sentence")).to_have_text(f"Articles: {len(sent)} added.", timeout=60_000)
    named = panel.locator("#additions-files .name").all_text_contents()
    assert sorted(named) == sorted(one.file_name for one in sent)
    unharmed(page, LIBRARY)
    page.get_by_role("tab", name="Chat", exact=True).click()
    exchange = ask(page, f"How many times was the lighthouse of {sent[1].name} painted?")
    assert f"painted {sent[1].number} times" in exchange.locator(".answer").text_content()


def test_a_chat_model_that_attacks_is_text_too(
    visit: Visits, written: Served, chat: ChatServer, attacks: Sequence[Payload]
) -> None:
    page = visit(at=written.url, bypass_csp=True)
    shown = list[bool]()
    for one in attacks[::10]:
        claims = [{"sentences": [1], "text": f"{one.text} was removed from 5G networks."}]
        chat.reply = tuple(re.findall(r".{1,40}", json.dumps({"claims": claims}), re.DOTALL))
        exchange = ask(page, "When must Huawei be removed from 5G networks?")
        assert "Britain's mobile phone companies" in exchange.locator(".answer").text_content()
        shown.append(as_data(one.text) in exchange.locator(".dropped").text_content())
    assert sum(shown) > len(shown) / 2  # of others the splitter into sentences made two
    unharmed(page)


def test_a_run_of_the_evals_that_attacks_is_text_too(page: Page, hostile: Served, attacks: Sequence[Payload]) -> None:
    evil = outranked("evil", question=f"What of {HOSTILE}?", gold=("evil", 1), cited=[("evil", 2)])
    named = {one.line: one for one in attacks[::12]}
    for line, one in named.items():
        models = {"embedding": "e", "reader": "r", "chat": one.line}
        write_run(hostile.folder / "runs" / one.file_name, [evil], name=line, models=models)
    panel = open_tab(page, "Evals")
    expect(panel.locator("tbody tr")).to_have_count(len(named))
    for row in panel.locator("tbody tr").all():
        line = row.get_by_role("button").text_content()
        assert row.locator("td.model").text_content() == named.pop(line).line
    row.get_by_role("button").click()
    report = page.frame_locator("#report-frame")
    report.locator("#cases > li summary").first.click()
    expect(report.locator("mark.gold")).to_contain_text(SENTENCES["evil"][1])
    assert report.locator("img, iframe").count() == 0
    assert report.locator(":root").evaluate("() => typeof window.pwned") == "undefined"
    assert report.locator("h1").text_content() == f"{line}: 1 case"
    unharmed(page, "#runs, #report-title")


@pytest.mark.parametrize("field", ["Name", "Password"])
def test_a_name_that_attacks_cannot_sign_in(
    visit: Visits, closed: Served, attacks: Sequence[Payload], field: str
) -> None:
    visit.forgiven += ["status of 401", "status of 429"]
    page = visit(at=closed.url, wait_for="Name", bypass_csp=True)
    one = attacks[50]
    page.get_by_label("Name").fill(one.text[:64] if field == "Name" else "nobody")
    page.get_by_label("Password").fill(one.text)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    if field == "Name":
        assert page.get_by_label("Name").input_value() == one.text[:64].strip()
    assert page.locator("main").locator("script, img, svg, iframe, [style]").count() == 0
    assert page.evaluate("[typeof window.pwned, document.title]") == ["undefined", "Sign in · Footnote"]
