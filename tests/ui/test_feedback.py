"""What people think of answers: what is kept of it, and that the browser is not believed."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.ui.test_chats import ANN, BOB, DAYS, begin, exchange
from ui.web.chats import Chats, Exchange
from ui.web.feedback import Feedback, all_rated
from ui.web.keeping import key_of
from vectorstore.errors import FootnoteError, UsageError


@pytest.fixture
def chats(tmp_path: Path) -> Chats:
    return Chats(tmp_path / "chats")


@pytest.fixture
def feedback(tmp_path: Path, chats: Chats) -> Feedback:
    return Feedback(tmp_path / "feedback", chats)


def file_of(feedback: Feedback, person: str = ANN) -> Path:
    return feedback.folder / f"{key_of(person)}.jsonl"


def test_a_rating_is_kept_with_the_answer_that_the_chat_holds(chats: Chats, feedback: Feedback) -> None:
    first, second = exchange("Who?", "Ann. [1]"), exchange("And he?", "Bob. [1]", DAYS[1])
    id = begin(chats, ANN, first, second)
    assert feedback.rate(ANN, id, 1, "down", " Not he. ") == ("down", "Not he.")
    assert feedback.ratings(ANN, id) == {1: ("down", "Not he.")}
    (line,) = all_rated(feedback.folder)
    assert (line["question"], line["answer"], line["asked"]) == (second.question, second.answer, DAYS[1])
    assert line["history"] == [{"role": "user", "text": "Who?"}, {"role": "assistant", "text": "Ann. [1]"}]
    assert line["remark"] == "Not he."


def test_the_last_word_counts_and_may_be_taken_back(chats: Chats, feedback: Feedback) -> None:
    id = begin(chats, ANN)
    for rating, remark in (("up", ""), ("up", ""), ("down", "no"), (None, "kept?")):
        feedback.rate(ANN, id, 0, rating, remark)
    assert feedback.ratings(ANN, id) == {}
    assert all_rated(feedback.folder) == []
    assert len(file_of(feedback).read_text().splitlines()) == 3  # nothing is overwritten, nor said twice
    feedback.rate(ANN, id, 0, "up", "yes")
    assert [(line["rating"], line["remark"]) for line in all_rated(feedback.folder)] == [("up", "yes")]


def test_what_is_not_theirs_cannot_be_rated(chats: Chats, feedback: Feedback) -> None:
    id = begin(chats, ANN)
    assert feedback.rate(BOB, id, 0, "up") is None
    assert [feedback.rate(ANN, id, number, "up") for number in (-1, 1)] == [None, None]
    assert feedback.rate(ANN, "../../x", 0, "up") is None
    assert not feedback.folder.exists()
    assert feedback.ratings(BOB, id) == {}


@pytest.mark.parametrize(("rating", "remark"), [("good", ""), ("up", "a" * 2001)])
def test_a_wrong_rating_is_refused(chats: Chats, feedback: Feedback, rating: str, remark: str) -> None:
    id = begin(chats, ANN)
    with pytest.raises(UsageError):
        feedback.rate(ANN, id, 0, rating, remark)


def test_where_there_is_no_answer_there_is_none_to_rate(chats: Chats, feedback: Feedback) -> None:
    id = begin(chats, ANN, Exchange("Who?", DAYS[0], None, "No model."))
    with pytest.raises(UsageError, match="Ask again first"):
        feedback.rate(ANN, id, 0, "up")


def test_an_answer_that_is_asked_again_has_no_rating_yet(chats: Chats, feedback: Feedback) -> None:
    id = begin(chats, ANN)
    feedback.rate(ANN, id, 0, "up")
    chats.put(ANN, id, 0, exchange(said="Bob did. [1]", asked=DAYS[1]))
    assert feedback.ratings(ANN, id) == {}
    feedback.rate(ANN, id, 0, "down")
    assert feedback.ratings(ANN, id) == {0: ("down", "")}
    assert [line["rating"] for line in all_rated(feedback.folder)] == ["up", "down"]  # of two answers


def test_feedback_outlives_its_chat_and_does_not_say_whose_it_is(chats: Chats, feedback: Feedback) -> None:
    for person in (ANN, BOB):
        feedback.rate(person, begin(chats, person), 0, "up")
        chats.delete_all(person)
    rated = all_rated(feedback.folder)
    assert len(rated) == 2
    assert not any(word in json.dumps(rated) for person in (ANN, BOB) for word in (person, key_of(person)))


def test_half_a_character_is_no_error(chats: Chats, feedback: Feedback) -> None:
    id = begin(chats, ANN, exchange("\ud800?"))
    assert feedback.rate(ANN, id, 0, "up", "a\ud800") == ("up", "a?")


def test_a_torn_line_is_passed_over_and_the_next_is_whole(chats: Chats, feedback: Feedback) -> None:
    id = begin(chats, ANN, exchange(), exchange("And?"))
    feedback.rate(ANN, id, 0, "up")
    with file_of(feedback).open("a") as file:
        file.write('[]\n{"chat": "' + id)
    feedback.rate(ANN, id, 1, "down")
    assert feedback.ratings(ANN, id) == {0: ("up", ""), 1: ("down", "")}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_a_full_disk_is_told_and_leaves_the_file_as_it_was(chats: Chats, feedback: Feedback) -> None:
    import resource

    id = begin(chats, ANN)
    feedback.rate(ANN, id, 0, "up")
    before = file_of(feedback).read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, hard))
    try:
        with pytest.raises(FootnoteError, match="The disk is full"):
            feedback.rate(ANN, id, 0, "down")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert file_of(feedback).read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_the_file_is_the_owners_alone(chats: Chats, feedback: Feedback) -> None:
    feedback.rate(ANN, begin(chats, ANN), 0, "up")
    assert file_of(feedback).stat().st_mode & 0o777 == 0o600


def test_threads_lose_no_rating(chats: Chats, feedback: Feedback) -> None:
    ids = [begin(chats, ANN) for _ in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda id: feedback.rate(ANN, id, 0, "up"), ids))
    assert sorted(line["chat"] for line in all_rated(feedback.folder)) == sorted(ids)
