"""An answer as the text of a chat message: Markdown in which the markers are ours, and nothing else is markup.

Clients differ in what they take for markup. `plain_markdown` holds for CommonMark and GitHub; beyond it, square
brackets become entities, since Open WebUI reads an escaped one as a formula, and addresses are broken by U+2060, which
has no width, since some clients look for addresses after the escapes have been taken away.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.serializing import citation_to_json
from assistant.values import Answer
from ui.web.copying import plain_markdown

REFUSAL = "The library holds no answer to this question."
NEAREST_SHOWN = 3
LINE_BREAK = "  \n"
Json = Mapping[str, Any]

_JOINER = "\u2060"
_BRACKETS = {r"\[": "&#91;", r"\]": "&#93;"}
_NUMBER = re.compile(r"(?<=\d)\\([.:])(?=\d)")  # "2.5" and "10:30" are no addresses, and are read unrendered too
_ADDRESS = re.compile(r"(?i)\\:(?=[/\\])|(?<=www)\\?\.|\\@")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_REST = re.compile(r"\n\n(?:\[1\] |\*Note:\* )[\s\S]*\Z")


def foreign(text: str) -> str:
    """Return a text of an article or a model as Markdown that shows it and does nothing else, on one line."""
    one_line = " ".join(plain_markdown(text).split())
    for escaped, entity in _BRACKETS.items():  # each bracket has a backslash of its own
        one_line = one_line.replace(escaped, entity)
    return _ADDRESS.sub(lambda found: f"{_JOINER}{found[0]}{_JOINER}", _NUMBER.sub(r"\1", one_line))


def claim_markdown(claim: Json) -> str:
    """Return a claim with its day where it has one, and its markers; a "[2]" of an article's own becomes "(2)"."""
    day = f"({claim['said_on']}) " if claim["said_on"] else ""
    text = re.sub(r"\[(\d+)\]", r"(\1)", claim["text"])
    return f"{day}{foreign(text)} {''.join(f'[{marker}]' for marker in claim['citations'])}"


def notes_markdown(answer: Json) -> str:
    """Return what follows the claims: a line a footnote, and what a person should hear besides; may be empty."""
    footnotes = LINE_BREAK.join(f"[{cited['marker']}] {_source(cited)}" for cited in answer["citations"])
    return "\n\n".join(part for part in (footnotes, *(f"*Note:* {foreign(note)}" for note in answer["notes"])) if part)


def refusal_markdown(answer: Answer) -> str:
    """Return a refusal with the nearest sentences."""
    nearest = [f"- {_source(citation_to_json(item.citation))}" for item in answer.evidence[:NEAREST_SHOWN]]
    return "\n\n".join([REFUSAL, *(["Nearest sentences:", "\n".join(nearest)] if nearest else [])])


def heard(message: str) -> str:
    """Return what was said in an earlier message of this form: the claims as they were; nothing of a refusal."""
    if message.startswith(REFUSAL):
        return ""
    claims = _REST.sub("", message).replace(_JOINER, "")
    for escaped, entity in _BRACKETS.items():
        claims = claims.replace(entity, escaped)
    return _ESCAPE.sub(r"\1", claims)


def url_citations(content: str, citations: Sequence[Json], url_of: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return an annotation for each marker in the claims; indexes count code points, the end is not included.

    `content` is the claims alone, and `url_of` maps each marker's number to the address of its sentence.
    """
    titles = {cited["marker"]: cited["title"] for cited in citations}
    places = ((found.start(), found.end(), int(found[1])) for found in re.finditer(r"\[(\d+)\]", content))
    return [
        {
            "type": "url_citation",
            "url_citation": {"start_index": start, "end_index": end, "title": titles[marker], "url": url_of[marker]},
        }
        for start, end, marker in places
    ]


def _source(cited: Json) -> str:
    about = ", ".join(foreign(part) for part in (cited["title"], cited["published"], cited["source"]) if part)
    quote = foreign(cited["quote"])
    return f"{quote if quote[:1] in '“‘«' else f'“{quote}”'} - {about}"
