"""Nearest vectors. The only file that imports faiss; knows rows and vectors, no passages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreError


def write_vectors(path: Path, vectors: NDArray[np.float32]) -> None:
    """Write an exact inner-product index of (n, d) rows; row i answers as id i."""
    import faiss

    index = faiss.IndexFlatIP(int(vectors.shape[1]))
    index.add(np.ascontiguousarray(vectors, np.float32))
    faiss.write_index(index, str(path))


class Vectors:
    """A vector index opened for reading; searching is thread-safe."""

    def __init__(self, path: Path) -> None:
        import faiss

        try:
            self._index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise StoreError(
                f"The vector index {path} cannot be read: run `citeback rebuild`, or `citeback rollback`."
            ) from error

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def nearest(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` (row, inner product) pairs, best first, among the rows ``allowed`` (all when None).

        FAISS pads short results with row -1; those are dropped, or ``passages[-1]`` would be a silent wrong hit.
        """
        import faiss

        k = min(k, len(self) if allowed is None else len(allowed))
        if k <= 0:
            return []
        selector = (
            None
            if allowed is None
            else faiss.SearchParameters(sel=faiss.IDSelectorBatch(np.ascontiguousarray(allowed, np.int64)))  # type: ignore[call-arg]
        )
        scores, rows = self._index.search(np.ascontiguousarray(vector, np.float32).reshape(1, -1), k, params=selector)
        pairs = ((int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def floats(rows: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return float16 rows as float32; FAISS does it with the processor's own instruction, NumPy takes three times as long."""
    import faiss

    if not len(rows):
        return rows.astype(np.float32)
    codec = faiss.IndexScalarQuantizer(int(rows.shape[1]), faiss.ScalarQuantizer.QT_fp16)
    return np.asarray(codec.sa_decode(np.ascontiguousarray(rows).view(np.uint8)), np.float32)
