"""Cases and answers made in one line; texts are those of the small library below."""

from collections.abc import Callable
from typing import Any

import pytest

from evals.cases import Case
from vectorstore.values import hash_text

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
            "claims": [{"text": quote, "citations": [number]} for number, (_, quote) in enumerate(cited, 1)],
            "citations": citations,
            "evidence": [place(*pair) for pair in (cited if evidence is None else evidence)],
            "model": {"embedding": "none", "reader": "none", "chat": None},
            "timings_ms": {"total": total},
        }

    return make
