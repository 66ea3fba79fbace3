"""A snapshot on disk, opened read-only and checked. Knows no pages, no embedder and no question.

    DATA/
      CURRENT                 name of the published snapshot, replaced in one step
      snapshots/NAME/
        manifest.json         written last: format, embedder, means, counts, a hash of every other file
        report.json           the contract's status document, with an item a reference
        texts.bin, marks.bin  the text of every reference one after the other; heading paths and page starts
        references.npy ...    how much of each table belongs to a reference, and its passages (``index.layout``)
        rows.npy              what is asked of many passages at once (``index.rows``), by passage id
        postings.npy ...      which passages hold which terms: five files of ``index.lexical``
        passages.faiss        centred passage vectors, id = passage id
        vectors.bin           raw vectors (r, d) float16 of this embedder: another name of the file in DATA/vectors (``index.vectorcache``)
        passage_rows.npy      which of them is each passage's (n,), with passage_keys.npy: what the next build reuses
        sentence_rows.npy     which is each sentence's (m,), with sentence_keys.npy and spans.npy (m, 2) offsets
        clause_rows.npy       which are those of the clauses of long sentences, with clause_keys.npy and clause_starts.npy (m + 1,)
        *_sums.npz            what the rows of each language add up to, from which the next build goes on

``index.publish`` writes what is read here.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.centre import LANGUAGES, centre_rows, centred, centred_cosines
from index.errors import NoSnapshotError
from index.lexical import Lexical
from index.manifest import VECTORS, Manifest, current_name, read_manifest, stored_item
from index.mapped import MappedRows, bytes_of, floats, mapped, mapped_vectors
from index.records import Item, Sentence
from index.rows import Candidates, Lines
from index.vectors import VectorIndex, Vectors

_KEPT = 512  # passages that answers looked at last


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage as stored: ``text == stored_text[start:end]`` of its reference.

    ``listing`` marks the list's own words (title, topic, note) that stand for a page nobody could read. Sentence i has
    the absolute span ``sentences[i]`` and the vector row ``first_sentence + i``.
    """

    id: int
    reference: int
    start: int
    end: int
    heading: tuple[str, ...]
    text: str
    listing: bool
    language: str
    sentences: tuple[Sentence, ...]
    first_sentence: int


class Search(Protocol):
    """The two searches over all passages, best first: in files of the snapshot, or elsewhere."""

    def nearest(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage id, centred cosine) for a centred unit question vector."""

    def lexical(
        self, terms: Sequence[str], k: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage id, BM25) of passages that hold any of the terms."""

    def close(self) -> None:
        """Let go of what is held open."""


class _Files:
    """The searches in the snapshot's own files."""

    def __init__(self, directory: Path, manifest: Manifest, lexical: Lexical) -> None:
        self.nearest = Vectors(directory / "passages.faiss", VectorIndex(**manifest.vectors)).nearest
        self.lexical = lexical.search

    def close(self) -> None:
        """Nothing: files that are mapped go when nobody reads them."""


class Snapshot:
    """One complete published index; safe to use from many threads."""

    def __init__(
        self, directory: Path, manifest: Manifest, items: tuple[Item, ...], report: dict[str, Any], *, token: str = ""
    ) -> None:
        self.directory = directory
        self.manifest = manifest
        self.name = manifest.name
        self.items = items
        self._by_number = {item.number: item for item in items}
        self._report = report
        self._lexical = Lexical(directory)
        self.rows = mapped(directory / "rows.npy")
        self._search = self._found(token)
        self._vectors = MappedRows(mapped_vectors(directory / VECTORS, manifest.dimension))
        self._passage_rows = mapped(directory / "passage_rows.npy")
        self._sentence_rows = mapped(directory / "sentence_rows.npy")
        self._clause_rows = mapped(directory / "clause_rows.npy")
        self._clause_starts = mapped(directory / "clause_starts.npy")
        self._spans = mapped(directory / "spans.npy")
        self._passage_means = np.asarray([manifest.passage_means[name] for name in LANGUAGES], np.float32)
        self._sentence_means = np.asarray([manifest.sentence_means[name] for name in LANGUAGES], np.float32)
        clause_means = manifest.clause_means or manifest.sentence_means
        self._clause_means = np.asarray([clause_means[name] for name in LANGUAGES], np.float32)
        self._references = mapped(directory / "references.npy")
        self._places = mapped(directory / "places.npy")
        self._text_starts = np.concatenate([[0], np.cumsum(self._references["text"])])
        self._mark_starts = np.concatenate([[0], np.cumsum(self._references["marks"])])
        self._texts = bytes_of(directory / "texts.bin")
        self._marks = bytes_of(directory / "marks.bin")
        self._kept = lru_cache(maxsize=_KEPT)(self._passage)

    @classmethod
    def open(cls, data: Path, *, whole: bool = False, token: str = "") -> Snapshot:
        """Open the published snapshot, its files checked (``index.manifest.HASHED``); ``whole``: every byte of them.

        ``token`` opens the Milvus that holds the passages, where one does.

        Raises:
            NoSnapshotError: nothing was built yet.
            StoreError: a file is missing or damaged.
        """
        name = current_name(Path(data))
        if name is None:
            raise NoSnapshotError(f"There is no index in {data}: run `citeback rebuild` first.")
        return cls.open_directory(Path(data) / "snapshots" / name, whole=whole, token=token)

    @classmethod
    def open_directory(cls, directory: Path, *, whole: bool = False, token: str = "") -> Snapshot:
        """Open one snapshot folder, published or not."""
        manifest, report = read_manifest(directory, whole=whole)
        items = tuple(stored_item(row) for row in report["items"])
        return cls(directory, manifest, items, report, token=token)

    def _found(self, token: str) -> Search:
        store = self.manifest.store
        if not store:
            return _Files(self.directory, self.manifest, self._lexical)
        from index.milvus import MilvusSearch

        return MilvusSearch(store["uri"], token, store["collection"], self.rows["reference"])

    def report(self) -> dict[str, Any]:
        """Return the contract's status document (a copy)."""
        copy: dict[str, Any] = json.loads(json.dumps(self._report))
        return copy

    def item(self, number: int) -> Item | None:
        """Return the reference of that number."""
        return self._by_number.get(number)

    def text(self, number: int) -> str:
        """Return the stored Markdown; for an unread reference the list's own words; "" for an unknown number."""
        if not 1 <= number <= len(self._references):
            return ""
        return self._text(number - 1, 0, int(self._references["text"][number - 1]))

    def _text(self, place: int, first: int, count: int) -> str:
        """Bytes of the text of the reference at that place."""
        at = int(self._text_starts[place]) + first
        return self._texts[at : at + count].decode("utf-8", "surrogatepass")

    def _mark(self, place: int, first: int, count: int) -> Any:
        """A heading path or the page starts of the reference at that place."""
        at = int(self._mark_starts[place]) + first
        return json.loads(self._marks[at : at + count].decode("utf-8", "surrogatepass") or "[]")

    def page_of(self, number: int, offset: int) -> int | None:
        """Return the page (from 1) of a PDF on which a character of its stored text stands; None for all else."""
        known = 1 <= number <= len(self._references)
        starts = self._mark(number - 1, 0, int(self._references["pages"][number - 1])) if known else []
        return max(bisect_right(starts, offset), 1) if starts else None

    def passages(self, ids: Sequence[int]) -> list[PassageRow]:
        """Return the passages of those ids, in that order; the last ones are kept. Raises KeyError for an unknown id."""
        return [self.passage(int(passage)) for passage in ids]

    def passage(self, passage: int) -> PassageRow:
        """Return one passage. Raises KeyError for an unknown id."""
        return self._kept(passage)

    def _passage(self, passage: int) -> PassageRow:
        if not 0 <= passage < len(self.rows):
            raise KeyError(passage)
        # whole rows at a time: asking a row for one field after the other takes longer than all the rest
        reference, first, count, code, listing = self.rows[passage].item()
        start, end, first_byte, size, mark, mark_size, *_ = self._places[passage].item()
        return PassageRow(
            int(passage),
            reference,
            start,
            end,
            tuple(self._mark(reference - 1, mark, mark_size)),
            self._text(reference - 1, first_byte, size),
            listing,
            LANGUAGES[code],
            tuple(Sentence(*span) for span in self._spans[first : first + count].tolist()),
            first,
        )

    def nearest(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage id, centred cosine) for a centred unit question vector, best first."""
        return self._search.nearest(vector, k, allowed)

    def lexical(
        self, terms: Sequence[str], k: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage id, BM25) of passages that hold any of the terms, best (highest) first."""
        return self._search.lexical(terms, k, allowed)

    def document_frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """Return in how many passages each term stands (0 for an unknown one)."""
        wanted = list(terms)
        return dict(zip(wanted, self._lexical.frequencies(wanted).tolist(), strict=True))

    def candidates(self, ids: Sequence[int], vector: NDArray[np.float32], terms: Sequence[str]) -> Candidates:
        """Return what those passages are first scored by, in that order; ``vector`` is a centred question."""
        places = np.asarray(ids, np.int64)
        rows = self.rows[places]
        vectors = self._taken(self._passage_rows, places)
        cosines = centred_cosines(vectors, rows["language"], self._passage_means, vector)
        return Candidates(places, rows, cosines, self._lexical.held(places, terms))

    def lines(self, ids: Sequence[int], vector: NDArray[np.float32]) -> Lines:
        """Return how near the sentences of those passages come to a centred question, passage by passage."""
        rows = self.rows[np.asarray(ids, np.int64)]
        counts = rows["sentences"].astype(np.int64)
        wanted = _spread(rows["first_sentence"], counts)
        spoken = np.repeat(rows["language"], counts)
        lines = centred_cosines(self._taken(self._sentence_rows, wanted), spoken, self._sentence_means, vector)
        return Lines(lines, self._best_clauses(wanted, spoken, lines, vector), np.cumsum(counts))

    def _best_clauses(
        self, sentences: NDArray[np.int64], spoken: NDArray[np.uint8], lines: NDArray[np.float32], vector: NDArray[np.float32]
    ) -> NDArray[np.float32]:  # fmt: skip
        starts = self._clause_starts[sentences]
        counts = self._clause_starts[sentences + 1] - starts
        long = np.flatnonzero(counts)
        if not len(long):
            return lines
        rows, codes = _spread(starts[long], counts[long]), np.repeat(spoken[long], counts[long])
        cosines = centred_cosines(self._taken(self._clause_rows, rows), codes, self._clause_means, vector)
        best = lines.copy()
        best[long] = np.maximum.reduceat(cosines, np.cumsum(counts[long]) - counts[long])
        return best

    def _taken(self, table: NDArray[np.uint32], places: NDArray[np.int64]) -> NDArray[np.float32]:
        return floats(self._vectors.taken(table[places]))

    def holds(self, passage: int, terms: Collection[str]) -> bool:
        """Return whether any of the terms stands in that passage or in what the list says of it."""
        return bool(self._lexical.held(np.asarray([passage], np.int64), list(terms)).any())

    def passage_vectors(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return (n, d) centred unit rows of those passages."""
        places = np.asarray(ids, np.int64)
        vectors = self._taken(self._passage_rows, places)
        centre_rows(vectors, self.rows["language"][places], self._passage_means)
        return vectors

    def sentence_vectors(self, passage: PassageRow) -> NDArray[np.float32]:
        """Return the centred unit rows of the sentences of a passage, in order."""
        count = len(passage.sentences)
        places = np.arange(passage.first_sentence, passage.first_sentence + count)
        means = dict(zip(LANGUAGES, self._sentence_means, strict=True))
        return centred(self._taken(self._sentence_rows, places), [passage.language] * count, means)

    def passages_of(self, references: Collection[int]) -> NDArray[np.int64]:
        """Return the passage ids of those references, ascending."""
        return np.flatnonzero(np.isin(self.rows["reference"], list(references))).astype(np.int64)

    def close(self) -> None:
        """Let go of the texts and of another store; the snapshot must not be used afterwards."""
        self._search.close()
        self._texts, self._marks = b"", b""


def _spread(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows start, start + 1, ... of each (start, count), one after the other."""
    ends = np.cumsum(counts)
    return np.asarray(np.repeat(starts - ends + counts, counts) + np.arange(int(counts.sum())), np.int64)
