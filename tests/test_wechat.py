"""WeChat pages: each type, its date, its identity; the data block is parsed and never run. Fixtures are written here."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import chunk
from index.readers import read
from index.readers.jsobject import parse_object, unescape
from index.records import Article, Outcome, Page
from index.urls import identity

WORDS = "水壶的底是铜做的，导热很快。把手用榉木做成，握着不烫手。"


def block(kind: str, **more: str) -> str:
    values = {"title": "JsDecode('水壶\\x26amp;茶')", "author": "JsDecode('')", "nick_name": "JsDecode('器物志')", "bizuin": "JsDecode('MzA=')",
              "mid": "'265' * 1", "idx": "'2' * 1", "ori_create_time": "'1580688000' * 1", "item_show_type": f"'{kind}' * 1", **more}  # fmt: skip
    inner = ",\n".join(f"{name}: {value}" for name, value in values.items())
    decode = r"function JsDecode(s) { return s.replace(/\x0a/g, '\n'); }"
    return f"<script h5only>{decode} try {{ window.cgiDataNew = {{ base: {{ret: '0' * 1,}}, {inner}, }}; }} catch (e) {{}}</script>"


def article(html: str) -> Article:
    url = "https://mp.weixin.qq.com/s/token"
    result = read(Page("k", url, 200, (("content-type", "text/html"),), html.encode(), "2026-01-01T00:00:00+00:00"))
    assert isinstance(result, Article), result
    return result


def page(kind: str, body: str = "", **more: str) -> str:
    head = '<head><title></title><meta property="og:title" content="og"></head>'
    return f"<html>{head}<body>{block(kind, **more)}{body}<div>微信扫一扫 使用小程序 知道了</div></body></html>"


def test_an_article_keeps_its_structure_and_says_account_date_and_identity() -> None:
    body = (
        f'<div id="img-content"><div id="js_content" style="visibility: hidden; opacity: 0;"><h2>材料</h2><p>{WORDS}</p><ul><li>壶身</li></ul>'
        '<pre><code>def a():</code><code>    return 1</code></pre><span data-formula="E=mc^2"></span></div></div>'
    )
    found = article(page("0", body))
    assert found.text == f"## 材料\n\n{WORDS}\n\n- 壶身\n\n```\ndef a():\n    return 1\n```\n\n$E=mc^2$"
    assert (found.title, found.author, found.site, found.published) == ("水壶&amp;茶", "器物志", "器物志", "2020-02-03")
    assert found.canonical_url is not None
    assert identity(found.canonical_url) == identity(
        "http://mp.weixin.qq.com/s?__biz=MzA=&mid=265&idx=2&sn=x&scene=1#rd"
    )


def test_a_repost_whose_frame_is_empty_is_read_from_the_data_block() -> None:
    found = article(
        page("0", '<div id="js_content"></div>', content_noencode=f"JsDecode('\\x3cp\\x3e{WORDS}\\x3c/p\\x3e')")
    )
    assert found.text == WORDS


def test_an_image_post_gives_its_words_and_its_pictures_as_links() -> None:
    pictures = "[{cdn_url: JsDecode('https://p.example.org/1?a=1\\x26amp;b=2'), watermark_info: {cdn_url: JsDecode('https://p.example.org/w')}, },]"
    found = article(page("8", content_noencode=f"JsDecode('{WORDS}\\x0a第二段。')", picture_page_info_list=pictures))
    assert found.text == f"{WORDS}\n\n第二段。\n\n![](https://p.example.org/1?a=1&b=2)"
    assert "微信扫一扫" not in found.text


def test_a_text_post_is_read_in_full() -> None:
    found = article(
        page(
            "10",
            '<div id="js_content">stub</div>',
            text_page_info=f"{{content_noencode: JsDecode('{WORDS}\\x0a\\x0a完。')}}",
        )
    )
    assert (found.text, found.outcome) == (f"{WORDS}\n\n完。", Outcome.READ)


@pytest.mark.parametrize("kind", ["5", "6", "7", "17"])
def test_other_kinds_are_partial_and_say_so(kind: str) -> None:
    found = article(page(kind, desc=f"JsDecode('{WORDS}')"))
    assert found.outcome is Outcome.PARTIAL
    assert WORDS in found.text
    assert found.reason
    assert found.hint


def test_an_older_page_without_the_block_has_its_date_in_a_variable() -> None:
    html = f'<html><meta property="og:title" content="水壶"><div id="js_content"><p>{WORDS}</p></div>'
    html += '<script>var ct = "1580688000"; var biz = "MzA="; var mid = "265"; var idx = "2";</script></html>'
    found = article(html)
    assert (found.title, found.published, found.text) == ("水壶", "2020-02-03", WORDS)
    assert found.canonical_url == "https://mp.weixin.qq.com/s?__biz=MzA=&mid=265&idx=2"


VALUES = st.recursive(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), VALUES, max_size=4))
@settings(max_examples=200, deadline=None)
def test_what_json_can_say_is_parsed_alike(value: dict[str, object]) -> None:
    assert parse_object("x = " + json.dumps(value), 0) == value


@given(st.text(alphabet="{}[]'\",:*1 aJ(\\x)\n", max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_broken_block_raises(text: str) -> None:
    assert isinstance(parse_object("{" + text, 0), dict)


def test_calls_products_and_unknown_expressions() -> None:
    text = "window.x = {a: JsDecode('\\x3cp\\x3e'), b: '12' * 1, c: f(1, {d: 2}) || 3, 'e-f': \"g\", h: [1, 'i',], j: alert('no')}; k: 1"
    parsed = parse_object(text, 0)
    assert (parsed["a"], parsed["b"], parsed["e-f"], parsed["h"]) == ("<p>", "12", "g", ["1", "i"])
    assert unescape(r"\u6c34\n\'") == "水\n'"


def test_a_post_saved_without_its_scripts_is_read_from_what_the_browser_drew() -> None:
    body = (
        '<html><body><h1 id="activity-name">水壶</h1><a id="js_name">器物志</a><em id="publish_time">2020年2月3日 10:00</em>'
        f'<div id="js_content"><p>{WORDS}</p></div></body></html>'
    )
    found = article(body)
    assert (found.title, found.site, found.published, found.text) == ("水壶", "器物志", "2020-02-03", WORDS)


def test_a_short_post_saved_without_its_scripts_holds_its_words_and_no_toolbar() -> None:
    body = (
        '<html><body><div id="js_content"><h1 id="js_text_title">水壶与茶</h1>'
        f'<p id="js_text_desc">{WORDS}</p><span>轻触阅读原文</span></div></body></html>'
    )
    assert article(body).text == f"水壶与茶\n\n{WORDS}"


def test_pictures_of_an_article_are_links_and_weigh_nothing_in_a_passage() -> None:
    picture = '<p><img data-src="https://p.example.org/640?wx_fmt=png" src="data:image/gif;base64,R0"></p>'
    found = article(page("0", f'<div id="js_content"><p>{WORDS}</p>{picture * 40}<p>{WORDS}</p></div>'))
    assert "![](https://p.example.org/640?wx_fmt=png)" in found.text
    [passage] = chunk(found.text)
    assert all("![" not in passage.text[s.start : s.end] for s in passage.sentences)
