"""What is wished of the list itself beside what stands in it: the newest, the longest, all but some, a recommendation, a translation.

Knows words and dates. With any subject in it a question is about that, and none of these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.records import Item
from index.terms import fold

_THING_ZH = r"(?:文章|资料|链接|参考|条目|网页|博客|帖子|内容|论文|一篇|篇)"
_THING_EN = (
    r"(?:articles?|posts?|papers?|pages?|references?|links?|entr(?:y|ies)|ones?|resources?|sources?|something|anything)"
)
_FILL_ZH = r"(?:请问|请|你|这里|列表|清单|库|里面?|中|上|的|是|有|一?[篇个条]|几[篇个条]|一些|一下|哪|什么|哪些|呢|吗|啊|我|给|先|看|读|都|最)"
_FILL_EN = (
    r"(?:which|what|'s|is|are|was|were|the|of|in|on|this|that|your|list|library|here|you|have|read|i|me|should"
    r"|would|do|a|an|all|to|please|first|there)"
)
_MOST = {
    "newest": (r"最新|最近(?:发[表布]|更新|新增|添加)?(?:了)?|最晚", r"newest|latest|most recent|what(?:'s| is) new"),
    "oldest": (r"最旧|最早|最老|最久|最远", r"oldest|earliest|first published"),
    "longest": (r"最长|字数最多|篇幅最[长大]", r"longest"),
    "shortest": (r"最短|字数最少", r"shortest"),
    "best": (
        r"推荐|最?值得(?:一)?[看读]|最好|最重要|最有(?:用|价值|意思)|最有趣|应该先|从哪[篇里]?(?:文章)?(?:开始|看起|读起)(?:[看读])?",
        r"recommend|suggest|worth reading|best|most (?:interesting|important|useful|relevant)|should i (?:read|start with)|start with",
    ),
}
_OTHERS = (
    re.compile(
        r"^(?:请问)?除(?:了|去|掉|开)?(?P<x>[^，,。？?]{1,20}?)(?:上|里)?(?:的)?(?:之外|以外|外)?[，,]?\s*(?:还|都|另外|其他|别的|又)*有(?:没有)?(?:哪些|什么|别的|其他|多少)?(?:其他|别的)?的?"
        rf"(?P<what>{_THING_ZH}|网站|平台|来源|站点|主题|话题|分类|类别|栏目)?(?:吗|呢)?[？?。]*$"
    ),
    re.compile(
        r"^(?:and )?(?:apart from|besides|except(?: for)?|other than|aside from) (?P<x>[^,?]{2,30}?),? (?:which|what)(?: other| else)?"
        rf"(?: (?P<what>{_THING_EN}|sites?|topics?|subjects?|sections?))?(?: else)?(?: are| is| do)?(?: there| you have| listed)?\W*$",
        re.I,
    ),
    re.compile(
        rf"^(?:which|what)(?: other)? (?P<what>{_THING_EN}|sites?|topics?|subjects?|sections?)(?: are| is)?(?: there)?"
        r"(?: listed)? (?:apart from|besides|except(?: for)?|other than|aside from) (?P<x>[^,?]{2,30}?)\W*$",
        re.I,
    ),
)  # fmt: skip
_TOPICS = re.compile(r"主题|话题|分类|类别|栏目|\b(?:topic|subject|section)s?\b", re.I)
_ARTICLES = re.compile(rf"{_THING_ZH}|\b{_THING_EN}\b", re.I)
_TRANSLATE = re.compile(
    r"^(?:请|麻烦|帮我|给我|能不能|可以|能|你)*(?:翻译|译)(?!质量|系统|模型|任务|器|方法|效果|软件|工具|成本|的)"
    r"|^(?:请|麻烦|帮我)*[把将][^，。？?]+(?:翻译|译)(?:成|为|一下|出来)?"
    r"|^(?:please |can you |could you |would you )*translate\b",
    re.I,
)
_TO_ENGLISH, _TO_CHINESE = re.compile(r"英[文语]|\benglish\b", re.I), re.compile(r"中文|汉语|\bchinese\b", re.I)

_SAID = {
    "zh": {
        "length": "{title}读到 {said} 个字符。", "no dates": "列表里的网页都没有写明发表日期。",
        "best": "我不评价文章，也不推荐。可以问“有哪些文章？”、“哪些文章介绍某个主题？”或“最新的文章是哪篇？”。",
    },
    "en": {
        "length": "{title}: {said} characters were read.", "no dates": "No page of the list gives a date of publication.",
        "best": "I do not judge or recommend articles. Ask “Which articles are there?”, “Which articles cover some subject?” "
        "or “What is the newest article?”.",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Others:
    """All but what is called ``name`` are asked for: "sites", "topics" or "articles"; "" where the question does not say."""

    name: str
    of: str


def most_asked(text: str) -> str:
    """Return which of the articles is wished, where a question says no more: "newest", "oldest", "longest", "shortest", "best"; else ""."""
    text = fold(text).strip().lower()
    chinese = re.search(r"[\u4e00-\u9fff]", text) is not None
    for kind, (zh, en) in _MOST.items():
        rest, times = re.subn(zh if chinese else rf"\b(?:{en})\b", " ", text)
        thing = re.search(_THING_ZH if chinese else rf"\b{_THING_EN}\b", rest) or kind == "newest"
        fill = rf"(?:{_THING_ZH}|{_FILL_ZH}|更新|发[表布]|新增|了)" if chinese else rf"(?:\b{_THING_EN}\b|{_FILL_EN}\b)"
        if times and thing and not re.sub(rf"{fill}|[\s？?。.!！,，]", "", rest):
            return kind
    return ""


def others_asked(text: str) -> Others | None:
    """Return what a question leaves out of the list that it asks for, or None for any other question."""
    found = next((match for pattern in _OTHERS if (match := pattern.match(fold(text).strip()))), None)
    if not found:
        return None
    what = found["what"] or ""
    of = (
        "topics"
        if _TOPICS.search(what)
        else "sites"
        if re.search(r"网站|平台|来源|站点|\bsites?\b", what, re.I)
        else ""
    )
    return Others(found["x"].strip(" “”\"'"), of or ("articles" if _ARTICLES.search(what) else ""))


def translation_asked(text: str) -> str:
    """Return the language, "zh" or "en", into which a text or an article is to be translated; "" for a question."""
    text = fold(text).strip()
    if not _TRANSLATE.match(text):
        return ""
    if _TO_ENGLISH.search(text) or _TO_CHINESE.search(text):
        return "en" if _TO_ENGLISH.search(text) else "zh"
    return "zh" if re.search(r"[\u4e00-\u9fff]", text) else "en"


def ranked_by(wish: str, items: Sequence[Item]) -> list[Item]:
    """Return the articles that have a date, or a length, with the "newest", "oldest", "longest" or "shortest" first."""
    dated = wish in ("newest", "oldest")
    having = [item for item in items if (item.published if dated else item.characters)]
    return sorted(
        having,
        key=lambda item: (item.published or "", 0) if dated else ("", item.characters),
        reverse=wish in ("newest", "longest"),
    )


def wish_text(wish: str, language: str, title: str = "", said: str = "") -> str:
    """Return the words for a wish: the "length" of an article, that none is judged ("best"), or that none has a date ("no dates")."""
    return _SAID[language][wish].format(title=title, said=said)
