"""A model's sentence that says that the passages do not answer. Knows words only."""

from __future__ import annotations

import re

from rag.prompt import NO_ANSWER

_PLAIN = re.compile(rf"\W*(?:{NO_ANSWER}|NO ANSWER|N/?A)\W*", re.I)
_SOURCES = r"(?:passages?|texts?|sources?|context|excerpts?|documents?|references?|articles?|reading list|information|material)"
_TELL = (
    r"(?:mention|answer|provid|state|say|specif|contain|includ|discuss|describ|giv|address|explain|tell|cover|indicat|offer|talk|defin)"
    r"(?:ed|es|e|s|ing|n|y|ied|ies)?"
)
_ANYTHING = r"(?:information|answer|mention|details?|evidence)"
_ENGLISH = (
    rf"\b(?:the|these|this|no|any of the|given|provided|above)\s+(?:\w+\s+){{0,2}}{_SOURCES}\b(?:\s+(?:given|provided|above|here|you))*\s+"
    rf"(?:(?:do|does|did|can)(?:\s+not|n[\u2019']t)|cannot|never)\s+(?:\w+\s+)?{_TELL}\b",
    rf"\b{_SOURCES}\s+(?:contains?|gives?|provides?|has|have|includes?) no {_ANYTHING}\b",
    rf"\b(?:there is|there\u2019s|there's|i (?:could|can) find|i find|found) (?:no|not any|not enough) (?:\w+ )?{_ANYTHING}\b",
    rf"\b(?:is|are|was|were) not (?:\w+ )?{_TELL} (?:\w+ )?(?:in|by) (?:the|these|any)\b.{{0,30}}\b{_SOURCES}\b",
    rf"\b(?:none|neither) of the (?:\w+ )?{_SOURCES} {_TELL}\b",
)
_CHINESE = (
    r"(?:资料|片段|文中|原文|文章|文本|上文|材料|内容|信息)(?:里|中|内)?(?:都|均|并|也|中)?(?:没有|未|并未|不能|无法|不足以|没)"
    r"(?:直接|明确|具体|详细)?(?:提到|提及|说明|回答|给出|涉及|包含|提供|写|介绍|指出|描述|找到|谈)",
    r"(?:无法|不能|难以)(?:直接)?(?:回答|得出|确定|判断|得知)",
    r"(?:没有|未能|无法)(?:从|在)?.{0,12}(?:资料|片段|文中|原文|文章|文本|上文|材料).{0,6}(?:找到|得知|得出|回答|提到|答案)",
)
_SAID = re.compile("|".join((*_ENGLISH, *_CHINESE)), re.I)


def refuses(words: str) -> bool:
    """Return whether these are the words that a model was told to write where nothing answers."""
    return bool(_PLAIN.fullmatch(words))


def finds_nothing(words: str) -> bool:
    """Return whether a sentence says, in words of its own, that the passages do not tell; small models often do.

    A source may say as much of another text, so this is asked only of what no passage carries.
    """
    return bool(_SAID.search(words))
