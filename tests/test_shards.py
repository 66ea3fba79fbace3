"""Two machines fetch a part of a list each; merged, the pages, readings and vectors of both are one index."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import BuildOptions, build
from index.config import Settings
from index.errors import UsageError
from index.merge import merge
from index.pages import PageStore
from index.records import Outcome, Page, Unread
from index.shards import Shard
from index.store import Snapshot
from index.vectorcache import VectorCache
from tests.sites.server import Site
from tests.test_stop import Numbered

ROOT = Path(__file__).parents[1]


@pytest.fixture
def site() -> Iterator[Site]:
    running = Numbered()
    with running:
        yield running


def command(data: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "CITEBACK_DELAY": "0", "PYTHONPATH": str(ROOT)}
    whole = [sys.executable, "-m", "rag.cli", *arguments, "--json", "--data", str(data)]
    return subprocess.Popen(whole, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return dict(json.loads(out))


@given(st.text(max_size=30), st.integers(1, 50))
def test_every_link_belongs_to_exactly_one_part(name: str, parts: int) -> None:
    url = f"https://{name}.example.org/a"
    assert sum(Shard(number, parts).holds(url) for number in range(1, parts + 1)) == 1
    assert Shard(1, parts).of_link("https://www.a.org/1") == Shard(1, parts).of_link("http://a.org/2?b=c")


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "-1/2", "1/0", ""])
def test_a_part_of_nothing_is_one_clear_line(text: str) -> None:
    with pytest.raises(UsageError, match="number/parts"):
        Shard.parse(text)


def test_two_processes_fetch_a_part_each_and_their_folders_merge_into_one(site: Site, tmp_path: Path) -> None:
    port = site.url.rpartition(":")[2]
    hosts = ("http://127.0.0.1", "http://localhost")
    parts = next(n for n in range(2, 50) if len({Shard(1, n).of_link(host) for host in hosts}) == 2)
    links = [f"{host}:{port}/{number}{host[-1]}" for number in range(3) for host in hosts]
    source = tmp_path / "list.md"
    source.write_text("".join(f"- [{n}]({link})\n" for n, link in enumerate(links)), encoding="utf-8")
    own = [Shard(1, parts).of_link(host) for host in hosts]
    folders = [tmp_path / f"shard{number}" for number in own]
    running = [
        command(folder, "rebuild", str(source), "--allow-private", "--shard", f"{number}/{parts}")
        for folder, number in zip(folders, own, strict=True)
    ]
    for report in map(result, running):
        assert report["outcomes"] == {"read": 3, "offline": 3}
        assert sum("left to shard" in (item["reason"] or "") for item in report["items"]) == 3
    assert set(site.hits.values()) == {1, 2}  # every page once, robots.txt once a host
    hits = dict(site.hits)
    told = result(command(tmp_path / "all", "merge", *map(str, folders)))["merged"]
    assert [entry["new"] for entry in told] == [4, 4]  # three pages and robots.txt
    report = result(command(tmp_path / "all", "rebuild", str(source), "--offline"))
    assert (report["outcomes"], report["embedded_passages"]) == ({"read": 6}, 0)
    assert dict(site.hits) == hits
    whole = result(command(tmp_path / "whole", "rebuild", str(source), "--allow-private"))
    one, other = Snapshot.open(tmp_path / "all"), Snapshot.open(tmp_path / "whole")
    assert [one.text(n) for n in range(1, 7)] == [other.text(n) for n in range(1, 7)]
    assert whole["outcomes"] == report["outcomes"]


def page(text: str, at: str, *, status: int = 200, key: str = "a.org/1") -> Page:
    body = f"<html><title>A kettle</title><article><p>{text} boils water in two minutes, for its base is copper.</p></article></html>"
    return Page(key, f"https://{key}", status, (("content-type", "text/html"),), body.encode(), at)


DAYS = [f"2026-01-0{day}T00:00:00+00:00" for day in range(1, 8)]


def stores(folder: Path) -> tuple[Path, Path]:
    for name in ("one", "two"):
        PageStore(folder / name / "pages.sqlite").close()
    return folder / "one", folder / "two"


@pytest.mark.parametrize("newer", [0, 1])
def test_the_last_fetched_wins_whichever_is_merged_into_which(tmp_path: Path, newer: int) -> None:
    folders = stores(tmp_path)
    for place, folder in enumerate(folders):
        with PageStore(folder / "pages.sqlite") as pages:
            pages.put(page(f"kettle {place}", DAYS[3 if place == newer else 1]))
    merge(folders[0], [folders[1]], lambda *_: None)
    with PageStore(folders[0] / "pages.sqlite") as pages:
        found = pages.page("a.org/1")
        assert found is not None
        assert f"kettle {newer}".encode() in found.body
    assert merge(folders[0], [folders[1]], lambda *_: None)[0].new == 0


def test_a_good_page_stays_where_another_machine_found_it_gone(tmp_path: Path) -> None:
    one, two = stores(tmp_path)
    with PageStore(one / "pages.sqlite") as pages:
        pages.put(page("the kettle", DAYS[1]))
    with PageStore(two / "pages.sqlite") as pages:
        pages.put(page("not found", DAYS[2], status=404))
    merge(one, [two / "pages.sqlite"], lambda *_: None)
    with PageStore(one / "pages.sqlite") as pages:
        kept = pages.copy("a.org/1", "kept")
        assert kept is not None
        assert b"the kettle" in kept.body
        gone = pages.page("a.org/1")
        assert gone is not None
        assert gone.status == 404


def test_a_failure_comes_along_only_where_it_is_the_last_that_is_known(tmp_path: Path) -> None:
    one, two = stores(tmp_path)
    failure = Unread(Outcome.TIMEOUT, "no answer", None)
    with PageStore(one / "pages.sqlite") as pages:
        pages.put(page("kettle", DAYS[1], key="a.org/old"))
        pages.put(page("kettle", DAYS[5], key="a.org/new"))
    with PageStore(two / "pages.sqlite") as pages:
        for key in ("a.org/old", "a.org/new", "a.org/unknown"):
            pages.put_unread(key, failure, DAYS[3])
    assert merge(one, [two], lambda *_: None)[0].failures == 2
    with PageStore(one / "pages.sqlite") as pages:
        assert [key for key, state in sorted(pages.states().items()) if state.failure] == ["a.org/old", "a.org/unknown"]


def test_a_folder_without_pages_or_the_same_folder_is_one_clear_line(tmp_path: Path) -> None:
    one, _ = stores(tmp_path)
    with pytest.raises(UsageError, match="holds no page store"):
        merge(one, [tmp_path / "nothing"], lambda *_: None)
    with pytest.raises(UsageError, match="merged into"):
        merge(one, [one], lambda *_: None)


def test_a_rebuild_after_many_small_changes_leaves_three_snapshots_and_one_page_store(tmp_path: Path) -> None:
    """Point 6 of scale: the folder does not grow with the number of builds."""
    data = tmp_path / "data"
    (tmp_path / "list.md").write_text("".join(f"- [{n}](https://a.org/{n})\n" for n in range(4)), encoding="utf-8")
    options = BuildOptions(lists=(str(tmp_path / "list.md"),), offline=True)

    def change(turn: int) -> None:
        with PageStore(data / "pages.sqlite") as pages:
            text = f"Kettle {turn % 17}" + "".join(f" was tried on stove {turn * i % 23} for {i} hours." for i in range(9))
            pages.put(page(text, DAYS[0], key=f"a.org/{turn % 4}"))
        build(Settings(data=data), options, lambda *_: None)

    def size() -> int:
        return sum(path.stat().st_size for path in data.rglob("*") if path.is_file())

    for turn in range(12):
        change(turn)
    before = size()
    for turn in range(12, 48):
        change(turn)
    assert len(list((data / "snapshots").iterdir())) == 3
    assert size() < 1.5 * before
    with VectorCache(data, "bundled", 512) as cache:
        assert len(cache.keys) < 3000
