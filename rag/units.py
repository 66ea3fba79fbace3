"""The unit that a question counts in, and whether a sentence gives a number of such a unit. Knows words only.

"多少毫米" is not answered by a number of years, nor "多少张图片" by "输出是一张图片".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from index.terms import fold

_NUMBER = (
    r"(?:\d[\d.,]*(?!\d)|[零一二两三四五六七八九十百千万亿半几数多]+|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{3,5}teen|\w{3,5}ty"
    r"|hundreds?|thousands?|several|few|dozens?)(?:-\w+)?(?: of)?\s)"
)
_SIZES = r"(?:\s*(?:个|多|余|几|来|[十百千万亿]+|thousand|million|billion|hundred|dozen)\s*)*"
_KINDS: dict[str, str] = {  # what may stand for each other
    "length": r"毫米|厘米|公分|分米|米|公里|千米|英里|英尺|英寸|海里|码|微米|纳米|光年|[mcknμ]?m(?![a-z])|mi(?![a-z])|ft(?![a-z])"
    r"|in(?![a-z])|yd(?![a-z])|(?:milli|centi|kilo|micro|nano)?met(?:er|re)s?|miles?|feet|foot|inch(?:es)?|yards?|light[ -]years?",
    "weight": r"毫克|克|公斤|千克|吨|斤|磅|盎司|[mk]?g(?![a-z])|kilograms?|grams?|(?:giga|mega|kilo)?ton(?:ne)?s?|pounds?|lbs?|ounces?",
    "area": r"平方|公顷|英亩|亩|sq|square|hectares?|acres?|km2|m2",
    "pictures": r"张|幅|images?|pictures?|photos?|photographs?|films?|scans?",
    "bytes": r"[KMGT]?B(?![a-z])|字节|比特|bits?|bytes?|[mgt]igabytes?|megabytes?|gigabytes?|terabytes?|兆|[MGT](?![a-z])|倍|times|%|x(?![a-z])",
    "time": r"毫秒|秒|分钟|小时|钟头|[天日周载]|年(?!代)|星期|个?月|世纪|岁|ms(?![a-z])|(?:milli)?seconds?|minutes?|mins?(?![a-z])"
    r"|hours?|hrs?(?![a-z])|days?|weeks?|months?|years?|decades?|centur(?:y|ies)",
    "age": r"岁|周岁|years?[ -]old|years? of age|(?:million |billion )?years?|万年|亿年|年(?!代)",
    "dimensions": r"维|dim(?:ension)?s?(?:ional)?|-?d(?![a-z])",
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
    (re.compile(r"多(?:长时间|久(?!.{0,8}一次))|(?:多少|几)个?(?:小时|钟头|分钟|秒|天|周|星期|年)|(?:多少|几)个(?:月|世纪)", re.I), ("time",)),
    (re.compile(r"\bhow old\b|多大年纪|多少岁|几岁", re.I), ("age",)),
    (re.compile(r"\bhow long\b|\bhow many (?:seconds|minutes|hours|days|weeks|months|years)\b", re.I), ("time", "length")),
    (re.compile(r"多长", re.I), ("length", "time")),
    (re.compile(r"多(?:宽|深|远|厚)|\bhow (?:tall|wide|deep|far|thick)\b", re.I), ("length",)),
    (re.compile(r"多少维|几维|\bhow many dimensions\b", re.I), ("dimensions",)),
    (re.compile(r"多[大少]的?(?:显存|内存|硬盘|磁盘|存储空间)|\bhow (?:much|big) (?:memory|ram|storage|disk)\b", re.I), ("bytes",)),
    (re.compile(r"多重(?!要|视)|\bhow heavy\b|\bhow much (?:does|do|did) .*\bweigh\b", re.I), ("weight",)),
)
_AMOUNT_ASKED = re.compile(  # any number will do
    r"多[大高快](?=[了的呢]?[？?。]*$)|\bhow (?:fast|quick(?:ly)?|accurate(?:ly)?|large|big|high)\b"
    r"|\bhow much (?!(?:of|longer|more|less|has|have|does|do|did|is|are|was|were|can|will)\b)[a-z]"
    r"|\bwhat (?:does|do|did|would) .{2,40} cost\W*$"
    r"|\b(?:what|which) (?:[\w-]+ ){0,2}(?:scores?|accurac(?:y|ies)|error rate|percentage|fraction|proportion|size|speed"
    r"|latency|frame rate|learning rate|batch size) (?:is|are|was|were|do|does|did|has|have|can)\b"
    r"|\bwhat (?:is|was|are|were) (?:the |its |their )?(?:[\w-]+ ){0,3}(?:scores?|accuracy|error rate|percentage|speed|size|latency"
    r"|height|weight|length|price|limit|maximum|minimum|capacity|ratio|distance|(?:total )?number)\b|(?:上限|下限|最大值|最小值|总数|容量|距离)是",
    re.I,
)
_AMOUNT = re.compile(
    r"(?<![A-Za-z\d.-])(?:\d|(?!一(?![二三四五六七八九十百千万亿半倍成]))[零一二两三四五六七八九十百千万亿]+)"
    r"|\b(?:several|few|dozens?|hundreds?|thousands?|[mb]illions?|half|twice|thrice|double|triple|zero|two|three|four|five|six|seven|eight|nine|ten)\b"
    r"|一半",
    re.I,
)
_YEAR = re.compile(r"(?:19|20)\d\d|[一二][零〇九八七六][一二三四五六七八九零〇]{2}")  # of which no length of time is told
_AGED = re.compile(r"\b(?:age[ds]?|turned|birthday)\b\D{0,16}\d|年龄|年仅", re.I)
_PASSING = {"time", "age"}
_SINGLE = ("1", "一", "a", "an", "one")
_LASTING = re.compile(r"多(?:长时间|久)|\bhow long\b", re.I)
_UNTIL = re.compile(
    r"\b(?:until|till|since|into|from .* to|forever|throughout|all (?:day|night|year))\b"
    r"|直到|至今|以来|一直[到在]|终身|永远|从.{1,14}[到至]|[到至]\s?\d{4}", re.I
)
_SHARE_ASKED = re.compile(
    r"(?:准确|正确|精确|识别|错误|误识|召回|通过|成功|失败)率[^，。？?]{0,6}(?:多少|多高|几)|(?:占比|百分比)[^，。？?]{0,6}(?:多少|多高|几)"
    r"|\bhow high (?:is|was) (?:the |its )?(?:[\w-]+ ){0,3}(?:accuracy|error rate|recall|precision)\b|\bhow accurate(?:ly)?\b"
    r"|\bwhat (?:[\w-]+ ){0,4}(?:accurac(?:y|ies)|error rate|percentage)\b",
    re.I,
)
_SHARE = re.compile(
    r"百分之|\b(?:half|third|quarter|most|majority|none|all)\b|[一多大]半|分之"
    r"|\d\s*(?:%|％|percent|per cent|个?百分点|points? (?:of|on|in|better|worse|higher|lower|more|less|above|below)\b|percentage points?)"
    r"|[一二两三四五六七八九\d]成(?![为立功])|(?<![\d.])(?:0|(?<=\s))\.\d+(?![\d.]*\.\d)", re.I
)


@lru_cache(maxsize=128)
def unit_asked(question: str) -> Callable[[str], bool] | None:
    """Return a test of whether a sentence gives a number of the unit that is asked for; None where none of these is."""
    if _SHARE_ASKED.search(question):
        return lambda words: _SHARE.search(fold(words)) is not None
    if kinds := _kinds(question):
        return _of_kinds(kinds, lasting=_LASTING.search(question) is not None)
    if _AMOUNT_ASKED.search(question):
        return lambda words: _AMOUNT.search(fold(words)) is not None
    return None


def _kinds(question: str) -> tuple[str, ...]:
    """Return the kinds of units that a question asks for, of which any will do."""
    if found := _ASKED_ZH.search(question) or _ASKED_EN.search(question):
        return next((kind,) for kind, words in _KINDS.items() if re.match(words, found["unit"], re.I))
    return next((kinds for asks, kinds in _MEASURED if asks.search(question)), ())


def _of_kinds(kinds: tuple[str, ...], *, lasting: bool) -> Callable[[str], bool]:
    units = "|".join(_KINDS[kind] for kind in kinds)
    gives = re.compile(rf"(?P<n>{_NUMBER}){_SIZES}\s*(?:[\w-]+ ){{0,2}}?(?:{units})", re.I)

    def given(words: str) -> bool:
        words = fold(words)
        if ("age" in kinds and _AGED.search(words)) or (lasting and _UNTIL.search(words)):
            return True
        return any(_counts(match["n"].strip().lower(), kinds) for match in gives.finditer(words))

    return given


def _counts(number: str, kinds: tuple[str, ...]) -> bool:
    """Whether a number before a unit is an amount: "in 2016" is no length of time, "an image" no count of images."""
    if kinds == ("pictures",):
        return number not in _SINGLE
    return _YEAR.fullmatch(number) is None or not _PASSING & set(kinds)
