"""The unit that a question counts in, and whether a sentence gives a number of such a unit. Knows words only.

"多少毫米" is not answered by a number of years, nor "多少张图片" by "输出是一张图片".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from index.terms import fold

_NUMBER = r"(?:\d[\d.,]*|[零一二两三四五六七八九十百千万亿半]+)"
_SIZES = r"(?:\s*(?:多|余|几|来|[十百千万亿]+|thousand|million|billion|hundred|dozen)\s*)*"
_KINDS: dict[str, str] = {  # what may stand for each other
    "length": r"毫米|厘米|公分|分米|米|公里|千米|英里|英尺|英寸|海里|码|微米|纳米|光年|[mcknμ]?m(?![a-z])|mi(?![a-z])|ft(?![a-z])"
    r"|in(?![a-z])|yd(?![a-z])|(?:milli|centi|kilo|micro|nano)?met(?:er|re)s?|miles?|feet|foot|inch(?:es)?|yards?|light[ -]years?",
    "weight": r"毫克|克|公斤|千克|吨|斤|磅|盎司|[mk]?g(?![a-z])|kilograms?|grams?|(?:giga|mega|kilo)?ton(?:ne)?s?|pounds?|lbs?|ounces?",
    "area": r"平方|公顷|英亩|亩|square|hectares?|acres?|km2|m2",
    "pictures": r"张|幅|images?|pictures?|photos?|photographs?|films?|scans?",
    "bytes": r"[KMGT]?B(?![a-z])|字节|比特|bits?|bytes?|[mgt]igabytes?|megabytes?|gigabytes?|terabytes?|兆|[MGT](?![a-z])",
    "speed": r"毫秒|秒|fps|帧|ms(?![a-z])|seconds?|milliseconds?|minutes?|分钟|小时|hours?",
}
_ASKED_ZH = re.compile(
    r"(?:多少|几)\s*(?:个|[十百千万亿])?\s*(?P<unit>毫米|厘米|公分|米|公里|千米|英里|英尺|英寸|毫克|公斤|千克|吨|磅|平方米|平方公里|公顷|亩|张|幅|字节|比特|MB|GB|兆|毫秒|fps|帧)",
    re.I,
)
_ASKED_EN = re.compile(
    r"\bhow many (?:\w+ )?(?P<unit>(?:milli|centi|kilo)?met(?:er|re)s|miles|feet|inches|kilograms|grams|tons|tonnes|pounds|hectares|acres|images"
    r"|pictures|photos|photographs|films|bytes|megabytes|gigabytes|milliseconds)\b",
    re.I,
)
_MEASURED = (
    (re.compile(r"多(?:长(?!时间)|宽|深|远|厚)|\bhow (?:tall|wide|deep|far|thick)\b", re.I), ("length", "speed")),
    (re.compile(r"多重(?!要|视)|\bhow heavy\b", re.I), ("weight",)),
)
_SHARE_ASKED = re.compile(
    r"(?:准确|正确|精确|识别|错误|误识|召回|通过|成功|失败)率[^，。？?]{0,6}(?:多少|多高|几)|(?:占比|百分比)[^，。？?]{0,6}(?:多少|多高|几)"
    r"|\bhow high (?:is|was) (?:the |its )?(?:[\w-]+ ){0,3}(?:accuracy|error rate|recall|precision)\b",
    re.I,
)
_SHARE = re.compile(
    r"百分之|\d\s*(?:%|％|percent|per cent|个?百分点|points?\b)"
    r"|[一二两三四五六七八九\d]成(?![为立功])|(?<![\d.])(?:0|(?<=\s))\.\d+(?![\d.]*\.\d)", re.I
)


@lru_cache(maxsize=128)
def unit_asked(question: str) -> Callable[[str], bool] | None:
    """Return a test of whether a sentence gives a number of the unit that is asked for; None where none of these is."""
    found = _ASKED_ZH.search(question) or _ASKED_EN.search(question)
    if _SHARE_ASKED.search(question):
        return lambda words: bool(_SHARE.search(fold(words)))
    kinds = tuple(kind for kind, words in _KINDS.items() if found and re.match(words, found["unit"], re.I))[:1]
    kinds = kinds or next((kinds for asks, kinds in _MEASURED if asks.search(question)), ())
    if not kinds:
        return None
    gives = re.compile(rf"(?P<n>{_NUMBER}){_SIZES}(?:[\w-]+ ){{0,2}}?(?:{'|'.join(_KINDS[kind] for kind in kinds)})", re.I)
    return lambda words: any(match["n"] not in ("1", "一") or kinds != ("pictures",) for match in gives.finditer(fold(words)))
