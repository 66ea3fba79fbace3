"""Is there enough to answer from? Hits -> evidence, or the answer that needs none: a list of references, a refusal.

Knows hits, thresholds and the list; writes no sentence of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.records import Item
from index.store import Snapshot
from index.terms import fold, plain, terms
from rag.calibrate import Thresholds
from rag.cite import Quote, citation
from rag.compare import sides
from rag.extract import pick
from rag.filters import Filters
from rag.listing import articles_of, articles_on, relevant_unread
from rag.numbers import names
from rag.questions import Question, content_terms, subject
from rag.records import Answer, Citation, UnreadReference
from rag.retrieve import Hit, Retriever
from rag.sites import named_site
from rag.sought import Sought
from rag.words import answer_text, listing_text, refusal_text, unmatched_text
from rag.worth import defines

_WIDE = 2  # times the hits wanted: as many titles may stand between them
_DEEP = 8  # passages of one article that are looked through for a definition
_FAR = 4.0  # times, for a follow-up whose own words are not in the passage, however much of its subject is
_MINORITY = 4  # a share of its words by which a passage may hold some by chance
_DOUBT = 1.5  # times the evidence that is enough otherwise


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer may be made from: ``enough`` are the hits that answer by themselves, ``read`` all that were read."""

    enough: tuple[Hit, ...]
    read: tuple[Hit, ...]
    unread: tuple[UnreadReference, ...]
    texts: dict[int, str]
    titles: dict[int, str]


def retrieved_for(retriever: Retriever, asked: Question, k: int, *, filters: Filters) -> list[Hit]:
    """Return up to ``k`` hits of what was read and ``k`` of what is known by title only; a comparison also looks for its sides."""
    hits = _of_both(retriever, asked, k, filters=filters)
    compared = sides(asked.standalone)
    for side in compared or ():
        known = {hit.passage.id for hit in hits}
        alone = replace(asked, search=side, terms=tuple(dict.fromkeys(content_terms(side))))
        found = _of_both(retriever, alone, k // 2, filters=filters)
        hits += [hit for hit in found if hit.passage.id not in known]
    return hits


def _of_both(retriever: Retriever, asked: Question, k: int, *, filters: Filters) -> list[Hit]:
    """A list of ninety titles about one subject must not crowd out the one article on it that was read."""
    sought = Sought(retriever, asked)
    hits = sought.hits(_WIDE * k, filters=filters)
    read, listed = [hit for hit in hits if not hit.passage.listing], [hit for hit in hits if hit.passage.listing]
    if listed and len(read) < k:
        read = sought.hits(k, filters=replace(filters, any_read=True))
    kept = {hit.passage.id: hit for hit in (*read[:k], *listed[:k])}
    if asked.form == "definition":
        # an article about a thing speaks of it in every passage, and defines it in one
        more = sought.hits(_WIDE * _WIDE * k, filters=replace(filters, any_read=True), share=_DEEP)
        what = subject(asked.standalone)
        kept |= {hit.passage.id: hit for hit in more if not hit.passage.listing and _defining(what, hit)}
    return sorted(kept.values(), key=lambda hit: (-round(hit.score, 6), hit.passage.id))


def _defining(what: str, hit: Hit) -> bool:
    base = hit.passage.start
    return any(defines(what, plain(hit.passage.text[s.start - base : s.end - base])) for s in hit.passage.sentences)


def gather(
    retriever: Retriever, thresholds: Thresholds, asked: Question, hits: Sequence[Hit], *, filters: Filters, listed: int
) -> Evidence | Answer:
    """Return the evidence for an answer; or the answer itself where the list is what is asked for, or nothing answers."""
    snapshot = retriever.snapshot
    if filters and not retriever.passing(filters):
        return Answer(unmatched_text(asked, filters.named()), True, (), (), snapshot.name)
    unread = tuple(relevant_unread(retriever, thresholds, asked, hits))
    if asked.form == "articles" and (answer := _listed(retriever, thresholds, asked, unread, filters, listed)):
        return answer
    named = retriever.named(asked) & {hit.passage.reference for hit in hits}
    read = [hit for hit in hits if not hit.passage.listing or _noted(snapshot, hit)]
    read = [hit for hit in read if hit.passage.reference in named] or read
    doubt = _DOUBT if unknown_names(retriever, asked) else 1.0
    enough = [hit for hit in read if thresholds.answers(asked, hit, times=doubt * _doubt(snapshot, asked, hit))]
    if asked.small_talk or not enough or (sides(asked.standalone) and unknown_names(retriever, asked)):
        return refusal(asked, unread, snapshot.name)
    numbers = {hit.passage.reference for hit in read}
    texts = {number: snapshot.text(number) for number in numbers}
    titles = {number: item.title for number in numbers if (item := snapshot.item(number))}
    return Evidence(tuple(enough), tuple(read), unread, texts, titles)


def _listed(
    retriever: Retriever,
    thresholds: Thresholds,
    asked: Question,
    unread: tuple[UnreadReference, ...],
    filters: Filters,
    most: int,
) -> Answer | None:
    """Return the references that a question about the list asks for, by subject, by site, or both; None when there are none."""
    snapshot = retriever.snapshot
    named = None if filters.site else named_site(asked.standalone, {item.site for item in snapshot.items})
    if named:
        about = subject(named.rest)
        asked = replace(asked, search=about or named.site, terms=tuple(dict.fromkeys(content_terms(about))))
    if named and not asked.terms:
        quotes = articles_of(retriever, filters=filters.of_site(named.site))
    else:
        wanted = filters.of_site(named.site if named else None)
        quotes = articles_on(retriever, thresholds, asked, filters=wanted, most=most)
    if not quotes:
        return refusal(asked, unread, snapshot.name) if named else None
    citations = cited(snapshot, quotes[:most])
    left = tuple(u for u in unread if u.reference not in {c.reference for c in citations})
    text = listing_text(asked, citations, of=len(quotes))
    return Answer(text, False, citations, left, snapshot.name)


def extracted(retriever: Retriever, asked: Question, evidence: Evidence, *, most: int) -> Answer:
    """Return the answer in the sources' own sentences."""
    snapshot = retriever.snapshot
    quotes = pick(asked, evidence.enough, evidence.texts, evidence.titles, retriever.idf(asked.terms), most=most)
    if not quotes:
        return refusal(asked, evidence.unread, snapshot.name)
    citations = cited(snapshot, quotes)
    return Answer(answer_text(asked, citations), False, citations, evidence.unread, snapshot.name)


def refusal(asked: Question, unread: tuple[UnreadReference, ...], snapshot: str) -> Answer:
    """Say that nothing answers."""
    return Answer(refusal_text(asked, unread), True, (), unread, snapshot)


def cited(snapshot: Snapshot, quotes: Sequence[Quote]) -> tuple[Citation, ...]:
    """Number the quotes as citations, in order."""
    return tuple(
        citation(number, _item(snapshot, quote), quote, snapshot.page_of(quote.reference, quote.start))
        for number, quote in enumerate(quotes, start=1)
    )


def _item(snapshot: Snapshot, quote: Quote) -> Item:
    item = snapshot.item(quote.reference)
    assert item is not None
    return item


def _noted(snapshot: Snapshot, hit: Hit) -> bool:
    """Whether the list's own note, not just a title, holds what is asked: it may then be quoted as such."""
    item = snapshot.item(hit.passage.reference)
    return item is not None and bool(item.note) and hit.coverage >= 0.5


def _undefined(snapshot: Snapshot, asked: Question, hit: Hit) -> bool:
    """Whether a Chinese question asks what something is, and this Chinese passage does not so much as name it."""
    if asked.form != "definition" or asked.language != "zh" or hit.passage.language != "zh":
        return False
    wanted = _squeezed(subject(asked.standalone))
    item = snapshot.item(hit.passage.reference)
    named = [hit.passage.text, *hit.passage.heading, item.title if item else ""]
    return 3 <= len(wanted) <= 12 and not any(wanted in _squeezed(text) for text in named)


def _squeezed(text: str) -> str:
    return fold(text).replace(" ", "").lower()


def unknown_names(retriever: Retriever, asked: Question) -> list[str]:
    """Return the names in a question ("RLHF") that stand nowhere in the index: it is then hardly about what was read."""
    found = []
    for name in sorted(names(asked.standalone or asked.text)):
        words = terms(name)
        if words and not any(retriever.snapshot.document_frequencies(words).values()):
            found.append(name)
    return found


def _doubt(snapshot: Snapshot, asked: Question, hit: Hit) -> float:
    """A follow-up's subject makes anything look relevant; a hit without a word of what it asks itself needs more."""
    if not asked.own:
        return _DOUBT if _undefined(snapshot, asked, hit) else 1.0
    telling = [term for term in asked.own if len(term) > 1 or term.isascii()] or list(asked.own)
    held = sum(snapshot.holds(hit.passage.id, [term]) for term in telling)
    if hit.passage.language == asked.language and held <= len(telling) / _MINORITY:
        return _FAR
    return 1.0 if hit.passage.language == asked.language else _DOUBT
