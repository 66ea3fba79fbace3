"""Pages that are empty until their scripts run -> what a browser makes of them, for hosts the user names. Reads no page.

Off unless asked for; needs the extra `browser` and an installed Chromium. Only pages that were fetched (so robots.txt
allows them) and recognised as empty are rendered, one at a time, through ``index.crawl.proxy``; what the browser shows
goes through the same recognition as any other page.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from index.crawl import CrawlSettings
from index.crawl.proxy import proxy
from index.errors import UsageError
from index.pages import PageStore
from index.readers import recognise
from index.records import Outcome, Page
from index.stopping import run_loop
from index.urls import site

if TYPE_CHECKING:
    from playwright.async_api import Browser

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_NEEDLESS = ("image", "media", "font")
_QUIET = 1.0  # seconds without a request, after which a page counts as done


def wanted(key: str, pages: PageStore, hosts: frozenset[str]) -> bool:
    """Return whether a stored page is one to render: of a named host, and empty as served."""
    page = pages.page(key)
    if page is None or page.origin != "web" or not ({site(page.final_url), site(page.url)} & hosts):
        return False
    verdict = recognise(page)
    return verdict is not None and verdict.outcome is Outcome.NEEDS_RENDERING


def render(
    keys: Sequence[str],
    pages: PageStore,
    settings: CrawlSettings,
    progress: Callable[[int, int, str], None],
    *,
    browser: str = "",
) -> None:
    """Replace each stored page by what a browser shows of it; a page that fails stays as it was.

    Raises:
        UsageError: Playwright or a Chromium is missing.
    """
    run_loop(_render_all(keys, pages, settings, progress, browser))


async def _render_all(
    keys: Sequence[str],
    pages: PageStore,
    settings: CrawlSettings,
    progress: Callable[[int, int, str], None],
    installed: str,
) -> None:
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise UsageError("--render needs Playwright: pip install -c constraints.txt -e '.[browser]'") from error
    last: dict[str, float] = {}
    async with (
        proxy(allow_private=settings.allow_private, timeout=settings.timeout, max_bytes=settings.max_bytes) as server,
        async_playwright() as playwright,
    ):
        browser = await _launch(playwright, server, installed)
        try:
            for done, key in enumerate(keys, start=1):
                page = pages.page(key)
                assert page is not None
                host = site(page.final_url)
                await asyncio.sleep(max(0.0, last.get(host, -settings.delay) + settings.delay - time.monotonic()))
                rendered = await _render_one(browser, page, settings)
                last[host] = time.monotonic()
                if rendered is not None:
                    pages.put(rendered)
                    pages.drop(key, "kept")
                    pages.put_tries(key, 0, "")
                progress(done, len(keys), page.final_url)
        finally:
            await browser.close()


async def _launch(playwright: Any, server: str, installed: str) -> Browser:
    from playwright.async_api import Error

    found_path = installed or next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    arguments = [
        "--disable-quic",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-background-networking",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to run as root otherwise
    try:
        found: Browser = await playwright.chromium.launch(
            executable_path=found_path, args=arguments, proxy={"server": server, "bypass": "<-loopback>"}
        )
    except Error as error:
        raise UsageError(
            "--render needs a Chromium: install the package chromium, or run `playwright install chromium`."
        ) from error
    return found


async def _render_one(browser: Browser, page: Page, settings: CrawlSettings) -> Page | None:
    from playwright.async_api import Error

    limit = settings.timeout * 1000
    context = await browser.new_context(
        user_agent=f"Mozilla/5.0 (compatible; {settings.user_agent})",
        locale="zh-CN",
        accept_downloads=False,
        service_workers="block",
    )
    try:
        tab = await context.new_page()
        await tab.route(
            "**/*", lambda route: route.abort() if route.request.resource_type in _NEEDLESS else route.continue_()
        )
        response = await tab.goto(page.final_url, timeout=limit, wait_until="domcontentloaded")
        if response is None or response.status >= 400:
            return None
        try:
            await tab.wait_for_load_state("networkidle", timeout=limit / 2)
            await asyncio.sleep(_QUIET / 2)
        except Error:  # a page that never comes to rest is taken as it is then
            pass
        body = (await tab.content()).encode("utf-8")
        if len(body) > settings.max_bytes:
            return None
        return replace(
            page, final_url=tab.url, status=response.status, headers=(("content-type", "text/html; charset=utf-8"),),
            body=body, fetched_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
    except Error:
        return None
    finally:
        await context.close()
