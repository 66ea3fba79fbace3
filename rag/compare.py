"""The two sides of a question that compares: "A和B有什么区别", "How do A and B differ". Knows words only."""

from __future__ import annotations

import re

from rag.questions import content_terms

_SIDES = (
    re.compile(r"(?:比较一?下?|对比一?下?)?(?P<a>.+?)\s*(?:和|与|跟|同|以及|对比|相比|比起|vs\.?)\s*(?P<b>.+?)(?:之间|两者|二者|相比)?[，,]?\s*(?:有什么|有何|有哪些|的|在哪里|是否|哪里)*"
               r"(?:主要)?(?:区别|不同|差别|差异|异同|优劣|关系|相比|对比|哪个)"),
    re.compile(r"(?:比较|对比)一?下?(?P<a>.+?)\s*(?:和|与|跟|以及)\s*(?P<b>.+)"),
    re.compile(r"\bdifferences? between (?P<a>.+?) and (?P<b>.+)", re.I),
    re.compile(r"\bcompare (?P<a>.+?) (?:and|with|to) (?P<b>.+)", re.I),
    re.compile(r"\bhow (?:do|does|is|are) (?P<a>.+?) (?:differ from|compared? (?:to|with)|different from) (?P<b>.+)", re.I),
    re.compile(r"\b(?:how|where|in what) (?:do|does) (?P<a>.+?) and (?P<b>.+?) (?:differ|compare)", re.I),
    re.compile(r"(?P<a>.+?) (?:vs\.?|versus) (?P<b>.+)", re.I),
)  # fmt: skip
_LONGEST = 60
_ASKED = re.compile(r"谁|什么|哪|何")  # "A与谁合作": a side that is asked for is none to compare with


def sides(text: str) -> tuple[str, str] | None:
    """Return what is compared with what, or None for any other question."""
    for pattern in _SIDES:
        if match := pattern.search(text):
            both = tuple(side.strip(" ?？。.，,") for side in (match["a"], match["b"]))
            if all(len(side) <= _LONGEST and content_terms(side) and not _ASKED.search(side) for side in both):
                return both[0], both[1]
    return None
