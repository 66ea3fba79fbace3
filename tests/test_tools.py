"""The Model Context Protocol, spoken by its official client over both transports."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
import jsonschema
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.small_library import PAGES, ROOT, ROWS, make, serving

TOOLS = ["ask", "search", "list_references", "read_reference"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def served(data: Path) -> Iterator[str]:
    with serving(data, token="right token") as server:
        yield server


@asynccontextmanager
async def over(transport: str, served: str, data: Path) -> AsyncIterator[Client]:
    if transport == "http":
        bearer = {"authorization": "Bearer right token"}
        async with (
            httpx2.AsyncClient(headers=bearer, timeout=30) as http,
            Client(streamable_http_client(f"{served}/mcp", http_client=http)) as client,
        ):
            yield client
        return
    environment = {**os.environ, "CITEBACK_DATA": str(data)}
    command = StdioServerParameters(command=sys.executable, args=["-m", "rag.cli", "mcp"], env=environment, cwd=ROOT)
    async with Client(stdio_client(command)) as client:
        yield client


@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_four_tools_answer_with_what_their_schemas_promise(transport: str, served: str, data: Path) -> None:
    async def use() -> None:
        async with over(transport, served, data) as client:
            listed = (await client.list_tools()).tools
            assert [tool.name for tool in listed] == TOOLS
            assert all(tool.description and tool.annotations and tool.annotations.read_only_hint for tool in listed)
            promised = {tool.name: tool.output_schema for tool in listed}

            async def call(name: str, **arguments: Any) -> Any:
                result = await client.call_tool(name, arguments)
                assert not result.is_error, result.content
                jsonschema.validate(result.structured_content, promised[name])
                return result.structured_content

            answer = await call("ask", question="什么是领域自适应？", top_k=2)
            assert answer["citations"][0]["url"] == ROWS[0]["url"] and "[1]" in answer["answer"]
            found = await call("search", question="What is zero-shot learning?", k=2, site="en.example.org")
            assert [passage["reference"] for passage in found["passages"]][:1] == [2]
            first = found["passages"][0]
            part = await call("read_reference", number=2, start=first["start"], length=first["end"] - first["start"])
            assert part["text"] == first["text"] and part["length"] == len(PAGES[2])
            unread = await call("list_references", outcome="robots")
            assert (unread["total"], unread["references"][0]["number"]) == (1, 4)
            assert (await call("list_references", first=1, count=2))["references"][0]["number"] == 2
            for name, arguments, words in (
                ("ask", {"question": ""}, "question"),
                ("ask", {"question": "x" * 2001}, "2,000"),
                ("ask", {"question": "x", "surprise": 1}, "surprise"),
                ("read_reference", {"number": 99}, "no reference 99"),
                ("rebuild", {}, "no tool"),
            ):
                wrong = await client.call_tool(name, arguments)
                assert wrong.is_error and words in wrong.content[0].text  # type: ignore[union-attr]

    anyio.run(use)


def test_nothing_but_the_tools_is_offered(served: str, data: Path) -> None:
    async def use() -> None:
        async with over("http", served, data) as client:
            offered = client.server_capabilities.model_dump(exclude_none=True)
            assert set(offered) == {"tools"}, offered
            for ask in (client.list_resources, client.list_prompts):
                with pytest.raises(Exception, match="not found"):
                    await ask()

    anyio.run(use)


def test_the_token_guards_the_tools_too(served: str) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}):
        for method in ("POST", "GET", "DELETE"):
            assert httpx.request(method, f"{served}/mcp", headers=headers).status_code == 401
    right = {"authorization": "Bearer right token"}
    assert httpx.post(f"{served}/mcp", headers=right | {"origin": "http://evil.test"}, json={}).status_code == 403
    assert httpx.post(f"{served}/mcp", headers=right, content=b"{" * 70_000).status_code == 413
    assert 400 <= httpx.post(f"{served}/mcp", headers=right, json=[]).status_code < 500
