"""Is there enough to answer from? Hits -> evidence, or the answer that needs none: a list of references, a refusal.

Knows hits, thresholds and the list; writes no sentence of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from index.records import Item
from index.store import Snapshot
from rag.aliases import names_held
from rag.beside import MEANT
from rag.calibrate import Thresholds
from rag.cite import Quote, citation
from rag.contrast import named_sides, unspoken
from rag.criteria import narrowed
from rag.demands import meets
from rag.doubt import doubt, doubted, has_versions, lacks, unknown_names, unnamed
from rag.explained import spelled_out, tells, wants_telling
from rag.extract import pick
from rag.filters import Filters, there_are
from rag.hits import naming_a_side, retrieved_for
from rag.listing import Listed, articles_of, articles_on
from rag.nearest import nearest, says, subject_names, told
from rag.questions import Question, content_terms, counts, plainly_lists, subject, what_is, without_asking
from rag.records import Answer, Citation, UnreadReference
from rag.retrieve import Hit, Retriever
from rag.sought import Sought
from rag.spans import heading_above
from rag.translated import Names, in_pieces, known_names, translations, unheard
from rag.words import answer_text, criteria_words, listing_text, refusal_text, unfound_text, unmatched_text

_UNNAMED = (
    2.0  # times the evidence that is enough otherwise, where none of it names what is asked about by a known name
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer may be made from: ``enough`` are the hits that answer by themselves, ``read`` all that were read.

    ``asked`` is the question as these hits were found by: the user's, or the same in the other language.
    """

    enough: tuple[Hit, ...]
    read: tuple[Hit, ...]
    unread: tuple[UnreadReference, ...]
    texts: dict[int, str]
    titles: dict[int, str]
    asked: Question


def gather(
    sought: Sought, thresholds: Thresholds, hits: Sequence[Hit], *, filters: Filters, listed: int
) -> Evidence | Answer:
    """Return the evidence for an answer; or the answer itself where the list is what is asked for, or nothing answers."""
    retriever, asked, snapshot = sought.retriever, sought.question, sought.retriever.snapshot
    if filters and not retriever.passing(filters):
        return Answer(
            unmatched_text(asked, filters.named(), there_are(filters, snapshot.items)), True, (), (), snapshot.name
        )
    near = nearest(sought, thresholds, filters=filters)
    unread = near.unread
    if asked.form == "articles" and (answer := _listed(retriever, thresholds, asked, unread, filters, listed)):
        return answer
    named = retriever.named(asked) & {hit.passage.reference for hit in hits}
    read = [hit for hit in hits if not hit.passage.listing or _noted(snapshot, hit)]
    read = [hit for hit in read if hit.passage.reference in named] or read
    known, unknown = known_names(retriever, asked), unknown_names(retriever, asked, hits)
    called = [name for pair in known for name in pair]
    saying = {hit.passage.id for hit in read if _says(snapshot, hit, called) or in_pieces(snapshot, hit, called)}
    compared = named_sides(asked.standalone)
    unsure = doubted(asked, unknown, unheard=not saying and unheard(retriever, called))

    def carries(question: Question, hit: Hit, times: float = 1.0) -> bool:
        if compared:
            return thresholds.answers(question, hit) and naming_a_side(compared, hit) and has_versions(snapshot, asked, hit)
        enough = thresholds.answers(question, hit, times=times * unsure * doubt(retriever, asked, hit))
        if not enough or lacks(retriever, asked, hit) or unnamed(snapshot, asked, hit):
            return False
        return meets(asked.standalone, "\n".join([hit.passage.text, *hit.passage.heading]))

    enough = [hit for hit in read if carries(asked, hit) or spelled_out(asked, hit)]
    names, searched = _spelled(retriever, asked), asked
    enough = [hit for hit in enough if compared or _of_subject(snapshot, asked, hit, names)]
    naming = [hit for hit in enough if not called or hit.passage.id in saying]
    # of what has two names, an article that calls it by the other one may be the one that says what it is
    if compared:
        naming = enough  # they were looked for by all their names
    settled = tells(asked, enough) if wants_telling(asked) else bool(naming)
    unsaid = known and naming and (not settled if wants_telling(asked) else asked.form == "person")
    if unsaid and not pick(asked, naming, *_told_by(snapshot, naming), retriever.idf(asked.terms), most=1):
        settled, naming = False, []  # entries of a bibliography name everything and say nothing
    if not settled and not asked.small_talk:
        for other, found in _across(retriever, asked, known, len(hits), filters):
            found = [hit for hit in found if carries(other, hit)]
            if found and (not naming or (wants_telling(asked) and tells(other, found))):
                searched, naming = other, found
                read = list({hit.passage.id: hit for hit in (*found, *read)}.values())
                if not wants_telling(asked) or tells(other, found):
                    break  # else another name may be the one that is explained
    enough = naming or [hit for hit in enough if carries(asked, hit, _UNNAMED)]
    if asked.small_talk or not enough:
        spoken = any(says(hit.passage.text, subject_names(retriever, asked)) for hit in read)
        return refusal(asked, unread, snapshot.name, about="" if spoken else near.about)
    return Evidence(tuple(enough), tuple(read), unread, *_told_by(snapshot, read), searched)


def _across(
    retriever: Retriever, asked: Question, known: Names, k: int, filters: Filters
) -> Iterator[tuple[Question, list[Hit]]]:
    """Yield the question by its subject's names in the other language, each with the hits that hold the name."""
    for other in translations(retriever, asked, known):
        found = Sought(retriever, other.question)
        hits = retrieved_for(found, max(k // 2, 1), filters=replace(filters, any_read=True))
        hits = [hit for hit in hits if not hit.passage.listing]
        yield other.question, [hit for hit in hits if _says(retriever.snapshot, hit, [other.name])]


def _says(snapshot: Snapshot, hit: Hit, names: Collection[str]) -> bool:
    """Whether a passage, its headings or its title hold one of the names."""
    return any(says(text, names) for text in told(snapshot, hit))


def _spelled(retriever: Retriever, asked: Question) -> list[str]:
    """Return the subject as titles of the list spell it, in the question's language first; [] where none of them names it.

    What the list itself has a name for, an answer must speak of by a name. Questions in free words are not held to one.
    """
    if not (asked.form == "list" or what_is(asked.standalone)):
        return []
    if asked.form == "list" and (held := names_held(asked.standalone, retriever.aliases)):
        return [name for pair in held for name in pair]  # "迁移学习有哪些类别？" is about 迁移学习
    names = subject_names(retriever, asked)
    return names if len(names) > 1 or any(says(item.title, names) for item in retriever.snapshot.items) else []


def _of_subject(snapshot: Snapshot, asked: Question, hit: Hit, names: Sequence[str]) -> bool:
    """Whether a passage or its title names the subject; in the other language, where the list gives no name, it may mean it instead."""
    if not names or _says(snapshot, hit, names):
        return True
    return hit.passage.language != asked.language and len(names) == 1 and max(hit.similarities) >= MEANT


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
    found = narrowed(asked.standalone, retriever.sites, retriever.authors)
    wanted = filters.with_named(found.filters)
    about = without_asking(subject(found.rest) if found.filters else asked.search)
    asked = replace(asked, search=about, terms=tuple(dict.fromkeys(content_terms(about))))
    if asked.terms:
        shown = articles_on(retriever, thresholds, asked, filters=wanted, most=most)
    else:
        shown = articles_of(retriever, filters=wanted, most=most) if found.filters else Listed([], 0)
    if not shown.quotes:
        criteria = criteria_words(found.filters, asked.language)
        nothing = Answer(unfound_text(asked, asked.search, criteria), True, (), unread, snapshot.name)
        return nothing if found.filters or plainly_lists(asked.standalone) else None
    answer = listed(snapshot, asked, shown, found.filters)
    return replace(
        answer, unread=tuple(u for u in unread if u.reference not in {c.reference for c in answer.citations})
    )


def listed(snapshot: Snapshot, asked: Question, found: Listed, criteria: Filters) -> Answer:
    """Return a list of references as an answer; ``criteria`` is what the question narrows the list by itself."""
    citations = cited(snapshot, found.quotes)
    count = ("least" if found.least else "count") if counts(asked.standalone) and found.on else ""
    said = criteria_words(criteria, asked.language)
    text = listing_text(asked, citations, of=found.of, on=found.on, count=count, criteria=said)
    return Answer(text, False, citations, (), snapshot.name)


def extracted(retriever: Retriever, asked: Question, evidence: Evidence, *, most: int) -> Answer:
    """Return the answer in the sources' own sentences."""
    snapshot = retriever.snapshot
    searched = evidence.asked
    quotes = pick(searched, evidence.enough, evidence.texts, evidence.titles, retriever.idf(searched.terms), most=most)
    if not quotes:
        return refusal(asked, evidence.unread, snapshot.name)
    citations = cited(snapshot, quotes)
    compared = named_sides(asked.standalone)
    silent = (
        unspoken(compared, [f"{quote.text}\n{c.title}\n{heading_above(evidence.texts[c.reference], quote.start)}"
                            for quote, c in zip(quotes, citations, strict=True)])
        if compared
        else ""
    )
    return Answer(answer_text(asked, citations, silent=silent), False, citations, evidence.unread, snapshot.name)


def _told_by(snapshot: Snapshot, hits: Sequence[Hit]) -> tuple[dict[int, str], dict[int, str]]:
    """Return the stored texts and the list titles of what was hit, by reference number."""
    numbers = {hit.passage.reference for hit in hits}
    texts = {number: snapshot.text(number) for number in numbers}
    return texts, {number: item.title for number in numbers if (item := snapshot.item(number))}


def refusal(asked: Question, unread: tuple[UnreadReference, ...], snapshot: str, *, about: str = "") -> Answer:
    """Say that nothing answers; ``about``: the subject that the unread references are about, and nothing that was read."""
    return Answer(refusal_text(asked, unread, about=about), True, (), unread, snapshot)


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
