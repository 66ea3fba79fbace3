"""Hits -> an answer in the sources' own sentences, without a model, or a refusal. Knows hits, no index and no page.

The fewest sentences that answer. Short list items are never quoted alone: the run of items they stand in is quoted
whole; a sentence that begins with "it" brings the one before it, a lead-in what it leads to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.terms import plain, terms
from rag.cite import Quote
from rag.contrast import contrasted, named_sides
from rag.fitting import also, fitting
from rag.questions import Question, what_is
from rag.retrieve import Hit
from rag.spans import counted_run, end_with_what_follows, is_item, line_end, line_start, run, trimmed
from rag.values import asks_for_sets
from rag.worth import PASSAGE_WEIGHT, Candidate, candidates

_ITEM_ANSWERS = 0.5  # of the question's terms, by idf; an item that holds them is quoted alone
_NEXT_SHARE, _NEXT_SHARE_ACROSS = 0.82, 0.78  # of the best score; below it a further sentence does not answer
_MAX_SENTENCES = 3


def pick(
    question: Question,
    hits: Sequence[Hit],
    texts: Mapping[int, str],
    titles: Mapping[int, str],
    weights: Mapping[str, float],
    *,
    most: int,
) -> list[Quote]:
    """Return the quotes that answer, best first; [] when there is no sentence.

    ``texts`` and ``titles`` are the stored texts and list titles by reference number, ``weights`` the idf of the question's terms.
    """
    ranked = [
        c
        for hit in hits
        for c in candidates(question, hit, texts[hit.passage.reference], titles[hit.passage.reference], weights)
    ]
    compared = named_sides(question.standalone)
    kinds = fitting(question, ranked, weights)
    kinds.sort(
        key=lambda kind: (
            kind[0],
            -round(kind[1].score + kind[1].room, 6),
            kind[1].hit.passage.id,
            kind[1].sentence.start,
        )
    )
    chosen = contrasted(compared, [candidate for _, candidate in kinds], weights) if compared else []
    for rank, candidate in [] if compared else kinds:
        if len(chosen) >= min(_MAX_SENTENCES, most):
            break
        alike = rank == kinds[0][0] or bool(what_is(question.standalone))
        fits = not chosen or (
            alike and _answers_too(question, candidate, chosen[0]) and also(question, candidate, chosen[0])
        )
        if fits and all(
            candidate.sentence != other.sentence and not _says_nothing_new(candidate, other) for other in chosen
        ):
            chosen.append(candidate)
    return _merged([_quote(c, texts[c.hit.passage.reference], question, weights) for c in chosen], texts)


def _answers_too(question: Question, candidate: Candidate, best: Candidate) -> bool:
    """Whether a further sentence is good enough beside the best one.

    Inside one passage the passage's own score says nothing. Across languages words cannot agree, so the scores of right
    and wrong sentences lie closer together.
    """
    share = _NEXT_SHARE if best.hit.passage.language == question.language else _NEXT_SHARE_ACROSS
    common = PASSAGE_WEIGHT * best.hit.score if candidate.hit.passage.id == best.hit.passage.id else 0.0
    return candidate.score - common >= share * (best.score - common)


def _says_nothing_new(candidate: Candidate, other: Candidate) -> bool:
    mine, theirs = plain(candidate.text), plain(other.text)
    return mine in theirs or theirs in mine


def _quote(candidate: Candidate, text: str, question: Question, weights: Mapping[str, float]) -> Quote:
    """The sentence; of a list, the item that answers by itself, or else the whole run of items it stands in."""
    start, end = (candidate.before or candidate.sentence).start, candidate.sentence.end
    if is_item(text, start):
        first, last = line_start(text, start), line_end(text, end)
        item = frozenset(terms(plain(text[first:last]))) & frozenset(weights)
        if asks_for_sets(question.standalone):
            start, end = run(text, start, end)
        elif sum(weights[term] for term in item) >= _ITEM_ANSWERS * sum(weights.values()):
            start, end = trimmed(text, first, last)
        elif question.form == "list" or len(plain(candidate.text)) < 30:
            start, end = run(text, start, end)
    elif question.form == "list" and (counted := counted_run(text, start)):
        start, end = counted
    end = end_with_what_follows(text, start, end)
    return Quote(candidate.hit.passage.reference, start, end, text[start:end], candidate.hit.score)


def _merged(quotes: Sequence[Quote], texts: Mapping[int, str]) -> list[Quote]:
    """Join quotes of one source that overlap or follow each other directly; each stands where its best sentence did."""
    merged: list[Quote] = []
    for quote in quotes:
        joined, place = quote, len(merged)
        while touching := [other for other in merged if _touch(other, joined)]:
            start = min(other.start for other in (*touching, joined))
            end = max(other.end for other in (*touching, joined))
            score = max(other.score for other in (*touching, joined))
            joined = Quote(quote.reference, start, end, texts[quote.reference][start:end], score)
            place = min(place, merged.index(touching[0]))
            merged = [other for other in merged if other not in touching]
        merged.insert(place, joined)
    return merged


def _touch(one: Quote, other: Quote) -> bool:
    return one.reference == other.reference and one.start <= other.end + 2 and other.start <= one.end + 2
