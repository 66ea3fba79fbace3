"""A table of rows in a mapped file, read at scattered places, that keeps little of a large file in memory. Knows no meaning of rows.

The kernel maps the sixteen pages around every one that is touched, so that in time all of a file counts as this process's memory,
though a question needs some hundred rows of it. A large file is let go of now and then; what was read stays in the
page cache, which all processes share. Rejected: os.pread, which gives up the interpreter at every row, so that
questions asked at once wait for each other two hundred times each.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALL, MOST = 256 * 2**20, 32 * 2**20  # bytes of a file that may stay in memory whole; of a larger one at a time
_AROUND = 64 * 2**10  # bytes that the kernel maps around a place that is touched


class MappedRows:
    """Rows by number; safe to use from many threads."""

    def __init__(self, mapped: NDArray[Any], *, small: int = SMALL, most: int = MOST) -> None:
        self._rows: NDArray[Any] = np.asarray(mapped)  # slicing NumPy's own memmap class costs ten times as much
        self._touches = most // _AROUND
        self._left = self._touches
        base: Any = mapped.base
        large = mapped.nbytes > small and isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED")
        self._map: mmap.mmap | None = base if large else None

    def __len__(self) -> int:
        return len(self._rows)

    def taken(self, places: NDArray[np.integer]) -> NDArray[Any]:
        """Return a copy of those rows, in that order."""
        rows: NDArray[Any] = self._rows[places]
        if self._map is not None:
            self._left -= len(places)  # two threads may lose a count to each other, which only puts it off
            if self._left <= 0:
                self._left = self._touches
                self._map.madvise(mmap.MADV_DONTNEED)  # who is reading meanwhile reads from the page cache again
        return rows


def mapped(path: Path) -> NDArray[Any]:
    """Map a file of rows; a plain array over it, because slicing NumPy's own memmap class costs ten times as much."""
    return np.asarray(np.load(path, mmap_mode="r"))


def mapped_vectors(path: Path, columns: int) -> NDArray[np.float16]:
    """Map a file of nothing but rows of halves (``index.vectorcache``)."""
    return np.memmap(path, np.float16, "r", shape=(path.stat().st_size // (2 * columns), columns))


def bytes_of(path: Path) -> bytes | mmap.mmap:
    """Map a file of bytes; an empty one cannot be mapped."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""


_HALF, _TO_FLOAT = np.int32(-0x70000001), np.float32(2.0**112)
_AT_A_TIME = 1024  # rows of vectors: about what the second cache of a core holds


def floats(rows: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return finite halves (n, d) as floats, exactly.

    The bits of a half, moved to where a float has them, are that number over 2**112; NumPy's own way takes six times as long,
    that of FAISS four times (512 rows of 512: 138, 828 and 535 us in one run).
    """
    result = np.empty(rows.shape, np.float32)
    for at in range(0, len(rows), _AT_A_TIME):
        block = result[at : at + _AT_A_TIME]
        bits = block.view(np.int32)
        bits[:] = rows[at : at + _AT_A_TIME].view(np.int16)
        bits <<= 13
        bits &= _HALF  # the sign was stretched over three bits more
        block *= _TO_FLOAT
    return result


def halves(rows: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return rows of numbers below 65,504 as halves, rounded to the nearest; ``floats`` the other way round, twice as fast as NumPy.

    Block by block, and what is put aside meanwhile in the same place each time: a new one of this size is mapped anew by the
    system, which takes twice as long as all the rest.

    Of numbers below 2**-14, which halves hold with fewer digits, one in a hundred thousand is the next but one.
    """
    result = np.empty(rows.shape, np.float16)
    most = _AT_A_TIME // 8
    first, second = np.empty((2, min(most, len(rows)), *rows.shape[1:]), np.int32)
    for at in range(0, len(rows), most):
        block = np.asarray(rows[at : at + most], np.float32)
        bits, half = first[: len(block)], second[: len(block)]
        np.multiply(block, 1 / _TO_FLOAT, out=bits.view(np.float32))
        np.right_shift(bits, 13, out=half)
        half &= 1  # a number half-way between two goes to the even one
        half += 0xFFF
        half += bits
        half >>= 13
        np.right_shift(half, 3, out=bits)
        bits &= 0x8000  # the sign, that was stretched over all that a half has no room for
        half |= bits
        result[at : at + len(block)].view(np.int16)[:] = half
    return result
