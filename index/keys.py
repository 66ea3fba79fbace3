"""Which row of a table belongs to the key of a text, for hundreds of thousands of them at once. Knows no files and no vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.layout import KEY

_MERGED = 1 << 16  # new keys that are held apart


class Keys:
    """Which row belongs to a key: sorted arrays, and a dictionary of what came since."""

    def __init__(self, keys: NDArray[np.void]) -> None:
        self._fresh: dict[bytes, int] = {}
        self._all = keys
        self._sort()

    def _sort(self) -> None:
        prefixes = np.ascontiguousarray(self._all).view(np.uint64).reshape(-1, 2)[:, 0]
        self._order = np.argsort(prefixes)
        self._prefixes = prefixes[self._order]

    def __len__(self) -> int:
        return len(self._all) + len(self._fresh)

    def add(self, keys: Sequence[bytes]) -> None:
        """Give the next rows to these keys."""
        first = len(self)
        self._fresh.update(zip(keys, range(first, first + len(keys)), strict=True))
        if len(self._fresh) >= _MERGED:
            self._all = np.concatenate([self._all, np.frombuffer(b"".join(self._fresh), KEY)])
            self._fresh = {}
            self._sort()

    def rows(self, keys: NDArray[np.void]) -> NDArray[np.int64]:
        """Return the row of each key, -1 for an unknown one."""
        found = np.full(len(keys), -1, np.int64)
        if len(self._all) and len(keys):
            prefixes = np.ascontiguousarray(keys).view(np.uint64).reshape(-1, 2)[:, 0]
            places = np.minimum(np.searchsorted(self._prefixes, prefixes), len(self._prefixes) - 1)
            rows = self._order[places]
            found = np.where(self._all[rows] == keys, rows, -1)
        if self._fresh:
            left = np.flatnonzero(found < 0)
            found[left] = [self._fresh.get(key, -1) for key in keys[left].tolist()]
        return found
