"""What one served library shares among all who ask it: its answerers, the chats, and what was thought of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from assistant.answering import Assistant
from assistant.assembly import with_model
from assistant.chat.listing import READY, Configured, configured
from ui.web.chats import Chats
from ui.web.feedback import Feedback
from vectorstore.catalog import Catalog
from vectorstore.errors import UsageError

QUOTE = "quote"
AT_ONCE = 4  # answers made at the same time; further questions wait their turn


class Answerers:
    """The quoting answerer, and every chat model that somebody has chosen; may be shared by threads."""

    def __init__(
        self,
        quoting: Assistant,
        default: str = "",
        open_model: Callable[[Assistant, str], Assistant] = with_model,
        listed: Callable[[], Sequence[Configured]] = configured,
    ) -> None:
        """Take the quoting answerer, and the name of the model that answers who chose none ("" is quoting)."""
        self.default = default
        self._open_model = open_model
        self._listed = listed
        self._opened = {"": quoting, QUOTE: quoting}
        self._lock = Lock()

    def known(self) -> Sequence[Configured]:
        """Return the chat models that can be chosen, or could be if something were done; the default first."""
        rows = [row for row in self._listed() if row.name != self.default]
        return [Configured(self.default, READY), *rows] if self.default else rows

    def choose(self, name: str | None) -> Assistant:
        """Return the answerer of a name: "quote", or a chat model's, which is opened at its first use.

        None stands for the default. Only what `known` says is ready is opened, since people far away may name it.
        Raises ModelError or UsageError, with what to do, where it cannot be had.
        """
        name = self.default if name is None else name
        with self._lock:  # one at a time: a model of a gigabyte is not loaded twice
            if name not in self._opened:
                self._opened[name] = self._open(name)
            return self._opened[name]

    def _open(self, name: str) -> Assistant:
        row = next((row for row in self.known() if row.name == name), None)
        if row is None:
            raise UsageError(f"There is no chat model {name!r} here. See: footnote models")
        if row.state != READY:
            raise UsageError(f"{name} cannot be used ({row.state}). {row.advice}")
        return self._open_model(self._opened[QUOTE], name)


@dataclass(frozen=True, slots=True)
class Desk:
    """One served library; `folder` is its folder."""

    folder: Path
    answerers: Answerers
    chats: Chats
    feedback: Feedback

    @property
    def assistant(self) -> Assistant:
        """The quoting answerer."""
        return self.answerers.choose(QUOTE)

    @property
    def catalog(self) -> Catalog:
        """The library's catalog."""
        return self.assistant.library.catalog


def open_desk(folder: Path, quoting: Assistant, model: str, open_model: Callable[[Assistant, str], Assistant]) -> Desk:
    """Return the desk of a library; `model` is the chat model that answers by default, or ""."""
    chats = Chats(folder / "chats")
    return Desk(folder, Answerers(quoting, model, open_model), chats, Feedback(folder / "feedback", chats))
