"""What report.html carries of each case and article, small enough for a browser however large the set is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evals.runs import BAD, OUTCOMES, Article, Row, Run
from evals.validity import invalid
from evals.wording import OUTCOME_MEANING, STAGES

ARTICLES_AT_MOST = 6_000_000  # code points of all articles together
CONTEXTS = (None, 400, 150, 40, 0)  # code points kept on each side of a marked sentence; None: all
EVIDENCE_SHOWN = 3

Span = tuple[int, int]


def embedded(run: Run) -> dict[str, Any]:
    """Return the data of the page; articles are named by their place in the list of articles."""
    order = {id: number for number, id in enumerate(run.articles)}
    marked: dict[str, list[Span]] = {id: [] for id in run.articles}
    cases = []
    for row in run.rows:
        for place in _marked(row):
            if place["article_id"] in marked:
                marked[place["article_id"]].append((place["start"], place["end"]))
        cases.append(_case(row, order, invalid(row, run.articles)))
    names = list(dict.fromkeys(name for row in run.rows for name in row.metrics))
    context = _context(run.articles, marked)
    return {
        "outcomes": OUTCOMES,
        "bad": sorted(BAD),
        "meanings": {**OUTCOME_MEANING, **STAGES},
        "metrics": names,
        "values": [[row.metrics.get(name) for name in names] for row in run.rows],
        "articles": [_article(one, marked[one.id], context) for one in run.articles.values()],
        "cases": cases,
    }


def windows(text: str, spans: Sequence[Span], context: int | None) -> list[tuple[int, str]]:
    """Return the parts of a text that lie within `context` code points of a span, each behind its start."""
    if context is None:
        return [(0, text)]
    kept: list[list[int]] = []
    for start, end in sorted(spans):
        low, high = max(0, start - context), min(len(text), end + context)
        if kept and low <= kept[-1][1]:
            kept[-1][1] = max(kept[-1][1], high)
        else:
            kept.append([low, high])
    return [(low, text[low:high]) for low, high in kept]


def _context(articles: Mapping[str, Article], marked: Mapping[str, Sequence[Span]]) -> int | None:
    for context in CONTEXTS:
        size = sum(len(part) for one in articles.values() for _, part in windows(one.text, marked[one.id], context))
        if size <= ARTICLES_AT_MOST:
            return context
    return 0


def _article(article: Article, spans: Sequence[Span], context: int | None) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "published": article.published,
        "source": article.source,
        "length": len(article.text),
        "windows": windows(article.text, spans, context),
    }


def _marked(row: Row) -> Iterator[Mapping[str, Any]]:
    yield from row.gold_places
    yield from row.citations
    yield from row.evidence[:EVIDENCE_SHOWN]


def _case(row: Row, order: Mapping[str, int], problem: str | None) -> dict[str, Any]:
    answer = row.answer or {}
    case: dict[str, Any] = {
        "id": row.id,
        "run": row.run,
        "question": row.question,
        "history": [f"{turn['role']}: {turn['text']}" for turn in row.case["history"]],
        "asOf": row.case["as_of"],
        "answers": row.case["answers"],
        "answerable": row.case["answerable"],
        "outcome": row.outcome,
        "lost": row.lost,
        "error": row.error,
        "invalid": problem,
        "understood": answer.get("standalone_question"),
        "confidence": answer.get("confidence"),
        "claims": [[claim["text"], claim["citations"]] for claim in answer.get("claims", ())],
        "dropped": [[claim["text"], claim["reason"]] for claim in answer.get("dropped", ())],
        "gold": [_span(place, order) for place in row.gold_places],
        "cited": [[*_span(one, order), one["marker"]] for one in row.citations],
        "evidence": [[*_span(one, order), one["score"]] for one in row.evidence[:EVIDENCE_SHOWN]],
    }
    if not row.gold_places:
        case["goldSentences"] = row.case["gold_sentences"]
    if case["understood"] == row.question:
        case["understood"] = None
    return {name: value for name, value in case.items() if value not in (None, [])}


def _span(place: Mapping[str, Any], order: Mapping[str, int]) -> list[Any]:
    """Return [article, start, end]; an article that the run folder lacks is named instead of numbered."""
    return [order.get(place["article_id"], place["article_id"]), place["start"], place["end"]]
