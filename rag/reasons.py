"""Why-questions: what they ask the reason or the use of, and whether a sentence gives such. Knows words only.

"Why do we need X?" is answered by what X is for, gains or solves; "Why is the sky blue?" by what causes just that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.terms import fold
from rag.aspects import Aspect
from rag.numbers import negated

_WHY_ZH = r"(?:为什么|为何|为啥|干嘛)"
_VERBS_ZH = r"(?:我们|人们|大家|还|都|需要|要|会|得|必须|应该|选择|使用|采用|用|做|进行|引入|学习?(?!率)|研究|关心|提出|加(?:入|上)?|有)"
_GOOD_ZH = r"(?:很|这么|那么|如此|是|更|非常)*(?:重要|有用|有效|必要|必需|流行|受欢迎|有意义|值得)"
_USE_ZH = re.compile(
    rf"^(?:请问"
    rf"|那么?)?(?P<by>[^，,。？?]{{0,16}}?){_WHY_ZH}(?P<verb>{_VERBS_ZH}*)(?P<x>[^，,。？?]{{2,}}?)(?P<good>{_GOOD_ZH})?的?[？?。呢啊]*$"
)
_FOR_ZH = re.compile(
    r"^(?:请问)?(?P<x>[^，,。？?]{2,24}?)(?:(?:的|主要|最终)*(?:目的|意义|用处|动机)(?:主要)?(?:是什么|是啥"
    r"|何在|在哪里?|有哪些)|有(?:什么|啥|何)(?:用处?|意义))[？?。呢]*$"
)
_MANY_EN = r"(?:really |even |still |also |actually |so |very |that |often |widely )*"
_USE_EN = (
    re.compile(
        rf"^(?:so |and |but )?why (?:is|are|was|were) (?:an? |the )?(?P<x>.+?) {_MANY_EN}"
        r"(?:useful|important|needed|necessary|required|used|popular|effective|helpful|valuable|done"
        r"|worthwhile|interesting|applied)\W*$",
        re.I,
    ),
    re.compile(
        rf"^(?:so |and |but )?why (?:do|should|would|did|must|does) (?:we|you|one|people|i|they|anyone"
        rf"|researchers) {_MANY_EN}"
        r"(?:need|use|want|do|apply|choose|learn|study|prefer|bother with|care about)(?: to)? (?:an? "
        r"|the )?(?P<x>.+?)\W*$",
        re.I,
    ),
    re.compile(
        r"^(?:so |and |but )?why (?:use|choose|learn|need|apply|study|bother with) (?:an? |the )?(?P<x>.+?)\W*$",
        re.I,
    ),
    re.compile(
        r"^why (?P<x>(?!(?:is|are|was|were|do|does|did|should|would|can|not|it|that"
        r"|this)\b)[\w-]+(?: [\w-]+){0,2})\W*$",
        re.I,
    ),
    re.compile(
        r"^what(?:'s| is| are) (?:an? |the )?(?:points?|purposes?|aims?|motivation|goals?|use) of (?:an? "
        r"|the )?(?P<x>.+?)\W*$",
        re.I,
    ),
    re.compile(r"^what (?:is|are) (?:an? |the )?(?P<x>[^?]{2,40}?) (?:good|useful|(?:mainly |usually |often )?used) for\W*$", re.I),
    re.compile(r"^what (?:do|does|can) (?:you|we|one|people|they) (?:mainly |usually |often )?use (?:an? |the )?(?P<x>[^?]{2,40}?) for\W*$", re.I),
)
_BY_EN = re.compile(
    r"^(?:so |and |but )?why (?:does|do|did) (?:the |an? )?(?P<by>[\w.+-]+(?: [\w.+-]+)?) (?:need|use|apply"
    r"|choose|want)(?: to)? (?:an? |the )?(?P<x>.+?)\W*$",
    re.I,
)
_AS_WHAT = re.compile(r"[称名更改作视认成述版写译叫分变]为什么")  # "被称为什么" asks for a name
_CAUSE = re.compile(
    r"因为|由于|原因|所以|因此|因而|为了|使得|导致|以便|从而|以免|旨在|目的|出发点|动机|否则|才能|是想|源于"
    r"|源自|(?<![可所难])以(?=减少|降低|提高|避免|防止|缓解|保证|达到|便)|来(?=减少|降低|提高|避免|防止|缓解"
    r"|保证|达到)"
    r"|\b(?:because|since|due to|owing to|therefore|so that|in order to|caus(?:ed?|es|ing)|thus|hence"
    r"|leads? to|led to|as a result|reasons?|which is why|otherwise"
    r"|so (?=(?:it|they|we|the|an?|features|that)\b)|to (?=(?:avoid|prevent|reduce|save|improve|keep|make"
    r"|allow|help|increase|protect|ensure|obtain|win)\b)|for fear|purpose|aim(?:s|ed)?)\b",
    re.I,
)
_BRINGS = re.compile(
    r"使(?![用命者])|造成|引起|引发|以致|以至于|带来|(?:会|将|就)(?:得到|产生|变|让|出现|失去|破坏|损害|泄露)|结果(?:是|就)"
    r"|\b(?:mak(?:es?|ing)|made|results? in|resulted in|gives? rise|brings?|brought|produces?|prevents?|too \w+ to)\b",
    re.I,
)
_CONCLUDES = re.compile(r"所以|因此|因而|\b(?:therefore|thus|hence|as a result|so)\b", re.I)
_ADOPTS = (
    r"(?:所以|因此|因而|于是)[^，。]{0,12}?(?:加入|引入|采用|使用|用|叠加|需要|要|做|加了?|选择|改用)"
    r"|\b(?:so|therefore|thus|hence|which is why)\b[^,.]{0,24}?\b(?:uses?|adds?|added|introduces?|introduced|needs?|wants?|adopt\w*|chose|choose)\b"
)
_SOLVES = re.compile(
    r"解决|缓解|克服|防止|可以|能够?|帮助|用[来于以]|让|不再|尤其|场景|只需"
    r"|\b(?:keeps? [^.]{2,40} from|solv\w+|overcom\w+|prevent\w*|let(?:s|ting)?|enabl\w+|allow\w*|mak(?:es?"
    r"|ing)|help\w*|instead of|rather than|without|cheap\w*|needs? only|only needs?)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Why:
    """What the use is asked of; no ``names``: the reason of all that the question says is asked."""

    names: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def why_asked(text: str) -> Why | None:
    """Return what a question asks the reason or the use of; None for any other question."""
    text = fold(text).strip()
    if _AS_WHAT.search(text):
        return None
    if found := _FOR_ZH.match(text):
        return Why((found["x"],))
    if (found := _USE_ZH.match(text)) and (found["verb"] or found["good"]):
        return Why(tuple(name for name in (found["by"].removesuffix("是"), found["x"]) if len(name) > 1))
    for pattern in _USE_EN:
        if found := pattern.match(text):
            what, *within = re.split(r" in (?:an? |the )?", found["x"].strip(), maxsplit=1)
            return Why((*within, what))
    if found := _BY_EN.match(text):
        return Why((found["by"], found["x"].strip()))
    return Why() if re.search(rf"{_WHY_ZH}|原因|\bwhy\b|\breasons?\b", text, re.I) else None


def causes(words: str) -> bool:
    """Return whether a sentence gives a reason or a purpose."""
    return bool(_CAUSE.search(fold(words)))


def brings_about(words: str) -> bool:
    """Return whether a sentence gives a reason, or says what something brings about."""
    return causes(words) or bool(_BRINGS.search(fold(words)))


def purposes(words: str) -> bool:
    """Return whether a sentence gives a reason or a purpose of what it is about, rather than draws a conclusion on it."""
    return causes(_CONCLUDES.sub(" ", fold(words)))


def adopted(words: str, names: Sequence[str]) -> bool:
    """Return whether a sentence concludes that something of these names is used, or says for what: "所以人们又加入X", "use X for"."""
    text = fold(words).lower()
    named = "|".join(re.escape(name.lower()) for name in names)
    used = rf"\bus(?:es?|ing) (?:{named})(?: \([^()]*\))? (?:for|as|to)\b|(?:{named}) (?:is|are) (?:mainly |often )?used\b"
    return bool(names) and re.search(rf"(?:{_ADOPTS})[^，。;；.]{{0,16}}(?:{named})|{used}", text) is not None


def serves(words: str) -> bool:
    """Return whether a sentence says what something is for, gains or solves."""
    return (
        purposes(words)
        or bool(_SOLVES.search(fold(words)))
        or (Aspect("", "good", "").said(words) and not negated(words))
    )
