"""How far the first reader should trust search's order of articles: figures for several values.

    python -m training.choose_trust --data ../shared/data [--news-library DIR]

Questions that stand alone are needed to choose, and the training sets have none: article hit@1 on inscit_dev
and mtrag_human159 (follow-ups made standalone by the rules), and with a library of the news sets both article
and sentence hit@1 on the even weeks of realtimeqa_2022a. The value in assistant/scoring.py has the highest sum of
four figures, one a set: sentence hit@1 on the training sets' held-out articles (`training.fit_scorer` prints it)
and on the even weeks, and article hit@1 on the two sets that have no gold sentences.
"""

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from assistant.conversation import standalone
from assistant.features import features
from assistant.reading import excerpts_of
from assistant.scoring import load_scorer, rarity_in, trusting_search
from assistant.values import Turn
from training.fit_scorer import PASSAGES, is_gold
from vectorstore.indexing import index
from vectorstore.library import Library
from vectorstore.search import search

VALUES = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
NEWS = "realtimeqa_2022a"


def main() -> None:
    """Print a table: a row a value, columns by set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--libraries", type=Path, default=Path("runs/libraries"))
    parser.add_argument("--news-library", type=Path)
    args = parser.parse_args()
    columns = {}
    for name in ("inscit_dev", "mtrag_human159"):
        folder = args.libraries / name
        index(folder, [args.data / name / "documents.jsonl"])
        columns |= _figures(name, Library.open(folder), _questions(args.data / name), sentences=False)
    if args.news_library:
        even = _even_weeks(_questions(args.data / NEWS))
        columns |= _figures(f"{NEWS}, even weeks", Library.open(args.news_library), even, sentences=True)
    print("| trust | " + " | ".join(columns) + " |")
    print("|---" * (1 + len(columns)) + "|")
    for i, value in enumerate(VALUES):
        print(f"| {value:g} | " + " | ".join(f"{column[i]:.1f}" for column in columns.values()) + " |")


def _figures(
    name: str, library: Library, questions: list[dict[str, Any]], *, sentences: bool
) -> dict[str, list[float]]:
    articles: list[list[bool]] = [[] for _ in VALUES]
    gold: list[list[bool]] = [[] for _ in VALUES]
    for scores, rows, right_article, right_sentence in _read(library, questions):
        for i, value in enumerate(VALUES):
            best = int(np.argmax(trusting_search(scores, rows, value)))
            articles[i].append(right_article[best])
            gold[i].append(right_sentence[best])
    columns = {f"{name}: article hit@1": articles} | ({f"{name}: sentence hit@1": gold} if sentences else {})
    return {label: [100 * float(np.mean(values)) for values in column] for label, column in columns.items()}


def _read(library: Library, questions: list[dict[str, Any]]) -> Iterator[tuple[Any, Any, list[bool], list[bool]]]:
    """Yield for each question the sentences' probabilities and features, and which are of gold."""
    scorer, rarity = load_scorer(library), rarity_in(library)
    for case in questions:
        question = standalone(case["question"], [Turn(t["role"], t["text"]) for t in case.get("history", ())])
        asked_on = case["meta"].get("asked_on")
        vector = library.embedder.embed_question(question)
        hits = search(
            library, question, vector, limit=PASSAGES, as_of=date.fromisoformat(asked_on) if asked_on else None
        )
        table = features(question, vector, excerpts_of(library.catalog, hits), library.embedder.embed, rarity)
        right = [stored.article.id in case["gold_doc_ids"] for stored, _ in table.sentences]
        yield scorer.sentence(table.rows), table.rows, right, [is_gold(case, *place) for place in table.sentences]


def _questions(folder: Path) -> list[dict[str, Any]]:
    cases = map(json.loads, (folder / "questions.jsonl").read_text().splitlines())
    return [case for case in cases if case["answerable"] and case["gold_doc_ids"]]


def _even_weeks(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    weeks = sorted({case["meta"]["week"] for case in questions})
    return [case for case in questions if weeks.index(case["meta"]["week"]) % 2 == 0]


if __name__ == "__main__":
    main()
