"""How-questions: what they want done or explained, and whether a sentence tells a way. Knows words only."""

from __future__ import annotations

import re
from functools import lru_cache

from index.terms import fold
from rag.noise import hearsay
from rag.questions import bare_pronoun

_HOW_ZH = r"(?:怎么(?!样|了|说|看|办|称呼|读)|怎样(?!的)|如何(?!以及|[？?]))"
_HOW_IT_WORKS = re.compile(
    r"^(?!.*\b(?:his|her|its|their|my|our|your|the|of|to|at|hard) works?\b)"
    r"(?:so |and |but )?how (?:do|does|did) (?:an? |the )?(?P<a>.+?)(?: actually| really)?"
    r" works?(?: (?:in|inside|within|for|on|with) .+)?\s*[?.]*$"
    r"|^what(?:'s| is| are| was) (?:the )?(?:main |key |core |basic |central )*(?:idea|trick|principle|intuition)s?"
    r" (?:behind|of|in) (?:an? |the )?(?!.*\b(?:paper|article|post|book|essay|speech|talk|chapter|story)\b)(?P<c>.+?)\s*[?.]*$"
    r"|^(?:请问)?(?P<d>(?:(?!论文|文章|这篇|书|演讲)[^，,。？?在]){2,24}?)的?(?:主要|核心|基本|关键)*(?:思想|思路|想法|做法|原理)(?:主要)?(?:是什么|是啥|是怎样的)[？?。呢]*$"
    r"|^(?:请问)?(?:在[^，,。？?]{2,16}[里中]，?)?(?P<b>[^，,。？?在]{2,24}?)(?:的?(?:工作)?原理是什么|(?:到底|究竟)?(?:是)?(?:如何|怎样|怎么)(?:工作|运作|运行)的?)[？?。]*$",
    re.I,
)
_DONE_ZH = re.compile(
    r"^(?:请问)?(?P<z>[^，,。？?]{2,24}?)(?:算法|方法)?的?(?:具体|主要|基本|实现|训练)*(?:步骤|流程)(?:是什么|是怎样的|是怎么样的|如何|分为哪几步)[？?。呢]*$"
    rf"|^(?:请问)?(?P<x>[^，,。？?]{{2,24}}?)(?:到底|究竟|具体)?(?:是)?{_HOW_ZH}(?:做|实现|运行|进行|运作"
    rf"|工作)(?:到|出来|起来)?的?(?:呢)?[？?。]*$"
    rf"|^(?:请问)?{_HOW_ZH}(?:才能|去|来)?(?:做|实现|进行)(?:好|一个)?(?P<y>[^，,。？?]{{2,24}}?)的?(?:呢)?[？?。]*$"
)
_DO_ZH = re.compile(
    rf"^(?:请问|那么?)?(?:在)?(?P<by>[^，,。？?]{{0,16}}?)(?:我们|我|人们|应该|应|可以|该|是)*{_HOW_ZH}(?:才能"
    rf"|去|来|能够?|可以)?(?P<act>[^，,。？?]+?)的?[？?。呢]*$"
)
_DO_EN = re.compile(
    r"^(?:so |and )?how (?:to|(?:do|can|should|could|would|did|does) (?:i|you|we|one|people|they)) (?P<act>.+?)\W*$"
    r"|^(?:so |and )?how (?:can|could|should|is|are|was|were) (?:an? |the )?(?P<act2>.+? (?:be )?(?:\w+ed|done"
    r"|made|built|trained|found|kept|taught))\b.*$",
    re.I,
)
_WAY = re.compile(
    r"通过|利用|采用|借助|使用|基于|依靠|靠|用(?!户|途|处|于|品)|把|将|让|先.{1,30}再|(?:想要?|只要|如果).{1,16}就|首先|然后|接着|最后|步骤"
    r"|第一步|分解|转[化换]|由.{1,20}(?:组成|构成)|做法|思路|流程|办法|方式|方法是|组成|计算"
    r"|\b(?:by (?:an? |the )?[\w-]+(?:ing)?|using|uses?|through|via|first|then|next|steps?|consists? of"
    r"|so that|in order to|instead|install|run|with the help"
    r"|takes?|trains?|applies|computes?|learns?|puts?|adds?|keeps?|maps?|splits?|converts?|replaces?"
    r"|minimi[sz]es?|maximi[sz]es?|varies|moves?|pulls?|drops?)\b",
    re.I,
)
_IDEA = re.compile(
    r"思路|思想|做法|原理|核心(?!集)|步骤|本质|\b(?:key idea|main idea|core|trick|principle|works by|steps?)\b", re.I
)
_STEPS = re.compile(
    r"(?:做法|方法|办法|步骤|流程)(?:主要)?(?:是(?!否)|如下|为[:：])|分[两三四五六几\d]步|\bsteps? (?:is|are)\b", re.I
)
_IN_STEPS = re.compile(r"先.{1,60}(?:再|然后|最后|接着)|第一步|循环.{0,12}直到|\bfirst\b.{3,120}\b(?:then|next|finally)\b", re.I)
_REPORTS = re.compile(
    r"^\W*(?:实验|结果|对比).{0,12}(?:来看|表明|显示|上)|\b(?:the )?(?:authors|we) (?:measured|reported|found)\b",
    re.I,
)


def how_it_works(text: str) -> str:
    """Return the X of a question for how X works, else ""."""
    found = _HOW_IT_WORKS.match(text.strip())
    what = next(filter(None, found.groups()), "").strip() if found else ""
    return "" if bare_pronoun(what) else what


@lru_cache(maxsize=256)
def worked(text: str) -> str:
    """Return the X of a question for how X works or is done, else ""."""
    found = _DONE_ZH.match(fold(text).strip())
    return how_it_works(text) or (next(filter(None, found.groups()), "") if found else "")


@lru_cache(maxsize=256)
def done(text: str) -> str:
    """Return what a question wants to know how to do ("训练GAN"), else ""."""
    text = fold(text).strip()
    if found := _DO_ZH.match(text):
        return f"{found['by']} {found['act']}".strip()
    if found := _DO_EN.match(text):
        return (found["act"] or found["act2"] or "").strip()
    return ""


def tells_way(words: str) -> bool:
    """Return whether a sentence tells a way: by what, with what, in which steps."""
    return bool(_WAY.search(fold(words)))


def main_idea(words: str) -> bool:
    """Return whether a sentence says by what something works in the main."""
    return bool(_IDEA.search(fold(words)))


def asks_steps(text: str) -> bool:
    """Return whether a question asks for steps, and not for how something works in general."""
    return bool(re.search(r"步骤|流程|\bsteps?\b", text))


def in_steps(words: str) -> bool:
    """Return whether a sentence tells steps one after the other: "先…再…", "first ..., then"."""
    return bool(_IN_STEPS.search(fold(words)))


def lays_out(words: str) -> bool:
    """Return whether a sentence says that a way follows: "The steps are", "做法是"."""
    return bool(_STEPS.search(fold(words)))


def opines(words: str) -> bool:
    """Return whether a sentence is somebody's judgement, or reports how well it went."""
    return hearsay(fold(words)) or bool(_REPORTS.search(fold(words)))
