"""An answer as JSON, version 1: the one form that the command line, the page and the evals share."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from assistant.values import Answer, Citation, Claim, Evidence

VERSION = 1


def answer_to_json(answer: Answer, id: str | None = None) -> dict[str, Any]:
    """Return an answer as plain JSON values; the layout is in docs/answer-json.md."""
    markers = {citation: number for number, citation in enumerate(answer.citations, 1)}
    return {
        "version": VERSION,
        **({} if id is None else {"id": id}),
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "answer": answer.text,
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 4),
        "claims": [
            claim_to_json(claim, [markers[citation] for citation in claim.citations]) for claim in answer.claims
        ],
        "citations": [{"marker": number, **citation_to_json(citation)} for citation, number in markers.items()],
        "dropped": [asdict(dropped) for dropped in answer.dropped],
        "evidence": evidence_to_json(answer.evidence),
        "model": {
            "embedding": answer.models.embedding,
            "reader": answer.models.reader,
            "chat": answer.models.chat,
        },
        "timings_ms": {stage: round(value, 2) for stage, value in answer.timings.items()},
        "notes": list(answer.notes),
    }


def claim_to_json(claim: Claim, markers: Sequence[int]) -> dict[str, Any]:
    """Return a claim as plain JSON values; `markers` are the numbers of its citations in the answer."""
    return {
        "text": claim.text,
        "support": {"verdict": claim.support.verdict.value, "score": round(claim.support.score, 4)},
        "citations": list(markers),
        "said_on": claim.said_on,
    }


def citation_to_json(citation: Citation) -> dict[str, Any]:
    """Return a citation as plain JSON values."""
    return asdict(citation)


def citation_from_json(value: dict[str, Any]) -> Citation:
    """Return the citation of a saved answer; raises KeyError where a field is missing."""
    return Citation(**{name: value[name] for name in Citation.__slots__})


def evidence_to_json(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Return sentences that were looked at as plain JSON values."""
    return [
        {
            "article_id": item.citation.article_id,
            "ordinal": item.citation.ordinal,
            "start": item.citation.start,
            "end": item.citation.end,
            "quote": item.citation.quote,
            "score": round(item.score, 4),
        }
        for item in evidence
    ]
