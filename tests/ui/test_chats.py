"""Past chats: whose they are, what is written when, and what of a damaged file or a full disk."""

import json
import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from assistant.values import Turn
from ui.web.chats import Chat, Chats, Exchange, heard, now
from ui.web.keeping import key_of
from vectorstore.errors import FootnoteError, LibraryDamaged, UsageError

ANN, BOB = "user:ann", "visitor:bob"
DAYS = [f"2026-10-{day:02}T12:00:00+00:00" for day in range(1, 32)]


def exchange(question: str = "Who?", said: str = "Ann did. [1]", asked: str = DAYS[0]) -> Exchange:
    return Exchange(question, asked, {"version": 1, "answer": said, "abstained": not said})


@pytest.fixture
def chats(tmp_path: Path) -> Chats:
    return Chats(tmp_path / "chats")


def begin(chats: Chats, person: str, *exchanges: Exchange) -> str:
    id = chats.new_id()
    for number, one in enumerate(exchanges or [exchange()]):
        chats.put(person, id, number, one)
    return id


def path_of(chats: Chats, person: str, id: str) -> Path:
    return chats.folder / key_of(person) / f"{id}.json"


def test_a_chat_is_as_it_was_put(chats: Chats) -> None:
    first, failed = exchange("Who \ud800 «?»\n", "عربي [1]"), Exchange("And?", now(), None, "No model.")
    id = begin(chats, ANN, first, failed)
    kept = Chats(chats.folder).open(ANN, id)
    assert kept == Chat(id, "Who \ud800 «?»", (first, failed))


def test_an_exchange_has_an_answer_or_an_error() -> None:
    for answer, error in (({}, "no"), (None, None)):
        with pytest.raises(ValueError, match="either"):
            Exchange("Who?", DAYS[0], answer, error)


def test_another_person_finds_nothing_even_by_the_id(chats: Chats) -> None:
    id = begin(chats, ANN)
    assert chats.open(BOB, id) is None
    assert chats.listing(BOB) == []
    assert (chats.delete(BOB, id), chats.delete_all(BOB)) == (False, 0)
    chats.put(BOB, id, 0, exchange("Mine?"))
    ours = chats.open(ANN, id)
    assert ours
    assert ours.title == "Who?"


@pytest.mark.parametrize(
    "id", ["", "..", "../../etc/passwd", "a/b", "a" * 15, "a" * 17, "a" * 15 + "\n", "a" * 15 + "é"]
)
def test_no_path_can_be_made_of_an_id(chats: Chats, id: str) -> None:
    assert chats.open(ANN, id) is None
    assert not chats.delete(ANN, id)
    with pytest.raises(UsageError, match="Begin a new chat"):
        chats.put(ANN, id, 0, exchange())
    assert not chats.folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_files_are_the_owners_alone(chats: Chats) -> None:
    path = path_of(chats, ANN, begin(chats, ANN))
    assert [one.stat().st_mode & 0o777 for one in (path, path.parent, chats.folder)] == [0o600, 0o700, 0o700]
    assert "ann" not in str(path.relative_to(chats.folder))


def test_asking_again_replaces_an_exchange_and_drops_those_after_it(chats: Chats) -> None:
    id = begin(chats, ANN, exchange("One?"), exchange("Two?"), exchange("Three?"))
    assert [one.question for one in chats.put(ANN, id, 1, exchange("Zwei?")).exchanges] == ["One?", "Zwei?"]
    assert chats.put(ANN, id, 0, exchange("Uno?")).title == "Uno?"


@pytest.mark.parametrize("number", [-1, 2])
def test_a_number_that_does_not_follow_is_refused(chats: Chats, number: int) -> None:
    id = begin(chats, ANN)
    with pytest.raises(UsageError, match="Load the page again"):
        chats.put(ANN, id, number, exchange())
    with pytest.raises(UsageError, match="Load the page again"):
        chats.put(ANN, chats.new_id(), 1, exchange())


def test_a_chat_is_full_at_500_questions(chats: Chats) -> None:
    id = begin(chats, ANN)
    line = json.loads(path_of(chats, ANN, id).read_text())["exchanges"][0]
    path_of(chats, ANN, id).write_text(json.dumps({"exchanges": [line] * 499}))
    assert len(chats.put(ANN, id, 499, exchange()).exchanges) == 500
    with pytest.raises(UsageError, match="Begin a new chat"):
        chats.put(ANN, id, 500, exchange())


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Who  is\nit?", "Who is it?"),
        ("a" * 80, "a" * 80),
        ("a" * 90, "a" * 79 + "…"),
        ("word " * 30, "word " * 15 + "word…"),
    ],
)
def test_a_title_is_the_first_question_cut_at_a_word(chats: Chats, question: str, title: str) -> None:
    (line,) = (begin(chats, ANN, exchange(question)), chats.listing(ANN))[1]
    assert line.title == title
    assert len(title) <= 80


def test_chats_are_listed_newest_first_by_their_last_question(chats: Chats) -> None:
    old, new = begin(chats, ANN, exchange(asked=DAYS[0])), begin(chats, ANN, exchange(asked=DAYS[1]))
    assert [line.id for line in chats.listing(ANN)] == [new, old]
    chats.put(ANN, old, 1, exchange("And?", asked=DAYS[2]))
    assert [(line.id, line.updated) for line in chats.listing(ANN)] == [(old, DAYS[2]), (new, DAYS[1])]


@pytest.mark.parametrize(
    ("search", "found"),
    [("", 2), ("rain LEEDS", 1), ("straße", 1), ("STRASSE", 1), ("leeds york", 0), ("[1]", 1), ("ell", 2)],
)
def test_a_search_wants_all_its_words_in_questions_or_answers(chats: Chats, search: str, found: int) -> None:
    begin(chats, ANN, exchange("Tell of Leeds?", ""), exchange("And the Straße?", "Rain fell. [1]"))
    begin(chats, ANN, Exchange("Tell of York?", DAYS[0], None, "No model in Leeds."))
    assert len(chats.listing(ANN, search)) == found


def test_a_search_sees_what_was_written_since_the_last_one(chats: Chats) -> None:
    id = begin(chats, ANN)
    assert not chats.listing(ANN, "later")
    Chats(chats.folder).put(ANN, id, 1, exchange("Later?"))  # as another process does
    assert chats.listing(ANN, "later")
    chats.delete(ANN, id)
    assert not chats.listing(ANN)


def test_chats_are_deleted_one_and_all(chats: Chats) -> None:
    one, *_ = (begin(chats, ANN) for _ in range(3))
    theirs = begin(chats, BOB)
    assert chats.delete(ANN, one)
    assert not chats.delete(ANN, one)
    assert chats.delete_all(ANN) == 2
    assert chats.listing(ANN) == []
    assert not list(chats.folder.glob(f"{key_of(ANN)}/*.json*"))
    assert chats.open(BOB, theirs)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"exchanges": []}',
        '{"exchanges": [1]}',
        '{"exchanges": [{"question": "a", "asked": "b"}]}',
        "\0",
    ],
)
def test_a_damaged_file_is_told_and_kept(chats: Chats, text: str) -> None:
    good, bad = begin(chats, ANN), begin(chats, ANN)
    path_of(chats, ANN, bad).write_text(text)
    assert [line.id for line in chats.listing(ANN)] == [good]
    with pytest.raises(LibraryDamaged, match="damaged"):
        chats.open(ANN, bad)
    with pytest.raises(LibraryDamaged, match="damaged"):
        chats.put(ANN, bad, 0, exchange())
    assert path_of(chats, ANN, bad).read_text() == text
    assert chats.delete(ANN, bad)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_told_and_the_chat_stays_as_it_was(chats: Chats) -> None:
    id = begin(chats, ANN)
    path_of(chats, ANN, id).with_suffix(".json.new").symlink_to("/dev/full")
    with pytest.raises(FootnoteError, match="The disk is full"):
        chats.put(ANN, id, 1, exchange("And?"))
    kept = chats.open(ANN, id)
    assert kept
    assert len(kept.exchanges) == 1
    assert len(chats.put(ANN, id, 1, exchange("And?")).exchanges) == 2


def test_threads_lose_no_chat_and_no_exchange(chats: Chats) -> None:
    id = chats.new_id()

    def put(number: int) -> None:
        chats.put(ANN, chats.new_id(), 0, exchange())
        for place in range(20):  # the first whose turn it is
            chats.put(ANN, id, 0, exchange(f"{number}-{place}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(8)))
    assert len(chats.listing(ANN)) == 9
    last = chats.open(ANN, id)
    assert last
    assert last.exchanges[0].question.endswith("-19")


def append_ten(folder: Path, id: str, name: str) -> None:
    chats = Chats(folder)
    for _ in range(10):
        while True:
            kept = chats.open(ANN, id)
            assert kept
            try:
                chats.put(ANN, id, len(kept.exchanges), exchange(name))
            except UsageError:
                continue
            break


def test_two_processes_leave_a_whole_file(chats: Chats) -> None:
    id = begin(chats, ANN)
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    others = [context.Process(target=append_ten, args=(chats.folder, id, name)) for name in "ab"]
    for other in others:
        other.start()
    for other in others:
        other.join(20)
        assert other.exitcode == 0
    assert chats.open(ANN, id)


def test_a_follow_up_is_understood_by_what_was_answered() -> None:
    answered: Any = exchange("Who?", "Ann. [1]")
    refused, failed = exchange("Why?", ""), Exchange("When?", DAYS[0], None, "No model.")
    assert heard([answered, refused, failed]) == [
        Turn("user", "Who?"),
        Turn("assistant", "Ann. [1]"),
        Turn("user", "Why?"),
    ]
