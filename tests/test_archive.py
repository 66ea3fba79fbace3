"""The archive: asked only for what cannot be had, by its protocol; walls stay walls; what is found is labelled.

The server below speaks the Wayback Machine's protocol (availability, CDX, raw copies) as its documentation describes it.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from index.archive import Endpoints
from index.build import BuildOptions, build
from index.config import Settings
from rag import Assistant
from tests.sites.server import ARTICLE, Site

WALL = "<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>"


class Archive(Site):
    """``copies``: link -> timestamp -> (status, body); ``hidden`` links are unknown to the availability API."""

    def __init__(self) -> None:
        super().__init__(robots=None)
        self.copies: dict[str, dict[str, tuple[int, str]]] = {}
        self.hidden: set[str] = set()

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(f"{self.url}/available", f"{self.url}/cdx", f"{self.url}/web", 0)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        link = parse_qs(parts.query).get("url", [""])[0]
        kept = self.copies.get(link, {})
        if parts.path == "/available":
            closest = {}
            if kept and link not in self.hidden:
                stamp = max(kept)
                closest = {
                    "closest": {
                        "available": True,
                        "status": str(kept[stamp][0]),
                        "timestamp": stamp,
                        "url": f"{self.url}/web/{stamp}/{link}",
                    }
                }
            self._json(request, {"url": link, "archived_snapshots": closest})
        elif parts.path == "/cdx":
            assert "filter=statuscode:200" in parts.query
            rows = [[stamp] for stamp, (status, _) in sorted(kept.items()) if status == 200]
            self._json(request, [["timestamp"], *rows] if rows else [])
        elif parts.path.startswith("/web/"):
            stamp, _, original = request.path.removeprefix("/web/").partition("id_/")
            status, body = self.copies.get(original, {}).get(stamp, (404, "no"))
            self._send(request, status, body.encode())
        else:
            self._send(request, 404, b"")

    def _json(self, request: BaseHTTPRequestHandler, document: Any) -> None:
        self._send(request, 200, json.dumps(document).encode(), "application/json")


@pytest.fixture
def sites() -> Any:
    with Site() as site, Archive() as archive:
        yield site, archive


def rebuild(sites: tuple[Site, Archive], folder: Path, *paths: str, on: bool = True) -> dict[str, Any]:
    (folder / "list.md").write_text("".join(f"- [{path}]({sites[0].url}{path})\n" for path in paths), encoding="utf-8")
    settings = Settings(data=folder / "data", delay=0)
    options = BuildOptions(
        lists=(str(folder / "list.md"),), allow_private=True, archive=sites[1].endpoints if on else None
    )
    return build(settings, options, lambda *_: None)


def test_a_dead_and_a_closed_page_are_read_from_their_archived_copies(
    sites: tuple[Site, Archive], tmp_path: Path
) -> None:
    site, archive = sites
    archive.copies[f"{site.url}/missing"] = {"20190102030405": (200, ARTICLE)}
    archive.copies[f"{site.url}/closed/a"] = {
        "20200102030405": (200, ARTICLE.replace("copper", "iron").replace("two", "nine"))
    }
    assert [i["outcome"] for i in rebuild(sites, tmp_path, "/missing", "/closed/a", "/1", on=False)["items"]] == [
        "not_found",
        "robots",
        "read",
    ]
    report = rebuild(sites, tmp_path, "/missing", "/closed/a", "/1")
    assert [item["outcome"] for item in report["items"]] == ["archived", "archived", "read"] or report["items"][2][
        "outcome"
    ] == "duplicate"
    item = report["items"][0]
    assert item["final_url"] == f"{archive.url}/web/20190102030405/{site.url}/missing"
    assert item["reason"].startswith("an archived copy of 2019-01-02: the server answers 404")
    assert archive.hits.total() > 0
    citation = Assistant.open(tmp_path / "data").ask("How many minutes does the kettle of iron need?").citations[0]
    assert (citation.outcome, citation.url) == ("archived", f"{site.url}/closed/a")
    assert citation.passage_url.startswith(f"{archive.url}/web/20200102030405/{site.url}/closed/a#:~:text=")


def test_a_wall_that_was_archived_is_passed_over_for_an_older_good_copy(
    sites: tuple[Site, Archive], tmp_path: Path
) -> None:
    site, archive = sites
    archive.copies[f"{site.url}/missing"] = {
        "20210101000000": (200, WALL),
        "20200101000000": (404, "no"),
        "20190101000000": (200, ARTICLE),
    }
    item = rebuild(sites, tmp_path, "/missing")["items"][0]
    assert (item["outcome"], "20190101000000" in item["final_url"]) == ("archived", True)


def test_what_only_the_index_knows_is_found_too(sites: tuple[Site, Archive], tmp_path: Path) -> None:
    site, archive = sites
    archive.copies[f"{site.url}/missing"] = {"20190101000000": (200, ARTICLE)}
    archive.hidden.add(f"{site.url}/missing")
    assert rebuild(sites, tmp_path, "/missing")["items"][0]["outcome"] == "archived"


def test_what_no_archive_holds_keeps_its_outcome_and_is_not_asked_for_at_every_build(
    sites: tuple[Site, Archive], tmp_path: Path
) -> None:
    for _ in range(4):
        assert rebuild(sites, tmp_path, "/missing", "/1")["items"][0]["outcome"] == "not_found"
    asked = [path for path, times in sites[1].hits.items() for _ in range(times) if path.startswith("/available")]
    assert len(asked) == 2  # the second look comes at once, the third after an hour
    assert not any("%2F1" in path for path in asked)
