"""The library for models that use tools, asked by MCP's own client over HTTP, behind the guard that serves the page."""

import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from mcp import Client
from mcp.shared.exceptions import MCPError
from starlette.routing import Route

from tests.ui.fake_desk import ARTICLES, open_fake_desk, serving
from ui.web.desk import Desk
from ui.web.guarding import guard
from ui.web.mcp_server import PATH, mcp_app
from ui.web.users import Users

MODES = ("auto", "legacy")  # the protocol of 2026 without a handshake, and the ones before it


def mcp_behind_guard(desk: Desk, folder: Path) -> FastAPI:
    mcp, running = mcp_app(desk)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with running:
            yield

    app = FastAPI(lifespan=lifespan)
    app.router.routes.append(Route(PATH, endpoint=mcp))
    guard(app, Users(folder / "users.json"), "127.0.0.1", folder / "session.key")
    return app


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return open_fake_desk(tmp_path_factory.mktemp("mcp"))


@pytest.fixture(scope="module")
def address(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(mcp_behind_guard(desk, tmp_path_factory.mktemp("guard"))) as url:
        yield f"{url}{PATH}"


def talk(address: str, say: Callable[[Client], Awaitable[Any]], mode: str = "auto") -> Any:
    async def connected() -> Any:
        async with Client(address, mode=mode) as client:
            return await say(client)

    return anyio.run(connected)


def call(address: str, tool: str, arguments: dict[str, Any], mode: str = "auto") -> Any:
    return talk(address, lambda client: client.call_tool(tool, arguments), mode)


@pytest.mark.parametrize("mode", MODES)
def test_the_tools_are_described_with_their_schemas_and_only_read(address: str, mode: str) -> None:
    tools = {tool.name: tool for tool in talk(address, lambda client: client.list_tools(), mode).tools}
    assert set(tools) == {"ask", "search", "show_article", "list_articles"}
    for tool in tools.values():
        assert tool.title
        assert tool.description
        assert tool.annotations.read_only_hint
        assert not tool.annotations.open_world_hint
        assert tool.output_schema["type"] == "object"
        assert all(f"{name}: " in tool.description for name in tool.input_schema["properties"])
    assert tools["ask"].input_schema["required"] == ["question"]
    assert set(tools["show_article"].output_schema["properties"]) == {
        *("id", "title", "published", "source", "text", "sentences")
    }


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_is_its_json_as_structure_and_as_text(address: str, mode: str) -> None:
    result = call(address, "ask", {"question": "What was on Tuesday?", "source": "Daily"}, mode)
    assert not result.is_error
    assert result.structured_content["answer"] == "It stopped on Tuesday. [1]"
    assert json.loads(result.content[0].text) == result.structured_content


def test_sentences_are_found_with_places_that_resolve(address: str) -> None:
    found = call(address, "search", {"query": "Tuesday", "limit": 2}).structured_content["result"]
    assert [one["quote"] for one in found] == ["It stopped on Tuesday.", "The harbour froze on Tuesday."]
    article = call(address, "show_article", {"article": found[1]["article_id"]}).structured_content
    assert article["text"][found[1]["start"] : found[1]["end"]] == found[1]["quote"]
    assert article["sentences"][found[1]["ordinal"]]["text"] == found[1]["quote"]


def test_articles_are_listed(address: str) -> None:
    listed = call(address, "list_articles", {"search": "weather"}).structured_content["result"]
    assert [one["id"] for one in listed] == ["weather/2020"]


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("ask", {"question": " "}, "question is empty. Ask, for example: Who is Peter Humphrey?"),
        ("ask", {"question": "Are you broken?"}, "The model is missing. Install it: pip install model"),
        ("ask", {"question": "What?", "since": "last week"}, "since is a date such as 2013-12-04, not 'last week'"),
        ("search", {"query": "x", "limit": 0}, "limit is a whole number from 1 to 100, not 0"),
        ("show_article", {"article": "no"}, "No article 'no' in this library. See what there is: footnote list"),
    ],
)
def test_an_error_is_a_result_that_says_what_to_do(
    address: str, tool: str, arguments: dict[str, Any], sentence: str
) -> None:
    result = call(address, tool, arguments)
    assert result.is_error
    assert result.content[0].text == sentence


def test_an_error_that_nobody_expected_tells_nothing_of_the_server(address: str) -> None:
    result = call(address, "ask", {"question": "Will you crash?"})
    assert result.is_error
    assert "secret" not in result.content[0].text


def test_an_article_is_a_resource_whatever_its_id(address: str) -> None:
    templates = talk(address, lambda client: client.list_resource_templates()).resource_templates
    assert [one.uri_template for one in templates] == ["footnote://article/{id}"]
    read = talk(address, lambda client: client.read_resource("footnote://article/weather%2F2020"))
    assert json.loads(read.contents[0].text)["text"] == ARTICLES["weather/2020"][3]


@pytest.mark.parametrize("id", ["no", "..%2F..%2Fetc%2Fpasswd"])
def test_an_article_that_is_not_there_is_an_error_of_the_resource(address: str, id: str) -> None:
    async def read(client: Client) -> None:
        with pytest.raises(MCPError, match="No article"):
            await client.read_resource(f"footnote://article/{id}")

    talk(address, read)


def test_it_answers_at_its_very_path_without_redirect_and_under_the_guards_host_check(address: str) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream"}
    assert httpx.post(address, json=request, headers=headers).status_code == 200
    assert httpx.post(address, json=request, headers={**headers, "Host": "rebound.example"}).status_code == 400
    assert httpx.post(address, json=request, headers={**headers, "Origin": "http://x.example"}).status_code == 403


def test_it_wants_a_token_where_people_sign_in(desk: Desk, tmp_path: Path) -> None:
    users = Users(tmp_path / "users.json")
    users.add("ada", "a long enough password")
    with serving(mcp_behind_guard(desk, tmp_path)) as url:
        request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        headers = {"Accept": "application/json, text/event-stream"}
        assert httpx.post(f"{url}{PATH}", json=request, headers=headers).status_code == 401
        headers["Authorization"] = f"Bearer {users.new_token('ada')}"
        assert httpx.post(f"{url}{PATH}", json=request, headers=headers).status_code == 200


def test_the_root_logger_is_left_alone(desk: Desk) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    mcp_app(desk)
    assert (logging.getLogger().handlers, logging.getLogger().level) == before
