"""Answers as HTML for the page, drawn from their JSON: every word of an article, a question or a model is escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from unicodedata import bidirectional
from urllib.parse import urlencode

from ui.web.chats import Exchange
from vectorstore.catalog import Catalog
from vectorstore.errors import ArticleUnknown

NEAREST_SHOWN = 3
MARKS = ('"', "“", "„", "«", "‘", "'")
CONFIDENCE = ((0.9, "very likely"), (0.7, "likely"), (0.5, "more likely than not"), (0.3, "uncertain"))
THUMB = (  # an emoji is not in every machine's fonts; page.css turns it round for a bad answer
    '<svg viewBox="0 0 16 16" aria-hidden="true">'
    '<path d="M1 7h3v8H1zM5 7l3.2-6C9.4 1 10.3 2 10 3.2L9.4 6h4.1c1 0 1.7.9 1.4 1.9l-1.5 5.6c-.2.9-1 1.5-1.9 1.5H5z"/>'
    "</svg>"
)
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws one exchange of a chat; `number`, from 0, is its place there.

    `key` tells it from an earlier answer of that place.
    """

    catalog: Catalog
    number: int
    key: str = ""

    def waiting(self, question: str, text: str) -> str:
        """Return a question whose reply has not begun."""
        return self._article(question, f'<p class="small waiting">{escape(text)}</p>')

    def found(self, question: str, standalone: str, evidence: Sequence[Json], doing: str) -> str:
        """Return a question of which it is known what was found, and nothing is answered yet."""
        waiting = f'<p class="small waiting">{doing} …</p>'
        return self._article(question, draw_understood(question, standalone) + waiting + self._nearest(evidence))

    def growing(self, question: str, standalone: str, claims: Sequence[Json], citations: Sequence[Json]) -> str:
        """Return a question with the claims of its answer so far."""
        reply = draw_understood(question, standalone) + self._claims(claims, citations)
        return self._article(question, reply + self._notes(citations, hidden=True))

    def exchange(self, exchange: Exchange, rating: tuple[str | None, str] = (None, ""), remark: str = "") -> str:
        """Return a whole exchange; `rating` is what the person thought of it, `remark` what else to tell."""
        if exchange.answer is None:
            reply = draw_line(exchange.error or "", "error") + self._tools(answered=False)
        else:
            reply = self._reply(exchange.answer) + self._tools(answered=True, rating=rating)
        return self._article(exchange.question, reply + (draw_line(remark, "error") if remark else ""), done=True)

    def _article(self, question: str, reply: str, done: bool = False) -> str:
        about = f'id="exchange-{self.number}" data-number="{self.number}" data-key="{self.key}"'
        return (
            f'<article class="exchange" {about}{" data-done" * done}>'
            f'<h2 dir="auto">{escape(question)}</h2><div class="reply">{reply}</div></article>'
        )

    def _reply(self, answer: Json) -> str:
        understood = draw_understood(answer["question"], answer["standalone_question"])
        if answer["abstained"]:
            return understood + self._refusal(answer)
        return (
            f"{understood}{self._claims(answer['claims'], answer['citations'])}"
            f"{''.join(draw_line(note, 'small note') for note in answer.get('notes', ()))}"
            f"{self._notes(answer['citations'])}{draw_confidence(answer['confidence'])}"
            f"{draw_dropped(answer['dropped'], self.number)}"
        )

    def _claims(self, claims: Sequence[Json], citations: Sequence[Json]) -> str:
        by_marker = {citation["marker"]: citation for citation in citations}
        sentences = (
            '<span class="claim">'
            + (f'<span class="day">{escape(claim["said_on"])}:</span> ' if claim.get("said_on") else "")
            + f'<span class="said">{escape(claim["text"])}</span>'
            + "".join(self._chip(by_marker[marker]) for marker in claim["citations"])
            + "</span>"
            for claim in claims
        )
        return f'<p class="answer" dir="auto">{" ".join(sentences)}</p>'

    def _chip(self, citation: Json) -> str:
        marker = citation["marker"]
        note = f"note-{self.number}-{marker}"
        title = escape(citation["title"])
        return (
            f'<a class="chip" {place(citation)} data-note="{note}" aria-describedby="{note}" '
            f'aria-label="Footnote {marker}: {title}">{marker}</a>'
        )

    def _notes(self, citations: Sequence[Json], *, hidden: bool = False) -> str:
        items = "".join(
            f'<li id="note-{self.number}-{citation["marker"]}" value="{citation["marker"]}"{_direction(citation)}>'
            f"{_source(citation)}</li>"
            for citation in citations
        )
        return f'<ol class="notes" aria-label="Footnotes"{" hidden" * hidden}>{items}</ol>' if items else ""

    def _refusal(self, answer: Json) -> str:
        looked = draw_looked(answer["evidence"])
        return (
            f'<div class="refusal"><p class="answer">The library holds no answer to this.</p>{looked}'
            f"{self._nearest(answer['evidence'])}</div>"
        )

    def _nearest(self, evidence: Sequence[Json]) -> str:
        items = "".join(f"<li{_direction(one)}>{_source(self._titled(one))}</li>" for one in evidence[:NEAREST_SHOWN])
        return f'<p class="small">The nearest sentences:</p><ul class="notes nearest">{items}</ul>' if items else ""

    def _titled(self, evidence: Json) -> Json:
        """Return evidence with the title, day and source of its article, which its JSON leaves out."""
        if "title" in evidence:
            return evidence
        try:
            article = self.catalog.article(evidence["article_id"]).article
        except ArticleUnknown:
            return {**evidence, "title": evidence["article_id"], "published": None, "source": None, "content_hash": ""}
        return {
            **evidence,
            "title": article.title,
            "published": article.published,
            "source": article.source,
            "content_hash": article.content_hash,
        }

    def _tools(self, *, answered: bool, rating: tuple[str | None, str] = (None, "")) -> str:
        def button(act: str, label: str, text: str, more: str = "") -> str:
            return f'<button type="button" data-act="{act}" aria-label="{label}" title="{label}"{more}>{text}</button>'

        tools = button("retry", "Ask this again", "Retry") + button("edit", "Edit this question, and ask again", "Edit")
        if not answered:
            return f'<div class="tools">{tools}</div>'
        given, remark = rating
        copies = "".join(
            button("copy", f"Copy the answer with its footnotes as {name}", name, f' data-form="{form}"')
            for form, name in (("txt", "Text"), ("md", "Markdown"), ("html", "HTML"))
        )
        thumbs = "".join(
            button("rate", label, THUMB, f' data-rating="{value}" aria-pressed="{str(given == value).lower()}"')
            for value, label in (("up", "This answer is good"), ("down", "This answer is bad"))
        )
        return (
            f'<div class="tools">{tools}<span class="copies" role="group" aria-label="Copy"><span>Copy</span>{copies}'
            f'</span><span class="thumbs" role="group" aria-label="What do you think of it?">{thumbs}</span>'
            f'<form class="remark"{"" if remark else " hidden"}><label>Remark <input name="remark" maxlength="2000" '
            f'autocomplete="off" value="{escape(remark)}"></label><button type="submit">Save</button></form></div>'
        )


def draw_conversation(catalog: Catalog, exchanges: Sequence[Exchange], ratings: Mapping[int, Any]) -> str:
    """Return exchanges as HTML; `ratings` maps their numbers to what the person thought of them."""
    return "".join(
        Drawing(catalog, number).exchange(exchange, ratings.get(number, (None, "")))
        for number, exchange in enumerate(exchanges)
    )


def draw_confidence(confidence: float) -> str:
    """Return the confidence in words, with the number on hover."""
    word = next((word for least, word in CONFIDENCE if confidence >= least), "doubtful")
    number = f"{confidence:.0%}: the estimated probability that this answer is right and supported"
    return (
        f'<p class="small confidence">Right and supported: <abbr title="{number}" tabindex="0" '
        f'aria-label="{word}, {number}">{word}</abbr></p>'
    )


def draw_line(text: str, look: str) -> str:
    """Return a line of text; `look` is its class in page.css."""
    return f'<p class="{look}" dir="auto">{escape(text)}</p>'


def draw_understood(question: str, standalone: str) -> str:
    """Return how a follow-up was understood, or nothing where it stands alone."""
    return "" if standalone == question else draw_line(f"Understood as: {standalone}", "small understood")


def draw_looked(evidence: Sequence[Json]) -> str:
    """Return how much was looked at before a refusal."""
    articles = len({one["article_id"] for one in evidence})
    if not evidence:
        return draw_line("There was nothing to look at: no article matches.", "small")
    return draw_line(f"Looked at: the {len(evidence)} best sentences of {_count(articles, 'article')}.", "small")


def draw_dropped(dropped: Sequence[Json], number: int) -> str:
    """Return the statements that were left out, folded, each with its reason."""
    if not dropped:
        return ""
    were = "was" if len(dropped) == 1 else "were"
    items = "".join(f"<li><bdi>{escape(one['text'])}</bdi> <em>({escape(one['reason'])})</em></li>" for one in dropped)
    return (
        f'<details class="dropped" id="dropped-{number}"><summary>{_count(len(dropped), "statement")} {were} left out '
        f"because no sentence supports {'it' if len(dropped) == 1 else 'them'}</summary><ul>{items}</ul></details>"
    )


def place(citation: Json) -> str:
    """Return the attributes of a link to a sentence: page.js opens it in the reading panel, or else a new page does."""
    article, ordinal = citation["article_id"], citation["ordinal"]
    query = urlencode({"article": article, "sentence": ordinal})
    return (
        f'href="?{escape(query)}" data-article="{escape(article)}" data-sentence="{ordinal}" '
        f'data-hash="{escape(citation["content_hash"])}"'
    )


def _source(citation: Json) -> str:
    quote, day, source = citation["quote"], citation["published"], citation["source"]
    bare = ' class="bare"' if quote.startswith(MARKS) else ""  # it brings quotation marks of its own
    about = (f" · <time>{escape(day)}</time>" if day else "") + (f" · {escape(source)}" if source else "")
    return (
        f'<a class="quote" {place(citation)}><bdi dir="auto"{bare}>{escape(quote)}</bdi></a> '
        f'<span class="about"><cite dir="auto">{escape(citation["title"])}</cite>{about}</span>'
    )


def _direction(citation: Json) -> str:
    """Return the attribute that sets a footnote from right to left, as its quote is; dir="auto" looks past quotes."""
    sides = (bidirectional(char) for char in citation["quote"])
    return ' dir="rtl"' if next((side for side in sides if side in ("L", "R", "AL")), "L") != "L" else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
