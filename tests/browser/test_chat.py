"""The chat in a real browser: ask, look at a footnote, open its sentence in its article, stop, come back."""

import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant import open_assistant
from tests.browser.asking import Page, ask, begin_asking, expect, expect_at, open_chip
from tests.browser.conftest import Serve, Visits
from tests.browser.serving import Served, serving
from tests.chat_server import ChatServer
from vectorstore.catalog import Catalog

HUMPHREY, GSK, NOT_HELD = (
    "Who is Peter Humphrey?",
    "What was GSK fined?",
    "What was the weather in Seattle when Xi arrived?",
)
QUOTE = "Peter Humphrey, the British investigator jailed in China over the buying of personal data, was deported on"


@pytest.fixture(scope="module")
def catalog(served: Served) -> Catalog:
    return Catalog.open(library_of(served))


def library_of(served: Served) -> Path:
    arguments = served.process.args
    assert isinstance(arguments, list)
    return Path(arguments[arguments.index("--library") + 1])


def wait_until(page: Page, comes: Callable[[], object]) -> None:
    for _ in range(100):
        if comes():
            return
        page.wait_for_timeout(100)
    pytest.fail("it did not come to that in ten seconds")


def writes(chat: ChatServer) -> bool:
    """Say whether the chat model has been asked to write."""
    return any(path.endswith("/completions") for path, _, _ in chat.asked)


def test_a_chip_that_is_pointed_at_shows_quote_title_and_day(visit: Visits) -> None:
    page = visit()
    chip = ask(page, HUMPHREY).locator("a.chip").first
    card = page.get_by_role("tooltip")
    expect(card).to_be_hidden()
    chip.hover()
    expect(card).to_contain_text(QUOTE)
    expect(card).to_contain_text("Freed investigator Peter Humphrey flies home from China · 2015-06-17")
    card.hover()  # what is shown can be reached, and stays
    page.wait_for_timeout(400)
    expect(card).to_be_visible()
    page.mouse.move(0, 0)
    expect(card).to_be_hidden()
    chip.focus()
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_every_chip_opens_its_article_at_exactly_the_cited_sentence(visit: Visits, catalog: Catalog) -> None:
    exchange = ask(visit(), GSK)
    chips = exchange.locator("a.chip")
    assert chips.count() == 4
    for number in range(4):
        article, ordinal = (chips.nth(number).get_attribute(f"data-{name}") for name in ("article", "sentence"))
        stored = catalog.article(str(article))
        at = open_chip(exchange, number)
        expect(at).to_have_text(stored.quote(int(str(ordinal))))
        expect(at).to_have_attribute("data-ordinal", str(ordinal))
        assert exchange.page.locator("#reading .sentence").all_text_contents() == [
            stored.quote(one.ordinal) for one in stored.sentences
        ]


def test_the_other_cited_sentences_are_fainter_and_one_can_walk_through_them(visit: Visits) -> None:
    page = visit(viewport={"width": 1200, "height": 400})
    open_chip(ask(page, GSK), 0)
    marks = page.locator("#reading .sentence.cited")
    expect(marks).to_have_count(2)
    at, other = (marks.nth(n).evaluate("one => getComputedStyle(one).backgroundColor") for n in (0, 1))
    assert at != other != "rgba(0, 0, 0, 0)"
    expect(page.locator("#walked")).to_have_text("Cited sentence 1 of 2")
    page.get_by_role("button", name="Next cited sentence").click()
    expect(expect_at(page)).to_have_attribute("data-ordinal", "5")
    page.get_by_role("button", name="Next cited sentence").click()
    expect(expect_at(page)).to_have_attribute("data-ordinal", "0")
    page.keyboard.press("p")
    expect(expect_at(page)).to_have_attribute("data-ordinal", "5")


def test_a_footnote_opens_its_sentence_too_and_closing_goes_back_to_it(visit: Visits) -> None:
    page = visit()
    link = ask(page, HUMPHREY).locator("ol.notes a.quote")
    link.click()
    expect(expect_at(page)).to_contain_text(QUOTE)
    page.get_by_role("button", name="Close the article").click()
    expect(page.locator("#reading")).to_be_hidden()
    expect(link).to_be_focused()


def test_confidence_is_a_word_with_its_number_on_hover(visit: Visits) -> None:
    word = ask(visit(), HUMPHREY).locator("abbr")
    expect(word).to_have_text("more likely than not")
    expect(word).to_have_attribute("title", re.compile(r"^\d\d%: the estimated probability"))


def test_a_follow_up_says_how_it_was_understood(visit: Visits) -> None:
    page = visit()
    expect(ask(page, HUMPHREY).locator(".understood")).to_have_count(0)
    follow_up = ask(page, "Is he still being held?")
    expect(follow_up.locator(".understood")).to_have_text("Understood as: Is Peter Humphrey still being held?")
    expect(page.locator("article.exchange")).to_have_count(2)


def test_what_the_library_does_not_hold_is_refused_with_the_nearest_sentences(visit: Visits) -> None:
    page = visit()
    exchange = ask(page, NOT_HELD)
    expect(exchange.locator(".refusal")).to_contain_text("The library holds no answer to this.")
    expect(exchange.locator(".refusal")).to_contain_text(
        re.compile(r"Looked at: the \d+ best sentences of \d+ articles")
    )
    expect(exchange.locator("a.chip")).to_have_count(0)
    nearest = exchange.locator(".nearest a.quote")
    expect(nearest).to_have_count(3)
    quote = nearest.nth(1).inner_text().strip("“”")
    nearest.nth(1).click()
    expect(expect_at(page)).to_have_text(quote)


def test_stop_ends_the_answer_and_the_model_and_keeps_what_was_said(
    visit: Visits, written: Served, chat: ChatServer
) -> None:
    claims = tuple(f"[{n}] Peter Humphrey was detained with his wife in 2013.\n" for n in (1, 2, 3, 4, 1, 2, 3, 4))
    chat.reply, chat.pause = (*claims, *(" word" for _ in range(400))), 0.3
    page = visit(at=written.url)
    begin_asking(page, HUMPHREY)
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(page.locator("#current .nearest li")).to_have_count(3)  # what was found is there before a word is written
    wait_until(page, lambda: writes(chat))
    stop.click()
    exchange = page.locator("article.exchange[data-done]")
    expect(exchange).to_contain_text(re.compile("You stopped this"))
    expect(stop).to_be_hidden()
    wait_until(page, lambda: chat.left)
    chat.reply, chat.pause = ("[1] Nothing of this is so.\n",), 0.0
    expect(ask(page, "Who is Su Bin?").locator(".chip").first).to_be_visible()


def test_what_a_chat_model_wrote_without_support_can_be_unfolded(
    visit: Visits, written: Served, chat: ChatServer
) -> None:
    chat.reply = ("[1] Peter Humphrey was fined 900 million dollars in 1999.\n",)
    exchange = ask(visit(at=written.url), HUMPHREY)
    dropped = exchange.locator("details.dropped")
    expect(dropped.locator("summary")).to_have_text("1 statement was left out because no sentence supports it")
    dropped.locator("summary").click()
    expect(dropped.locator("li")).to_contain_text("Peter Humphrey was fined 900 million dollars in 1999.")


def test_a_reload_keeps_the_chat_and_a_follow_up_goes_on_with_it(visit: Visits) -> None:
    page = visit()
    ask(page, HUMPHREY)
    page.reload()
    expect(page.locator("article.exchange h2")).to_have_text(HUMPHREY)
    expect(page.locator("article.exchange a.chip")).to_have_count(1)
    open_chip(page.locator("article.exchange"))
    page.keyboard.press("Escape")
    follow_up = ask(page, "Is he still being held?")
    expect(follow_up.locator(".understood")).to_contain_text("Peter Humphrey")


def test_a_reload_in_the_middle_of_an_answer_keeps_its_question(
    visit: Visits, written: Served, chat: ChatServer
) -> None:
    chat.reply, chat.pause = tuple(" word" for _ in range(200)), 0.1
    page = visit(at=written.url)
    begin_asking(page, HUMPHREY)
    expect(page.locator("#current .nearest li")).to_have_count(3)
    wait_until(page, lambda: writes(chat))
    visit.forgiven += ["AbortError", "Connection errored out"]  # Gradio, of the answer that it no longer hears
    page.reload()
    expect(page.locator("article.exchange h2")).to_have_text(HUMPHREY)
    expect(page.locator("article.exchange .error")).to_contain_text(re.compile("interrupted|stopped"))
    wait_until(page, lambda: chat.left)  # nobody waits for what the model would have said


def test_past_chats_are_listed_searched_opened_and_deleted(visit: Visits) -> None:
    page = visit()
    chats = page.locator("nav#chats button[data-chat]")
    ask(page, HUMPHREY)
    page.get_by_role("button", name="New chat").click()
    expect(page.locator("article.exchange")).to_have_count(0)
    ask(page, "Who is Su Bin?")
    expect(chats).to_have_count(2)
    page.get_by_label("Search your chats").fill("investigator deported")  # words of the answer
    expect(chats).to_have_count(1)
    chats.click()
    expect(page.locator("article.exchange h2")).to_have_text(HUMPHREY)
    page.get_by_label("Search your chats").fill("")
    expect(chats).to_have_count(2)
    page.get_by_role("button", name=f"Delete the chat: {HUMPHREY}").click()
    page.get_by_role("button", name="Keep").click()
    expect(chats).to_have_count(2)
    page.get_by_role("button", name=f"Delete the chat: {HUMPHREY}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(chats).to_have_count(1)
    expect(page.locator("article.exchange")).to_have_count(0)
    page.reload()
    expect(chats).to_have_count(1)


def test_a_question_is_asked_again_and_edited(visit: Visits) -> None:
    page = visit()
    ask(page, HUMPHREY)
    second = ask(page, "Who is Su Bin?")
    before = str(second.get_attribute("data-key"))
    second.get_by_role("button", name="Ask this again").click()
    expect(page.locator("#current article.exchange[data-done]")).not_to_have_attribute("data-key", before)
    expect(page.locator("#current article.exchange[data-done] h2")).to_have_text("Who is Su Bin?")
    expect(page.locator("article.exchange")).to_have_count(2)
    page.locator("article.exchange").first.get_by_role("button", name="Edit this question").click()
    box = page.get_by_label("Your question", exact=True)
    expect(box).to_have_value(HUMPHREY)
    expect(page.locator("#filters")).to_contain_text("Editing question 1")
    box.fill("How many fingerprints were stolen?")
    box.press("Enter")
    expect(page.locator("article.exchange")).to_have_count(1)
    expect(page.locator("article.exchange[data-done] h2")).to_have_text("How many fingerprints were stolen?")
    expect(page.locator("#filters li")).to_have_count(0)


@pytest.mark.parametrize(
    ("form", "expected"),
    [("Text", '[1] "'), ("Markdown", "[1]"), ("HTML", "Peter Humphrey, the British investigator")],
)
def test_an_answer_is_copied_with_its_footnotes(visit: Visits, form: str, expected: str) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    exchange = ask(page, HUMPHREY)
    exchange.get_by_role("button", name=f"as {form}").click()
    expect(page.locator("#told")).to_have_text(f"Copied, with its footnotes, as {form}.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert QUOTE in copied
    assert copied.replace("“", '"').replace("\\", "").find(expected) >= 0
    if form == "HTML":
        kinds = page.evaluate("navigator.clipboard.read().then((items) => items[0].types)")
        assert "text/html" in kinds


def test_a_thumb_and_a_remark_are_kept_and_can_be_taken_back(visit: Visits) -> None:
    page = visit()
    exchange = ask(page, HUMPHREY)
    bad = exchange.get_by_role("button", name="This answer is bad")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "true")
    exchange.get_by_label("Remark").fill("He is <b>more</b> than that.")
    exchange.get_by_role("button", name="Save").click()
    expect(page.locator("#told")).to_have_text("Your remark is kept.")
    page.reload()
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(exchange.get_by_label("Remark")).to_have_value("He is <b>more</b> than that.")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "false")


def test_filters_are_chips_that_the_chat_uses(visit: Visits) -> None:
    page = visit()
    page.evaluate("footnote.setFilter({ source: '', since: '2016-01-01', until: '' })")
    expect(page.locator("#filters")).to_contain_text("From: 2016-01-01")
    expect(ask(page, HUMPHREY).locator("a.chip[data-article^='2015']")).to_have_count(0)
    page.get_by_role("button", name="Remove the filter From: 2016-01-01").click()
    expect(page.locator("#filters li")).to_have_count(0)
    expect(ask(page, HUMPHREY).locator("a.chip[data-article^='2015']")).to_have_count(1)


def test_one_chooses_who_answers_and_is_told_what_a_missing_model_needs(
    visit: Visits, written: Served, chat: ChatServer
) -> None:
    page = visit(at=written.url)
    choice = page.get_by_label("Answer by")
    expect(choice.locator("option:checked")).to_have_text("Writing with openai:slow")
    choice.select_option("ollama:MODEL")
    expect(page.locator("#advice")).to_contain_text("ollama serve")
    expect(choice).to_have_value("openai:slow")
    chat.asked.clear()
    choice.select_option("quote")
    ask(page, HUMPHREY)
    assert chat.asked == []
    choice.select_option("openai:slow")
    chat.reply = ("[1] Nothing.\n",)
    ask(page, "Who is Su Bin?")
    assert chat.asked


def test_an_address_opens_an_article_at_a_sentence(visit: Visits, served: Served, catalog: Catalog) -> None:
    page = visit(at=f"{served.url}/?article=2014-09-gsk-fined&sentence=5")
    expect(expect_at(page)).to_have_text(catalog.article("2014-09-gsk-fined").quote(5))


def test_an_example_is_asked_with_one_click(visit: Visits) -> None:
    page = visit()
    page.get_by_role("button", name="Who is Su Bin?").click()
    expect(page.locator("article.exchange[data-done] h2")).to_have_text("Who is Su Bin?")
    expect(page.locator(".examples")).to_have_count(0)


def test_an_empty_question_asks_nothing_and_what_is_typed_meanwhile_stays(visit: Visits) -> None:
    page = visit()
    box = page.get_by_label("Your question", exact=True)
    for _ in range(3):
        box.fill("")
        box.press("Enter")
        page.get_by_role("button", name="Ask", exact=True).click()
        box.fill("What was on")
        page.wait_for_timeout(300)
        expect(box).to_have_value("What was on")
    expect(page.locator("article.exchange")).to_have_count(0)


def test_what_is_typed_while_an_answer_grows_is_not_lost(visit: Visits, written: Served, chat: ChatServer) -> None:
    chat.reply, chat.pause = ("[1] It was so.\n", *(" word" for _ in range(20))), 0.1
    page = visit(at=written.url)
    exchange = begin_asking(page, HUMPHREY)
    box = page.get_by_label("Your question", exact=True)
    expect(page.locator("#current .nearest li")).to_have_count(3)
    box.fill("And the next one?")
    expect(exchange).to_have_attribute("data-done", "")
    expect(box).to_have_value("And the next one?")


def test_the_answer_is_said_once_to_who_cannot_see_it(visit: Visits) -> None:
    page = visit()
    page.evaluate(
        """() => {
            window.heard = [];
            const said = document.getElementById("said");
            new MutationObserver(() => heard.push(said.textContent)).observe(said, { childList: true });
        }"""
    )
    ask(page, HUMPHREY)
    heard = " ".join(page.evaluate("heard"))
    assert heard.count(QUOTE) == 1
    assert "1 footnote." in heard


def test_a_narrow_screen_has_the_article_over_the_chat(visit: Visits) -> None:
    page = visit(viewport={"width": 360, "height": 700}, reduced_motion="reduce")
    open_chip(ask(page, HUMPHREY))
    box = page.locator("#reading").bounding_box()
    assert box
    assert (box["x"], box["width"]) == (0, 360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_article_that_was_removed_since_is_a_sentence(
    visit: Visits, serve: Serve, sample_copy: Callable[[], Path]
) -> None:
    library = sample_copy()
    page = visit(at=serve(library).url)
    exchange = ask(page, HUMPHREY)
    assistant = open_assistant(library, model="none")
    with assistant.library.writing():
        assistant.library.remove(["2015-06-humphrey-deported"])
    visit.forgiven.append("404")
    exchange.locator("a.chip").click()
    expect(page.locator("#reading .error")).to_contain_text("2015-06-humphrey-deported")


def test_the_browser_itself_refuses_to_call_another_machine(visit: Visits) -> None:
    page = visit()
    visit.forgiven += ["Content Security Policy", "192.0.2.1"]
    refused = page.evaluate(
        """() => new Promise(resolve => {
            document.addEventListener("securitypolicyviolation", event => resolve(event.blockedURI));
            fetch("http://192.0.2.1/").catch(() => {});
            setTimeout(() => resolve("nothing was refused"), 5000);
        })"""
    )
    assert refused.startswith("http://192.0.2.1")


def test_an_interrupt_ends_it_although_a_tab_is_open(
    visit: Visits, sample_copy: Callable[[], Path], tmp_path: Path
) -> None:
    with serving(sample_copy(), tmp_path) as served:
        page: Page = visit(at=served.url)
        visit.forgiven += ["console: ", "uncaught: "]  # it asks for a server that is gone
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(10) == 0
        page.close()
