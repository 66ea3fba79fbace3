"""Questions to begin with, made from what was read and from the list's own topics. Knows items, asks nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from index.records import Item

_ABOUT = {"zh": "{title}讲了什么？", "en": "What is “{title}” about?"}
_ARTICLES = {"zh": "哪些文章介绍{topic}？", "en": "Which articles cover {topic}?"}
_LONGEST = 40


def suggestions(items: Sequence[Item], language: str) -> Iterator[str]:
    """Yield questions, the most promising first; the caller keeps those that are answered."""
    topics = Counter(item.topic[-1] for item in items if item.topic and len(item.topic[-1]) <= _LONGEST)
    shared = [topic for topic, _ in topics.most_common() if len(topic) > 2]
    read = [item.title for item in items if item.outcome.was_read and 2 < len(item.title) <= _LONGEST]
    for position in range(max(len(shared), len(read), 1)):
        if position < len(read):
            yield _ABOUT[language].format(title=read[position])
        if position < len(shared):
            yield _ARTICLES[language].format(topic=shared[position])
