"""Measure how well follow-up questions find their documents, and print the table in decision 0006.

    python benchmarks/followups.py --data ../shared/data [--failures]

Search is BM25 over whole documents and nothing else, so that what is compared is the wording of the
question. Every set is split in two by the hash of the conversation: the rules were tuned by looking
at the first half. docs/decisions/0006-follow-ups.md says how far the second was kept out of sight.
"""

import argparse
import hashlib
import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assistant.conversation import standalone
from assistant.values import Turn
from vectorstore.search import STOP_WORDS

SETS = ("inscit_dev", "mtrag_human159")
UNRELATED = ("qed_dev", "realtimeqa_2022a")  # questions that were asked on their own
HALVES = ("first half (tuned on)", "second half (held out)")
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
    def half(self) -> int:
        """0 or 1, the same for every question of one conversation."""
        conversation = re.split(r"(?:<::>|-)\d+$", self.id)[0]
        return hashlib.sha256(conversation.encode()).digest()[-1] % 2


def last_and_question(asked: Asked) -> str:
    """Put the user's last question before this one, which needs no rules at all."""
    earlier = [turn.text for turn in asked.history if turn.role == "user"]
    return " ".join([*earlier[-1:], asked.question])


WORDINGS: dict[str, Callable[[Asked], str]] = {
    "raw question": lambda asked: asked.question,
    "rules": lambda asked: standalone(asked.question, asked.history),
    "last question + question": last_and_question,
    "rewritten by people": lambda asked: asked.rewrite or asked.question,
}


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read a .jsonl file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def read(folder: Path) -> list[Asked]:
    """Return the questions that have earlier turns and a known document."""
    return [
        Asked(
            row["id"],
            row["question"],
            [Turn(turn["role"], turn["text"]) for turn in row["history"]],
            row["meta"].get("rewrite"),
            frozenset(row["gold_doc_ids"]),
        )
        for row in lines(folder / "questions.jsonl")
        if row.get("history") and row["gold_doc_ids"]
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
    telling = [word for word in words if word not in STOP_WORDS] or words
    if not telling:
        return None
    query = " OR ".join(f'"{word}"' for word in telling)
    found = database.execute("SELECT id FROM d WHERE d MATCH ? ORDER BY bm25(d), id LIMIT ?", (query, DEPTH))
    return next((place for place, (name,) in enumerate(found, 1) if name in gold), None)


def row(name: str, ranks: Sequence[int | None], unchanged: int) -> str:
    """Format hit@1, hit@5 and MRR, in percent, as a line of the table."""
    found = [place for place in ranks if place is not None]
    figures = (
        sum(place == 1 for place in found),
        sum(place <= 5 for place in found),
        sum(1 / place for place in found),
    )
    cells = " | ".join(f"{100 * figure / len(ranks):.1f}" for figure in figures)
    return f"| {name} | {cells} | {unchanged} of {len(ranks)} |"


def report(folder: Path, *, failures: bool) -> None:
    """Print both tables of one set, and with `failures` what the rules did to each tuning question."""
    database, questions = index(folder), read(folder)
    for half, title in enumerate(HALVES):
        chosen = [asked for asked in questions if asked.half == half]
        changed = [asked for asked in chosen if standalone(asked.question, asked.history) != asked.question]
        for part, of in ((chosen, title), (changed, f"{title}, only what the rules changed")):
            print(
                f"\n{folder.name}, {of}\n\n| question | hit@1 | hit@5 | MRR | left as it was |\n|---|---|---|---|---|"
            )
            for name, wording in WORDINGS.items():
                if part and (name != "rewritten by people" or any(asked.rewrite for asked in part)):
                    texts = [wording(asked) for asked in part]
                    pairs = list(zip(texts, part, strict=True))
                    ranks = [rank(database, text, asked.gold) for text, asked in pairs]
                    print(row(name, ranks, sum(text == asked.question for text, asked in pairs)))
        if failures and half == 0:
            for asked in changed:
                print(f"\n{asked.id}")
                for name, wording in WORDINGS.items():
                    text = wording(asked)
                    print(f"  {name}, rank {rank(database, text, asked.gold)}: {text}")


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
    arguments = parser.parse_args()
    for name in (*SETS, *UNRELATED):
        if not (arguments.data / name).is_dir():
            print(f"{name} is not in {arguments.data}: skipped", file=sys.stderr)
        elif name in SETS:
            report(arguments.data / name, failures=arguments.failures)
        else:
            report_unrelated(arguments.data / name)


if __name__ == "__main__":
    main()
