"""A chat model writes claims, each with the numbers of the sentences that say so; nothing here is shown unchecked."""

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

from assistant.constraining import LOCAL, MOST_CLAIMS, Bound, constrained, text_of
from assistant.offering import Offer
from assistant.prompting import as_data, prompt
from assistant.replies import Draft, Reply
from vectorstore.errors import FootnoteError, ModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MOST_DRAFTS = 3  # a model that does not end is ended; a small one has by then begun to speak of its own answer
REFUSED = (400, 422)  # HTTP's, of servers that know no schema
LONGEST_REPLY = 6000  # characters
LONGEST_QUESTION = 1000

Messages = Sequence[tuple[str, str]]
"""Pairs of role and text."""

Explain = Callable[[Exception, str], ModelError]

Stopped = Callable[[], bool]
"""Asked after every piece of a reply; once it says yes the model is stopped."""


class Writer:
    """Has a chat model write from an offer; may be shared by threads, and keeps nothing between questions."""

    def __init__(self, name: str, model: "BaseChatModel", explain: Explain) -> None:
        """Take a model by the name that answers give it; `explain` turns what it raises into a ModelError."""
        self.name = name
        self.model = model
        self._explain = explain

    def drafts(self, question: str, offer: Offer, stopped: Stopped = lambda: False) -> Generator[Draft]:
        """Yield what the model writes, claim by claim; closing this, or `stopped`, stops the model.

        A reply of which nothing can be used is asked for once more. Raises ModelError, also midway.
        """
        if held := constrained(self.model, len(offer)):
            try:
                yield from self._asked(*held, question, offer, stopped)
                return
            except ModelError as error:
                if getattr(error.__cause__, "status_code", None) not in REFUSED:
                    raise
        yield from self._asked(self.model, "Lines", question, offer, stopped)

    def _asked(self, bound: Bound, form: str, question: str, offer: Offer, stopped: Stopped) -> Generator[Draft]:
        sections = prompt("writing")
        asked = sections["Question"].format(sentences=offer.text, question=as_data(question)[:LONGEST_QUESTION])
        messages = [("system", f"{sections['Task']}\n\n{sections[form]}"), ("human", asked)]
        unusable = []
        usable = 0
        for draft in self._drafts(bound, messages, stopped):
            yield draft
            usable += draft.usable
            unusable += [] if draft.usable else [draft]
        if unusable and not usable and not stopped():
            again = sections["Again"].format(numbers=", ".join(map(str, range(1, len(offer) + 1))))
            yield from self._drafts(bound, [*messages, ("ai", unusable[0].text), ("human", again)], stopped)

    def line(self, messages: Messages, grammar: str) -> str:
        """Return the first line of a reply; the grammar holds where llama.cpp runs the model. Raises ModelError."""
        bound = self.model.bind(grammar=grammar) if self.model._llm_type == LOCAL else self.model
        reply = ""
        for piece in self._pieces(bound, messages):
            reply += piece
            if "\n" in reply.strip() or len(reply) > LONGEST_REPLY:
                break
        return as_data(reply.strip().split("\n")[0])

    def _drafts(self, bound: Bound, messages: Messages, stopped: Stopped) -> Generator[Draft]:
        reply = Reply()
        drafts = 0
        for piece in self._pieces(bound, messages):
            if stopped():  # a line that is not whole is no claim
                return
            for draft in reply.feed(piece):
                yield draft
                drafts += 1
            if drafts >= (MOST_CLAIMS if self.model._llm_type == LOCAL else MOST_DRAFTS):
                return
        yield from reply.close()

    def _pieces(self, bound: Bound, messages: Messages) -> Generator[str]:
        """Yield a reply's text as it comes, up to LONGEST_REPLY; closing this closes the model's stream."""
        taken = 0
        chunks = bound.stream(messages)
        try:
            for piece in text_of(chunks):
                taken += len(piece)
                yield piece
                if taken > LONGEST_REPLY:
                    return
        except FootnoteError:
            raise
        except Exception as error:
            raise self._explain(error, self.name) from error
        finally:
            if close := getattr(chunks, "close", None):
                close()
