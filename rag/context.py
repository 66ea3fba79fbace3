"""A quote with what stands around it: the sentence before and the one after. Knows one text and its offsets only."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.terms import plain

_REACH = 220  # characters looked at on either side
_END = re.compile(r"[。！？!?…]+[”’」』)）]*\s*|\.\s+|\n+")


@dataclass(frozen=True, slots=True)
class Context:
    """Clean words before a quote, the quote's own, and those after it."""

    before: str
    quote: str
    after: str


def context(text: str, start: int, end: int) -> Context:
    """Return the quote ``text[start:end]`` with the sentence on either side, where the text has one in reach."""
    return Context(
        _last(text[max(0, start - _REACH) : start]), plain(text[start:end]), _first(text[end : end + _REACH])
    )


def _last(text: str) -> str:
    """The last sentence of what stands before; from its middle where it is longer than the reach."""
    ends = [match.end() for match in _END.finditer(text) if match.end() < len(text.rstrip())]
    whole = len(text) < _REACH or bool(ends)
    last = text[ends[-1] if ends else 0 :].strip()
    words = "" if last.startswith("#") else plain(last)  # a heading is no sentence
    return words if whole or not words else f"…{words}"


def _first(text: str) -> str:
    """The first sentence of what stands after."""
    lead = len(text) - len(text.lstrip(" \n。.！？!?"))
    found = _END.search(text, lead)
    first = (text[: found.end()] if found else text).strip()
    words = "" if first.startswith("#") else plain(first)
    return words if found or len(text) < _REACH or not words else f"{words}…"
