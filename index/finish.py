"""The second half of a snapshot's tables, when every vector is known: whose it is, what they sum up to, and the two indexes.

What was copied is copied here too. Knows no text and no embedder. See ``index.tables`` for the first half.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.centre import LANGUAGES, centre_rows, mean_of
from index.layout import starts_of
from index.lexical_merge import merge_lexical
from index.manifest import VECTORS
from index.mapped import floats, halves, mapped_vectors
from index.rows import ROW
from index.tables import Base, TableWriter
from index.vectorcache import VectorCache
from index.vectors import VectorIndex, kind_for, write_vectors

_BLOCK = 2048  # rows of vectors in hand at a time: what the caches of a processor hold
_TABLES = (("passage", "passage_keys"), ("sentence", "sentence_keys"), ("clause", "clause_keys"))


@dataclass(frozen=True, slots=True)
class Means:
    """The mean vector of each language, of passages, sentences and clauses, and how the passages' vectors are indexed."""

    passages: dict[str, NDArray[np.float32]]
    sentences: dict[str, NDArray[np.float32]]
    clauses: dict[str, NDArray[np.float32]]
    vectors: VectorIndex


def finish(
    tables: TableWriter, cache: VectorCache, priors: dict[str, NDArray[np.float32]], *, kind: str | None = None
) -> Means:
    """Write which vectors closed tables have, and the indexes; ``priors`` are the means of general statements (``index.centre``).

    ``kind`` is that of the vector index (``index.vectors``), the one that fits when None.
    """
    return _Finish(tables, cache).write(priors, kind)


def rows_of(folder: Path) -> list[NDArray[np.uint32]]:
    """Return which rows of the vectors a snapshot needs, a table each."""
    return [np.load(folder / f"{table}_rows.npy", mmap_mode="r") for table, _ in _TABLES]


def take_over(base: Base, cache: VectorCache) -> None:
    """See to it that the cache holds every vector of the snapshot before, whatever became of its own files."""
    if cache.holds_those_of(base.directory):
        return
    vectors = mapped_vectors(base.directory / VECTORS, cache.dimension)
    for (_, keys), rows in zip(_TABLES, rows_of(base.directory), strict=True):
        cache.take_over(np.load(base.directory / f"{keys}.npy"), vectors, rows)


def passage_blocks(
    folder: Path, cache: VectorCache, means: dict[str, NDArray[np.float32]]
) -> Iterator[NDArray[np.float32]]:
    """Yield the centred vectors of all passages, block by block."""
    rows = np.load(folder / "passage_rows.npy")
    spoken = np.load(folder / "places.npy", mmap_mode="r")["language"]
    middle = np.stack([means[name] for name in LANGUAGES])
    for at in range(0, len(rows), _BLOCK):
        block = floats(cache.vectors(rows[at : at + _BLOCK]))
        centre_rows(block, spoken[at : at + _BLOCK], middle)
        yield block


class _Finish:
    def __init__(self, tables: TableWriter, cache: VectorCache) -> None:
        self._tables, self._folder, self._base, self._cache = tables, tables.folder, tables.base, cache
        self._same = self._base is not None and cache.holds_those_of(self._base.directory)

    def write(self, priors: dict[str, NDArray[np.float32]], kind: str | None) -> Means:
        means = []
        for table, keys in _TABLES:
            sums, counts = self._vectors(table, keys)
            np.savez(self._folder / f"{table}_sums.npz", sums=sums, counts=counts)
            means.append({n: mean_of(sums[i], int(counts[i]), priors[n]) for i, n in enumerate(LANGUAGES)})
        how = self._index(means[0], kind)
        self._rows()
        self._write_lexical()
        return Means(means[0], means[1], means[2], how)

    def _index(self, means: dict[str, NDArray[np.float32]], kind: str | None) -> VectorIndex:
        kind = kind or kind_for(self._tables.passages)
        count, exact, at = 0 if kind == "elsewhere" else self._tables.passages, kind == "exact", 0
        rows = np.empty((count, self._cache.dimension), np.float16 if exact else np.float32)
        for block in passage_blocks(self._folder, self._cache, means) if count else ():
            rows[at : at + len(block)] = halves(block) if exact else block
            at += len(block)
        return write_vectors(self._folder / "passages.faiss", rows, kind=kind)

    def _languages(self, table: str, folder: Path) -> NDArray[np.uint8]:
        if table != "passage":
            spoken = np.asarray(np.load(folder / "sentence_languages.npy", mmap_mode="r"))
            return spoken if table == "sentence" else np.repeat(spoken, np.load(folder / "clause_counts.npy"))
        return np.asarray(np.load(folder / "places.npy", mmap_mode="r"))["language"]

    def _rows(self) -> None:
        """Write what is asked of many passages at once: the same numbers, counted from the beginning of all tables."""
        references = np.load(self._folder / "references.npy")
        places = np.load(self._folder / "places.npy", mmap_mode="r")
        rows = np.zeros(len(places), ROW)
        sizes = references["passages"]
        rows["reference"] = np.repeat(np.arange(1, len(references) + 1), sizes)
        rows["listing"] = np.repeat(references["listing"], sizes)
        rows["first_sentence"] = np.repeat(starts_of(references["sentences"])[:-1], sizes) + places["first_sentence"]
        rows["sentences"], rows["language"] = places["sentences"], places["language"]
        np.save(self._folder / "rows.npy", rows)
        np.save(self._folder / "clause_starts.npy", starts_of(np.load(self._folder / "clause_counts.npy")))

    def _write_lexical(self) -> None:
        """Write the lexical index: that of the snapshot before, less what went, and with what came."""
        base = self._base
        if base is None or all(run.base is None for run in self._tables.runs):
            self._tables.lexical.write(self._folder)
            return
        moved, new = np.full(int(base.starts["passages"][-1]), -1, np.int64), np.ones(self._tables.passages, bool)
        for at, first, last in self._copied("passages"):
            moved[first:last], new[at : at + last - first] = np.arange(at, at + last - first), False
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            self._tables.lexical.write(Path(folder))
            merge_lexical((base.directory, moved), (Path(folder), np.flatnonzero(new)), self._folder)

    def _vectors(self, table: str, keys: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Write which row of the vectors is whose in one table; return the sum and the count of the rows of each language.

        Halves are multiples of 2**-24, so doubles add up to half a billion of them without rounding: a sum that was corrected
        for what came and went is the sum of what is there.
        """
        base, cache = self._base, self._cache
        all_keys = np.load(self._folder / f"{keys}.npy", mmap_mode="r")
        rows, new = np.zeros(len(all_keys), np.uint32), np.ones(len(all_keys), bool)
        if base is not None:
            before = np.load(base.directory / f"{table}_rows.npy", mmap_mode="r")
            for at, first, last in self._copied(f"{table}s"):
                rows[at : at + last - first], new[at : at + last - first] = before[first:last], False
        places = np.flatnonzero(new)
        rows[places] = cache.rows(all_keys[places])
        sums, counts = np.zeros((len(LANGUAGES), cache.dimension)), np.zeros(len(LANGUAGES), np.int64)
        self._tally(sums, counts, rows[places], self._languages(table, self._folder)[places])
        if base is not None:
            self._copied_sums(table, base, sums, counts)
            if not self._same:
                rows = cache.rows(all_keys).astype(np.uint32)
        np.save(self._folder / f"{table}_rows.npy", rows)
        return sums, counts

    def _copied(self, table: str) -> Iterator[tuple[int, int, int]]:
        """What was copied, in order: where it begins, and the first and last row of the snapshot before."""
        starts, place = starts_of(np.load(self._folder / "references.npy", mmap_mode="r")[table]), 0
        for run in self._tables.runs:
            if self._base is not None and run.base is not None:
                yield int(starts[place]), *self._base.span(table, run)
            place += run.references

    def _copied_sums(self, table: str, base: Base, sums: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
        """Add what the copied rows sum up to: all of the snapshot before, less those that were not copied."""
        with np.load(base.directory / f"{table}_sums.npz") as before:
            sums += before["sums"]
            counts += before["counts"]
        starts, taken = base.starts[f"{table}s"], np.zeros(len(base.references), np.int64)
        for run in self._tables.runs:
            if run.base is not None:
                taken[run.base : run.base + run.references] += 1
        keys = np.load(base.directory / f"{dict(_TABLES)[table]}.npy", mmap_mode="r")
        codes = self._languages(table, base.directory)
        for times in np.unique(taken[taken != 1]).tolist():
            places = [np.arange(starts[place], starts[place + 1]) for place in np.flatnonzero(taken == times)]
            some = np.concatenate(places)
            gone, gone_counts = np.zeros_like(sums), np.zeros_like(counts)
            self._tally(gone, gone_counts, self._cache.rows(keys[some]), codes[some])
            sums += (times - 1) * gone
            counts += (times - 1) * gone_counts

    def _tally(
        self, sums: NDArray[np.float64], counts: NDArray[np.int64], rows: NDArray[np.integer], codes: NDArray[np.uint8]
    ) -> None:
        """Add up the vectors of those rows, of each language alone."""
        for code in range(len(LANGUAGES)):
            own = rows[codes == code]
            for at in range(0, len(own), _BLOCK):
                sums[code] += floats(self._cache.vectors(own[at : at + _BLOCK])).sum(axis=0, dtype=np.float64)
            counts[code] += len(own)
