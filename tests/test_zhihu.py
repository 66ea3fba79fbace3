"""Zhihu pages: articles, questions, column homes, with their data block and without it. Fixtures are written here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from index.chunk import chunk
from index.readers import read, recognise
from index.records import Article, Outcome, Page

WORDS = "水壶的底是铜做的，导热很快。把手用榉木做成，握着不烫手。"
MATH = '<img eeimg="1" src="//www.zhihu.com/equation?tex=k_c" alt="k_{c}">'
WRAPPED = '<a href="https://link.zhihu.com/?target=https%3A//x.org/a%3Fb%3D1">出处</a>'


def page(
    body: str, url: str = "https://zhuanlan.zhihu.com/p/7", status: int = 200, redirects: tuple[str, ...] = ()
) -> Page:
    return Page(
        "k", url, status, (("content-type", "text/html"),), body.encode(), "2026-01-01T00:00:00+00:00", redirects
    )


def carrying(entities: dict[str, Any], markup: str = "") -> str:
    data = json.dumps({"initialState": {"entities": entities}}, ensure_ascii=False).replace("<", "\\u003C")
    return f'<html><body>{markup}<script id="js-initialData" type="text/json">{data}</script></body></html>'


def article(body: str, url: str = "https://zhuanlan.zhihu.com/p/7") -> Article:
    found = read(page(body, url))
    assert isinstance(found, Article), found
    return found


def answer(number: int, votes: int, content: str, *, cut: bool = False) -> dict[str, Any]:
    return {
        "id": number,
        "voteupCount": votes,
        "content": content,
        "contentNeedTruncated": cut,
        "author": {"name": f"答者{number}"},
    }


def test_an_article_keeps_structure_formulas_captions_and_true_links() -> None:
    content = (
        f"<h2>材料</h2><p>{WORDS}系数是{MATH}，见{WRAPPED}。</p><ul><li>壶身</li></ul><pre><code>def a():\n    return 1</code></pre>"
        '<figure><noscript><img src="x"></noscript><img src="x" data-caption="水壶的剖面图"></figure>'
    )
    other = {"id": 8, "title": "另一篇", "content": "<p>另一篇的字。</p>"}
    own = {
        "id": 7,
        "title": "水壶",
        "content": content,
        "created": 1580688000,
        "author": {"name": "壶匠"},
        "column": {"title": "器物志"},
    }
    found = article(carrying({"articles": {"8": other, "7": own}}))
    assert found.text == (
        f"## 材料\n\n{WORDS}系数是 $k_{{c}}$ ，见[出处](https://x.org/a?b=1)。\n\n- 壶身\n\n```\ndef a():\n    return 1\n```\n\n水壶的剖面图"
    )
    assert (found.title, found.author, found.site, found.published) == ("水壶", "壶匠", "器物志", "2020-02-03")
    assert (found.outcome, found.canonical_url) == (Outcome.READ, "https://zhuanlan.zhihu.com/p/7")


def test_a_shortened_article_is_partial() -> None:
    own = {"id": 7, "title": "水壶", "content": f"<p>{WORDS}</p>", "contentNeedTruncated": True}
    found = article(carrying({"articles": {"7": own}}))
    assert found.outcome is Outcome.PARTIAL
    assert found.hint


def test_a_question_has_a_section_for_each_answer_and_says_how_many_were_read() -> None:
    entities = {
        "questions": {"5": {"id": 5, "title": "水壶怎么选？", "detail": "<p>想买一个。</p>", "answerCount": 120}},
        "answers": {"1": answer(1, 3, f"<h3>看底</h3><p>{WORDS * 6}</p>"), "2": answer(2, 90, f"<p>{WORDS * 8}</p>", cut=True)},
    }  # fmt: skip
    found = article(carrying(entities), "https://www.zhihu.com/question/5")
    assert found.outcome is Outcome.PARTIAL
    assert found.reason == "2 of 120 answers were read, 1 of them only in part"
    assert found.text.index("答者2 的回答（90 赞同）") < found.text.index("答者1 的回答（3 赞同）")
    headings = {passage.heading for passage in chunk(found.text)}
    assert ("水壶怎么选？", "答者1 的回答（3 赞同）", "看底") in headings
    assert not any("答者1" in passage.text and "答者2" in passage.text for passage in chunk(found.text))


def test_a_question_whose_every_answer_is_there_is_read() -> None:
    entities = {"questions": {"5": {"id": 5, "title": "问", "answerCount": 1}}, "answers": {"1": answer(1, 3, WORDS)}}
    found = article(carrying(entities), "https://www.zhihu.com/question/5/answer/1")
    assert (found.outcome, found.reason) == (Outcome.READ, None)


def test_a_column_home_is_a_list_of_its_articles() -> None:
    items = "".join(
        f"<div class='List-item ArticleItem' data-zop='{json.dumps({'itemId': n, 'title': f'第{n}篇'})}'></div>"
        for n in (1, 2)
    )
    found = article(
        carrying({"columns": {"c": {"title": "器物志", "intro": "写器物。", "itemsCount": 9}}}, items),
        "https://zhuanlan.zhihu.com/c",
    )
    assert "- [第1篇](https://zhuanlan.zhihu.com/p/1)" in found.text
    assert found.outcome is Outcome.PARTIAL
    assert "2 of its 9" in str(found.reason)


def test_a_saved_article_without_its_data_block_is_read_from_its_markup() -> None:
    body = (
        '<html><head><link rel="canonical" href="https://zhuanlan.zhihu.com/p/7"><title>(3 封私信) 水壶 - 知乎</title></head><body>'
        '<meta itemprop="datePublished" content="2020-02-03T00:00:00.000Z"><h1 class="Post-Title">水壶</h1>'
        '<div class="AuthorInfo-name"><style>.a{}</style>壶匠</div><div class="RichText ztext Post-RichText">'
        f'<p>{WORDS}<span class="ztext-math" data-tex="k_{{c}}"><span>kc</span></span></p></div></body></html>'
    )
    found = article(body)
    assert (found.title, found.author, found.published) == ("水壶", "壶匠", "2020-02-03")
    assert found.text == f"{WORDS} $k_{{c}}$"


def test_a_saved_question_without_its_data_block_is_read_from_its_markup() -> None:
    zop = json.dumps({"authorName": "壶匠", "type": "answer"})
    body = (
        '<html><meta itemprop="answerCount" content="12"><h1 class="QuestionHeader-title">水壶怎么选？</h1>'
        f"<div class='ContentItem AnswerItem' data-zop='{zop}'><meta itemprop='upvoteCount' content='41'>"
        f'<div class="RichContent is-collapsed"><span class="RichText ztext"><p>{WORDS}</p></span></div></div></html>'
    )
    found = article(body, "https://www.zhihu.com/question/5")
    assert found.text == f"# 水壶怎么选？\n\n## 壶匠 的回答（41 赞同）\n\n{WORDS}"
    assert found.reason == "1 of 12 answers were read, 1 of them only in part"


@pytest.mark.parametrize(
    ("body", "url", "status"),
    [
        ('<html><head><meta id="zh-zse-ck" content="x"></head><script>zse()</script></html>', "https://zhuanlan.zhihu.com/p/7", 403),
        ('<html><head><meta id="zh-zse-ck" content="x"></head><script>zse()</script></html>', "https://zhuanlan.zhihu.com/p/7", 200),
        ('{"error":{"message":"您当前请求存在异常","code":40362}}', "https://zhuanlan.zhihu.com/p/7", 200),
        ("<html><title>安全验证 - 知乎</title><p>系统监测到您的网络环境存在异常</p></html>", "https://www.zhihu.com/account/unhuman?type=x", 200),
        ("<html><title>知乎 - 有问题，就会有答案</title><div>登录/注册</div></html>", "https://www.zhihu.com/signin?next=/p/7", 200),
    ],
)  # fmt: skip
def test_walls_of_zhihu_are_never_read(body: str, url: str, status: int) -> None:
    verdict = recognise(page(body, url, status, ("https://zhuanlan.zhihu.com/p/7",)))
    assert verdict is not None
    assert verdict.outcome is Outcome.BLOCKED
