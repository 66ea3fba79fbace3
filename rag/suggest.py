"""Questions to begin with, made from what was read and from the list's own topics. Knows items, asks nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from index.records import Item

_ABOUT = {"zh": "{title}讲了什么？", "en": "What is “{title}” about?"}
_ARTICLES = {"zh": "哪些文章介绍{topic}？", "en": "Which articles cover {topic}?"}
_LONGEST = 40
_NO_SUBJECT = re.compile(
    r"(?:others?|misc(?:ellaneous)?|more|links?|references?|resources?|reading|further reading|see also|articles?|posts?|blogs?|general"
    r"|其他|其它|杂项|更多|链接|参考(?:资料|文献)?|资源|资料|延伸阅读|相关阅读|文章|博客|未分类)\W*",
    re.I,
)


def suggestions(items: Sequence[Item], language: str) -> Iterator[str]:
    """Yield questions, the most promising first; the caller keeps those that are answered.

    A heading comes earlier the more of its references were read, then the more it has; "Other" is no subject to ask about.
    """
    named = [item for item in items if item.topic and 2 < len(item.topic[-1]) <= _LONGEST]
    topics = Counter(item.topic[-1] for item in named if not _NO_SUBJECT.fullmatch(item.topic[-1].strip()))
    known = Counter(item.topic[-1] for item in named if item.outcome.was_read)
    shared = sorted(topics, key=lambda topic: (-known[topic], -topics[topic]))
    read = [item.title for item in items if item.outcome.was_read and _says_something(item.title)]
    for position in range(max(len(shared), len(read), 1)):
        if position < len(read):
            yield _ABOUT[language].format(title=read[position])
        if position < len(shared):
            yield _ARTICLES[language].format(topic=shared[position])


def _says_something(title: str) -> bool:
    """Whether a title is more than an abbreviation ("GAN") and short enough to stand in a question."""
    return (4 if title.isascii() else 3) <= len(title) <= _LONGEST
