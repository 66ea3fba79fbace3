"""Names in two languages that the list itself gives: "小样本学习（Few-shot Learning）综述". Knows titles only.

So an English question finds references whose titles are Chinese only, and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rag.questions import subject

_PAIR = re.compile(r"([\u4e00-\u9fff]{2,12})\s*[（(]\s*([A-Za-z][A-Za-z-]*(?: [A-Za-z][A-Za-z-]*){0,4})\s*[)）]")
_LONGEST = 8


def aliases(titles: Iterable[str]) -> list[tuple[str, str]]:
    """Return the (Chinese, English) pairs that titles hold, in order, without repeats."""
    found = [pair for title in titles for pair in _PAIR.findall(title)]
    pairs = [(subject(chinese).replace(" ", "")[-_LONGEST:], english.lower()) for chinese, english in found]
    return [pair for pair in dict.fromkeys(pairs) if len(pair[0]) >= 2]


def other_names(text: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the text with a name it holds put into the other language, for each pair that it holds."""
    lowered = text.lower()
    for chinese, english in pairs:
        if english in lowered:
            yield lowered.replace(english, f" {chinese} ").strip()
        elif chinese in text:
            yield text.replace(chinese, f" {english} ").strip()
