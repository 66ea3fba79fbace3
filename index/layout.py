"""The tables of a snapshot: their names, their rows, and a file that grows row by row. Knows no stage and no meaning.

Everything that belongs to one reference stands together, in reference order, and says where it is relative to that reference
only. So a reference that has not changed is copied from the snapshot before as it is, byte for byte, whatever came and went
around it, and a snapshot that was made from another equals one that was made from nothing.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

KEY = np.dtype("V16")


def key(text: str, kind: str = "") -> bytes:
    """Return the 16-byte key of a text to embed; a question of the same words has another (``kind`` "query")."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, person=kind.encode()).digest()


def starts_of(sizes: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return where each of these many things begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


REFERENCE = np.dtype(
    [("stamp", KEY), ("text_key", KEY), ("text", "<i8"), ("marks", "<i8"), ("pages", "<i4"), ("passages", "<i4"), ("sentences", "<i4"),
     ("clauses", "<i4"), ("listing", "?")]
)  # fmt: skip
"""One reference: what it was made from, and how many bytes of text and of marks, passages, sentences and clauses are its own; the first
``pages`` bytes of its marks are the page starts of a PDF."""

PASSAGE = np.dtype(
    [("start", "<i4"), ("end", "<i4"), ("first_byte", "<i4"), ("bytes", "<i4"), ("mark", "<i4"), ("mark_bytes", "<i4"),
     ("first_sentence", "<i4"), ("sentences", "<i4"), ("language", "<u1")]
)  # fmt: skip
"""One passage: characters and bytes within its reference's text, its heading path (JSON) within the reference's marks, its
sentences counted from the reference's first one."""

BUFFER = 1 << 18
"""Bytes that are written at a time: an article has a few rows of each table."""


class Growing:
    """An .npy file that grows at its end; its header is made right when it is closed."""

    def __init__(self, path: Path, dtype: Any, *columns: int) -> None:
        self._dtype, self._columns = np.dtype(dtype), columns
        self.width = self._dtype.itemsize * int(np.prod(columns))
        self.rows = 0
        self._file = path.open("wb", BUFFER)
        self._header()

    def add(self, rows: NDArray[Any]) -> None:
        """Append rows."""
        self._file.write(np.ascontiguousarray(rows, self._dtype).data)
        self.rows += len(rows)

    def _header(self) -> None:
        about = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": (self.rows, *self._columns)}
        npy.write_array_header_1_0(self._file, about)  # NumPy leaves room in it for the first number to grow

    def close(self) -> None:
        """Write how many rows there are, and close the file."""
        start = self._file.tell()
        self._file.seek(0)
        self._header()
        assert self._file.tell() == start - self.rows * self.width, "NumPy no longer leaves room in its headers"
        self._file.close()

    def __enter__(self) -> Growing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._file.close()
