from pathlib import Path

import pytest
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from assistant import open_assistant
from assistant.answering import Assistant
from assistant.chain import FootnoteRetriever
from tests.scripted_chat import ScriptedChat
from vectorstore.catalog import Filter

QUESTION = "How much did Britain's National Cyber Security Programme cost?"


@pytest.fixture(scope="module")
def assistant(seed_library: Path) -> Assistant:
    return open_assistant(seed_library)


def without_times(answer: dict) -> dict:
    return {name: value for name, value in answer.items() if name != "timings_ms"}


def test_invoke_gives_the_same_json_as_the_command_line(assistant: Assistant) -> None:
    answer = assistant.as_runnable().invoke(QUESTION)
    assert answer["version"] == 1
    assert "£650m" in answer["answer"]
    assert answer["claims"][0]["citations"] == [1]


def test_batch_answers_in_order(assistant: Assistant) -> None:
    answers = assistant.as_runnable().batch([QUESTION, {"question": "Who is Peter Humphrey?"}])
    assert [answer["question"] for answer in answers] == [QUESTION, "Who is Peter Humphrey?"]


def test_the_parts_of_a_stream_add_up_to_the_whole(assistant: Assistant) -> None:
    parts = list(assistant.as_runnable().stream(QUESTION))
    assert len(parts) >= 2
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    assert without_times(whole) == without_times(assistant.as_runnable().invoke(QUESTION))


def test_a_written_answer_streams_the_same_parts(seed_library: Path) -> None:
    reply = "[in 2011, at a] Britain started its National Cyber Security Programme in 2011, at a cost of £650m."
    runnable = open_assistant(seed_library, model=ScriptedChat(reply)).as_runnable()
    first, *_, last = runnable.stream({"question": QUESTION})
    assert first["claims"][0]["support"]["verdict"] == "supported"
    assert first["claims"][0]["said_on"] == "2013-12-04"
    assert (last["model"]["chat"], last["notes"], last["claims"]) == ("scripted", [], [])


def test_history_is_taken_as_in_a_batch_file(assistant: Assistant) -> None:
    asked = {"question": "Is he still being held?", "history": [{"role": "user", "text": "Who is Peter Humphrey?"}]}
    assert "Peter Humphrey" in assistant.as_runnable().invoke(asked)["standalone_question"]


def test_the_runnable_stands_in_a_chain_of_the_users_own(assistant: Assistant) -> None:
    chain = RunnableLambda(str.strip) | assistant.as_runnable() | (lambda answer: answer["citations"][0]["article_id"])
    assert chain.invoke(f"  {QUESTION}  ") == "2013-12-cameron-cyber-talks"


def test_the_retriever_gives_exact_passages_with_their_places(assistant: Assistant) -> None:
    retriever = FootnoteRetriever(assistant=assistant, k=5)
    documents = retriever.invoke(QUESTION)
    assert len(documents) == 5
    for document in documents:
        article = assistant.library.catalog.article(document.metadata["article_id"]).article
        assert article.text[document.metadata["start"] : document.metadata["end"]] == document.page_content


def test_the_retriever_feeds_a_small_chain(assistant: Assistant) -> None:
    retriever = FootnoteRetriever(assistant=assistant, k=3, where=Filter(until="2013-12-31"))
    chain = {"context": retriever, "question": RunnablePassthrough()} | RunnableLambda(
        lambda given: f"{given['question']} {len(given['context'])} {given['context'][0].metadata['published'][:4]}"
    )
    assert chain.invoke(QUESTION) == f"{QUESTION} 3 2013"
