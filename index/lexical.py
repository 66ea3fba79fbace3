"""Which passages hold which terms, and BM25 over them, in five NumPy files. Knows terms and passage ids, no texts.

    term_keys.npy     (t,) uint64, ascending: the hash of every term; a term's number is its place here
    term_starts.npy   (t + 1,) int64: the postings of term i are postings[starts[i]:starts[i + 1]]
    postings.npy      (p,) uint16, or uint32 where there are more passages than that can number: passage ids, ascending within a term
    counts.npy        (p,) uint8: how often the term stands in that passage
    lengths.npy       (n,) uint32: terms of every passage

All are mapped into memory, so that a question reads only the postings of its own terms and workers share them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILES = ("term_keys.npy", "term_starts.npy", "postings.npy", "counts.npy", "lengths.npy")
POSTINGS, _FEWEST = 100_000, 2_000
"""Postings that one question adds up, rarest terms first: half as many as there are passages, within these bounds; commoner terms
then only re-rank what the rare ones found.

A term of every third passage ("的", "is") tells nearly nothing and costs nearly everything: at a million passages all terms of
a Chinese question have millions of postings. On XQuAD a quarter as many postings as passages finds the same at rank 1 and 10 as
all of them, and a tenth as many loses one question in a thousand.
"""
_RERANKED = 4  # times k passages for which the commoner terms are looked up too
_K1, _B = 1.2, 0.75
_KEPT = 256  # terms whose place is known
_ROWED, _ROWS, _ROWS_BYTES = 65_536, 2_048, 16 * 2**20
"""To so many passages the terms asked for last have a row each with a byte a passage, so many rows in so many bytes: looking a hundred passages up in
it takes a microsecond or two, in the postings of a common term fifteen. Beyond, making the row takes longer than it saves."""
_TURNED = 50_000  # passages whose terms are gathered at a time


def number_type(passages: int) -> np.dtype[np.unsignedinteger]:
    """Return what so many passages are numbered with; its highest number is none of theirs."""
    return np.dtype(np.uint16 if passages < 2**16 else np.uint32)


@lru_cache(maxsize=1 << 16)
def term_key(term: str) -> int:
    """Return the 64-bit hash that stands for a term on disk."""
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class Lexical:
    """A lexical index opened for reading; safe to use from many threads."""

    def __init__(self, directory: Path) -> None:
        keys, starts, postings, counts, lengths = (
            np.asarray(np.load(directory / name, mmap_mode="r")) for name in FILES
        )
        self._keys, self._starts, self._postings, self._counts = keys, starts, postings, counts
        self._count = len(lengths)
        self._known: dict[str, tuple[int, int]] = {}
        self._row = lru_cache(maxsize=min(_ROWS_BYTES // max(self._count, 1), _ROWS))(self._made_row)
        self._norms = (
            np.asarray(_K1 * (1 - _B + _B * lengths / max(float(lengths.mean()), 1.0)), np.float32)
            if len(lengths)
            else lengths.astype(np.float32)
        )

    def frequencies(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return in how many passages each term stands (0 for an unknown one)."""
        first, last = self._spans(terms)
        return last - first

    def held(self, ids: NDArray[np.int64], terms: Sequence[str]) -> NDArray[np.bool_]:
        """Return (len(ids), len(terms)): whether that passage holds that term; ``ids`` in any order."""
        return self._times(self._spans(terms), ids).T > 0

    def search(
        self, terms: Sequence[str], k: int, allowed: NDArray[np.int64] | None = None, *, limit: int | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage, BM25) of the passages that hold any of the terms, best first, among ``allowed``."""
        limit = min(POSTINGS, max(self._count // 2, _FEWEST)) if limit is None else limit
        wanted = sorted(set(terms))
        first, last = self._spans(wanted)
        sizes = last - first
        order = [int(i) for i in np.argsort(sizes, kind="stable") if sizes[i]]
        if not order or k <= 0:
            return []
        added = max(int(np.searchsorted(np.cumsum(sizes[order]), limit, side="right")), 1)
        idf = np.log(1 + (self._count - sizes + 0.5) / (sizes + 0.5)).astype(np.float32)
        rare = [(slice(int(first[i]), int(last[i])), idf[i]) for i in order[:added]]
        ids = np.concatenate([self._postings[span] for span, _ in rare])
        counts = np.concatenate([self._counts[span] for span, _ in rare])
        weighed = np.repeat([weight for _, weight in rare], [span.stop - span.start for span, _ in rare])
        scores = np.zeros(self._count, np.float32)
        np.add.at(scores, ids, self._weights(ids, counts, weighed))
        hits = np.flatnonzero(scores > 0) if allowed is None else allowed[scores[allowed] > 0]
        # among few passages every term is looked up in each, the common ones too
        few = allowed is not None and len(allowed) * len(order) <= limit
        hits = allowed if allowed is not None and few else _best(hits, scores, _RERANKED * k)
        if common := order[added:]:
            counts = self._times((first[common], last[common]), hits)
            scores[hits] += self._weights(hits, counts, idf[common, None]).sum(axis=0)
        hits = _best(hits[scores[hits] > 0], scores, k)
        hits = hits[np.lexsort((hits, -scores[hits]))][:k]
        return list(zip(hits.tolist(), scores[hits].tolist(), strict=True))

    def passages(self) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint8]]]:
        """Yield the hashes of each passage's terms and how often they stand there, in passage order."""
        for first in range(0, self._count, _TURNED):
            last = min(first + _TURNED, self._count)
            places = np.flatnonzero((self._postings >= first) & (self._postings < last))
            places = places[np.argsort(self._postings[places], kind="stable")]
            keys = self._keys[np.searchsorted(self._starts, places, side="right") - 1]
            edges = np.searchsorted(self._postings[places], np.arange(first, last + 1))
            for begin, end in pairwise(edges.tolist()):
                yield keys[begin:end], self._counts[places[begin:end]]

    def _spans(self, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the postings of each term begin and end. A question asks for its terms several times, so the last ones are kept."""
        known = self._known
        new = [term for term in terms if term not in known]
        if new:
            if len(known) >= _KEPT:
                known, new = {}, list(dict.fromkeys(terms))
            first, last = self._looked_up(new)
            # replaced, never changed: another thread may be reading it
            self._known = known = {**known, **dict(zip(new, zip(first.tolist(), last.tolist(), strict=True), strict=True))}
        spans = np.asarray([known[term] for term in terms], np.int64).reshape(-1, 2)
        return spans[:, 0], spans[:, 1]

    def _looked_up(self, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        keys = np.fromiter((term_key(term) for term in terms), np.uint64, len(terms))
        places = np.searchsorted(self._keys, keys)
        known = np.zeros(len(keys), bool)
        inside = places < len(self._keys)
        known[inside] = self._keys[places[inside]] == keys[inside]
        places = np.where(known, places, 0)
        first = self._starts[places]
        return first, np.where(known, self._starts[np.minimum(places + 1, len(self._starts) - 1)], first)

    def _times(self, spans: tuple[NDArray[np.int64], NDArray[np.int64]], ids: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return (terms, passages): how often each passage holds each term."""
        times = np.zeros((len(spans[0]), len(ids)), np.uint8)
        small = ids.astype(self._postings.dtype)
        for place, (first, last) in enumerate(zip(spans[0].tolist(), spans[1].tolist(), strict=True)):
            if self._count <= _ROWED:
                times[place] = self._row(first, last)[ids]
            elif last > first:
                span = self._postings[first:last]
                at = span.searchsorted(small)
                np.minimum(at, len(span) - 1, out=at)  # an id beyond the last one is not equal to it
                times[place] = np.where(span[at] == small, self._counts[first:last][at], 0)
        return times

    def _made_row(self, first: int, last: int) -> NDArray[np.uint8]:
        row = np.zeros(self._count, np.uint8)
        row[self._postings[first:last]] = self._counts[first:last]
        return row

    def _weights(self, ids: NDArray[Any], counts: NDArray[np.uint8], idf: float | NDArray[np.float32]) -> NDArray[np.float32]:
        times = counts.astype(np.float32)
        return np.asarray(idf * (_K1 + 1) * times / (times + self._norms[ids]), np.float32)


def _best(hits: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the hits that score no less than the k-th best, so that ties do not depend on how they are sorted."""
    if len(hits) <= k:
        return hits
    own = scores[hits]
    return np.asarray(hits[own >= np.partition(own, len(own) - k)[len(own) - k]])
