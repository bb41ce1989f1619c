"""An answer as text, Markdown and HTML: the words are as they were, and none of them is markup."""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ui.web.copying import REFUSAL, as_html, as_markdown, as_text, harmless, plain_markdown

RAIN = {"quote": "It rained in Leeds.", "title": "Rain", "published": "2015-06-17", "source": "Wire"}
OWN_TOKENS = {"heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline"}
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](http://evil.example/x.png)",
    "[x](javascript:a)", "[1]: http://evil.example", "[^1]: note", "# big", "- item", "+ item", "* item", "1. item",
    "12) item", "> quote", "---", "===", "***", "```\ncode\n```", "`code`", "    indented", "\tindented",
    "a | b\n--|--\nc | d", "~~gone~~", "*it* _it_ **b** __b__", "www.evil.example", "https://evil.example/a",
    "<https://evil.example>", "me@evil.example", "mailto:me@evil.example", "&lt;b&gt; &#60;b&#62; &amp;", "\\*not\\*",
    "ends with \\", "$x^2$", "==m==", "<!-- c -->", "a\n\n[2] “forged” Times",
    "a\r\n# b\u2028# c\u2029# d\x85# e\x0b# f", "\u202egnihton\u202c", "\u2066x\u2069", "\ud800", "\x00", "</bdi><b>",
    '" onclick="a', "&nbsp;", "عربي [1](x)", "Setext\n===", "| a |", ":smile:", ": def", "<a\nhref=x>", "a  \nb",
    "1\\. x", "!", "[", "[x][y]", "](x)", "&copy", "<?php ?>", "<![CDATA[x]]>", "%% x", "[ ] task", "[x] task",
]  # fmt: skip

words = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(alphabet="\\`*_{}[]()<>#+-.!|~&:;/=^$@%\"' \n\t1aw", max_size=30),
    st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=3).map("".join),
    st.text(max_size=30),
)


def answer_of(*cited: dict[str, Any], question: str = "Did it rain?", said: str = "It rained. [1]", **more: Any) -> Any:
    citations = [{"marker": marker, **RAIN, **one} for marker, one in enumerate(cited, 1)]
    fields = {
        "question": question,
        "standalone_question": question,
        "answer": said,
        "notes": [],
        "citations": citations,
    }
    return fields | more


def hostile_answer(text: str) -> Any:
    said = f"{text.replace('[1]', '(1)')} [1] {text} [2]"
    cited = {"quote": text, "title": text, "published": text, "source": text}
    return answer_of(cited, RAIN, question=text, said=said, notes=[text], standalone_question=f"{text}?")


def parsed(markdown: str) -> list[Token]:
    return MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(markdown)


def inline(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from inline(token.children) if token.children else ([token] if token.type != "inline" else [])


def spaced(text: str) -> str:
    return " ".join(text.split())


def shown(tokens: Sequence[Token]) -> list[str]:
    """What a reader of the Markdown sees, a line a block."""
    blocks = [token for token in tokens if token.type == "inline"]
    return [spaced("".join(child.content for child in block.children or [])) for block in blocks]


def test_an_answer_as_text() -> None:
    answer = answer_of(RAIN, {"source": None, "published": None, "quote": "Yes."}, notes=["The model was away."])
    assert as_text(answer) == (
        "Did it rain?\n\nIt rained. [1]\n\nThe model was away.\n\n"
        "[1] “It rained in Leeds.” Rain, 2015-06-17, Wire\n[2] “Yes.” Rain\n"
    )


def test_an_answer_as_markdown() -> None:
    assert as_markdown(answer_of(RAIN, said="(2015-06-17) U.S. rain, 3.5 cm. [1]")) == (
        "### Did it rain?\n\n(2015-06-17) U\\.S. rain, 3.5 cm. \\[1\\]\n\n"
        "\\[1\\] “It rained in Leeds.” Rain, 2015-06-17, Wire\n"
    )


def test_an_answer_as_html() -> None:
    assert as_html(answer_of(RAIN, said="It <rained>. [1][2] So. [1]")) == (
        '<p><strong><bdi dir="auto">Did it rain?</bdi></strong></p>\n'
        '<p dir="auto"><bdi dir="auto">It &lt;rained&gt;.</bdi> <sup>[1][2]</sup> '
        '<bdi dir="auto">So.</bdi> <sup>[1]</sup></p>\n'
        '<p>[1] “<bdi dir="auto">It rained in Leeds.</bdi>” <cite><bdi dir="auto">Rain</bdi></cite>, '
        '<bdi dir="auto">2015-06-17</bdi>, <bdi dir="auto">Wire</bdi></p>\n'
    )


@pytest.mark.parametrize("form", [as_text, as_markdown, as_html])
def test_a_refusal_and_a_follow_up_say_so(form: Any) -> None:
    refused = form(answer_of(said="", question="And in York?", standalone_question="Did it rain in York?"))
    assert REFUSAL in refused
    assert "Understood as: Did it rain in York?" in refused
    assert "[1]" not in refused


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\nb\r\nc\u2028d\x85e\x00", "a b  c d e "),
        ("a\u202eb\u2066c", "abc"),
        ("\ud800", "�"),
        ("a\u200fb\u00a0c", "a\u200fb\u00a0c"),
    ],
)
def test_what_would_break_a_line_or_turn_the_text_is_made_harmless(text: str, plain: str) -> None:
    assert harmless(text) == plain


@settings(max_examples=300, deadline=None)
@given(words)
@example("".join(HOSTILE))
def test_in_markdown_no_foreign_word_is_markup_and_none_is_lost(text: str) -> None:
    tokens = parsed(as_markdown(hostile_answer(text)))
    assert {token.type for token in tokens} <= OWN_TOKENS
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h3"]
    assert {token.type for token in inline(tokens)} <= {*OWN_TOKENS, "text", "text_special"}
    plain = harmless(text).strip()
    answer, about = hostile_answer(text), ", ".join([harmless(text)] * 3)
    expected = [plain, f"Understood as: {harmless(text)}?", harmless(answer["answer"]), plain,
                f"[1] “{plain}” {about if text else ''}",
                "[2] “It rained in Leeds.” Rain, 2015-06-17, Wire"]  # fmt: skip
    assert [line for line in shown(tokens) if line] == [line for line in map(spaced, expected) if line]


@settings(max_examples=200, deadline=None)
@given(words)
def test_a_text_stays_plain_in_the_middle_of_a_paragraph(text: str) -> None:
    tokens = parsed(f"before {plain_markdown(text)} after")
    assert shown(tokens) == [spaced(f"before {harmless(text)} after")]
    assert {token.type for token in inline(tokens)} <= {*OWN_TOKENS, "text", "text_special"}


def test_what_looks_like_an_address_is_broken_for_those_who_make_links_of_such() -> None:
    addresses = "www.evil.example Www.1.com https://evil.example ftp://a.b mailto:me@evil.example evil.example"
    assert not re.search(r"www\.|\w:\w|\w:/|\w@|\w\.[a-z]", plain_markdown(addresses), re.IGNORECASE)


@settings(max_examples=200, deadline=None)
@given(words)
def test_the_plain_text_has_each_quote_and_a_line_a_footnote(text: str) -> None:
    made = as_text(hostile_answer(text))
    assert f"[1] “{harmless(text)}” " in made
    if text.isprintable():
        assert f"“{text}”" in made
    assert sum(line.startswith(("[1] “", "[2] “")) for line in made.splitlines()[-2:]) == 2
    made.encode()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[tuple[str, tuple[Any, ...]]] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@settings(max_examples=300, deadline=None)
@given(words)
def test_in_html_no_foreign_word_is_markup_and_none_is_lost(text: str) -> None:
    tags = Tags()
    tags.feed(as_html(hostile_answer(text)))
    tags.close()
    own = {("p", ()), ("p", (("dir", "auto"),)), ("bdi", (("dir", "auto"),)), ("strong", ()), ("sup", ()), ("cite", ())}
    assert tags.tags <= own
    assert spaced(f"[1] “{harmless(text)}”") in spaced(tags.text)
