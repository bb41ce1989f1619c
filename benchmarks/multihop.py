"""Does a second search, widened by what the first one found, help questions that need several articles?

    python benchmarks/multihop.py --data ../shared/data

Asks multihop_wiki's questions, and qed_dev's, which need one article, to see what it costs. Printed for each way is how
often all gold articles are among those found, all gold sentences among the five and the ten best, and one is first.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant import open_assistant
from assistant.answering import PASSAGES_FOUND, PASSAGES_READ, Assistant
from assistant.reading import excerpts_of
from assistant.values import Evidence
from evals.cases import Case, load_cases
from vectorstore.indexing import index
from vectorstore.search import search
from vectorstore.values import Hit

WAYS = ("one search", "widened by the best sentence", "by the best of two articles", "by the best article's title")


def main() -> None:
    """Print a table a set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--libraries", type=Path, default=Path("runs/libraries"))
    parser.add_argument("--limit", type=int, default=200)
    args = parser.parse_args()
    for name in ("multihop_wiki", "qed_dev"):
        index(args.libraries / name, [args.data / name / "documents.jsonl"])
        assistant = open_assistant(args.libraries / name)
        cases = [case for case in load_cases(args.data / name) if case.answerable][: args.limit]
        print(f"\n{name}, {len(cases)} questions, per cent\n")
        print(
            "| | all articles found | all sentences in 5 | all sentences in 10 | one first |\n|---|---:|---:|---:|---:|"
        )
        for way in WAYS:
            figures = np.mean([_judge(assistant, case, way) for case in cases], axis=0)
            print(f"| {way} | " + " | ".join(f"{100 * figure:.1f}" for figure in figures) + " |")


def _judge(assistant: Assistant, case: Case, way: str) -> tuple[bool, bool, bool, bool]:
    library = assistant.library
    vector = library.embedder.embed_question(case.question)
    hits = search(library, case.question, vector, limit=PASSAGES_FOUND)
    read = hits[:PASSAGES_READ]
    ranked = assistant.reader.read(case.question, vector, excerpts_of(library.catalog, read)).evidence
    if way != WAYS[0]:
        more = _second(assistant, case.question, ranked, way)
        known = {hit.passage.id for hit in read}
        new = [hit for hit in more if hit.passage.id not in known][:PASSAGES_READ]
        # In turn: what the second search puts first is as near as what the first one did.
        read = [hit for pair in _in_turn(read, new) for hit in pair]
        hits = [*read, *hits]
        ranked = assistant.reader.read(case.question, vector, excerpts_of(library.catalog, read)).evidence
    found = list(dict.fromkeys(hit.passage.article_id for hit in hits))
    wanted = [library.catalog.resolve(name) for name in case.gold_doc_ids]
    quotes = [" ".join(item.citation.quote.split()) for item in ranked[:10]]
    golds = [" ".join(gold.split()) for gold in case.gold_sentences]

    def held(gold: str, among: Sequence[str]) -> bool:
        return any(quote in gold or gold in quote for quote in among)

    return (
        all(article_id in found for article_id in wanted),
        bool(golds) and all(held(gold, quotes[:5]) for gold in golds),
        bool(golds) and all(held(gold, quotes) for gold in golds),
        any(held(gold, quotes[:1]) for gold in golds),
    )


def _second(assistant: Assistant, question: str, ranked: Sequence[Evidence], way: str) -> list[Hit]:
    best = ranked[0].citation
    further = next((item.citation for item in ranked if item.citation.article_id != best.article_id), best)
    widened = {
        WAYS[1]: f"{question} {best.quote}",
        WAYS[2]: f"{question} {best.quote} {further.quote}",
        WAYS[3]: f"{question} {best.title}",
    }[way]
    vector = assistant.library.embedder.embed_question(widened)
    return search(assistant.library, widened, vector, limit=2 * PASSAGES_READ)


def _in_turn(one: Sequence[Hit], other: Sequence[Hit]) -> list[list[Hit]]:
    longest = max(len(one), len(other))
    return [[*one[i : i + 1], *other[i : i + 1]] for i in range(longest)]


if __name__ == "__main__":
    main()
