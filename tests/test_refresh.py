"""The second build: what is fresh is not asked for, what is unchanged costs a 304, what has gone keeps its last good copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.crawl.memory import CookieFile
from index.errors import UsageError
from index.pages import PageStore
from index.store import Snapshot
from index.urls import identity
from tests.sites.server import ARTICLE, Site


class Changing(Site):
    """A site whose pages a test sets: path -> (status, headers, body); conditional requests are answered as they should."""

    def __init__(self) -> None:
        super().__init__(robots=None)
        self.pages: dict[str, tuple[int, dict[str, str], str]] = {}
        self.conditions: list[str | None] = []
        self.cookies: list[str | None] = []

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        status, headers, body = self.pages.get(request.path, (404, {}, "no"))
        if request.path != "/robots.txt":
            self.conditions.append(request.headers.get("If-None-Match") or request.headers.get("If-Modified-Since"))
            self.cookies.append(request.headers.get("Cookie"))
        if self.conditions and self.conditions[-1] and self.conditions[-1] in headers.values():
            status, body = 304, ""
        self._send(request, status, body.encode(), headers=headers)


@pytest.fixture
def site() -> Any:
    with Changing() as running:
        yield running


def rebuild(site: Changing, folder: Path, *, age: float = 0.0, fresh: bool = False, **more: Any) -> dict[str, Any]:
    (folder / "list.md").write_text(
        "".join(f"- [{path}]({site.url}{path})\n" for path in ("/a", "/b")), encoding="utf-8"
    )
    settings = Settings(data=folder / "data", delay=0, max_age=age, **more)
    options = BuildOptions(lists=(str(folder / "list.md"),), allow_private=True, fresh=fresh)
    return build(settings, options, lambda *_: None)


def outcomes(report: dict[str, Any]) -> list[str]:
    return [item["outcome"] for item in report["items"]]


def age(folder: Path, key: str, hours: float) -> None:
    """Make the next try of a failed page due, as if the time had passed."""
    with PageStore(folder / "data" / "pages.sqlite") as pages:
        failures = (pages.tries(key) or (0, ""))[0]
        pages.put_tries(key, failures, (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="seconds"))


def test_a_fresh_page_is_not_asked_for_again(site: Changing, tmp_path: Path) -> None:
    site.pages = {"/a": (200, {}, ARTICLE), "/b": (200, {}, ARTICLE.replace("copper", "iron"))}
    rebuild(site, tmp_path)
    rebuild(site, tmp_path, age=7)
    assert (site.hits["/a"], site.hits["/b"]) == (1, 1)
    rebuild(site, tmp_path, age=7, fresh=True)
    assert site.hits["/a"] == 2
    assert site.conditions == [None] * 4


@pytest.mark.parametrize("headers", [{"ETag": '"1"'}, {"Last-Modified": "Mon, 03 Feb 2020 00:00:00 GMT"}])
def test_an_unchanged_page_costs_a_304(site: Changing, tmp_path: Path, headers: dict[str, str]) -> None:
    site.pages = {"/a": (200, headers, ARTICLE), "/b": (200, {}, ARTICLE.replace("copper", "iron"))}
    rebuild(site, tmp_path)
    report = rebuild(site, tmp_path)
    assert site.conditions.count(None) == 3
    assert next(iter(headers.values())) in site.conditions
    assert outcomes(report) == ["read", "read"]
    assert (report["changes"]["unchanged"], report["embedded_passages"]) == (2, 0)


def test_a_changed_page_is_read_anew_and_reported(site: Changing, tmp_path: Path) -> None:
    site.pages = {"/a": (200, {"ETag": '"1"'}, ARTICLE), "/b": (200, {}, ARTICLE.replace("copper", "iron"))}
    rebuild(site, tmp_path)
    site.pages["/a"] = (200, {"ETag": '"2"'}, ARTICLE.replace("two minutes", "five minutes"))
    report = rebuild(site, tmp_path)
    assert (report["changes"]["changed"], report["changes"]["unchanged"]) == (1, 1)
    assert "five minutes" in Snapshot.open(tmp_path / "data").text(1)


@pytest.mark.parametrize("gone", [(404, {}, "no"), (200, {}, "<h1>该内容已被发布者删除</h1>"), (403, {}, "no")])
def test_a_page_that_is_gone_keeps_its_last_good_copy_and_says_so(
    site: Changing, tmp_path: Path, gone: tuple[int, dict[str, str], str]
) -> None:
    site.pages = {"/a": (200, {}, ARTICLE), "/b": (200, {}, ARTICLE.replace("copper", "iron"))}
    rebuild(site, tmp_path)
    site.pages["/a"] = gone
    report = rebuild(site, tmp_path)
    assert outcomes(report) == ["read", "read"]
    assert "the last good one" in report["items"][0]["reason"]
    assert datetime.now(UTC).date().isoformat() in report["items"][0]["reason"]
    assert "boils water" in Snapshot.open(tmp_path / "data").text(1)
    site.pages["/a"] = (200, {}, ARTICLE)
    age(tmp_path, identity(f"{site.url}/a"), 1)
    assert rebuild(site, tmp_path)["items"][0]["reason"] is None


def test_a_page_that_was_never_good_has_no_copy(site: Changing, tmp_path: Path) -> None:
    site.pages = {"/a": (404, {}, "no"), "/b": (200, {}, ARTICLE)}
    assert outcomes(rebuild(site, tmp_path)) == ["not_found", "read"]
    assert outcomes(rebuild(site, tmp_path)) == ["not_found", "read"]


def test_failures_are_tried_again_ever_more_rarely(site: Changing, tmp_path: Path) -> None:
    site.pages = {"/b": (200, {}, ARTICLE)}
    key = identity(f"{site.url}/a")
    for expected in (1, 2, 2, 2):  # the second try comes at once, the third after an hour
        rebuild(site, tmp_path, age=7)
        assert site.hits["/a"] == expected
    age(tmp_path, key, 0.1)
    rebuild(site, tmp_path, age=7)
    assert site.hits["/a"] == 3
    with PageStore(tmp_path / "data" / "pages.sqlite") as pages:
        failures, until = pages.tries(key) or (0, "")
    assert failures == 3
    assert datetime.fromisoformat(until) - datetime.now(UTC) > timedelta(hours=5)
    rebuild(site, tmp_path, age=7, fresh=True)
    assert site.hits["/a"] == 4


def test_robots_are_remembered_for_a_day(site: Changing, tmp_path: Path) -> None:
    site.pages = {"/a": (200, {}, ARTICLE), "/b": (200, {}, ARTICLE)}
    rebuild(site, tmp_path)
    rebuild(site, tmp_path)
    assert site.hits["/robots.txt"] == 1


def test_cookies_go_to_their_own_host_only(site: Changing, tmp_path: Path) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text(
        "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tours\nx.example.org\tFALSE\t/\tFALSE\t0\tother\tsecret\n",
        encoding="utf-8",
    )
    site.pages = {"/a": (200, {}, ARTICLE)}
    rebuild(site, tmp_path, cookies=str(jar))
    assert set(site.cookies) == {"session=ours"}
    assert CookieFile(jar).header("https://x.example.org/") == {"Cookie": "other=secret"}
    assert CookieFile(jar).header("https://example.org/") == {}


def test_a_broken_cookie_file_is_one_clear_line(site: Changing, tmp_path: Path) -> None:
    (tmp_path / "cookies.txt").write_text("not cookies", encoding="utf-8")
    with pytest.raises(UsageError, match="Netscape"):
        rebuild(site, tmp_path, cookies=str(tmp_path / "cookies.txt"))


def test_every_request_has_a_line_in_the_log(site: Changing, tmp_path: Path) -> None:
    site.pages = {"/a": (200, {}, ARTICLE)}
    rebuild(site, tmp_path)
    lines = (tmp_path / "data" / "crawl.log").read_text(encoding="utf-8").splitlines()
    assert len(lines) == site.hits.total() == 3
    assert any(line.split()[1] == "200" and line.endswith(f"{site.url}/a") for line in lines)
