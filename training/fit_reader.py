"""Fit what turns the network's logits into probabilities, and write assistant/reader/calibration.json.

    python -m training.fit_reader --data ../shared/data

Fits on questions of articles that choose, and prints figures of articles that are held out: neither was trained
on. Half of the questions are asked a second time with their article taken away, so that nothing answers
them. How far search's order of articles is trusted is chosen on inscit_dev and mtrag_human159, whose questions
stand alone; those of the training sets lean on their article.
"""

import argparse
import json
import pickle
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from assistant.answering import PASSAGES_READ
from assistant.conversation import standalone
from assistant.matching import rarity_in
from assistant.network import ABOUT, FOLDER, Network
from assistant.reading import Excerpt, excerpts_of
from assistant.scoring import (
    CALIBRATION,
    FEATURES,
    TELLING,
    Calibration,
    Logistic,
    Table,
    describe,
    features_of_best,
    probability,
)
from assistant.values import Turn
from evals.metrics.calibrating import auroc, brier, expected_calibration_error, reliability
from training.questions import Question, load_questions
from vectorstore.indexing import index
from vectorstore.library import Library
from vectorstore.search import search

SEED = 0
QUESTIONS = {"choose": 250, "report": 150}  # of each set
MOST_READ = 20
TRUSTS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
PENALTY = 1e-3
FALSE_REFUSALS = 0.05
ANSWERED = 50
STANDING_ALONE = ("inscit_dev", "mtrag_human159")


@dataclass(frozen=True, slots=True)
class Example:
    """A question of a set that was read: its sentences' features, and the ranks of their articles and passages.

    `right` says which sentences are; `answerable`, whether any is in the library.
    """

    set: str
    answerable: bool
    rows: np.ndarray
    ranks: np.ndarray
    passages: np.ndarray
    asks: np.ndarray
    right: np.ndarray

    @property
    def table(self) -> Table:
        """The features, as the reader has them."""
        return Table((), self.rows, self.ranks, self.asks)

    def of_best(self, passages: int) -> "Example":
        """Return what would be known had only the best passages been read."""
        kept = self.passages < passages
        arrays = (self.rows, self.ranks, self.passages, self.asks, self.right)
        return Example(self.set, self.answerable, *(array[kept] for array in arrays))


def main() -> None:
    """Read, fit, report, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--library", type=Path, default=Path("runs/training-library"))
    parser.add_argument("--libraries", type=Path, default=Path("runs/libraries"))
    parser.add_argument("--reader", type=Path, default=FOLDER)
    args = parser.parse_args()
    deep = _read(args.reader, args.data, args.library, args.libraries)
    read = {role: [example.of_best(PASSAGES_READ) for example in examples] for role, examples in deep.items()}
    sentence = _fit_sentences([e for e in read["choose"] if e.right.any()])
    trust = _choose_trust(sentence, [e for e in read["choose"] if e.right.any()], read["alone"])
    ranked = Calibration(sentence, trust, sentence, 0.0, ())
    _report_depth(ranked, [e for e in deep["choose"] if e.answerable])
    _report_ranking(ranked, [e for e in read["report"] if e.right.any()])
    _report_features(*([e for e in read[role] if e.right.any()] for role in QUESTIONS))
    _report_quoting(ranked, [e for e in read["choose"] if e.right.any()])
    rows, right = _rows_of_best(ranked, read["choose"])
    fitted = LogisticRegression(C=1.0, max_iter=5000).fit(rows, right)
    confidence = Logistic(fitted.coef_[0], float(fitted.intercept_[0]))
    answerable = np.array([e.right.any() for e in read["choose"]])  # where no answer was read, refusing is right
    threshold = float(np.quantile(confidence(rows)[answerable], FALSE_REFUSALS))
    risks = _risks(confidence(rows), right)
    _report_confidence(confidence, ranked, read["report"], threshold)
    value = {
        "sentence": _to_json(sentence, FEATURES),
        "trust": trust,
        "confidence": _to_json(confidence, TELLING),
        "threshold": round(threshold, 3),
        "risks": risks,
    }
    (args.reader / CALIBRATION).write_text(json.dumps(value) + "\n")


def _read(reader: Path, data: Path, folder: Path, libraries: Path) -> dict[str, list[Example]]:
    """Return what is read for the questions that choose, that report, and that stand alone.

    Kept beside the training library, for the network that read them.
    """
    digest = json.loads((reader / ABOUT).read_text())["sha256"]
    kept = folder / f"read-{digest[:12]}.pickle"
    if not kept.exists():
        network = Network(reader)
        questions, _ = load_questions(data, folder)
        library = Library.open(folder)
        read = {role: list(_examples(network, library, questions, role)) for role in QUESTIONS}
        read["alone"] = list(_standing_alone(network, data, libraries))
        kept.write_bytes(pickle.dumps(read))
    found: dict[str, list[Example]] = pickle.loads(kept.read_bytes())
    return found


def _examples(network: Network, library: Library, questions: Sequence[Question], role: str) -> Iterator[Example]:
    chance, rarity = random.Random(SEED), rarity_in(library.catalog)
    for name in dict.fromkeys(question.set for question in questions):
        pool = [question for question in questions if question.set == name and question.role == role]
        for question in chance.sample(pool, min(QUESTIONS[role], len(pool))):
            vector = library.embedder.embed_question(question.text)
            hits = search(library, question.text, vector, limit=2 * MOST_READ)
            away = [hit for hit in hits if hit.passage.article_id != question.article_id]
            for kept in (hits,) if chance.random() < 0.5 else (hits, away):
                excerpts = excerpts_of(library.catalog, kept[:MOST_READ])
                if excerpts:
                    table = describe(network, question.text, excerpts, rarity)
                    right = [s.article.id == question.article_id and i in question.gold for s, i in table.sentences]
                    yield _example(name, bool(question.gold) and kept is hits, table, excerpts, right)


def _standing_alone(network: Network, data: Path, libraries: Path) -> Iterator[Example]:
    """Yield questions that stand alone; right is each sentence of a right article."""
    for name in STANDING_ALONE:
        index(libraries / name, [data / name / "documents.jsonl"])
        library = Library.open(libraries / name)
        rarity = rarity_in(library.catalog)
        for case in map(json.loads, (data / name / "questions.jsonl").read_text().splitlines()):
            if case["gold_doc_ids"]:
                asked = standalone(case["question"], [Turn(t["role"], t["text"]) for t in case.get("history", ())])
                hits = search(library, asked, library.embedder.embed_question(asked), limit=MOST_READ)
                excerpts = excerpts_of(library.catalog, hits)
                table = describe(network, asked, excerpts, rarity)
                right = [stored.article.id in case["gold_doc_ids"] for stored, _ in table.sentences]
                yield _example(name, True, table, excerpts, right)


def _example(name: str, answerable: bool, table: Table, excerpts: Sequence[Excerpt], right: Sequence[bool]) -> Example:
    passages = np.repeat([e.rank for e in excerpts], [e.last - e.first + 1 for e in excerpts])
    return Example(name, answerable, table.rows, table.ranks, passages, table.asks, np.array(right))


def _fit_sentences(examples: Sequence[Example]) -> Logistic:
    """Fit by the likelihood of the sentences that answer: among all read for a question, and each by itself."""
    rows = np.concatenate([e.rows for e in examples])
    scale = rows.std(0) + 1e-9
    x, right = torch.tensor(rows / scale), torch.tensor(np.concatenate([e.right for e in examples]), dtype=torch.double)
    group = torch.tensor(np.repeat(np.arange(len(examples)), [len(e.rows) for e in examples]))
    weights = torch.zeros(len(FEATURES), dtype=torch.double, requires_grad=True)
    bias = torch.zeros(1, dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=500, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        logits = x @ weights + bias
        highest = torch.full((len(examples),), -torch.inf, dtype=torch.double)
        highest = highest.scatter_reduce(0, group, logits.detach(), "amax")
        parts, empty = (logits - highest[group]).exp(), torch.zeros(len(examples), dtype=torch.double)
        share = empty.index_add(0, group, parts * right) / empty.index_add(0, group, parts)
        single = torch.nn.functional.binary_cross_entropy_with_logits(logits, right)
        total = single - share.clamp_min(1e-9).log().mean() + PENALTY * weights.square().sum()
        total.backward()
        return total

    optimizer.step(loss)
    found = Logistic(weights.detach().numpy() / scale, float(bias.detach()))
    # Ranking by the likelihood among all leaves the log-odds of each on a scale of its own.
    logits = found.logits(rows)[:, None]
    platt = LogisticRegression(C=1e6).fit(logits, right.numpy())
    slope = float(platt.coef_[0, 0])
    return Logistic(slope * found.weights, slope * found.bias + float(platt.intercept_[0]))


def _choose_trust(sentence: Logistic, examples: Sequence[Example], alone: Sequence[Example]) -> float:
    """Return the trust with the highest mean hit@1 of articles on the two sets whose questions stand alone."""
    best, chosen = -1.0, 0.0
    print("trust, sentence hit@1 of the training sets, article hit@1 of", *STANDING_ALONE)
    for trust in TRUSTS:
        ranked = Calibration(sentence, trust, sentence, 0.0, ())
        groups = [examples, *([e for e in alone if e.set == name] for name in STANDING_ALONE)]
        figures = [np.mean([e.right[ranked.ranking(e.table).argmax()] for e in group]) for group in groups]
        print(f"{trust:5g}  " + "".join(f"{100 * figure:8.1f}" for figure in figures))
        if sum(figures[1:]) > best:
            best, chosen = float(sum(figures[1:])), trust
    print(f"chosen: {chosen:g}")
    return chosen


def _rows_of_best(ranked: Calibration, examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    rankings = [ranked.ranking(example.table) for example in examples]
    rows = [features_of_best(example.table, ranking) for example, ranking in zip(examples, rankings, strict=True)]
    return np.stack(rows), np.array([e.right[r.argmax()] for e, r in zip(examples, rankings, strict=True)], float)


def _report_depth(ranked: Calibration, examples: Sequence[Example]) -> None:
    """Print what reading fewer passages finds, of all questions that can be answered."""
    for passages in (8, 12, 16, MOST_READ):
        read = [example.of_best(passages) for example in examples]
        hits = [e.right[np.argsort(-ranked.ranking(e.table), kind="stable")[:5]] for e in read]
        first, five = np.mean([h[0] for h in hits]), np.mean([h.any() for h in hits])
        print(f"{passages:3} passages: sentence hit@1 {100 * first:.1f}  hit@5 {100 * five:.1f}  n={len(read)}")


def _report_ranking(ranked: Calibration, examples: Sequence[Example]) -> None:
    """Print how often a right sentence is first, and among the first five, by each judge."""
    logit, similarity = FEATURES.index("logit"), FEATURES.index("similarity")
    judges: dict[str, Callable[[Example], np.ndarray]] = {
        "similarity of the passage": lambda e: e.rows[:, similarity],
        "network": lambda e: e.rows[:, logit],
        "network, words, similarity": lambda e: ranked.sentence.logits(e.rows),
        "and search's order": lambda e: ranked.ranking(e.table),
    }
    for label, judge in judges.items():
        hits = [e.right[np.argsort(-judge(e), kind="stable")[:5]] for e in examples]
        first, five = np.mean([h[0] for h in hits]), np.mean([h.any() for h in hits])
        print(f"{label:26} sentence hit@1 {100 * first:.1f}  hit@5 {100 * five:.1f}  n={len(examples)}")


def _report_features(examples: Sequence[Example], held: Sequence[Example]) -> None:
    """Print what leaving features out costs, search's order being left out too."""
    groups = {"none": (), "logit and window": FEATURES[:2], **{name: (name,) for name in FEATURES}}
    print("left out: sentence hit@1 and hit@5 of held-out articles")
    for label, names in groups.items():
        mask = np.array([name not in names for name in FEATURES], float)
        fitted = _fit_sentences([replace(e, rows=e.rows * mask) for e in examples])
        hits = [e.right[np.argsort(-fitted.logits(e.rows * mask), kind="stable")[:5]] for e in held]
        print(f"  {label:17} {100 * np.mean([h[0] for h in hits]):.1f} {100 * np.mean([h.any() for h in hits]):.1f}")


def _report_quoting(ranked: Calibration, examples: Sequence[Example]) -> None:
    """Print precision, recall and F1 of quoting further sentences that are at least so probable."""
    print("quoting up to, from: precision, recall and F1 of sentences on the articles that choose")
    for most in (1, 2, 3, 4):
        for least in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7) if most > 1 else (1.0,):
            rows = []
            for example in examples:
                ranking = ranked.ranking(example.table)
                order = np.argsort(-ranking, kind="stable")[:most]
                quoted = [order[0], *(i for i in order[1:] if probability(ranking)[i] >= least)]
                found = example.right[quoted].sum()
                precision, recall = found / len(quoted), found / example.right.sum()
                rows.append((precision, recall, 2 * precision * recall / (precision + recall) if found else 0.0))
            precision, recall, f1 = np.mean(rows, axis=0)
            print(f"{most:3} {least:5.1f}   {precision:.3f} {recall:.3f} {f1:.3f}")


def _report_confidence(
    confidence: Logistic, ranked: Calibration, examples: Sequence[Example], threshold: float
) -> None:
    """Print how well confidence foretells, how well it is calibrated, and what it costs to be surer."""
    rows, right = _rows_of_best(ranked, examples)
    sure, every = confidence(rows), np.ones((1, len(rows)))
    figures = {"AUROC": auroc, "Brier": brier, "ECE": expected_calibration_error}
    print("confidence:", *(f"{name} {figure(sure, right, every)[0]:.3f}" for name, figure in figures.items()))
    for part in reliability(sure, right):
        print(f"  {part.low:.1f}-{part.high:.1f}: said {part.confidence:.2f} was {part.accuracy:.2f} n={part.n}")
    for least, risk in _risks(sure, right)[::10]:
        print(f"  from {least:.2f}: answered {(sure >= least).mean():.3f}, of these wrong {risk:.3f}")
    answerable, refused = np.array([e.right.any() for e in examples]), sure < threshold
    print(
        f"threshold {threshold:.3f}: refused {refused[answerable].mean():.3f} of those whose answer was read, "
        f"{refused[~answerable].mean():.3f} of the others"
    )


def _risks(confidence: np.ndarray, right: np.ndarray) -> list[tuple[float, float]]:
    """Return (threshold, share of wrong answers from it on), by threshold, while enough are answered to tell."""
    return [
        (round(float(t), 3), round(float(1 - right[confidence >= t].mean()), 4))
        for t in np.arange(0, 1, 0.01)
        if (confidence >= t).sum() >= ANSWERED
    ]


def _to_json(fitted: Logistic, features: Sequence[str]) -> dict[str, Any]:
    weights = dict(zip(features, np.round(fitted.weights, 5).tolist(), strict=True))
    return {"weights": weights, "bias": round(fitted.bias, 5)}


if __name__ == "__main__":
    main()
