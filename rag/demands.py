"""What a question asks for by a word that an answer cannot do without: who asks for a GPU is not answered by a text that names none.

The words are those of rag/demands.txt, in both languages. Knows words only.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources

from index.terms import fold, language, terms

_SUPPORTS = re.compile(r"(?:支不支持|是否支持|支持)(?P<x>[\u4e00-\u9fff]{2,10})(?:吗|么)[？?]*$|(?:支不支持|是否支持)(?P<y>[\u4e00-\u9fff]{2,10})")
_HALF = 0.5  # of its terms


@lru_cache(maxsize=256)
def demanded(question: str) -> tuple[re.Pattern[str], ...]:
    """Return a pattern for each such thing that a question asks for, of which a text has to hold a match to answer it."""
    asked = fold(question)
    return tuple(told for asks, told in _demands() if asks.search(asked))


@lru_cache(maxsize=256)
def supports(question: str) -> frozenset[str]:
    """Return the terms of what a Chinese question asks whether it is supported ("支持灰度发布吗？"); none for any other question."""
    found = _SUPPORTS.search(question)
    return frozenset(term for term in terms(found["x"] or found["y"]) if len(term) > 1) if found else frozenset()


def meets(question: str, text: str) -> bool:
    """Return whether a text speaks of all that a question demands."""
    wanted, demands = supports(question), demanded(question)
    if wanted and language(text) == "zh" and len(wanted & frozenset(terms(text))) < _HALF * len(wanted):
        return False
    text = fold(text) if demands else text
    return all(told.search(text) for told in demands)


@cache
def _demands() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    lines = resources.files("rag").joinpath("demands.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("\t") for line in lines if line and not line.startswith("#"))
    return tuple((_words(asks), _words(f"{asks}|{more}" if more else asks)) for asks, _, more in pairs)


def _words(pattern: str) -> re.Pattern[str]:
    """English words stand by themselves, Chinese ones anywhere."""
    return re.compile("|".join(rf"(?<![A-Za-z]){one}(?![A-Za-z])" if re.search("[A-Za-z]", one) else one for one in _parts(pattern)), re.I)


def _parts(pattern: str) -> list[str]:
    """Return the alternatives of a pattern, those in brackets left together."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(pattern):
        depth += (character in "([") - (character in ")]")
        if character == "|" and depth == 0:
            parts.append(pattern[start:place])
            start = place + 1
    return [*parts, pattern[start:]]
