"""Names of one thing in two languages: those the list's titles give, then those of a glossary. Knows names, no index.

So an English question finds references that speak of its subject in Chinese only, and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources

from rag.questions import subject

_PAIR = re.compile(r"([\u4e00-\u9fff]{2,12})\s*[（(]\s*([A-Za-z][A-Za-z-]*(?: [A-Za-z][A-Za-z-]*){0,4})\s*[)）]")
_LONGEST = 8
_TELLING = 3  # characters that tell a field of learning without the word: 半监督, not 强化
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


def synonyms(name: str, other: str, pairs: Collection[tuple[str, str]]) -> list[str]:
    """Return all names of what a pair names: those that the other one has in the first one's language too, and the like in its own.

    A field of learning is also called without the word: 零样本 for 零样本学习, zero-shot for zero-shot learning.
    """
    chinese, english = (other, name) if name.isascii() else (name, other)
    ours, theirs = {chinese}, {_singular(english)}
    for _ in range(2):
        theirs |= {e for c, e in pairs if c in ours}
        ours |= {c for c, e in pairs if e in theirs}
    ours = {c for c in ours if c == chinese or c not in chinese}  # 量化 says more than 模型量化
    ours |= {short for c in ours if len(short := c.removesuffix("学习")) >= _TELLING}
    theirs |= {short for e in theirs if "-" in (short := e.removesuffix(" learning"))}
    return [name, *sorted((ours | theirs) - {name})]


def held(text: str, name: str) -> bool:
    """Return whether a text holds a name, however that is spelled: a Chinese one anywhere, any other as words of their own."""
    if not name.isascii():
        return _JOINT.sub("", name) in _JOINT.sub("", text)
    together, spelled = _spelled(_singular(name.lower()))
    return together in _JOINT.sub("", text.lower()) and spelled.search(text) is not None


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
    together, spelled = _spelled(_singular(english))
    if together not in joined:  # cheaper than a pattern for each pair
        return None
    found = spelled.search(text)
    return (found.group(), chinese) if found else None


def _singular(name: str) -> str:
    return re.sub(r"(?<=[a-z]{3})(?<![sui])s$", "", name)


@lru_cache(maxsize=1024)
def _spelled(english: str) -> tuple[str, re.Pattern[str]]:
    """Return an English name in one word, and the pattern of all its spellings."""
    words = _JOINT.split(english)
    anyhow = r"[\s-]?".join(map(re.escape, words))
    return "".join(words), re.compile(rf"(?<![A-Za-z]){anyhow}(?:s|es)?(?![A-Za-z])", re.I)
