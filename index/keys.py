"""Which row of a table belongs to the key of a text, for hundreds of thousands of them at once. Knows no files and no vectors.

A number a row, the first bits of its key and then the row itself, is sorted three times as fast as the order of keys is found, and
sorted keys are found ten times as fast as others, because neighbours lie in the caches of a processor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MERGED = 1 << 16  # new keys that are held apart


class Keys:
    """Which row belongs to a key. What came last is a small table of its own, so that not all is sorted each time."""

    def __init__(self, keys: NDArray[np.void]) -> None:
        self._old, self._new = _Table(keys), _Table(keys[:0])
        self._added: list[NDArray[np.void]] = []
        self._count = len(keys)

    def __len__(self) -> int:
        return self._count

    def add(self, keys: NDArray[np.void]) -> None:
        """Give the next rows to these keys."""
        self._added.append(keys)
        self._count += len(keys)

    def rows(self, keys: NDArray[np.void]) -> NDArray[np.int64]:
        """Return the row of each key, -1 for an unknown one."""
        if self._added:
            new, self._added = np.concatenate([self._new.keys, *self._added]), []
            if len(new) >= _MERGED:
                self._old, new = _Table(np.concatenate([self._old.keys, new])), new[:0]
            self._new = _Table(new)
        found = self._old.find(keys)
        if len(self._new.keys):
            unknown = np.flatnonzero(found < 0)
            fresh = self._new.find(keys[unknown])
            found[unknown] = np.where(fresh < 0, -1, fresh + len(self._old.keys))
        return found


class _Table:
    def __init__(self, keys: NDArray[np.void]) -> None:
        self.keys = keys
        self._sorted = _numbered(_heads(keys), _bits(len(keys)))

    def find(self, keys: NDArray[np.void]) -> NDArray[np.int64]:
        found = np.full(len(keys), -1, np.int64)
        mine, both = _bits(len(self.keys)), _bits(max(len(self.keys), len(keys)))
        asked = _numbered(_heads(keys), both)
        heads, left = asked >> both, _row(asked, both)
        places = np.searchsorted(self._sorted, heads << both)
        while len(left):  # once, but for keys that begin alike
            inside = places < len(self._sorted)
            heads, left, places = heads[inside], left[inside], places[inside]
            numbers = self._sorted[places]
            rows = _row(numbers, mine)
            equal = self.keys[rows] == keys[left]
            found[left[equal]] = rows[equal]
            more = ~equal & (numbers >> both == heads)
            heads, left, places = heads[more], left[more], places[more] + 1
        return found


def firsts(keys: NDArray[np.void]) -> NDArray[np.int64]:
    """Return where each of the distinct keys stands first, ascending; of keys that begin alike, which hashes hardly do, some stand twice."""
    places = order_of(_heads(keys))
    new = np.ones(len(keys), bool)
    new[1:] = keys[places[1:]] != keys[places[:-1]]  # of equal ones the first place is the smallest number
    return np.sort(places[new])


def order_of(heads: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the order of hashes by all but their last bits, those that begin alike as they stand."""
    bits = _bits(len(heads))
    return _row(_numbered(heads, bits), bits)


def _heads(keys: NDArray[np.void]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(keys).view(np.uint64).reshape(-1, 2)[:, 0]


def _bits(rows: int) -> np.uint64:
    return np.uint64(rows.bit_length())


def _numbered(heads: NDArray[np.uint64], bits: np.uint64) -> NDArray[np.uint64]:
    """Return the first bits of each hash with its place in the last ``bits``, ascending."""
    numbers = heads >> bits << bits
    numbers |= np.arange(len(heads), dtype=np.uint64)
    numbers.sort()
    return numbers


def _row(numbers: NDArray[np.uint64], bits: np.uint64) -> NDArray[np.int64]:
    return (numbers & ((np.uint64(1) << bits) - np.uint64(1))).view(np.int64)
