"""Cases and answers made in one line; and a library on disk with an assistant that quotes what it is told."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.answering import Event, Finished, Found
from assistant.values import Answer, Citation, Claim, Evidence, Models, Support, Turn, Verdict
from evals.cases import QUESTIONS, Case
from evals.values import Place, Response
from tests.fakes import FakeEmbedder
from vectorstore.catalog import Filter
from vectorstore.duplicates import signature
from vectorstore.library import Library
from vectorstore.sentences import sentences_of
from vectorstore.values import Article, Hit, Passage, hash_text

RAIN = "It rained in Leeds on Monday. The match was called off. Fans got £20 back."
SNOW = "Snow fell in York. The match was called off."
TEXTS = {"rain": RAIN, "snow": SNOW}


def place(article_id: str, quote: str) -> dict[str, Any]:
    """An item of evidence: where a sentence stands in one of the texts."""
    start = TEXTS[article_id].index(quote)
    return {
        "article_id": article_id,
        "ordinal": 0,
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "score": 1.0,
    }


def response_of(answer: dict[str, Any], passages: list[tuple[str, str]] | None = None) -> Response:
    """A response whose sentences read are its evidence, and whose passages are those given or the same."""
    sentences = tuple(Place(item["article_id"], item["start"], item["end"]) for item in answer["evidence"])
    found = sentences if passages is None else tuple(_place_of(*pair) for pair in passages)
    return Response(answer, found, sentences, tuple(item["score"] for item in answer["evidence"]))


def _place_of(article_id: str, quote: str) -> Place:
    found = place(article_id, quote)
    return Place(article_id, found["start"], found["end"])


@pytest.fixture
def text_of() -> Callable[[str], str | None]:
    return TEXTS.get


@pytest.fixture
def make_case() -> Callable[..., Case]:
    """A case about the rain; gold sentences and articles are accepted unless others are given."""

    def make(**changes: Any) -> Case:
        fields: dict[str, Any] = {
            "id": "q1",
            "question": "What happened to the match?",
            "answers": ("called off",),
            "answerable": True,
            "gold_doc_ids": ("rain",),
            "gold_sentences": ("The match was called off.",),
            **changes,
        }
        fields.setdefault("accepted_doc_ids", fields["gold_doc_ids"])
        fields.setdefault("accepted_sentences", fields["gold_sentences"])
        return Case(**fields)

    return make


@pytest.fixture
def unanswerable(make_case: Callable[..., Case]) -> Case:
    return make_case(id="q0", answers=(), answerable=False, gold_doc_ids=(), gold_sentences=())


@pytest.fixture
def make_answer() -> Callable[..., dict[str, Any]]:
    """An answer as JSON from (article, sentence) pairs: those cited, a claim each, and the evidence."""

    def make(
        cited: list[tuple[str, str]] | None = None,
        evidence: list[tuple[str, str]] | None = None,
        confidence: float = 0.5,
        total: float = 10.0,
    ) -> dict[str, Any]:
        cited = cited or []
        citations = [
            {**place(*pair), "marker": number, "content_hash": hash_text(TEXTS[pair[0]])}
            for number, pair in enumerate(cited, 1)
        ]
        return {
            "answer": " ".join(f"{quote} [{number}]" for number, (_, quote) in enumerate(cited, 1)),
            "abstained": not cited,
            "confidence": confidence,
            "claims": [
                {"text": quote, "support": {"verdict": "verbatim", "score": 1.0}, "citations": [number]}
                for number, (_, quote) in enumerate(cited, 1)
            ],
            "citations": citations,
            "dropped": [],
            "evidence": [place(*pair) for pair in (cited if evidence is None else evidence)],
            "model": {"embedding": "none", "reader": "none", "chat": None},
            "timings_ms": {"total": total},
        }

    return make


QUESTION_LINES: list[dict[str, Any]] = [
    {"id": "q1", "question": "What happened to the match?", "answers": ["called off"], "answerable": True,
     "gold_doc_ids": ["wire-copy"], "gold_sentences": ["The match was called off."],
     "history": [{"role": "user", "text": "Was there a match?"}], "meta": {"kind": "event", "asked_on": "2022-06-16"}},
    {"id": "q2", "question": "Who won?", "answers": [], "answerable": False,
     "meta": {"kind": "none", "unanswerable_kind": "clean", "context_doc_id": "rain"}},
    {"id": "q3", "question": "Crash?", "answers": [], "answerable": False,
     "meta": {"kind": "none", "near": "rain", "context_doc_id": "rain"}},
]  # fmt: skip


class ScriptedAssistant:
    """Cites the second sentence of the article on the rain, refuses to say who won, and crashes when asked to."""

    threshold = 0.5
    reader = SimpleNamespace(name="scripted")
    writing = None

    def __init__(self, library: Library) -> None:
        self.library = library
        self.asked: list[tuple[str, Sequence[Turn], date | None, Filter | None]] = []
        self.interrupt_at: int | None = None

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        as_of: date | None = None,
        where: Filter | None = None,
    ) -> Iterator[Event]:
        if len(self.asked) == self.interrupt_at:
            raise KeyboardInterrupt
        self.asked.append((question, history, as_of, where))
        if question == "Crash?":
            raise ZeroDivisionError("crashed")
        citation = Citation.of(self.library.catalog.article("rain"), 1)
        abstained = question == "Who won?"
        claims = () if abstained else (Claim(citation.quote, (citation,), Support(Verdict.VERBATIM, 1.0)),)
        evidence = (Evidence(citation, 0.9),)
        yield Found(question, evidence, [Hit(Passage("rain/0", "rain", 0, 2), 1.0, 0.5)], evidence)
        yield Finished(
            Answer(question, question, claims, (), abstained, 0.2 if abstained else 0.9, evidence,
                   Models("fake@1", "scripted"), {"search": 2.0, "total": 5.0})
        )  # fmt: skip

    def answer(self, question: str, history: Sequence[Turn] = (), *, as_of: date | None = None) -> Answer:
        *_, last = self.stream(question, history, as_of=as_of)
        assert isinstance(last, Finished)
        return last.answer


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.create(tmp_path / "library", "fake", FakeEmbedder())
    article = Article("rain", "Rain", None, None, RAIN)
    library.catalog.put(article, sentences_of(article), [], fingerprint="f", signature=signature(RAIN))
    library.catalog.note_origin("copy.jsonl", "wire-copy", "rain")
    library.catalog.publish(0, ["rain"], [])
    yield library
    library.close()


@pytest.fixture
def assistant(library: Library) -> ScriptedAssistant:
    return ScriptedAssistant(library)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A folder with a question set."""
    folder = tmp_path / "rainy"
    folder.mkdir()
    write_lines(folder / QUESTIONS, QUESTION_LINES)
    return folder


def write_lines(path: Path, lines: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path
