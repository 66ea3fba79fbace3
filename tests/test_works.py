"""The build panel and rescue in place: what is drawn of a build, and a real one watched in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chat.words import say
from chat.works import panel, remaining, work
from index.build import BuildOptions, build
from index.config import Settings
from index.pages import PageStore
from index.records import Page
from index.urls import identity
from rag.builds import Builds
from rag.buildstate import BuildState, HostState
from tests.browsing import ask, axe, browsing, chromium, needs_browser, shoot
from tests.small_library import ATTACK, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LISTED = {"tides": "Tides and the moon", "kites": "How kites fly", "bread": "Why bread rises"}
TIDES = "# Tides and the moon\n\nTides rise because the moon pulls the water nearest to it more than the earth beneath it.\n"
BREAD = "<html><title>Why bread rises</title><article><h1>Why bread rises</h1>" + "".join(
    f"<p>{text}</p>"
    for text in (
        "Bread rises because yeast eats the sugar of the dough and gives off a gas that the gluten holds like a balloon.",
        "A warm kitchen makes the yeast work faster, and a cold one makes it slower, so that bakers let dough rest overnight.",
        "Salt slows the yeast down, and too much of it keeps the dough from rising at all, whatever the flour may be.",
    )
)


KITES = BREAD.replace("Why bread rises", "How kites fly").replace(
    "Bread rises because yeast", "Kites fly because the wind"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from chromium()


def test_a_running_build_shows_its_stage_hosts_and_time_left() -> None:
    hosts = (HostState("a.test", 3, 9, 6), HostState(ATTACK, 0, 1, 1))
    drawn = panel(BuildState(True, "crawl", 3, 10, "", hosts, None, 65.4), "en")
    assert "data-running" in drawn and "Fetching" in drawn and "3 / 10" in drawn and "about 65 s left" in drawn
    assert 'aria-label="a.test: 3 of 9"' in drawn and "<script" not in drawn
    assert "data-running" not in panel(BuildState(), "zh")
    assert remaining(600, "zh") == "约剩 10 分钟"
    for stage in ("start", "crawl", "render", "archive", "read", "embed", "publish", "elsewhere"):
        assert panel(BuildState(True, stage), "zh")


def test_what_changed_and_what_went_wrong_are_told() -> None:
    report = {
        "changes": {"added": 2, "changed": 1},
        "outcomes": {"read": 3},
        "references": 3,
        "seconds": {"total": 1.25},
        "snapshot": ATTACK,
    }
    drawn = panel(BuildState(report=report), "en")
    assert re.search(r"<b>2</b><span>added", drawn) and "read 3" in drawn and "<script" not in drawn
    assert "The disk is full" in panel(BuildState(error="the disk is full: <b>"), "en").replace("the", "The")


def test_what_cannot_be_done_is_said_in_the_panel(tmp_path: Path) -> None:
    drawn = work(Builds(tmp_path), {"act": "rollback"}, "en")
    assert 'class="cb-problem"' in drawn and "data-running" not in drawn
    assert "cb-problem" not in work(Builds(tmp_path / "other"), {"act": ATTACK}, "en")


def built(data: Path) -> Path:
    links = [{"url": f"https://pages.example.org/{name}", "title": title} for name, title in LISTED.items()]
    (data / "list.json").write_text(json.dumps(links), encoding="utf-8")
    kind = (("content-type", "text/markdown; charset=utf-8"),)
    with PageStore(data / "pages.sqlite") as pages:
        url = links[0]["url"]
        pages.put(Page(identity(url), url, 200, kind, TIDES.encode(), "2026-01-01T00:00:00+00:00", (), "saved"))
    build(Settings(data=data), BuildOptions(lists=(str(data / "list.json"),), offline=True), lambda *_: None)
    return data


@needs_browser
def test_rescue_rebuild_and_roll_back_while_the_chat_answers(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    saved = tmp_path / "some page.html"
    saved.write_text(BREAD, encoding="utf-8")
    with serving(built(tmp_path / "data"), flags=["--allow-rebuild"]) as url:
        for opened in browsing(browser, url):
            page = opened()
            assert "Read 1 of 3" in page.inner_text(".cb-coverage")
            ask(page, "Why does bread rise?")
            page.click(".cb-unread .cb-linked >> nth=0") if page.locator(".cb-unread").count() else page.click(
                ".cb-tab >> nth=1"
            )
            page.wait_for_selector("tr[data-drop]")
            page.wait_for_function("document.querySelectorAll('tr[data-drop]').length === 1")
            shoot(page, "rescue-before")
            row = page.locator("tr[data-drop]")
            dragged = page.evaluate_handle(
                """([name, text]) => { const held = new DataTransfer();
                held.items.add(new File([text], name, {type: 'text/html'})); return held; }""",
                [saved.name, BREAD],
            )
            row.dispatch_event("dragover", {"dataTransfer": dragged})
            assert "cb-over" in (row.get_attribute("class") or "")
            row.dispatch_event("drop", {"dataTransfer": dragged})
            page.locator("tr[data-drop] .cb-readable").wait_for(timeout=30_000)
            assert "cb-over" not in (row.get_attribute("class") or "")
            assert axe(page) == []
            shoot(page, "rescue-after")

            page.fill("[data-look=search]", "kites")  # the other way: picked, not dropped
            page.get_by_text("How kites fly").wait_for()
            page.wait_for_function("document.querySelectorAll('tr[data-drop]').length === 1")
            page.set_input_files(
                "[data-rescue]", {"name": "kites.html", "mimeType": "text/html", "buffer": KITES.encode()}
            )
            page.locator("tr[data-drop] .cb-readable").wait_for(timeout=30_000)

            page.click(".cb-tab >> nth=2")
            page.check("[data-option=offline]")
            page.click(".cb-build .cb-send")
            page.wait_for_selector(".cb-build[data-running]")
            page.click(".cb-tab >> nth=0")
            ask(page, "What makes tides rise?")
            page.click(".cb-tab >> nth=2")
            page.wait_for_selector(".cb-changes", timeout=30_000)
            shoot(page, "build-done")
            assert axe(page) == []
            page.get_by_text(say("en", "roll_back")).click()
            page.wait_for_selector(".cb-build .cb-note", timeout=30_000)
            page.click(".cb-tab >> nth=0")
            page.click(".cb-clear")
            page.get_by_text("Read 2 of 3").wait_for(timeout=20_000)  # the previous index answers, and nobody reloaded


@needs_browser
def test_without_leave_there_is_no_panel_and_no_place_to_drop(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with serving(built(tmp_path / "data")) as url:
        for opened in browsing(browser, url):
            page = opened()
            assert page.locator(".cb-tab").count() == 2
            page.click(".cb-tab >> nth=1")
            page.wait_for_selector("table.cb-library")
            assert page.locator("[data-drop], [data-rescue]").count() == 0
