"""A judged reference -> the text that the index holds of it, and what the embedder sees. Knows no store and no vectors."""

from __future__ import annotations

import hashlib
from itertools import accumulate, pairwise

from index.clauses import clauses
from index.read import Judged
from index.readings import Body, code_stamp
from index.records import Passage, Reference, Sentence
from index.tables import Document, ordered_sentences
from index.terms import language, plain, terms
from index.vectorise import Vectoriser


def stamp_of(reference: Reference, judged: Judged, occurrence: int) -> bytes:
    """Return what stands for all that a document is made from; ``occurrence`` tells equal ones of one build apart."""
    told = (judged.item.title, judged.title, reference.topic, reference.note, judged.origin, judged.stamp, occurrence)
    return hashlib.blake2b(f"{code_stamp()}\0{told}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def document_of(
    reference: Reference, judged: Judged, body: Body | None, stamp: bytes, vectoriser: Vectoriser
) -> Document:
    """Return the text of a reference: what was read (``body``), or the list's own words where nothing was."""
    title = judged.item.title
    words = [title, " / ".join(reference.topic), reference.note or ""]
    if body is None:
        body = _listing("\n".join(dict.fromkeys(part for part in words if part)))
        context: list[str] = []
        heads: list[list[str]] = [[]]
    else:
        context = terms("\n".join(dict.fromkeys(part for part in (title, judged.title, *words[1:]) if part)))
        heads = [list(dict.fromkeys([title, *passage.heading])) for passage in body.passages]
    passages = ["\n".join([*head, plain(p.text)]) for head, p in zip(heads, body.passages, strict=True)]
    lines = [plain(body.text[s.start : s.end]) for s in ordered_sentences(body.passages)]
    parts = [clauses(line) for line in lines]
    passage_keys = vectoriser.want(passages, count=True)
    keys = vectoriser.want([*lines, *(clause for found in parts for clause in found)])
    return Document(
        stamp,
        body.text,
        body.passages,
        body.languages,
        tuple([*context, *words.split(" ")] if words else context for words in body.terms),
        passage_keys,
        keys[: len(lines)],
        tuple(keys[first:last] for first, last in pairwise(accumulate(map(len, parts), initial=len(lines)))),
        judged.origin is None,
        body.page_starts,
    )


def _listing(text: str) -> Body:
    spans, start = [], 0
    for line in text.split("\n"):
        spans.append(Sentence(start, start + len(line)))
        start += len(line) + 1
    return Body(text, (), (Passage(0, len(text), text, (), tuple(spans)),), (language(text),), (" ".join(terms(text)),))
