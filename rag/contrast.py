"""Which sentences answer a comparison: one that contrasts both sides, or one for each that says what it is. Knows candidates.

Of a side that nothing is said about, nothing is quoted, and the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.terms import fold, plain
from rag.beside import heading_of, share, with_antecedent, with_the_one_before
from rag.compare import sides
from rag.defining import about, acts, defines, names_it, names_of
from rag.manners import main_idea
from rag.noise import talks
from rag.numbers import codes
from rag.questions import content_terms
from rag.worth import Candidate

_SAYS, _ACTS = 6, 4  # what a sentence is worth that says what a side is, and that begins with what it does
_DOES = re.compile(r"(?<!是)(?:把|让|利用|用来)")  # "EDA把准确率提高了" amid a sentence says what it did once
_WORDS, _HAN = 2, 6  # blanks and characters of a name; what has more, or as many blanks, is described
_SHORT = 4  # characters of a Chinese word that is taken for a name although nobody lists it
_YES_OR_NO = re.compile(r"^(?:is|are|was|were|does|do)\b|吗[？?]?$", re.I)
_SIDE_SHARE = 0.6  # of the terms of one side of a comparison that is no name
_DIFFERS = re.compile(
    r"区别|不同(?!的|于)|不同于|差别|差异(?!的)|相比|相较|比起|不像|优于|不如|更[好快小少高准稳强便]"
    r"|\b(?:differ(?:s|ed|ences?)?|different from|whereas|unlike|in contrast|compared (?:to|with)|than|both)\b",
    re.I,
)
_RELATES = re.compile(  # "A是B的一种特殊情况"
    r"(?:没有?|有|存在|之间)(?:什么|任何|着|直接的?|密切的?|必然的?)*(?:关系|关联|联系)|\b(?:un)?related to\b|\brelationship\b"
    r"|的(?:一[种个])?(?:特殊情况|特例|变体|变种|推广|扩展|简化|改进版?)|\b(?:special case|variant|extension|generali[sz]ation)s? of\b", re.I
)
_TURNS = re.compile(r"则|前者|后者|相对|(?<![然从因反进时])而(?![且是])|\b(?:while|but|instead|however)\b", re.I)
_SAID_OF_BOTH = r"(?!.{0,10}(?:区别|不同|差别|差异|相比|differ))"
_VERSION = re.compile(r"(?P<of>.+?)\s*(?P<v>[vV]\s?\d[\w.]*|[一二三四\d]代)")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: as it is asked, and by all names it goes by; [] names where it is but described."""

    text: str
    names: tuple[str, ...]
    version_of: str = ""


def contrasted(compared: Sequence[str], ranked: Sequence[Candidate], weights: Mapping[str, float]) -> list[Candidate]:
    """Return the sentences for both sides, of ``ranked`` candidates, best first; for one side where nothing is said of the other."""
    both = [_side(text) for text in compared]
    told = [(c, plain(with_antecedent(c))) for c in ranked]
    told = [(c, words) for c, words in told if not talks(words)]
    held = [[_holds(side, other, c, words, weights) for side, other in (both, both[::-1])] for c, words in told]

    for test in (_DIFFERS.search, _RELATES.search, _TURNS.search):
        for (c, words), holds in zip(told, held, strict=True):
            if all(holds) and test(words) and not _listed(both, words):
                return [c]
    best = [
        max(
            (
                (*worth, -at, c)
                for at, ((c, words), holds) in enumerate(zip(told, held, strict=True))
                if (worth := _tells(side, both[1 - place], c, words, holds, place))
            ),
            key=lambda entry: entry[:3],
            default=None,
        )
        for place, side in enumerate(both)
    ]
    chosen = [entry for entry in best if entry]
    if not all(entry[0] >= _ACTS for entry in chosen):  # one that tells of both says more than one in passing
        for (c, words), holds in zip(told, held, strict=True):
            of_both = all(about(words, side.names) or _says_what(side, words) for side in both)
            if all(holds) and of_both and not _listed(both, words):
                return [c]
    return list(dict.fromkeys(entry[3] for entry in chosen))


@lru_cache(maxsize=256)
def named_sides(question: str) -> tuple[str, str] | None:
    """Return the sides of a comparison of things that have names; None for any other question.

    Sides in free words ("the main difference between public sets and camera pictures", "is communication dearer than
    computation?") are told in other words as well: such a question is answered as any other is.
    """
    compared = sides(question)
    if not compared:
        return None
    named = any(codes(side) or len(names_of(side)) > 1 for side in compared)
    short = all(side.count(" ") < 1 if side.isascii() else len(side) <= _SHORT for side in compared)
    return compared if named or (short and not _YES_OR_NO.search(question)) else None


def unspoken(compared: Sequence[str], quoted: Sequence[str]) -> str:
    """Return the side that none of the quotes speaks of, "" where they speak of both or of neither."""
    both = [_side(text) for text in compared]
    silent = [
        side for side in both if not any(names_it(words, side.names) or _has_words(side, words) for words in quoted)
    ]
    return silent[0].text if len(silent) == 1 else ""


def _side(text: str) -> Side:
    found = _VERSION.fullmatch(text)
    return Side(text, (*names_of(text), *((found["v"],) if found else ())), found["of"] if found else "")


def _holds(side: Side, other: Side, candidate: Candidate, words: str, weights: Mapping[str, float]) -> bool:
    """Whether a sentence speaks of a side, and not only of the other one by a longer name: 横向联邦学习 is not 联邦学习."""
    lowered = fold(words).lower()
    for name in other.names:
        if any(one.lower() in name.lower() and one.lower() != name.lower() for one in side.names):
            lowered = lowered.replace(name.lower(), " ")
    if names_it(lowered, side.names):
        # "v1" alone is that of what title or heading name
        return (
            not side.version_of
            or share(side.version_of, candidate.near, weights) >= _SIDE_SHARE
            or names_it(lowered, names_of(side.text))
        )
    return _described(side.text) and share(side.text, candidate.found, weights) >= _SIDE_SHARE


def _has_words(side: Side, quoted: str) -> bool:
    wanted = content_terms(side.text)
    held = sum(term in fold(quoted).lower() for term in wanted)
    return held >= _SIDE_SHARE * len(wanted)


def _described(side: str) -> bool:
    """Whether a side is described in words rather than called by a name, which is written as it is."""
    return not codes(side) and (side.count(" ") >= _WORDS if side.isascii() else len(side) > _HAN)


def _tells(
    side: Side, other: Side, candidate: Candidate, words: str, holds: Sequence[bool], place: int
) -> tuple[int, float] | None:
    """What a sentence is worth for a side: what says what it is before what is about it; None for what only names it in passing."""
    if not holds[place]:  # "它的出发点是……" in the section on a side
        headed = names_it(heading_of(candidate), side.names) and not names_it(heading_of(candidate), other.names)
        return (1 + main_idea(words), candidate.score) if headed and not names_it(words, other.names) else None
    apart = not all(holds)
    begins = acts(words, side.names)
    if _says_what(side, words):
        return (_SAYS + 2 * begins if begins or not _DOES.search(words) else _ACTS - 2) + apart, candidate.score
    if begins:
        return _ACTS + apart, candidate.score
    if about(words, side.names):
        return 1 + apart, candidate.score
    # "和X相比，它只需……" in a text about the other side
    against = apart and bool(_DIFFERS.search(words)) and names_it(with_the_one_before(candidate), other.names)
    return (0, candidate.score) if against or _described(side.text) else None


def _says_what(side: Side, words: str) -> bool:
    return any(defines(name, words) for name in side.names)


def _listed(both: Sequence[Side], words: str) -> bool:
    """Whether a sentence only lists the sides beside each other: "quantisation, pruning and coding", not "BERT and GPT differ in"."""
    lowered = fold(words).lower()
    between = r"\s*(?:[、,，/]|and|or|和|与|及)\s*"
    pairs = [(re.escape(a.lower()), re.escape(b.lower())) for a in both[0].names for b in both[1].names]
    return any(re.search(rf"(?:{a}{between}{b}|{b}{between}{a}){_SAID_OF_BOTH}", lowered) for a, b in pairs)
