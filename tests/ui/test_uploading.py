"""Files from browsers: their names, their limits, and how they come into the library."""

import asyncio
import json
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeEmbedder
from tests.ui.fake_desk import open_fake_desk
from ui.web.adding import Jobs
from ui.web.desk import Desk
from ui.web.interrupting import TEXTS_AT_A_TIME, Interruptible
from ui.web.uploading import LONGEST_NAME, TooLarge, Unkept, Upload, Uploads, safe_name
from vectorstore.errors import ArticleUnknown, LibraryDamaged, UsageError
from vectorstore.reading import MAX_BYTES, READERS

ANN, BOB = "user:ann", "user:bob"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = open_fake_desk(tmp_path)
    yield made
    made.assistant.library.close()


@pytest.fixture
def uploads(desk: Desk) -> Uploads:
    return Uploads(desk.folder)


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def receive(uploads: Uploads, name: str, *chunks: bytes) -> Upload:
    return asyncio.run(uploads.receive(name, pieces(*chunks)))


def load(name: str, threads: int | None) -> FakeEmbedder:
    return FakeEmbedder()


def jobs_of(desk: Desk, uploads: Uploads, load: Callable[[str, int | None], FakeEmbedder] = load) -> Jobs:
    return Jobs(desk.folder, desk.catalog, uploads, load)


def wait(jobs: Jobs, id: str, person: str = ANN) -> dict[str, Any]:
    return wait_until(lambda: (told := jobs.told(person, id))["state"] in ("done", "failed") and told)


def wait_until(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + 20
    while not (it := found()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)
    return it


def add(desk: Desk, uploads: Uploads, *files: Upload) -> dict[str, Any]:
    jobs = jobs_of(desk, uploads)
    return wait(jobs, jobs.begin(ANN, files))


def results(told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["name"]: (one["state"], one["detail"]) for one in told["files"]}


# Names


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("note.txt", "note.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ann\\Note.TXT", "Note.txt"),
        ("a／．．／b.md", "b.md"),  # NFKC makes a slash and dots of these
        (".hidden.txt", "hidden.txt"),
        (".txt", "article.txt"),
        ("a\x00b\n\u202etxt.exe.md", "abtxt.exe.md"),
        ('<img src=x onerror="alert(1)">.html', "img src=x onerror= alert(1).html"),
        ("مقال.txt", "مقال.txt"),
        ("CON .txt", "CON.txt"),
    ],
)
def test_a_name_is_its_last_part_without_what_could_harm(given: str, kept: str) -> None:
    assert safe_name(given) == kept


@pytest.mark.parametrize("name", ["a.exe", "a", "", "a.txt/", "a.txt.zip", "txt"])
def test_a_name_of_what_cannot_be_read_is_refused_with_what_can(name: str) -> None:
    with pytest.raises(UsageError, match=r"these can: \.txt"):
        safe_name(name)


@given(st.text(max_size=300), st.sampled_from(sorted(READERS)))
def test_no_name_leaves_its_folder_or_is_too_long_for_a_file_system(stem: str, suffix: str) -> None:
    name = safe_name(stem + suffix)
    assert Path(name).name == name
    assert not name.startswith(".")
    assert name.endswith(suffix)
    assert len(name) <= LONGEST_NAME
    assert len(name.encode()) < 256 - len(suffix)
    assert name.isprintable()
    assert safe_name(name) == name


# Receiving


def test_a_file_is_kept_as_it_came_under_its_own_name(uploads: Uploads, desk: Desk) -> None:
    received = receive(uploads, "../note.txt", b"One ", b"sentence.")
    assert received.path.read_bytes() == b"One sentence."
    assert received.name == received.path.name == "note.txt"
    assert desk.folder / "uploads" in received.path.parents
    assert uploads.find(received.token) == received


def test_the_same_file_twice_is_one_and_another_of_its_name_is_kept_beside_it(uploads: Uploads) -> None:
    first, again = receive(uploads, "note.txt", b"One."), receive(uploads, "note.txt", b"One.")
    other, renamed = receive(uploads, "note.txt", b"Two."), receive(uploads, "copy.txt", b"One.")
    assert first == again
    assert len({first.path, other.path, renamed.path}) == 3
    assert first.path.read_bytes() == b"One."


def test_an_empty_file_and_one_of_another_kind_are_refused_and_leave_nothing(uploads: Uploads, desk: Desk) -> None:
    with pytest.raises(UsageError, match=r"note\.txt is empty"):
        receive(uploads, "note.txt")
    with pytest.raises(UsageError, match="cannot be read"):
        receive(uploads, "note.exe", b"MZ")
    assert list((desk.folder / "uploads").iterdir()) == []


def test_a_file_that_is_too_large_is_refused_before_all_of_it_came(uploads: Uploads, desk: Desk) -> None:
    sent = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            sent.append(1)
            yield b"x" * 5_000_000

    with pytest.raises(TooLarge, match=r"note\.txt is larger than 50 MB"):
        asyncio.run(uploads.receive("note.txt", endless()))
    assert len(sent) == MAX_BYTES // 5_000_000 + 1
    assert list((desk.folder / "uploads").iterdir()) == []


def test_a_connection_that_breaks_leaves_nothing(uploads: Uploads, desk: Desk) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError("gone")

    with pytest.raises(Unkept):
        asyncio.run(uploads.receive("note.txt", breaking()))
    assert list((desk.folder / "uploads").iterdir()) == []


def test_a_disk_that_refuses_is_a_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("a file where the folder should be")
    with pytest.raises(Unkept, match=r"The file could not be kept: file exists.*make room"):
        receive(Uploads(tmp_path), "note.txt", b"One.")


@pytest.mark.parametrize("token", ["", "..", "../../etc", "0" * 32, "G" * 32, "0" * 33, "a/b"])
def test_a_token_that_stands_for_nothing_is_refused(uploads: Uploads, token: str) -> None:
    with pytest.raises(UsageError, match="Upload it again"):
        uploads.find(token)


def test_a_pasted_text_becomes_an_article_that_is_taken_as_it_is(uploads: Uploads, desk: Desk) -> None:
    pasted = uploads.paste("On <b>piers</b>/1", "# The pier *opened*.\n\nIt cost £12m.", "2024-05-01", "Gazette")
    assert json.loads(pasted.path.read_text())["date"] == "2024-05-01"
    assert results(add(desk, uploads, pasted)) == {pasted.name: ("added", "")}
    [article_id] = desk.catalog.origins(str(pasted.path)).values()
    stored = desk.catalog.article(article_id).article
    assert (stored.title, stored.published, stored.source) == ("On <b>piers</b>/1", "2024-05-01", "Gazette")
    assert stored.text == "# The pier *opened*.\n\nIt cost £12m."


def test_a_pasted_nothing_and_a_day_that_is_none_are_refused(uploads: Uploads) -> None:
    with pytest.raises(UsageError, match="no text"):
        uploads.paste("Title", " \n", "", "")
    with pytest.raises(UsageError, match="2024-13-01 is no day"):
        uploads.paste("Title", "Text.", "2024-13-01", "")


# Adding


def test_each_file_gets_its_own_result(uploads: Uploads, desk: Desk) -> None:
    lines = b'{"id": "l1", "text": "Lamps are lit."}\nno json\n{"id": "l2", "text": "Lamps go out."}\n'
    files = [
        receive(uploads, "fresh.txt", b"A fresh sentence about piers."),
        receive(uploads, "lines.jsonl", lines),
        receive(uploads, "copy.txt", b"A fresh sentence about piers."),
        receive(uploads, "torn.md", b"\xff\xfe\x00"),
    ]
    told = add(desk, uploads, *files)
    found = results(told)
    assert {found["fresh.txt"][0], found["copy.txt"][0]} == {"added", "the same as another"}
    assert found["lines.jsonl"][0] == "added"
    assert found["lines.jsonl"][1].startswith("2 added; not all of it, line 2: not JSON")
    assert found["torn.md"][0] == "failed"
    assert told["sentence"] == "Articles: 3 added, 1 the same as another, 2 failed."
    assert told["state"] == "done"


def test_a_failed_upload_is_deleted_and_one_that_gave_articles_is_kept(uploads: Uploads, desk: Desk) -> None:
    bad, good = receive(uploads, "bad.jsonl", b"[1]"), receive(uploads, "good.txt", b"Good.")
    add(desk, uploads, bad, good)
    assert not bad.path.exists()
    assert good.path.exists()
    assert uploads.take_up() == []


def test_an_upload_that_is_there_already_is_unchanged(uploads: Uploads, desk: Desk) -> None:
    add(desk, uploads, receive(uploads, "note.txt", b"One sentence."))
    assert results(add(desk, uploads, receive(uploads, "note.txt", b"One sentence."))) == {
        "note.txt": ("unchanged", "")
    }


def test_no_reason_shows_a_folder_of_the_server(uploads: Uploads, desk: Desk) -> None:
    other = receive(uploads, "taken.jsonl", b'{"id": "harbour", "title": "Other", "text": "Another harbour."}')
    told = add(desk, uploads, other)
    state, detail = results(told)["taken.jsonl"]
    assert state == "failed"
    assert "belongs to another article, of articles.jsonl" in detail
    assert str(desk.folder.parent) not in json.dumps(told)


def test_what_was_added_is_found_by_an_open_assistant_at_once(uploads: Uploads, desk: Desk) -> None:
    library = desk.assistant.library
    assert library.vectors.ids()  # it is open, in the version before
    add(desk, uploads, receive(uploads, "pier.txt", b"The pier of Brighton opened on Monday."))
    [article_id] = [item.id for item in desk.catalog.listing() if item.title.startswith("The pier")]
    passage = library.catalog.passages_of(article_id)[0]
    question = library.embedder.embed_question("The pier of Brighton opened on Monday.")
    assert passage.id in [id for id, _ in library.vectors.nearest(question, 3, None)]
    assert desk.catalog.article(article_id).quote(0) == "The pier of Brighton opened on Monday."


def test_questions_are_answered_while_a_file_is_being_indexed(uploads: Uploads, desk: Desk) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    class Slow(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> Any:
            begun.set()
            assert goes_on.wait(20)
            return super().embed(texts)

    jobs = jobs_of(desk, uploads, lambda name, threads: Slow())
    id = jobs.begin(ANN, [receive(uploads, "pier.txt", b"The pier opened.")])
    assert begun.wait(20)
    told = jobs.told(ANN, id)
    assert (told["state"], told["files"][0]["state"]) == ("running", "read")
    assert "1 of 1 file read" in told["sentence"]
    assert [claim.text for claim in desk.assistant.answer("What froze?").claims] or desk.assistant.answer(
        "froze"
    ).claims
    assert desk.assistant.library.vectors.ids()
    goes_on.set()
    assert wait(jobs, id)["files"][0]["state"] == "added"


def test_jobs_wait_for_each_other_and_belong_to_who_began_them(uploads: Uploads, desk: Desk) -> None:
    goes_on = threading.Event()

    def slowly(name: str, threads: int | None) -> FakeEmbedder:
        assert goes_on.wait(20)
        return FakeEmbedder()

    jobs = jobs_of(desk, uploads, slowly)
    first = jobs.begin(ANN, [receive(uploads, "one.txt", b"One.")])
    second = jobs.begin(BOB, [receive(uploads, "two.txt", b"Two.")])
    assert jobs.told(BOB, second)["sentence"] == "Waiting for its turn."
    assert (jobs.unfinished(ANN), jobs.unfinished(BOB)) == ([first], [second])
    for person, id in ((ANN, second), (BOB, first), (ANN, "nothing")):
        with pytest.raises(ArticleUnknown, match="not known here"):
            jobs.told(person, id)
    goes_on.set()
    assert wait(jobs, second, BOB)["files"][0]["state"] == "added"
    assert jobs.unfinished(ANN) == jobs.unfinished(BOB) == []


def test_a_telling_brings_only_what_has_changed_since(uploads: Uploads, desk: Desk) -> None:
    jobs = jobs_of(desk, uploads)
    id = jobs.begin(ANN, [receive(uploads, f"{n}.txt", f"Number {n}.".encode()) for n in range(3)])
    told = wait(jobs, id)
    assert len(told["files"]) == 3
    assert jobs.told(ANN, id, told["at"])["files"] == []
    assert jobs.told(ANN, id, told["at"] - 1)["files"] != []


def test_an_error_ends_one_job_with_a_sentence_and_the_next_goes_on(uploads: Uploads, desk: Desk) -> None:
    errors: list[Exception] = [LibraryDamaged(f"The library at {desk.folder} is full."), ZeroDivisionError("secret")]

    def failing(name: str, threads: int | None) -> FakeEmbedder:
        if errors:
            raise errors.pop(0)
        return FakeEmbedder()

    jobs = jobs_of(desk, uploads, failing)
    upload = receive(uploads, "one.txt", b"One.")
    full, crashed, well = (wait(jobs, jobs.begin(ANN, [upload])) for _ in range(3))
    assert (full["state"], full["sentence"]) == ("failed", "The library at library is full.")
    assert crashed["sentence"] == "Something went wrong. The terminal that runs footnote says what."
    assert results(well) == {"one.txt": ("added", "")}


def test_what_a_killed_server_left_is_taken_up_and_half_a_file_is_swept_away(uploads: Uploads, desk: Desk) -> None:
    left = receive(uploads, "left.txt", b"Left behind.")
    folder = desk.folder / "uploads"
    for name, age in ((".part-old", 7200), (".part-new", 0)):
        (folder / name).write_text("half")
        os.utime(folder / name, (time.time() - age,) * 2)
    jobs_of(desk, Uploads(desk.folder)).take_up()
    wait_until(lambda: desk.catalog.origins(str(left.path)) and not Uploads(desk.folder).take_up())
    assert not (folder / ".part-old").exists()
    assert (folder / ".part-new").exists()  # another server may be receiving it


def test_an_article_that_was_removed_does_not_come_back_with_the_next_server(uploads: Uploads, desk: Desk) -> None:
    lines = receive(uploads, "lines.jsonl", b'{"id": "l1", "text": "Lit."}\n{"id": "l2", "text": "Out."}\n')
    add(desk, uploads, lines)
    library = desk.assistant.library
    with library.writing():
        library.remove(["l1"])
    assert Uploads(desk.folder).take_up() == []


def test_a_server_that_ends_breaks_off_and_the_next_one_goes_on(uploads: Uploads, desk: Desk) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    class Slow(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> Any:
            begun.set()
            assert goes_on.wait(20)
            return super().embed(texts)

    jobs = jobs_of(desk, uploads, lambda name, threads: Slow())
    jobs.begin(ANN, [receive(uploads, f"{n}.txt", f"Number {n} of many.".encode()) for n in range(TEXTS_AT_A_TIME + 1)])
    assert begun.wait(20)
    threading.Timer(0.1, goes_on.set).start()
    jobs.end()
    left = uploads.take_up()
    assert len(left) == TEXTS_AT_A_TIME + 1
    jobs_of(desk, uploads).take_up()
    wait_until(lambda: not uploads.take_up())
    assert all(desk.catalog.origins(str(one.path)) for one in left)


def test_an_interruptible_embedder_gives_each_text_its_own_vector() -> None:
    texts = [f"{'word ' * (n % 7)}number {n}" for n in range(3 * TEXTS_AT_A_TIME)]
    inner = FakeEmbedder()
    checks: list[int] = []
    vectors = Interruptible(inner, lambda: checks.append(1)).embed(texts)
    assert np.array_equal(vectors, FakeEmbedder().embed(texts))
    assert len(checks) == 3
