"""Files -> library: what is added, updated, kept, shared and removed, and what goes wrong."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes import FakeEmbedder
from tests.vectorstore.child_index import run_index, start, write_article
from vectorstore.errors import ArticleUnknown, LibraryDamaged, LibraryMismatch, LibraryMissing
from vectorstore.indexing import Progress, Report, index
from vectorstore.library import Library
from vectorstore.passages import passage_text
from vectorstore.search import search

COAL = "Coal use fell last year, the operator said. It rose again in December."
WIND = "Wind farms made a fifth of the power. The minister was pleased with them."


class Desk:
    """A folder of articles, and a library made of it with the fake embedder."""

    def __init__(self, folder: Path) -> None:
        self.articles = folder / "articles"
        self.articles.mkdir()
        self.folder = folder / "library"
        self.embedder = FakeEmbedder()

    def write(self, name: str, text: str) -> Path:
        path = self.articles / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def write_lines(self, name: str, *articles: dict[str, str]) -> Path:
        return self.write(name, "".join(json.dumps(article) + "\n" for article in articles))

    def index(self, *paths: Path, **options: Any) -> Report:
        """Index, and hold the result to be whole."""
        report = index(self.folder, paths or [self.articles], load=lambda name, threads: self.embedder, **options)
        with_library(self.folder, lambda library: assert_whole(library, self.embedder))
        return report

    def read(self, ask: Callable[[Library], Any]) -> Any:
        return with_library(self.folder, ask)

    def ids(self) -> list[str]:
        return sorted(self.read(lambda library: list(library.catalog.article_ids())))

    def text(self, article_id: str) -> str:
        text: str = self.read(lambda library: library.catalog.article(article_id).article.text)
        return text

    def found(self, question: str) -> list[str]:
        """Return the ids of the articles that search finds, best first."""

        def ask(library: Library) -> list[str]:
            hits = search(library, question, self.embedder.embed_question(question), limit=50)
            return list(dict.fromkeys(hit.passage.article_id for hit in hits))

        found: list[str] = self.read(ask)
        return found


def with_library(folder: Path, ask: Callable[[Library], Any]) -> Any:
    library = Library.open(folder, load=lambda name, threads: FakeEmbedder(identity=name))
    try:
        return ask(library)
    finally:
        library.close()


def assert_whole(library: Library, embedder: FakeEmbedder) -> None:
    """Assert that every passage has the vector of its own text, and nothing else has one."""
    assert library.status().problems == ()
    catalog = library.catalog
    expected = {}
    for article_id in catalog.article_ids():
        stored = catalog.article(article_id)
        for passage in catalog.passages_of(article_id):
            expected[passage.id] = embedder._vector(passage_text(stored.article, stored.sentences, passage))
    assert library.vectors.ids() == set(expected)
    vectors = library.vectors.vectors(list(expected))
    assert all(np.allclose(vectors[i], expected[i], atol=1e-5) for i in expected)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_second_run_over_the_same_files_embeds_nothing(desk: Desk) -> None:
    desk.write("coal.txt", COAL)
    desk.write_lines("more.jsonl", {"id": "wind", "title": "Wind", "text": WIND})
    assert desk.index().added == 2
    embedded = len(desk.embedder.embedded)
    report = desk.index()
    assert (report.added, report.updated, report.unchanged) == (0, 0, 2)
    assert len(desk.embedder.embedded) == embedded


def test_touching_or_rewriting_a_file_without_a_change_embeds_nothing(desk: Desk) -> None:
    path = desk.write("coal.txt", COAL)
    desk.index()
    embedded = len(desk.embedder.embedded)
    path.write_text(COAL)
    os.utime(path, (1, 1))
    assert desk.index().unchanged == 1
    path.write_text(COAL + "\n")  # other bytes, and the same canonical text
    assert desk.index().unchanged == 1
    assert len(desk.embedder.embedded) == embedded


def test_changing_one_article_of_many_in_a_file_embeds_that_one_alone(desk: Desk) -> None:
    rows = [{"id": f"a{n}", "title": f"Report {n}", "text": f"Number {n} was drawn. {COAL}"} for n in range(20)]
    desk.write_lines("all.jsonl", *rows)
    desk.index()
    before = len(desk.embedder.embedded)
    rows[7]["text"] = WIND
    desk.write_lines("all.jsonl", *rows)
    report = desk.index()
    assert (report.added, report.updated, report.unchanged) == (0, 1, 19)
    assert desk.embedder.embedded[before:] == [f"Report 7\n{WIND}"]


def test_a_changed_article_is_found_by_its_new_words_and_no_longer_by_the_old(desk: Desk) -> None:
    desk.write("report.txt", COAL * 20)
    desk.write("other.txt", "Nothing of note was said on Friday.")
    desk.index()
    assert desk.found("coal operator")[0] == "report"
    desk.write("report.txt", WIND)
    assert desk.index().updated == 1
    matches = desk.read(lambda library: library.catalog.document_frequencies(["coal", "wind"]))
    assert matches == {"coal": 0, "wind": 1}
    assert desk.text("report") == WIND


def test_an_article_that_grows_and_shrinks_back_keeps_one_vector_a_passage(desk: Desk) -> None:
    for text in (COAL, COAL * 20, COAL, WIND * 9, COAL):
        desk.write("report.txt", text)
        desk.index(batch=2)


def test_the_same_content_under_two_names_is_stored_once_with_both_origins(desk: Desk) -> None:
    first, second = desk.write("a.txt", COAL), desk.write("b.txt", COAL)
    report = desk.index()
    assert (report.added, report.same) == (1, 1)
    assert desk.ids() == ["a"]
    assert desk.read(lambda library: library.catalog.origins_of("a")) == [str(first), str(second)]
    assert desk.read(lambda library: library.catalog.resolve("b")) == "a"


def test_an_article_stays_as_long_as_one_of_its_files_is_there(desk: Desk) -> None:
    first, second = desk.write("a.txt", COAL), desk.write("b.txt", COAL)
    desk.index()
    first.unlink()
    assert desk.index(prune=True).removed == 0
    assert desk.found("coal") == ["a"]
    second.unlink()
    assert desk.index(prune=True).removed == 1
    assert desk.ids() == []


def test_an_article_is_replaced_when_the_last_file_that_holds_it_changes(desk: Desk) -> None:
    first = desk.write("a.txt", COAL)
    desk.write("b.txt", COAL)
    desk.index()
    first.unlink()
    desk.index(prune=True)
    desk.write("b.txt", WIND)
    desk.index()
    assert [desk.text(i) for i in desk.ids()] == [WIND]


@pytest.mark.parametrize("changed", ["a.txt", "b.txt"])
def test_a_copy_that_changes_becomes_an_article_of_its_own(desk: Desk, changed: str) -> None:
    desk.write("a.txt", COAL)
    desk.write("b.txt", COAL)
    desk.index()
    desk.write(changed, WIND)
    desk.index()
    assert sorted(desk.text(i) for i in desk.ids()) == [COAL, WIND]
    assert desk.index().unchanged == 2


def test_a_copy_that_changes_leaves_the_other_articles_of_its_file_as_they_are(desk: Desk) -> None:
    rows = [{"id": f"a{n}", "title": f"Report {n}", "text": f"Number {n} was drawn. {COAL}"} for n in range(9)]
    desk.write_lines("all.jsonl", {"id": "shared", "title": "Shared", "text": COAL}, *rows)
    desk.write_lines("copy.jsonl", {"id": "shared", "title": "Shared", "text": COAL})
    desk.index()
    before = len(desk.embedder.embedded)
    desk.write_lines("copy.jsonl", {"id": "shared", "title": "Shared", "text": WIND})
    report = desk.index()
    assert report.removed == 0
    assert len(desk.embedder.embedded) - before <= 2
    assert [
        str(failure.reason) for failure in report.failed if "belongs to another article" not in failure.reason
    ] == []


def test_two_files_that_give_one_article_other_dates_do_not_fight_over_it(desk: Desk) -> None:
    desk.write_lines("a.jsonl", {"id": "x", "title": "Coal", "text": COAL, "date": "2013-12-04"})
    desk.write_lines("b.jsonl", {"id": "x", "title": "Coal", "text": COAL, "date": "2013-12-05"})
    report = desk.index()
    assert (report.added, report.same) == (1, 1)
    assert desk.read(lambda library: library.catalog.published(["x"])) == {"x": "2013-12-04"}
    assert desk.index().unchanged == 2


def test_a_new_date_alone_is_an_update(desk: Desk) -> None:
    desk.write_lines("a.jsonl", {"id": "x", "title": "Coal", "text": COAL, "date": "2013-12-04"})
    desk.index()
    desk.write_lines("a.jsonl", {"id": "x", "title": "Coal", "text": COAL, "date": "2013-12-05"})
    assert desk.index().updated == 1
    assert desk.read(lambda library: library.catalog.published(["x"])) == {"x": "2013-12-05"}


def test_given_ids_are_kept_and_removing_a_line_removes_its_article(desk: Desk) -> None:
    coal = {"id": "ft/2013#1", "title": "Coal", "text": COAL}
    desk.write_lines("all.jsonl", coal, {"id": "wind é", "title": "Wind", "text": WIND})
    desk.index()
    assert desk.ids() == ["ft/2013#1", "wind é"]
    desk.write_lines("all.jsonl", coal)
    report = desk.index()
    assert (report.removed, report.unchanged) == (1, 1)
    assert desk.ids() == ["ft/2013#1"]
    assert desk.found("wind minister") == ["ft/2013#1"]


def test_one_id_for_two_articles_in_two_files_is_a_failure_that_names_both(desk: Desk) -> None:
    first = desk.write_lines("a.jsonl", {"id": "x", "title": "Coal", "text": COAL})
    second = desk.write_lines("b.jsonl", {"id": "x", "title": "Wind", "text": WIND})
    (failure,) = desk.index().failed
    assert (failure.path, failure.line) == (second, 1)
    assert "'x' belongs to another article" in failure.reason
    assert str(first) in failure.reason
    assert desk.text("x") == COAL


def test_each_file_is_reported_by_itself_in_the_order_of_reading_and_all_of_them_in_the_end(desk: Desk) -> None:
    coal, wind = desk.write("a.txt", COAL), desk.write("b.txt", WIND)
    copy, torn = desk.write("c.txt", COAL), desk.write_lines("d.jsonl", {"text": COAL + " So be it."}, {"no": "text"})
    told: list[tuple[Path, Report]] = []
    whole = desk.index(on_file=lambda path, report: told.append((path, report)))
    assert [path for path, _ in told] == [coal, wind, copy, torn]
    assert [(one.added, one.same, len(one.failed)) for _, one in told] == [(1, 0, 0), (1, 0, 0), (0, 1, 0), (1, 0, 1)]
    assert (whole.added, whole.same, len(whole.failed)) == (3, 1, 1)


def test_one_id_twice_in_a_file_is_a_failure_and_the_first_stays(desk: Desk) -> None:
    path = desk.write_lines(
        "a.jsonl", {"id": "x", "title": "Coal", "text": COAL}, {"id": "x", "title": "Wind", "text": WIND}
    )
    (failure,) = desk.index().failed
    assert (failure.path, failure.line) == (path, 2)
    assert desk.text("x") == COAL


def test_files_of_one_name_in_two_folders_are_two_articles(desk: Desk) -> None:
    desk.write("monday/report.txt", COAL)
    desk.write("tuesday/report.txt", WIND)
    desk.index()
    assert len(desk.ids()) == 2
    assert desk.ids()[0] == "report"
    assert desk.ids()[1].startswith("report-")
    assert desk.index().unchanged == 2


def test_prune_removes_what_is_gone_and_nothing_else(desk: Desk) -> None:
    path = desk.write("coal.txt", COAL)
    desk.write("wind.txt", WIND)
    desk.index()
    path.unlink()
    desk.index()
    assert desk.ids() == ["coal", "wind"]
    elsewhere = desk.write("elsewhere.txt", "Nothing of note was said on Friday.")
    assert desk.index(elsewhere, prune=True).removed == 1
    assert desk.ids() == ["elsewhere", "wind"]


def test_a_file_that_cannot_be_read_any_more_keeps_its_older_version(desk: Desk) -> None:
    path = desk.write("coal.txt", COAL)
    lines = desk.write_lines("all.jsonl", {"id": "wind", "title": "Wind", "text": WIND})
    desk.index()
    path.write_bytes(b"\x00\x01\x02\xff" * 500)
    lines.write_text('{"id": "wind", "title"\n')
    report = desk.index()
    assert sorted(failure.path.name for failure in report.failed) == ["all.jsonl", "coal.txt"]
    assert desk.ids() == ["coal", "wind"]
    assert desk.found("coal operator")[0] == "coal"


def test_a_removed_article_is_gone_from_search_and_comes_back_when_it_is_indexed_again(desk: Desk) -> None:
    desk.write("coal.txt", COAL)
    desk.write("wind.txt", WIND)
    desk.index()

    def remove(library: Library) -> None:
        with library.writing():
            library.remove(["coal"])
        assert_whole(library, desk.embedder)

    desk.read(remove)
    assert desk.found("coal operator") == ["wind"]
    with pytest.raises(ArticleUnknown, match="footnote list"):
        desk.read(lambda library: library.catalog.resolve("coal"))
    assert desk.index().added == 1


def test_another_embedding_model_is_refused_with_what_to_type(desk: Desk) -> None:
    desk.write("coal.txt", COAL)
    desk.index(model="fake@1")
    desk.embedder = FakeEmbedder(identity="other@1")
    with pytest.raises(LibraryMismatch, match=r"footnote index --rebuild --embedding MODEL") as caught:
        desk.index(model="other@1")
    assert "made with fake@1, not with other@1" in str(caught.value)


def test_rebuild_with_another_model_makes_all_vectors_anew_without_the_files(desk: Desk) -> None:
    desk.write("coal.txt", COAL)
    desk.write_lines("all.jsonl", {"id": "wind", "title": "Wind", "text": WIND})
    desk.index(model="fake@1")
    shutil.rmtree(desk.articles)
    desk.articles.mkdir()
    desk.embedder = FakeEmbedder(identity="other@1", dimension=16)
    desk.index(model="other@1", rebuild=True)
    library = Library.open(desk.folder, load=lambda name, threads: desk.embedder)
    assert library.status().embedding == "other@1"
    assert library.vectors.vectors(sorted(library.vectors.ids()))["wind#0-1"].shape == (16,)
    library.close()


def test_rebuild_of_no_library_says_so(desk: Desk) -> None:
    with pytest.raises(LibraryMissing, match="footnote index PATH"):
        desk.index(rebuild=True)


@pytest.mark.parametrize("lost", ["chroma", "version"])
def test_a_deleted_chroma_folder_is_told_and_repaired_by_the_next_index(desk: Desk, lost: str) -> None:
    desk.write("coal.txt", COAL)
    desk.index()
    folders = [desk.folder / "chroma"] if lost == "chroma" else list((desk.folder / "chroma").iterdir())
    for folder in folders:
        shutil.rmtree(folder)
    (problem,) = desk.read(lambda library: library.status().problems)
    assert "footnote index" in problem
    assert desk.index().unchanged == 1
    assert desk.found("coal") == ["coal"]


def test_garbage_in_the_vectors_is_told_and_repaired_by_a_rebuild(desk: Desk) -> None:
    desk.write("coal.txt", COAL)
    desk.index()
    (database,) = (desk.folder / "chroma").glob("*/chroma.sqlite3")
    database.write_bytes(b"garbage" * 1000)
    (problem,) = desk.read(lambda library: library.status().problems)
    assert "footnote index --rebuild" in problem
    with pytest.raises(LibraryDamaged, match="footnote index --rebuild"):
        desk.found("coal")
    desk.index(rebuild=True)
    assert desk.found("coal") == ["coal"]


@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty"])
def test_a_damaged_catalog_is_an_error_that_says_what_to_do(desk: Desk, damage: str) -> None:
    for number in range(20):
        write_article(desk.articles, number, 0, 20)
    desk.index()
    catalog = desk.folder / "catalog.sqlite"
    with sqlite3.connect(catalog) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = catalog.read_bytes()
    damaged = {"garbage": b"garbage" * 1000, "truncated": data[: len(data) // 3], "empty": b""}
    catalog.write_bytes(damaged[damage])

    def use_all(library: Library) -> None:
        status = library.status()
        assert status.problems
        list(library.catalog.listing())
        raise LibraryDamaged("; ".join(status.problems) + " NEW")

    with pytest.raises(LibraryDamaged, match="NEW"):
        with_library(desk.folder, use_all)


def test_a_library_of_another_layout_is_refused(desk: Desk) -> None:
    desk.write("coal.txt", COAL)
    desk.index()
    with sqlite3.connect(desk.folder / "catalog.sqlite") as connection:
        connection.execute("UPDATE settings SET value = '99' WHERE key = 'schema_version'")
    connection.close()
    with pytest.raises(LibraryDamaged, match="layout 99"):
        desk.ids()


def test_no_library_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="footnote index PATH --library"):
        Library.open(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes; the tests of it need root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small file system can be mounted here (it takes root)")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_told_and_the_library_goes_on_when_there_is_room(desk: Desk, small_disk: Path) -> None:
    desk.folder = small_disk / "library"
    desk.write("coal.txt", COAL)
    desk.index()
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * 500_000)
    for number in range(120):
        write_article(desk.articles, number, 0, 30)
    with pytest.raises(LibraryDamaged, match=r"[Ff]ree .*space") as caught:
        desk.index(batch=16)
    assert "Traceback" not in str(caught.value)
    with pytest.raises(LibraryDamaged, match="free space"):
        desk.found("coal operator")  # Chroma cannot open its own database without room for a journal
    ballast.unlink()
    assert desk.found("coal operator")[0] == "coal"
    subprocess.run(["mount", "-o", "remount,size=40m", str(small_disk)], check=True)
    desk.index(batch=16)
    assert len(desk.ids()) == 121


def test_a_folder_that_may_not_be_written_is_told(desk: Desk, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    desk.folder = small_disk / "library"
    desk.write("coal.txt", COAL)
    with pytest.raises(LibraryDamaged, match="cannot be written"):
        desk.index()


def run_index_with_small_files(folder: Path, articles: Path) -> None:
    """Index where no file may be larger than a third of a megabyte (as `ulimit -f` has it)."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    try:
        run_index(folder, articles, batch=16)
    except LibraryDamaged:
        raise SystemExit(7) from None


def test_a_write_that_fails_half_way_leaves_a_library_that_the_next_run_finishes(desk: Desk) -> None:
    for number in range(60):
        write_article(desk.articles, number, 0, 30)
    process = start(run_index_with_small_files, desk.folder, desk.articles)
    process.join(60)
    assert process.exitcode == 7
    desk.index()
    assert len(desk.ids()) == 60


def test_progress_comes_to_its_end_and_counts_every_passage(desk: Desk) -> None:
    for number in range(5):
        write_article(desk.articles, number, 0, 10)
    seen: list[Progress] = []
    desk.index(on_progress=seen.append, batch=4)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert seen[-1].done == seen[-1].total > 0
    assert seen[-1].passages == desk.read(lambda library: library.catalog.passage_count())


def test_an_article_answers_while_the_run_that_added_it_goes_on(desk: Desk) -> None:
    for number in range(20):
        write_article(desk.articles, number, 0, 20)
    ready: list[int] = []

    def look(progress: Progress) -> None:
        time.sleep(0.01)
        if progress.passages and (desk.folder / "chroma").is_dir():
            ready.append(with_library(desk.folder, lambda library: len(library.vectors.ids())))

    desk.index(on_progress=look, batch=8)
    assert 0 < min(n for n in ready if n) < max(ready)
    assert ready == sorted(ready)


def test_emoji_marks_and_what_cannot_be_stored_are_updated_without_a_trace(desk: Desk) -> None:
    texts = [
        "Smile 😀 said 👩‍👩‍👧 the 𝔘nicode man. He left for Köln and cafe\u0301s on Friday.",
        "The nul \x00 byte and the surrogate stay out. A second 🇩🇪 sentence came from Zürich.",
        "İstanbul and ΣΊΣΥΦΟΣ were named. The ﬁrst ligature, and 漢字 stood there too.",
    ]
    for text in (*texts, *texts[::-1]):
        desk.write_lines("all.jsonl", {"id": "x", "title": f"😀 {text[:9]}", "text": text})
        assert desk.index().failed == []
        assert len(desk.text("x")) == len(text)
    desk.write_lines("all.jsonl", {"id": "y", "title": "Wind", "text": WIND})
    desk.index()
    assert desk.read(lambda library: library.catalog.document_frequencies(["koln", "wind"])) == {"koln": 0, "wind": 1}
