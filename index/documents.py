"""A judged reference -> the text that the index holds of it, and what the embedder sees. Knows no store and no vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from operator import add

import numpy as np

from index.layout import KEY, key
from index.read import Judged
from index.readings import code_stamp
from index.records import Passage, Reference, Sentence
from index.slices import Slice, slice_of
from index.tables import Document
from index.terms import terms
from index.vectorise import Vectoriser


def stamp_of(reference: Reference, judged: Judged, occurrence: int) -> bytes:
    """Return what stands for all that a document is made from; ``occurrence`` tells equal ones of one build apart."""
    told = (judged.row["title"], judged.title, reference.topic, reference.note, judged.origin, judged.stamp, occurrence)
    return hashlib.blake2b(f"{code_stamp()}\0{told}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def document_of(
    reference: Reference, judged: Judged, body: Slice | None, stamp: bytes, vectoriser: Vectoriser
) -> Document:
    """Return the text of a reference: what was read (``body``), or the list's own words where nothing was."""
    title = judged.row["title"]
    words = [title, " / ".join(reference.topic), reference.note or ""]
    if body is None:
        body = _listing("\n".join(dict.fromkeys(part for part in words if part)))
        context: list[str] = []
        passages: Sequence[str] = body.plain
    else:
        context = terms("\n".join(dict.fromkeys(part for part in (title, judged.title, *words[1:]) if part)))
        passages = list(map(add, _heads(title, body), body.plain))
    keys = np.frombuffer(b"".join(map(key, passages)), KEY)
    vectoriser.want(keys, passages, count=True)
    vectoriser.want(body.keys, body.lines)
    return Document(stamp, body, context, keys, judged.origin is None)


def _heads(title: str, body: Slice) -> list[str]:
    """Return what goes before each passage when it is embedded: the title of its reference and its headings, a line each."""
    paths = body.headings()
    heads = {path: "\n".join([*dict.fromkeys([title, *path]), ""]) for path in dict.fromkeys(paths)}
    return [heads[path] for path in paths]


def _listing(text: str) -> Slice:
    spans, start = [], 0
    for line in text.split("\n"):
        spans.append(Sentence(start, start + len(line)))
        start += len(line) + 1
    return slice_of(text, [Passage(0, len(text), text, (), tuple(spans))])
