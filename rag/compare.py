"""The two sides of a question that compares: "A和B有什么区别", "How do A and B differ", "A比B好在哪里". Knows words only."""

from __future__ import annotations

import re

from rag.questions import content_terms

_AND_ZH = r"(?:和|与|跟|同|以及|对比|相比|比起|vs\.?|versus)"
_BETTER_ZH = r"好|强|快|优|先进|准|省|高效|厉害|轻"
_GAINS_ZH = r"改进|优势|优点|好处|提升|进步|不同|区别|变化|长处"
_BETTER_EN = r"better|faster|smaller|cheaper|stronger|simpler|easier|worse|slower|different|more \w+|less \w+"
_SIDES = (
    re.compile(rf"^(?:和|与|跟|同|比起|相比于?|相较于?)(?P<b>.+?)(?:相比|比较|比起来)?[，,]\s*(?P<a>.+?)(?:有(?:什么|哪些|何)(?:{_GAINS_ZH})|(?:{_BETTER_ZH})在(?:哪|什么)|更?(?:{_BETTER_ZH})吗)"),
    re.compile(rf"(?:比较|对比)?一?下?(?P<a>.+?)\s*{_AND_ZH}\s*(?P<b>.+?)(?:之间|两者|二者|相比)?[，,]?\s*(?:有什么|有何|有哪些|的|在哪里|是否|哪里)*"
               rf"(?:主要)?(?:区别|不同|差别|差异|异同|优劣|关系|相比|对比|(?:哪个|谁|孰|哪一个)\s*(?:更|比较|最)?(?:{_BETTER_ZH}|适合))"),
    re.compile(r"(?:比较|对比)一?下?(?P<a>.+?)\s*(?:和|与|跟|以及)\s*(?P<b>.+)"),
    re.compile(rf"^(?:请问|为什么说?)?(?P<a>[^，,。？?]+?)(?:相?比|比起|相较于?)(?P<b>[^，,。？?]+?)(?:更?(?:{_BETTER_ZH})(?:在(?:哪|什么)|多少|吗|了?[？?]?$)|有(?:什么|哪些|何)(?:{_GAINS_ZH})|(?:做了|有)?(?:什么|哪些)?(?:{_GAINS_ZH})了?(?:什么|哪些|在哪))"),
    re.compile(r"\bdifferences? between (?P<a>.+?) and (?P<b>.+)", re.I),
    re.compile(r"^(?P<a>[^:,]+?) (?:and|or|vs\.?|versus) (?P<b>[^:,]+)[:,] (?:what|how|which|where)\b.*\b(?:differ\w*|better|compare)\b", re.I),
    re.compile(r"^which (?:one )?is (?:better|faster|smaller|cheaper|simpler|easier)[,:] (?P<a>.+?) or (?P<b>.+)", re.I),
    re.compile(r"\bcompare (?P<a>.+?) (?:and|with|to) (?P<b>.+)", re.I),
    re.compile(r"\bhow (?:do|does|is|are) (?P<a>.+?) (?:differ from|compared? (?:to|with)|different from) (?P<b>.+)", re.I),
    re.compile(r"\b(?:how|where|in what) (?:do|does) (?P<a>.+?) and (?P<b>.+?) (?:differ|compare)", re.I),
    re.compile(rf"^(?:why|how|where|in what way|so)?\s*(?:is|are) (?P<a>.+?) (?:any |much |so much )?(?:{_BETTER_EN}) (?:than|from) (?P<b>.+)", re.I),
    re.compile(r"\b(?:advantages?|benefits?) of (?P<a>.+?) over (?P<b>.+)", re.I),
    re.compile(r"\bwhat (?:distinguishes|separates) (?P<a>.+?) from (?P<b>.+)", re.I),
    re.compile(r"(?P<a>.+?) (?:vs\.?|versus) (?P<b>.+)", re.I),
)  # fmt: skip
_LONGEST, _WORDS, _HAN = (
    60,
    4,
    20,
)  # characters, English words and those of a Chinese text, of what has a name; more describe
_ASKED = re.compile(
    r"谁|什么|哪|何|\b(?:what|which|who|how)\b", re.I
)  # "A与谁合作": a side that is asked for is none to compare with
_VERSION = re.compile(r"[vV]\s?\d[\w.]*|第?[一二三四五六七八九\d]+(?:代|版|个版本)|[vV]?\d[\d.]*")
_ENDS = re.compile(
    r"^(?:了|一下|说说|请问|(?:an?|the) )|(?:(?:之间)?的?(?:(?:这|那)?(?:两|二)(?:者|[种个](?:方法|模型|算法|网络|技术|框架|概念)?))?|之间的?|的)$"
)
_KIND = re.compile(r"(?:al|ed|ic|ive|ous|ary|ory|ent|ant|ar|-based)$", re.I)  # a word for a kind of something
_NOTHING = re.compile(r"(?:the )?others?\b|其他|别的", re.I)


def sides(text: str) -> tuple[str, str] | None:
    """Return what is compared with what, each as it would be called by itself, or None for any other question."""
    for pattern in _SIDES:
        if match := pattern.search(text):
            one, other = (_bare(match[side]) for side in ("a", "b"))
            if one != other and all(map(_may_be, (one, other))):
                return _whole(one, other)
    return None


def _may_be(side: str) -> bool:
    short = 0 < len(side) <= (_LONGEST if side.isascii() else _HAN) and side.count(" ") < _WORDS
    return short and bool(content_terms(side)) and not _ASKED.search(side) and not _NOTHING.match(side)


def _bare(side: str) -> str:
    return _ENDS.sub("", side.strip(" ?？。.，,“”\"'")).strip()


def _whole(one: str, other: str) -> tuple[str, str]:
    """Give each side what both share and only one has: "MobileNet v1和v2", "structured and unstructured pruning", "横向和纵向联邦学习"."""
    words = one.split()
    if _VERSION.fullmatch(other) and len(words) > 1 and _VERSION.fullmatch(words[-1]):
        return one, " ".join([*words[:-1], other])
    if (
        _VERSION.fullmatch(other)
        and (found := re.fullmatch(rf"(.+?)\s*(?P<v>{_VERSION.pattern})", one))
        and found[1] not in "vV"
    ):
        return one, one[: found.start("v")] + other
    if one.isascii() and other.isascii():
        last = other.split()
        hyphened = "-" in one and "-" in last[0]
        if len(words) == 1 and len(last) > 1 and (hyphened or (_KIND.search(one) and _KIND.search(last[0]))):
            return f"{one} {' '.join(last[1:])}", other
    elif not one[0].isascii() and not other[0].isascii() and len(one) == 2 and len(other) > len(one) + 1:
        return (one + other[len(one) :] if one[-1] == other[1] else one), other
    return one, other
