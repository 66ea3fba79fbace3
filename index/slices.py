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
from itertools import accumulate, chain, pairwise
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

    def headings(self) -> list[tuple[str, ...]]:
        """Return the heading path of each passage."""
        edges = accumulate(self.places["mark_bytes"].tolist(), initial=self.pages)
        marks = [self.marks[first:last] for first, last in pairwise(edges)]
        known = list(dict.fromkeys(marks))  # neighbours nearly always have the same
        paths = dict(zip(known, map(tuple, json.loads(b"[" + b",".join(known) + b"]")), strict=True))
        return [paths[mark] for mark in marks]


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


_NUMBERS = 10  # columns of a packed slice, the widest first, so that each number stands where a processor likes it
_TEXTS = 4
_FEW, _MANY = (
    tuple(map(np.dtype, (KEY, np.uint64, np.uint32, np.int32, np.uint16, counting, counting, np.uint8, np.uint8, PASSAGE)))
    for counting in (np.uint8, np.uint32)
)


def _kinds(passages: int) -> tuple[np.dtype[Any], ...]:
    """Return the types of those columns; what counts passages is as short as they allow."""
    return _FEW if passages < 256 else _MANY


def pack(made: Slice) -> bytes:
    """Return the bytes that are kept of a slice: its texts compressed, its numbers as they are.

    Compressed the numbers would take half the space, and to unpack them a third of all the time that a reading takes.
    """
    words = made.postings
    rows = (made.keys, words.keys, words.lengths, made.spans, made.clause_counts, words.sizes, words.places, words.counts,
            made.sentence_languages, made.places)  # fmt: skip
    columns = [np.asarray(one, kind).tobytes() for one, kind in zip(rows, _kinds(len(made.places)), strict=True)]
    texts = [made.text, made.marks, *("\n".join(lines).encode("utf-8", "surrogatepass") for lines in (made.plain, made.lines))]
    sizes = [made.pages, len(made.plain), len(made.lines), *map(len, columns), *map(len, texts)]
    return b"".join([struct.pack(f"<{len(sizes)}q", *sizes), made.text_key, *columns, zlib.compress(b"".join(texts), 1)])


def unpack(packed: bytes) -> Slice:
    """Return the slice that was packed."""
    pages, passages, lines, *sizes = struct.unpack_from(f"<{3 + _NUMBERS + _TEXTS}q", packed)
    begin = 8 * (3 + _NUMBERS + _TEXTS)
    end, columns = begin + KEY.itemsize, list[NDArray[Any]]()
    for kind, size in zip(_kinds(passages), sizes[:_NUMBERS], strict=True):
        columns.append(np.frombuffer(packed, kind, size // kind.itemsize, end))
        end += size
    keys, word_keys, lengths, spans, clause_counts, word_sizes, word_places, word_counts, languages, places = columns
    texts = zlib.decompress(memoryview(packed)[end:])
    text, marks, plain, spoken = (texts[first:last] for first, last in pairwise(accumulate(sizes[_NUMBERS:], initial=0)))
    return Slice(
        text, packed[begin : begin + KEY.itemsize], marks, pages, places, spans.reshape(-1, 2), languages, clause_counts, keys,
        Postings(word_keys, word_sizes, word_places, word_counts, lengths), _split(plain, passages), _split(spoken, lines),
    )  # fmt: skip


def _split(joined: bytes, count: int) -> tuple[str, ...]:
    return tuple(joined.decode("utf-8", "surrogatepass").split("\n")) if count else ()


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
