"""Rendering: a page of scripts is read where its host is named, through a proxy that reaches public addresses only."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.crawl.proxy import proxy
from index.store import Snapshot
from tests.sites.server import Site

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


async def _ask(server: str, request: str) -> bytes:
    parts = urlsplit(server)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request.encode())
    await writer.drain()
    answer = await reader.read(200)
    writer.close()
    await writer.wait_closed()
    return answer


def through_proxy(request: str, *, allow_private: bool) -> bytes:
    async def run() -> bytes:
        async with proxy(allow_private=allow_private, timeout=5, max_bytes=10_000) as server:
            return await _ask(server, request)

    return asyncio.run(run())


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254"]
)
@pytest.mark.parametrize(
    "form", ["CONNECT {host}:443 HTTP/1.1\r\n\r\n", "GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n"]
)
def test_a_browser_reaches_no_private_address_through_the_proxy(host: str, form: str) -> None:
    assert through_proxy(form.format(host=host), allow_private=False).startswith(b"HTTP/1.1 403")


def test_the_proxy_passes_on_what_may_be_reached() -> None:
    with Site() as site:
        host = site.url.removeprefix("http://")
        answer = through_proxy(f"GET {site.url}/robots.txt HTTP/1.1\r\nHost: {host}\r\n\r\n", allow_private=True)
    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "request_line", ["nonsense\r\n\r\n", "CONNECT x:notaport HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "A" * 70_000]
)
def test_a_malformed_request_ends_the_connection_and_not_the_proxy(request_line: str) -> None:
    assert not through_proxy(request_line, allow_private=True).startswith(b"HTTP/1.1 200")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")
def test_a_page_of_scripts_is_read_only_where_its_host_is_named(tmp_path: Path) -> None:
    with Site() as site:
        (tmp_path / "list.md").write_text(
            f"- [Kettle]({site.url}/app)\n- [Closed]({site.url}/closed)\n", encoding="utf-8"
        )
        settings = Settings(data=tmp_path / "data", delay=0)
        options = BuildOptions(lists=(str(tmp_path / "list.md"),), allow_private=True)
        plain = build(settings, options, lambda *_: None)
        assert [item["outcome"] for item in plain["items"]] == ["needs_rendering", "robots"]
        assert "/app.json" not in site.hits
        seen: list[str] = []
        named = BuildOptions(lists=options.lists, allow_private=True, render=frozenset({"127.0.0.1"}))
        rendered = build(settings, named, lambda stage, *_: seen.append(stage))
        assert [item["outcome"] for item in rendered["items"]] == ["read", "robots"]
        assert "render" in seen
        assert "boils water in two minutes" in Snapshot.open(settings.data).text(1)
        assert "/pixel.png" not in site.hits
        assert "/closed" not in site.hits
        assert any("citeback/" in agent and "Mozilla" in agent for agent in site.agents)
