"""Nearest vectors. The only file that imports faiss; knows rows and vectors, no passages.

| kind | rows | what |
|---|---|---|
| exact | to 50,000 | every row, in halves as it is stored: half as long to read as floats, and the same rows |
| compact | to a million | one bit a number (RaBitQ fast-scan), the best rows ranked again in 8 bits (SQ8); nothing to train |
| clustered | beyond, or when asked for | the same, only in the nearest of 4 sqrt(n) clusters |

How many rows are ranked again, and how many clusters are looked into, is raised at build time until recall@10 against an
exact search of these very rows is 0.97; rows for which that cannot be had are indexed exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreError
from index.mapped import halves

KINDS = ("exact", "compact", "clustered")
EXACT, COMPACT = 50_000, 1_000_000
RECALL = 0.97
_RANKED_AGAIN = (100, 200, 400, 800, 1600, 3200)
_PROBES = (8, 16, 32, 64, 128, 256, 512)
_ASKED = 64  # rows that are asked for, and as many points between two rows
_BLOCK = 65_536
_TRAINED_ON = 64  # rows a cluster


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """How vectors are indexed; ``recall`` at 10 was measured on the rows themselves when they were."""

    kind: str = "exact"
    ranked_again: int = 0
    probes: int = 0
    recall: float = 1.0


def kind_for(rows: int, *, exact: int = EXACT, compact: int = COMPACT) -> str:
    """Return the kind that fits so many rows."""
    return "exact" if rows <= exact else "compact" if rows <= compact else "clustered"


def write_vectors(path: Path, vectors: NDArray[np.floating], *, kind: str | None = None) -> VectorIndex:
    """Write an inner-product index of (n, d) unit rows, of the kind that fits when None; row i answers as id i.

    Kind "elsewhere" writes nothing: the rows are searched in another store. Kind "exact" takes halves as they are.
    """
    import faiss

    kind = kind or kind_for(len(vectors))
    if kind == "elsewhere":
        return VectorIndex(kind)
    if kind != "exact" and len(vectors):
        rows = np.ascontiguousarray(vectors, np.float32)
        index = _compressed(rows, kind)
        found = _tuned(index, rows, kind)
        if found:
            faiss.write_index(index, str(path))
            return found
    flat = faiss.IndexScalarQuantizer(
        int(vectors.shape[1]), faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    codes = vectors if vectors.dtype == np.float16 else halves(np.asarray(vectors, np.float32))
    flat.add_sa_codes(codes.view(np.uint8))
    faiss.write_index(flat, str(path))
    return VectorIndex()


def _compressed(vectors: NDArray[np.float32], kind: str) -> Any:
    import faiss

    rows, columns = vectors.shape
    lists = max(min(int(4 * rows**0.5), rows // 40), 1)
    recipe = "RaBitQfs,Refine(SQ8)" if kind == "compact" else f"IVF{lists},RaBitQfs,Refine(SQ8)"
    index: Any = faiss.index_factory(int(columns), recipe, faiss.METRIC_INNER_PRODUCT)
    if kind == "clustered":
        clustering = faiss.extract_index_ivf(index.base_index).cp
        clustering.niter, clustering.max_points_per_centroid = 8, _TRAINED_ON
    sample = max(100_000, _TRAINED_ON * lists)
    index.train(vectors[:: max(1, rows // sample)])
    for at in range(0, rows, _BLOCK):
        index.add(vectors[at : at + _BLOCK])
    return index


def _tuned(index: Any, vectors: NDArray[np.float32], kind: str) -> VectorIndex | None:
    """Return the cheapest parameters that reach the recall, or None."""
    chance = np.random.default_rng(0)
    rows = chance.choice(len(vectors), min(2 * _ASKED, len(vectors)), replace=False)
    asked = vectors[rows[:_ASKED]] + vectors[rows[-_ASKED:]]  # a question lies between passages, not on one
    asked = np.concatenate([vectors[rows[:_ASKED]], asked])
    asked /= np.maximum(np.linalg.norm(asked, axis=1, keepdims=True), 1e-9)
    k = min(10, len(vectors))
    least = _exact(vectors, asked, k)
    for tried in _trials(kind, len(vectors)):
        right = 0.0
        for question, worst in zip(asked, least, strict=True):
            found = _search(index, tried, question[None], k)[1][0]
            # a row that is as near as the tenth is as good: texts that repeat have equal vectors
            right += float((vectors[found[found >= 0]] @ question >= worst - 1e-5).sum()) / k
        tried = replace(tried, recall=round(right / len(asked), 4))
        if tried.recall >= RECALL:
            return tried
    return None


def _trials(kind: str, rows: int) -> Iterator[VectorIndex]:
    for probes in _PROBES if kind == "clustered" else (0,):
        for ranked_again in _RANKED_AGAIN if kind == "compact" else _RANKED_AGAIN[:4:2]:
            yield VectorIndex(kind, ranked_again, probes)
            if ranked_again >= rows:
                break


def _exact(vectors: NDArray[np.float32], asked: NDArray[np.float32], k: int) -> NDArray[np.float32]:
    """Return the k-th best inner product of each question."""
    best = np.full((len(asked), 0), -2, np.float32)
    for at in range(0, len(vectors), _BLOCK):
        best = np.concatenate([best, asked @ vectors[at : at + _BLOCK].T], axis=1)
        best = -np.partition(-best, k - 1, axis=1)[:, :k] if best.shape[1] > k else best
    return np.asarray(best.min(axis=1))


def _search(index: Any, how: VectorIndex, asked: NDArray[np.float32], k: int) -> tuple[NDArray[Any], NDArray[Any]]:
    import faiss

    faiss.omp_set_num_threads(
        1
    )  # of this thread only: questions that come at once share the processors, not each search
    if how.kind == "exact":
        scores, rows = index.search(asked, k)
        return scores, rows
    probing = faiss.IVFRaBitQSearchParameters(nprobe=how.probes) if how.kind == "clustered" else None  # type: ignore[call-arg]
    factor = max(how.ranked_again / k, 4.0)
    scores, rows = index.search(
        asked, k, params=faiss.IndexRefineSearchParameters(k_factor=factor, base_index_params=probing)  # type: ignore[call-arg]
    )  # fmt: skip
    return scores, rows


class Vectors:
    """A vector index opened for reading, mapped into memory that all processes share; searching is thread-safe.

    The file must be known to be whole: FAISS 1.15 ends the process where a mapped file is shorter than its header says.
    """

    def __init__(self, path: Path, how: VectorIndex | None = None) -> None:
        import faiss

        self.how = how or VectorIndex()
        try:
            self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
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
        k = min(k, len(self) if allowed is None else len(allowed))
        if k <= 0:
            return []
        asked = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        scores, rows = _search(self._index, self.how, asked, k) if allowed is None else self._among(asked, k, allowed)
        rows, scores = rows[0][rows[0] >= 0], scores[0][rows[0] >= 0]
        order = np.lexsort((rows, -scores))
        return list(zip(rows[order].tolist(), scores[order].tolist(), strict=True))

    def _among(
        self, asked: NDArray[np.float32], k: int, allowed: NDArray[np.int64]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Search all allowed rows. RaBitQ fast-scan refuses a selector, and IndexRefine drops it without a word."""
        import faiss

        marks = np.zeros(len(self), bool)
        marks[allowed] = True
        bits = np.packbits(marks, bitorder="little")
        selector = faiss.IDSelectorBitmap(bits)  # type: ignore[arg-type, call-arg]
        rows = self._index if self.how.kind == "exact" else faiss.downcast_index(self._index.refine_index)  # type: ignore[attr-defined]
        faiss.omp_set_num_threads(1)
        scores, found = rows.search(asked, k, params=faiss.SearchParameters(sel=selector))  # type: ignore[call-arg]
        return scores, found
