"""Two lexical indexes -> one, without looking at a text: what of the snapshot before is still there, and what is new.

Passages get new numbers on the way, or none where they went. The result is to the byte what ``LexicalWriter`` makes of the same
passages in the same order. Knows the files of ``index.lexical`` and nothing else.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.layout import starts_of
from index.lexical import FILES, number_type
from index.lexical_write import distinct

Source = tuple[Path, NDArray[np.int64]]
"""A folder with a lexical index, and the new number of each of its passages (-1: it went)."""
_BLOCK = 8_000_000  # postings at a time


def merge_lexical(before: Source, added: Source, target: Path) -> None:
    """Write the union of two indexes."""
    total = sum(int((numbers >= 0).sum()) for _, numbers in (before, added))
    kind = number_type(total)
    parts = [_Part(*before, kind), _Part(*added, kind)]
    lengths = np.zeros(total, np.uint32)
    for part in parts:
        lengths[part.numbers[part.numbers >= 0]] = part.lengths[part.numbers >= 0]
    terms = distinct(np.concatenate([part.keys for part in parts]))
    keys, sizes, postings, counts = [], [], [], []
    for first, last in _blocks(terms, parts):
        merged = _merged(*(part.postings(terms[first:last]) for part in parts))
        held = merged.sizes > 0  # a term whose last passage went is no term any more
        keys.append(terms[first:last][held])
        sizes.append(merged.sizes[held])
        postings.append(merged.numbers)
        counts.append(merged.counts)
    starts = starts_of(_joined(sizes, np.int64))
    columns: list[NDArray[Any]] = [_joined(keys, np.uint64), starts, _joined(postings, kind), _joined(counts, np.uint8), lengths]
    for name, values in zip(FILES, columns, strict=True):
        np.save(target / name, values)


def _joined(parts: list[NDArray[Any]], kind: Any) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate([*parts, np.zeros(0, kind)])  # nearly always one


@dataclass(frozen=True, slots=True)
class _Postings:
    """Postings of neighbouring terms: so many of each, one term after the other, passages ascending within a term."""

    sizes: NDArray[np.int64]
    numbers: NDArray[np.unsignedinteger]
    counts: NDArray[np.uint8]


class _Part:
    def __init__(self, folder: Path, numbers: NDArray[np.int64], kind: np.dtype[np.unsignedinteger]) -> None:
        opened = (np.asarray(np.load(folder / name, mmap_mode="r")) for name in FILES)
        self.keys, self.starts, self._postings, self._counts, self.lengths = opened
        self.numbers = numbers
        kept = numbers[numbers >= 0]
        self._small, self._all = numbers.astype(kind), len(kept) == len(numbers)
        self._ascending = bool((kept[1:] > kept[:-1]).all())

    def postings(self, terms: NDArray[np.uint64]) -> _Postings:
        """Return the postings of a range of neighbouring terms that are still there."""
        first, last = np.searchsorted(self.keys, terms[0]), np.searchsorted(self.keys, terms[-1], side="right")
        edges = self.starts[first : last + 1]
        rows = slice(int(edges[0]), int(edges[-1]))
        numbers, times, own = self._small[self._postings[rows]], np.asarray(self._counts[rows]), np.diff(edges)
        if not self._all:
            kept = numbers != np.iinfo(numbers.dtype).max  # -1, as it was
            own = np.add.reduceat(kept, edges[:-1] - edges[0], dtype=np.int64) if len(own) else own
            numbers, times = numbers[kept], times[kept]
        places = np.searchsorted(terms, self.keys[first:last])
        if not self._ascending:  # the list was put in another order
            order = np.argsort(np.repeat(places.astype(np.uint64) << np.uint64(32), own) | numbers)
            numbers, times = numbers[order], times[order]
        sizes = np.zeros(len(terms), np.int64)
        sizes[places] = own
        return _Postings(sizes, numbers, times)


def _merged(one: _Postings, other: _Postings) -> _Postings:
    """Put the fewer ones in where they belong among the many."""
    many, few = sorted((one, other), key=lambda part: -len(part.numbers))
    starts = starts_of(many.sizes)
    low, high = (np.repeat(edge, few.sizes) for edge in (starts[:-1], starts[1:]))
    while (open_ := low < high).any():  # a binary search for each of them at once, within its term
        middle = (low + high) >> 1
        less = open_ & (many.numbers[np.minimum(middle, len(many.numbers) - 1)] < few.numbers)
        low, high = np.where(less, middle + 1, low), np.where(open_ & ~less, middle, high)
    places = low + np.arange(len(low))
    old = np.ones(len(many.numbers) + len(few.numbers), bool)
    old[places] = False
    numbers, counts = np.empty(len(old), many.numbers.dtype), np.empty(len(old), np.uint8)
    numbers[old], counts[old] = many.numbers, many.counts
    numbers[places], counts[places] = few.numbers, few.counts
    return _Postings(many.sizes + few.sizes, numbers, counts)


def _blocks(terms: NDArray[np.uint64], parts: list[_Part]) -> list[tuple[int, int]]:
    """Ranges of terms with at most so many postings, or one term."""
    if not len(terms):
        return []
    before = np.zeros(len(terms) + 1, np.int64)
    for part in parts:
        before[1:] += part.starts[np.searchsorted(part.keys, terms, side="right")]
    edges, at = [0], 0
    while at < len(terms):
        at = max(int(np.searchsorted(before, before[at] + _BLOCK, side="right")) - 1, at + 1)
        edges.append(at)
    return list(itertools.pairwise(edges))
