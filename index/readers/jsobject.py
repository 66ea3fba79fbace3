"""A JavaScript object literal, as pages embed their data in one -> Python values. Never runs anything; knows no page.

Understood: strings, numbers, true/false/null, objects, arrays, ``Name('…')`` calls with one string (its value is the
string) and ``'0' * 1``. Anything else is skipped up to the next comma, so an unknown expression costs one value.
"""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/|(?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<name>[A-Za-z_$][\w$.]*)|(?P<sign>.)""",
    re.S,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.S)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "0": "", "\n": ""}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_MAX_TOKENS = 2_000_000


def unescape(text: str) -> str:
    """Return the text of a string literal's inside."""

    def one(match: re.Match[str]) -> str:
        code = match.group(1) or match.group(2)
        return chr(int(code, 16)) if code else _PLAIN.get(match.group(3), match.group(3))

    return _ESCAPE.sub(one, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def parse_object(text: str, start: int) -> dict[str, Any]:
    """Return the object literal that opens at or after ``start``; a broken one gives what came before the break."""
    begin = text.find("{", start)
    if begin < 0:
        return {}
    root: dict[str, Any] = {}
    stack: list[Any] = [root]
    keys: list[str | None] = [None]
    value: Any = None
    have = False
    for count, match in enumerate(_TOKEN.finditer(text, begin + 1)):
        kind, token = match.lastgroup, match.group()
        if kind is None:
            continue
        if count > _MAX_TOKENS or not stack:
            break
        inside_object = isinstance(stack[-1], dict)
        if kind == "sign" and token in ",]}":
            if have:
                _put(stack[-1], keys[-1], value)
            keys[-1], value, have = None, None, False
            if token != ",":
                stack.pop()
                keys.pop()
                if not stack:
                    break
        elif kind == "sign" and token in "{[":
            fresh: Any = {} if token == "{" else []
            if not inside_object or keys[-1] is not None:
                _put(stack[-1], keys[-1], fresh)
            keys[-1] = None
            have = False
            stack.append(fresh)
            keys.append(None)
        elif inside_object and keys[-1] is None:
            if kind in ("string", "name", "number"):
                value = unescape(token[1:-1]) if kind == "string" else token
            elif token == ":":
                keys[-1], value, have = str(value), None, False
        elif not have:
            if kind == "string":
                value, have = unescape(token[1:-1]), True
            elif kind == "number":
                value, have = token, True
            elif kind == "name" and token in _WORDS:
                value, have = _WORDS[token], True
    return root


def _put(holder: Any, key: str | None, value: Any) -> None:
    if isinstance(holder, list):
        holder.append(value)
    elif key is not None:
        holder.setdefault(key, value)
