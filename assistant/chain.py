"""The assistant as a LangChain Runnable, and its search as a LangChain retriever; the border to LangChain.

chain = open_assistant().as_runnable() | (lambda answer: answer["answer"])
retriever = FootnoteRetriever(assistant=open_assistant())
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.utils import AddableDict
from pydantic import ConfigDict

from assistant.answering import PASSAGES_READ, Assistant, Finished, Said
from assistant.serializing import answer_to_json, claim_to_json
from assistant.values import Turn
from vectorstore.catalog import Filter
from vectorstore.errors import UsageError
from vectorstore.search import search

Input = str | dict[str, Any]


class AnswerRunnable(Runnable[Input, dict[str, Any]]):
    """Takes a question, or ``{"question", "history"?, "as_of"?}``; gives the answer's JSON, version 1.

    `stream` yields each claim under ``claims`` as it is checked, then the rest; the parts add up to
    what `invoke` gives. `history` is a list of ``{"role", "text"}``, `as_of` an ISO date.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> dict[str, Any]:
        """Answer one question."""

        def whole(asked: Input) -> dict[str, Any]:
            result = AddableDict()
            for part in self._parts(asked):
                result += part
            return dict(result)

        return self._call_with_config(whole, input, config)

    def stream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any | None
    ) -> Iterator[dict[str, Any]]:
        """Yield an answer in parts."""
        yield from self._transform_stream_with_config(
            iter([input]), lambda asked: (part for one in asked for part in self._parts(one)), config
        )

    def _parts(self, asked: Input) -> Iterator[AddableDict]:
        given: dict[str, Any] = {"question": asked} if isinstance(asked, str) else asked
        if not isinstance(given.get("question"), str):
            raise UsageError('The input is a question, or {"question": ..., "history": [...]}')
        history = [Turn(turn["role"], turn["text"]) for turn in given.get("history", ())]
        as_of = date.fromisoformat(given["as_of"]) if given.get("as_of") else None
        for event in self._assistant.stream(given["question"], history, as_of=as_of):
            if isinstance(event, Said):
                yield AddableDict(claims=[claim_to_json(event.claim, event.markers)])
            elif isinstance(event, Finished):
                rest = answer_to_json(event.answer)
                yield AddableDict({**rest, "claims": []})


class FootnoteRetriever(BaseRetriever):
    """Gives the passages that Footnote would read, best first, as LangChain Documents.

    A document's `page_content` is the exact text of the article at `metadata` ``start`` to ``end``.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: Assistant
    k: int = PASSAGES_READ
    where: Filter | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        library = self.assistant.library
        vector = library.embedder.embed_question(query)
        hits = search(library, query, vector, limit=self.k, where=self.where, as_of=date.today())
        documents = []
        for hit in hits:
            stored = library.catalog.article(hit.passage.article_id)
            start, end = stored.sentences[hit.passage.first].start, stored.sentences[hit.passage.last].end
            documents.append(
                Document(
                    page_content=stored.article.text[start:end],
                    metadata={
                        "article_id": stored.article.id,
                        "title": stored.article.title,
                        "published": stored.article.published,
                        "source": stored.article.source,
                        "start": start,
                        "end": end,
                        "score": hit.score,
                    },
                )
            )
        return documents


def as_runnable(assistant: Assistant) -> Runnable[Input, dict[str, Any]]:
    """Return an assistant as a Runnable."""
    return AnswerRunnable(assistant)
