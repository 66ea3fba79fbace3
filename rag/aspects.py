"""The drawbacks or advantages that a question asks for: of what, and whether a sentence speaks of such. Knows words only.

A sentence on the subject that says nothing of its drawbacks is no answer to "what are its drawbacks?", however near it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from index.terms import fold

_GOOD_ZH, _BAD_ZH = "优点|优势|长处|好处|益处", "缺点|不足(?:之处)?|劣势|弊端|弊病|短板|短处|局限性?|坏处|缺陷|软肋"
_GOOD_EN = "advantages?|benefits?|strengths?|merits?|upsides?|pros"
_BAD_EN = "disadvantages?|drawbacks?|downsides?|shortcomings?|limitations?|weakness(?:es)?|weak points?|pitfalls?|demerits?|cons"
_BOTH_ZH, _BOTH_EN = (
    "优缺点|利弊|优劣势?",
    r"pros and cons|(?:dis)?advantages and (?:dis)?advantages|strengths and weaknesses|benefits and drawbacks",
)
_ANY_ZH, _ANY_EN = f"{_BOTH_ZH}|{_GOOD_ZH}|{_BAD_ZH}", f"{_BOTH_EN}|{_GOOD_EN}|{_BAD_EN}"
_HEAVY = "主要的?|最大的?|明显的?|突出的?|常见的?|潜在的?|具体的?"
_WHAT_ZH = "什么样的|什么|哪些|哪几个|啥|何"
_OF_ZH = re.compile(
    rf"^(?:请问|请|说说|讲讲|介绍一下|介绍|列出|那么?|谈谈)*(?P<of>[^，,。？?]{{2,30}}?)\s*(?:(?:通常|一般|都|又|会|究竟|到底)*(?:有没有|有|存在)(?:着|些)?|的|在)?"
    rf"(?:(?:{_WHAT_ZH})(?:{_HEAVY})?(?P<a>{_ANY_ZH}|(?<=[有在]什么|[有在]哪些)问题)|(?:{_HEAVY})?(?P<b>{_ANY_ZH})(?:分别|都|主要)?(?:(?:是|有|在于|在|体现在)?(?:些)?(?:{_WHAT_ZH}|哪里|哪儿)?))"
    r"(?:吗|呢|啊|呀)?[？?。.！!]*$"
)
_LITTLE_EN = r"(?:is|are|was|were|the|any|some|of|its|main|major|biggest|key|possible|potential|chief|primary|common|kinds?|there|about|an?)"
_OF_EN = re.compile(
    rf"^(?:so |and |but |please )*(?:(?:what|which|list|name|tell me|explain|describe|are there|is there)\b(?:'s)?(?:\s+{_LITTLE_EN})*\s+|the\s+)?"
    rf"(?P<a>{_ANY_EN}|limits(?=\s+(?:of|to)\b))\s+(?:(?:of|to|with|in|for)\s+(?:using\s+|the\s+(?:use\s+of\s+)?|an?\s+)?|(?:do|does|did)\s+(?:the\s+|an?\s+)?)(?P<of>.{{2,60}}?)(?:\s+have|\s+has)?\s*[?.!]*$"
    rf"|^(?:so |and |but )*(?:do|does|did)\s+(?:the\s+|an?\s+)?(?P<of2>.{{2,60}}?)\s+have\s+(?:any\s+|some\s+)?(?P<b>{_ANY_EN})\s*[?.!]*$"
    rf"|^(?:so |and |but )*(?:what are )?(?:the )?(?P<of3>.{{2,60}}?)['’]s?\s+(?:main\s+)?(?P<c>{_ANY_EN})\s*[?.!]*$",
    re.I,
)
_ASKS = re.compile(
    r"什么|哪|怎|如何|为何|谁|多少|^[它其这那]|\b(?:what|which|who|why|how|when|where)\b", re.I
)  # more is asked than that
_AT_LARGE = re.compile(  # where it is asked of, which narrows nothing
    r"\s+in (?:practice|general|reality|real life|the real world)$|^在(?:实际|现实|实践)(?:应用|使用|工程)?中，?"
    r"|在?(?:实际|现实|实践)(?:应用|使用|工程)?中$",
    re.I,
)
_SAYS_GOOD = re.compile(
    rf"{_BOTH_ZH}|{_GOOD_ZH}|优于|优越|更[好快小少高准稳强]|提[高升]|节省|减少|降低|加[速快]|有利于|有助于|便于|高效|改善|避免|只需|无需|不需要"
    rf"|\b(?:{_BOTH_EN}|{_GOOD_EN}|advantageous|beneficial|sav(?:es?|ing)|better|faster|cheaper|smaller|easier|outperforms?|improv\w+"
    r"|reduc\w+|efficien\w+|avoids?|reliabl[ey]|robust|allows)\b",
    re.I,
)
_SAYS_BAD = re.compile(
    rf"{_BOTH_ZH}|{_BAD_ZH}|难以|难于|困难|不易|不适[合用于]|代价|瓶颈|受限|限制|昂贵|耗时|费时|牺牲|失真|失效|过于"
    r"|(?:有|存在|带来|导致|面临|遇到|造成|产生|引[起发])[^，。；]{0,10}问题|问题(?:是|在于)|变[差慢]|不稳定|缺乏|缺少|容易(?:被|受|出|导致|产生|陷入)"
    r"|(?:精度|性能|准确率|效果|质量)(?!也?不)[^，。；不没]{0,6}(?:下降|损失|变差|较?差)"
    rf"|\b(?:{_BOTH_EN}|{_BAD_EN}|problems?|issues?|difficult(?:y|ies)?|hard(?:er)? to|costly|expensive|costs?|slow(?:er|ly)?"
    r"|unable|suffer\w*|limited|degrad\w*|worse|poor(?:ly)?|lacks?|unstable|vulnerable|inefficient"
    r"|sacrific\w*|at the (?:cost|expense)|trade-?offs?|too (?:large|slow|many|much|few|high))\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Aspect:
    """What is asked of ``of``: "good", "bad" or "both"; ``spoken`` is the language it is asked in."""

    of: str
    side: str
    spoken: str

    @property
    def search(self) -> str:
        """One wording for all that ask the same, so that they are answered alike."""
        word = _WORDS[self.spoken][self.side]
        return f"{self.of}的{word}" if self.spoken == "zh" else f"{word} of {self.of}"

    def named(self, words: str) -> bool:
        """Return whether words speak of it by name: "its drawback is"."""
        return bool(_NAMES[self.side].search(fold(words)))

    def place(self, words: str) -> int:
        """Return where words speak of it by name, 0 for nowhere."""
        found = _NAMES[self.side].search(words)
        return found.start() if found else 0

    def said(self, words: str) -> bool:
        """Return whether words tell of it, in whatever words: "it is hard to"."""
        return any(pattern.search(fold(words)) for pattern in _SAYS[self.side])


_WORDS = {
    "zh": {"good": "优点", "bad": "缺点", "both": "优缺点"},
    "en": {"good": "advantages", "bad": "drawbacks", "both": "advantages and drawbacks"},
}
_SAYS = {"good": (_SAYS_GOOD,), "bad": (_SAYS_BAD,), "both": (_SAYS_GOOD, _SAYS_BAD)}
_NAMES = {
    "good": re.compile(rf"{_BOTH_ZH}|{_GOOD_ZH}|\b(?:{_BOTH_EN}|{_GOOD_EN})\b", re.I),
    "bad": re.compile(rf"{_BOTH_ZH}|{_BAD_ZH}|\b(?:{_BOTH_EN}|{_BAD_EN})\b", re.I),
    "both": re.compile(rf"{_ANY_ZH}|\b(?:{_ANY_EN})\b", re.I),
}


@lru_cache(maxsize=256)
def aspect_asked(text: str) -> Aspect | None:
    """Return what drawbacks or advantages a question asks for and nothing else; None for any other question."""
    text = fold(text).strip()
    chinese = _OF_ZH.match(text) if re.search(r"[\u4e00-\u9fff]", text) else None
    found = chinese or _OF_EN.match(text)
    if not found:
        return None
    said = found.groupdict()
    of = _AT_LARGE.sub("", said["of"] or said.get("of2") or said.get("of3") or "").strip(" “”\"'")
    word = (said["a"] or said["b"] or said.get("c") or "").lower()
    return None if not of or _ASKS.search(of) else Aspect(of, _side(word), "zh" if chinese else "en")


def _side(word: str) -> str:
    if re.fullmatch(rf"{_BOTH_ZH}|{_BOTH_EN}", word):
        return "both"
    return "good" if re.fullmatch(rf"{_GOOD_ZH}|{_GOOD_EN}", word) else "bad"
