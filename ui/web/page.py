"""The page as Gradio's Blocks: the pieces, and what happens when somebody asks, stops, or opens a chat.

What is seen is drawn on the server as HTML, every foreign word escaped, and put into Gradio's HTML components, which
change the page's nodes in place (docs/decisions/0016). Importing this takes seconds, for Gradio does.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from html import escape
from itertools import islice
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request

from ui.web.assets import asset
from ui.web.conversing import Asked, Conversing
from ui.web.desk import AT_ONCE, Desk
from ui.web.drawing import draw_conversation
from ui.web.guarding import MOST_UPLOADED
from ui.web.programs import Tools, for_gradio
from vectorstore.catalog import Catalog, Filter
from vectorstore.errors import FootnoteError
from vectorstore.reading import MAX_BYTES, READERS

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # no report to its makers, and no look for a newer version
import gradio as gr
from gradio.events import api

EXAMPLES = {  # of the sample library, by the article that answers each
    "2014-08-humphrey-yu-sentenced": "Who is Peter Humphrey?",
    "2015-09-opm-fingerprints": "How many fingerprints were stolen?",
    "2016-07-su-bin-sentenced": "Who is Su Bin?",
}
SANS, MONOSPACE = ("system-ui", "sans-serif"), ("ui-monospace", "monospace")  # of the machine: none is fetched
STYLES = ("page.css", "library.css", "evals.css")
QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def build_page(desk: Desk, conversing: Conversing) -> gr.Blocks:
    """Build the page of a desk; what belongs to a person is found by who asks, and nothing of it is kept here."""
    talk = _Talk(desk, conversing)
    page: gr.Blocks
    with gr.Blocks(title="Footnote", analytics_enabled=False) as page:
        tools = Tools(desk)  # before the page's own events, whose names Gradio makes of functions, and keeps apart
        for tool in (tools.ask, tools.search, tools.show_article, tools.list_articles):
            api(for_gradio(tool), api_name=tool.__name__, concurrency_limit=AT_ONCE, concurrency_id="answers")
        gr.HTML(asset("header.html"), apply_default_css=False, elem_id="masthead")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Chat", elem_id="chat-tab"):
                _chat_tab(talk)
            with gr.Tab("Library", elem_id="library-tab"):
                gr.HTML(_library_frame(), js_on_load=asset("library.js"), apply_default_css=False)
            with gr.Tab("Evals", elem_id="evals-tab"):
                gr.HTML(asset("evals.html"), js_on_load=asset("evals.js"), apply_default_css=False)
        gr.HTML(asset("reading.html"), js_on_load=asset("reading.js"), apply_default_css=False, elem_id="reading-place")
    return page


def _chat_tab(talk: "_Talk") -> None:
    with gr.Row(elem_id="desk"):
        gr.HTML(asset("chats.html"), js_on_load=asset("chats.js"), apply_default_css=False, elem_id="chats-place")
        with gr.Column(elem_id="talk"):
            past = gr.HTML(draw_welcome(None), apply_default_css=False, elem_id="past")
            current = gr.HTML("", js_on_load=asset("chat.js"), apply_default_css=False, elem_id="current")
            with gr.Column(elem_id="foot"):
                settings = gr.HTML(
                    {"chat": "", "number": None, "source": "", "since": "", "until": "", "answerer": None},
                    html_template="<span hidden></span>",
                    js_on_load=asset("settings.js"),
                    apply_default_css=False,
                )
                gr.HTML(asset("controls.html"), js_on_load=asset("controls.js"), apply_default_css=False)
                with gr.Row(elem_id="asking"):
                    question = gr.Textbox(
                        placeholder="Ask the library a question",
                        label="Your question",
                        show_label=False,
                        container=False,
                        max_length=1000,
                        max_lines=6,
                        autofocus=True,
                    )
                    send = gr.Button("Ask", variant="primary", scale=0, min_width=72, elem_id="send")
                    gr.Button("Stop", scale=0, min_width=72, elem_id="stop")
    shown = [question, past, current]
    working = {**QUIETLY, "concurrency_limit": AT_ONCE, "concurrency_id": "answers"}
    gr.on([question.submit, send.click], talk.ask, [question, settings], shown, **working)
    current.again(talk.again, [settings], shown, **working)
    opened = current.open(talk.open, None, [past, current], queue=False, **QUIETLY)
    opened.then(None, None, None, js="() => footnote.opened()", **QUIETLY)


def _library_frame() -> str:
    """Return the frame of the Library tab, which library.js fills; it knows which files can be read."""
    frame = asset("library.html").replace("SUFFIXES", ",".join(READERS)).replace("SUFFIX_LIST", ", ".join(READERS))
    return frame.replace("MAX_BYTES", str(MAX_BYTES))


class _Talk:
    """What the pieces of the chat tab do; Gradio tells every method who asks."""

    def __init__(self, desk: Desk, conversing: Conversing) -> None:
        self.desk = desk
        self.conversing = conversing

    def ask(self, question: str, settings: Any, request: gr.Request) -> Iterator[tuple[Any, str, str]]:
        """Yield the emptied box, the exchanges before, and the one that grows."""
        emptied: Any = ""
        for before, html in self._answer(question, settings, request):
            yield emptied, before, html
            emptied = gr.skip()  # what is typed by now stays

    def again(self, settings: Any, event: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, str, str]]:
        """Ask what was clicked, an example or an earlier question; the box keeps what is typed in it."""
        given = event._data if isinstance(event._data, dict) else {}
        chosen = {**settings, "number": given.get("number")} if isinstance(settings, dict) else {}
        for before, html in self._answer(str(given.get("question", "")), chosen, request):
            yield gr.skip(), before, html

    def open(self, event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        """Return a past chat, or the welcome of a new one."""
        given = event._data if isinstance(event._data, dict) else {}
        with _told():
            chat = self.desk.chats.open(_person(request), str(given.get("chat", "")))
            if chat is None:
                return draw_welcome(self.desk.catalog), ""
            return draw_chat(self.desk, _person(request), chat.id), ""

    def _answer(self, question: str, settings: Any, request: gr.Request) -> Iterator[tuple[str, str]]:
        if not question.strip():
            return
        with _told():
            asked = self._asked(question, settings, _person(request))
            before = draw_chat(self.desk, asked.person, asked.chat, asked.number)
        with closing(self.conversing.ask(asked)) as grows:
            for html in grows:
                yield before, f'<div data-chat="{escape(asked.chat)}">{html}</div>'

    def _asked(self, question: str, settings: Any, person: str) -> Asked:
        """Return a question with the settings of its page, of which nothing is trusted."""
        given = settings if isinstance(settings, dict) else {}
        chat = self.desk.chats.open(person, str(given.get("chat", "")))
        count = len(chat.exchanges) if chat else 0
        number = given.get("number")
        return Asked(
            person,
            chat.id if chat else self.desk.chats.new_id(),
            number if isinstance(number, int) and 0 <= number < count else count,
            question,
            Filter(_day(given.get("since")), _day(given.get("until")), str(given.get("source") or "") or None),
            str(given["answerer"]) if given.get("answerer") else None,
        )


@contextmanager
def _told() -> Iterator[None]:
    """Have Gradio show an error of ours as its sentence."""
    try:
        yield
    except FootnoteError as error:
        raise gr.Error(str(error), print_exception=False) from error


def _person(request: gr.Request) -> str:
    assert request.username is not None, "the guard lets nobody in whom it does not know"
    return request.username


def draw_chat(desk: Desk, person: str, id: str, before: int | None = None) -> str:
    """Return a person's chat as HTML: all of it, or the exchanges before a number."""
    chat = desk.chats.open(person, id)
    exchanges = chat.exchanges[:before] if chat else ()
    ratings = desk.feedback.ratings(person, id) if exchanges else {}
    return f'<div data-chat="{escape(id)}">{draw_conversation(desk.catalog, exchanges, ratings)}</div>'


def draw_welcome(catalog: Catalog | None) -> str:
    """Return what stands where nothing was asked yet: what to do first, or questions to begin with."""
    intro = (
        "<h2>Ask the library</h2><p>Each sentence of an answer is footnoted to the sentence of an article that says so."
    )
    intro += " Where the library holds no answer, you are told.</p>"
    if catalog is None:
        return f'<div data-chat="" class="welcome">{intro}</div>'
    if next(catalog.article_ids(), None) is None:
        return (
            '<div data-chat="" class="welcome"><h2>There are no articles yet</h2><p>Add some first: '
            '<button type="button" data-act="library">open the Library</button> and drop files there, or type '
            "<code>footnote index PATH</code> in a terminal.</p></div>"
        )
    examples = "".join(
        f'<li><button type="button" data-act="example" dir="auto">{escape(text)}</button></li>'
        for text in choose_examples(catalog)
    )
    return f'<div data-chat="" class="welcome">{intro}<ul class="examples" aria-label="Examples">{examples}</ul></div>'


def choose_examples(catalog: Catalog) -> list[str]:
    """Return questions to begin with that this library can answer."""
    held = [question for key, question in EXAMPLES.items() if catalog.fingerprint(key)]
    some = islice(catalog.article_ids(), len(EXAMPLES))
    return held or [f"What is “{catalog.article(key).article.title}” about?" for key in some]


def mount_page(app: FastAPI, page: gr.Blocks, person_of: Callable[[Request], str]) -> FastAPI:
    """Mount the page at the root; Gradio's own `launch` would call itself by way of any proxy that is configured."""
    styles = "\n".join(asset(name) for name in STYLES)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        "/",
        server_name="127.0.0.1",
        auth_dependency=person_of,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        max_file_size=MOST_UPLOADED,
        theme=gr.themes.Base(neutral_hue="stone", primary_hue="stone", font=SANS, font_mono=MONOSPACE),
        # In the head, since Gradio's parameter for styles puts its own container before every selector.
        head=f"<style>{styles}</style><script>{asset('footnote.js')}</script>",
    )
    return mounted


def _day(value: Any) -> str | None:
    try:
        return date.fromisoformat(str(value)).isoformat() if value else None
    except ValueError:
        return None
