"""Why a language model could not be used, as its user reads it. Knows the messages of ``rag.llm``, no server."""

from __future__ import annotations

import re
from collections.abc import Callable

from index.errors import ModelError

_SERVER = r"The language model(?: server)? at (?P<host>\S+) "
_TOLD_ZH: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(_SERVER + pattern), told)
    for pattern, told in (
        (r"did not answer in time", lambda m: f"{m['host']} 的语言模型没有在规定的时间内回答。"),
        (r"took too long", lambda m: f"{m['host']} 的语言模型回答得太慢。"),
        (r"cannot be reached \((?P<kind>\w+)\)", lambda m: f"{m['host']} 的语言模型连接不上（{m['kind']}）。"),
        (r"gave an empty answer", lambda m: f"{m['host']} 的语言模型没有写出内容。"),
        (r"broke off in mid-answer", lambda m: f"{m['host']} 的语言模型中途断开。"),
        (r"reported an error", lambda m: f"{m['host']} 的语言模型报告了错误。"),
        (r"answered something that is not JSON", lambda m: f"{m['host']} 的语言模型的回答不是 JSON。"),
        (r"lists no model", lambda m: f"{m['host']} 没有列出模型：请设置 CITEBACK_LLM_MODEL。"),
        (
            r"answered HTTP (?P<code>\d+)(?:: check (?P<check>[\w ]+))?",
            lambda m: f"{m['host']} 的语言模型返回 HTTP {m['code']}" + (f"：请检查 {m['check']}。" if m["check"] else "。"),
        ),
    )
)


def trouble(error: ModelError, language: str) -> str:
    """Return the one line that says what went wrong; what has no wording in Chinese stays as it is."""
    text = str(error)
    if language == "zh":
        for pattern, told in _TOLD_ZH:
            if found := pattern.match(text):
                return told(found)
    return text
