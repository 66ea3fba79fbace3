"""Readers: what is a page, what is not, and what is kept of one. All fixtures are written here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import UsageError
from index.readers import read, recognise
from index.readers.decode import decode
from index.readers.saved import load_saved, name_hint
from index.records import Article, Outcome, Page

SHARED = Path(__file__).parents[2] / "shared" / "pages"
PARAGRAPH = "水壶的底是铜做的，导热很快，所以两分钟就能把水烧开；把手用榉木做成，握着不烫。"
HEXO = f"""<html><head><title>水壶 | 博客</title><meta property="og:title" content="水壶的构造">
<link rel="canonical" href="https://blog.example.org/kettle.html"></head><body><nav>首页 归档</nav><article class="post">
<time itemprop="dateCreated datePublished" datetime="2020-02-03T10:00:00+08:00">2020-02-03</time>
<div class="post-body" itemprop="articleBody"><p>{PARAGRAPH}</p><h3 id="1">材料</h3><p>导热系数记作$k_{{c}}$，单位见<a href="/t">表</a>。</p>
<figure class="highlight python"><table><tr><td class="gutter"><pre><span class="line">1</span><br><span class="line">2</span></pre></td>
<td class="code"><pre><span class="line">def boil():</span><br><span class="line">    return 100</span></pre></td></tr></table></figure>
<ul><li>壶身</li><li>壶盖</li></ul><table><tr><th>材料</th><th>系数</th></tr><tr><td>铜</td><td>400</td></tr></table></div></article>
<div class="comments"><p>写得真好，学习了，谢谢分享，期待下一篇文章早日发布。</p></div></body></html>"""


def page(
    body: str | bytes,
    *,
    status: int = 200,
    kind: str = "text/html",
    url: str = "https://x.org/a",
    redirects: tuple[str, ...] = (),
) -> Page:
    content = body.encode() if isinstance(body, str) else body
    return Page("x.org/a", url, status, (("content-type", kind),), content, "2026-01-01T00:00:00+00:00", redirects)


def article(body: str | bytes, **about: str) -> Article:
    result = read(page(body, **about))  # type: ignore[arg-type]
    assert isinstance(result, Article), result
    return result


def test_a_hexo_post_keeps_headings_code_formulas_lists_and_tables() -> None:
    found = article(HEXO)
    assert found.title == "水壶的构造"
    assert (found.published, found.canonical_url, found.language) == (
        "2020-02-03",
        "https://blog.example.org/kettle.html",
        "zh",
    )
    assert found.text == (
        f"{PARAGRAPH}\n\n### 材料\n\n导热系数记作$k_{{c}}$，单位见表。\n\n```\ndef boil():\n    return 100\n```\n\n- 壶身\n- 壶盖\n\n"
        "| 材料 | 系数 |\n| --- | --- |\n| 铜 | 400 |"
    )


def test_brackets_of_a_formula_are_kept_as_written_before_a_space_too() -> None:
    formula = r"$\mathbb{E}[\phi(x_s)] - \mathbb{E}[\phi(x_t)] = 0$"
    found = article(
        f"<html><title>均值</title><article><h1>均值</h1><p>{PARAGRAPH * 3}</p><p>两个域的均值之差是{formula} ，越小越好。</p></article></html>"
    )
    assert formula in found.text


def test_an_english_article_is_read_without_its_surroundings() -> None:
    sentences = "The kettle boils water in two minutes because its base is made of copper. Its handle stays cold, for it is made of beech. "
    found = article(
        f"<html><head><title>Kettles</title></head><body><nav><a href=/>Home</a></nav><article><h1>Kettles</h1>"
        f"<p>{sentences * 3}</p><p>{sentences}</p></article><footer>imprint</footer></body></html>"
    )
    assert "base is made of copper" in found.text
    assert "imprint" not in found.text


def test_markdown_is_kept_as_it_is_written() -> None:
    text = "---\ntitle: 笔记\n---\nTop\n===\n\n- a [link](b.md)\n\n```\ncode  \n```\n"
    found = article(text, kind="text/markdown")
    assert (found.title, found.text) == ("笔记", "# Top\n\n- a [link](b.md)\n\n```\ncode\n```")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(404, Outcome.NOT_FOUND), (410, Outcome.NOT_FOUND), (403, Outcome.BLOCKED), (401, Outcome.BLOCKED), (429, Outcome.BLOCKED),
     (500, Outcome.UNAVAILABLE), (503, Outcome.UNAVAILABLE), (418, Outcome.UNAVAILABLE), (304, Outcome.UNAVAILABLE)],
)  # fmt: skip
def test_a_status_decides_before_anything_is_read(status: int, outcome: Outcome) -> None:
    verdict = recognise(page(HEXO, status=status))
    assert verdict is not None
    assert (verdict.outcome, verdict.http_status) == (outcome, status)
    assert verdict.reason
    assert verdict.hint


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ('<html><script>var PAGE_MID="mmbizwap:secitptpage/verify.html"</script><script src="TCaptcha.js"></script></html>', Outcome.BLOCKED),
        ('<html><meta id="zh-zse-ck" content="1"><script src="zse-ck.js"></script></html>', Outcome.BLOCKED),
        ('<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>', Outcome.BLOCKED),
        ('<html><div class="weui-msg"><h2 class="weui-msg__title warn">该内容已被发布者删除</h2></div></html>', Outcome.DELETED),
        ('<html><div class="weui-msg"><h2 class="weui-msg__title">此内容因违规无法查看</h2></div></html>', Outcome.DELETED),
        ('<html><div class="weui-msg"><h2 class="weui-msg__title warn">参数错误</h2></div></html>', Outcome.NOT_FOUND),
        ('<html><body><div id="root"></div><script src="app.js"></script></body></html>', Outcome.NEEDS_RENDERING),
        ("", Outcome.UNAVAILABLE),
    ],
)  # fmt: skip
def test_a_page_that_is_none_is_never_read(body: str, outcome: Outcome) -> None:
    result = read(page(body))
    assert not isinstance(result, Article)
    assert result.outcome is outcome


def test_a_live_article_may_quote_a_deletion_notice() -> None:
    body = f'<html><title>T</title><div id="js_content"><p>有人问，看到“该内容已被发布者删除”怎么办？{PARAGRAPH}</p></div></html>'
    assert "该内容已被发布者删除" in article(body).text


def test_a_redirect_to_a_login_is_a_wall() -> None:
    verdict = recognise(
        page("<html>please sign in</html>", url="https://x.org/signin?next=a", redirects=("https://x.org/a",))
    )
    assert verdict is not None
    assert verdict.outcome is Outcome.BLOCKED


def test_a_film_is_not_supported() -> None:
    verdict = recognise(page(b"\0\1\2", kind="video/mp4"))
    assert verdict is not None
    assert verdict.outcome is Outcome.UNSUPPORTED


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PARAGRAPH.encode(), "text/html"),
        (PARAGRAPH.encode("gb18030"), "text/html; charset=gb2312"),
        (b'<meta charset="gb2312">' + PARAGRAPH.encode("gbk"), "text/html"),
        (b'<meta charset="gb2312">' + PARAGRAPH.encode(), "text/html; charset=gbk"),
        (PARAGRAPH.encode("gb18030"), "text/html"),
        (b"\xef\xbb\xbf" + PARAGRAPH.encode(), "text/html"),
        (PARAGRAPH.encode("utf-16"), "text/html"),
        (PARAGRAPH.encode().replace("，".encode(), b"\0\xef\xbc\x8c"), "text/html"),
    ],
)
def test_any_encoding_with_any_declaration_is_read_without_mojibake(body: bytes, kind: str) -> None:
    assert PARAGRAPH in decode(page(body, kind=kind))


def test_one_invalid_byte_spoils_one_character() -> None:
    assert decode(page(PARAGRAPH.encode() + b"\xff" + PARAGRAPH.encode())).count("\ufffd") == 1


@given(
    st.binary(max_size=400) | st.text(alphabet="<>/ap='\"!-d迁&;", max_size=200).map(str.encode),
    st.sampled_from(["text/html", "text/markdown", ""]),
)
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_a_reader_raise(body: bytes, kind: str) -> None:
    result = read(page(body, kind=kind))
    if isinstance(result, Article):
        assert result.text.strip()
        assert "\0" not in result.text


@pytest.mark.parametrize("body", ["<div>" * 100_000, "<p>" + "字" * 5_000_000, "<table><tr><td>" * 3_000 + "x"])
def test_a_monstrous_page_ends_as_an_outcome(body: str) -> None:
    assert read(page(body)) is not None


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ('<link rel="canonical" href="https://x.org/a?b=1&amp;c=2">', "https://x.org/a?b=1&c=2"),
        ('<meta property="og:url" content="https://x.org/a">', "https://x.org/a"),
        ("<!-- saved from url=(0017)https://x.org/a -->", "https://x.org/a"),
        (
            "<html><!--\n Page saved with SingleFile \n url: https://x.org/a \n saved date: now --></html>",
            "https://x.org/a",
        ),
        ("<p>nothing</p>", ""),
    ],
)
def test_a_saved_page_says_where_it_is_from(tmp_path: Path, text: str, url: str) -> None:
    (tmp_path / "p.html").write_text(text, encoding="utf-8")
    [saved] = load_saved(tmp_path / "p.html")
    assert (saved.page.url, saved.page.origin, saved.page.status) == (url, "saved", 200)


def test_a_readme_is_named_after_its_repository(tmp_path: Path) -> None:
    assert name_hint(Path("faceai.README.md")) == "faceai"
    assert name_hint(tmp_path / "kettle" / "README.md") == "kettle"
    assert name_hint(Path("notes.md")) is None


def test_a_file_of_another_kind_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_bytes(b"x")
    with pytest.raises(UsageError, match=r"a\.xyz"):
        load_saved(tmp_path / "a.xyz")


@pytest.mark.skipif(not SHARED.exists(), reason="the saved pages are not here")
def test_no_dead_page_of_the_real_ones_is_read() -> None:
    for path in sorted(SHARED.glob("wechat_dead/*.html")):
        result = read(load_saved(path)[0].page)
        assert isinstance(result, Article) == (path.name == "syn_ok_quotes_deleted_phrase.html"), path.name
