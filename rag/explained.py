"""Which passages explain what is asked: say what something is, or what its short name stands for. Knows passages, no index.

Passages of an article about a thing all speak of it, and one explains it; that one need not be the nearest.
"""

from __future__ import annotations

from collections.abc import Iterator

from index.terms import fold, plain
from rag.defining import defines, heads, long_form_of, names_it, names_of, spells_out
from rag.questions import Question, subject
from rag.retrieve import Hit
from rag.spans import headings


def explains(asked: Question, hit: Hit) -> bool:
    """Return whether a passage says what the subject is or stands for, or stands under a heading that is just the subject."""
    what = subject(asked.standalone)
    return spelled_out(asked, hit) or _headed(what, hit) or defined(what, hit)


def defined(what: str, hit: Hit) -> bool:
    """Return whether a passage has a sentence that says what just this is."""
    name = fold(what).lower()
    return any(defines(what, plain(raw)) for raw in _sentences(hit) if name in fold(raw).lower())


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
