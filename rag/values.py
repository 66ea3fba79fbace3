"""The one value that a question asks for, and whether a sentence gives such a value: a version, a price, a year, a time.

Knows words only. A sentence near the question that gives none is no answer to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from index.terms import FORMULA, fold
from rag.numbers import names

_NAME = r"(?<![A-Za-z0-9_])[A-Za-z][A-Za-z0-9_.+#-]{0,39}"
_VERSION = (
    re.compile(rf"\b(?:what|which)\s+(?:(?P<a>{_NAME})\s+)?versions?\b(?:\s+of\s+(?:the\s+)?(?P<b>{_NAME}))?", re.I),
    re.compile(
        rf"(?:什么|哪个|哪一个|哪些)\s*(?P<a>{_NAME})\s*的?版本|(?:什么|哪个|哪一个|哪些)版本的\s*(?P<b>{_NAME})", re.I
    ),
    re.compile(
        rf"(?P<a>{_NAME})?\s*的?(?:什么版本|哪个版本|哪一个版本|版本号?(?:要求)?(?:是|为)(?:多少|什么(?!时候)|几|哪))",
        re.I,
    ),
)
_NO_NAME = re.compile(
    r"(?:minimum|minimal|latest|current|new|newest|newer|old|oldest|first|last|exact|required|stable|other|different)$",
    re.I,
)
_NUMBERED = re.compile(r"\bv?\d+(?:\.\d+)+|\bv\d|(?:\bversions?|版本)\s*\d", re.I)
_PRICE = re.compile(
    r"多少(?:钱|元|块|美元)|\bhow much (?:\w+ )?money\b|\bat what (?:price|cost)\b|(?:售价|价格|价钱|票价|单价)(?:是|为|有)?(?:多少|多高|几)"
    r"|\bhow much (?:does|do|did|is|are|was|were|will|would)\b.*\b(?:costs?|priced?|charged?|paid|pay)\b",
    re.I,
)
_MONEY = re.compile(
    r"[¥￥$€£]\s*\d|[\d一二两三四五六七八九十百千]\s*[万亿]?\s*(?:元|块|美元|欧元|英镑|港币|人民币)|免费"
    r"|\d\s*(?:(?:thousand|million|billion)\s+)?(?:dollars?|yuan|rmb|euros?|pounds?|cents?|usd)\b|\bfree\b",
    re.I,
)
_WRITTEN_IN = re.compile(  # the language of a program and its licence have one of a few names
    r"(?:什么|哪种|哪一?门|哪个)(?:编程|程序|开发)?语言(?:来?(?:写|开发|实现|编写|编程)|编写)|\bprogramming language\b"
    r"|\b(?:what|which) languages?\b.*\b(?:written|implemented|programmed|coded|developed)\b",
    re.I,
)
_LANGUAGE = re.compile(
    r"(?<![A-Za-z])(?:python|java|javascript|typescript|c\+\+|c#|c语言|golang|go语言|rust|ruby|php|perl|swift|kotlin|scala|matlab|julia"
    r"|lua|haskell|fortran|cuda|sql|html|shell|bash|r语言|lisp|prolog)(?![A-Za-z])|[\u4e00-\u9fff](?:语(?![言义音])|文(?=写|版|编|发))"
    r"|\b(?:english|chinese|french|german|latin|spanish|japanese|russian|arabic|greek)\b|(?-i:\b(?:C|R|Go)\b)",
    re.I,
)
_LICENCE_ASKED = re.compile(
    r"(?:什么|哪个|哪种|何种)(?:开源)?(?:许可证?|协议|授权)|许可证是(?:什么|哪)|\b(?:what|which) (?:is |\w+ )?(?:the )?licen[cs]es?\b", re.I
)
_LICENCE = re.compile(
    r"许可|授权|开源协议|\blicen[cs]\w*|(?<![A-Za-z])(?:MIT|Apache|A?GPL|LGPL|BSD|MPL|CC0|CC[ -]BY|Unlicense)(?![A-Za-z])", re.I
)
_SETS = re.compile(
    r"\b(?:which|what)\s+(?:\w+\s+){0,2}(?:data ?sets?|benchmarks?|corpora|corpus)\b"
    r"|(?:哪些|什么|哪个|哪几个)\w{0,4}(?:数据集|语料库?)|(?:数据集|语料库?)(?:都?有哪些|是什么|是哪些|都?有什么)",
    re.I,
)
_NAMES = r"[A-Za-z][\w-]*(?:\s*[、,，和与及]\s*[A-Za-z][\w-]*)*"
_A_SET = re.compile(r"\b(?:data ?sets?|benchmarks?|corpus|corpora)\b|数据集|语料|基准", re.I)
_SETS_HEADED = re.compile(r"^#{1,6}\s.{0,30}(?:\bdata ?sets?\b|\bbenchmarks?\b|\bcorpora\b|数据集|语料)", re.I | re.M)
_A_SET_NAMED = re.compile(  # "在CIFAR-10、SVHN上", "the benchmark most people report is AWA2"
    rf"在\s*(?=[\w-]*[A-Z\d]){_NAMES}\s*(?:等|这个)?(?:数据集)?上|{_NAMES}\s*(?:等|这个|上的)?\w{{0,4}}(?:数据集|语料|基准)|(?:数据集|语料库?|基准)[^。，]{{0,12}}?[A-Z][\w-]"
    r"|\b[A-Z][\w-]+(?: [A-Z][\w-]+)* (?:data ?sets?|benchmarks?|corpus)\b|\bon [A-Z][\w-]*\d"
    r"|\b(?:data ?sets?|benchmarks?|corpus|corpora)\b[^.]{0,40}?(?:\b(?:is|are|was|were|such as|including|called|like)|:)\s+(?:the )?[A-Z][\w-]+"
)
_WHICH_YEAR = re.compile(r"(?:哪|几)一?年|\b(?:what|which) years?\b", re.I)
_YEAR = re.compile(
    r"\d{3,4}|\d{2}\s*年|[一二三四五六七八九零〇]{2,4}年|年代|世纪|\bcentur(?:y|ies)\b|\d\d\s*(?:BC|AD)", re.I
)
_WHEN = re.compile(  # "When do phones take part?" may be answered by a condition
    r"(?:什么时候|何时).{0,24}(?:的|了|发布|发表|提出|推出|成立|出生|去世|发明|创[立建]|建[成立]|开源|上线|问世|出版|诞生|发现|开始|结束)[？?。]*$"
    r"|\bwhen (?:did|was|were|will|has|have|had)\b",
    re.I,
)
_DATED = re.compile(
    r"^(?:请问)?(?P<x>(?:(?![的与和在])[\u4e00-\u9fff]){3,6}?)(?:是)?(?:在)?(?:什么时候|何时|哪一?年)[\u4e00-\u9fff]{2}(?:的|了)?[？?。]*$"
)
_TIME = re.compile(
    r"(?<![A-Za-z\d.-])(?:[12]\d{3}|\d00)s?(?!\d)|\d{1,2}:\d\d|['’]\d\ds\b"
    r"|\d\s*(?:多|余)?\s*[万亿]?\s*(?:年|月|日|号|岁|点|周|天|小时|分钟|秒|个月|世纪)|[一二三四五六七八九十零〇百千万亿两]+(?:年|个?月|日|号|岁|点|周|天|世纪|小时)"
    r"|\d\s*(?:million |billion )?(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|BPE?|BCE?|AD|CE|[ap]\.?m\.?)\b"
    r"|[今去前明昨当同次][年天日]|[年月日纪代战]以来|时[期代]|(?<![症瘤癌])[初早晚末]期"
    r"|\b(?:when|after|before|during|since|until|till|once|ago|later|earlier|yesterday|night|morning"
    r"|(?:at|by) the (?:end|beginning|start|time|turn)|centur(?:y|ies)|decades?|eras?"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.I,
)


def value_asked(question: str) -> Callable[[str], bool] | None:
    """Return a test of whether a sentence gives such a value as a question asks for; None where it asks for none of these."""
    if match := next((match for pattern in _VERSION if (match := pattern.search(question))), None):
        name = match["a"] or match.groupdict().get("b") or ""
        return _version_of("" if _NO_NAME.match(name) else name)
    if _PRICE.search(question):
        return lambda words: bool(_MONEY.search(words))
    if _WRITTEN_IN.search(question):
        return lambda words: bool(_LANGUAGE.search(words))
    if _LICENCE_ASKED.search(question):
        return lambda words: bool(_LICENCE.search(words))
    if _WHICH_YEAR.search(question):
        return lambda words: bool(_YEAR.search(words))
    if _WHEN.search(question):
        return lambda words: bool(_TIME.search(words))
    return None


def asks_for_sets(question: str) -> bool:
    """Return whether data sets are asked for."""
    return bool(_SETS.search(question))


def names_a_set(words: str, above: str, known: frozenset[str]) -> bool:
    """Return whether a sentence names a data set that is not ``known``, by words for one or under a heading that is one."""
    text = FORMULA.sub(" ", fold(words))
    return bool(_A_SET_NAMED.search(text) or _A_SET.search(above)) and bool(names(text) - known)


def lists_sets(text: str, headings: Sequence[str]) -> bool:
    """Return whether a passage has a heading under which data sets stand."""
    return bool(_SETS_HEADED.search("\n".join([*(f"# {heading}" for heading in headings[-1:]), text])))


def asks_when(question: str) -> bool:
    """Return whether a year or a time is asked for."""
    return bool(_WHICH_YEAR.search(question) or _WHEN.search(question))


def dated(question: str) -> str:
    """Return the short Chinese name of what a question wants the date of and nothing else: 小米汽车, which is not 小米; else ""."""
    found = _DATED.match(question.strip())
    return found["x"] if found else ""


def _version_of(name: str) -> Callable[[str], bool]:
    """A version's number beside what it is the version of: Python 3.6, Python version >= 3.8, 3.8 of Python; any where nothing is named."""
    if not name:
        return lambda words: bool(_NUMBERED.search(fold(words)))
    called = rf"(?<![A-Za-z0-9]){re.escape(name)}"
    beside = re.compile(
        rf"{called}[^\w\d]{{0,6}}(?:(?:versions?|版本|v|release)[^\w\d]{{0,6}})?(?:(?:is|为|是|of)\s*)?\d"
        rf"|\bv?\d+(?:\.\d+)+\s*(?:版本?|versions?|release)?\s*(?:of|的)\s*{called}",
        re.I,
    )
    return lambda words: bool(beside.search(fold(words)))
