"""The whole pipeline, with the real models, on the sample library."""

import json
from datetime import date
from pathlib import Path

import pytest

from assistant import open_assistant
from assistant.answering import PASSAGES_FOUND, SHOWN_AT_ONCE, Assistant, Finished, Found, Said, Searched
from assistant.serializing import answer_to_json, citation_from_json
from assistant.values import Citation, Standing, Turn
from vectorstore.catalog import Filter
from vectorstore.errors import LibraryMissing, UsageError

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@pytest.fixture(scope="module")
def assistant(seed_library: Path) -> Assistant:
    return open_assistant(seed_library)


def test_a_question_is_answered_with_the_sentence_that_says_so(assistant: Assistant) -> None:
    answer = assistant.answer("How much did Britain's National Cyber Security Programme cost?")
    assert not answer.abstained
    assert "£650m" in answer.text


def test_every_citation_of_every_sample_question_resolves(assistant: Assistant) -> None:
    lines = (SEEDS / "questions.jsonl").read_text().splitlines()
    for case in map(json.loads, lines):
        answer = assistant.answer(case["question"], [Turn(t["role"], t["text"]) for t in case.get("history", ())])
        for citation in [*answer.citations, *(item.citation for item in answer.evidence)]:
            article = assistant.library.catalog.article(citation.article_id).article
            assert article.text[citation.start : citation.end] == citation.quote
            assert article.content_hash == citation.content_hash
        assert bool(answer.claims) != answer.abstained


def test_a_question_about_something_else_is_refused_with_the_nearest_evidence(assistant: Assistant) -> None:
    answer = assistant.answer("What is the boiling point of ethanol at sea level?")
    assert answer.abstained
    assert answer.claims == ()
    assert answer.evidence
    assert answer.confidence < assistant.threshold


def test_evidence_is_ranked_and_holds_no_sentence_twice(assistant: Assistant) -> None:
    evidence = assistant.answer("Who is Peter Humphrey?").evidence
    assert [item.score for item in evidence] == sorted((item.score for item in evidence), reverse=True)
    assert len({item.citation for item in evidence}) == len(evidence)


def test_a_follow_up_is_understood_from_its_history(assistant: Assistant) -> None:
    history = [Turn("user", "Who is Peter Humphrey?")]
    answer = assistant.answer("Is he still being held?", history)
    assert "Peter Humphrey" in answer.standalone_question
    assert answer.question == "Is he still being held?"


def test_a_stream_begins_with_the_evidence_and_ends_with_the_answer(assistant: Assistant) -> None:
    question = "How much did Britain's National Cyber Security Programme cost?"
    searched, first, *said, last = assistant.stream(question)
    assert isinstance(searched, Searched)
    assert len(searched.nearest) == SHOWN_AT_ONCE
    assert any("Cyber Security Programme" in citation.quote for citation in searched.nearest)
    assert isinstance(first, Found)
    assert isinstance(last, Finished)
    assert [event.claim for event in said if isinstance(event, Said)] == list(last.answer.claims)


def test_filters_keep_other_articles_out(assistant: Assistant) -> None:
    answer = assistant.answer("Who is Peter Humphrey?", where=Filter(since="2014-01-01", until="2014-12-31"))
    assert {item.citation.published[:4] for item in answer.evidence} == {"2014"}


@pytest.mark.parametrize(
    ("as_of", "published"),
    [(date(2010, 11, 12), "2010-11-10"), (date(2013, 12, 5), "2013-12-04"), (date(2018, 2, 3), "2018-02-02")],
)
def test_the_day_of_asking_brings_articles_of_that_time_forward(
    assistant: Assistant, as_of: date, published: str
) -> None:
    answer = assistant.answer("What did the prime minister agree with China?", as_of=as_of)
    assert answer.evidence[0].citation.published == published


@pytest.mark.parametrize("question", ["", "   ", "\n"])
def test_an_empty_question_is_a_usage_error(assistant: Assistant, question: str) -> None:
    with pytest.raises(UsageError, match="no question"):
        assistant.answer(question)


@pytest.mark.parametrize(
    "question", ["?", "\"'*()^:-", "NEAR(", "中国是什么", "🙂", "a" * 5000, "and or not", "\x00", "what\ud800"]
)
def test_strange_questions_get_an_answer_or_a_refusal(assistant: Assistant, question: str) -> None:
    answer = assistant.answer(question)
    json.dumps(answer_to_json(answer))


def test_a_missing_library_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="footnote index PATH"):
        open_assistant(tmp_path / "nothing")


def test_a_saved_citation_tells_what_became_of_its_source(assistant: Assistant) -> None:
    answer = assistant.answer("Who is Peter Humphrey?")
    saved = answer_to_json(answer)["evidence"][0]
    citation = answer.evidence[0].citation
    assert saved["quote"] == citation.quote
    assert assistant.standing(citation) is Standing.UNCHANGED
    changed = {name: getattr(citation, name) for name in Citation.__slots__} | {"content_hash": "0" * 64}
    assert assistant.standing(citation_from_json(changed)) is Standing.CHANGED
    assert assistant.standing(citation_from_json(changed | {"article_id": "no-such"})) is Standing.GONE


def test_the_json_numbers_citations_in_the_order_of_the_text(assistant: Assistant) -> None:
    answer = answer_to_json(assistant.answer("How much did Britain's National Cyber Security Programme cost?"), id="q1")
    assert answer["version"] == 1
    assert answer["id"] == "q1"
    markers = [marker for claim in answer["claims"] for marker in claim["citations"]]
    assert markers == sorted(markers)
    assert {c["marker"] for c in answer["citations"]} == set(markers)
    assert all(f"[{marker}]" in answer["answer"] for marker in markers)
    assert answer["notes"] == []
    assert {claim["said_on"] for claim in answer["claims"]} == {None}
    assert set(answer["timings_ms"]) == {"rewrite", "embed", "search", "read", "write", "check", "total"}


def test_a_lower_risk_asks_for_more_confidence(seed_library: Path) -> None:
    usual, careful = open_assistant(seed_library), open_assistant(seed_library, risk=0.2)
    assert usual.threshold < careful.threshold < 1.0
    asked = "Which fruit does the mission to Beijing mention?"
    assert usual.answer(asked).confidence == careful.answer(asked).confidence
    with pytest.raises(UsageError, match="cannot be kept"):
        open_assistant(seed_library, risk=0.0)


def test_another_reader_is_not_calibrated_for_a_risk(seed_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--risk needs the reader that ships"):
        open_assistant(seed_library, reader="some/cross-encoder", risk=0.1)
    monkeypatch.setenv("FOOTNOTE_READER", "some/cross-encoder")
    assert open_assistant(seed_library).reader.name == "some/cross-encoder"


def test_only_the_best_of_the_passages_found_are_read(assistant: Assistant) -> None:
    _, found, *_ = assistant.stream("Who is Peter Humphrey?", k=1)
    assert isinstance(found, Found)
    assert len(found.hits) == PASSAGES_FOUND
    best = found.hits[0].passage
    read = {(item.citation.article_id, item.citation.ordinal) for item in found.ranked}
    assert read <= {(best.article_id, ordinal) for ordinal in range(best.first - 1, best.last + 2)}
