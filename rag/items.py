"""A follow-up after one item of a list that the last answer quoted: "第六个是什么？", "the third one?". Knows words only.

Lists of references are no such lists: their items end with a citation each, and are articles (see ``rag.called``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_WORDS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10
}  # fmt: skip
_ORDINALS = "|".join(_WORDS)
_NTH = re.compile(
    r"^(?:那么?|请问|and )?(?:第(?P<zh>[一二三四五六七八九十]{1,2}|\d{1,2})(?:个|项|条|点|种|步|类)|"
    rf"the (?P<en>{_ORDINALS})(?: one| item| step)?)"
    r"(?:(?:又)?(?:是|指|讲)?(?:的是)?(?:什么|啥)(?:意思)?)?(?:呢)?[？?。.]*$"
    rf"|^what(?:'s| is) the (?P<is>{_ORDINALS})(?: one| item| step)?\W*$",
    re.I,
)
_HAN = "零一二三四五六七八九十"
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.、)])\s*(?P<words>\S.*)$")
_MARK = re.compile(r"\s*\[\d{1,3}\]\s*$")


def item_asked(text: str, history: Sequence[Mapping[str, str]]) -> tuple[str, str] | None:
    """Return the words of the item that is asked for, and the last answer that holds a list; None where none is asked for or listed."""
    found = _NTH.match(text.strip())
    place = _place(found["zh"] or found["en"] or found["is"]) if found else 0
    for said in (str(turn.get("content", "")) for turn in reversed(history) if turn.get("role") == "assistant" and found):
        items = [match["words"] for line in said.split("\n") if (match := _ITEM.match(line))]
        if len(items) > 1:
            of_articles = sum(bool(_MARK.search(item)) for item in items) > 1
            return None if of_articles or not 0 < place <= len(items) else (_MARK.sub("", items[place - 1]), said)
    return None


def _place(word: str) -> int:
    if word.isdigit():
        return int(word)
    if word.isascii():
        return _WORDS[word.lower()]
    tens, _, ones = word.rpartition("十")
    return _HAN.index(word) if len(word) == 1 else 10 * (_HAN.index(tens) if tens else 1) + (_HAN.index(ones) if ones else 0)
