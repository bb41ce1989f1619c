"""Measure the support checker on corrupted and honest claims and on CLIMATE-FEVER: the tables of decision 0014.

    python benchmarks/checking.py --data ../shared/data [--meaning MODEL] [--tuning] [--failures KIND]

Reports on sets that nothing was tuned on: qed_dev, realtimeqa_2022a, the sample questions, and half of
CLIMATE-FEVER's claims; `--tuning` does on those that were. `--meaning` takes an NLI CrossEncoder in the place of what
ships.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assistant.support.checking import Meaning
from assistant.support.entailment import Entailment
from assistant.support.facts import Ground, first_fault
from assistant.support.meaning import ShippedMeaning
from evals.metrics.calibrating import auroc
from evals.metrics.estimating import Estimate, Values, estimate
from training.claims import CLIMATE, Example, climate_examples, gold_of, made_examples, stated_examples
from vectorstore.embedding import load_embedder

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
SEED = 1
MOST = 500  # gold sentences, and questions, of each set
WAYS = ("facts", "meaning", "both")


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with what the facts and the meaning say of it."""

    example: Example
    ground: Ground | None
    score: float
    threshold: float

    def passes(self, way: str) -> bool:
        """Say whether it would be shown."""
        meant = self.score >= self.threshold
        return {"facts": self.ground is None, "meaning": meant, "both": self.ground is None and meant}[way]

    def rank(self, way: str) -> float:
        """Return a score by which supported claims should come first."""
        if way == "facts":
            return float(self.ground is None)
        return self.score if way == "meaning" or self.ground is None else self.score - 1.0


def judge(examples: Iterable[Example], meaning: Meaning) -> list[Judged]:
    """Judge claims."""
    judged = []
    for example in examples:
        fault = first_fault(example.claim, example.cited)
        score = meaning.score(example.claim, [one.quote for one in example.cited])
        judged.append(Judged(example, fault.ground if fault else None, score, meaning.threshold))
    return judged


def print_kinds(judged: Sequence[Judged]) -> None:
    """Print, for each kind of claim, how many pass; of corrupted ones none should."""
    for supported, title in ((False, "must fall"), (True, "must pass")):
        print(f"\n| claims that {title} | claims | pass the facts | pass the meaning | pass both | fell on |")
        print("|---|---:|---:|---:|---:|---|")
        chosen = [one for one in judged if one.example.supported == supported]
        for kind in dict.fromkeys(one.example.kind for one in chosen):
            rows = [one for one in chosen if one.example.kind == kind]
            cells = [sum(one.passes(way) for one in rows) for way in WAYS]
            grounds = [(sum(one.ground == ground for one in rows), ground.value) for ground in Ground]
            fell = ", ".join(f"{name} {count}" for count, name in sorted(grounds, reverse=True) if count)
            print(f"| {kind} | {len(rows)} | {' | '.join(map(str, cells))} | {fell} |")


def print_figures(claims: Sequence[Sequence[Judged]], title: str) -> None:
    """Print precision, recall and AUROC of "supported" with 95 % intervals, by each way of checking.

    A claim has one citation or several to choose from: it passes, ranks and is supported as the best of them.
    """
    truth = np.array([any(one.example.supported for one in claim) for claim in claims], float)
    groups = {name: at for at, name in enumerate(dict.fromkeys(claim[0].example.group for claim in claims))}
    cases = [groups[claim[0].example.group] for claim in claims]
    print(
        f"\n| {title}: n={len(claims)}, supported {int(truth.sum())} | precision | recall | AUROC |\n|---|---|---|---|"
    )
    for way in WAYS:
        passed = np.array([any(one.passes(way) for one in claim) for claim in claims], float)
        ranks = np.array([max(one.rank(way) for one in claim) for claim in claims])
        figures = [
            partial(_ratio, of=passed * truth, among=passed),
            partial(_ratio, of=passed * truth, among=truth),
            partial(auroc, ranks, truth),
        ]
        print(f"| {way} | " + " | ".join(_shown(estimate(figure, cases, SEED)) for figure in figures) + " |")


def print_failures(judged: Sequence[Judged], kind: str) -> None:
    """Print claims of a kind that were judged wrongly."""
    for one in judged:
        if one.example.kind == kind and one.passes("both") != one.example.supported:
            print(f"\n{one.ground} {one.score:.2f}: {one.example.claim}")
            print(*(f"   [{cited.quote}]" for cited in one.example.cited), sep="\n")


def _ratio(weights: Values, of: Values, among: Values) -> Values:
    return np.asarray(weights @ of / np.maximum(weights @ among, 1e-9))


def _shown(figure: Estimate | None) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f})" if figure else "-"


def main() -> None:
    """Read the command line, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds the question sets")
    parser.add_argument("--meaning", help="an NLI CrossEncoder, by name or folder")
    parser.add_argument("--tuning", action="store_true", help="report on the sets that were tuned on")
    parser.add_argument("--failures", metavar="KIND", help="show the claims of a kind that were judged wrongly")
    args = parser.parse_args()
    meaning: Meaning = Entailment(args.meaning) if args.meaning else ShippedMeaning(load_embedder())
    held = [args.data / "qed_dev", args.data / "realtimeqa_2022a", SEEDS]
    tuned = [args.data / "squad2_half_dev", args.data / "multirc_train"]
    golds = [gold_of(folder) for folder in (tuned if args.tuning else held)]
    made = [example for gold in golds for example in made_examples(gold, SEED, MOST)]
    stated = [example for gold in golds for example in stated_examples(gold, SEED, MOST)]
    judged = judge([*made, *stated], meaning)
    print_kinds(judged)
    print_figures([[one] for one in judged[: len(made)]], "made of gold sentences")
    print_figures([[one] for one in judged[len(made) :]], "made of questions and answers")
    climate = judge(climate_examples(args.data / CLIMATE, 0 if args.tuning else 1), meaning)
    by_claim = [list(rows) for _, rows in groupby(climate, key=lambda one: one.example.group)]
    print_figures([[one] for one in climate], "CLIMATE-FEVER, sentences")
    print_figures(by_claim, "CLIMATE-FEVER, claims (best of 5)")
    if args.failures:
        print_failures([*judged, *climate], args.failures)


if __name__ == "__main__":
    main()
