"""Two lexical indexes -> one, without looking at a text: what of the snapshot before is still there, and what is new.

Passages get new numbers on the way, or none where they went. The result is to the byte what ``LexicalWriter`` makes of the same
passages in the same order. Knows the files of ``index.lexical`` and nothing else.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.lexical import FILES
from index.lexical_write import distinct

Source = tuple[Path, NDArray[np.int64]]
"""A folder with a lexical index, and the new number of each of its passages (-1: it went)."""
_BLOCK = 8_000_000  # postings at a time


def merge_lexical(before: Source, added: Source, target: Path) -> None:
    """Write the union of two indexes."""
    parts = [_Part(*before), _Part(*added)]
    total = sum(int((part.numbers >= 0).sum()) for part in parts)
    lengths = np.zeros(total, np.uint32)
    for part in parts:
        lengths[part.numbers[part.numbers >= 0]] = part.lengths[part.numbers >= 0]
    terms = distinct(np.concatenate([part.keys for part in parts]))
    keys, sizes, postings, counts = [], [], [], []
    for first, last in _blocks(terms, parts):
        chosen = terms[first:last]
        pairs = [part.postings(chosen) for part in parts]
        places, times = _merged(pairs)
        within = np.bincount((places >> np.uint64(32)).astype(np.int64), minlength=len(chosen))
        held = within > 0  # a term whose last passage went is no term any more
        keys.append(chosen[held])
        sizes.append(within[held])
        postings.append(places.astype(np.uint32))
        counts.append(times)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate([*sizes, np.zeros(0, np.int64)]))])
    results: tuple[NDArray[Any], ...] = (
        np.concatenate([*keys, np.zeros(0, np.uint64)]), starts.astype(np.int64),
        np.concatenate([*postings, np.zeros(0, np.uint32)]), np.concatenate([*counts, np.zeros(0, np.uint8)]), lengths,
    )  # fmt: skip
    for name, values in zip(FILES, results, strict=True):
        np.save(target / name, values)


class _Part:
    def __init__(self, folder: Path, numbers: NDArray[np.int64]) -> None:
        opened = (np.asarray(np.load(folder / name, mmap_mode="r")) for name in FILES)
        self.keys, self.starts, self._postings, self._counts, self.lengths = opened
        self.numbers = numbers

    def span(self, terms: NDArray[np.uint64]) -> tuple[int, int]:
        """The terms of this part among a range of neighbouring ones."""
        first, last = np.searchsorted(self.keys, terms[0]), np.searchsorted(self.keys, terms[-1], side="right")
        return int(first), int(last)

    def postings(self, terms: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
        """(place of the term << 32 | new number, times) of all postings of those terms that are still there, ascending."""
        first, last = self.span(terms)
        rows = slice(int(self.starts[first]), int(self.starts[last]))
        numbers = self.numbers[self._postings[rows]]
        places = np.searchsorted(terms, self.keys[first:last]).astype(np.uint64) << np.uint64(32)
        pairs = np.repeat(places, np.diff(self.starts[first : last + 1])) | numbers.astype(np.uint64)
        times = np.asarray(self._counts[rows])
        kept = numbers >= 0
        if not kept.all():
            pairs, times = pairs[kept], times[kept]
        if len(pairs) > 1 and not (pairs[1:] > pairs[:-1]).all():  # the list was put in another order
            order = np.argsort(pairs)
            pairs, times = pairs[order], times[order]
        return pairs, times


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


def _merged(pairs: list[tuple[NDArray[np.uint64], NDArray[np.uint8]]]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    (many, many_times), (few, few_times) = sorted(pairs, key=lambda pair: -len(pair[0]))
    where = np.searchsorted(many, few)
    return np.insert(many, where, few), np.insert(many_times, where, few_times)
