"""The page's pieces without a browser: what stands where nothing was asked, and what a damaged chat says."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from tests.ui.fake_desk import open_fake_desk
from tests.ui.test_drawing import Shelf, store
from ui.web.conversing import Conversing
from ui.web.desk import Desk
from ui.web.page import EXAMPLES, _Talk, choose_examples, draw_welcome


class Listed(Shelf):
    """A catalog as far as the welcome reads one."""

    def article_ids(self):  # type: ignore[no-untyped-def]
        return iter(self.held)

    def fingerprint(self, article_id: str) -> str | None:
        return "f" if article_id in self.held else None


def of(catalog: Listed) -> Any:
    return cast(Any, catalog)


def test_examples_are_of_the_sample_library_where_that_is_what_is_held() -> None:
    catalog = Listed()
    for key in ("other", "2016-07-su-bin-sentenced", "2014-08-humphrey-yu-sentenced"):
        store(catalog, key, ["It rained."])
    assert choose_examples(of(catalog)) == [
        EXAMPLES["2014-08-humphrey-yu-sentenced"],
        EXAMPLES["2016-07-su-bin-sentenced"],
    ]


def test_examples_of_another_library_ask_about_its_articles() -> None:
    catalog = Listed()
    store(catalog, "rain", ["It rained."], title="<b>Weather</b>")
    assert choose_examples(of(catalog)) == ["What is “<b>Weather</b>” about?"]
    assert "What is “&lt;b&gt;Weather&lt;/b&gt;” about?" in draw_welcome(of(catalog))


def test_an_empty_library_says_what_to_do_first() -> None:
    assert "footnote index PATH" in draw_welcome(of(Listed()))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_fake_desk(tmp_path)


def test_a_damaged_chat_is_a_sentence(desk: Desk) -> None:
    talk, request = _Talk(desk, Conversing(desk)), cast(gr.Request, SimpleNamespace(username="user:ana"))
    id = desk.chats.new_id()
    *_, (_, _, last) = talk.ask("What was on Monday?", {"chat": ""}, request)
    assert "It rained on Monday." in last
    (file,) = desk.folder.glob("chats/*/*.json")
    file.rename(file.with_name(f"{id}.json")).write_text("{")
    with pytest.raises(gr.Error, match="The file of this chat is damaged"):
        talk.open(cast(gr.EventData, SimpleNamespace(_data={"chat": id})), request)
    with pytest.raises(gr.Error, match="The file of this chat is damaged"):
        next(talk.ask("And now?", {"chat": id}, request))


def test_settings_that_no_page_sends_do_no_harm(desk: Desk) -> None:
    talk, request = _Talk(desk, Conversing(desk)), cast(gr.Request, SimpleNamespace(username="user:ana"))
    for settings in (None, [], {"chat": 5, "number": "x", "since": "yesterday", "source": ["a"], "answerer": ""}):
        *_, (_, past, last) = talk.ask("What was on Monday?", settings, request)
        assert "article" not in past
        assert "data-done" in last
