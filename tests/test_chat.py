"""The chat in a real browser: what people see, where its links lead, and that text of a page stays text (law 7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from chat.words import say
from tests.small_library import ROOT, ROWS, make, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_browser = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM} (Debian: apt install chromium)"
)
Opener = Callable[..., Any]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(make(tmp_path_factory.mktemp("library"))) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Opener]:
    """Open the chat; afterwards nothing may have run, failed or been asked of another host."""
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
        page.wait_for_selector(".cb-brand")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        assert page.evaluate("window.RAN") is None
        page.context.close()
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} == {
        urlsplit(address).netloc
    }
    assert wrong == []


def ask(page: Page, question: str) -> None:
    before = page.locator(".cb-mode").count()
    page.fill("#cb-question textarea", question)
    page.press("#cb-question textarea", "Enter")
    page.wait_for_function("n => document.querySelectorAll('.cb-mode').length > n", arg=before)


def shoot(page: Page, name: str) -> None:
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=str(folder / f"chat-{name}.png"))


@needs_browser
@pytest.mark.parametrize(
    ("question", "language", "width", "scheme"),
    [("什么是领域自适应？", "zh-CN", 360, "dark"), ("What is zero-shot learning?", "en-US", 1280, "light")],
)
def test_an_answer_leads_back_to_its_source(
    visit: Opener, address: str, question: str, language: str, width: int, scheme: str
) -> None:
    expected = httpx.post(f"{address}/api/ask", json={"question": question}, timeout=30).json()["citations"]
    page = visit(language=language, width=width, scheme=scheme)
    ask(page, question)
    assert page.text_content(".cb-question") == question
    first = page.locator(".cb-number").first
    assert first.text_content() == "[1]"
    assert first.get_attribute("href") == expected[0]["url"]
    assert first.get_attribute("target") == "_blank"
    assert "noopener" in (first.get_attribute("rel") or "")
    cards = page.locator(".cb-source")
    assert [cards.nth(i).locator(".cb-quote").text_content() for i in range(cards.count())] == [
        citation["quote"] for citation in expected
    ]
    links = cards.first.locator(".cb-links a")
    assert links.nth(0).get_attribute("href") == expected[0]["passage_url"]
    with page.context.expect_page() as opened:
        links.nth(1).click()
    stored = opened.value
    stored.wait_for_load_state()
    assert "".join(stored.locator("mark").all_text_contents()).strip() == expected[0]["quote"].strip()
    first.hover()
    assert page.locator(".cb-peek").first.is_visible()
    shoot(page, f"{language}-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@needs_browser
def test_an_answer_grows_while_it_is_made_and_a_second_question_follows(visit: Opener) -> None:
    page = visit()
    page.evaluate("""() => {window.seen = new Set(); new MutationObserver(() => {
        const words = document.querySelector('#cb-live .cb-answer'); if (words) window.seen.add(words.className)})
        .observe(document.body, {childList: true, subtree: true, characterData: true, attributes: true})}""")
    ask(page, "What is zero-shot learning?")
    assert "cb-answer cb-live" in page.evaluate("[...window.seen]")
    ask(page, "什么是迁移学习？")
    assert page.locator(".cb-question").all_text_contents() == ["What is zero-shot learning?", "什么是迁移学习？"]
    page.click("#cb-clear")
    page.wait_for_selector(".cb-example >> nth=0", state="visible")
    assert page.locator(".cb-turn").count() == 0


@needs_browser
@pytest.mark.parametrize(("language", "tag"), [("zh-TW", "zh"), ("fr-FR", "en")])
def test_the_interface_follows_the_browser_and_can_be_switched_for_good(visit: Opener, language: str, tag: str) -> None:
    page = visit(language=language)
    other = "en" if tag == "zh" else "zh"
    page.wait_for_selector(f"html[lang={tag}]")
    assert say(tag, "tagline") in page.inner_text("#cb-brand")
    page.click("#cb-switch")
    page.wait_for_selector(f"html[lang={other}]")
    assert say(other, "tagline") in page.inner_text("#cb-brand")
    assert page.inner_text("#cb-send").strip() == say(other, "ask")
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(f"html[lang={other}]")


@needs_browser
def test_examples_come_from_the_index_and_can_be_asked(visit: Opener) -> None:
    page = visit(language="zh-CN")
    examples = [text.strip() for text in page.locator(".cb-example:visible").all_text_contents()]
    assert 1 <= len(examples) <= 4 and all(examples)
    page.locator(".cb-example").first.click()
    page.wait_for_selector(".cb-mode")
    assert page.text_content(".cb-question") == examples[0]


@needs_browser
@pytest.mark.parametrize("width", [360, 1280])
def test_hostile_text_is_shown_and_does_nothing(visit: Opener, width: int) -> None:
    page = visit(width=width)
    ask(page, "How is the quasar widget calibrated with a lantern?")
    assert "<script>" in page.inner_text(".cb-sources")
    page.locator(".cb-number").first.hover()
    page.click("#cb-coverage")
    page.wait_for_selector("table.cb-library")
    assert "<script>" in page.inner_text("table.cb-library")
    for area in ("#cb-live", "#cb-library"):
        for tag in ("script", "img", "iframe", "form", "svg", "object", "[onerror]", "[onload]", "[onmouseover]"):
            assert page.locator(f"{area} {tag}").count() == 0, f"{tag} in {area}"
        hrefs = page.eval_on_selector_all(f"{area} a", "links => links.map(link => link.href)")
        known = {row["url"] for row in ROWS}
        for href in hrefs:
            assert urlsplit(href).scheme in ("http", "https")
            assert "/api/references/" in href or any(urlsplit(href).netloc == urlsplit(url).netloc for url in known)
    shoot(page, f"hostile-{width}")


@needs_browser
def test_the_library_shows_every_reference_and_can_be_searched(visit: Opener) -> None:
    page = visit()
    assert say("en", "read_line", read=3, total=len(ROWS)) in page.inner_text("#cb-coverage")
    page.click("#cb-coverage")
    page.wait_for_selector("table.cb-library")
    assert page.locator("table.cb-library tbody tr").count() == len(ROWS)
    assert "robots.txt closes /federated" in page.inner_text("table.cb-library")
    shoot(page, "library")
    page.fill("#cb-search input, #cb-search textarea", "zero-shot")
    page.wait_for_function("document.querySelectorAll('table.cb-library tbody tr').length === 1")


@needs_browser
def test_a_site_chosen_narrows_the_answer(visit: Opener) -> None:
    page = visit()
    page.click("#cb-site input")
    page.get_by_role("option", name=re.compile("en.example.org")).click()
    ask(page, "What is learning?")
    sites = page.locator(".cb-source .cb-facts").all_text_contents()
    assert all(text.startswith("en.example.org") for text in sites)


@needs_browser
def test_a_question_that_is_too_long_is_told_in_a_sentence(visit: Opener) -> None:
    page = visit()
    page.evaluate("document.querySelector('#cb-question textarea').removeAttribute('maxlength')")
    page.fill("#cb-question textarea", "x" * 2001)
    page.click("#cb-send")
    page.wait_for_selector(".cb-problem")
    assert page.inner_text(".cb-problem") == say("en", "too_long", n=2000)
    ask(page, "What is zero-shot learning?")


@needs_browser
def test_with_a_token_the_chat_opens_once_it_was_given(browser: Browser, tmp_path: Path) -> None:
    with serving(make(tmp_path), token="a token") as url:
        context = browser.new_context(locale="en-US")
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(url)
        assert page.locator(".cb-brand").count() == 0
        for token in ("wrong", "a token"):
            page.fill("input[name=token]", token)
            with page.expect_navigation():
                page.click("button")
        page.wait_for_selector(".cb-brand")
        assert "token" not in page.url
        ask(page, "What is zero-shot learning?")
        assert page.locator(".cb-source").count() >= 1
        assert [cookie["value"] for cookie in context.cookies()] != ["a token"]
        context.close()
