"""What the browser tests share: one browser, one served sample library, and people who visit it.

They need Chromium (`apt-get install chromium`) and `pip install 'footnote-assistant[test]'`, and skip without.
The fixtures live as long as this folder's tests: Playwright keeps an event loop running, in which the tests of
other folders could not start one of their own.

    def test_something(visit: Visits) -> None:
        page = visit()                                  # as a new person; the page is ready
        other = visit(color_scheme="dark")              # options of a browser context
        third = visit(at=another.url)                   # another served process
        visit.forgiven.append("Content Security")       # a console error that this test provokes
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import chat_server
from tests.browser.articles import write_articles
from tests.browser.serving import Served, serving
from tests.evals.run_folder import made_up, outranked, refused, right, write_run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)
PATIENCE = 20_000  # milliseconds; two busy cores are slow to start a page
QUESTION = "Your question"
PASSWORDS = {"ana": "seven quiet herons", "ben": "a ladder in the rain", "eve": "nobody guesses this"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """One Chromium for all tests; each person has a context of their own in it."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium")
    playwright_api = pytest.importorskip(
        "playwright.sync_api", reason="no playwright: pip install 'footnote-assistant[test]'"
    )
    playwright_api.expect.set_options(timeout=PATIENCE)
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


Serve = Callable[..., Served]


@pytest.fixture(scope="package")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start `footnote ui`, with options and environment as `serving` takes them; it ends with the tests."""
    with ExitStack() as processes:
        yield lambda library, *options, **environment: processes.enter_context(
            serving(library, tmp_path_factory.mktemp("served"), *options, **environment)
        )


@pytest.fixture(scope="package")
def sample_copy(seed_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Make a copy of the sample library: chats are kept beside it, and a test may add to it."""
    return lambda: Path(shutil.copytree(seed_library, tmp_path_factory.mktemp("sample") / "library"))


@pytest.fixture(scope="package")
def served(serve: Serve, sample_copy: Callable[[], Path]) -> Served:
    """The sample library, served as `footnote ui` does without options. Tests share it: add to another copy."""
    return serve(sample_copy())


@pytest.fixture(scope="package")
def _chat_server() -> Iterator[chat_server.ChatServer]:
    with chat_server.serving() as server:
        yield server


@pytest.fixture
def chat(_chat_server: chat_server.ChatServer) -> Iterator[chat_server.ChatServer]:
    """The chat model of `written`: `chat.reply` is what it says, `chat.pause` how slowly. As new for each test."""
    new = chat_server.ChatServer(url=_chat_server.url)
    for name in chat_server.ChatServer.__dataclass_fields__:
        setattr(_chat_server, name, getattr(new, name))
    yield _chat_server
    _chat_server.pause = 0.0


@pytest.fixture(scope="package")
def written(serve: Serve, sample_copy: Callable[[], Path], _chat_server: chat_server.ChatServer) -> Served:
    """The sample library, answered by the scripted chat model; take `chat` with it, to say what it replies."""
    return serve(sample_copy(), FOOTNOTE_MODEL="openai:slow", FOOTNOTE_BASE_URL=f"{_chat_server.url}/v1")


@pytest.fixture(scope="package")
def looks(serve: Serve, sample_copy: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The sample library with a long article and an Arabic one, served where an eval was run; for reading alone."""
    from vectorstore.indexing import index

    library = sample_copy()
    index(library, [write_articles(tmp_path_factory.mktemp("looks"))])
    served = serve(library)
    asked = [right("q1"), outranked("q2"), refused("q3"), made_up("q5"), *(right(f"more{n}") for n in range(40))]
    write_run(served.folder / "runs" / "weather", asked)
    return served


@pytest.fixture(scope="package")
def closed(serve: Serve, sample_copy: Callable[[], Path]) -> Served:
    """The sample library, which ana, ben and eve sign in to."""
    from ui.web.users import Users

    library = sample_copy()
    for name, password in PASSWORDS.items():
        Users(library / "users.json").add(name, password)
    return serve(library)


class Visits:
    """Opens the page as another person each time, and holds everything that must not happen to any of them."""

    def __init__(self, browser: Any, address: Callable[[], str]) -> None:
        self.forgiven: list[str] = []  # regular expressions
        self.troubles: list[str] = []
        self.contexts: list[Any] = []
        self._browser = browser
        self._address = address

    def __call__(self, *, at: str | None = None, wait_for: str | None = QUESTION, **options: Any) -> Any:
        """Return the page of a new person, once the field labelled `wait_for` can be seen."""
        address = at or self._address()
        context = self._browser.new_context(
            **{"base_url": address, "viewport": {"width": 1200, "height": 800}, **options}
        )
        self.contexts.append(context)
        context.set_default_timeout(PATIENCE)
        home = urlsplit(address).netloc

        def asked(request: Any) -> None:
            if not request.url.startswith(("data:", "blob:")) and urlsplit(request.url).netloc != home:
                self.troubles.append(f"request to {request.url}")

        def said(message: Any) -> None:
            if message.type == "error":
                self.troubles.append(f"console: {message.text} ({message.location.get('url')})")

        def asks(dialog: Any) -> None:
            self.troubles.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        context.on("request", asked)
        context.on("console", said)
        context.on("weberror", lambda error: self.troubles.append(f"uncaught: {error.error}"))
        context.on("dialog", asks)
        page = context.new_page()
        context.on("page", lambda popup: self.troubles.append(f"a window opened: {popup.url}"))
        page.goto(address)
        if wait_for:
            page.get_by_label(wait_for, exact=True).first.wait_for()
        return page

    def close(self) -> None:
        """Let everybody leave, and fail if anything went wrong for anyone."""
        for context in self.contexts:
            context.close()
        assert [one for one in self.troubles if not any(re.search(each, one) for each in self.forgiven)] == []


@pytest.fixture
def visit(browser: Any, request: pytest.FixtureRequest) -> Iterator[Visits]:
    """Visit the page; `served` is started at the first visit that names no other process.

    At the end of the test: every request went to the visited process, no dialog or window opened, no script
    failed, and the console shows no error that is not in `visit.forgiven`.
    """
    visits = Visits(browser, lambda: str(request.getfixturevalue("served").url))
    yield visits
    visits.close()
