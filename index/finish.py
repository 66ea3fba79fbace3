"""The second half of a snapshot's tables, when every vector is known: vectors, what they sum up to, and the two indexes.

What was copied is copied here too. Knows no text and no embedder. See ``index.tables`` for the first half.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.centre import LANGUAGES, centre_rows, mean_of
from index.layout import Growing, starts_of
from index.lexical_merge import merge_lexical
from index.mapped import floats
from index.rows import ROW
from index.tables import Base, Run, TableWriter
from index.vectors import VectorIndex, write_vectors

_BLOCK = 8192  # rows of vectors in memory at a time

Lookup = Callable[[NDArray[np.void]], NDArray[np.float16]]
"""Keys of texts -> their vectors."""


@dataclass(frozen=True, slots=True)
class Means:
    """The mean vector of each language, of passages, sentences and clauses, and how the passages' vectors are indexed."""

    passages: dict[str, NDArray[np.float32]]
    sentences: dict[str, NDArray[np.float32]]
    clauses: dict[str, NDArray[np.float32]]
    vectors: VectorIndex


def finish(
    tables: TableWriter, dimension: int, lookup: Lookup, priors: dict[str, NDArray[np.float32]], *, kind: str | None = None
) -> Means:  # fmt: skip
    """Write the vectors and the indexes of closed tables; ``priors`` are the means of general statements (``index.centre``).

    ``kind`` is that of the vector index (``index.vectors``), the one that fits when None.
    """
    return _Finish(tables).write(dimension, lookup, priors, kind)


def passage_blocks(folder: Path, means: dict[str, NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Yield the centred vectors of all passages, block by block."""
    raw = np.load(folder / "passages.npy", mmap_mode="r")
    spoken = np.load(folder / "places.npy", mmap_mode="r")["language"]
    middle = np.stack([means[name] for name in LANGUAGES])
    for at in range(0, len(raw), _BLOCK):
        block = floats(np.asarray(raw[at : at + _BLOCK]))
        centre_rows(block, spoken[at : at + _BLOCK], middle)
        yield block


class _Finish:
    def __init__(self, tables: TableWriter) -> None:
        self._tables, self._folder, self._base = tables, tables.folder, tables.base

    def write(self, dimension: int, lookup: Lookup, priors: dict[str, NDArray[np.float32]], kind: str | None) -> Means:
        means = []
        for table, keys in (("passages", "passage_keys"), ("sentences", "sentence_keys"), ("clauses", "clause_keys")):
            sums, counts = self._vectors(table, keys, dimension, lookup)
            np.savez(self._folder / f"{table}_sums.npz", sums=sums, counts=counts)
            means.append({n: mean_of(sums[i], int(counts[i]), priors[n]) for i, n in enumerate(LANGUAGES)})
        how = self._index(means[0], dimension, kind)
        self._rows()
        self._write_lexical()
        return Means(means[0], means[1], means[2], how)

    def _index(self, means: dict[str, NDArray[np.float32]], dimension: int, kind: str | None) -> VectorIndex:
        count = 0 if kind == "elsewhere" else self._tables.passages
        rows, at = np.empty((count, dimension), np.float32), 0
        for block in passage_blocks(self._folder, means) if count else ():
            rows[at : at + len(block)] = block
            at += len(block)
        return write_vectors(self._folder / "passages.faiss", rows, kind=kind)

    def _languages(self, table: str, folder: Path) -> NDArray[np.uint8]:
        if table != "passages":
            spoken = np.asarray(np.load(folder / "sentence_languages.npy", mmap_mode="r"))
            return spoken if table == "sentences" else np.repeat(spoken, np.load(folder / "clause_counts.npy"))
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
        sizes = np.load(self._folder / "references.npy", mmap_mode="r")["passages"]
        moved = np.full(int(base.starts["passages"][-1]), -1, np.int64)
        added = []
        at = place = 0
        for run in self._tables.runs:
            if run.base is None:
                count = int(sizes[place])
                added.append(np.arange(at, at + count))
            else:
                first, last = base.span("passages", run)
                count = last - first
                moved[first:last] = np.arange(at, at + count)
            at, place = at + count, place + run.references
        new = np.concatenate([np.zeros(0, np.int64), *added])
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            self._tables.lexical.write(Path(folder))
            merge_lexical((base.directory, moved), (Path(folder), new), self._folder)

    def _vectors(
        self, table: str, keys: str, dimension: int, lookup: Lookup
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Write one table of vectors; return the sum and the count of the rows of each language.

        Halves are multiples of 2**-24, so doubles add up to half a billion of them without rounding: a sum that was corrected
        for what came and went is the sum of what is there.
        """
        base = self._base
        sums, counts = np.zeros((len(LANGUAGES), dimension)), np.zeros(len(LANGUAGES), np.int64)
        all_keys = np.load(self._folder / f"{keys}.npy", mmap_mode="r")
        codes = self._languages(table, self._folder)
        at = 0
        with Growing(self._folder / f"{table}.npy", np.float16, dimension) as file:
            for first, last, run in self._spans(table, base, len(all_keys)):
                if run is not None and base is not None:
                    file.copy(base.directory / f"{table}.npy", first, last)
                    at += last - first
                    continue
                for block in range(at, at + last - first, _BLOCK):
                    end = min(block + _BLOCK, at + last - first)
                    rows = lookup(np.asarray(all_keys[block:end]))
                    file.add(rows)
                    _tally(sums, counts, rows, np.asarray(codes[block:end]))
                at += last - first
        if base is not None:
            self._copied_sums(table, base, sums, counts)
        return sums, counts

    def _spans(self, table: str, base: Base | None, total: int) -> Iterator[tuple[int, int, Run | None]]:
        """The rows to write in order: (first, last, run) of the snapshot before, or (0, so many, None) new ones."""
        if base is None:
            yield 0, total, None
            return
        sizes = np.load(self._folder / "references.npy", mmap_mode="r")[table]
        place = new = 0
        for run in self._tables.runs:
            if run.base is None:
                new += int(sizes[place])
            else:
                if new:
                    yield 0, new, None
                new = 0
                yield (*base.span(table, run), run)
            place += run.references
        if new:
            yield 0, new, None

    def _copied_sums(self, table: str, base: Base, sums: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
        """Add what the copied rows sum up to: all of the snapshot before, less those that were not copied."""
        with np.load(base.directory / f"{table}_sums.npz") as before:
            sums += before["sums"]
            counts += before["counts"]
        starts, taken = base.starts[table], np.zeros(len(base.references), np.int64)
        for run in self._tables.runs:
            if run.base is not None:
                taken[run.base : run.base + run.references] += 1
        raw = np.load(base.directory / f"{table}.npy", mmap_mode="r")
        codes = self._languages(table, base.directory)
        for place in np.flatnonzero(taken != 1):
            rows = slice(int(starts[place]), int(starts[place + 1]))
            gone, gone_counts = np.zeros_like(sums), np.zeros_like(counts)
            _tally(gone, gone_counts, np.asarray(raw[rows]), np.asarray(codes[rows]))
            sums += (taken[place] - 1) * gone
            counts += (taken[place] - 1) * gone_counts


def _tally(
    sums: NDArray[np.float64], counts: NDArray[np.int64], rows: NDArray[np.float16], codes: NDArray[np.uint8]
) -> None:
    for code in range(len(LANGUAGES)):
        chosen = rows[codes == code]
        sums[code] += chosen.sum(axis=0, dtype=np.float64)
        counts[code] += len(chosen)
