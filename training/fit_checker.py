"""Fit what turns likeness into the probability that sentences support a claim; writes assistant/support/checker.json.

    python -m training.fit_checker --data ../shared/data

Fits on statements made of questions and answers of squad2_half_dev and multirc_train (true where they cite their gold
sentences, false where they cite others), on honest variants of gold sentences, and on the half of CLIMATE-FEVER that
benchmarks/checking.py does not report on. The rules of assistant/support/facts.py were tuned on the same sets.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from assistant.support.facts import first_fault
from assistant.support.meaning import FEATURES, FILE, features
from evals.metrics.calibrating import auroc
from training.claims import CLIMATE, Example, climate_examples, gold_of, made_examples, stated_examples
from training.corrupting import HONEST
from vectorstore.embedding import load_embedder

SEED = 0
MOST = 350  # gold sentences, and questions, of each set
FALSE_REFUSALS = 0.10
TUNING_HALF = 0
GROUPS = (("question and answer", "other sentences"), ("climate",), tuple(HONEST))
SHARES = (1.0, 1.0, 0.5)  # of the whole weight, so that no group rules by its count


def main() -> None:
    """Fit, print what it gives on claims that were left out, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FILE)
    args = parser.parse_args()
    embedder = load_embedder()
    weighed = list(_examples(args.data))
    examples = [example for example in weighed if any(example.kind in group for group in GROUPS)]
    rows = np.array([features(e.claim, [one.quote for one in e.cited], embedder) for e in examples])
    supported = np.array([e.supported for e in examples], float)
    passed = np.array([first_fault(e.claim, e.cited) is None for e in examples])
    weights = _weights(examples)
    model = LogisticRegression(C=1.0, max_iter=5000)
    folds = GroupKFold(5)
    left_out = cross_val_predict(
        model,
        rows,
        supported,
        groups=_articles(examples),
        cv=folds,
        method="predict_proba",
        params={"sample_weight": weights},
    )[:, 1]
    kinds = np.array([e.kind for e in examples])
    threshold = float(np.quantile(left_out[passed & (kinds == "question and answer")], FALSE_REFUSALS))
    _report(kinds, supported, passed, left_out, threshold)
    fitted = model.fit(rows, supported, sample_weight=weights)
    value = {
        "weights": {name: round(float(w), 4) for name, w in zip(FEATURES, fitted.coef_[0], strict=True)},
        "bias": round(float(fitted.intercept_[0]), 4),
        "threshold": round(threshold, 3),
    }
    print(value)
    args.out.write_text(json.dumps(value) + "\n", encoding="utf-8")


def _examples(data: Path) -> Iterator[Example]:
    yield from made_examples(gold_of(data / "squad2_half_dev"), SEED, MOST)
    yield from made_examples(gold_of(data / "multirc_train", news=True), SEED, MOST)
    for name in ("squad2_half_dev", "multirc_train"):
        yield from stated_examples(gold_of(data / name), SEED, MOST)
    yield from climate_examples(data / CLIMATE, TUNING_HALF)


def _articles(examples: Sequence[Example]) -> list[str]:
    """Return what keeps claims of one article, or one CLIMATE-FEVER claim, in one fold."""
    return [example.cited[0].article.article.id for example in examples]


def _weights(examples: Sequence[Example]) -> np.ndarray:
    """Weigh every group, and in it the supported and the others, as a whole."""
    weights = np.zeros(len(examples))
    for kinds, share in zip(GROUPS, SHARES, strict=True):
        for supported in (True, False):
            chosen = np.array([e.kind in kinds and e.supported == supported for e in examples])
            weights[chosen] = share / max(1, chosen.sum())
    mean: np.ndarray = weights / weights.mean()
    return mean


def _report(kinds: np.ndarray, supported: np.ndarray, passed: np.ndarray, score: np.ndarray, threshold: float) -> None:
    for group in GROUPS[:2]:
        chosen = np.isin(kinds, group)
        area = float(auroc(score[chosen], supported[chosen], np.ones((1, chosen.sum())))[0])
        print(f"{' / '.join(group)}: AUROC {area:.3f}, n={chosen.sum()}")
    print(f"threshold {threshold:.3f}; of the claims that pass the facts, it passes")
    for kind in dict.fromkeys(kinds):
        for truth in (1.0, 0.0):
            chosen = (kinds == kind) & (supported == truth) & passed
            if chosen.any():
                name = "supported" if truth else "unsupported"
                print(f"  {kind:20} {name:11} {(score[chosen] >= threshold).sum():4} of {chosen.sum()}")


if __name__ == "__main__":
    main()
