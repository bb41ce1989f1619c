"""The page in a real browser: it is served by a process of its own, whose every connection is watched.

Needs Chromium (`apt-get install chromium`) and `pip install 'footnote-assistant[test]'`; skips without.
The assistant is a fake: what answers is tested elsewhere, here it is what is seen.
"""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO
from urllib.parse import urlsplit

import pytest

from assistant.answering import Assistant, Event, Finished, Found, Said
from assistant.values import Answer, Citation, Claim, Evidence, Models, Support, Turn, Verdict
from ui.page import serve
from vectorstore.errors import ModelError
from vectorstore.values import Article, Sentence, StoredArticle

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install 'footnote-assistant[test]'")
Page, expect = sync_api.Page, sync_api.expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium"),
]

ROOT = Path(__file__).parents[2]
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)
PATIENCE = 20_000  # milliseconds; two busy cores are slow to start a page
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> **bold** $x^2$ ${alert(3)} {{constructor}} `${1+1}`"
ARTICLES = {
    "rain": ("Weather", ["It rained on Monday.", "It stopped on Tuesday.", "It froze on Wednesday."]),
    "evil": (f"Title {HOSTILE}", ["Before.", f"It said {HOSTILE}.", f"After {HOSTILE}."]),
}


class Shelf:
    """A catalog as far as the page reads one."""

    def article(self, article_id: str) -> StoredArticle:
        title, sentences = ARTICLES[article_id]
        text = " ".join(sentences)
        starts = [text.index(sentence) for sentence in sentences]
        spans = [Sentence(article_id, n, at, at + len(sentences[n])) for n, at in enumerate(starts)]
        return StoredArticle(Article(article_id, title, "2020-01-02", "The Daily", text), spans)

    def article_ids(self) -> Iterator[str]:
        return iter(ARTICLES)

    def fingerprint(self, article_id: str) -> str | None:
        return "f" if article_id in ARTICLES else None


class Fake(Assistant):
    """Answers with the sentences that hold the question's last word; a follow-up goes behind earlier questions."""

    def __init__(self) -> None:
        self.library = SimpleNamespace(catalog=Shelf())

    def stream(self, question: str, history: Sequence[Turn] = (), **_: Any) -> Iterator[Event]:
        if "broken" in question:
            raise ModelError("The model is missing. Install it: pip install model")
        asked = " ".join([*(turn.text for turn in history if turn.role == "user"), question])
        stored = [self.library.catalog.article(key) for key in self.library.catalog.article_ids()]
        found = [Citation.of(one, sentence.ordinal) for one in stored for sentence in one.sentences]
        evidence = [Evidence(citation, 0.5) for citation in found]
        yield Found(asked, evidence)
        word = question.strip("?").split()[-1]
        claims = [Claim(one.quote, (one,), Support(Verdict.VERBATIM, 1.0)) for one in found if word in one.quote]
        for number, claim in enumerate(claims, 1):
            yield Said(claim, [number])
        models = Models("fake", "fake")
        yield Finished(Answer(question, asked, claims, (), not claims, 0.93 if claims else 0.1, evidence, models))


def serve_watched() -> None:
    """Serve the page and report every look at another machine; runs in a process of its own."""

    def watch(event: str, args: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
            target = args[1] if event == "socket.connect" else args
            if isinstance(target, tuple) and target[0] not in ("127.0.0.1", "::1", "localhost", None):
                sys.stderr.write(f"LEFT {event} {target}\n")
                sys.stderr.flush()

    sys.addaudithook(watch)
    serve(Fake(), port=0)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    errors = tmp_path_factory.mktemp("page") / "stderr"
    with errors.open("w") as stderr:
        process = start(stderr)
    try:
        yield wait_for_address(process, errors)
    finally:
        process.terminate()
        process.wait(10)
    assert "LEFT" not in errors.read_text(), "the server looked at another machine"
    assert "Traceback" not in errors.read_text(), errors.read_text()


def start(stderr: TextIO) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, __file__], stderr=stderr, env=environment)


def wait_for_address(process: "subprocess.Popen[bytes]", errors: Path) -> str:
    for _ in range(600):
        if found := re.search(r"Footnote is at (\S+)", errors.read_text()):
            return found[1]
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"the page did not start:\n{errors.read_text()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    expect.set_options(timeout=PATIENCE)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Any]:
    """Open the page as another person each time; nothing that any of them does may leave the machine."""
    contexts, seen, dialogs = [], [], []

    def watch(dialog: Any) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 900, "height": 800}, **options})
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: seen.append(request.url))
        contexts.append(context)
        page = context.new_page()
        page.on("dialog", watch)
        page.goto(address)
        expect(page.get_by_placeholder("Ask the library a question")).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()
    hosts = {urlsplit(url).hostname for url in seen if not url.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(address).hostname}
    assert dialogs == []


def ask(page: Page, question: str) -> Any:
    """Ask, and return the exchange once its reply is whole."""
    box = page.get_by_placeholder("Ask the library a question")
    box.fill(question)
    for _ in range(PATIENCE // 500):  # until the reply before is over, the page does not take another question
        box.press("Enter")
        page.wait_for_timeout(500)
        if not box.input_value():
            break
    exchange = page.locator("article.exchange").last
    expect(exchange.locator("h2")).to_have_text(question)
    expect(exchange.locator("section, .error")).to_be_visible()
    return exchange


def test_a_footnote_unfolds_to_the_cited_sentence(visit: Any) -> None:
    exchange = ask(visit(), "What was on Tuesday?")
    expect(exchange.locator(".answer")).to_have_text("It stopped on Tuesday.[1]")
    expect(exchange.locator("abbr")).to_have_text("very likely")
    expect(exchange.locator("abbr")).to_have_attribute("title", re.compile("^93%"))
    expect(exchange.locator("blockquote")).to_be_hidden()
    exchange.get_by_text("[1] Weather · 2020-01-02 · The Daily").click()
    expect(exchange.locator("mark")).to_be_visible()
    expect(exchange.locator("mark")).to_have_text("It stopped on Tuesday.")
    expect(exchange.locator("blockquote")).to_have_text(" ".join(ARTICLES["rain"][1]))


def test_a_marker_unfolds_its_footnote_and_it_stays_so(visit: Any) -> None:
    page = visit()
    ask(page, "What was on?").get_by_role("link", name="[2]").click()
    first = page.locator("article.exchange").first
    expect(first.locator("details[open]")).to_have_count(1)
    ask(page, "What was on Monday?")
    expect(first.locator("details[open]")).to_have_count(1)
    expect(first.locator("mark").nth(1)).to_be_visible()


def test_what_the_library_does_not_hold_is_refused_with_the_nearest_sentences(visit: Any) -> None:
    exchange = ask(visit(), "What was on Friday?")
    expect(exchange.locator(".refusal")).to_contain_text("The library holds no answer to this.")
    expect(exchange.locator("mark")).to_have_count(3)
    expect(exchange.locator("mark").first).to_be_visible()
    expect(exchange.locator("a.marker")).to_have_count(0)


def test_a_follow_up_says_how_it_was_understood(visit: Any) -> None:
    page = visit()
    expect(ask(page, "What was on Monday?").locator(".understood")).to_have_count(0)
    follow_up = ask(page, "And Tuesday?")
    expect(follow_up.locator(".understood")).to_have_text("Understood as: What was on Monday? And Tuesday?")
    expect(page.locator("article.exchange")).to_have_count(2)


def test_two_people_do_not_see_each_other(visit: Any) -> None:
    one, other = visit(), visit()
    ask(one, "What was on Monday?")
    expect(other.locator("article.exchange")).to_have_count(0)
    reply = ask(other, "And Tuesday?")
    expect(reply.locator(".understood")).to_have_count(0)
    expect(other.locator("article.exchange")).to_have_count(1)
    expect(one.locator("article.exchange")).to_have_count(1)


def test_a_new_conversation_forgets_the_last(visit: Any) -> None:
    page = visit()
    ask(page, "What was on Monday?")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("article.exchange")).to_have_count(0)
    expect(ask(page, "And Tuesday?").locator(".understood")).to_have_count(0)


def test_nothing_in_an_article_or_a_question_is_run_or_rendered(visit: Any) -> None:
    page = visit()
    exchange = ask(page, f"{HOSTILE} said")
    expect(exchange.locator(".answer")).to_have_text(f"It said {HOSTILE}.[1]")
    exchange.locator("summary").click()
    expect(exchange.locator("summary")).to_contain_text(f"Title {HOSTILE}")
    expect(exchange.locator("blockquote")).to_contain_text(f"After {HOSTILE}.")
    for rendered in ("script", "img", "strong", "code", "math", ".katex"):
        expect(exchange.locator(rendered)).to_have_count(0)


def test_an_example_is_asked_with_one_click(visit: Any) -> None:
    page = visit()
    expect(page.get_by_role("button", name="What is “Title")).to_have_text(f"What is “Title {HOSTILE}” about?")
    page.get_by_role("button", name="What is “Weather” about?").click()
    expect(page.locator("article.exchange h2")).to_have_text("What is “Weather” about?")
    expect(page.get_by_role("button", name="What is “Weather” about?")).to_be_hidden()


def test_an_error_is_a_sentence_and_the_page_goes_on(visit: Any) -> None:
    page = visit()
    expect(ask(page, "Are you broken?").locator(".error")).to_have_text(
        "The model is missing. Install it: pip install model"
    )
    expect(ask(page, "What was on Monday?").locator(".answer")).to_contain_text("It rained on Monday.")


def test_an_empty_question_asks_nothing(visit: Any) -> None:
    page = visit()
    page.get_by_placeholder("Ask the library a question").press("Enter")
    page.get_by_role("button", name="Ask", exact=True).click()
    ask(page, "What was on Monday?")
    expect(page.locator("article.exchange")).to_have_count(1)


def test_what_is_typed_while_an_empty_question_is_on_its_way_stays(visit: Any) -> None:
    box = visit().get_by_placeholder("Ask the library a question")
    for _ in range(5):
        box.fill("")
        box.press("Enter")
        box.fill("What was on")
        box.page.wait_for_timeout(400)
        assert box.input_value() == "What was on"


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_screen_and_follows_the_chosen_scheme(visit: Any, width: int, scheme: str) -> None:
    page = visit(viewport={"width": width, "height": 700}, color_scheme=scheme)
    ask(page, f"{'Unbreakable' * 20} said").locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, paper = (
        sum(page.locator(where).evaluate(f"e => getComputedStyle(e).{what}.match(/[0-9]+/g).slice(0, 3).map(Number)"))
        for where, what in ((".answer", "color"), ("#asking", "backgroundColor"))
    )
    assert (ink < paper) == (scheme == "light")


def test_the_browser_itself_refuses_to_call_another_machine(visit: Any) -> None:
    page = visit()
    refused = page.evaluate(
        """() => new Promise(resolve => {
            document.addEventListener("securitypolicyviolation", event => resolve(event.blockedURI));
            fetch("http://192.0.2.1/").catch(() => {});
            setTimeout(() => resolve("nothing was refused"), 5000);
        })"""
    )
    assert refused.startswith("http://192.0.2.1")


def test_a_foreign_name_for_this_machine_is_refused(address: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.request("GET", "/config", headers={"Host": "rebound.example"})
    assert connection.getresponse().status == 400
    connection.close()


def test_an_interrupt_ends_it_although_a_tab_is_open(browser: Any, tmp_path: Path) -> None:
    with (tmp_path / "stderr").open("w") as stderr:
        process = start(stderr)
        try:
            page = browser.new_page()
            page.goto(wait_for_address(process, tmp_path / "stderr"))
            expect(page.get_by_placeholder("Ask the library a question")).to_be_visible()
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()
            page.close()
    assert "Traceback" not in (tmp_path / "stderr").read_text()


if __name__ == "__main__":
    serve_watched()
