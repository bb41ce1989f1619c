"""The whole pipeline with a chat model that follows a script, on the sample library."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant import open_assistant
from assistant.answering import Assistant, Finished, Found, Said, Searched, Writing
from assistant.serializing import answer_to_json
from assistant.support.checking import Checker
from assistant.values import Answer, Turn, Verdict
from assistant.writing import Writer
from tests.scripted_chat import ScriptedChat
from vectorstore.errors import ModelError

QUESTION = "How much did Britain's National Cyber Security Programme cost?"
BEGAN = "[in 2011, at a] Britain started its National Cyber Security Programme in 2011, at a cost of £650m.\n"
SPENT = "[has spent £860m] Since 2011 the government has spent £860m on its National Cyber Security Programme.\n"
FALSE = "[in 2011, at a] Britain started its National Cyber Security Programme in 2012, at a cost of £650m.\n"
FEW = 4  # passages to read, which is what takes the time

Answering = Callable[..., tuple[Answer, ScriptedChat]]


@pytest.fixture(scope="module")
def plain(seed_library: Path) -> Assistant:
    return open_assistant(seed_library, model=ScriptedChat(""))


@pytest.fixture
def with_model(plain: Assistant) -> Callable[[ScriptedChat], Assistant]:
    """The assistant of the sample library with another chat model; the parts that are slow to load are shared."""
    assert plain.writing is not None
    checker: Checker = plain.writing.checker

    def make(model: ScriptedChat) -> Assistant:
        def explain(error: Exception, name: str) -> ModelError:
            return ModelError(f"{name} broke off. Ask again.")

        return Assistant(plain.library, plain.reader, plain.threshold, Writing(Writer("a:b", model, explain), checker))

    return make


@pytest.fixture
def answering(with_model: Callable[[ScriptedChat], Assistant]) -> Answering:
    """The answer to a question where the model says what it is told to."""

    def answer(
        *replies: object, question: str = QUESTION, history: tuple[Turn, ...] = ()
    ) -> tuple[Answer, ScriptedChat]:
        model = ScriptedChat(*replies)  # type: ignore[arg-type]
        return with_model(model).answer(question, history, k=FEW), model

    return answer


def test_what_the_model_writes_is_checked_and_footnoted(answering: Answering, plain: Assistant) -> None:
    answer, model = answering(BEGAN)
    first = answer.claims[0]
    assert first.text == BEGAN.split("] ")[1].strip()
    assert first.support.verdict is Verdict.SUPPORTED
    assert answer.models.chat == "a:b"
    assert len(model.asked) == 1
    for citation in answer.citations:
        assert (
            plain.library.catalog.article(citation.article_id).article.text[citation.start : citation.end]
            == citation.quote
        )
    json = answer_to_json(answer)
    assert json["model"]["chat"] == "a:b"
    assert json["claims"][0]["citations"] == [1]
    assert json["timings_ms"]["check"] > 0


def test_claims_of_articles_of_several_days_tell_their_days(answering: Answering) -> None:
    answer, _ = answering(BEGAN + SPENT)
    assert [claim.said_on for claim in answer.claims[:2]] == [
        claim.citations[0].published for claim in answer.claims[:2]
    ]
    assert "(2015-11-17) Since 2011" in answer.text


def test_a_false_claim_is_dropped_with_its_kind_and_reason_and_the_true_one_shown(answering: Answering) -> None:
    answer, _ = answering(FALSE + BEGAN)
    assert answer.claims[0].text == BEGAN.split("] ")[1].strip()
    assert "2012" not in answer.text
    (dropped,) = answer.dropped
    assert dropped.kind in ("date", "number")
    assert "2012" in dropped.reason
    assert answer_to_json(answer)["dropped"] == [{"text": dropped.text, "kind": dropped.kind, "reason": dropped.reason}]


@pytest.mark.parametrize(
    ("reply", "kinds"),
    [
        (FALSE, ["date"]),
        ("[99] It cost £650m in all.\n", ["not offered"]),
        ("It cost £650m in all.", ["uncited"]),
        ("Certainly:", ["malformed"] * 2),
        ('{"claims": [{"sentences": [1], "text": "It co', ["malformed"] * 2),
        ("", []),
        ('{"claims": []}', []),
    ],
)
def test_where_nothing_that_was_written_holds_the_sentences_are_quoted(
    answering: Answering, reply: str, kinds: list[str]
) -> None:
    answer, _ = answering(reply)
    assert [one.kind for one in answer.dropped] == kinds
    assert not answer.abstained
    assert {claim.support.verdict for claim in answer.claims} == {Verdict.VERBATIM}
    assert "£650m" in answer.text
    assert answer.notes == ()


def test_what_is_said_twice_is_shown_once(answering: Answering) -> None:
    answer, _ = answering(BEGAN + BEGAN)
    assert [one.kind for one in answer.dropped] == ["repeated"]
    assert answer.text.count("£650m.") == 1


def test_a_wrong_number_is_put_right_where_another_sentence_says_so(answering: Answering) -> None:
    answer, _ = answering(SPENT.replace("[has spent £860m]", "[in 2011, at a]"))
    assert answer.claims[0].citations[0].article_id == "2015-11-osborne-cyber-plan"
    assert answer.dropped == ()


@pytest.mark.parametrize("failure", [ConnectionError("reset"), ModelError("The model is gone. Start it.")])
def test_a_model_that_fails_at_once_is_told_of_and_the_answer_is_quoted(
    answering: Answering, failure: Exception
) -> None:
    answer, _ = answering(failure)
    (note,) = answer.notes
    assert note.endswith("The answer is quoted instead.")
    assert "Traceback" not in note
    assert "£650m" in answer.text
    assert answer_to_json(answer)["notes"] == [note]


def test_a_model_that_fails_midway_keeps_what_was_checked(answering: Answering) -> None:
    answer, _ = answering((BEGAN, "[has spent £860m] Since", ConnectionError("reset")))
    assert answer.claims[0].text == BEGAN.split("] ")[1].strip()
    assert answer.notes == ("a:b broke off. Ask again. What it had written by then was checked and is shown.",)
    assert not any(claim.text.startswith("Since.") for claim in answer.claims)


def test_a_refusal_never_asks_the_model(answering: Answering) -> None:
    answer, model = answering(BEGAN, question="What is the boiling point of ethanol at sea level?")
    assert answer.abstained
    assert model.asked == []
    assert answer.models.chat is None


def test_the_evidence_comes_before_the_model_is_asked(with_model: Callable[[ScriptedChat], Assistant]) -> None:
    model = ScriptedChat(BEGAN + SPENT)
    events = with_model(model).stream(QUESTION, k=FEW)
    assert isinstance(next(events), Searched)
    assert isinstance(next(events), Found)
    assert model.asked == []
    said = next(events)
    assert isinstance(said, Said)
    assert said.markers == [1]
    assert 0 < model.pieces < len(BEGAN + SPENT) / 7  # the first claim does not wait for the second
    *_, last = events
    assert isinstance(last, Finished)


def test_closing_a_stream_stops_the_model(with_model: Callable[[ScriptedChat], Assistant]) -> None:
    model = ScriptedChat(BEGAN + SPENT * 20)
    events = with_model(model).stream(QUESTION, k=FEW)
    for _ in range(3):  # what was searched, what was read, a claim
        next(events)
    events.close()
    taken = model.pieces
    assert (model.closed, model.pieces) == (1, taken)
    early = with_model(model).stream(QUESTION, k=FEW)
    next(early)
    next(early)
    early.close()
    assert len(model.asked) == 1


def test_a_follow_up_is_put_into_words_and_searched_for_in_them(answering: Answering) -> None:
    history = (Turn("user", "Who is Peter Humphrey?"), Turn("assistant", "An investigator jailed in China. [1]"))
    replies = ("Is Peter Humphrey still in China?", "[deported on Wednesday] Peter Humphrey was deported on Wednesday.")
    answer, model = answering(*replies, question="Is he still there?", history=history)
    assert answer.standalone_question == "Is Peter Humphrey still in China?"
    assert answer.question == "Is he still there?"
    assert "Question: Is Peter Humphrey still in China?" in model.asked[1][1][1]
    assert "An investigator" not in model.asked[1][1][1]
    assert answer.claims[0].said_on == "2015-06-17"


def test_a_prompt_does_not_grow_with_the_conversation(answering: Answering) -> None:
    lengths = []
    for turns in (1, 400):
        history = (Turn("user", "Who is Peter Humphrey?"), Turn("assistant", "He was jailed. " * 50)) * turns
        _, model = answering("Is Peter Humphrey jailed?", "", question="Is he jailed?", history=history)
        lengths.append([sum(len(text) for _, text in messages) for messages in model.asked])
    (rewriting, writing), (long_rewriting, long_writing) = lengths
    assert long_rewriting < rewriting + 6 * 450
    assert long_writing == writing


def test_conversations_of_two_people_at_once_never_meet(with_model: Callable[[ScriptedChat], Assistant]) -> None:
    model = ScriptedChat("")
    shared = with_model(model)
    people = {"Anna": "Peter Humphrey", "Bert": "Stephen Su"}

    def converse(person: str) -> list[Answer]:
        history: list[Turn] = []
        answers = []
        for question in (f"Who is {people[person]}? Asks {person}.", "Was he sentenced?", "Where is he held?"):
            answers.append(shared.answer(question, history, k=2))
            history += [Turn("user", question), Turn("assistant", f"{person} was told of {people[person]}.")]
        return answers

    with ThreadPoolExecutor(2) as pool:
        anna, bert = pool.map(converse, people)
    assert all("Humphrey" in answer.standalone_question for answer in anna)
    assert all("Su" in answer.standalone_question and "Humphrey" not in answer.standalone_question for answer in bert)
    prompts = ["\n".join(text for _, text in messages) for messages in model.asked]
    assert not any("Anna" in one and "Bert" in one for one in prompts)
    assert any("Anna" in one for one in prompts)


def test_a_name_that_is_none_means_that_nobody_writes(seed_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_MODEL", "none")
    assert open_assistant(seed_library).writing is None
    assert open_assistant(seed_library, model=ScriptedChat("")).writing is not None


def test_once_stopped_nothing_more_is_written_or_quoted(with_model: Callable[[ScriptedChat], Assistant]) -> None:
    model = ScriptedChat(BEGAN + SPENT * 20)
    said: list[Said] = []
    for event in with_model(model).stream(QUESTION, k=FEW, stopped=lambda: bool(said)):
        if isinstance(event, Said):
            said.append(event)
        last = event
    assert isinstance(last, Finished)
    assert [claim.text for claim in last.answer.claims] == [said[0].claim.text]
    assert last.answer.notes == ("You stopped this answer.",)
    assert model.closed == 1
    assert model.pieces < len(BEGAN + SPENT * 20) / 7


def test_stopped_before_the_first_claim_an_answer_has_none(with_model: Callable[[ScriptedChat], Assistant]) -> None:
    *_, last = with_model(ScriptedChat(BEGAN)).stream(QUESTION, k=FEW, stopped=lambda: True)
    assert isinstance(last, Finished)
    assert (last.answer.claims, last.answer.abstained) == ((), False)
