"""Questions about the list itself: how many references it has, which ones, which topics. Knows items; the build's report is the evidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from index.records import Item, Outcome
from index.terms import fold
from rag.cite import neutral
from rag.words import outcome_word

_COUNT_ZH, _TOPIC_ZH = r"多少|(?<!哪)几[篇个条]|总数|数量", r"主题|话题|分类|类别|栏目|目录|topics?"
_THING_ZH = r"文章|资料|链接|参考(?:文献|资料)?|条目|论文|网页|内容|引用|文献"
_FILL_ZH = (
    r"请问|你们?|这里|这[个篇份]?|那|列表|清单|资料库|知识库|索引|库|里面|里|中|上|一共|总共|共|目前|现在|都|有|还|收录|包含|包括|涉及|涵盖|读|能读|占|请|一下|给我|"
    r"了|的|是|被|分|网站|站点|平台|哪些|哪几|哪|什么|没有|全部|所有|列出|列|看|篇|份|个|条|些|项目|仓库|回答|讲讲|说说|看看|告诉我|呢|吗|啊|和|[？?。，,\s]"
)
_LIST_ZH = re.compile(rf"(?:{_COUNT_ZH}|{_TOPIC_ZH}|{_THING_ZH}|{_FILL_ZH})+$", re.I)
_WHICH_ZH = r"哪|什么|列|有没有|所有|全部"
_SITE_ZH, _SITE_EN = r"网站|站点|平台", r"\b(?:web)?sites?\b|\bhosts?\b"
_COUNT_EN, _WHICH_EN = r"\b(?:how many|number of|count)\b", r"\b(?:what|which|list|show|any)\b"
_THING_EN = r"articles?|references?|links?|papers?|pages?|sources?|entries|documents?|posts?|resources?"
_TOPIC_EN = r"topics?|subjects?|themes?|categories|category|sections?|headings?"
_FILL_EN = (
    r"how|many|what|which|list|show|any|give|me|please|number|count|of|the|all|are|is|be|there|do|does|did|have|has|had|you|it|in|on|this|that|your|been|were|was|"
    r"read|listed|indexed|covered|cover|covers|contain|contains|know|available|here|total|altogether|and|about|can|i|ask|library|index|list's|its|repos?|repositories|projects|(?:web)?sites?|hosts?|from|come"
)
_LIST_EN = re.compile(rf"(?:(?:{_THING_EN}|{_TOPIC_EN}|{_FILL_EN})\b[\s,?.!]*)+$", re.I)
_KIND = re.compile(r"论文|文献|引用|\bpapers?\b", re.I)
_WHOLE = re.compile(
    r"(?:这个?|该|你的?)?(?:列表|清单|资料库|知识库|索引)(?:主要|都|里面?|中)*(?:是)?(?:讲|关于|介绍|有|收录|包含)(?:了|的是)?(?:些)?什么(?:内容|的)?[？?]?$"
    r"|what(?:'s| is| does) (?:in )?(?:this|the|your) (?:list|library|index)(?: about| cover| contain| hold)?\W*$",
    re.I,
)
_AUTHORS = re.compile(
    r"^(?:请问|这里|这[个份]|列表|清单|里面|里|中|的|一共|总共|共|都|文章|这些)*(?:有(?:哪些|多少[位个名]?|几[位个名])(?:不同的)?作者"
    r"|作者(?:都|一共|总共)?(?:有(?:哪些|谁|多少|几[位个])|是谁|都是谁))[？?]*$"
    r"|^(?:who (?:are|were) (?:all )?the authors|which authors (?:are there|does the list have)|list (?:all )?(?:the )?authors"
    r"|how many (?:different )?authors(?: are there| does the list have)?)(?: (?:of|in|on) (?:the|these|this|your) \w+)?\W*$",
    re.I,
)
_AND_WHY = re.compile(r"(?<=[？?，,。.])\s*(?:(?:这是)?为什么|为何|什么原因|(?:and )?why(?: not)?)\W*$", re.I)  # each line says why
_AND_WHICH = re.compile(r"^.*(?:多少|几[篇个条]).*[？?，,。]\s*(?:分别|都)?是?(?P<which>哪些|哪几篇)\W*$")  # the list tells how many as well
_MOST_TOPICS = 20
_SAID = {
    "zh": {
        "all": "列表里共有 {n} 条参考{which}，其中 {read} 条已读{part}，{unread} 条未读。", "part": "（{n} 条只读到一部分）",
        "left": "未读的原因：{why}。", "topics": "主题：",
        "sites": "网站：", "authors": "作者（网页所署）：",
        "topic": "- {name}：{n} 条（已读 {read} 条）", "more": "（另有 {n} 个）", "none": "（没有）", "and": "，", "why": "{word} {n} 条",
        "which": "（{criteria}）", "done": "列表里的 {n} 条参考{which}全都读到了，没有未读的。",
    },
    "en": {
        "all": "The list has {n} reference{s}{which}: {read} read{part}, {unread} not.", "part": " ({n} only in part)",
        "left": "Not read: {why}.", "topics": "Topics:", "sites": "Sites:", "authors": "Authors, as the pages name them:",
        "topic": "- {name}: {n} ({read} read)", "more": "({n} more)", "none": "(none)", "and": ", ", "why": "{n} {word}",
        "which": " ({criteria})", "done": "All {n} reference{s} of the list{which} were read; none is left unread.",
    },
}  # fmt: skip


def asks_of_list(text: str, *, narrowed: bool = False) -> str:
    """Return what a question asks of the list and of nothing else, or "": "counts", "topics" (or what it is about), "authors", "which" references.

    ``text`` is what is left of it without what narrows the list (see ``rag.criteria``), ``narrowed`` whether anything does.
    """
    text = _AND_WHICH.sub(lambda found: f"{found['which']}?", _AND_WHY.sub("", fold(text)).strip())
    if _AUTHORS.match(text):
        return "authors"
    if _WHOLE.match(text):
        return "topics"
    chinese = bool(re.search(r"[\u4e00-\u9fff]", text)) or not text
    if not (_LIST_ZH if chinese else _LIST_EN).match(text or " "):
        return ""
    if chinese:
        counts, which = re.search(_COUNT_ZH, text), re.search(_WHICH_ZH, text)
        thing, topics = re.search(_THING_ZH, text), re.search(_TOPIC_ZH, text, re.I)
    else:
        counts, which = re.search(_COUNT_EN, text, re.I), re.search(_WHICH_EN, text, re.I)
        thing, topics = re.search(rf"\b(?:{_THING_EN})\b", text, re.I), re.search(rf"\b(?:{_TOPIC_EN})\b", text, re.I)
    if topics and (counts or which or chinese):
        return "topics"
    if re.search(_SITE_ZH if chinese else _SITE_EN, text, re.I) and (counts or which):
        return "sites"
    if not (thing or narrowed) or (which and not counts and not narrowed and _KIND.search(text)):
        return ""  # which of them are papers, the list does not say
    return "counts" if counts else "which" if which else ""


def census(items: Sequence[Item], language: str, *, criteria: Sequence[str] = (), by: str = "topics") -> str:
    """Return how many references there are, in plain words, what became of them, and how many there are ``by`` "topics", "sites" or "".

    ``criteria`` say which ones these are.
    """
    said = _SAID[language]
    read = [item for item in items if item.outcome.was_read]
    left = Counter(item.outcome.value for item in items if not item.outcome.was_read)
    which = said["which"].format(criteria=said["and"].join(criteria)) if criteria else ""
    partly = sum(item.outcome is Outcome.PARTIAL for item in items)
    part = said["part"].format(n=partly) if partly else ""
    lines = [
        said["all"].format(
            n=len(items), read=len(read), part=part, unread=len(items) - len(read), which=which, s="s" * (len(items) != 1)
        )
    ]
    if left:
        why = [said["why"].format(word=outcome_word(word, language), n=n) for word, n in left.most_common()]
        lines[0] += ("" if language == "zh" else " ") + said["left"].format(why=said["and"].join(why))
    names = Counter(_of(item, by) for item in items)
    done = Counter(_of(item, by) for item in read)
    if by and any(names):
        rows = [
            said["topic"].format(name=neutral(name) or said["none"], n=n, read=done[name])
            for name, n in (names.most_common(_MOST_TOPICS) if by != "topics" else list(names.items())[:_MOST_TOPICS])
        ]
        more = [said["more"].format(n=len(names) - len(rows))] if len(names) > len(rows) else []
        lines += [said[by], *rows, *more]
    elif by == "authors":
        lines.append(said[by] + said["none"])
    return "\n".join(lines)


def none_left(n: int, language: str, *, criteria: Sequence[str] = ()) -> str:
    """Return that all of the ``n`` references that these ``criteria`` let pass were read."""
    said = _SAID[language]
    which = said["which"].format(criteria=said["and"].join(criteria)) if criteria else ""
    return said["done"].format(n=n, which=which, s="s" * (n != 1))


def _of(item: Item, by: str) -> str:
    return item.site if by == "sites" else item.author or "" if by == "authors" else " / ".join(item.topic)
