"""What other programs may ask of a served library: plain functions, which Gradio's API and MCP both serve.

Their signatures and docstrings are read by both: Gradio makes its API page of them, and MCP the schemas that a model
is shown.
"""

import functools
import logging
from collections.abc import Callable
from contextlib import closing
from typing import Any, ParamSpec, TypeVar

from typing_extensions import TypedDict  # pydantic, which reads these, refuses that of typing before Python 3.12

from assistant.answering import Found
from assistant.serializing import answer_to_json
from ui.web.arguments import day_of, filter_of, number_of, question_of, text_of, turns_of
from ui.web.conversing import WRONG
from ui.web.desk import Desk
from vectorstore.catalog import Listed
from vectorstore.errors import FootnoteError
from vectorstore.values import StoredArticle

LOG = logging.getLogger(__name__)
MOST_FOUND = 100
MOST_LISTED = 1000

P = ParamSpec("P")
R = TypeVar("R")


class FoundSentence(TypedDict):
    """A sentence that was found: `score` is the probability, 0 to 1, that it answers."""

    article_id: str
    title: str
    published: str | None
    source: str | None
    ordinal: int
    start: int
    end: int
    quote: str
    score: float


class ShownSentence(TypedDict):
    """A sentence by its place: its number in the article, and code points of the article's text."""

    ordinal: int
    start: int
    end: int
    text: str


class ShownArticle(TypedDict):
    """An article as `footnote show --json` gives it."""

    id: str
    title: str
    published: str | None
    source: str | None
    text: str
    sentences: list[ShownSentence]


class ListedArticle(TypedDict):
    """An article without its text: how many sentences it has, and whether it can answer yet."""

    id: str
    title: str
    published: str | None
    source: str | None
    sentences: int
    ready: bool


class Tools:
    """The tools of one desk; may be shared by threads. Each raises FootnoteError with a sentence for people."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(
        self,
        question: str,
        history: list[str | dict[str, str]] | None = None,
        source: str | None = None,
        since: str | None = None,
        until: str | None = None,
        as_of: str | None = None,
        model: str | None = None,
    ) -> dict[str, Any]:
        """Answer a question from the library's articles, each statement with the sentence that says so, or refuse.

        Args:
            question: The question, in at most 1000 characters.
            history: Earlier turns, oldest first, at most 40: a string is an earlier question, or {"role", "text"}.
            source: Only articles whose source has this in its name, whatever the case.
            since: Only articles published on this day or later, such as 2015-09-25.
            until: Only articles published on this day or earlier.
            as_of: The day of asking, from which "this week" is counted; today if it is left out.
            model: "quote" for the articles' own words, or a chat model's name; if left out, what the server was set to.

        Returns:
            The answer as JSON, version 1: "answer" is the text with markers, "citations" the sentences they stand
            for, "abstained" is true where the library holds no answer, "evidence" are the nearest sentences.
        """
        asked, before = question_of("question", question), turns_of(history)
        day, where = day_of(as_of), filter_of(source, since, until)
        answerer = self._desk.answerers.choose(text_of("model", model))
        answer = answerer.answer(asked, before, as_of=day, where=where)
        return answer_to_json(answer)

    def search(
        self,
        query: str,
        limit: int = 10,
        source: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> list[FoundSentence]:
        """Find the sentences that are most likely to answer a question, best first, without answering it.

        Args:
            query: A question, or words, in at most 1000 characters.
            limit: How many sentences, at most 100.
            source: Only articles whose source has this in its name, whatever the case.
            since: Only articles published on this day or later, such as 2015-09-25.
            until: Only articles published on this day or earlier.

        Returns:
            The sentences with their articles and places, each with the probability that it answers.
        """
        most = number_of("limit", limit, MOST_FOUND)
        where = filter_of(source, since, until)
        with closing(self._desk.assistant.stream(question_of("query", query), where=where)) as events:
            found = next(event for event in events if isinstance(event, Found))
        return [
            FoundSentence(
                article_id=item.citation.article_id,
                title=item.citation.title,
                published=item.citation.published,
                source=item.citation.source,
                ordinal=item.citation.ordinal,
                start=item.citation.start,
                end=item.citation.end,
                quote=item.citation.quote,
                score=round(item.score, 4),
            )
            for item in found.ranked[:most]
        ]

    def show_article(self, article: str) -> ShownArticle:
        """Show an article: its text, and each of its sentences with its place.

        Args:
            article: The article's id, as citations and list_articles give it.

        Returns:
            The article. Every sentence is text[start:end], in code points.
        """
        catalog = self._desk.catalog
        return shown(catalog.article(catalog.resolve(text_of("article", article) or "")))

    def list_articles(self, search: str = "", limit: int = 100) -> list[ListedArticle]:
        """List the library's articles by date, the undated last.

        Args:
            search: Only articles with this in their title, source or id, whatever the case.
            limit: How many articles, at most 1000.

        Returns:
            A line for each article, without its text.
        """
        most = number_of("limit", limit, MOST_LISTED)
        part = (text_of("search", search) or "").strip().casefold()
        listing = [item for item in self._desk.catalog.listing() if part in _names(item)]
        return [
            ListedArticle(
                id=item.id,
                title=item.title,
                published=item.published,
                source=item.source,
                sentences=item.sentences,
                ready=item.ready,
            )
            for item in listing[:most]
        ]


def for_gradio(tool: Callable[P, R]) -> Callable[P, R]:
    """Return a tool whose errors reach Gradio's clients as a sentence; one that nobody expected is logged."""
    import gradio as gr

    @functools.wraps(tool)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return tool(*args, **kwargs)
        except FootnoteError as error:
            raise gr.Error(str(error), print_exception=False) from error
        except Exception as error:  # the top of the program, for a program that asks
            LOG.exception("%s failed.", tool.__name__)
            raise gr.Error(WRONG, print_exception=False) from error

    return called


def shown(stored: StoredArticle) -> ShownArticle:
    """Return an article as plain JSON values."""
    article = stored.article
    return ShownArticle(
        id=article.id,
        title=article.title,
        published=article.published,
        source=article.source,
        text=article.text,
        sentences=[
            ShownSentence(ordinal=s.ordinal, start=s.start, end=s.end, text=stored.quote(s.ordinal))
            for s in stored.sentences
        ],
    )


def _names(item: Listed) -> str:
    return "\n".join((item.title, item.source or "", item.id)).casefold()
