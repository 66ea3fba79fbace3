"""Follow-ups that leave out all but what is new: another one of a row, another end, another language. Knows words only.

After "what does the first version use?", "and the second?"; after "哪些文章是英文的？", "中文的呢？"; "In English please".
"""

from __future__ import annotations

import re

from rag.criteria import LANGUAGES
from rag.questions import counts, understand

_ORDINAL = re.compile(
    r"(?P<nth>第[一二三四五六七八九十\d]+)(?P<what>个|种|类|条|点|步|篇|项|版本?|代|章|节|期|部分|阶段)?"
    r"|(?:the )?\b(?P<nth_en>first|second|third|fourth|fifth|last)\b"
    r"(?P<what_en> (?:version|generation|kind|type|step|part|method|stage|phase))?(?: one)?"
    r"|\bv(?:ersion)? ?\d+\b",
    re.I,
)
_ASKED_ALONE = re.compile(r"(?:那|又|是|在)*(?P<zh>哪一?年|什么时候|何时|谁|哪里|哪儿|什么地方)(?:的|呢)?|(?P<en>when|where)", re.I)
_ASKS_ZH = re.compile(r"哪一?年|什么时候|何时|谁(?!的)|哪里|哪儿|什么地方")
_ASKS_EN = re.compile(r"^who (?P<did>\w+ed|made|wrote|built|found) (?P<what>[^?]+)", re.I)
_TONGUE = re.compile(
    r"^(?:请|麻烦|能不能|可以|能|你|再)*(?:用|说|翻译成|翻成|译成|换成|改成|改用)\s*(?P<zh>英文|英语|中文|汉语)"
    r"(?:来)?(?:再|重新)?(?:回答|说|讲|写|解释|翻译|复述)?(?:一遍|一下|一次|好吗|可以吗|吗|吧|呢)*[。.！!？?]*$"
    r"|^(?:(?:please|now|can you|could you|say|answer|repeat|translate|give|tell|write|put|me|it|this|that|again|the answer)\s+)*"
    r"(?:in|into|to)\s+(?P<en>english|chinese)(?:\s+please)?[.!?, ]*$",
    re.I,
)
_END = re.compile(
    r"^(?:那么?|还有)?[，, ]*(?P<zh>[^，。？?]{1,14}(?=的呢))的呢[？?]*$"
    r"|^(?:and |but |what about |how about )?(?:those |the ones |ones )?(?P<way>in|from|by|on) (?P<en>[\w .'-]{2,30}?)\W*$",
    re.I,
)
_ENDED_ZH = re.compile(r"(?<=[是篇个条有自])[^，。？?是篇个条]{1,14}(?=的(?:文章|资料|链接)?[？?。]*$)")


def tongue_of(text: str) -> str:
    """Return the language, "zh" or "en", in which the last answer is wished for again; "" for a question."""
    found = _TONGUE.match(text)
    return LANGUAGES[(found["zh"] or found["en"]).lower()] if found else ""


def asked_instead(bare: str, before: str) -> str:
    """Return the question before with another thing asked of it: after "GAN是谁提出的？", "哪年？"; after "who proposed it?", "when?"."""
    wanted = _ASKED_ALONE.fullmatch(bare.strip(" .!。！，,"))
    if not wanted:
        return ""
    if wanted["zh"]:
        found = _ASKS_ZH.search(before)
        return before[: found.start()] + wanted["zh"] + before[found.end() :] if found else ""
    found = _ASKS_EN.match(before)
    return f"{wanted['en'].capitalize()} was {found['what']} {found['did']}?" if found else ""


def other_one(bare: str, before: str) -> str:
    """Return the question before about another one of a row: after "what does the first version use?", "and the second?"."""
    wanted, asked = _ORDINAL.fullmatch(bare.strip(" .!。！")), _ORDINAL.search(before)
    if not wanted or not asked:
        return ""
    what = "" if wanted["what"] or wanted["what_en"] else asked["what"] or asked["what_en"] or ""
    return before[: asked.start()] + wanted.group().removesuffix(" one") + what + before[asked.end() :]


def same_end(text: str, before: str) -> str:
    """Return a question about the list with its end replaced: after "哪些文章是英文的？", "中文的呢？"; after "from WeChat?", "and from Zhihu?"."""
    found = _END.match(text.strip())
    if not found or not before or not (understand(before).form == "articles" or counts(before)):
        return ""
    if found["zh"]:
        ended = _ENDED_ZH.search(before)
        return before[: ended.start()] + found["zh"] + before[ended.end() :] if ended else ""
    ended = re.search(rf"\b{found['way']} [\w .'-]{{2,30}}(?=\W*$)", before, re.I)
    return f"{before[: ended.start()]}{found['way']} {found['en']}{before[ended.end() :]}" if ended else ""
