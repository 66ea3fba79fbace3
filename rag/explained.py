"""Which passages explain what is asked: say what something is, or what its short name stands for. Knows passages, no index.

Passages of an article about a thing all speak of it, and one explains it; that one need not be the nearest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from index.terms import fold, plain
from rag.defining import about, acts, defines, heads, long_form_of, names_it, names_of, spells_out
from rag.manners import worked
from rag.questions import Question, subject, what_is
from rag.reasons import purposes, why_asked
from rag.retrieve import Hit
from rag.spans import headings


def explains(asked: Question, hit: Hit) -> bool:
    """Return whether a passage says what the subject is or stands for, or stands under a heading that is just the subject; what it does
    or is for, where that is asked.
    """
    if works := worked(asked.standalone):
        return any(acts(plain(raw), names_of(works)) for raw in _sentences(hit))
    if (why := why_asked(asked.standalone)) and why.names:
        names = names_of(why.names[-1])
        return any(purposes(words) and about(words, names) for words in map(plain, _sentences(hit)))
    what = subject(asked.standalone)
    return spelled_out(asked, hit) or _headed(what, hit) or defined(what, hit)


def _called(what: str) -> tuple[str, ...]:
    """Return what goes by that name in its own language: 量化 too, where 模型量化 is asked for."""
    return tuple(name for name in names_of(what) if name.isascii() == what.isascii()) or (what,)


def wants_telling(asked: Question) -> bool:
    """Return whether a question asks just what something is, does or is for: what tells that need not be the nearest."""
    why = why_asked(asked.standalone)
    return bool(what_is(asked.standalone) or worked(asked.standalone)) or (why is not None and bool(why.names))


def tells(asked: Question, hits: Iterable[Hit]) -> bool:
    """Return whether one of the hits in the question's language says that."""
    what = what_is(asked.standalone)
    own = (hit for hit in hits if hit.passage.language == asked.language)
    return any(defined(what, hit) if what else explains(asked, hit) for hit in own)


def defined(what: str, hit: Hit) -> bool:
    """Return whether a passage has a sentence that says what just this is, by any of its names in that language."""
    names = [(name, fold(name).lower()) for name in _called(what)]
    folded = ((plain(raw), fold(raw).lower()) for raw in _sentences(hit))
    return any(defines(name, words) for words, text in folded for name, lowered in names if lowered in text)


def spelled_out(asked: Question, hit: Hit) -> bool:
    """Return whether a passage spells out the short name that the question is after."""
    short = long_form_of(asked.standalone)
    if not short or not names_it("\n".join([hit.passage.text, *hit.passage.heading]), (short,)):
        return False
    return any(spells_out(short, plain(raw), near=True) for raw in _sentences(hit))


def _headed(what: str, hit: Hit) -> bool:
    return any(heads(heading, names_of(what)) for heading in (*hit.passage.heading[-1:], *headings(hit.passage.text)))


def _sentences(hit: Hit) -> Iterator[str]:
    base = hit.passage.start
    return (hit.passage.text[s.start - base : s.end - base] for s in hit.passage.sentences)
