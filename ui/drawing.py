"""Answers as HTML for the page: every word of an article, a question or a model is escaped."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from assistant.values import Answer, Citation, Claim, Turn
from vectorstore.catalog import Catalog
from vectorstore.errors import ArticleUnknown

NEAREST_SHOWN = 3
CONTEXT = 400  # characters of the article on each side of a quote, at most
CONFIDENCE = ((0.9, "very likely"), (0.7, "likely"), (0.5, "more likely than not"), (0.3, "uncertain"))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its reply, drawn; `heard` is what a follow-up is understood by."""

    question: str
    reply: str
    heard: Sequence[Turn] = ()


def draw_conversation(exchanges: Sequence[Exchange]) -> str:
    """Return the whole conversation as HTML; a screen reader says what is added to it."""
    articles = "".join(
        f'<article class="exchange"><h2 dir="auto">{escape(exchange.question)}</h2>{exchange.reply}</article>'
        for exchange in exchanges
    )
    return f'<div role="log" aria-live="polite">{articles}</div>'


def draw_answer(answer: Answer, catalog: Catalog, number: int) -> str:
    """Return an answer, or a refusal, as HTML; `number` (from 1) is its place in the conversation."""
    understood = draw_understood(answer.question, answer.standalone_question)
    if answer.abstained:
        return understood + _draw_refusal(answer, catalog, number)
    notes = "".join(
        _draw_note(citation, catalog, f"note-{number}-{marker}", f"[{marker}] ")
        for marker, citation in enumerate(answer.citations, 1)
    )
    return (
        f"{understood}{draw_claims(answer.claims, number)}{draw_confidence(answer.confidence)}"
        f'<section aria-label="Footnotes">{notes}</section>'
        f"{''.join(draw_line(note, 'small') for note in answer.notes)}{_draw_dropped(answer, number)}"
    )


def draw_confidence(confidence: float) -> str:
    """Return the confidence in words, with the number on hover."""
    word = next((word for least, word in CONFIDENCE if confidence >= least), "doubtful")
    number = f"{confidence:.0%}: the estimated probability that this answer is right and supported"
    return f'<p class="small">Right and supported: <abbr title="{number}">{word}</abbr></p>'


def draw_line(text: str, look: str) -> str:
    """Return a line of text; `look` is its class in page.css."""
    return f'<p class="{look}" dir="auto">{escape(text)}</p>'


def draw_understood(question: str, standalone: str) -> str:
    """Return how a follow-up was understood, or nothing where it stands alone."""
    return "" if standalone == question else draw_line(f"Understood as: {standalone}", "small understood")


def draw_claims(claims: Sequence[Claim], number: int) -> str:
    """Return claims as a paragraph whose markers lead to the footnotes of reply `number`."""
    cited = dict.fromkeys(citation for claim in claims for citation in claim.citations)
    markers = {
        citation: f'<a class="marker" href="#note-{number}-{marker}">[{marker}]</a>'
        for marker, citation in enumerate(cited, 1)
    }
    sentences = (
        (f"({escape(claim.said_on)}) " if claim.said_on else "")
        + f"<bdi>{escape(claim.text)}</bdi>"
        + "".join(markers[one] for one in claim.citations)
        for claim in claims
    )
    return f'<p class="answer" dir="auto">{" ".join(sentences)}</p>'


def _draw_refusal(answer: Answer, catalog: Catalog, number: int) -> str:
    nearest = "".join(
        _draw_note(item.citation, catalog, f"near-{number}-{rank}", unfolded=True)
        for rank, item in enumerate(answer.evidence[:NEAREST_SHOWN], 1)
    )
    heading = draw_line("The nearest sentences:", "small") if nearest else ""
    return (
        '<div class="refusal"><p class="answer">The library holds no answer to this.</p>'
        f'{heading}<section aria-label="Nearest sentences">{nearest}</section></div>'
    )


def _draw_note(citation: Citation, catalog: Catalog, key: str, marker: str = "", *, unfolded: bool = False) -> str:
    about = "".join(f" · {escape(part)}" for part in (citation.published, citation.source) if part)
    before, after, remark = _context(citation, catalog)
    return (
        f'<details id="{key}"{" open" if unfolded else ""}>'
        f'<summary dir="auto">{marker}<cite>{escape(citation.title)}</cite>{about}</summary>'
        f'<blockquote dir="auto">{escape(before)}<mark>{escape(citation.quote)}</mark>{escape(after)}'
        f"</blockquote>{draw_line(remark, 'small') if remark else ''}</details>"
    )


def _draw_dropped(answer: Answer, number: int) -> str:
    items = "".join(f"<li>{escape(one.text)} <em>({escape(one.reason)})</em></li>" for one in answer.dropped)
    summary = f"<summary>Left out for want of support: {len(answer.dropped)}</summary>"
    return f'<details id="dropped-{number}">{summary}<ul>{items}</ul></details>' if items else ""


def _context(citation: Citation, catalog: Catalog) -> tuple[str, str, str]:
    """Return what stands before and after a quote, and a remark where its article is another by now."""
    try:
        text = catalog.article(citation.article_id).article.text
    except ArticleUnknown:
        return "", "", "This article is no longer in the library."
    if text[citation.start : citation.end] != citation.quote:
        return "", "", "This article has changed since it was cited."
    return _before(text, citation.start), _after(text, citation.end), ""


def _before(text: str, end: int) -> str:
    """Return the paragraph up to `end`; where that is at its very beginning, the paragraph before it."""
    start = text.rfind("\n", 0, max(end - 1, 0)) + 1
    return text[start:end] if end - start <= CONTEXT else "… " + text[end - CONTEXT : end].partition(" ")[2]


def _after(text: str, start: int) -> str:
    """Return the paragraph from `start`; where that is at its very end, the paragraph after it."""
    end = (text + "\n\n").index("\n", start + 1)
    return text[start:end] if end - start <= CONTEXT else text[start:][:CONTEXT].rpartition(" ")[0] + " …"
