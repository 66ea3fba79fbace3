"""Names of one thing in two languages: those the list's titles give, then those of a glossary. Knows names, no index.

So an English question finds references that speak of its subject in Chinese only, and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources

from rag.questions import subject

_PAIR = re.compile(r"([\u4e00-\u9fff]{2,12})\s*[（(]\s*([A-Za-z][A-Za-z-]*(?: [A-Za-z][A-Za-z-]*){0,4})\s*[)）]")
_LONGEST = 8
_JOINT = re.compile(r"[\s-]+")


def aliases(titles: Iterable[str]) -> list[tuple[str, str]]:
    """Return the (Chinese, English) pairs that titles hold, in order, without repeats: "小样本学习（Few-shot Learning）综述"."""
    found = [pair for title in titles for pair in _PAIR.findall(title)]
    pairs = [(subject(chinese).replace(" ", "")[-_LONGEST:], english.lower()) for chinese, english in found]
    return [pair for pair in dict.fromkeys(pairs) if len(pair[0]) >= 2]


@cache
def glossary() -> tuple[tuple[str, str], ...]:
    """Return the (Chinese, English) pairs of rag/glossary.txt, the longest Chinese names first."""
    lines = resources.files("rag").joinpath("glossary.txt").read_text(encoding="utf-8").splitlines()
    pairs = [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]
    return tuple(sorted(((chinese, english.lower()) for chinese, english in pairs), key=lambda pair: -len(pair[0])))


def other_names(text: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the text with a name it holds put into the other language, for each pair that it holds."""
    for name, other in names_held(text, pairs):
        yield " ".join(text.replace(name, f" {other} ").split())


def names_held(text: str, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return each name that a text holds, as it writes it, with the other name; none that is part of a longer one."""
    joined = _JOINT.sub("", text.lower())
    found = [both for pair in pairs if (both := _held(text, joined, pair))]
    names = {name for name, _ in found}
    return [(name, other) for name, other in found if not any(name != longer and name in longer for longer in names)]


def _held(text: str, joined: str, pair: tuple[str, str]) -> tuple[str, str] | None:
    """Return how a text writes one name of a pair, and the other name; None where it holds neither."""
    chinese, english = pair
    if chinese in text:
        return chinese, english
    together, spelled = _spelled(english)
    if together not in joined:  # cheaper than a pattern for each pair
        return None
    found = spelled.search(text)
    return (found.group(), chinese) if found else None


@lru_cache(maxsize=1024)
def _spelled(english: str) -> tuple[str, re.Pattern[str]]:
    """Return an English name in one word, and the pattern of all its spellings."""
    words = _JOINT.split(english)
    anyhow = r"[\s-]?".join(map(re.escape, words))
    return "".join(words), re.compile(rf"(?<![A-Za-z]){anyhow}(?:s|es)?(?![A-Za-z])", re.I)
