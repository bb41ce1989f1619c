"""Measure how well follow-up questions find their documents, and print the table in decision 0006.

    python benchmarks/followups.py --data ../shared/data [--failures] [--model llama.cpp:qwen2.5-coder-1.5b --limit 60]

Search is BM25 over whole documents alone, so that what is compared is the wording of the question. Every set is
split in two by the hash of the conversation: the rules were tuned on the first half (see decision 0006).
"""

import argparse
import hashlib
import json
import random
import re
import sqlite3
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assistant.conversation import standalone
from assistant.rewriting import rewritten
from assistant.values import Turn
from assistant.writing import Writer
from vectorstore.search import STOP_WORDS

SETS = ("inscit_dev", "mtrag_human159")
UNRELATED = ("qed_dev", "realtimeqa_2022a")  # questions that were asked on their own
HALVES = ("first half (tuned on)", "second half (seen, not tuned on)")
DEPTH = 100  # a gold document that is ranked lower counts as not found


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a set, with what was said before it and the documents that answer it."""

    id: str
    question: str
    history: Sequence[Turn]
    rewrite: str | None
    gold: frozenset[str]

    @property
    def earlier(self) -> list[str]:
        """What the user said before."""
        return [turn.text for turn in self.history if turn.role == "user"]

    @property
    def half(self) -> int:
        """0 or 1, the same for every question of one conversation."""
        conversation = re.split(r"(?:<::>|-)\d+$", self.id)[0]
        return hashlib.sha256(conversation.encode()).digest()[-1] % 2


WORDINGS: dict[str, Callable[[Asked], str]] = {
    "raw question": lambda asked: asked.question,
    "rules": lambda asked: standalone(asked.question, asked.history),
    "last question + question": lambda asked: " ".join([*asked.earlier[-1:], asked.question]),
    "rewritten by people": lambda asked: asked.rewrite or asked.question,
}


def by_model(name: str) -> Callable[[Asked], str]:
    """Return what has a chat model rewrite a question, once each."""
    from assistant.chat.failures import explain
    from assistant.chat.models import open_chat_model

    writer = Writer(name, open_chat_model(name), explain)
    done: dict[str, str] = {}

    def wording(asked: Asked) -> str:
        if asked.id not in done:
            done[asked.id] = rewritten(asked.question, asked.history, writer)
        return done[asked.id]

    return wording


def lines(path: Path) -> list[dict[str, Any]]:
    """Read a .jsonl file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read(folder: Path) -> list[Asked]:
    """Return the questions that have earlier turns and a known document."""
    rows = [row for row in lines(folder / "questions.jsonl") if row.get("history") and row["gold_doc_ids"]]
    turns = [[Turn(turn["role"], turn["text"]) for turn in row["history"]] for row in rows]
    return [
        Asked(row["id"], row["question"], history, row["meta"].get("rewrite"), frozenset(row["gold_doc_ids"]))
        for row, history in zip(rows, turns, strict=True)
    ]


def index(folder: Path) -> sqlite3.Connection:
    """Return a full-text index of the documents, in memory."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE d USING fts5(id UNINDEXED, title, text, tokenize='porter unicode61 remove_diacritics 2')"
    )
    rows = ((row["id"], row["title"], row["text"]) for row in lines(folder / "documents.jsonl"))
    database.executemany("INSERT INTO d VALUES (?, ?, ?)", rows)
    return database


def rank(database: sqlite3.Connection, question: str, gold: frozenset[str]) -> int | None:
    """Return the rank, from 1, of the first gold document."""
    words = list(dict.fromkeys(re.findall(r"\w+", question.lower())))
    query = " OR ".join(f'"{word}"' for word in [word for word in words if word not in STOP_WORDS] or words)
    found = database.execute("SELECT id FROM d WHERE d MATCH ? ORDER BY bm25(d), id LIMIT ?", (query, DEPTH))
    return next((place for place, (name,) in enumerate(found, 1) if name in gold), None)


def row(name: str, ranks: Sequence[int | None], unchanged: int) -> str:
    """Format hit@1, hit@5 and MRR, in percent, as a line of the table."""
    found = [place for place in ranks if place is not None]
    figures = [sum(place <= top for place in found) for top in (1, 5)] + [sum(1 / place for place in found)]
    cells = " | ".join(f"{100 * figure / len(ranks):.1f}" for figure in figures)
    return f"| {name} | {cells} | {unchanged} of {len(ranks)} |"


def report(folder: Path, *, failures: bool, limit: int | None) -> None:
    """Print both tables of one set, and with `failures` what the rules did to each tuning question."""
    database, questions = index(folder), read(folder)
    if limit is not None and limit < len(questions):
        questions = random.Random(0).sample(questions, limit)
    for half, title in enumerate(HALVES):
        chosen = [asked for asked in questions if asked.half == half]
        changed = [asked for asked in chosen if standalone(asked.question, asked.history) != asked.question]
        for part, of in ((chosen, title), (changed, f"{title}, only what the rules changed")):
            for name, wording in WORDINGS.items():
                if part and (name != "rewritten by people" or any(asked.rewrite for asked in part)):
                    texts = [(wording(asked), asked) for asked in part]
                    ranks = [rank(database, text, asked.gold) for text, asked in texts]
                    unchanged = sum(text == asked.question for text, asked in texts)
                    print(row(f"{folder.name}, {of} | {name}", ranks, unchanged))
        for asked in changed if failures and half == 0 else ():
            print(f"\n{asked.id}")
            for name, wording in WORDINGS.items():
                print(f"  {name}, rank {rank(database, wording(asked), asked.gold)}: {wording(asked)}")


def report_unrelated(folder: Path) -> None:
    """Print how many questions that stand alone are left alone after a question of another matter."""
    questions = [row["question"] for row in lines(folder / "questions.jsonl")]
    pairs = [(first, then) for first, then in pairwise(questions) if first != then]
    alone = sum(standalone(then, [Turn("user", first)]) == then for first, then in pairs)
    print(f"\n{folder.name}, after an unrelated question: {alone} of {len(pairs)} left as they were")


def main() -> None:
    """Read the command line and report on every set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds the question sets")
    parser.add_argument("--failures", action="store_true", help="show the questions of the first half too")
    parser.add_argument("--model", help="a chat model that rewrites too")
    parser.add_argument("--limit", type=int, help="questions of each set, drawn with seed 0")
    arguments = parser.parse_args()
    if arguments.model:
        WORDINGS["rewritten by the model"] = by_model(arguments.model)
    print("| set and half | question | hit@1 | hit@5 | MRR | left as it was |\n|---|---|---|---|---|---|")
    for name in SETS:
        report(arguments.data / name, failures=arguments.failures, limit=arguments.limit)
    for name in UNRELATED:
        report_unrelated(arguments.data / name)


if __name__ == "__main__":
    main()
