"""What the page draws, without a browser: tests/browser/test_page.py has one."""

import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import Assistant, Event, Finished, Found, Said
from assistant.values import Answer, Citation, Claim, Dropped, Evidence, Models, Support, Turn, Verdict
from ui.drawing import CONTEXT, draw_answer, draw_confidence, draw_conversation
from ui.page import EXAMPLES, choose_examples, converse, serve
from vectorstore.errors import ArticleUnknown, ModelError, UsageError
from vectorstore.values import Article, Sentence, StoredArticle

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</mark></details></article><style>*{display:none}</style>",
    "' onmouseover='alert(1)",
    "[link](javascript:alert(1)) ![image](http://example.com/a.png) **bold** $x^2$ \\(y\\)",
    "${alert(1)} {{constructor}} `${1+1}`",
    "&lt;script&gt; &amp;amp; &#60;",
)
KNOWN_TAGS = {
    *("div", "article", "section", "h2", "p", "a", "abbr", "bdi", "details", "summary"),
    *("cite", "blockquote", "mark", "ul", "li", "em"),
}


class Skeleton(HTMLParser):
    """The tags, attributes and text of a page, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


class Shelf:
    """A catalog as far as the page reads one; it needs no disk."""

    def __init__(self) -> None:
        self.held: dict[str, StoredArticle] = {}

    def article(self, article_id: str) -> StoredArticle:
        if article_id not in self.held:
            raise ArticleUnknown(article_id)
        return self.held[article_id]

    def article_ids(self) -> Iterator[str]:
        return iter(self.held)

    def fingerprint(self, article_id: str) -> str | None:
        return "f" if article_id in self.held else None


def store(catalog: Shelf, id: str, sentences: Sequence[str], separator: str = " ", **about: Any) -> StoredArticle:
    spans, at = [], 0
    for ordinal, sentence in enumerate(sentences):
        spans.append(Sentence(id, ordinal, at, at + len(sentence)))
        at += len(sentence) + len(separator)
    text = separator.join(sentences)
    article = Article(id, about.get("title", id), about.get("published"), about.get("source"), text)
    catalog.held[id] = StoredArticle(article, tuple(spans))
    return catalog.held[id]


def answer_of(*citations: Citation, **changes: Any) -> Answer:
    claims = tuple(Claim(one.quote, (one,), Support(Verdict.VERBATIM, 1.0)) for one in citations)
    answer = Answer("Q?", "Q?", claims, (), False, 0.8, (), Models("e", "r"))
    return replace(answer, **changes)


@pytest.fixture
def catalog() -> Shelf:
    return Shelf()


@pytest.fixture
def rain(catalog: Shelf) -> StoredArticle:
    return store(
        catalog,
        "rain",
        ["It rained.", "It stopped.", "It froze."],
        title="Weather",
        published="2020-01-02",
        source="BBC",
    )


def test_each_sentence_has_a_marker_that_leads_to_its_footnote(catalog: Shelf, rain: StoredArticle) -> None:
    html = draw_answer(answer_of(Citation.of(rain, 0), Citation.of(rain, 2)), catalog, 3)
    assert '<bdi>It rained.</bdi><a class="marker" href="#note-3-1">[1]</a> <bdi>It froze.</bdi>' in html
    assert re.findall(r'<details id="([\w-]+)">', html) == ["note-3-1", "note-3-2"]


def test_a_sentence_that_is_cited_twice_keeps_its_number(catalog: Shelf, rain: StoredArticle) -> None:
    html = draw_answer(answer_of(Citation.of(rain, 0), Citation.of(rain, 1), Citation.of(rain, 0)), catalog, 1)
    assert re.findall(r"\[(\d)\]</a>", html) == ["1", "2", "1"]
    assert html.count("<details") == 2


def test_a_footnote_says_title_date_and_source_and_marks_the_quote(catalog: Shelf, rain: StoredArticle) -> None:
    html = draw_answer(answer_of(Citation.of(rain, 1)), catalog, 1)
    assert '<summary dir="auto">[1] <cite>Weather</cite> · 2020-01-02 · BBC</summary>' in html
    assert "It rained. <mark>It stopped.</mark> It froze." in html


def test_what_is_unknown_of_an_article_is_left_out(catalog: Shelf) -> None:
    html = draw_answer(answer_of(Citation.of(store(catalog, "bare", ["It rained."]), 0)), catalog, 1)
    assert "<cite>bare</cite></summary>" in html
    assert "None" not in html


def test_a_quote_that_is_a_paragraph_is_shown_between_its_neighbours(catalog: Shelf) -> None:
    article = store(catalog, "a", ["First.", "Second.", "Third.", "Fourth.", "Fifth."], separator="\n")
    html = draw_answer(answer_of(Citation.of(article, 2)), catalog, 1)
    assert '"auto">Second.\n<mark>Third.</mark>\nFourth.</blockquote>' in html


def test_context_is_cut_between_words_where_a_paragraph_is_long(catalog: Shelf) -> None:
    article = store(catalog, "a", ["word " * 500 + "end.", "It rained.", "Word" + " word" * 500 + "."])
    html = draw_answer(answer_of(Citation.of(article, 1)), catalog, 1)
    before, after = re.findall(r'blockquote dir="auto">(.*)<mark>It rained.</mark>(.*)</blockquote>', html)[0]
    assert before.startswith("… word word")
    assert after.endswith(" word …")
    assert max(len(before), len(after)) <= CONTEXT + 2


@given(sentences=st.lists(st.text("ab\n ", min_size=1).filter(str.strip), min_size=1, max_size=5), data=st.data())
def test_the_quote_stands_in_its_context_as_it_stands_in_the_article(sentences: list[str], data: st.DataObject) -> None:
    catalog = Shelf()
    article = store(catalog, "a", sentences, separator=data.draw(st.sampled_from([" ", "\n", ""])))
    ordinal = data.draw(st.integers(0, len(sentences) - 1))
    html = draw_answer(answer_of(Citation.of(article, ordinal)), catalog, 1)
    before, quote, after = re.findall(r"<blockquote[^>]*>(.*)<mark>(.*)</mark>(.*)</blockquote>", html, re.DOTALL)[0]
    assert quote == sentences[ordinal]
    sentence = article.sentences[ordinal]
    assert article.article.text[: sentence.start].endswith(before)
    assert article.article.text[sentence.end :].startswith(after)


def test_a_source_that_has_changed_or_gone_is_quoted_without_context(catalog: Shelf, rain: StoredArticle) -> None:
    answer = answer_of(Citation.of(rain, 1))
    store(catalog, "rain", ["It poured.", "Then it ended."])
    assert "This article has changed since it was cited." in draw_answer(answer, catalog, 1)
    del catalog.held["rain"]
    html = draw_answer(answer, catalog, 1)
    assert '<blockquote dir="auto"><mark>It stopped.</mark></blockquote>' in html
    assert "This article is no longer in the library." in html


def test_a_refusal_looks_unlike_an_answer_and_unfolds_the_nearest_sentences(
    catalog: Shelf, rain: StoredArticle
) -> None:
    evidence = tuple(Evidence(Citation.of(rain, ordinal), 0.1) for ordinal in (2, 0, 1))
    answer = answer_of(abstained=True, confidence=0.1, evidence=evidence * 2)
    html = draw_answer(answer, catalog, 2)
    assert '<div class="refusal"><p class="answer">The library holds no answer to this.</p>' in html
    assert html.count("<details") == html.count(" open>") == 3
    assert "marker" not in html
    assert "<mark>It froze.</mark>" in html


def test_a_refusal_of_an_empty_library_says_only_that(catalog: Shelf) -> None:
    html = draw_answer(answer_of(abstained=True, confidence=0.0), catalog, 1)
    assert "The library holds no answer to this." in html
    assert "nearest sentences:" not in html


def test_claims_that_were_dropped_can_be_seen(catalog: Shelf, rain: StoredArticle) -> None:
    dropped = (Dropped("It <b>snowed</b>.", "meaning", "no sentence says so"),)
    html = draw_answer(answer_of(Citation.of(rain, 0), dropped=dropped), catalog, 1)
    assert "<summary>Left out for want of support: 1</summary>" in html
    assert "<li>It &lt;b&gt;snowed&lt;/b&gt;. <em>(no sentence says so)</em></li>" in html


def test_how_a_follow_up_was_understood_is_shown_only_when_it_differs(catalog: Shelf, rain: StoredArticle) -> None:
    answer = answer_of(Citation.of(rain, 0))
    assert "Understood as" not in draw_answer(answer, catalog, 1)
    html = draw_answer(replace(answer, standalone_question="When did <it> rain?"), catalog, 1)
    assert "Understood as: When did &lt;it&gt; rain?" in html


@pytest.mark.parametrize(
    ("confidence", "word"),
    [
        (1.0, "very likely"),
        (0.9, "very likely"),
        (0.89, "likely"),
        (0.5, "more likely than not"),
        (0.3, "uncertain"),
        (0.0, "doubtful"),
    ],
)
def test_confidence_is_a_word_with_its_number_on_hover(confidence: float, word: str) -> None:
    html = draw_confidence(confidence)
    assert f">{word}</abbr>" in html
    assert f'title="{confidence:.0%}: ' in html


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("abstained", [False, True])
def test_no_text_becomes_markup(catalog: Shelf, hostile: str, abstained: bool) -> None:
    words = [f"Before {hostile}", f"It said {hostile}", f"After {hostile}"]
    article = store(
        catalog, "evil", words, title=f"Title {hostile}", published=f"Date {hostile}", source=f"By {hostile}"
    )
    citation = Citation.of(article, 1)
    answer = answer_of(
        citation,
        question=f"Question {hostile}",
        standalone_question=f"Standalone {hostile}",
        dropped=(Dropped(f"Claim {hostile}", "meaning", f"Reason {hostile}"),),
        evidence=(Evidence(citation, 0.5),),
        abstained=abstained,
    )
    *_, exchanges = converse(
        Fake(catalog, [Found(answer.standalone_question, ()), Finished(answer)]), answer.question, ()
    )
    page = Skeleton(draw_conversation(exchanges))
    assert set(page.tags) <= KNOWN_TAGS
    assert {name for name, _ in page.attributes} <= {
        "aria-label",
        "aria-live",
        "class",
        "dir",
        "href",
        "id",
        "open",
        "role",
        "title",
    }
    assert all(value and value.startswith("#note-") for name, value in page.attributes if name == "href")
    assert page.open == []
    shown = ["Before", "It said", "After", "Title", "Date", "By", "Question", "Standalone"]
    for word in shown if abstained else [*shown, "Claim", "Reason"]:
        assert f"{word} {hostile}" in page.text


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r")))
def test_any_question_is_shown_as_it_was_typed(text: str) -> None:
    first = next(converse(Fake(None, []), text, ()))
    html = draw_conversation(first)
    shown = html.partition('<h2 dir="auto">')[2].partition("</h2>")[0]
    assert unescape(shown) == text or "&" in text
    assert not set('<>"') & set(shown)


class Fake(Assistant):
    """Yields given events, or raises what stands among them; remembers what it heard."""

    def __init__(self, catalog: Any, events: Sequence[Event | Exception]) -> None:
        self.library = SimpleNamespace(catalog=catalog)
        self.events = events
        self.heard: list[Turn] = []

    def stream(self, question: str, history: Sequence[Turn] = (), **_: Any) -> Iterator[Event]:
        self.heard = list(history)
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event


def test_a_reply_grows_with_every_event(catalog: Shelf, rain: StoredArticle) -> None:
    answer = answer_of(Citation.of(rain, 0), Citation.of(rain, 1))
    events = [
        Found("When did it rain?", ()),
        *(Said(claim, [n]) for n, claim in enumerate(answer.claims, 1)),
        Finished(answer),
    ]
    replies = [exchanges[-1].reply for exchanges in converse(Fake(catalog, events), "Q?", ())]
    assert len(replies) == 5
    assert "Looking" in replies[0]
    assert "Understood as: When did it rain?" in replies[1]
    assert "It stopped." not in replies[2]
    assert "It stopped." in replies[3]
    assert replies[4] == draw_answer(answer, catalog, 1)


def test_a_follow_up_hears_the_questions_and_the_answers(catalog: Shelf, rain: StoredArticle) -> None:
    answer = answer_of(Citation.of(rain, 0))
    *_, first = converse(Fake(catalog, [Finished(answer)]), "Q?", ())
    assistant = Fake(catalog, [Finished(answer)])
    *_, second = converse(assistant, "And then?", first)
    assert assistant.heard == [Turn("user", "Q?"), Turn("assistant", "It rained. [1]")]
    assert len(second) == 2


def test_a_follow_up_hears_a_refused_question_but_no_answer(catalog: Shelf) -> None:
    *_, first = converse(Fake(catalog, [Finished(answer_of(abstained=True))]), "Q?", ())
    assistant = Fake(catalog, [])
    list(converse(assistant, "And then?", first))
    assert assistant.heard == [Turn("user", "Q?")]


def test_an_error_is_a_sentence_and_the_conversation_goes_on(catalog: Shelf, rain: StoredArticle) -> None:
    failing = Fake(catalog, [Found("Q?", ()), ModelError("The model at <nowhere> is missing. Install it.")])
    *_, failed = converse(failing, "Q?", ())
    assert failed[0].reply == '<p class="error" dir="auto">The model at &lt;nowhere&gt; is missing. Install it.</p>'
    assistant = Fake(catalog, [Finished(answer_of(Citation.of(rain, 0)))])
    *_, after = converse(assistant, "Q?", failed)
    assert assistant.heard == []
    assert "It rained." in after[1].reply


def test_a_bug_is_logged_and_no_part_of_it_reaches_the_person(catalog: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    *_, exchanges = converse(Fake(catalog, [ValueError("/home/somebody/secret")]), "Q?", ())
    assert "Something went wrong." in exchanges[0].reply
    assert "secret" not in exchanges[0].reply
    assert "ValueError: /home/somebody/secret" in caplog.text


def test_examples_are_of_the_sample_library_where_that_is_what_is_held(catalog: Shelf) -> None:
    for key in ("other", "2016-07-su-bin-sentenced", "2014-08-humphrey-yu-sentenced"):
        store(catalog, key, ["It rained."])
    assert choose_examples(catalog) == [
        EXAMPLES["2014-08-humphrey-yu-sentenced"],
        EXAMPLES["2016-07-su-bin-sentenced"],
    ]


def test_examples_of_another_library_ask_about_its_articles(catalog: Shelf, rain: StoredArticle) -> None:
    assert choose_examples(catalog) == ["What is “Weather” about?"]


def test_an_empty_library_has_no_examples(catalog: Shelf) -> None:
    assert choose_examples(catalog) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "example.com", "::", ""])
def test_the_page_is_refused_to_other_machines(host: str) -> None:
    with pytest.raises(UsageError, match=r"this machine alone .* use 127.0.0.1 or localhost"):
        serve(Fake(None, []), host=host)


def test_a_busy_port_is_an_error_that_names_the_option() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"Port {port} cannot be used: .*--port"):
            serve(Fake(None, []), port=port)


def test_a_port_that_is_none_is_an_error() -> None:
    with pytest.raises(UsageError, match="Port 99999 cannot be used: ports end at 65535"):
        serve(Fake(None, []), port=99999)
