"""A snapshot on disk, opened read-only and checked. Knows no pages, no embedder and no question.

    DATA/
      CURRENT                 name of the published snapshot, replaced in one step
      snapshots/NAME/
        manifest.json         written last: format, embedder, means, counts, sha256 of every other file
        report.json           the contract's status document, with an item a reference
        index.sqlite          texts, passages, and the lexical index (FTS5 over terms, see ``index.terms``)
        passages.faiss        centred passage vectors, id = passage id
        passages.npy          raw passage vectors (n, d) float16, with passage_keys.npy: what the next build reuses
        sentences.npy         raw sentence vectors (m, d) float16, with sentence_keys.npy and spans.npy (m, 2) offsets

``index.publish`` writes what is read here.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.centre import centred
from index.errors import NoSnapshotError
from index.manifest import Manifest, current_name, read_manifest, stored_item
from index.records import Item, Sentence
from index.vectors import Vectors


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


class Snapshot:
    """One complete published index; safe to use from many threads."""

    def __init__(self, directory: Path, manifest: Manifest, items: tuple[Item, ...], report: dict[str, Any]) -> None:
        self.directory = directory
        self.manifest = manifest
        self.name = manifest.name
        self.items = items
        self._by_number = {item.number: item for item in items}
        self._report = report
        self._vectors = Vectors(directory / "passages.faiss")
        self._raw_passages = np.load(directory / "passages.npy", mmap_mode="r")
        self._raw_sentences = np.load(directory / "sentences.npy", mmap_mode="r")
        self._spans = np.load(directory / "spans.npy", mmap_mode="r")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []

    @classmethod
    def open(cls, data: Path) -> Snapshot:
        """Open the published snapshot, checking every file's hash.

        Raises:
            NoSnapshotError: nothing was built yet.
            StoreError: a file is missing or damaged.
        """
        name = current_name(Path(data))
        if name is None:
            raise NoSnapshotError(f"There is no index in {data}: run `citeback rebuild` first.")
        return cls.open_directory(Path(data) / "snapshots" / name)

    @classmethod
    def open_directory(cls, directory: Path) -> Snapshot:
        """Open one snapshot folder, published or not."""
        manifest, report = read_manifest(directory)
        items = tuple(stored_item(row) for row in report["items"])
        return cls(directory, manifest, items, report)

    def report(self) -> dict[str, Any]:
        """Return the contract's status document (a copy)."""
        copy: dict[str, Any] = json.loads(json.dumps(self._report))
        return copy

    def item(self, number: int) -> Item | None:
        """Return the reference of that number."""
        return self._by_number.get(number)

    def text(self, number: int) -> str:
        """Return the stored Markdown; for an unread reference the list's own words; "" for an unknown number."""
        row = self._connection().execute("SELECT text FROM texts WHERE number = ?", (number,)).fetchone()
        return str(row[0]) if row else ""

    def page_of(self, number: int, offset: int) -> int | None:
        """Return the page (from 1) of a PDF on which a character of its stored text stands; None for all else."""
        row = self._connection().execute("SELECT page_starts FROM texts WHERE number = ?", (number,)).fetchone()
        starts = json.loads(row[0]) if row else []
        return max(bisect_right(starts, offset), 1) if starts else None

    def passages(self, ids: Sequence[int]) -> list[PassageRow]:
        """Return the passages of those ids, in that order."""
        return [self.passage(passage) for passage in ids]

    def passage(self, passage: int) -> PassageRow:
        """Return one passage. Raises KeyError for an unknown id."""
        row = (
            self._connection()
            .execute(
                "SELECT reference, start, end, heading, text, listing, language, first_sentence, sentences "
                "FROM passages WHERE id = ?",
                (passage,),
            )
            .fetchone()
        )
        if row is None:
            raise KeyError(passage)
        spans = self._spans[row[7] : row[7] + row[8]]
        return PassageRow(
            passage,
            row[0],
            row[1],
            row[2],
            tuple(json.loads(row[3])),
            row[4],
            bool(row[5]),
            row[6],
            tuple(Sentence(int(start), int(end)) for start, end in spans),
            row[7],
        )

    def nearest(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage id, centred cosine) for a centred unit question vector, best first."""
        return self._vectors.nearest(vector, k, allowed)

    def lexical(
        self, terms: Sequence[str], k: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage id, BM25) of passages that hold any of the terms, best (highest) first."""
        wanted = sorted(set(terms))
        if not wanted or k <= 0 or (allowed is not None and not len(allowed)):
            return []
        query = " OR ".join('"' + term.replace('"', '""') + '"' for term in wanted)
        limit, narrowed = k, ""
        if allowed is not None:
            narrowed = "AND rowid IN (SELECT value FROM json_each(?))"
        arguments: list[Any] = (
            [query] + ([json.dumps([int(i) + 1 for i in allowed])] if allowed is not None else []) + [limit]
        )
        rows = (
            self._connection()
            .execute(
                f"SELECT rowid - 1, -rank FROM lexical WHERE lexical MATCH ? {narrowed} ORDER BY rank, rowid LIMIT ?",
                arguments,
            )
            .fetchall()
        )
        return [(int(passage), float(score)) for passage, score in rows]

    def document_frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """Return in how many passages each term stands (0 for an unknown one)."""
        found = dict.fromkeys(terms, 0)
        for term in found:
            row = self._connection().execute("SELECT doc FROM vocabulary WHERE term = ?", (term,)).fetchone()
            found[term] = int(row[0]) if row else 0
        return found

    def terms_of(self, ids: Sequence[int]) -> list[frozenset[str]]:
        """Return the terms of each passage: list title, topic and note, heading path and text."""
        connection = self._connection()
        query = "SELECT terms FROM lexical WHERE rowid = ?"
        return [frozenset(connection.execute(query, (int(passage) + 1,)).fetchone()[0].split(" ")) for passage in ids]

    def passage_vectors(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return (n, d) centred unit rows of those passages."""
        languages = [self.passage_languages[passage] for passage in ids]
        return centred(np.asarray(self._raw_passages[list(ids)], np.float32), languages, self._passage_means)

    def sentence_vectors(self, first: int, count: int, language: str) -> NDArray[np.float32]:
        """Return (count, d) centred unit rows of consecutive sentences of one passage, in that language."""
        rows = np.asarray(self._raw_sentences[first : first + count], np.float32)
        return centred(rows, [language] * len(rows), self._sentence_means)

    def sentences_of(self, passages: Sequence[PassageRow]) -> list[NDArray[np.float32]]:
        """Return what ``sentence_vectors`` does for each of many passages, at once: a tenth of the time."""
        spans = [slice(p.first_sentence, p.first_sentence + len(p.sentences)) for p in passages]
        if not spans:
            return []
        rows = np.concatenate([self._raw_sentences[span] for span in spans]).astype(np.float32)
        languages = [p.language for p in passages for _ in p.sentences]
        ends = np.cumsum([len(p.sentences) for p in passages])[:-1]
        return np.split(centred(rows, languages, self._sentence_means), ends)

    def passages_of(self, references: Collection[int]) -> NDArray[np.int64]:
        """Return the passage ids of those references, ascending."""
        return np.flatnonzero(np.isin(self.passage_references, list(references))).astype(np.int64)

    @cached_property
    def passage_references(self) -> NDArray[np.int64]:
        """The reference number of every passage, by passage id."""
        return np.asarray(
            [row[0] for row in self._connection().execute("SELECT reference FROM passages ORDER BY id")], np.int64
        )

    @cached_property
    def passage_languages(self) -> tuple[str, ...]:
        """The language of every passage, by passage id."""
        return tuple(row[0] for row in self._connection().execute("SELECT language FROM passages ORDER BY id"))

    @cached_property
    def _passage_means(self) -> dict[str, NDArray[np.float32]]:
        return {name: np.asarray(mean, np.float32) for name, mean in self.manifest.passage_means.items()}

    @cached_property
    def _sentence_means(self) -> dict[str, NDArray[np.float32]]:
        return {name: np.asarray(mean, np.float32) for name, mean in self.manifest.sentence_means.items()}

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # immutable: a published snapshot never changes, so no lock and no journal file is ever made beside it
            address = (self.directory / "index.sqlite").absolute().as_uri() + "?mode=ro&immutable=1"
            connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Close the database handles; the snapshot must not be used afterwards."""
        while self._connections:
            self._connections.pop().close()
        self._local = threading.local()
