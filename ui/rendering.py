"""Answers as text for a terminal: a paragraph with markers, and under it the footnotes."""

import re
import textwrap
from collections.abc import Sequence

import click

from assistant.answering import Found, Said
from assistant.values import Answer, Citation, Evidence, marked
from vectorstore.catalog import Listed
from vectorstore.library import Status
from vectorstore.values import StoredArticle

NEAREST_SHOWN = 3

# A terminal obeys these, and articles are written by strangers.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def render_answer(answer: Answer, width: int) -> str:
    """Return an answer, or a refusal with the nearest sentences, wrapped to `width` columns."""
    nearest = render_nearest(answer.evidence, width) if answer.abstained else ""
    text = "" if answer.abstained else _marked(_wrap(answer.text, width))
    understood = _understood(answer.question, answer.standalone_question, width)
    return _paragraphs(understood, text, render_rest(answer, width), nearest)


def render_found(question: str, found: Found, width: int) -> str:
    """Return what is known before anything is written: how a follow-up was understood, and the nearest sentences."""
    understood = _understood(question, found.standalone_question, width)
    return _paragraphs(understood, render_nearest(found.evidence, width))


def render_claim(said: Said, width: int) -> str:
    """Return one claim with its markers."""
    return _marked(_wrap(marked(said.claim, said.markers), width))


def render_rest(answer: Answer, width: int) -> str:
    """Return what follows the claims: the footnotes, and what a person should hear besides; or the refusal."""
    if answer.abstained:
        told = click.style("The library holds no answer to this question.", bold=True)
    else:
        told = "\n".join(_footnote(n, c, width) for n, c in enumerate(answer.citations, 1))
    return _paragraphs(told, *(_dim(_wrap(safe(note), width)) for note in (*answer.notes, *_left_out(answer))))


def render_nearest(evidence: Sequence[Evidence], width: int) -> str:
    """Return the nearest sentences, under a heading."""
    return "\n".join([_dim("Nearest sentences:"), *_nearest(evidence, width)]) if evidence else ""


def _understood(question: str, standalone: str, width: int) -> str:
    return "" if standalone == question else _dim(_wrap(f"Understood as: {standalone}", width))


def _left_out(answer: Answer) -> list[str]:
    n = sum(one.kind not in ("malformed", "repeated") for one in answer.dropped)
    told = "1 statement was left out because no sentence supports it."
    return [told if n == 1 else f"{n} statements were left out because no sentence supports them."] if n else []


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def render_listing(listing: Sequence[Listed]) -> str:
    """Return a line for each article: its id, date, sentences, title and source."""
    rows = [
        (
            safe(item.id),
            item.published or "-",
            str(item.sentences),
            safe(item.title) + ("" if item.ready else "  (pending)"),
        )
        for item in listing
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{click.style(id.ljust(widths[0]), bold=True)}  {day.ljust(widths[1])}  {count.rjust(widths[2])}  {title}"
        + _dim(f"  {safe(item.source)}" if item.source else "")
        for item, (id, day, count, title) in zip(listing, rows, strict=True)
    )


def render_article(stored: StoredArticle, width: int) -> str:
    """Return an article to read, each sentence behind its number."""
    article = stored.article
    origin = " · ".join(safe(part) for part in (article.published, article.source, article.id) if part)
    lines = [click.style(_wrap(safe(article.title), width), bold=True), _dim(origin), ""]
    for sentence in stored.sentences:
        lines.append(_wrap(f"{sentence.ordinal:>4}  {safe(stored.quote(sentence.ordinal))}", width, indent=6))
    return "\n".join(lines)


def render_status(status: Status) -> str:
    """Return what is in a library, and whether it is whole."""
    rows = {
        "library": str(status.folder),
        "embedding": status.embedding,
        "articles": f"{status.articles}, from {status.files} files",
        "sentences": str(status.sentences),
        "passages": f"{status.passages}, with {status.vectors} vectors",
        "size": f"{status.size_bytes / 1e6:.1f} MB",
        "whole": "no" if status.problems else "yes",
    }
    lines = [f"{name.ljust(10)} {value}" for name, value in rows.items()]
    return "\n".join([*lines, *(click.style(f"! {problem}", fg="red") for problem in status.problems)])


def safe(text: str) -> str:
    """Return text without the control characters that a terminal would obey."""
    return _CONTROL.sub("\ufffd", text)


def _footnote(number: int, citation: Citation, width: int) -> str:
    quote = _wrap(
        _quoted(citation.quote), width, indent=4, first=f"{_marker(number)} ", first_width=len(f"[{number}] ")
    )
    return f"{quote}\n{_dim(_wrap(_origin(citation), width, indent=4, first='    '))}"


def _nearest(evidence: Sequence[Evidence], width: int) -> list[str]:
    return [
        _wrap(_quoted(item.citation.quote), width, indent=2, first="- ")
        + "\n"
        + _dim(_wrap(_origin(item.citation), width, indent=2, first="  "))
        for item in evidence[:NEAREST_SHOWN]
    ]


def _quoted(quote: str) -> str:
    """Put a quote between quotation marks, unless it brings its own."""
    return safe(quote) if quote[:1] in '"“‘«' else f"“{safe(quote)}”"


def _origin(citation: Citation) -> str:
    return " · ".join(safe(part) for part in (citation.title, citation.published, citation.source) if part)


def _wrap(text: str, width: int, indent: int = 0, first: str = "", first_width: int | None = None) -> str:
    inner = max(20, width)
    margin = " " * indent
    lead = " " * (len(first) if first_width is None else first_width)
    filled = textwrap.fill(
        " ".join(safe(text).split()) if not first and not indent else safe(text),
        inner,
        initial_indent=lead,
        subsequent_indent=margin,
        break_on_hyphens=False,
        replace_whitespace=True,
    )
    return first + filled[len(lead) :]


def _marker(number: int) -> str:
    return click.style(f"[{number}]", fg="cyan")


def _marked(text: str) -> str:
    return re.sub(r"(?<=\s)(?:\[\d+\])+", lambda found: click.style(found.group(), fg="cyan"), text)


def _dim(text: str) -> str:
    return click.style(text, dim=True)
