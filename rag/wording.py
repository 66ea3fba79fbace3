"""One wording for the many in which people ask what something is, so that all of them are answered alike. Knows words only."""

from __future__ import annotations

import re
from functools import lru_cache

_X_ZH = r"(?:(?!为什么|怎么|怎样|如何|最初|起初|原来|当时|后来|这篇|那篇|第.篇|文章|自己|区别|不同)[^，,。；;？?！!的在中哪里谁]){2,24}?"
_ASK_ZH = (
    r"(?:请问?|麻烦|帮我|给我|你|能不能|能否|可不可以|可以|能|我想知道|我想了解|想知道|(?:介绍|解释|讲|说明)(?:一下|下)|简单|先|再|来|大概|详细)*"
)
_KIND_ZH = r"(?:\s*[这那][个种款](?:网络|库|项目|工具|框架|软件|平台|模型|方法|算法|技术|概念|包|东西)?)?"  # "Golem 这个网络是什么？"
_END_ZH = r"(?:意思|东西|概念|技术|玩意儿?)?(?:吗|呢|吧|啊|呀)?[？?。！!]*$"
_ZH = (
    re.compile(rf"^{_ASK_ZH}(?:什么(?:是|叫做?|叫作)|何谓|何为|啥是|啥叫)(?P<x>{_X_ZH}){_END_ZH}"),
    re.compile(
        rf"^{_ASK_ZH}(?P<x>{_X_ZH}){_KIND_ZH}(?:通常|一般|究竟|到底|具体|这个词)?(?:(?<!不)是(?:个|一个|指)?(?:什么|啥)"
        rf"|(?:的意思是|指的?是|指)(?:什么|啥)|的(?:定义|含义|意思|概念)(?:是什么|是啥|呢)?){_END_ZH}"
    ),
    re.compile(rf"^{_ASK_ZH}(?:介绍|解释|讲讲|讲解|说说|说明|聊聊|讲|谈谈|了解)(?:一下|下|解释)?(?:什么(?:是|叫))?(?P<x>{_X_ZH})(?:是什么)?{_END_ZH}"),
    re.compile(rf"^{_ASK_ZH}(?P<x>{_X_ZH}){_KIND_ZH}(?:到底|究竟|主要|具体)?是(?:用来)?(?:干什么|干嘛|干啥|做什么|做啥|干吗)(?:用)?的{_END_ZH}"),
)
_NO_NAME = (
    r"of|in|on|at|for|to|that|by|from|with|between|about|is|are|was|said|used|called|and|or|how|why|what|when|where|who|if|whether"
    r"|me|us|it|this|more|do|does|did"
)
_X_EN = rf"(?!(?:{_NO_NAME})\b)[\w'./+-]+(?: (?!(?:{_NO_NAME})\b)[\w'./+-]+){{0,3}}?"
_ASK_EN = r"(?:(?:so|and|please|hey|ok)[, ]+)*(?:(?:can|could|would|will) you (?:please )?|i(?:'d like| would like| want) to know |do you know )?"
_TELL_EN = r"(?:explain|tell me|tell us|describe|define|say|know)"
_EN = (
    re.compile(rf"^{_ASK_EN}(?:{_TELL_EN} )?(?:to me )?what (?:exactly )?(?:an? |the )?(?P<x>{_X_EN}) (?:is|are|means?)(?: exactly)?\W*$", re.I),
    re.compile(
        rf"^{_ASK_EN}(?:explain|describe|define|introduce)(?: to me)? (?:the (?:term|concept|notion|idea)(?: of)? )?"
        rf"(?:an? |the )?(?P<x>{_X_EN})\W*$",
        re.I,
    ),
    re.compile(rf"^{_ASK_EN}what(?: is|'s) (?:meant by|the (?:meaning|definition) of) (?:an? |the )?(?P<x>{_X_EN})\W*$", re.I),
    re.compile(rf"^{_ASK_EN}(?:(?:give|tell) me )?(?:an? |the )?(?:definition|meaning) of (?:an? |the )?(?P<x>{_X_EN})\W*$", re.I),
    re.compile(rf"^{_ASK_EN}what's(?: an?| the)? (?P<x>{_X_EN})\W*$", re.I),
    re.compile(rf"^{_ASK_EN}what does (?:the (?:term|word) )?(?P<x>{_X_EN}) mean\W*$", re.I),
)


_SYMBOL = re.compile(r"(?<=\w)\s*[\u0370-\u03ff]$")  # 衰减因子γ


@lru_cache(maxsize=256)
def worded_alike(text: str) -> str:
    """Return "什么是X？" or "What is X?" for a question after no more than that, however it is put; any other question as it is."""
    for patterns, asks in ((_ZH, "什么是{}？"), (_EN, "What is {}?")):
        for pattern in patterns:
            if (found := pattern.match(text.strip())) and (what := _SYMBOL.sub("", found["x"]).strip(" “”\"'《》")):
                return asks.format(what) if len(what) > 1 and not _PRONOUN.fullmatch(what) else text
    return text


_PRONOUN = re.compile(
    r"[你我它这那其他她本该].*|.*(?:这些|那些|它们|他们|哪).*|(?:your?|my|its?|this|that|they|these|those|his|her)\b.*", re.I
)
