"""Sentences of a page that speak to a language model instead of a reader. They are evidence of nothing. Knows words only."""

from __future__ import annotations

import re

_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules?|guidelines|above|previous|prior)\b"
    r"|\byou (?:are now|must now|must answer|must reply|must cite|will now)\b|\b(?:system|developer) (?:prompt|message)\b"
    r"|\bnew instructions?\b|\b(?:dear|attention|note to|as an?) (?:ai|llm|language models?|assistants?|chatbots?)\b"
    r"|\b(?:answer|reply|respond|cite|say) only (?:with|that)\b"
    r"|(?:忽略|无视|忘记|忘掉|不要理会|不必理会).{0,12}(?:指令|指示|提示|要求|规则|说明|内容)|系统提示词?|你现在是|你必须(?:回答|引用|输出|回复|说)"
    r"|(?:语言模型|人工智能助手|AI助手)[，,：:]?(?:请|必须|应当)",
    re.I | re.S,
)


def gives_orders(text: str) -> bool:
    """Return whether a sentence of a page speaks to a model instead of a reader."""
    return bool(_ORDER.search(text))
