"""An answer with its footnotes to take elsewhere: as plain text, as Markdown, and as HTML.

All three are made from the answer's JSON, version 1. What they say comes from articles, people and models, so in
Markdown and HTML none of it can be markup, and in none of them can it begin a line and pass for another footnote.
"""

import re
import unicodedata
from collections.abc import Mapping
from html import escape
from typing import Any

REFUSAL = "The library holds no answer to this."

_OVERRIDES = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_MARKERS = re.compile(r"((?:\[[0-9]+\])+)")  # a "[2]" of an article's own stands in an answer as "(2)"
_ANYWHERE = re.compile(r"[\\`*_{}\[\]<>#|~&!^=$@]")
_LINK = re.compile(r"(?<=\w)[.:](?=[^\W\d_])|(?<=[wW]{3})\.|:(?=/)")  # example.com, mailto:me, www.1.com, https://
_LIST = re.compile(r"^(?:[-+:%]|[0-9]+[.)](?=\s|$))")


def as_text(answer: Mapping[str, Any]) -> str:
    """Return an answer as plain text: the question, the answer with markers, the notes, a line a footnote."""
    said = harmless(answer["answer"]) or REFUSAL
    notes = map(harmless, answer["notes"])
    footnotes = [
        f"[{cited['marker']}] “{harmless(cited['quote'])}” {', '.join(_about(cited))}" for cited in answer["citations"]
    ]
    return _joined(harmless(answer["question"]), harmless(_understood(answer)), said, *notes, "\n".join(footnotes))


def as_markdown(answer: Mapping[str, Any]) -> str:
    """Return an answer as Markdown that is read alike by CommonMark and by GitHub; the question is a heading.

    An address such as somebody@example.com may still become a link where GitHub shows it: Markdown has no way to
    say that it is none.
    """
    said = plain_markdown(answer["answer"]) or REFUSAL
    notes = map(plain_markdown, answer["notes"])
    footnotes = [
        rf"\[{cited['marker']}\] “{plain_markdown(cited['quote'])}” {plain_markdown(', '.join(_about(cited)))}"
        for cited in answer["citations"]
    ]
    question = f"### {plain_markdown(answer['question'])}"
    return _joined(question, plain_markdown(_understood(answer)), said, *notes, *footnotes)


def as_html(answer: Mapping[str, Any]) -> str:
    """Return an answer as a piece of HTML, in which every foreign text has its own direction."""
    pieces = _MARKERS.split(harmless(answer["answer"]) or REFUSAL)
    said = "".join(f"<sup>{piece}</sup>" if at % 2 else _isolated(piece) for at, piece in enumerate(pieces))
    understood, *notes = (
        f"<p>{_isolated(line)}</p>\n" if line else "" for line in (_understood(answer), *answer["notes"])
    )
    footnotes = "".join(f"<p>{_footnote(cited)}</p>\n" for cited in answer["citations"])
    question = f"<p><strong>{_isolated(answer['question'])}</strong></p>\n"
    return f'{question}{understood}<p dir="auto">{said}</p>\n{"".join(notes)}{footnotes}'


def harmless(text: str) -> str:
    """Return a text in which every line break and control character is a space, and nothing turns its direction.

    Half a character, which JSON can hold and UTF-8 cannot, becomes "�". All else stays as it is.
    """
    return "".join(map(_harmless, text.translate(_OVERRIDES)))


def plain_markdown(text: str) -> str:
    """Return a text as Markdown of which nothing is markup, wherever in a paragraph it stands."""
    text = _ANYWHERE.sub(r"\\\g<0>", harmless(text).strip())
    text = _LINK.sub(r"\\\g<0>", text)
    return _LIST.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)


def _harmless(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs":
            return "�"
    return character


def _understood(answer: Mapping[str, Any]) -> str:
    """Return how a follow-up was understood: away from its chat, "And in 2015?" says nothing."""
    standalone = str(answer["standalone_question"])
    return "" if standalone == answer["question"] else f"Understood as: {standalone}"


def _about(cited: Mapping[str, Any]) -> list[str]:
    """Return the title of a cited article, with its date and source where they are known."""
    return [harmless(part) for part in (cited["title"], *filter(None, (cited["published"], cited["source"])))]


def _footnote(cited: Mapping[str, Any]) -> str:
    title, *others = map(_isolated, (cited["title"], *_about(cited)[1:]))
    return ", ".join((f"[{int(cited['marker'])}] “{_isolated(cited['quote'])}” <cite>{title}</cite>", *others))


def _isolated(text: str) -> str:
    """Return a text as HTML in its own direction; white space around it stays outside."""
    text = harmless(text)
    bare = text.strip()
    before, _, after = text.partition(bare) if bare else (text, "", "")
    return f'{before}<bdi dir="auto">{escape(bare)}</bdi>{after}' if bare else before


def _joined(*parts: str) -> str:
    return "\n\n".join(filter(None, parts)) + "\n"
