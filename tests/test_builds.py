"""Rebuilds that the server starts: watched, stopped, reported and locked, in this process and over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from index.errors import BusyError, StoreError, UsageError
from rag.builds import Builds, _safe_name
from rag.buildstate import BuildState, EventLog
from tests.small_library import ROOT, make, serving
from tests.test_stop import PAGES, Numbered, links, start

SAVED = (
    "# Kettle\n\nThe kettle's base is copper, which leads heat well, so that water boils in two minutes on a stove.\n"
)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Numbered]:
    monkeypatch.setenv("CITEBACK_ALLOW_PRIVATE", "true")
    monkeypatch.setenv("CITEBACK_DELAY", "0")
    running = Numbered()
    with running:
        yield running


def until(builds: Builds, wanted: Callable[[BuildState], Any]) -> BuildState:
    for _ in range(1500):
        if wanted(state := builds.state()):
            return state
        time.sleep(0.02)
    raise AssertionError(state)


def test_a_rebuild_is_watched_host_by_host_and_ends_with_its_report(site: Numbered, tmp_path: Path) -> None:
    site.pause = 0.2
    builds = Builds(tmp_path / "data")
    assert builds.state() == BuildState()
    begun = builds.start(lists=[links(tmp_path, site)])
    assert begun.running and begun.started_at and begun.error is None
    state = until(builds, lambda state: state.stage == "crawl" and state.done >= 3)  # pages are read meanwhile
    assert (state.stage, state.total, [host.total for host in state.hosts]) == ("crawl", PAGES, [PAGES])
    assert state.hosts[0].host in site.url and state.hosts[0].done + state.hosts[0].waiting == PAGES
    with pytest.raises(BusyError):
        builds.start()
    ended = until(Builds(tmp_path / "data"), lambda state: not state.running)  # another process would see the same
    assert ended == builds.state()
    assert ended.error is None and ended.report is not None
    assert ended.report["outcomes"] == {"read": PAGES} and ended.report["changes"]["added"] == PAGES


def test_a_stopped_rebuild_publishes_nothing_and_says_so(site: Numbered, tmp_path: Path) -> None:
    site.pause = 0.3
    builds = Builds(tmp_path / "data")
    builds.start(lists=[links(tmp_path, site)])
    until(builds, lambda state: state.done >= 2)
    began = time.monotonic()
    builds.stop()
    assert time.monotonic() - began < 5
    state = builds.state()
    assert not state.running and state.report is None and state.error is not None
    assert state.error.startswith("stopped.")
    assert not (tmp_path / "data" / "CURRENT").exists()
    builds.stop()  # nothing runs: nothing happens


def test_a_killed_rebuild_is_told_and_the_next_can_start(site: Numbered, tmp_path: Path) -> None:
    site.pause = 0.3
    builds = Builds(tmp_path / "data")
    builds.start(lists=[links(tmp_path, site)])
    until(builds, lambda state: state.done >= 1)
    os.kill(json.loads((tmp_path / "data/builds/started.json").read_text())["process"], signal.SIGKILL)
    state = until(builds, lambda state: not state.running)
    assert state.error is not None and "broke off" in state.error
    assert builds.start().running
    builds.close()
    assert not builds.state().running


def test_a_rebuild_that_cron_started_keeps_others_out(site: Numbered, tmp_path: Path) -> None:
    site.pause = 0.2
    builds = Builds(tmp_path / "data")
    elsewhere = start(tmp_path / "data", links(tmp_path, site))
    try:
        assert until(builds, lambda state: state.running).stage == "elsewhere"
        with pytest.raises(BusyError):
            builds.start()
        with pytest.raises(BusyError):
            builds.add("a.md", SAVED.encode())
    finally:
        elsewhere.kill()
        elsewhere.communicate()


@pytest.mark.parametrize(
    ("lists", "message"), [(["nowhere.md"], "does not exist"), ([], "broke off"), (["--help"], "does not exist")]
)
def test_a_rebuild_that_cannot_be_is_one_line(tmp_path: Path, lists: list[str], message: str) -> None:
    builds = Builds(tmp_path / "data")
    if not lists:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "citeback.toml").write_text("surprise = 1", encoding="utf-8")
        message = "surprise"
    builds.start(lists=lists)
    state = until(builds, lambda state: not state.running)
    assert state.error is not None and message in state.error and "\n" not in state.error


def test_a_saved_page_is_taken_in_or_refused_with_its_reason(site: Numbered, tmp_path: Path) -> None:
    builds = Builds(tmp_path / "data")
    builds.start(lists=[links(tmp_path, site)])
    until(builds, lambda state: not state.running)
    taken = builds.add("../../note one.md", SAVED.encode(), url=f"{site.url}/3")
    assert taken["added"][0] | {"reason": ""} == {
        "path": "note one.md", "url": f"{site.url}/3", "reference": 4, "accepted": True, "reason": "",
    }  # fmt: skip
    assert taken["report"]["changes"]["changed"] == 1
    refused = builds.add("a.md", SAVED.encode(), url="https://example.org/in-no-list")
    assert not refused["added"][0]["accepted"] and refused["report"] is None
    assert str(tmp_path) not in json.dumps(refused)
    with pytest.raises(UsageError):
        builds.add("a.md", SAVED.encode(), url="mailto:a@example.org")
    with pytest.raises(UsageError):
        Builds(tmp_path / "data", upload_limit=10).add("a.md", b"x" * 11)
    before = builds.state()
    assert builds.rollback() in {path.name for path in (tmp_path / "data/snapshots").iterdir()}
    assert before.report is None
    with pytest.raises(StoreError, match="no earlier snapshot"):
        builds.rollback()
    assert not list((tmp_path / "data/builds").glob("upload-*"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\pages\\微信 文章.html", "微信 文章.html"),
        ("...", "page.html"),
        ("a\n\x00b.pdf", "ab.pdf"),
        ("", "page.html"),
        ("\ud800.html", "?.html"),
    ],
)
def test_a_files_name_stays_in_its_folder(given: str, kept: str) -> None:
    assert _safe_name(given) == kept
    assert len(_safe_name("长" * 5000 + ".html").encode()) < 250


def test_the_time_left_is_unknown_at_first_and_then_that_of_the_slowest_host(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path, began=1000.0)

    def tell(done: int, seconds: float, host: str, left: int, outcome: str | None = "stored") -> None:
        event = {"event": "crawl", "done": done, "total": 12, "detail": "", "seconds": seconds}
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event | {"host": host, "outcome": outcome, "left": left}) + "\n")

    tell(0, 1.0, "slow.test", 10, None)
    tell(0, 1.0, "fast.test", 2, None)
    tell(1, 2.0, "slow.test", 9)
    log.follow()
    assert log.state(now=1002.0).seconds_left is None
    tell(2, 2.0, "fast.test", 1)
    tell(3, 2.1, "fast.test", 0)
    tell(4, 3.0, "slow.test", 8)
    log.follow()
    state = log.state(now=1003.0)
    assert state.seconds_left == pytest.approx(8.0)  # not the 4 seconds that the mean pace promises
    assert log.state(now=1005.0).seconds_left == pytest.approx(6.0)
    with path.open("a", encoding="utf-8") as file:  # pages are read and embedded while others are fetched
        file.write(json.dumps({"event": "read", "done": 4, "total": 12, "detail": "", "seconds": 3.1}) + "\n")
        file.write(json.dumps({"event": "embed", "done": 9, "total": 9, "detail": "", "seconds": 3.2}) + "\n")
    log.follow()
    beside = log.state(now=1003.0)
    assert (beside.stage, beside.done, beside.seconds_left) == ("crawl", 4, state.seconds_left)
    assert [(host.host, host.done, host.total, host.waiting) for host in state.hosts] == [
        ("slow.test", 2, 10, 8),
        ("fast.test", 2, 2, 0),
    ]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(make(tmp_path_factory.mktemp("library"))) as server:
        yield server


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "rebuild"), ("GET", "rebuild"), ("DELETE", "rebuild"), ("POST", "pages"), ("POST", "rollback")]
)  # fmt: skip
def test_without_the_flag_there_is_nothing_to_rebuild(closed: str, method: str, path: str) -> None:
    assert httpx.request(method, f"{closed}/api/{path}").status_code == 404


def test_over_http_a_rebuild_runs_while_questions_are_answered_and_ends_with_the_server(
    site: Numbered, tmp_path: Path
) -> None:
    builds = Builds(tmp_path / "data")
    builds.start(lists=[links(tmp_path, site)])
    until(builds, lambda state: not state.running)
    site.pause = 0.2
    environment = {"CITEBACK_ALLOW_PRIVATE": "1", "CITEBACK_DELAY": "0"}
    wrong: list[Any] = [{"lists": ["/etc/passwd"]}, {"allow_private": True}, {"ignore_robots": ["--fresh"]}, []]
    with (
        serving(tmp_path / "data", flags=("--allow-rebuild",), environment=environment) as at,
        httpx.Client(base_url=f"{at}/api", timeout=60) as client,
    ):
        for body in wrong:
            assert client.post("/rebuild", json=body).status_code == 422, body
        assert client.post("/rebuild", json={"fresh": True}).status_code == 202
        assert client.post("/rebuild").json()["error"]["type"] == "busy"
        assert client.post("/ask", json={"question": "What is the base of the kettle made of?"}).json()["citations"]
        while (state := client.get("/rebuild").json())["running"]:
            time.sleep(0.05)
        assert state["report"]["changes"]["unchanged"] == PAGES and "items" not in state["report"]
        page = client.post("/pages", params={"url": f"{site.url}/4"}, files={"file": ("n.md", SAVED)}).json()
        assert page["added"][0]["accepted"] and page["report"]["changes"]["changed"] == 1
        raw = client.post("/pages", params={"filename": "n.md"}, content=SAVED).json()
        assert not raw["added"][0]["accepted"] and raw["added"][0]["path"] == "n.md"
        assert client.post("/pages").json()["error"]["type"] == "usage"
        assert client.post("/pages", content=b" " * (51 * 2**20)).status_code == 413
        assert client.post("/rollback").json()["snapshot"]
        assert client.post("/rebuild", json={"fresh": True}).json()["running"]
        assert client.delete("/rebuild").json()["error"].startswith("stopped.")
        assert client.post("/rebuild", json={"fresh": True}).json()["running"]
    assert not builds.state().running  # it ends with its server


def test_the_events_of_a_build_name_each_host(site: Numbered, tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "index", "--json", "--data", str(tmp_path / "data"), links(tmp_path, site)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    events = [json.loads(line) for line in process.stderr.splitlines() if line.startswith("{")]
    crawled = [event for event in events if event["event"] == "crawl"]
    assert (crawled[0]["outcome"], crawled[0]["left"], crawled[0]["host"] in site.url) == (None, PAGES, True)
    assert [event["left"] for event in crawled[1:]] == list(reversed(range(PAGES)))
