"""Questions that need no weighing of evidence: about the list, about an article as a whole, about the answer before.

Knows the question, the conversation and the items; searches for nothing that is not named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.records import Item
from rag.calibrate import Thresholds
from rag.called import Called, articles, spoken_of
from rag.census import asks_of_list, census
from rag.criteria import narrowed
from rag.details import known, vouching, wanted
from rag.evidence import cited, listed
from rag.filters import Filters
from rag.follow import on_matter
from rag.listing import Listed, articles_of
from rag.nearest import offered
from rag.questions import Question
from rag.records import Answer
from rag.retrieve import Retriever
from rag.whole import asks_source, asks_summary, quoted_before, summary
from rag.words import (
    READ,
    UNREAD,
    answer_text,
    criteria_words,
    detail_text,
    source_text,
    undetailed_text,
    unfound_text,
    unmatched_text,
    verbatim_text,
)

_ARTICLES = 3  # that are told of where a name fits several


def direct(
    retriever: Retriever,
    thresholds: Thresholds,
    asked: Question,
    history: Sequence[Mapping[str, str]],
    *,
    filters: Filters,
    most: int,
    named: int,
) -> Answer | None:
    """Return the answer of such a question, with ``most`` sources or ``named`` references; None for any that has to be looked for."""
    snapshot = retriever.snapshot
    if asked.spoken:
        return Answer(verbatim_text(asked), True, (), (), snapshot.name)
    if answer := _of_list(retriever, asked, filters, named):
        return answer
    history = on_matter(history)
    if asks_source(asked.text) and (before := quoted_before(retriever, history)):
        firsts = {quote.reference: quote for quote in reversed(before)}
        citations = cited(snapshot, list(reversed(firsts.values()))[:most])
        return Answer(source_text(asked, citations), False, citations, (), snapshot.name)

    def meant(by: Called, *, loosely: bool = False) -> list[Item]:
        if by.name:
            return articles(retriever, thresholds, by, filters=filters, loosely=loosely)
        passing = frozenset(retriever.passing(filters))
        return [item for item in _before(retriever, history) if item.number in passing]

    if detail := wanted(asked.text):
        field, by = detail
        if (
            answer := _detailed(retriever, asked, field, meant(by, loosely=field == "author")[:_ARTICLES])
        ) or by.name == "":
            return answer
        if by.kind == "article":  # of which none is listed
            return Answer(unfound_text(asked, by.name), True, (), (), snapshot.name)
    told = asks_summary(asked.text)
    for item in meant(told, loosely=True)[:1] if told else []:
        if item.characters and (quotes := summary(retriever, item)):
            citations = cited(snapshot, quotes[:most])
            return Answer(answer_text(asked, citations), False, citations, (), snapshot.name)
    return None


def _of_list(retriever: Retriever, asked: Question, filters: Filters, most: int) -> Answer | None:
    """Return how many references there are, which ones or which topics, where nothing else is asked; None for any other question."""
    snapshot = retriever.snapshot
    found = narrowed(asked.text, retriever.sites, retriever.authors)
    kind = asks_of_list(found.rest, narrowed=bool(found.filters))
    if not kind:
        return None
    wanted = filters.with_named(found.filters)
    if kind == "which":
        quotes = articles_of(retriever, filters=wanted)
        if not quotes:
            return Answer(
                unmatched_text(asked, criteria_words(found.filters, asked.language)), True, (), (), snapshot.name
            )
        return listed(snapshot, replace(asked, search="", terms=()), Listed(quotes), found.filters, most=most)
    # the report of the build is the evidence, so there is no quote to cite; read and unread are told apart there anyway
    whole = found.filters.outcomes in ((), READ, UNREAD)
    shown = replace(found.filters, outcomes=()) if whole else found.filters
    passing = frozenset(retriever.passing(filters.with_named(shown)))
    items = [item for item in snapshot.items if item.number in passing]
    criteria = criteria_words(shown, asked.language)
    text = census(items, asked.language, criteria=criteria, topics=not found.filters)
    return Answer(text, False, (), (), snapshot.name)


def _before(retriever: Retriever, history: Sequence[Mapping[str, str]]) -> list[Item]:
    """Return the articles that the last answer quoted or named."""
    numbers = dict.fromkeys(quote.reference for quote in quoted_before(retriever, history))
    quoted = [item for number in numbers if (item := retriever.snapshot.item(number)) and item.characters]
    return quoted or spoken_of(retriever, history)


def _detailed(retriever: Retriever, asked: Question, field: str, items: Sequence[Item]) -> Answer | None:
    """Say of each article who wrote it or when it was published, as far as its page does."""
    name = retriever.snapshot.name
    told = [item for item in items if known(item, field)]
    if told:
        quotes = [vouching(retriever, item, field) for item in told]
        citations = cited(retriever.snapshot, quotes)
        return Answer(detail_text(asked, field, citations), False, citations, (), name)
    if not items:
        return None
    unread = tuple(offered(item) for item in items if not item.characters)
    return Answer(undetailed_text(asked, field, items[0]), True, (), unread, name)
