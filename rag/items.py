"""What the last answers listed, and a follow-up after one of it: "第六个是什么？", "the third one?", "第二种的目的". Knows words only.

Lists of references are no such lists: their items end with a citation each, and are articles (see ``rag.called``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rag.numbers import ORDINALS, place_of

_NTH = re.compile(
    r"^(?:那么?|请问|and )?(?:第(?P<zh>[一二三四五六七八九十]{1,2}|\d{1,2})(?:个|项|条|点|种|步|类)|"
    rf"the (?P<en>{ORDINALS})(?: one| item| step)?)"
    r"(?:(?:又)?(?:是|指|讲)?(?:的是)?(?:什么|啥)(?:意思)?)?(?:呢)?[？?。.]*$"
    rf"|^what(?:'s| is) the (?P<is>{ORDINALS})(?: one| item| step)?\W*$",
    re.I,
)
_NTH_OF = re.compile(r"第(?P<n>[二三四五六七八九十])[个种类项](?!版)(?:方法|途径|情况)?")
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.、)])\s*(?P<words>\S.*)$", re.M)
_ROW = re.compile(r"[^，。；：:、\s\[\]]{2,14}(?:、[^，。；：:、\s\[\]]{2,14}){2,}")
_MARK = re.compile(r"\s*\[\d{1,3}\]\s*$")


def answers(history: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield the answers of a conversation, the last one first."""
    return (str(turn.get("content", "")) for turn in reversed(history) if turn.get("role") == "assistant")


def last_answer(history: Sequence[Mapping[str, str]]) -> str:
    """Return the last answer, "" where there is none."""
    return next(answers(history), "")


def item_asked(text: str, history: Sequence[Mapping[str, str]]) -> tuple[str, str] | None:
    """Return the words of the item that is asked for, and the last answer that holds a list; None where none is asked for or listed."""
    if not (found := _NTH.match(text.strip())):
        return None
    place = place_of(found["zh"] or found["en"] or found["is"])
    for said in answers(history):
        items = _ITEM.findall(said)
        if len(items) > 1:
            of_articles = sum(bool(_MARK.search(item)) for item in items) > 1
            return None if of_articles or not 0 < place <= len(items) else (_MARK.sub("", items[place - 1]), said)
    return None


def nth_named(text: str, said: str) -> str:
    """Return a question with "第二种" put as the second name that the answer before lists in one sentence: "量化、剪枝、低秩分解"."""
    found = _NTH_OF.search(text)
    if not found or _ITEM.search(said):  # of a list of lines it is one of those
        return text
    place = place_of(found["n"])
    for row in _ROW.finditer(said):
        names = row.group().split("、")
        if 1 < place <= len(names):  # what stands before the first one may belong to the sentence
            return text[: found.start()] + names[place - 1] + text[found.end() :]
    return text
