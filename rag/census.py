"""Questions about the list itself: how many references it has, which topics. Knows items; the build's report is the evidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from index.records import Item
from index.terms import fold
from rag.cite import neutral
from rag.words import READ, outcome_word

_COUNT_ZH, _TOPIC_ZH = r"多少|几[篇个条]|总数|数量", r"主题|话题|分类|类别|栏目|目录|topics?"
_THING_ZH = r"文章|资料|链接|参考(?:文献|资料)?|条目|论文|网页|内容|引用|文献"
_FILL_ZH = (
    r"请问|你们?|这里|这[个篇份]?|那|列表|清单|资料库|知识库|索引|库|里面|里|中|上|一共|总共|共|目前|现在|都|有|收录|包含|包括|涉及|涵盖|读过|已读|读|能读|"
    r"了|的|是|被|分|哪些|哪几|什么|全部|所有|列出|篇|份|个|条|些|呢|吗|啊|和|[？?。，,\s]"
)
_LIST_ZH = re.compile(rf"(?:{_COUNT_ZH}|{_TOPIC_ZH}|{_THING_ZH}|{_FILL_ZH})+$", re.I)
_ASKS_EN = re.compile(r"how many|what|which|list|show|number of|count", re.I)
_THING_EN = r"articles?|references?|links?|papers?|pages?|sources?|entries|documents?|posts?|resources?"
_TOPIC_EN = r"topics?|subjects?|themes?|categories|category|sections?|headings?"
_FILL_EN = (
    r"how|many|what|which|list|show|me|please|number|count|of|the|all|are|is|there|do|does|did|have|has|had|you|it|in|on|this|that|your|been|were|was|"
    r"read|listed|indexed|covered|cover|covers|contain|contains|know|available|here|total|altogether|and|about|can|i|ask|library|index|list's|its"
)
_LIST_EN = re.compile(rf"(?:(?:{_THING_EN}|{_TOPIC_EN}|{_FILL_EN})\b[\s,?.!]*)+$", re.I)
_WHOLE = re.compile(
    r"(?:这个?|该|你的?)?(?:列表|清单|资料库|知识库|索引)(?:主要|都|里面?|中)*(?:是)?(?:讲|关于|介绍|有|收录|包含)(?:了|的是)?(?:些)?什么(?:内容|的)?[？?]?$"
    r"|what(?:'s| is| does) (?:in )?(?:this|the|your) (?:list|library|index)(?: about| cover| contain| hold)?\W*$",
    re.I,
)
_READING = re.compile(
    rf"\b(?:which|what|list|show)\b.*\b(?:{_THING_EN})\b.*\bread\b|\b(?:which|what) (?:have|did) you read\b", re.I
)
_READING_ZH = re.compile(r"(?:哪些|哪几|什么|列出).*(?:已读|读过|读了)|(?:已读|读过|读了).*(?:哪些|什么)")
_MOST_TOPICS = _MOST_TITLES = 20
_SAID = {
    "zh": {
        "all": "列表里共有 {n} 条参考，其中 {read} 条已读。", "left": "未读的原因：{why}。", "topics": "主题：",
        "topic": "- {name}：{n} 条（已读 {read} 条）", "more": "（另有 {n} 个主题）",
        "titles": "已读：", "rest": "（另有 {n} 条）", "none": "（没有主题）", "and": "，", "why": "{word} {n} 条",
    },
    "en": {
        "all": "The list has {n} references; {read} of them were read.", "left": "The others: {why}.", "topics": "Topics:",
        "topic": "- {name}: {n} ({read} read)", "more": "({n} more topics)",
        "titles": "Read:", "rest": "({n} more)", "none": "(no topic)", "and": ", ", "why": "{n} {word}",
    },
}  # fmt: skip


def asks_of_list(text: str) -> bool:
    """Return whether a question asks how many references or which topics the list has, or which were read, and nothing else."""
    text = fold(text).strip()
    if _WHOLE.match(text):
        return True
    if re.search(r"[\u4e00-\u9fff]", text):
        counts = bool(re.search(_COUNT_ZH, text) and re.search(_THING_ZH, text)) or asks_what_was_read(text)
        return bool((counts or re.search(_TOPIC_ZH, text, re.I)) and _LIST_ZH.match(text))
    named = re.search(rf"\b(?:{_TOPIC_EN})\b", text, re.I) and _ASKS_EN.search(text)
    counted = re.search(rf"\b(?:how many|number of|count)\b.*\b(?:{_THING_EN})\b", text, re.I)
    return bool((named or counted or asks_what_was_read(text)) and _LIST_EN.match(text))


def asks_what_was_read(text: str) -> bool:
    """Return whether a question about the list asks which of its references were read."""
    return bool(_READING.search(text) or _READING_ZH.search(fold(text)))


def census(items: Sequence[Item], language: str, *, titles: bool = False) -> str:
    """Return what the list holds, in plain words; ``titles`` of what was read where those are asked for, or else the topics."""
    said = _SAID[language]
    read = [item for item in items if item.outcome.value in READ]
    left = Counter(item.outcome.value for item in items if item.outcome.value not in READ)
    lines = [said["all"].format(n=len(items), read=len(read))]
    if left:
        why = [said["why"].format(word=outcome_word(word, language), n=n) for word, n in left.most_common()]
        lines[0] += ("" if language == "zh" else " ") + said["left"].format(why=said["and"].join(why))
    if titles:
        rows = [f"- {neutral(item.title)}" for item in read[:_MOST_TITLES]]
        more = [said["rest"].format(n=len(read) - len(rows))] if len(read) > len(rows) else []
        return "\n".join([*lines, *([said["titles"], *rows, *more] if read else [])])
    topics = Counter(" / ".join(item.topic) for item in items)
    done = Counter(" / ".join(item.topic) for item in read)
    if any(topics):
        rows = [
            said["topic"].format(name=neutral(name) or said["none"], n=n, read=done[name])
            for name, n in list(topics.items())[:_MOST_TOPICS]
        ]
        more = [said["more"].format(n=len(topics) - len(rows))] if len(topics) > len(rows) else []
        lines += [said["topics"], *rows, *more]
    return "\n".join(lines)
