"""Another process may remove an article between reading and writing."""

from collections.abc import Sequence
from pathlib import Path

from assistant import open_assistant
from assistant.answering import Assistant
from assistant.reading import Excerpt, Reading
from tests.scripted_chat import ScriptedChat
from vectorstore.embedding import Vectors
from vectorstore.indexing import index


class RemovingReader:
    """Reads, and removes every article before anything is written."""

    def __init__(self, inner: Assistant) -> None:
        self._inner = inner
        self.name = inner.reader.name

    def read(self, question: str, vector: Vectors, excerpts: Sequence[Excerpt]) -> Reading:
        reading = self._inner.reader.read(question, vector, excerpts)
        self._inner.library.catalog.remove(list(self._inner.library.catalog.article_ids()))
        return reading


def test_where_nothing_is_left_to_offer_the_model_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "rain.md").write_text("---\ntitle: Rain\n---\nThe match in Lyon was called off because of snow.\n")
    index(tmp_path / "library", [tmp_path / "rain.md"])
    model = ScriptedChat("[1] It rained.")
    opened = open_assistant(tmp_path / "library", model=model)
    asked = Assistant(opened.library, RemovingReader(opened), 0.0, opened.writing)
    answer = asked.answer("Why was the match in Lyon called off?")
    assert [claim.text for claim in answer.claims] == ["The match in Lyon was called off because of snow."]
    assert answer.models.chat is None
    assert answer.notes == ()
