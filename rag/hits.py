"""Which hits a question is judged by: titles beside what was read, passages that define, both sides of a comparison. Judges none.

Each side of a comparison is looked for by itself, by all its names, as if it were asked what that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.terms import language, terms
from rag.contrast import named_sides
from rag.defining import names_it, names_of
from rag.explained import explains, wants_telling
from rag.filters import Filters
from rag.noise import bibliography
from rag.questions import understand
from rag.retrieve import Retriever
from rag.sought import Hit, Sought
from rag.values import asks_for_sets, lists_sets

_WIDE = 2  # times the hits wanted: as many titles may stand between them
_DEEP = 64  # passages that are looked through for a definition or a list of data sets, all of one article's if it has as many
_NAMES = 3  # by which each side of a comparison is looked for, its own and those in the other language
_IS = {"zh": "什么是{}？", "en": "What is {}?"}


def retrieved_for(sought: Sought, k: int, *, filters: Filters) -> list[Hit]:
    """Return up to ``k`` hits of what was read and ``k`` of what is known by title only, and those of the sides of a comparison."""
    hits = _of_both(sought, k, filters=filters)
    compared = named_sides(sought.question.standalone)
    if not compared:
        return hits
    best = {hit.passage.id: hit for hit in hits}
    for name in (name for side in compared for name in _names(sought.retriever, side)):
        alone = Sought(sought.retriever, understand(_IS[language(name)].format(name)))
        for hit in _of_both(alone, k // 2, filters=filters):
            if hit.passage.id not in best or hit.score > best[hit.passage.id].score:
                best[hit.passage.id] = hit
    return list(best.values())


def _names(retriever: Retriever, side: str) -> list[str]:
    """Return a side as it is asked, and its names in the other language of which the index holds all words."""
    held = retriever.snapshot.document_frequencies
    others = [
        name for name in names_of(side)[1:] if name.isascii() != side.isascii() and all(held(terms(name)).values())
    ]
    return [side, *others[: _NAMES - 1]]


def naming_a_side(compared: Sequence[str], hit: Hit) -> bool:
    """Return whether a passage or its headings name one side of a comparison; one that is only described need not be named."""
    names = [name for side in compared for name in names_of(side)]
    return not names or names_it("\n".join([hit.passage.text, *hit.passage.heading]), names)


def passages_for(sought: Sought, k: int, *, filters: Filters) -> list[Hit]:
    """Return the ``k`` nearest hits, best first; at most half are titles where there is enough that was read."""
    hits = sought.hits(k, filters=filters)
    titles = [hit for hit in hits if hit.passage.listing]
    if len(titles) <= k // 2:
        return hits
    read = sought.hits(k, filters=replace(filters, any_read=True))
    kept = titles[: max(k - len(read), k // 2)]
    return sorted((*kept, *read[: k - len(kept)]), key=lambda hit: -hit.score)


def _of_both(sought: Sought, k: int, *, filters: Filters) -> list[Hit]:
    """A list of ninety titles about one subject must not crowd out the one article on it that was read."""
    hits = sought.hits(_WIDE * k, filters=filters)
    read, listed = _quotable(hits), [hit for hit in hits if hit.passage.listing]
    if listed and len(read) < k:
        read = _quotable(sought.hits(k, filters=replace(filters, any_read=True)))
    kept = {hit.passage.id: hit for hit in (*read[:k], *listed[:k])}
    sets = asks_for_sets(sought.question.standalone)
    if sets or sought.question.form == "definition" or wants_telling(sought.question):
        more = sought.hits(max(_DEEP, k), filters=replace(filters, any_read=True), share=_DEEP)
        read = [hit for hit in more if not hit.passage.listing]
        telling = [hit for hit in read if (lists_sets(hit.passage.text, hit.passage.heading) if sets else explains(sought.question, hit))]
        kept |= {hit.passage.id: hit for hit in telling}
    return sorted(kept.values(), key=lambda hit: (-round(hit.score, 6), hit.passage.id))


def _quotable(hits: Sequence[Hit]) -> list[Hit]:
    """The hits of what was read, without bibliographies."""
    return [hit for hit in hits if not hit.passage.listing and not bibliography(hit.passage.text)]
