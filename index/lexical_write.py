"""The terms of passages -> the five files of ``index.lexical``. Terms are hashes from the beginning; knows no texts.

``postings_of`` runs where an article is read, so that a build only puts together what is sorted already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.lexical import term_key

_BLOCK = 8_000_000  # postings that are sorted at a time


@dataclass(frozen=True, slots=True)
class Postings:
    """Which of a few neighbouring passages hold which terms.

    ``keys`` are the hashes of their terms, ascending. Each stands in so many passages as ``sizes`` says: in those of ``places``,
    counted from the first, so often as ``counts`` says (255: or more). ``lengths`` are the terms of every passage.
    """

    keys: NDArray[np.uint64]
    sizes: NDArray[np.uint32]
    places: NDArray[np.uint32]
    counts: NDArray[np.uint8]
    lengths: NDArray[np.uint32]


def postings_of(passages: Sequence[Sequence[str]]) -> Postings:
    """Return the postings of passages, each given as its terms."""
    lengths = np.fromiter(map(len, passages), np.uint32, len(passages))
    keys = np.fromiter(map(term_key, chain.from_iterable(passages)), np.uint64, int(lengths.sum()))
    known = distinct(keys)
    places = np.repeat(np.arange(len(passages), dtype=np.uint64), lengths)
    pairs = np.sort(np.searchsorted(known, keys).astype(np.uint64) << np.uint64(32) | places)
    first = _firsts(pairs)
    counts = np.minimum(np.diff(first, append=len(pairs)), 255).astype(np.uint8)
    pairs = pairs[first]
    sizes = np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=len(known))
    return Postings(known, sizes.astype(np.uint32), pairs.astype(np.uint32), counts, lengths)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A block of postings in the order of terms, then passages; ``sizes`` are those of each term."""

    keys: NDArray[np.uint64]
    sizes: NDArray[np.int64]
    passages: NDArray[np.uint32]
    counts: NDArray[np.uint8]


class LexicalWriter:
    """Takes the postings of one article after the other, then writes the index; memory grows with the postings alone."""

    def __init__(self) -> None:
        self._waiting: list[Postings] = []
        self._waiting_rows = 0
        self._first = self._count = 0  # passage numbers: the first that waits, and the next
        self._lengths: list[NDArray[np.uint32]] = []
        self._blocks: list[_Sorted] = []

    def add(self, postings: Postings, also: Sequence[str] = ()) -> None:
        """Add the next passages; each holds the terms ``also`` too."""
        passages, at = len(postings.lengths), np.uint32(self._count - self._first)
        self._waiting.append(
            Postings(postings.keys, postings.sizes, postings.places + at, postings.counts, postings.lengths)
        )
        self._lengths.append(postings.lengths + np.uint32(len(also)))
        self._waiting_rows += len(postings.places)
        if also and passages:
            times = Counter(also)
            keys = np.fromiter(map(term_key, times), np.uint64, len(times))
            places = np.tile(np.arange(at, at + passages, dtype=np.uint32), len(times))
            counts = np.repeat(np.minimum(list(times.values()), 255).astype(np.uint8), passages)
            sizes = np.full(len(times), passages, np.uint32)
            self._waiting.append(Postings(keys, sizes, places, counts, postings.lengths))
            self._waiting_rows += len(places)
        self._count += passages
        if self._waiting_rows >= _BLOCK:
            self._sort()

    def write(self, directory: Path) -> None:
        """Write the five files."""
        self._sort()
        keys = distinct(np.concatenate([np.zeros(0, np.uint64), *(block.keys for block in self._blocks)]))
        ranks = [np.searchsorted(keys, block.keys) for block in self._blocks]
        sizes = np.zeros(len(keys), np.int64)
        for rank, block in zip(ranks, self._blocks, strict=True):
            sizes[rank] += block.sizes
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        np.save(directory / "term_keys.npy", keys)
        np.save(directory / "term_starts.npy", starts)
        np.save(directory / "lengths.npy", np.concatenate([np.zeros(0, np.uint32), *self._lengths]))
        if len(self._blocks) == 1:
            (block,) = self._blocks
            postings, counts = block.passages, block.counts
        else:
            postings, counts = np.empty(int(starts[-1]), np.uint32), np.empty(int(starts[-1]), np.uint8)
            free = starts[:-1].copy()
            for rank, block in zip(ranks, self._blocks, strict=True):
                begins = np.cumsum(block.sizes) - block.sizes
                places = np.repeat(free[rank] - begins, block.sizes) + np.arange(len(block.passages))
                postings[places], counts[places] = block.passages, block.counts
                free[rank] += block.sizes
        np.save(directory / "postings.npy", postings)
        np.save(directory / "counts.npy", counts)

    def _sort(self) -> None:
        """Turn what waits into postings in the order of terms, then passages."""
        waiting, first = self._waiting, self._first
        self._waiting, self._waiting_rows, self._first = [], 0, self._count
        if not waiting:
            return
        keys = np.concatenate([one.keys for one in waiting])
        known = distinct(keys)
        # one number of 64 bits a posting, because numbers are sorted an order of magnitude faster than records
        bits = np.uint64(8 + max(self._count - first, 1).bit_length())
        terms = np.searchsorted(known, keys).astype(np.uint64) << bits
        rows = np.repeat(terms, np.concatenate([one.sizes for one in waiting]))
        rows |= np.concatenate([one.places for one in waiting]).astype(np.uint64) << np.uint64(8)
        rows |= np.concatenate([one.counts for one in waiting])
        rows.sort()
        starts = _firsts(rows >> np.uint64(8))  # a term of the text may be one of those that are added, too
        counts = np.minimum(np.add.reduceat(rows & np.uint64(255), starts), 255).astype(np.uint8) if len(rows) else rows
        rows = rows[starts]
        passages = (rows & ((np.uint64(1) << bits) - np.uint64(1))) >> np.uint64(8)
        sizes = np.diff(np.searchsorted(rows >> bits, np.arange(len(known) + 1, dtype=np.uint64)))
        self._blocks.append(
            _Sorted(known, sizes, passages.astype(np.uint32) + np.uint32(first), counts.astype(np.uint8))
        )


def _firsts(ascending: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return where in a sorted array each number stands first."""
    new = np.ones(len(ascending), bool)
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    return np.flatnonzero(new)


def distinct(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return each number once, ascending; np.unique of NumPy 2.4 hashes, which takes twenty times as long as sorting."""
    ordered = np.sort(keys)
    return ordered[_firsts(ordered)]
