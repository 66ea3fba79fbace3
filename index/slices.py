"""An article -> its rows of every table, made once in the process that reads it, and packed to be kept. Knows no list and no store.

What the list says of an article (its title goes before each passage when that is embedded) is added by ``index.documents``.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.centre import LANGUAGES
from index.clauses import clauses
from index.layout import KEY, PASSAGE, key, starts_of
from index.lexical_write import Postings, postings_of
from index.records import Passage, Sentence
from index.terms import language, plain, terms


@dataclass(frozen=True, slots=True)
class Slice:
    """One text with its rows, see ``index.layout``; all counted from its own beginning.

    ``text`` is UTF-8. ``marks`` are ``pages`` bytes of page starts, then the headings. ``lines`` are the clean texts of sentences
    and clauses, in the order of their keys, ``plain`` those of passages; each is one line, or blank.
    """

    text: bytes
    text_key: bytes
    marks: bytes
    pages: int
    places: NDArray[np.void]
    spans: NDArray[np.int32]
    sentence_languages: NDArray[np.uint8]
    clause_counts: NDArray[np.uint16]
    keys: NDArray[np.void]
    postings: Postings
    plain: tuple[str, ...]
    lines: tuple[str, ...]

    def headings(self) -> list[list[str]]:
        """Return the heading path of each passage."""
        edges = zip(self.places["mark"].tolist(), self.places["mark_bytes"].tolist(), strict=True)
        marks = b",".join(self.marks[at : at + size] for at, size in edges)
        return list(json.loads(b"[" + marks + b"]"))


def slice_of(text: str, passages: Sequence[Passage], page_starts: Sequence[int] = ()) -> Slice:
    """Cut a text along its passages; ``page_starts`` are those of a PDF."""
    sentences = ordered_sentences(passages)
    order = {span: place for place, span in enumerate(sentences)}
    clean = tuple(plain(passage.text) for passage in passages)
    languages = [LANGUAGES.index(language(words)) for words in clean]  # addresses and tags are in none
    spoken = np.zeros(len(sentences), np.uint8)
    for place in reversed(range(len(passages))):  # a sentence that two passages share has the language of the first
        first = order[passages[place].sentences[0]]
        spoken[first : first + len(passages[place].sentences)] = languages[place]
    pages = json.dumps(list(page_starts)).encode() if page_starts else b""
    marks, at = [pages], len(pages)
    places = np.zeros(len(passages), PASSAGE)
    byte = _Bytes(text)
    for place, passage in enumerate(passages):
        mark = json.dumps(passage.heading, ensure_ascii=False).encode("utf-8", "surrogatepass")
        first_byte, last_byte = byte.at(passage.start), byte.at(passage.end)
        places[place] = (
            passage.start, passage.end, first_byte, last_byte - first_byte, at, len(mark),
            order[passage.sentences[0]], len(passage.sentences), languages[place],
        )  # fmt: skip
        marks.append(mark)
        at += len(mark)
    lines = [plain(text[s.start : s.end]) for s in sentences]
    parts = [clauses(line) for line in lines]
    lines += chain.from_iterable(parts)
    encoded = text.encode("utf-8", "surrogatepass")
    return Slice(
        encoded,
        hashlib.blake2b(encoded, digest_size=16).digest(),
        b"".join(marks),
        len(pages),
        places,
        np.asarray([(s.start, s.end) for s in sentences], np.int32).reshape(-1, 2),
        spoken,
        np.asarray([len(found) for found in parts], np.uint16),
        np.frombuffer(b"".join(map(key, lines)), KEY),
        postings_of([terms("\n".join([*p.heading, p.text])) for p in passages]),
        clean,
        tuple(lines),
    )


def ordered_sentences(passages: Sequence[Passage]) -> list[Sentence]:
    """Return the distinct sentences of an article in order: neighbours share one, which is stored once."""
    return sorted({s for passage in passages for s in passage.sentences}, key=lambda s: s.start)


_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("places", PASSAGE), ("spans", np.int32), ("sentence_languages", np.uint8), ("clause_counts", np.uint16),
)  # fmt: skip
_POSTINGS: tuple[tuple[str, Any], ...] = (
    ("sizes", np.uint32), ("places", np.uint32), ("counts", np.uint8), ("lengths", np.uint32),
)  # fmt: skip


def pack(made: Slice) -> bytes:
    """Return the bytes that are kept of a slice: hashes as they are, all the rest compressed."""
    parts = [made.text, made.text_key, made.marks, struct.pack("<q", made.pages)]
    parts += [np.ascontiguousarray(getattr(made, name), dtype).tobytes() for name, dtype in _COLUMNS]
    parts += [np.ascontiguousarray(getattr(made.postings, name), dtype).tobytes() for name, dtype in _POSTINGS]
    parts += ["\n".join(texts).encode("utf-8", "surrogatepass") for texts in (made.plain, made.lines)]
    hashes = [made.keys.tobytes(), made.postings.keys.tobytes()]
    sizes = [len(made.plain), len(made.lines), *map(len, hashes), *map(len, parts)]
    return struct.pack(f"<{len(sizes)}q", *sizes) + b"".join(hashes) + zlib.compress(b"".join(parts), 1)


def unpack(packed: bytes) -> Slice:
    """Return the slice that was packed."""
    count = 4 + 4 + len(_COLUMNS) + len(_POSTINGS) + 2
    passages, lines, keys, words, *sizes = struct.unpack_from(f"<{count}q", packed)
    at = 8 * count
    rest = memoryview(zlib.decompress(memoryview(packed)[at + keys + words :]))
    edges = starts_of(np.asarray(sizes)).tolist()
    text, text_key, marks, pages, *columns = (rest[first:last] for first, last in pairwise(edges))
    rows = [np.frombuffer(part, kind) for part, (_, kind) in zip(columns, (*_COLUMNS, *_POSTINGS), strict=False)]
    places, spans, languages, clause_counts, *postings = rows
    return Slice(
        bytes(text),
        bytes(text_key),
        bytes(marks),
        int(struct.unpack("<q", pages)[0]),
        places,
        spans.reshape(-1, 2),
        languages,
        clause_counts,
        np.frombuffer(packed, KEY, keys // KEY.itemsize, at),
        Postings(np.frombuffer(packed, np.uint64, words // 8, at + keys), *postings),
        _split(columns[-2], passages),
        _split(columns[-1], lines),
    )


def _split(joined: memoryview, count: int) -> tuple[str, ...]:
    return tuple(str(joined, "utf-8", "surrogatepass").split("\n")) if count else ()


class _Bytes:
    """Where a character of a text begins in its UTF-8 bytes."""

    def __init__(self, text: str) -> None:
        self._ascii = text.isascii()
        if not self._ascii:
            codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
            sizes = 1 + (codes > 0x7F).astype(np.int64) + (codes > 0x7FF) + (codes > 0xFFFF)
            self._starts = starts_of(sizes)

    def at(self, character: int) -> int:
        return character if self._ascii else int(self._starts[character])
