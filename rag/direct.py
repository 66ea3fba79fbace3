"""Questions that need no weighing of evidence: about the list, about an article as a whole, about the answer before.

Knows the question, the conversation and the items; searches for nothing that is not named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.census import asks_of_list, asks_what_was_read, census
from rag.evidence import cited
from rag.filters import Filters
from rag.questions import Question
from rag.records import Answer
from rag.retrieve import Retriever
from rag.whole import articles, asks_source, quoted_before, signed, summary, wanted
from rag.words import answer_text, author_text, source_text


def direct(
    retriever: Retriever, asked: Question, history: Sequence[Mapping[str, str]], *, filters: Filters, most: int
) -> Answer | None:
    """Return the answer of such a question; None for any other, which has to be looked for."""
    snapshot = retriever.snapshot
    if asks_of_list(asked.text):
        # the report of the build is the evidence, so there is no quote to cite
        passing = frozenset(retriever.passing(filters))
        items = [item for item in snapshot.items if item.number in passing]
        text = census(items, asked.language, titles=asks_what_was_read(asked.text))
        return Answer(text, False, (), (), snapshot.name)
    source, about = asks_source(asked.text), wanted(asked)
    before = quoted_before(retriever, history) if source or about else []
    if source and before:
        firsts = {quote.reference: quote for quote in reversed(before)}
        citations = cited(snapshot, list(reversed(firsts.values()))[:most])
        return Answer(source_text(asked, citations), False, citations, (), snapshot.name)
    for item in articles(retriever, asked, before) if about else []:
        if item.number not in retriever.passing(filters):
            continue
        if about == "summary" and (quotes := summary(retriever, item)):
            citations = cited(snapshot, quotes[:most])
            return Answer(answer_text(asked, citations), False, citations, (), snapshot.name)
        if about == "author" and (quote := signed(retriever, item)):
            citations = cited(snapshot, [quote])
            return Answer(author_text(asked, citations), False, citations, (), snapshot.name)
    return None
