"""The web page: a conversation with one library, whose footnotes unfold to the cited sentence.

The page is drawn here as HTML, every word of an article, a question or a model escaped, and Gradio
carries it: docs/decisions/0008 says why its own chat component does not. Gradio takes seconds to
import, so it is imported when the page is built.
"""

import logging
import os
import socket
import sys
import webbrowser
from asyncio import CancelledError
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any

from assistant.answering import Assistant, Finished, Found, Said
from assistant.values import Answer, Claim, Turn
from ui.drawing import Exchange, draw_answer, draw_claims, draw_conversation, draw_line, draw_understood
from vectorstore.catalog import Catalog
from vectorstore.errors import FootnoteError, UsageError

if TYPE_CHECKING:
    import gradio
    from fastapi import FastAPI

LOG = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost")
AT_ONCE = 4  # questions answered at the same time; the others wait their turn
HEADING = (
    "<header><h1>Footnote</h1><p>Every sentence of an answer is footnoted to the sentence of an article that "
    "says so. Where the library holds no answer, you are told.</p></header>"
)
EXAMPLES = {  # of the sample library, by the article that answers each
    "2014-08-humphrey-yu-sentenced": "Who is Peter Humphrey?",
    "2015-09-opm-fingerprints": "How many fingerprints were stolen?",
    "2016-07-su-bin-sentenced": "Who is Su Bin?",
}
# Gradio needs inline and evaluated scripts, so this does not stop a script: it stops every request to
# another machine, whatever asks for it.
POLICY = (
    "default-src 'self' data: blob:; script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def converse(assistant: Assistant, question: str, so_far: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Yield the conversation with one more question, again and again as its reply grows.

    It raises nothing: an error becomes the reply, as a sentence, and later questions do not hear it.
    """
    history = [turn for exchange in so_far for turn in exchange.heard]
    number, understood, claims = len(so_far) + 1, "", list[Claim]()

    def shown(reply: str, heard: Sequence[Turn] = ()) -> tuple[Exchange, ...]:
        return (*so_far, Exchange(question, reply, heard))

    yield shown(draw_line("Looking in the library …", "small waiting"))
    try:
        for event in assistant.stream(question, history):
            match event:
                case Found():
                    understood = draw_understood(question, event.standalone_question)
                    yield shown(understood + draw_line("Reading …", "small waiting"))
                case Said():
                    claims.append(event.claim)
                    yield shown(understood + draw_claims(claims, number))
                case Finished():
                    reply = draw_answer(event.answer, assistant.library.catalog, number)
                    yield shown(reply, _heard(event.answer))
    except FootnoteError as error:
        yield shown(draw_line(str(error), "error"))
    except Exception:  # the top of the program, for the person at the page
        LOG.exception("The page could not answer.")
        yield shown(draw_line("Something went wrong. The terminal that runs footnote says what.", "error"))


def _heard(answer: Answer) -> tuple[Turn, ...]:
    asked = Turn("user", answer.question)
    return (asked,) if answer.abstained else (asked, Turn("assistant", answer.text))


def choose_examples(catalog: Catalog) -> list[str]:
    """Return questions to begin with that this library can answer."""
    held = [question for key, question in EXAMPLES.items() if catalog.fingerprint(key)]
    some = islice(catalog.article_ids(), len(EXAMPLES))
    return held or [f"What is “{catalog.article(key).article.title}” about?" for key in some]


def build_page(assistant: Assistant) -> "gradio.Blocks":
    """Build the page; a conversation belongs to one open tab, and ends with it."""
    gr = _gradio()

    def ask(question: str, so_far: tuple[Exchange, ...]) -> Iterator[tuple[str, str, tuple[Exchange, ...]]]:
        for exchanges in converse(assistant, question.strip(), so_far) if question.strip() else ():
            yield "", draw_conversation(exchanges), exchanges

    page: gradio.Blocks
    with gr.Blocks(title="Footnote", analytics_enabled=False) as page:
        gr.HTML(HEADING, apply_default_css=False)
        so_far = gr.State(())
        conversation = gr.HTML(draw_conversation(()), js_on_load=_asset("page.js"), apply_default_css=False)
        with gr.Column(elem_id="examples"):
            examples = [gr.Button(text, size="sm") for text in choose_examples(assistant.library.catalog)]
        with gr.Row(elem_id="asking"):
            question = gr.Textbox(
                placeholder="Ask the library a question",
                label="Your question",
                show_label=False,
                container=False,
                max_length=1000,
                autofocus=True,
            )
            send = gr.Button("Ask", variant="primary", scale=0, min_width=72)
        again = gr.Button("New conversation", size="sm", elem_id="again")
        shown = [question, conversation, so_far]
        quietly = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": AT_ONCE}
        asked = [gr.on([question.submit, send.click], ask, [question, so_far], shown, **quietly)]
        asked += [button.click(ask, [button, so_far], shown, **quietly) for button in examples]
        again.click(lambda: ("", draw_conversation(()), ()), None, shown, cancels=asked, **quietly)
    return page


def serve(assistant: Assistant, host: str = "127.0.0.1", port: int = 7860, open_browser: bool = False) -> None:
    """Serve the page until it is interrupted; port 0 takes a free one.

    Raises UsageError where `host` is not this machine, or where `port` cannot be had.
    """
    if host not in LOOPBACK:
        raise UsageError(
            f"The page is for this machine alone and is not served at {host}: use {' or '.join(LOOPBACK)}."
        )
    with _listen(host, port) as listening:
        import uvicorn

        config = uvicorn.Config(
            _web_app(assistant),
            headers=[("Content-Security-Policy", POLICY)],
            log_level="warning",
            timeout_graceful_shutdown=1,  # every open tab holds a connection, to be waited for without end
        )
        logging.getLogger("uvicorn.error").addFilter(_is_no_farewell)
        address = f"http://{host}:{listening.getsockname()[1]}"
        sys.stderr.write(f"Footnote is at {address} (Ctrl-C ends it)\n")
        sys.stderr.flush()
        if open_browser:  # its request waits in the socket's backlog until the server accepts
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


def _is_no_farewell(record: logging.LogRecord) -> bool:
    """Tell what a person should read from what uvicorn says of tabs that are open when it ends."""
    cancelled = record.exc_info is not None and isinstance(record.exc_info[1], CancelledError)
    return not cancelled and "timeout graceful shutdown" not in record.getMessage()


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    if os.name == "posix":  # elsewhere the option would share a port that is taken
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except (OSError, OverflowError) as error:
        listening.close()
        reason = (getattr(error, "strerror", None) or "ports end at 65535").lower()
        raise UsageError(f"Port {port} cannot be used: {reason}. Name another with --port.") from error
    return listening


def _web_app(assistant: Assistant) -> "FastAPI":
    """Mount the page; Gradio's own `launch` would call itself by way of any proxy that is configured."""
    gr = _gradio()
    from fastapi import FastAPI
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    app = FastAPI(openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(LOOPBACK))  # against DNS rebinding
    fonts = {"font": ("system-ui", "sans-serif"), "font_mono": ("ui-monospace", "monospace")}
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_page(assistant),
        "/",
        server_name="127.0.0.1",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        theme=gr.themes.Base(neutral_hue="stone", primary_hue="stone", **fonts),
        css=_asset("page.css"),
    )
    return mounted


def _asset(name: str) -> str:
    return (resources.files("ui") / "assets" / name).read_text("utf-8")


def _gradio() -> Any:
    """Import Gradio with its reports to its makers, and its look for a newer version, turned off."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        import gradio
    except ModuleNotFoundError as error:
        raise UsageError("The page needs Gradio: pip install 'footnote-assistant[ui]'") from error
    return gradio
