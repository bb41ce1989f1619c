"""Article hit@1 and hit@10 of each way to search, on question sets whose libraries it builds (and keeps).

python benchmarks/retrieval.py --data ../shared/data --set qed_dev
python benchmarks/retrieval.py --data ../shared/data --set realtimeqa_2022a --with news_distractors_2023
"""

import argparse
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from vectorstore import search as searching
from vectorstore.catalog import Filter
from vectorstore.indexing import index
from vectorstore.library import Library
from vectorstore.values import Passage

Questions = list[dict[str, Any]]


def main() -> None:
    """Index what is not indexed yet, search for every answerable question, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", required=True)
    parser.add_argument("--with", dest="others", nargs="*", default=[])
    parser.add_argument("--libraries", type=Path, default=Path("runs/libraries"))
    args = parser.parse_args()
    names = [args.set, *args.others]
    folder = args.libraries / "+".join(names)
    index(folder, [args.data / name / "documents.jsonl" for name in names])
    library = Library.open(folder)
    lines = (args.data / args.set / "questions.jsonl").read_text().splitlines()
    questions = [q for q in map(json.loads, lines) if q["answerable"] and q["gold_doc_ids"]]
    weeks = sorted({q["meta"].get("week", "") for q in questions})
    groups = {"all": questions}
    if len(weeks) > 1:
        groups["even weeks (tuned on)"] = [q for q in questions if weeks.index(q["meta"]["week"]) % 2 == 0]
        groups["odd weeks (reported)"] = [q for q in questions if weeks.index(q["meta"]["week"]) % 2]
    print("| search | " + " | ".join(f"{name}, n={len(some)}" for name, some in groups.items()) + " |")
    print("|---" * (1 + len(groups)) + "|")
    for name, found in _rankings(library, questions):
        cells = [_hits([(q, found[q["id"]]) for q in some]) for some in groups.values()]
        print(f"| {name} | " + " | ".join(cells) + " |")
    recall = 100 * _recall(library, questions)
    print(f"\nOf the {searching.DEPTH} nearest vectors, Chroma's graph finds {recall:.1f} %.")


def _rankings(library: Library, questions: Questions) -> list[tuple[str, dict[str, list[str]]]]:
    """Return each way to search with its ranking of article ids for every question."""
    anywhere = Filter()
    dense = {
        q["id"]: list(searching.by_vector(library, library.embedder.embed_question(q["question"]), anywhere))
        for q in questions
    }
    rows = [("vectors alone", {id: _articles(ranking) for id, ranking in dense.items()})]
    for weight in (1.0, 2.0, 4.0):
        words = {q["id"]: searching.by_words(library.catalog, q["question"], anywhere, weight) for q in questions}
        rows.append((f"BM25 alone, title x {weight:g}", {id: _articles(ranking) for id, ranking in words.items()}))
    words = {q["id"]: searching.by_words(library.catalog, q["question"], anywhere) for q in questions}
    fused = {id: searching.fuse([dense[id], words[id]]) for id in dense}
    rows.append(("fused (RRF)", {id: _by_score(scores) for id, scores in fused.items()}))
    if not questions[0]["meta"].get("asked_on"):
        return rows
    for weight in (0.25, 0.5, 1.0, 2.0):
        for days in (3.0, 7.0, 14.0, 30.0):
            near = {q["id"]: _with_nearness(library, fused[q["id"]], q, weight, days) for q in questions}
            rows.append((f"fused, nearness {weight:g}, {days:g} days", near))
    return rows


def _recall(library: Library, questions: Questions) -> float:
    """Return the share of the truly nearest vectors, by looking at all of them, that Chroma finds."""
    ids = sorted(library.vectors.ids())
    stored = library.vectors.vectors(ids)
    matrix = np.stack([stored[id] for id in ids])
    found = []
    for question in questions[:200]:
        vector = library.embedder.embed_question(question["question"])
        nearest = {ids[i] for i in np.argsort(-(matrix @ vector))[: searching.DEPTH]}
        found.append(len(nearest & {id for id, _ in library.vectors.nearest(vector, searching.DEPTH, None)}))
    return float(np.mean(found)) / searching.DEPTH


def _with_nearness(
    library: Library, scores: dict[Passage, float], question: dict[str, Any], weight: float, days: float
) -> list[str]:
    asked_on = date.fromisoformat(question["meta"]["asked_on"])
    published = library.catalog.published(sorted({passage.article_id for passage in scores}))
    bonus = weight / (searching.RRF_K + 1)
    return _by_score(
        {p: s + bonus * searching.nearness(published[p.article_id], asked_on, days) for p, s in scores.items()}
    )


def _by_score(scores: dict[Passage, float]) -> list[str]:
    return _articles(sorted(scores, key=lambda passage: (-scores[passage], passage.id)))


def _articles(passages: Sequence[Passage]) -> list[str]:
    return list(dict.fromkeys(passage.article_id for passage in passages))


def _hits(asked: Sequence[tuple[dict[str, Any], list[str]]]) -> str:
    first = sum(bool(set(found[:1]) & set(q["gold_doc_ids"])) for q, found in asked)
    ten = sum(bool(set(found[:10]) & set(q["gold_doc_ids"])) for q, found in asked)
    return f"{100 * first / len(asked):.1f} / {100 * ten / len(asked):.1f}"


if __name__ == "__main__":
    main()
