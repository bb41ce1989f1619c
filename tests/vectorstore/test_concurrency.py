"""Several processes at one library: one writes, any number read, and nobody sees half of anything."""

from pathlib import Path

import pytest

from tests.vectorstore.child_index import (
    context,
    load_fake,
    recall,
    run_holding,
    run_index,
    run_queries,
    start,
    write_article,
)
from vectorstore.errors import LibraryBusy, LibraryMismatch
from vectorstore.indexing import index
from vectorstore.library import Library
from vectorstore.search import search


def write_articles(folder: Path, numbers: range, version: int = 0) -> Path:
    for number in numbers:
        write_article(folder, number, version, 40)
    return folder


def open_fake(folder: Path) -> Library:
    return Library.open(folder, load=load_fake)


def test_readers_go_on_searching_while_another_process_indexes(tmp_path: Path) -> None:
    library = tmp_path / "library"
    run_index(library, write_articles(tmp_path / "first", range(10)))
    stop, found = context().Event(), context().Queue()
    readers = [start(run_queries, library, seed, stop, found) for seed in range(2)]
    new = write_articles(tmp_path / "new", range(10, 140))
    write_articles(new, range(130, 150))
    writer = start(run_index, library, new, batch=16)
    writer.join(120)
    write_articles(new, range(10, 30), version=1)
    second = start(run_index, library, new, batch=16)
    second.join(120)
    stop.set()
    seen = [found.get(timeout=60) for _ in readers]
    for process in readers:
        process.join(30)
    assert [p.exitcode for p in (writer, second, *readers)] == [0, 0, 0, 0]
    whole = open_fake(library)
    status = whole.status()
    assert status.problems == ()
    assert status.articles == 150
    assert status.passages == status.vectors > 2000
    assert recall(whole) > 0.99
    for searches, hits, errors, articles, vectors in seen:
        assert errors == []
        assert searches > 20
        assert hits == 10 * searches  # never fewer than asked for
        assert (articles, vectors) == (150, status.vectors)  # what it had open shows the new articles at the end
    whole.close()


def test_an_open_library_finds_what_another_process_adds_and_removes(tmp_path: Path) -> None:
    library, articles = tmp_path / "library", write_articles(tmp_path / "articles", range(3))
    run_index(library, articles)
    reader = open_fake(library)
    question = "Number 77 of Report 77"
    vector = reader.embedder.embed_question(question)
    assert all(hit.passage.article_id != "article-0077" for hit in search(reader, question, vector, limit=5))
    write_articles(articles, range(77, 78))
    start(run_index, library, articles).join(60)
    assert search(reader, question, vector, limit=5)[0].passage.article_id == "article-0077"
    assert len(reader.vectors.ids()) == reader.catalog.passage_count()
    (articles / "article-0077.md").unlink()
    start(run_index, library, articles, prune=True).join(60)
    assert all(hit.passage.article_id != "article-0077" for hit in search(reader, question, vector, limit=5))
    assert len(reader.vectors.ids()) == reader.catalog.passage_count()
    reader.close()


def test_two_processes_that_index_at_once_take_turns(tmp_path: Path) -> None:
    library = tmp_path / "library"
    folders = [write_articles(tmp_path / f"{part}", range(part * 10, part * 10 + 10)) for part in range(3)]
    writers = [start(run_index, library, folder, batch=8, wait=60.0) for folder in folders]
    for writer in writers:
        writer.join(90)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    whole = open_fake(library)
    assert whole.status().problems == ()
    assert whole.status().articles == 30
    whole.close()


def test_indexing_beside_another_writer_says_so_and_changes_nothing(tmp_path: Path) -> None:
    library, articles = tmp_path / "library", write_articles(tmp_path / "articles", range(2))
    run_index(library, articles)
    holding, release = context().Event(), context().Event()
    holder = start(run_holding, library, holding, release)
    assert holding.wait(30)
    waits: list[str] = []
    write_articles(articles, range(2, 3))
    with pytest.raises(LibraryBusy, match=r"Another process is writing to the library.*--wait SECONDS"):
        index(library, [articles], load=load_fake, model="fake@1", on_wait=lambda: waits.append("told"))
    assert waits == ["told"]
    reader = open_fake(library)
    assert reader.catalog.counts().articles == 2
    release.set()
    holder.join(30)
    assert index(library, [articles], load=load_fake, model="fake@1").added == 1
    reader.close()


def test_the_lock_of_a_killed_writer_is_free(tmp_path: Path) -> None:
    library = tmp_path / "library"
    run_index(library, write_articles(tmp_path / "articles", range(2)))
    holding, release = context().Event(), context().Event()
    holder = start(run_holding, library, holding, release)
    assert holding.wait(30)
    holder.kill()
    holder.join()
    with open_fake(library).writing():
        pass


def test_an_open_library_refuses_vectors_that_another_process_made_with_another_model(tmp_path: Path) -> None:
    library, articles = tmp_path / "library", write_articles(tmp_path / "articles", range(2))
    run_index(library, articles)
    reader = open_fake(library)
    vector = reader.embedder.embed_question("anything")
    assert search(reader, "anything", vector, limit=1)
    rebuilding = start(run_index, library, articles, model="fake@2", rebuild=True)
    rebuilding.join(60)
    with pytest.raises(LibraryMismatch, match="made with fake@2, not with fake@1"):
        search(reader, "anything", vector, limit=1)
    reader.close()
