"""What the chat draws, without a browser: no text of others becomes markup, and the numbers are true."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.answer import TURNS_KEPT, earlier, halted
from chat.charts import overview
from chat.draw import Turn, by_reference, paragraphs, source_card, streaming, thread
from chat.export import download
from chat.frame import composer, coverage, head, welcome
from chat.library import ROWS as MOST_ROWS
from chat.library import View, controls, table
from chat.links import link
from chat.reasons import why
from chat.words import LANGUAGES, WORDS, outcome_word, pick, say
from chat.works import report
from index.records import Item, Outcome
from rag.atlas import Spot
from rag.context import Context
from rag.questions import understand
from rag.records import Answer, CheckedSentence, Citation, UnreadReference
from rag.words import answer_text
from tests.small_library import ATTACK


def citation(**more: Any) -> Citation:
    return Citation(
        **{
            "number": 1,
            "reference": 7,
            "url": "https://x.test/",
            "title": "T",
            "topic": ("A",),
            "site": "x.test",
            "author": None,
            "published": None,
            "fetched_at": None,
            "outcome": "read",
            "quote": "q",
            "start": 0,
            "end": 1,
            "passage_url": "https://x.test/#:~:text=q",
            "stored_url": "/x",
            "score": 0.5,
            **more,
        }
    )


def tags(drawn: str) -> set[str]:
    return set(re.findall(r"<(\w+)", drawn))


PLAIN = {
    "section",
    "h1",
    "h2",
    "h3",
    "p",
    "div",
    "span",
    "a",
    "b",
    "i",
    "br",
    "ol",
    "ul",
    "li",
    "blockquote",
    "bdi",
    "mark",
    "code",
}
HARMLESS = PLAIN | {
    "button", "nav", "textarea", "details", "summary", "label", "select", "option", "input", "table", "thead", "tbody", "tr", "th", "td",
    "caption", "figure", "figcaption", "svg", "g", "circle", "path", "rect",
}  # fmt: skip


@given(
    text=st.text(max_size=40) | st.sampled_from([ATTACK, "javascript:alert(1)", "[1] [2]", "\n\n[1]", "a\"b'c<d>&e"])
)
@settings(max_examples=150, deadline=None)
def test_no_text_of_others_becomes_a_tag_or_leaves_its_attribute(text: str) -> None:
    cited = citation(
        title=text, quote=text, site=text, author=text, topic=(text,), url=text, passage_url=text, outcome=text
    )
    unread = UnreadReference(3, text, text, text, text)
    drawn = thread(
        [Turn(text, Answer(text, True, (cited,), (unread,), "s", mode="m", model=text)), Turn(text, problem=text)], "en"
    )
    assert tags(drawn) <= PLAIN | {"button"}
    item = Item(1, text, text, (text, text), text, Outcome.READ, text, text, site=text, reader=text, fetched_at=text)
    others = [Item(n, text, text, (text,), text, Outcome.FAILED, text, text, site=text) for n in (2, 3)]
    items, spots = [item, *others], [Spot(n, 0.5, n / 3) for n in (1, 2, 3)]
    drawn += streaming(text, text, "zh", (cited,)) + table(items, "en", rescue=True) + overview(items, spots, "zh")
    drawn += (
        head("en", text)
        + welcome("zh", {"outcomes": {text: 2}, "references": 3}, [text])
        + controls(items, [(text,)], "en")
    )
    drawn += composer("zh", [(text,)], items, {1: text}) + download(
        "markdown", [Turn(text, Answer(text, True, (cited,), (), ""))], "en"
    )
    assert tags(drawn) <= HARMLESS
    for name in re.findall(r"<\w+((?:\s[^<>]*)?)>", drawn):
        assert re.fullmatch(r'(?:\s[A-Za-z-]+(?:="[^"<>]*")?)*/?', name), name
        assert not re.search(
            r"\s(?:on\w+|style|src|srcset|formaction|action|xlink:href)=", re.sub(r'"[^"]*"', '""', name)
        ), name
    for href in re.findall(r'href="([^"]*)"', drawn):
        assert href.startswith(("http://", "https://", "api/references/"))


def test_a_number_nobody_earned_stays_plain_text() -> None:
    drawn = thread([Turn("q", Answer("One [1], two [2], three [10].", False, (citation(),), (), "s"))], "en")
    assert drawn.count('class="cb-number"') == 1
    assert '<span class="cb-marker">[2]</span>' in drawn and '<span class="cb-marker">[10]</span>' in drawn


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "JAVASCRIPT:alert(1)",
        "java\nscript:x",
        "//evil.test",
        "file:///etc/passwd",
        "http:",
        "",
        "vbscript:x",
        "http://[broken",
    ],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert "<a" not in link(url, "label")


def test_a_title_known_only_from_the_list_is_told_apart() -> None:
    assert say("en", "listed_only") in source_card([citation(outcome="robots")], "en")
    assert say("en", "listed_twice") in source_card([citation(outcome="duplicate")], "en")
    assert say("en", "listed_only") not in source_card([citation(outcome="archived")], "en")
    assert "api/references/7" in source_card([citation()], "en")
    assert "api/references/7" not in source_card([citation(outcome="robots")], "en")


def test_a_refusal_names_no_maker_and_an_answer_does() -> None:
    refusal = thread([Turn("q", Answer("Nothing answers this. Run `citeback rebuild`.", True, (), (), "s"))], "en")
    assert "<code>citeback rebuild</code>" in refusal
    answer = thread([Turn("q", Answer("It does [1].", False, (citation(quote="It does"),), (), "s"))], "en")
    assert "cb-refused" in refusal and say("en", "extractive") not in refusal
    assert "cb-refused" not in answer and say("en", "extractive") in answer
    named = thread([Turn("q", Answer("On it:\n- T [1]", False, (citation(quote="Something that T says."),), (), "s"))], "en")
    assert say("en", "extractive") not in named


def test_lines_that_are_a_list_are_drawn_as_one() -> None:
    drawn = thread([Turn("q", Answer("Two:\n- a [1]\n- b\n\nEnd", False, (citation(),), (), "s"))], "en")
    assert re.search(r"<p>Two:</p><ul><li>a<span.*</li><li>b</li></ul><p>End</p>", drawn)


def test_the_line_of_what_was_read_adds_up() -> None:
    status = {"references": 90, "outcomes": {"read": 2, "partial": 1, "robots": 86, "not_found": 1}}
    assert coverage(status, "en") == "Read 3 of 90 references · 1 only in part · 86 closed to crawlers · 1 not found"
    assert coverage(status, "zh").startswith("共 90 篇文献，已读 3 篇")


def test_a_long_library_says_how_much_it_does_not_show() -> None:
    items = [Item(n, f"https://x.test/{n}", f"Title {n}", (), None, Outcome.READ) for n in range(MOST_ROWS + 7)]
    drawn = table(items, "en")
    assert drawn.count("<tr") == MOST_ROWS + 1 and "7 more" in drawn
    assert "No reference matches" in table(items, "en", View(search="nothing like this"))


def test_every_phrase_and_outcome_has_both_languages() -> None:
    for key, phrases in WORDS.items():
        assert len(phrases) == len(LANGUAGES) and all(phrases), key
        assert sorted(re.findall(r"{\w+}", phrases[0])) == sorted(re.findall(r"{\w+}", phrases[1])), key
    for outcome in Outcome:
        assert re.search("[一-龥]", outcome_word("zh", outcome.value)), outcome
    assert [pick(tag) for tag in ("zh-CN", "zh", "ZH-tw", "en", "fr", "", None)] == [
        "zh",
        "zh",
        "zh",
        "en",
        "en",
        "en",
        "en",
    ]


def test_a_quote_is_shown_in_its_context_and_leads_to_passage_and_copy() -> None:
    around = {1: Context("Before it.", "q", "After it.")}
    drawn = thread(
        [Turn("q", Answer("One [1].", False, (citation(fetched_at="2026-01-02T03:04"),), (), "s"), contexts=around)],
        "en",
    )
    peek = drawn[drawn.index('<span class="cb-peek">') :]
    assert "Before it. <mark>q</mark> After it." in peek
    assert (
        'href="https://x.test/#:~:text=q"' in peek
        and 'start=0&amp;end=1#passage"' in peek
        and "as of 2026-01-02" in peek
    )


def test_a_marker_is_a_link_as_soon_as_its_source_is_known() -> None:
    assert 'class="cb-number"' not in streaming("q", "One [1]", "en")
    growing = streaming("q", "One [1] and two [2]", "en", (citation(),))
    assert growing.count('class="cb-number"') == 1 and 'aria-busy="true"' in growing


def test_sentences_that_stand_on_nothing_are_marked_and_shown() -> None:
    checked = (
        CheckedSentence("It is so.", "supported", (1,)),
        CheckedSentence("It is <b>odd</b>.", "unsupported", ()),
        CheckedSentence("Hm.", "weak", ()),
    )
    answer = Answer(
        "It is so. [1] It is <b>odd</b>. (not supported) Hm.",
        False,
        (citation(),),
        (),
        "s",
        "model",
        "m",
        sentences=checked,
    )
    drawn = thread([Turn("q", answer)], "en")
    assert '<span class="cb-unsupported">It is &lt;b&gt;odd&lt;/b&gt;.</span> (not supported)' in drawn
    assert '<span class="cb-weak">Hm.</span>' in drawn and drawn.count("cb-unsupported") == 1
    assert "Written by m" in drawn


def test_the_mode_is_always_told() -> None:
    assert say("zh", "mode_extractive") in head("zh", None) and "qwen3" in head("en", "qwen3")


@pytest.mark.parametrize(
    ("reason", "chinese"),
    [
        ("the publisher has deleted it", "发布者已删除"),
        ("the server answers 404: the page does not exist", "服务器返回 404：网页不存在"),
        ("robots.txt of example.org forbids it", "example.org 的 robots.txt 禁止抓取"),
        ("something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_reasons_are_told_in_chinese_where_they_are_known(reason: str, chinese: str) -> None:
    assert why("zh", reason) == chinese
    assert why("en", reason) == reason


def test_a_build_says_how_many_pages_it_did_not_ask_for_again() -> None:
    assert "41 pages were not asked for again" in report({"not_asked": 41}, "en")
    assert "not asked for again" not in report({"not_asked": 0}, "en")


def test_quotes_of_one_article_share_a_card_that_names_their_numbers() -> None:
    first, other, third = citation(number=1), citation(number=2, reference=8), citation(number=3)
    assert by_reference([first, other, third]) == [[first, third], [other]]
    card = source_card([first, third], "en")
    assert card.count("cb-title") == 1 and card.count("<blockquote") == 2
    assert re.findall(r'cb-rank">(\d+)<', card) == ["1", "3"]


def test_a_stop_keeps_the_question_in_its_place() -> None:
    said = [Turn("a", ticket=1), Turn("b", ticket=2), Turn("c", partial="so far", ticket=3)]
    assert halted(said, {"ticket": 3, "question": "c"}) == said
    *rest, last = halted(said, {"ticket": 4, "question": " d ", "at": None})
    assert rest == said and (last.question, last.partial, last.ticket) == ("d", "", 4)
    assert [entry.question for entry in halted(said, {"ticket": 4, "question": "b2", "at": 1})] == ["a", "b2"]
    assert halted([], {"ticket": 1}) == [] and halted(said, {"ticket": "x", "question": 5})[-1].question == "5"


def test_the_oldest_turns_are_forgotten() -> None:
    said = [Turn(str(number)) for number in range(TURNS_KEPT + 2)]
    assert [entry.question for entry in earlier(said, {})][:1] == ["2"] and len(earlier(said, {})) == TURNS_KEPT
    assert earlier(said, {"at": 3}) == said[:3] and earlier(said[:2], {"at": -1}) == said[:2]


def test_code_keeps_its_lines_under_the_sentence_that_announces_it() -> None:
    quoted = "It is computed so:\n\n```python\ndef mmd(x):\n    return x[0] < 1  # <b>\n```"
    text = answer_text(understand("How is MMD computed?"), (citation(quote=quoted),))
    assert text == "It is computed so: [1]\n\n```\ndef mmd(x):\n    return x［0］ < 1  # <b>\n```"
    drawn = paragraphs(text + "\n\nAnd more. [1]", {1: citation()})
    assert (
        '<pre class="cb-code" tabindex="0"><code>def mmd(x):\n    return x［0］ &lt; 1  # &lt;b&gt;</code></pre><p>And more.'
        in drawn
    )
    assert drawn.startswith("<p>It is computed so:") and drawn.count('class="cb-number"') == 2
    for odd in ("```\nonly code\n```", "Text:\n\n```\nnever closed", "One ``` two ``` three"):
        assert "\n```" not in answer_text(understand("What?"), (citation(quote=odd),))
