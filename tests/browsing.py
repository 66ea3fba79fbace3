"""A real Chromium for the tests of the chat: open, ask, take pictures, and see that nothing ran or left this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.small_library import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
needs_browser = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM} (Debian: apt install chromium)"
)
Opener = Callable[..., Any]


def chromium() -> Iterator[Browser]:
    """Run one browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


def browsing(browser: Browser, address: str) -> Iterator[Opener]:
    """Open the chat; afterwards nothing may have run, failed, been submitted or been asked of another host."""
    pages: list[Page] = []
    asked: list[str] = []
    wrong: list[str] = []

    def opened(*, language: str = "en-US", width: int = 1280, height: int = 860, scheme: Any = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=language, color_scheme=scheme)
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
        page.goto(address)
        page.wait_for_selector("#cb-question")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        assert page.evaluate("window.RAN") is None
        page.context.close()
    hosts = {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(address).netloc}
    assert wrong == [], wrong


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the whole answer."""
    before = page.locator(".cb-turn").count()
    page.fill("#cb-question", question)
    page.press("#cb-question", "Enter")
    settled(page, before + 1)


def settled(page: Page, turns: int) -> None:
    """Wait until the conversation has so many turns, the last one finished."""
    page.wait_for_function(
        "n => document.querySelectorAll('.cb-turn').length === n && !document.body.dataset.busy"
        " && document.querySelectorAll('#cb-live .cb-tools').length === 1",
        arg=turns,
    )


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture among the build's artefacts."""
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=str(folder / f"chat-{name}.png"), full_page=whole)


@cache
def _axe_source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def axe(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical on the page as it is now."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_axe_source())
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:160]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"][:5]
    ]
