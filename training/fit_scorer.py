"""Fit the first reader's two regressions on public question sets, and write assistant/scorer.json.

    python -m training.fit_scorer --data ../shared/data

Trains on squadshifts_newwiki, multirc_train and half of squad2_half_dev; every figure that it
prints is of questions on articles held out of the same sets. It never reads the sets that are
reported on.
"""

import argparse
import json
import pickle
import random
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from assistant.features import FEATURES, features, features_of_best
from assistant.reading import excerpts_of
from assistant.scoring import Logistic, rarity_in, trusting_search
from vectorstore.indexing import index
from vectorstore.library import Library
from vectorstore.search import search

SETS = {"squadshifts_newwiki": 2500, "multirc_train": 1500, "squad2_half_dev": 2500}
PASSAGES = 20
STEPS = 800
BATCH = 128
SEED = 0


@dataclass(frozen=True, slots=True)
class Example:
    """One question with the features of what was read for it; `labels` marks sentences that answer it."""

    question: str
    fold: int
    rows: np.ndarray
    labels: np.ndarray
    kind: str


def main() -> None:
    """Build the training library, describe the questions, fit, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--library", type=Path, default=Path("runs/training-library"))
    parser.add_argument("--out", type=Path, default=Path("assistant/scorer.json"))
    args = parser.parse_args()
    index(args.library, [args.data / name / "documents.jsonl" for name in SETS])
    described = args.library / "examples.pickle"
    if not described.exists():
        described.write_bytes(pickle.dumps(list(_examples(Library.open(args.library), args.data))))
    examples: list[Example] = pickle.loads(described.read_bytes())
    sentence = _fit_sentences([e for e in examples if e.fold == 0 and e.labels.any()])
    _report_ranking(sentence, [e for e in examples if e.fold > 0 and e.labels.any()])
    rows, right = _confidence_rows(sentence, [e for e in examples if e.fold == 1])
    _report_quoting(sentence, [e for e in examples if e.fold > 0 and e.labels.any()])
    confidence = _fit(rows, right, [1] * len(right), listwise=False)
    rows, right = _confidence_rows(sentence, [e for e in examples if e.fold == 2])
    threshold = _report_confidence(confidence(rows), right)
    weights = {
        "name": "features-1",
        "threshold": threshold,
        "sentence": _to_json(sentence),
        "confidence": _to_json(confidence),
    }
    args.out.write_text(json.dumps(weights) + "\n")


def _examples(library: Library, data: Path) -> Iterator[Example]:
    """Yield each question twice: as asked, and with its article taken away, so that nothing answers it."""
    chance = random.Random(SEED)
    rarity, cache = rarity_in(library), _Cache(library)
    for name, count in SETS.items():
        lines = (data / name / "questions.jsonl").read_text().splitlines()
        for line in chance.sample(lines, min(count, len(lines))):
            case = json.loads(line)
            document = (case["gold_doc_ids"] or [case["meta"].get("context_doc_id")])[0]
            fold = zlib.crc32(str(document).encode()) % 4
            fold = 0 if fold < 2 else fold - 1
            vector = cache.embed([case["question"]])[0]
            hits = search(library, case["question"], vector, limit=2 * PASSAGES)
            away = [hit for hit in hits if hit.passage.article_id != document]
            for kind, kept in (("asked", hits[:PASSAGES]), ("away", away[:PASSAGES])):
                if not kept or (kind == "away" and chance.random() < 0.5):
                    continue
                table = features(case["question"], vector, excerpts_of(library.catalog, kept), cache.embed, rarity)
                labels = np.array([kind == "asked" and is_gold(case, *s) for s in table.sentences])
                yield Example(case["question"], fold, table.rows.astype(np.float32), labels, kind)
        print(f"{name}: described", file=sys.stderr)


class _Cache:
    """Embeds each text once: the same sentences come up for many questions."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._known: dict[str, np.ndarray] = {}

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._library.embedder.embed(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def is_gold(case: dict[str, Any], stored: Any, ordinal: int) -> bool:
    """Return whether a sentence is, holds or is part of a gold sentence, or one accepted in its place."""
    if stored.article.id not in case["gold_doc_ids"]:
        return False
    quote = " ".join(stored.quote(ordinal).split())
    golds = [" ".join(gold.split()) for gold in (*case["gold_sentences"], *case["meta"].get("alt_gold_sentences", ()))]
    return any(quote in gold or gold in quote for gold in golds if min(len(quote), len(gold)) > 3)


def _fit_sentences(examples: Sequence[Example]) -> Logistic:
    """Fit by the likelihood of the sentences that answer among all that were read for the question."""
    rows = np.concatenate([e.rows for e in examples])
    labels = np.concatenate([e.labels for e in examples]).astype(np.float32)
    return _fit(rows, labels, [len(e.labels) for e in examples], listwise=True)


def _fit(rows: np.ndarray, labels: np.ndarray, sizes: Sequence[int], *, listwise: bool) -> Logistic:
    """Fit a regression to groups of rows, a question each; `listwise` ranks within a group as well."""
    torch.manual_seed(SEED)
    chance = np.random.default_rng(SEED)
    mean, scale = rows.mean(0), rows.std(0) + 1e-6
    x, y = torch.tensor((rows - mean) / scale, dtype=torch.float32), torch.tensor(labels, dtype=torch.float32)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    net = torch.nn.Linear(x.shape[1], 1)
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        chosen = chance.choice(len(sizes), min(BATCH, len(sizes)), replace=False)
        picked = torch.tensor(np.concatenate([np.arange(starts[i], starts[i + 1]) for i in chosen]))
        groups = torch.tensor(np.repeat(np.arange(len(chosen)), [sizes[i] for i in chosen]))
        optimizer.zero_grad()
        logits = net(x[picked]).squeeze(-1)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y[picked])
        if listwise:
            loss = loss + _listwise(logits, y[picked], groups)
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        slope, offset = _calibrate(net(x).squeeze(-1), y)
    return Logistic(
        mean=mean.astype(np.float64),
        scale=scale.astype(np.float64),
        weights=slope * net.weight.detach().double().numpy()[0],
        bias=float(slope * net.bias.detach().double().numpy()[0] + offset),
    )


def _listwise(logits: torch.Tensor, labels: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
    """Return the mean of -log(share of the probability that falls to sentences that answer)."""
    count = int(groups.max()) + 1
    top = torch.full((count,), -1e9).scatter_reduce(0, groups, logits.detach(), "amax")
    weights = (logits - top[groups]).exp()
    whole = torch.zeros(count).index_add(0, groups, weights)
    gold = torch.zeros(count).index_add(0, groups, weights * labels)
    return -((gold + 1e-9) / whole).log().mean()


def _calibrate(logits: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Return slope and offset that make the logits probabilities (Platt, 1999)."""
    slope, offset = torch.ones(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([slope, offset], max_iter=100)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(slope * logits + offset, labels)
        loss.backward()
        return loss

    with torch.enable_grad():
        optimizer.step(closure)
    return float(slope), float(offset)


def _confidence_rows(sentence: Logistic, examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    rows, right = [], []
    for example in examples:
        scores = sentence(example.rows)
        best = int(np.argmax(trusting_search(scores, example.rows)))
        rows.append(features_of_best(example.rows, scores, best))
        right.append(float(example.labels[best]))
    return np.stack(rows), np.array(right)


def _report_ranking(sentence: Logistic, examples: Sequence[Example]) -> None:
    """Print how often a gold sentence is first, and among the first five, by each way to rank."""
    ways = {
        f"fitted, trust {trust:g}": lambda rows, trust=trust: trusting_search(sentence(rows), rows, trust)
        for trust in (0.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    }
    ways["similarity alone"] = lambda rows: rows[:, 0]
    ways["search's order"] = lambda rows: rows[:, FEATURES.index("rank")] + 1e-3 * rows[:, 0]
    for label, score in ways.items():
        hits = [[e.labels[i] for i in np.argsort(-score(e.rows), kind="stable")[:5]] for e in examples]
        first, five = np.mean([h[0] for h in hits]), np.mean([any(h) for h in hits])
        print(f"{label:18} sentence hit@1 {100 * first:.1f}  hit@5 {100 * five:.1f}  n={len(examples)}")


def _report_quoting(sentence: Logistic, examples: Sequence[Example]) -> None:
    """Print precision, recall and F1 of quoting further sentences that are at least so probable."""
    for most in (1, 2, 3):
        for least in (0.5, 0.6, 0.7, 0.8) if most > 1 else (1.0,):
            rows = []
            for example in examples:
                scores = trusting_search(sentence(example.rows), example.rows)
                order = np.argsort(-scores, kind="stable")[:most]
                quoted = [order[0], *(i for i in order[1:] if scores[i] >= least)]
                found = example.labels[quoted].sum()
                precision, recall = found / len(quoted), found / example.labels.sum()
                rows.append((precision, recall, 2 * precision * recall / (precision + recall) if found else 0.0))
            precision, recall, f1 = np.mean(rows, axis=0)
            print(f"quoting up to {most}, from {least}: precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")


def _report_confidence(confidence: np.ndarray, right: np.ndarray) -> float:
    """Print calibration; return the threshold with the most right decisions, answer or refusal."""
    order = np.argsort(confidence)
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    positives = right.sum()
    auroc = (ranks[right == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(right) - positives))
    print(f"confidence: AUROC {auroc:.3f}  Brier {np.mean((confidence - right) ** 2):.3f}  right {right.mean():.3f}")
    for low in np.arange(0, 1, 0.1):
        inside = (confidence >= low) & (confidence < low + 0.1)
        if inside.any():
            said, was = confidence[inside].mean(), right[inside].mean()
            print(f"  {low:.1f}-{low + 0.1:.1f}: said {said:.2f} was {was:.2f} n={inside.sum()}")
    choices = np.arange(0.02, 0.98, 0.01)
    gains = [np.mean(np.where(confidence >= t, right, 1 - right)) for t in choices]
    best = float(choices[int(np.argmax(gains))])
    print(f"threshold {best:.2f}: right decisions {max(gains):.3f}")
    return round(best, 2)


def _to_json(regression: Logistic) -> dict[str, Any]:
    lists = {name: np.round(getattr(regression, name), 5).tolist() for name in ("mean", "scale", "weights")}
    return {**lists, "bias": round(regression.bias, 5)}


if __name__ == "__main__":
    main()
