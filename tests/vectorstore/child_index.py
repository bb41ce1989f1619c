"""What the tests of kills and of concurrency run in other processes, with the fake embedder.

The processes are forked from a server that has imported everything already (multiprocessing's
forkserver), so that fifty of them are cheap. Each is a real process with its own Chroma.
"""

import multiprocessing
import random
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np

from tests.fakes import FakeEmbedder
from vectorstore.indexing import index
from vectorstore.library import Library, write_lock
from vectorstore.search import search

HEADS = ["bal", "cor", "den", "fal", "gor", "hem", "jun", "kal", "lor", "mun"]
WORDS = [head + tail for head in HEADS for tail in ["ab", "eck", "in", "os", "ut"]]


def context() -> ForkServerContext:
    """Return the context that child processes are started from."""
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(["tests.vectorstore.child_index", "chromadb", "datasketch", "filelock"])
    return forking


def start(target: Callable[..., None], *args: Any, **kwargs: Any) -> BaseProcess:
    """Run a function of this module in a process of its own."""
    process = context().Process(target=target, args=args, kwargs=kwargs, daemon=True)
    process.start()
    return process


def load_fake(name: str, threads: int | None) -> FakeEmbedder:
    """Return the embedder of a name; the name is its identity, and "wide" ones have larger vectors."""
    return FakeEmbedder(identity=name, dimension=384 if name.startswith("wide") else 32)


def write_article(folder: Path, number: int, version: int, sentences: int) -> None:
    """Write an article of made-up prose; another version of it has other sentences."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(f"{number}/{version}")
    prose = [f"Number {number} {' '.join(dice.choices(WORDS, k=10))}." for _ in range(sentences + version)]
    front = f"---\ntitle: Report {number}\ndate: 2013-12-{number % 28 + 1:02}\nsource: Paper {number % 3}\n---\n\n"
    (folder / f"article-{number:04}.md").write_text(front + "\n\n".join(prose) + "\n")


def run_index(library: Path, *paths: Path, model: str = "fake@1", **options: Any) -> None:
    """Index, as `footnote index` does."""
    index(library, paths, model=model, load=load_fake, **options)


def run_remove(library: Path, article_ids: list[str]) -> None:
    """Remove articles, as `footnote remove` does."""
    opened = Library.open(library, load=load_fake)
    with opened.writing():
        opened.remove(article_ids)


def run_queries(library: Path, seed: int, stop: Any, found: Any) -> None:
    """Search until told to stop, and put on a queue what was seen or what went wrong."""
    opened = Library.open(library, load=load_fake)
    dice = random.Random(seed)
    searches, hits, errors = 0, 0, []
    while not stop.is_set() and len(errors) < 5:
        question = " ".join(dice.choices(WORDS, k=4))
        try:
            for hit in search(opened, question, opened.embedder.embed_question(question), limit=10):
                stored = opened.catalog.article(hit.passage.article_id)
                for ordinal in range(hit.passage.first, hit.passage.last + 1):
                    assert stored.quote(ordinal).startswith("Number "), stored.quote(ordinal)
                hits += 1
            searches += 1
        except Exception as error:  # noqa: BLE001  # whatever it is, the test shows it
            errors.append(f"{type(error).__name__}: {error}")
        time.sleep(0.01)  # leave some of the processor to the writer
    found.put((searches, hits, errors, opened.catalog.counts().articles, len(opened.vectors.ids())))


def recall(library: Library, questions: int = 40, depth: int = 10) -> float:
    """Return how many of the truly nearest passages Chroma's graph finds, 0 to 1."""
    passage_ids = library.catalog.passage_ids()
    stored = library.vectors.vectors(passage_ids)
    ids = sorted(stored)
    matrix = np.stack([stored[i] for i in ids])
    dice, shares = random.Random(1), []
    for _ in range(questions):
        vector = library.embedder.embed_question(" ".join(dice.choices(WORDS, k=6)))
        truth = {ids[i] for i in np.argsort(-(matrix @ vector))[:depth]}
        shares.append(len(truth & {i for i, _ in library.vectors.nearest(vector, depth, None)}) / depth)
    return float(np.mean(shares))


def run_holding(library: Path, holding: Any, release: Any) -> None:
    """Hold the lock for writing until told to let go."""
    with write_lock(library):
        holding.set()
        release.wait(60)
