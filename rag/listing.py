"""Which references of the list are about something, read or not: by title, topic and note first, then by content."""

from __future__ import annotations

from dataclasses import dataclass, replace

from index.records import Item
from index.terms import terms
from rag.aliases import other_names
from rag.calibrate import Thresholds
from rag.cite import Quote
from rag.filters import Filters
from rag.questions import Question, content_terms
from rag.retrieve import Hit, Retriever
from rag.whole import opening

_NAMED = 0.55  # share of the subject's terms, by idf, that the list's words must hold to count as naming it
_NEAR_TOP = 0.7


@dataclass(frozen=True, slots=True)
class _Scored:
    item: Item
    hit: Hit
    score: float


def articles_on(
    retriever: Retriever, thresholds: Thresholds, asked: Question, *, filters: Filters
) -> list[Quote]:
    """Return a quote for each reference on the subject, best first; an unread one is quoted by its title in the list."""
    names = dict.fromkeys(other_names(asked.search, retriever.aliases))
    variants = [replace(asked, search=name, terms=tuple(dict.fromkeys(content_terms(name)))) for name in names]
    best: dict[int, _Scored] = {}
    for variant in [asked, *variants]:
        for entry in _scored(retriever, thresholds, variant, filters=filters):
            known = best.get(entry.item.number)
            if known is None or entry.score > known.score:
                best[entry.item.number] = entry
    ranked = sorted(best.values(), key=lambda entry: (-round(entry.score, 6), entry.item.number))
    kept = [entry for entry in ranked if entry.score >= _NEAR_TOP * ranked[0].score]
    return [_quoted(retriever, entry) for entry in kept]


def articles_of(retriever: Retriever, *, filters: Filters) -> list[Quote]:
    """Return a quote for each reference that passes (those of a site, say), in list order: what it begins with."""
    passing = frozenset(retriever.passing(filters))
    return [opening(retriever.snapshot, item.number) for item in retriever.snapshot.items if item.number in passing]


def _scored(retriever: Retriever, thresholds: Thresholds, asked: Question, *, filters: Filters) -> list[_Scored]:
    """Return the references that the list's words name or whose content answers, with one score each."""
    hits = retriever.retrieve(asked, 60, filters=filters, share=1)
    weights = retriever.idf(asked.terms)
    whole = sum(weights.values()) or 1.0
    scored = []
    for hit in hits:
        item = retriever.snapshot.item(hit.passage.reference)
        if item is None:
            continue
        words = frozenset(terms("\n".join([item.title, *item.topic, item.note or ""])))
        named = sum(weight for term, weight in weights.items() if term in words) / whole
        titled = frozenset(terms(item.title)) & frozenset(weights)
        in_title = sum(weights[term] for term in titled) / whole
        if named >= _NAMED or thresholds.answers(asked, hit):
            scored.append(_Scored(item, hit, hit.dense + named + 0.3 * in_title))
    return scored


def _quoted(retriever: Retriever, entry: _Scored) -> Quote:
    text = retriever.snapshot.text(entry.item.number)
    if entry.hit.passage.listing:
        end = text.find("\n")
        start, end = 0, len(text) if end < 0 else end
    else:
        best = max(range(len(entry.hit.similarities)), key=lambda row: entry.hit.similarities[row])
        sentence = entry.hit.passage.sentences[best]
        start, end = sentence.start, sentence.end
    return Quote(entry.item.number, start, end, text[start:end], entry.score)
