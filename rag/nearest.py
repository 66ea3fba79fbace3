"""Which unread references of the list look relevant, best first: those whose title names the subject, then by meaning.

Knows the list's words and what is asked; reads no article and writes no sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from index.records import Item
from index.store import Snapshot
from index.terms import fold
from rag.aliases import other_names
from rag.calibrate import Thresholds
from rag.filters import Filters
from rag.follow import topic
from rag.questions import Question, content_terms, subject
from rag.records import UnreadReference
from rag.retrieve import Hit, Retriever, sentence_terms
from rag.sought import Sought

_MOST = 4
_LOOKED_AT = 20
_FILTERED = (
    10_000  # unread references; a search among more costs more than one among all, and Milvus takes no longer filter
)
_NAMED = 0.55  # share of the subject's terms, by idf, that title, topic and note must hold to count as naming it
_NAMING, _WHOLE, _OVERVIEW = (
    1.5,
    0.5,
    0.15,
)  # weights beside meaning: the share named, the very words, an overview's title
_EARLY = 4  # characters of a title before the subject that it is about
_ALL = 0.99
_UNNAMED = 2.0  # times the evidence that is enough otherwise, where the list's words do not name the subject
_BETWEEN = re.compile(r"[\s\-_–]+")
_INTRODUCES = re.compile(
    r"什么是|是什么|概述|综述|入门|指南|简介|导论|一文|简明|详解|介绍|\b(?:what is|introduc\w+|overview|survey|guide|tutorial|primer)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The unread references, best first; ``about`` is the subject where the list's words name just that, else ""."""

    unread: tuple[UnreadReference, ...]
    about: str


def nearest(sought: Sought, thresholds: Thresholds, *, filters: Filters) -> Nearest:
    """Return the unread references that the list's own words make look relevant."""
    retriever, asked = sought.retriever, sought.question
    if asked.small_talk:
        return Nearest((), "")
    items = {item.number: item for item in retriever.snapshot.items}
    unread = frozenset(retriever.passing(replace(filters, unread=True)))
    if not unread:
        return Nearest((), "")
    wanted = replace(filters, unread=True) if len(unread) <= _FILTERED else filters
    names = subject_names(retriever, asked)
    best: dict[int, tuple[float, bool]] = {}
    for question in (asked, *(_asking(asked, name) for name in names[1:])):
        name = names[0] if question is asked else question.search
        weights = retriever.idf(tuple(dict.fromkeys(content_terms(name))))
        named = sought if question is asked else Sought(retriever, question)
        for hit in named.hits(_LOOKED_AT, filters=wanted, share=1):
            if hit.passage.reference not in unread:
                continue
            item = items[hit.passage.reference]
            score, naming = _score(asked, item, hit, name, weights)
            if naming >= _NAMED or thresholds.answers(question, hit, times=_UNNAMED):
                known = best.get(item.number, (score, False))
                best[item.number] = max(score, known[0]), known[1] or naming >= _ALL or says(item.title, [name])
    ranked = sorted(best, key=lambda number: (-round(best[number][0], 6), number))[:_MOST]
    told = tuple(offered(items[number]) for number in ranked)
    return Nearest(told, names[0] if any(best[number][1] for number in ranked) else "")


def offered(item: Item) -> UnreadReference:
    """Return a reference that nobody could read as an answer offers it."""
    return UnreadReference(item.number, item.url, item.title, item.outcome.value, item.hint)


def subject_names(retriever: Retriever, asked: Question) -> list[str]:
    """Return what a question is about, as it says it and then as titles of the list say it in the other language."""
    about = re.sub(r"^of\s+", "", topic(asked.standalone)) or subject(asked.standalone) or asked.search
    return list(dict.fromkeys([about, *other_names(about, retriever.aliases)]))


def told(snapshot: Snapshot, hit: Hit) -> tuple[str, ...]:
    """Return what a passage, its headings and its title say."""
    item = snapshot.item(hit.passage.reference)
    return (hit.passage.text, *hit.passage.heading, item.title if item else "")


def says(text: str, names: Iterable[str]) -> bool:
    """Return whether a text holds one of the names, however it is spaced, hyphenated or written."""
    held = squeezed(text)
    return any(name in held for name in map(squeezed, names) if len(name) >= 2)


@lru_cache(maxsize=1024)
def squeezed(text: str) -> str:
    """Return a text without what differs between spellings of one name."""
    return _BETWEEN.sub("", fold(text)).lower()


def _asking(asked: Question, name: str) -> Question:
    return replace(asked, search=name, terms=tuple(dict.fromkeys(content_terms(name))))


def _score(asked: Question, item: Item, hit: Hit, name: str, weights: dict[str, float]) -> tuple[float, float]:
    """Return what a reference is worth here, and how much of the subject the list's words for it name."""
    whole = sum(weights.values()) or 1.0
    in_title = sum(weights[term] for term in sentence_terms(item.title) & frozenset(weights)) / whole
    words = sentence_terms("\n".join([item.title, *item.topic, item.note or ""]))
    naming = sum(weights[term] for term in words & frozenset(weights)) / whole
    score = hit.dense + _NAMING * (0.4 * in_title + 0.6 * naming) + _WHOLE * says(item.title, [name])
    if asked.form == "definition":
        early = 0 <= squeezed(item.title).find(squeezed(name)) <= _EARLY
        score += _OVERVIEW * (early + bool(_INTRODUCES.search(item.title)))
    return score, naming
