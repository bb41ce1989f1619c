"""Small run folders, made as `footnote eval run` would, for the tests of what reads them.

The articles hold an emoji, a combining accent and what an attacker would write, so that offsets and
escaping are tried by every test that draws them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vectorstore.values import hash_text

HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
SENTENCES = {
    "rain": ["It rained 🌧🌧 in Leeds on Monday.", "The match 🏟 was called off.", "Fans got £20 back."],
    "snow": ["Snow fell in York.", "The café\u0301 stayed open.", "Nobody was hurt."],
    "evil": ["Before.", f"It said {HOSTILE} & more.", "After 👩‍👩‍👧 it."],
}
TITLES = {"rain": "Weather in Leeds", "snow": "Weather in York", "evil": f"Title {HOSTILE}"}
TEXTS = {id: " ".join(sentences) for id, sentences in SENTENCES.items()}


@dataclass(frozen=True)
class Asked:
    """A case and what came of it; sentences are named by (article, ordinal)."""

    id: str
    gold: tuple[str, int] | None = ("rain", 1)
    cited: Sequence[tuple[str, int]] = ()
    read: Sequence[tuple[str, int]] = (("rain", 1), ("snow", 0))
    lost: str | None = None
    confidence: float = 0.7
    question: str = "What happened to the match?"
    error: str | None = None
    run: int = 0
    metrics: Mapping[str, float | None] = field(default_factory=dict)


def right(id: str, **changes: Any) -> Asked:
    return Asked(id, **{"cited": [("rain", 1)], "confidence": 0.9, **changes})


def outranked(id: str, **changes: Any) -> Asked:
    fields = {"cited": [("snow", 0)], "read": [("snow", 0), ("rain", 1)], "lost": "outranked", **changes}
    return Asked(id, **fields)


def refused(id: str, **changes: Any) -> Asked:
    return Asked(id, **{"lost": "below the threshold", "confidence": 0.3, **changes})


def rightly_refused(id: str, **changes: Any) -> Asked:
    return Asked(id, **{"gold": None, "confidence": 0.1, "question": "Who won?", **changes})


def made_up(id: str, **changes: Any) -> Asked:
    fields = {"gold": None, "cited": [("snow", 0)], "lost": "answered", "question": "Who won?", **changes}
    return Asked(id, **fields)


def broken(id: str, **changes: Any) -> Asked:
    return Asked(id, **{"error": "ZeroDivisionError: crashed", **changes})


def write_run(folder: Path, asked: Sequence[Asked], **changes: Any) -> Path:
    """Write results.jsonl, articles.jsonl and summary.json; `changes` replace keys of the summary."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row(one) for one in asked]
    _write(folder / "results.jsonl", "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows))
    _write(folder / "articles.jsonl", "".join(json.dumps(article(id), ensure_ascii=False) + "\n" for id in TEXTS))
    _write(folder / "summary.json", json.dumps(summary(rows) | changes, ensure_ascii=False, indent=1))
    return folder


def span(article_id: str, ordinal: int) -> dict[str, Any]:
    start = TEXTS[article_id].index(SENTENCES[article_id][ordinal])
    return {"article_id": article_id, "start": start, "end": start + len(SENTENCES[article_id][ordinal])}


def row(one: Asked) -> dict[str, Any]:
    gold = [] if one.gold is None else [SENTENCES[one.gold[0]][one.gold[1]]]
    docs = [] if one.gold is None else [one.gold[0]]
    return {
        "id": one.id, "run": one.run,
        "case": {
            "question": one.question, "answers": ["called off"] if gold else [], "answerable": bool(gold),
            "gold_doc_ids": docs, "gold_sentences": gold, "accepted_doc_ids": docs, "accepted_sentences": gold,
            "history": [], "as_of": None, "meta": {},
        },
        "answer": None if one.error else answer(one),
        "trace": None if one.error else {
            "passages": [span(*place) for place in one.read],
            "sentences": [{**span(*place), "score": 0.5} for place in one.read],
        },
        "gold_places": [{**span(*one.gold), "sentence": gold[0]}] if one.gold else [],
        "metrics": measured(one), "lost": one.lost, "error": one.error,
    }  # fmt: skip


def answer(one: Asked) -> dict[str, Any]:
    quotes = [SENTENCES[id][ordinal] for id, ordinal in one.cited]
    citations = [
        {
            **span(*place), "marker": number, "title": TITLES[place[0]], "published": "2020-01-02",
            "source": "The Daily", "ordinal": place[1], "quote": quote, "content_hash": hash_text(TEXTS[place[0]]),
        }
        for number, (place, quote) in enumerate(zip(one.cited, quotes, strict=True), 1)
    ]  # fmt: skip
    return {
        "version": 1, "id": one.id, "question": one.question, "standalone_question": one.question,
        "answer": " ".join(f"{quote} [{number}]" for number, quote in enumerate(quotes, 1)),
        "abstained": not one.cited, "confidence": one.confidence,
        "claims": [
            {"text": quote, "support": {"verdict": "verbatim", "score": 1.0}, "citations": [number]}
            for number, quote in enumerate(quotes, 1)
        ],
        "citations": citations, "dropped": [],
        "evidence": [
            {**span(*place), "ordinal": place[1], "quote": SENTENCES[place[0]][place[1]], "score": 0.5}
            for place in one.read
        ],
        "model": {"embedding": "none", "reader": "none", "chat": None},
        "timings_ms": {"embed": 1.0, "search": 2.0, "read": 5.0, "write": 1.0, "check": 1.0, "total": 10.0},
    }  # fmt: skip


def measured(one: Asked) -> dict[str, float | None]:
    names = ("article_hit_1", "sentence_hit_1", "right", "abstained_right", "false_refusal")
    nothing: dict[str, float | None] = dict.fromkeys((*names, "citation_precision", "validity", "latency_ms"))
    if one.error:
        return nothing
    found: dict[str, float | None] = {**nothing, "validity": 1.0, "latency_ms": 10.0}
    if one.gold is None:
        found["abstained_right"] = float(not one.cited)
    else:
        found["article_hit_1"] = float(one.read[0][0] == one.gold[0])
        found["sentence_hit_1"] = float(one.read[0] == one.gold)
        found["right"] = float(one.gold in one.cited)
        found["false_refusal"] = float(not one.cited)
        found["citation_precision"] = sum(c == one.gold for c in one.cited) / len(one.cited) if one.cited else None
    return {**found, **one.metrics}


def article(id: str) -> dict[str, Any]:
    spans = [[span(id, number)["start"], span(id, number)["end"]] for number in range(len(SENTENCES[id]))]
    return {
        "id": id, "title": TITLES[id], "published": "2020-01-02", "source": "The Daily", "text": TEXTS[id],
        "sentences": spans,
    }  # fmt: skip


def summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    figures = {}
    for name in rows[0]["metrics"]:
        values = [one["metrics"][name] for one in rows if one["metrics"][name] is not None]
        if values and name != "latency_ms":
            mean = sum(values) / len(values)
            figures[name] = {"n": len(values), "value": mean, "low": max(0, mean - 0.1), "high": min(1, mean + 0.1)}
    figures["auroc"] = {"n": len(rows), "value": 0.9, "low": 0.8, "high": 0.95}
    lost: dict[str, int] = {}
    for one in rows:
        if one["lost"]:
            lost[one["lost"]] = lost.get(one["lost"], 0) + 1
    return {
        "version": 2, "name": "weather",
        "cases": {"path": "tests/weather/questions.jsonl", "sha256": "c" * 64, "n": len({one["id"] for one in rows})},
        "corpus": {"fingerprint": "f" * 64, "articles": 3},
        "settings": {
            "limit": None, "seed": 0, "runs": 1, "per_document": False, "by": None, "k": 20, "threshold": 0.41,
        },
        "models": {"embedding": "none", "reader": "none", "chat": None}, "code": {"version": "0.1.0"},
        "n": len(rows), "figures": figures,
        "kinds": {"clean": {"n": 2, "figures": {"abstained_right": {"n": 2, "value": 0.5, "low": 0.0, "high": 1.0}}}},
        "groups": {f"Group {HOSTILE}": {"n": 2, "figures": {"right": {"n": 2, "value": 1.0, "low": 1.0, "high": 1.0}}}},
        "curves": {
            "risk_coverage": [[0.25, 0.0], [0.5, 0.1], [0.75, 0.2], [1.0, 0.4]],
            "reliability": [
                {"low": 0.0, "high": 0.5, "n": 3, "confidence": 0.3, "accuracy": 0.4},
                {"low": 0.5, "high": 1.0, "n": 5, "confidence": 0.9, "accuracy": 1.0},
            ],
        },
        "lost": lost, "errors": [{"id": one["id"], "error": one["error"]} for one in rows if one["error"]],
        "timings": {
            "started": "2026-11-22T05:00:00+00:00", "seconds": 12.3,
            "latency_ms": {
                stage: {"p50": 10.0, "p95": 25.0, "n": len(rows)}
                for stage in ("embed", "search", "read", "write", "check", "total")
            },
        },
    }  # fmt: skip


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
