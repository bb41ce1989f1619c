"""What the page draws of an answer, without a browser: tests/browser has one."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.serializing import answer_to_json
from assistant.values import Answer, Citation, Claim, Dropped, Evidence, Models, Support, Verdict
from tests.ui.skeleton import KNOWN_ATTRIBUTES, KNOWN_TAGS, Skeleton
from ui.web.chats import Exchange
from ui.web.drawing import Drawing, draw_confidence, draw_conversation, draw_dropped
from vectorstore.errors import ArticleUnknown
from vectorstore.values import Article, Sentence, StoredArticle

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</a></li></article><style>*{display:none}</style>",
    "' onmouseover='alert(1)",
    "[link](javascript:alert(1)) ![image](http://example.com/a.png) **bold** $x^2$ \\(y\\)",
    "${alert(1)} {{constructor}} `${1+1}`",
    "&lt;script&gt; &amp;amp; &#60;",
)


class Shelf:
    """A catalog as far as drawing reads one; it needs no disk."""

    def __init__(self) -> None:
        self.held: dict[str, StoredArticle] = {}

    def article(self, article_id: str) -> StoredArticle:
        if article_id not in self.held:
            raise ArticleUnknown(article_id)
        return self.held[article_id]


def store(catalog: Shelf, id: str, sentences: Sequence[str], **about: Any) -> StoredArticle:
    spans, at = [], 0
    for ordinal, sentence in enumerate(sentences):
        spans.append(Sentence(id, ordinal, at, at + len(sentence)))
        at += len(sentence) + 1
    article = Article(id, about.get("title", id), about.get("published"), about.get("source"), " ".join(sentences))
    catalog.held[id] = StoredArticle(article, tuple(spans))
    return catalog.held[id]


def answer_of(*citations: Citation, **changes: Any) -> Answer:
    claims = tuple(Claim(one.quote, (one,), Support(Verdict.VERBATIM, 1.0)) for one in citations)
    return replace(Answer("Q?", "Q?", claims, (), False, 0.8, (), Models("e", "r")), **changes)


def exchange_of(answer: Answer, question: str = "Q?") -> Exchange:
    return Exchange(question, "2026-01-02T03:04:05+00:00", json.loads(json.dumps(answer_to_json(answer))))


def draw(catalog: Shelf, answer: Answer, number: int = 0) -> str:
    return Drawing(catalog, number).exchange(exchange_of(answer))


@pytest.fixture
def catalog() -> Shelf:
    return Shelf()


@pytest.fixture
def rain(catalog: Shelf) -> StoredArticle:
    sentences = ["It rained.", "It stopped.", "It froze."]
    return store(catalog, "rain", sentences, title="Weather", published="2020-01-02", source="BBC")


def test_each_claim_has_chips_that_name_their_sentence(catalog: Shelf, rain: StoredArticle) -> None:
    page = Skeleton(draw(catalog, answer_of(Citation.of(rain, 0), Citation.of(rain, 2)), 3))
    assert page.values("data-note") == ["note-3-1", "note-3-2"]
    assert page.values("data-sentence") == ["0", "2", "0", "2"]  # the chips, then the footnotes
    assert set(page.values("data-hash")) == {rain.article.content_hash}
    assert page.values("href")[0] == "?article=rain&sentence=0"


def test_a_sentence_that_is_cited_twice_has_one_footnote(catalog: Shelf, rain: StoredArticle) -> None:
    html = draw(catalog, answer_of(Citation.of(rain, 0), Citation.of(rain, 2), Citation.of(rain, 0)))
    assert re.findall(r'<li id="note-0-(\d)"', html) == ["1", "2"]
    assert re.findall(r"Footnote (\d): Weather", html) == ["1", "2", "1"]


def test_a_footnote_says_the_quote_its_title_day_and_source(catalog: Shelf, rain: StoredArticle) -> None:
    text = Skeleton(draw(catalog, answer_of(Citation.of(rain, 1)))).text
    assert "It stopped. Weather · 2020-01-02 · BBC" in text


def test_a_claim_that_is_of_a_day_names_it(catalog: Shelf, rain: StoredArticle) -> None:
    claim = Claim("It rained.", (Citation.of(rain, 0),), Support(Verdict.SUPPORTED, 0.9), "2020-01-02")
    assert "2020-01-02: It rained." in Skeleton(draw(catalog, answer_of(claims=(claim,)))).text


def test_a_refusal_looks_different_and_offers_the_nearest_sentences(catalog: Shelf, rain: StoredArticle) -> None:
    evidence = tuple(Evidence(Citation.of(rain, n), 0.2) for n in range(3))
    html = draw(catalog, answer_of(abstained=True, evidence=evidence))
    assert '<div class="refusal">' in html
    assert 'class="chip"' not in html
    text = Skeleton(html).text
    assert "The library holds no answer to this." in text
    assert "Looked at: the 3 best sentences of 1 article." in text
    assert "It froze. Weather · 2020-01-02 · BBC" in text


def test_a_refusal_of_which_nothing_was_found_says_so(catalog: Shelf) -> None:
    assert "no article matches" in draw(catalog, answer_of(abstained=True))


def test_a_nearest_sentence_whose_article_is_gone_is_still_drawn(catalog: Shelf, rain: StoredArticle) -> None:
    answer = answer_of(abstained=True, evidence=(Evidence(Citation.of(rain, 0), 0.2),))
    catalog.held.clear()
    assert "It rained. rain" in Skeleton(draw(catalog, answer)).text


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 statement was left out because no sentence supports it"),
        (2, "2 statements were left out because no sentence supports them"),
    ],
)
def test_what_was_left_out_can_be_unfolded_with_its_reason(count: int, words: str) -> None:
    dropped = [
        {"text": f"It <b>snowed</b> {n}.", "kind": "meaning", "reason": "no sentence says so"} for n in range(count)
    ]
    html = draw_dropped(dropped, 0)
    assert f"<summary>{words}</summary>" in html
    assert "It &lt;b&gt;snowed&lt;/b&gt; 0." in html
    assert html.count("(no sentence says so)") == count


def test_nothing_left_out_is_not_mentioned(catalog: Shelf, rain: StoredArticle) -> None:
    assert "left out" not in draw(catalog, answer_of(Citation.of(rain, 0)))


def test_how_a_follow_up_was_understood_is_shown_only_when_it_differs(catalog: Shelf, rain: StoredArticle) -> None:
    answer = answer_of(Citation.of(rain, 0))
    assert "Understood as" not in draw(catalog, answer)
    html = draw(catalog, replace(answer, standalone_question="When did <it> rain?"))
    assert "Understood as: When did &lt;it&gt; rain?" in html


def test_notes_are_shown(catalog: Shelf, rain: StoredArticle) -> None:
    html = draw(catalog, answer_of(Citation.of(rain, 0), notes=("The model <went> away.",)))
    assert "The model &lt;went&gt; away." in html


def test_an_error_can_be_asked_again_but_not_rated_or_copied(catalog: Shelf) -> None:
    html = Drawing(catalog, 0).exchange(Exchange("Q?", "", None, "The <model> is missing."))
    assert '<p class="error" dir="auto">The &lt;model&gt; is missing.</p>' in html
    assert set(Skeleton(html).values("data-act")) == {"retry", "edit"}


def test_what_the_person_thought_of_an_answer_is_there_again(catalog: Shelf, rain: StoredArticle) -> None:
    exchange = exchange_of(answer_of(Citation.of(rain, 0)))
    page = Skeleton(draw_conversation(catalog, [exchange, exchange], {1: ("down", 'Too "short"')}))
    assert page.values("aria-pressed") == ["false", "false", "false", "true"]
    assert [value for value in page.values("value") if value != "1"] == ["", 'Too "short"']


def test_a_reply_that_grows_has_its_footnotes_hidden_and_is_not_done(catalog: Shelf, rain: StoredArticle) -> None:
    answer = answer_to_json(answer_of(Citation.of(rain, 0)))
    growing = Drawing(catalog, 0).growing("Q?", "Q?", answer["claims"], answer["citations"])
    assert '<ol class="notes" aria-label="Footnotes" hidden>' in growing
    assert "data-done" not in growing
    assert "data-done" in draw(catalog, answer_of(Citation.of(rain, 0)))


@pytest.mark.parametrize(
    ("confidence", "word"),
    [(1.0, "very likely"), (0.9, "very likely"), (0.89, "likely"), (0.5, "more likely than not"), (0.3, "uncertain")],
)
def test_confidence_is_a_word_with_its_number_on_hover(confidence: float, word: str) -> None:
    html = draw_confidence(confidence)
    assert f">{word}</abbr>" in html
    assert f'title="{confidence:.0%}: ' in html


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("abstained", [False, True])
def test_no_text_becomes_markup(catalog: Shelf, hostile: str, abstained: bool) -> None:
    words = [f"Before {hostile}", f"It said {hostile}"]
    article = store(
        catalog, f"id {hostile}", words, title=f"Title {hostile}", published=f"Date {hostile}", source=f"By {hostile}"
    )
    citation = Citation.of(article, 1)
    answer = answer_of(
        citation,
        standalone_question=f"Standalone {hostile}",
        dropped=(Dropped(f"Claim {hostile}", "meaning", f"Reason {hostile}"),),
        evidence=(Evidence(citation, 0.5),),
        notes=(f"Note {hostile}",),
        abstained=abstained,
    )
    drawing = Drawing(catalog, 0)
    value = answer_to_json(answer)
    html = draw_conversation(catalog, [exchange_of(answer, f"Question {hostile}")], {0: ("up", f"Remark {hostile}")})
    html += drawing.found(f"Question {hostile}", f"Standalone {hostile}", value["evidence"], "Reading")
    html += drawing.growing(f"Question {hostile}", f"Standalone {hostile}", value["claims"], value["citations"])
    html += drawing.exchange(Exchange(f"Question {hostile}", "", None, f"Error {hostile}"))
    page = Skeleton(html)
    assert set(page.tags) <= KNOWN_TAGS
    assert {name for name, _ in page.attributes} <= KNOWN_ATTRIBUTES
    assert all(value and value.startswith("?article=") for value in page.values("href"))
    assert all(value == f"id {hostile}" for value in page.values("data-article"))
    assert page.open == []
    shown = ["It said", "Title", "Date", "By", "Question", "Standalone", "Error"]
    for word in shown if abstained else [*shown, "Claim", "Reason", "Note"]:
        assert f"{word} {hostile}" in page.text


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r")))
def test_any_question_is_shown_as_it_was_typed(text: str) -> None:
    html = Drawing(Shelf(), 0).waiting(text, "Looking")
    shown = html.partition('<h2 dir="auto">')[2].partition("</h2>")[0]
    assert unescape(shown) == text or "&" in text
    assert not set('<>"') & set(shown)
