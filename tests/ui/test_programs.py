"""What other programs may ask, as plain functions; and every example of docs/for-other-programs.md as it stands."""

import inspect
import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from click.testing import CliRunner

from assistant import open_assistant
from assistant.assembly import with_model
from tests.ui.fake_desk import FakeAssistant, open_fake_desk, serving
from ui.cli import main
from ui.web.desk import Desk, open_desk
from ui.web.programs import Tools, for_gradio
from ui.web.serving import web_app
from ui.web.users import Users
from vectorstore.catalog import Filter
from vectorstore.errors import ArticleUnknown, UsageError

ADDRESS = "http://127.0.0.1:7860"
PAGE = Path(__file__).parents[2] / "docs" / "for-other-programs.md"
EXAMPLES = re.findall(r"^```(python|sh)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return open_fake_desk(tmp_path_factory.mktemp("programs"))


@pytest.fixture(scope="module")
def tools(desk: Desk) -> Tools:
    return Tools(desk)


def assistant_of(desk: Desk) -> FakeAssistant:
    assert isinstance(desk.assistant, FakeAssistant)
    return desk.assistant


def test_an_answer_is_its_json_and_what_was_asked_with_it_is_handed_on(tools: Tools, desk: Desk) -> None:
    answer = tools.ask(
        "And Tuesday?",
        history=["What on Monday?", {"role": "assistant", "text": "It rained."}],
        source="Gazette",
        since="2021-01-01",
        until="2021-12-31",
        as_of="2021-06-01",
    )
    assert answer["version"] == 1
    assert answer["answer"] == "The harbour froze on Tuesday. [1]"
    assert answer["standalone_question"] == "What on Monday? And Tuesday?"
    history, as_of, where = assistant_of(desk).heard[-1]
    assert [(turn.role, turn.text) for turn in history] == [("user", "What on Monday?"), ("assistant", "It rained.")]
    assert as_of == date(2021, 6, 1)
    assert where == Filter(since="2021-01-01", until="2021-12-31", source="Gazette")


def test_a_search_ends_before_anything_is_answered(tools: Tools, desk: Desk) -> None:
    closed = assistant_of(desk).closed
    found = tools.search("Tuesday", limit=3)
    assert [one["quote"] for one in found[:2]] == ["It stopped on Tuesday.", "The harbour froze on Tuesday."]
    assert [one["score"] for one in found] == [0.9, 0.9, 0.1]
    assert assistant_of(desk).closed == closed + 1


def test_an_article_is_shown_as_the_command_line_shows_it(tools: Tools, desk: Desk) -> None:
    shown = CliRunner().invoke(main, ["show", "weather/2020", "--json", "--library", str(desk.folder)])
    assert tools.show_article("weather/2020") == json.loads(shown.output)


def test_articles_are_listed_by_date_and_found_by_title_source_or_id(tools: Tools) -> None:
    assert [one["id"] for one in tools.list_articles()] == ["weather/2020", "harbour", "evil"]
    for part in ("GAZETTE", "the harb", "harbour"):
        assert [one["id"] for one in tools.list_articles(part)] == ["harbour"]
    assert [one["id"] for one in tools.list_articles(limit=1)] == ["weather/2020"]
    assert tools.list_articles("nothing of that name") == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"question": ""}, "question is empty"),
        ({"question": None}, "question is empty"),
        ({"question": ["x"]}, "question is a text"),
        ({"question": "x" * 1001}, "question has at most 1000 characters, not 1001"),
        ({"question": "x", "since": "2020-1-1"}, "since is a date such as 2013-12-04"),
        ({"question": "x", "until": "20200101"}, "until is a date such as 2013-12-04"),
        ({"question": "x", "as_of": "today"}, "as_of is a date such as 2013-12-04"),
        ({"question": "x", "source": 3}, "source is a text, not 3"),
        ({"question": "x", "model": {}}, "model is a text"),
        ({"question": "x", "model": "fake:missing"}, r"fake:missing cannot be used \(package missing\)"),
        ({"question": "x", "history": "before"}, "history is a list"),
        ({"question": "x", "history": [3]}, "history holds strings, or objects"),
        ({"question": "x", "history": [{"role": "system", "text": "x"}]}, "history holds strings, or objects"),
        ({"question": "x", "history": ["x"] * 41}, "history holds at most 40 turns"),
        ({"question": "x", "history": ["x" * 10_001]}, "at most 10000 characters"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(tools: Tools, given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        tools.ask(**given)


@pytest.mark.parametrize("limit", [0, 101, "10", None, 2.5, True])
def test_a_limit_is_a_whole_number_within_bounds(tools: Tools, limit: Any) -> None:
    with pytest.raises(UsageError, match="limit is a whole number from 1 to 100, not"):
        tools.search("x", limit=limit)


def test_an_article_that_is_not_there_is_an_error_that_says_so(tools: Tools) -> None:
    for missing in ("no", "", "../catalog.sqlite"):
        with pytest.raises(ArticleUnknown, match="No article"):
            tools.show_article(missing)


def test_gradio_hears_of_an_error_as_a_sentence_and_of_a_surprise_nothing_but_that(
    tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    ask = for_gradio(tools.ask)
    assert inspect.signature(ask) == inspect.signature(tools.ask)
    with pytest.raises(gr.Error, match=r"The model is missing\. Install it"):
        ask("Are you broken?")
    assert not caplog.records
    with pytest.raises(gr.Error, match="Something went wrong") as raised:
        ask("Will you crash?")
    assert not raised.value.print_exception
    assert "a secret of the server" in caplog.text


@pytest.fixture(scope="module")
def served(seed_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served") / "library"
    shutil.copytree(seed_library, folder)
    desk = open_desk(folder, open_assistant(folder, model="none"), "", with_model)
    with serving(web_app(desk, Users(folder / "users.json"))) as url:
        yield url


@pytest.mark.parametrize("example", [code for kind, code in EXAMPLES if kind == "python"])
def test_every_python_example_of_the_docs_runs(served: str, example: str) -> None:
    assert ADDRESS in example
    said = io.StringIO()
    with redirect_stdout(said):
        exec(example.replace(ADDRESS, served), {"__name__": "__main__"})
    assert "Humphrey" in said.getvalue()


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl: apt-get install curl")
@pytest.mark.parametrize("example", [code for kind, code in EXAMPLES if kind == "sh"])
def test_every_curl_example_of_the_docs_runs(served: str, example: str) -> None:
    assert ADDRESS in example
    command = ["sh", "-c", example.replace(ADDRESS, served)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert re.search(r'Humphrey|"status":"ok"', done.stdout)
