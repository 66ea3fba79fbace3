"""Questions that need no weighing of evidence: about the list, about an article as a whole, about the answer before.

Knows the question, the conversation and the items; searches for nothing that is not named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from index.records import Item
from rag.calibrate import Thresholds
from rag.called import Called, articles, called, spoken_in, spoken_of
from rag.census import asks_of_list, census, none_left
from rag.criteria import narrowed
from rag.details import known, vouching, wanted
from rag.evidence import cited, listed
from rag.filters import Filters
from rag.follow import asks_source, on_matter
from rag.items import answers, item_asked
from rag.listing import articles_of
from rag.nearest import offered
from rag.questions import Question
from rag.records import Answer
from rag.retrieve import Retriever
from rag.whole import asks_summary, quoted_before, quoted_in, stands, summary
from rag.wishes import most_asked, others_asked, ranked_by, wish_text
from rag.words import (
    READ,
    UNREAD,
    answer_text,
    criteria_words,
    detail_text,
    source_text,
    titled,
    undetailed_text,
    unfound_text,
    unmatched_text,
    verbatim_text,
)

_THEY = re.compile(
    r"^(?:他们?|她们?|(?:这位|该|这个)?作者)(?:还|也|都|又)*(?=写|发表|撰写)"
    r"|(?<=\bdid )(?:he|she|they|the author)(?: also| else)? (?=write|publish)|(?<=\bhas )(?:he|she|the author)(?: also)? (?=written|published)",
    re.I,
)
_NTH_ALONE = re.compile(
    r"^(?:那么?|and |what about )?(?P<x>第.{1,3}篇|最后一篇|the (?:first|second|third|fourth|fifth|last) (?:one|article))呢?[？?]*$", re.I
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
    history = on_matter(history)
    text = _with_author(asked, lambda: _before(retriever, history))
    if answer := _wished(retriever, asked, text, filters, named):
        return answer
    if answer := _of_list(retriever, asked, text, filters, named):
        return answer
    if asks_source(asked.text) and (before := quoted_before(retriever, history)):
        firsts = {quote.reference: quote for quote in reversed(before)}
        citations = cited(snapshot, list(reversed(firsts.values()))[:most])
        return Answer(source_text(asked, citations), False, citations, (), snapshot.name)

    if item := item_asked(asked.text, history):
        words, said = item
        if quote := stands(retriever, words, quoted_in(retriever, said)):
            citations = cited(snapshot, [quote])
            return Answer(answer_text(asked, citations), False, citations, (), snapshot.name)

    def meant(by: Called, *, loosely: bool = False) -> list[Item]:
        if by.name:
            return articles(retriever, thresholds, by, filters=filters, loosely=loosely)
        passing = frozenset(retriever.passing(filters))
        before = _before(retriever, history) if by.nth is None else _row(retriever, history)
        items = [item for item in before if item.number in passing]
        return items if by.nth is None else items[by.nth :][:1]

    text, other = _asked_of_one(asked.text, history)
    if detail := wanted(text):
        fields, by = detail[0], other or detail[1]
        items = meant(by, loosely="author" in fields)[:_ARTICLES]
        answer = _detailed(retriever, asked, fields, items) if items else None
        return answer or (_unfound(asked, by, snapshot.name) if by.name else None)
    if told := asks_summary(text):
        told = other or told
        items = meant(told, loosely=True)[:1]
        answer = _told(retriever, asked, items[0], most) if items else None
        return answer or (_unfound(asked, told, snapshot.name) if told.name and not items else None)
    return None


def _told(retriever: Retriever, asked: Question, item: Item, most: int) -> Answer | None:
    """Tell an article as a whole; None where it says nothing that can be quoted."""
    name = retriever.snapshot.name
    if not item.characters:
        return Answer(undetailed_text(asked, "summary", item), True, (), (offered(item),), name)
    citations = cited(retriever.snapshot, summary(retriever, item)[:most])
    return Answer(answer_text(asked, citations), False, citations, (), name) if citations else None


def _unfound(asked: Question, by: Called, snapshot: str) -> Answer | None:
    """Say that no article goes by that; a work of that name may be what articles write about, and is looked for."""
    return Answer(unfound_text(asked, by.name), True, (), (), snapshot) if by.kind == "article" else None


def _wished(retriever: Retriever, asked: Question, text: str, filters: Filters, most: int) -> Answer | None:
    """Return the newest or the longest articles, or all but those of a site or under a heading; say that none is judged."""
    snapshot = retriever.snapshot
    if but := others_asked(text):
        site = retriever.sites.get(but.name.lower())
        topic = next((part for item in snapshot.items for part in item.topic if part.lower() == but.name.lower()), None)
        left = filters.with_named(Filters(but_site=site, but_topic=None if site else topic))
        of = but.of or ("sites" if site else "topics")
        if not (site or topic) and but.of != "topics":
            return None
        if of == "articles":
            return listed(
                snapshot, replace(asked, search="", terms=()), articles_of(retriever, filters=left, most=most), left
            )
        passing = frozenset(retriever.passing(left))
        items = [item for item in snapshot.items if item.number in passing]
        told = census(items, asked.language, criteria=criteria_words(left, asked.language), by=of)
        return Answer(told, False, (), (), snapshot.name)
    found = narrowed(text, retriever.sites, retriever.authors)
    wish = most_asked(found.rest)
    if wish in ("", "best"):
        return Answer(wish_text("best", asked.language), True, (), (), snapshot.name) if wish else None
    passing = frozenset(retriever.passing(filters.with_named(found.filters)))
    ranked = ranked_by(wish, [item for item in snapshot.items if item.number in passing])[:_ARTICLES]
    if not ranked:
        return Answer(wish_text("no dates", asked.language), True, (), (), snapshot.name)
    dated = wish in ("newest", "oldest")
    citations = cited(snapshot, [vouching(retriever, item, "date" if dated else "link") for item in ranked])
    if dated:
        lines = [detail_text(asked, "date", c) for c in citations]
    else:
        sizes = zip(citations, (str(item.characters) for item in ranked), strict=True)
        lines = [
            wish_text("length", asked.language, titled(c.title, asked.language), size) + f" [{c.number}]"
            for c, size in sizes
        ]
    return Answer("\n".join(lines), False, citations, (), snapshot.name)


def _of_list(retriever: Retriever, asked: Question, text: str, filters: Filters, most: int) -> Answer | None:
    """Return how many references there are, which ones or which topics, where nothing else is asked; None for any other question."""
    snapshot = retriever.snapshot
    if asks_of_list(asked.text) == "authors":
        text = asked.text  # of the list, whatever was spoken of before
    found = narrowed(text, retriever.sites, retriever.authors)
    kind = asks_of_list(found.rest, narrowed=bool(found.filters))
    if not kind:
        return None
    wanted = filters.with_named(found.filters)
    if kind == "which":
        of_list = articles_of(retriever, filters=wanted, most=most)
        if not of_list.of and found.filters.year:
            return None  # "what article was published in 1937?" may be what some text tells
        if not of_list.of and found.filters.outcomes == UNREAD:
            others = replace(found.filters, outcomes=())
            if n := len(retriever.passing(filters.with_named(others))):
                text = none_left(n, asked.language, criteria=criteria_words(others, asked.language))
                return Answer(text, False, (), (), snapshot.name)
        if not of_list.of:
            return Answer(
                unmatched_text(asked, criteria_words(found.filters, asked.language)), True, (), (), snapshot.name
            )
        return listed(snapshot, replace(asked, search="", terms=()), of_list, found.filters)
    # the report of the build is the evidence, so there is no quote to cite; read and unread are told apart there anyway
    whole = found.filters.outcomes in ((), READ, UNREAD)
    shown = replace(found.filters, outcomes=()) if whole else found.filters
    passing = frozenset(retriever.passing(filters.with_named(shown)))
    items = [item for item in snapshot.items if item.number in passing]
    criteria = criteria_words(shown, asked.language)
    by = kind if kind in ("sites", "authors") else "" if found.filters else "topics"
    text = census(items, asked.language, criteria=criteria, by=by)
    return Answer(text, False, (), (), snapshot.name)


def _with_author(asked: Question, before: Callable[[], list[Item]]) -> str:
    """Return the question with the name of whoever wrote the article spoken of, where it asks what else they wrote."""
    found = _THEY.search(asked.text)
    author = next((item.author for item in before() if item.author), None) if found else None
    return (
        f"{asked.text[: found.start()]}{author} {asked.text[found.end() :]}" if found and author else asked.standalone
    )


def _before(retriever: Retriever, history: Sequence[Mapping[str, str]]) -> list[Item]:
    """Return the articles that the last answer quoted or named."""
    numbers = dict.fromkeys(quote.reference for quote in quoted_before(retriever, history))
    quoted = [item for number in numbers if (item := retriever.snapshot.item(number)) and item.characters]
    return quoted or spoken_of(retriever, history)


def _row(retriever: Retriever, history: Sequence[Mapping[str, str]]) -> list[Item]:
    """Return the articles of which one is meant by its place: those of the last answer, or else of the last that named several."""
    here = _before(retriever, history)
    earlier = (items for said in answers(history) if len(items := spoken_in(retriever, said)) > 1)
    return here if len(here) > 1 else next(earlier, here)


def _asked_of_one(text: str, history: Sequence[Mapping[str, str]]) -> tuple[str, Called | None]:
    """Return what is asked of one article; after "第二篇讲了什么？", "第一篇呢？" asks that of another one, which is returned too."""
    found = _NTH_ALONE.match(text)
    other = called(found["x"]) if found else None
    if other is None or other.nth is None:
        return text, None
    asked = (str(turn.get("content", "")).strip() for turn in reversed(history) if turn.get("role") == "user")
    before = next((question for question in asked if wanted(question) or asks_summary(question)), "")
    return (before, other) if before else (text, None)


def _detailed(retriever: Retriever, asked: Question, fields: Sequence[str], items: Sequence[Item]) -> Answer:
    """Say of each article who wrote it or when it was published, as far as its page does."""
    name = retriever.snapshot.name
    told = [(item, field) for item in items for field in fields if known(item, field)]
    if told:
        citations = cited(retriever.snapshot, [vouching(retriever, item, field) for item, field in told])
        lines = [detail_text(asked, field, c) for c, (_, field) in zip(citations, told, strict=True)]
        return Answer("\n".join(lines), False, citations, (), name)
    unread = tuple(offered(item) for item in items if not item.characters)
    return Answer("\n".join(undetailed_text(asked, field, items[0]) for field in fields), True, (), unread, name)
