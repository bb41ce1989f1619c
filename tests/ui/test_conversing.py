"""A question is asked, watched, stopped, and kept."""

import logging
from pathlib import Path

import pytest

from assistant.values import Turn
from tests.ui.fake_desk import MISSING_MODEL, READY_MODEL, FakeAssistant, open_fake_desk
from ui.web.conversing import INTERRUPTED, LONGEST_QUESTION, UNSAID, WRONG, Asked, Conversing
from ui.web.desk import QUOTE, Desk
from vectorstore.catalog import Filter
from vectorstore.errors import LibraryDamaged, UsageError

ANA, BEN = "user:ana", "user:ben"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_fake_desk(tmp_path)


@pytest.fixture
def chat(desk: Desk) -> str:
    return desk.chats.new_id()


def fake(desk: Desk, name: str = QUOTE) -> FakeAssistant:
    assistant = desk.answerers.choose(name)
    assert isinstance(assistant, FakeAssistant)
    return assistant


def ask(desk: Desk, chat: str, question: str, number: int = 0, person: str = ANA) -> list[str]:
    return list(Conversing(desk).ask(Asked(person, chat, number, question)))


def test_a_reply_grows_with_every_event_and_is_kept_when_it_is_whole(desk: Desk, chat: str) -> None:
    waiting, searched, found, *growing, last = ask(desk, chat, "What was on Tuesday?")
    assert "Looking in the library" in waiting
    assert "The nearest sentences:" in searched
    assert "The nearest sentences:" in found
    assert [html.count('class="claim"') for html in growing] == [1, 2]
    assert all("data-done" not in html for html in (waiting, searched, found, *growing))
    assert "data-done" in last
    kept = desk.chats.open(ANA, chat)
    assert kept
    (exchange,) = kept.exchanges
    assert exchange.question == "What was on Tuesday?"
    assert exchange.answer
    assert exchange.answer["answer"] == "It stopped on Tuesday. [1] The harbour froze on Tuesday. [2]"


def test_nobody_else_is_told_of_it(desk: Desk, chat: str) -> None:
    ask(desk, chat, "What was on Tuesday?")
    assert desk.chats.open(BEN, chat) is None
    ask(desk, chat, "And Monday?", person=BEN)
    assert fake(desk).heard[-1][0] == []


def test_a_follow_up_hears_questions_and_answers_but_no_error_and_no_refusal_as_an_answer(
    desk: Desk, chat: str
) -> None:
    ask(desk, chat, "What was on Monday?")
    ask(desk, chat, "What was on Friday?", 1)
    ask(desk, chat, "Are you broken?", 2)
    ask(desk, chat, "And Tuesday?", 3)
    assert fake(desk).heard[-1][0] == [
        Turn("user", "What was on Monday?"),
        Turn("assistant", "It rained on Monday. [1]"),
        Turn("user", "What was on Friday?"),
    ]


def test_asking_an_earlier_question_again_takes_its_place_and_forgets_what_came_after(desk: Desk, chat: str) -> None:
    for number, word in enumerate(("Monday", "Tuesday", "Wednesday")):
        ask(desk, chat, f"What was on {word}?", number)
    ask(desk, chat, "And what on Thursday?", 1)
    kept = desk.chats.open(ANA, chat)
    assert kept
    assert [one.question for one in kept.exchanges] == ["What was on Monday?", "And what on Thursday?"]
    assert [turn.text for turn in fake(desk).heard[-1][0]][:1] == ["What was on Monday?"]
    assert len(fake(desk).heard[-1][0]) == 2


def test_filters_and_the_answerer_go_along(desk: Desk, chat: str) -> None:
    where = Filter(since="2021-01-01", source="Gazette")
    list(Conversing(desk).ask(Asked(ANA, chat, 0, "What was on Tuesday?", where, READY_MODEL)))
    assert fake(desk, READY_MODEL).heard[-1][2] == where
    kept = desk.chats.open(ANA, chat)
    assert kept
    assert kept.exchanges[0].answer
    assert kept.exchanges[0].answer["model"]["chat"] == READY_MODEL


def test_a_model_that_cannot_be_had_says_what_it_needs(desk: Desk, chat: str) -> None:
    *_, last = Conversing(desk).ask(Asked(ANA, chat, 0, "Q?", answerer=MISSING_MODEL))
    assert "fake:missing cannot be used (package missing). Type: pip install fake" in last


def test_a_name_that_no_list_has_is_not_opened(desk: Desk) -> None:
    with pytest.raises(UsageError, match="There is no chat model 'llama"):
        desk.answerers.choose("llama.cpp:/etc/passwd")


def test_an_error_is_a_sentence_and_is_kept(desk: Desk, chat: str) -> None:
    last = ask(desk, chat, "Are you broken?")[-1]
    assert '<p class="error" dir="auto">The model is missing. Install it: pip install model</p>' in last
    kept = desk.chats.open(ANA, chat)
    assert kept
    assert kept.exchanges[0].error == "The model is missing. Install it: pip install model"


def test_a_bug_is_logged_and_no_part_of_it_reaches_the_person(
    desk: Desk, chat: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        last = ask(desk, chat, "Will you crash?")[-1]
    assert WRONG in last
    assert "secret" not in last
    assert "a secret of the server" in caplog.text


def test_stopping_ends_the_answer_with_what_was_said_by_then(desk: Desk, chat: str) -> None:
    conversing = Conversing(desk)
    grows = conversing.ask(Asked(ANA, chat, 0, "What is endless?"))
    for _ in range(5):
        next(grows)
    conversing.stop(BEN, chat)
    assert "data-done" not in next(grows)
    conversing.stop(ANA, chat)
    assert "data-done" in list(grows)[-1]
    kept = desk.chats.open(ANA, chat)
    assert kept
    assert kept.exchanges[0].answer


def test_stopping_what_does_not_run_does_nothing(desk: Desk, chat: str) -> None:
    Conversing(desk).stop(ANA, chat)


def test_a_closed_tab_ends_the_assistant_and_the_question_is_kept(desk: Desk, chat: str) -> None:
    grows = Conversing(desk).ask(Asked(ANA, chat, 0, "What is endless?"))
    for _ in range(5):
        next(grows)
    grows.close()
    assert fake(desk).closed == 1
    kept = desk.chats.open(ANA, chat)
    assert kept
    assert kept.exchanges[0].error == INTERRUPTED


def test_an_answer_that_was_stopped_before_its_first_claim_says_so(desk: Desk, chat: str) -> None:
    class Silent(FakeAssistant):
        def stream(self, question, history=(), **options):  # type: ignore[no-untyped-def]
            for event in super().stream("What was on Friday?", history, **options):
                yield event if not hasattr(event, "answer") else type(event)(_unsaid(event.answer))

    desk.answerers._opened[QUOTE] = desk.answerers._opened[""] = Silent(desk.assistant.library)
    assert UNSAID in ask(desk, chat, "Q?")[-1]


def _unsaid(answer):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(answer, abstained=False)


def test_what_cannot_be_kept_is_shown_and_said(desk: Desk, chat: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise LibraryDamaged("The disk is full")

    monkeypatch.setattr(desk.chats, "put", full)
    last = ask(desk, chat, "What was on Monday?")[-1]
    assert "It rained on Monday." in last
    assert "This is not kept: The disk is full" in last


def test_a_question_is_cut_at_its_greatest_length(desk: Desk, chat: str) -> None:
    ask(desk, chat, "x" * 5000)
    kept = desk.chats.open(ANA, chat)
    assert kept
    assert len(kept.exchanges[0].question) == LONGEST_QUESTION
