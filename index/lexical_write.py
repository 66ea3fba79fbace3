"""The terms of passages -> the five files of ``index.lexical``. Terms are hashes from the beginning; knows no texts.

``postings_of`` runs where an article is read, so that a build only puts together what is sorted already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.keys import order_of
from index.layout import starts_of
from index.lexical import number_type, term_key

_BLOCK = 8_000_000  # postings that are sorted at a time


@dataclass(frozen=True, slots=True)
class Postings:
    """Which of a few neighbouring passages hold which terms.

    ``keys`` are the hashes of their terms, ascending. Each stands in so many passages as ``sizes`` says: in those of ``places``,
    counted from the first, so often as ``counts`` says (255: or more). ``lengths`` are the terms of every passage.
    """

    keys: NDArray[np.uint64]
    sizes: NDArray[np.unsignedinteger]
    places: NDArray[np.unsignedinteger]
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
        self._waiting: list[tuple[Postings, Counter[str]]] = []
        self._waiting_rows = 0
        self._first = self._count = 0  # passage numbers: the first that waits, and the next
        self._lengths: list[NDArray[np.uint32]] = []
        self._blocks: list[_Sorted] = []

    def add(self, postings: Postings, also: Sequence[str] = ()) -> None:
        """Add the next passages; each holds the terms ``also`` too."""
        passages = len(postings.lengths)
        more = Counter(also if passages else ())
        self._waiting.append((postings, more))
        self._lengths.append(postings.lengths + np.uint32(len(also)))
        self._waiting_rows += len(postings.places) + passages * len(more)
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
        starts = starts_of(sizes)
        np.save(directory / "term_keys.npy", keys)
        np.save(directory / "term_starts.npy", starts)
        np.save(directory / "lengths.npy", np.concatenate([np.zeros(0, np.uint32), *self._lengths]))
        kind = number_type(self._count)
        if len(self._blocks) == 1:
            (block,) = self._blocks
            postings, counts = block.passages.astype(kind), block.counts
        else:
            postings, counts = np.empty(int(starts[-1]), kind), np.empty(int(starts[-1]), np.uint8)
            free = starts[:-1].copy()
            for rank, block in zip(ranks, self._blocks, strict=True):
                begins = np.cumsum(block.sizes) - block.sizes
                places = np.repeat(free[rank] - begins, block.sizes) + np.arange(len(block.passages))
                postings[places], counts[places] = block.passages, block.counts
                free[rank] += block.sizes
        np.save(directory / "postings.npy", postings)
        np.save(directory / "counts.npy", counts)

    def _sort(self) -> None:
        """Turn what waits into postings in the order of terms, then passages.

        The postings of one term in one article stand together already: these pieces are put in order, not each posting.
        """
        waiting, first = self._waiting, self._first
        self._waiting, self._waiting_rows, self._first = [], 0, self._count
        if not waiting:
            return
        parts, more = [postings for postings, _ in waiting], [times for _, times in waiting]
        passages = np.asarray([len(part.lengths) for part in parts])
        begun = (first + starts_of(passages)[:-1]).astype(np.uint32)  # the first passage of each article
        pieces = np.asarray([(len(part.keys), len(times)) for part, times in waiting])
        keys = np.concatenate([some for part, times in waiting for some in (part.keys, _hashes(times))])
        listed = np.repeat(np.arange(pieces.size) % 2 == 1, pieces.ravel())  # pieces of the list's terms: all passages of an article
        own, first_of = ~listed, np.repeat(begun, pieces.sum(axis=1))
        sizes, begins = np.empty(len(keys), np.int32), np.empty(len(keys), np.int32)
        sizes[own], sizes[listed] = np.concatenate([part.sizes for part in parts]), np.repeat(passages, pieces[:, 1])
        edges = starts_of(np.concatenate([sizes[own], sizes[listed]]))[:-1]  # in the postings as they came, the list's behind all others
        begins[own], begins[listed] = np.split(edges, [len(edges) - int(pieces[:, 1].sum())])
        places = np.concatenate([*(part.places for part in parts), _counted(sizes[listed])])
        often = np.minimum([times for one in more for times in one.values()], 255).astype(np.uint8)
        counts = np.concatenate([*(part.counts for part in parts), np.repeat(often, sizes[listed])])

        order = _order(keys)
        keys, sizes, begins, first_of = keys[order], sizes[order], begins[order], first_of[order]
        same = keys[1:] == keys[:-1]
        # a term of the text may be one of the list's, too, which stands in every passage: what it counts is added there
        both = np.flatnonzero(same & (first_of[1:] == first_of[:-1]))
        twice, sizes[both] = sizes[both], 0
        starts = starts_of(sizes)
        source = np.repeat(begins - starts[:-1].astype(np.int32), sizes)
        source += np.arange(len(source), dtype=np.int32)
        found, times = np.repeat(first_of, sizes), counts[source]
        found += places[source]
        added = np.repeat(begins[both], twice) + _counted(twice)
        target = np.repeat(starts[both + 1], twice) + places[added]
        times[target] = np.minimum(times[target].astype(np.uint16) + counts[added], 255)
        terms = np.flatnonzero(np.concatenate([[True], ~same])) if len(keys) else np.zeros(0, np.int64)
        self._blocks.append(_Sorted(keys[terms], np.diff(starts[terms], append=starts[-1]), found, times))


def _hashes(terms: Iterable[str]) -> NDArray[np.uint64]:
    return np.fromiter(map(term_key, terms), np.uint64)


def _counted(sizes: NDArray[np.int32]) -> NDArray[np.uint32]:
    """Return 0, 1, 2 ... for each of these many things, one after the other."""
    starts = starts_of(sizes)
    return (np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)).astype(np.uint32)


def _order(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the order of hashes, equal ones as they stand."""
    order = order_of(keys)
    ordered = keys[order]
    # two terms may begin alike
    return order if (ordered[1:] >= ordered[:-1]).all() else np.argsort(keys, kind="stable")


def _firsts(ascending: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return where in a sorted array each number stands first."""
    new = np.ones(len(ascending), bool)
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    return np.flatnonzero(new)


def distinct(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return each number once, ascending; np.unique of NumPy 2.4 hashes, which takes twenty times as long as sorting."""
    ordered = np.sort(keys)
    return ordered[_firsts(ordered)]
