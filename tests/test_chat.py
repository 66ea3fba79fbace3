"""The chat in a real browser: what people do with it, at two widths, in both languages and both themes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from chat.words import say
from tests.browsing import Opener, ask, axe, browsing, chromium, needs_browser, settled, shoot
from tests.model_server import model_server
from tests.small_library import ROWS, make, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WALKS = [("zh-CN", 360, "dark"), ("zh-CN", 1280, "light"), ("en-US", 360, "light"), ("en-US", 1280, "dark")]
ABOUT = {"zh": "什么是领域自适应？", "en": "What is zero-shot learning?"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(make(tmp_path_factory.mktemp("library"))) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from chromium()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Opener]:
    yield from browsing(browser, address)


@needs_browser
@pytest.mark.parametrize(("language", "width", "scheme"), WALKS)
def test_a_walk_through_the_chat(visit: Opener, address: str, language: str, width: int, scheme: str) -> None:
    """Welcome, narrow, ask, look at a quote, follow it to the stored copy, the library; axe-core finds nothing serious."""
    spoken = language[:2]
    page = visit(language=language, width=width, scheme=scheme)
    page.set_default_timeout(15_000)
    name = f"{language}-{width}-{scheme}"
    assert page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")
    assert page.evaluate("document.documentElement.lang") == spoken
    assert say(spoken, "read_line", read=3, total=len(ROWS)) in page.inner_text(".cb-coverage")
    assert page.inner_text(".cb-who") == say(spoken, "mode_extractive")
    shoot(page, f"{name}-1-welcome")
    found = axe(page)
    page.click(".cb-narrow summary")
    shoot(page, f"{name}-2-narrow")
    found += axe(page)
    page.keyboard.press("Escape")
    assert not page.is_visible(".cb-menus")

    question = ABOUT[spoken]
    expected = httpx.post(f"{address}/api/ask", json={"question": question}, timeout=30).json()["citations"]
    ask(page, question)
    first = page.locator(".cb-number").first
    assert first.get_attribute("href") == expected[0]["passage_url"]
    assert (first.get_attribute("target"), first.get_attribute("rel")) == ("_blank", "noopener noreferrer")
    quotes = page.locator(".cb-quote").all_text_contents()
    assert sorted(quotes) == sorted(citation["quote"] for citation in expected)
    if width < 700:
        first.dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
        first.dispatch_event("click")
    else:
        first.hover()
    peek = page.locator(".cb-peek").first
    assert peek.is_visible() and peek.locator("mark").inner_text() == expected[0]["quote"]
    shoot(page, f"{name}-3-answer")
    found += axe(page)
    with page.context.expect_page() as opened:
        peek.locator(".cb-links a").nth(1).click()
    stored = opened.value
    stored.wait_for_load_state()
    assert "".join(stored.locator("mark").all_text_contents()).strip() == expected[0]["quote"].strip()
    assert "2026-01-01" in stored.inner_text(".about")
    stored.close()
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.click(".cb-tab >> nth=1")
    page.wait_for_selector(".cb-map")
    page.wait_for_selector("table.cb-library")
    assert page.locator("table.cb-library tbody tr").count() == len(ROWS)
    assert "robots.txt closes /federated" in page.inner_text("table.cb-library")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shoot(page, f"{name}-4-library", whole=True)
    assert found + axe(page) == []


@needs_browser
def test_a_question_can_be_asked_again_changed_and_cleared(visit: Opener) -> None:
    page = visit()
    for question in (ABOUT["en"], "What is an attribute?", "什么是迁移学习？"):
        ask(page, question)
    assert page.locator("#cb-past .cb-turn").count() == 2
    page.locator(".cb-turn >> nth=1").get_by_text(say("en", "edit")).click()
    assert page.input_value("#cb-question") == "What is an attribute?" and page.is_visible(".cb-editing")
    page.keyboard.type(" Really")
    page.click(".cb-send")
    settled(page, 2)
    assert page.locator(".cb-question").all_text_contents() == [ABOUT["en"], "What is an attribute? Really"]
    page.locator(".cb-turn >> nth=0").get_by_text(say("en", "retry")).click()
    settled(page, 1)
    assert page.locator(".cb-question").all_text_contents() == [ABOUT["en"]]
    page.click(".cb-clear")
    page.wait_for_selector(".cb-example >> nth=0", state="visible")
    page.reload()
    page.wait_for_selector(".cb-example >> nth=0", state="visible")
    assert page.locator(".cb-turn").count() == 0


@needs_browser
def test_a_conversation_survives_a_reload_and_can_be_taken_along(visit: Opener, address: str) -> None:
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, ABOUT["en"])
    before = page.inner_text("#cb-live .cb-answer"), page.inner_text(".cb-sources")
    page.reload()
    page.wait_for_selector(".cb-turn")
    assert (page.inner_text("#cb-live .cb-answer"), page.inner_text(".cb-sources")) == before
    page.get_by_text(say("en", "copy"), exact=True).click()
    page.get_by_text(say("en", "copied")).wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[^1]" in copied and "[^1]: Zero-shot learning in brief (en.example.org" in copied
    for kind, ending, mark in (
        ("markdown", ".md", "[^1-1]: "),
        ("bibtex", ".bib", "@misc{citeback-2,"),
        ("ris", ".ris", "TY  - ELEC"),
    ):
        page.click(".cb-export summary")
        with page.expect_download() as download:
            page.get_by_text(say("en", f"export_{kind}")).click()
        assert download.value.suggested_filename == f"citeback{ending}"
        assert mark in Path(download.value.path()).read_text(encoding="utf-8")
    ask(page, "And what is an attribute?")
    assert page.locator(".cb-turn").count() == 2


@needs_browser
@pytest.mark.parametrize(("language", "tag"), [("zh-TW", "zh")])
def test_language_and_theme_follow_the_browser_and_can_be_switched_for_good(
    visit: Opener, language: str, tag: str
) -> None:
    page = visit(language=language)
    other = "en" if tag == "zh" else "zh"
    page.wait_for_selector(f"html[lang={tag}]")
    assert say(tag, "tagline") in page.inner_text(".cb-welcome")
    page.click(".cb-switch")
    page.get_by_text(say(other, "theme")).click()
    page.wait_for_selector(f"html[lang={other}]")
    assert page.inner_text(".cb-send").strip() == say(other, "ask")
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(f"html[lang={other}]")
    again.wait_for_selector("body.dark")


@needs_browser
def test_questions_to_begin_with_and_the_map_can_be_asked_by_keyboard(visit: Opener) -> None:
    page = visit(language="zh-CN")
    examples = [text.strip() for text in page.locator(".cb-example").all_text_contents()]
    assert 1 <= len(examples) <= 4 and all(examples)
    page.locator(".cb-example").first.focus()
    page.keyboard.press("Enter")
    settled(page, 1)
    assert page.text_content(".cb-question") == examples[0]
    page.locator(".cb-tab >> nth=1").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".cb-dot")
    page.locator(".cb-dot >> nth=1").focus()
    assert page.inner_text(".cb-spot").startswith("Zero-shot learning in brief")
    page.keyboard.press("Enter")
    settled(page, 2)
    assert page.locator(".cb-question").last.text_content() == say("zh", "about", title="Zero-shot learning in brief")


@needs_browser
def test_the_library_is_searched_sorted_and_reached_from_an_answer(visit: Opener) -> None:
    page = visit()
    ask(page, "哪些文章介绍联邦学习入门？")
    page.click(".cb-coverage") if page.is_visible(".cb-coverage") else page.click(".cb-tab >> nth=1")
    page.wait_for_selector("table.cb-library")
    page.locator(".cb-sort", has_text=say("en", "length")).click()
    page.wait_for_selector("th[aria-sort=ascending] >> text=Characters")
    page.locator(".cb-sort", has_text=say("en", "length")).click()
    page.wait_for_selector("th[aria-sort=descending]")
    lengths = [int(text.replace(",", "") or 0) for text in page.locator("tbody td:nth-child(5)").all_text_contents()]
    assert lengths == sorted(lengths, reverse=True) and lengths[0] > 0
    page.fill("[data-look=search]", "zero-shot")
    page.wait_for_function("document.querySelectorAll('table.cb-library tbody tr').length === 1")
    page.fill("[data-look=search]", "")
    page.select_option("[data-look=outcome]", "robots")
    page.wait_for_selector("table.cb-library tbody tr >> text=联邦学习入门")
    assert page.locator("table.cb-library tbody tr").count() == 1
    assert "联邦学习入门" in page.inner_text("table.cb-library")


@needs_browser
def test_filters_narrow_the_answer_and_trouble_is_told_in_a_sentence(visit: Opener) -> None:
    page = visit()
    page.evaluate("document.querySelector('#cb-question').removeAttribute('maxlength')")
    ask(page, "x" * 2001)
    assert page.inner_text(".cb-problem") == say("en", "too_long", n=2000)
    page.click(".cb-clear")
    page.wait_for_function("!document.querySelector('.cb-turn')")
    page.click(".cb-narrow summary")
    page.select_option("[data-filter=site]", "en.example.org")
    page.check("[data-filter=fully_read]")
    assert "en.example.org (1)" in page.inner_text(".cb-narrowed")
    ask(page, "What is zero-shot learning?")
    sites = page.locator(".cb-source .cb-facts").all_text_contents()
    assert sites and all(text.startswith("en.example.org") for text in sites)
    page.click(".cb-narrow summary")
    page.get_by_text(say("en", "reset"), exact=True).click()
    page.select_option("[data-filter=language]", "zh")
    ask(page, ABOUT["en"])
    assert "Zero-shot" not in "".join(page.locator(".cb-turn >> nth=1 >> .cb-source").all_text_contents())


@needs_browser
def test_a_models_answer_is_named_marked_and_can_be_stopped(browser: Browser, tmp_path: Path) -> None:
    claim = "Zero-shot learning recognises classes that were never seen during training [ref 1]. "
    invented = "It was invented on Mars by 5,000 penguins in 1807. "
    with model_server(lambda _: claim + invented) as model:
        settings = {"CITEBACK_LLM_BASE_URL": model.url, "CITEBACK_LLM_MODEL": "tiny-7b"}
        with serving(make(tmp_path), environment=settings) as url:
            for page in (visiting := browsing(browser, url)):
                page = page()
                assert page.inner_text(".cb-who") == "tiny-7b"
                page.evaluate("""() => {window.seen = [];
                    new MutationObserver(() => { const words = document.querySelector('#cb-live .cb-answer');
                        if (words) window.seen.push([words.className, words.querySelectorAll('.cb-number').length]); })
                    .observe(document.body, {childList: true, subtree: true, characterData: true, attributes: true});}""")
                ask(page, ABOUT["en"])
                growing = [links for kind, links in page.evaluate("window.seen") if "cb-live" in kind]
                assert growing and max(growing) > 0, "no marker became a link while the answer grew"
                assert "penguins" in page.inner_text(".cb-unsupported")
                assert "tiny-7b" in page.inner_text(".cb-mode")
                shoot(page, "model-unsupported")
                assert axe(page) == []
                model.script, model.trouble = (lambda _: claim * 3), "stalls"
                page.fill("#cb-question", "What is an attribute of zero-shot learning?")
                page.press("#cb-question", "Enter")
                page.wait_for_selector(".cb-stop", state="visible")
                page.locator("#cb-live .cb-question", has_text="attribute").wait_for()
                page.locator("#cb-live .cb-live .cb-number").first.wait_for()
                page.click(".cb-stop")
                page.wait_for_selector(".cb-note")
                assert page.inner_text(".cb-note") == say("en", "stopped")
                assert page.locator("#cb-live .cb-source").count() == 1, "what was written keeps its sources"
                assert page.locator("#cb-live .cb-answer .cb-number").count() == 1
                assert page.is_visible(".cb-send")
                model.script = lambda _: (
                    ""
                )  # nothing comes: the question is seen all the same, and stays when it is stopped
                page.fill("#cb-question", "What is a class?")
                page.press("#cb-question", "Enter")
                page.locator("#cb-live .cb-reading").wait_for()
                assert page.inner_text("#cb-live .cb-reading").startswith("tiny-7b reads ")
                assert page.locator("#cb-live .cb-wait li").count() > 0, "whoever waits sees what is read"
                shoot(page, "model-reading")
                assert page.inner_text("#cb-live .cb-question") == "What is a class?"
                assert page.locator("#cb-past .cb-turn").count() == 2
                page.click(".cb-stop")
                page.wait_for_selector("#cb-live .cb-note")
                model.script, model.trouble = (lambda _: claim), ""
                page.locator("#cb-live").get_by_text(say("en", "retry")).click()
                settled(page, 3)
                assert page.locator("#cb-live .cb-source").count() >= 1
                page.click(".cb-switch")  # drawn anew by the server: the same conversation
                page.locator("#cb-live .cb-label").get_by_text(say("zh", "sources")).wait_for()
                said = page.locator(".cb-question").all_text_contents()
                assert said == [ABOUT["en"], "What is an attribute of zero-shot learning?", "What is a class?"]
                next(visiting, None)


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
        ask(page, ABOUT["en"])
        assert page.locator(".cb-source").count() >= 1
        assert [cookie["value"] for cookie in context.cookies()] != ["a token"]
        context.close()
