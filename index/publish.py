"""Write a snapshot whole, make it current in one step, keep the last three, go back. Knows no pages, no model.

A build writes into ``snapshots/.NAME.part``; the manifest comes last, then the folder is renamed, then CURRENT is
replaced. Whoever is killed anywhere before that leaves the previous snapshot as it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.centre import LANGUAGES, centred
from index.errors import BusyError, NoSnapshotError, StoreError
from index.lexical import LexicalWriter
from index.manifest import FORMAT, Manifest, current_name
from index.records import Passage
from index.rows import ROW
from index.terms import terms
from index.vectors import write_vectors

KEPT = 3


@dataclass(frozen=True, slots=True)
class StoredText:
    """The text of one reference with its passages; ``listing`` where the text is the list's own words.

    ``page_starts`` are the offsets at which the pages of a PDF begin.
    """

    number: int
    text: str
    context: str
    passages: tuple[Passage, ...]
    languages: tuple[str, ...]
    listing: bool
    page_starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class VectorTable:
    """Raw vectors (n, d) float16 with the 16-byte key of the text that each was made from."""

    keys: NDArray[np.void]
    vectors: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything a snapshot is made of, in passage order.

    The clauses of sentence i are the rows ``clause_starts[i]`` to ``clause_starts[i + 1]`` of ``clauses``; None: no clauses.
    """

    report: dict[str, Any]
    texts: Sequence[StoredText]
    passages: VectorTable
    sentences: VectorTable
    manifest: Manifest
    clauses: VectorTable | None = None
    clause_starts: Sequence[int] = ()


@contextlib.contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the data folder for one build.

    Raises:
        BusyError: another build holds it.
        StoreError: the folder cannot be written.
    """
    import fcntl

    try:
        data.mkdir(parents=True, exist_ok=True)
        handle = (data / "rebuild.lock").open("a")
    except OSError as error:
        raise StoreError(
            f"The data folder {data} cannot be written ({error.strerror}): choose another with --data."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError(
                f"Another rebuild is at work in {data}: wait for it to end, or use another folder with --data."
            ) from error
        yield


def publish(data: Path, contents: Contents) -> str:
    """Write the snapshot and make it current; return its name.

    Raises:
        StoreError: it could not be written; the previous snapshot stays current.
    """
    name = contents.manifest.name
    folder = data / "snapshots"
    part = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".*.part"):
            shutil.rmtree(leftover)
        part.mkdir()
        _write(part, contents)
        part.rename(folder / name)
        _point(data, name)
        _prune(data, name)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise StoreError(
            f"The snapshot could not be written to {folder} ({error}): the previous one stays in use; "
            "free space or fix permissions."
        ) from error
    return name


def rollback(data: Path) -> str:
    """Make the snapshot before the current one current again; return its name.

    Raises:
        NoSnapshotError: there is none to go back to.
    """
    current = current_name(data)
    older = [name for name in snapshot_names(data) if current is not None and name < current]
    if not older:
        raise NoSnapshotError(f"There is no earlier snapshot in {data} to go back to; the last {KEPT} are kept.")
    _point(data, older[-1])
    return older[-1]


def snapshot_names(data: Path) -> list[str]:
    """Return the complete snapshots, oldest first."""
    return sorted(
        entry.parent.name
        for entry in (data / "snapshots").glob("*/manifest.json")
        if not entry.parent.name.startswith(".")
    )


def last_lists(data: Path) -> tuple[str, ...]:
    """Return the lists of the current snapshot, else of the newest whose manifest can be read; () before the first build.

    Raises:
        StoreError: there are snapshots, and no manifest of them can be read.
    """
    names = list(filter(None, dict.fromkeys([current_name(data), *reversed(snapshot_names(data))])))
    for name in names:
        try:
            document = json.loads((data / "snapshots" / name / "manifest.json").read_text(encoding="utf-8"))
            return tuple(str(source) for source in document["lists"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # the next older one may say it
    if names:
        raise StoreError(
            f"No snapshot in {data} can be read any more, so the lists of the last build are not known: "
            "name them, `citeback rebuild LIST ...`; every stored page is kept."
        )
    return ()


def _point(data: Path, name: str) -> None:
    fresh = data / ".CURRENT.part"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(data / "CURRENT")


def _prune(data: Path, current: str) -> None:
    names = snapshot_names(data)
    for name in names[: max(len(names) - KEPT, 0)]:
        if name != current:
            shutil.rmtree(data / "snapshots" / name, ignore_errors=True)


def _write(part: Path, contents: Contents) -> None:
    _write_database(part, contents.texts)
    np.save(part / "passages.npy", contents.passages.vectors)
    np.save(part / "passage_keys.npy", contents.passages.keys)
    np.save(part / "sentences.npy", contents.sentences.vectors)
    np.save(part / "sentence_keys.npy", contents.sentences.keys)
    _write_clauses(part, contents)
    spans = [(s.start, s.end) for text in contents.texts for s in ordered_sentences(text.passages)]
    np.save(part / "spans.npy", np.asarray(spans, np.int64).reshape(-1, 2))
    languages = [language for text in contents.texts for language in text.languages]
    means = {name: np.asarray(mean, np.float32) for name, mean in contents.manifest.passage_means.items()}
    rows = centred(np.asarray(contents.passages.vectors, np.float32), languages, means)
    contents.report["vectors"] = asdict(write_vectors(part / "passages.faiss", rows))
    (part / "report.json").write_text(json.dumps(contents.report, ensure_ascii=False), encoding="utf-8")
    files, sizes = {}, {}
    for path in sorted(part.iterdir()):
        with path.open("r+b") as file:
            os.fsync(file.fileno())
            files[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
            sizes[path.name] = path.stat().st_size
    about = replace(contents.manifest, vectors=contents.report["vectors"])
    manifest = {"format": FORMAT, **asdict(about), "files": files, "sizes": sizes}
    with (part / "manifest.json").open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())


def _write_clauses(part: Path, contents: Contents) -> None:
    sentences, width = contents.sentences.vectors.shape
    table = contents.clauses or VectorTable(contents.sentences.keys[:0], np.zeros((0, width), np.float16))
    np.save(part / "clauses.npy", table.vectors)
    np.save(part / "clause_keys.npy", table.keys)
    np.save(part / "clause_starts.npy", np.asarray(contents.clause_starts or [0] * (sentences + 1), np.int64))


def ordered_sentences(passages: Sequence[Passage]) -> list[Any]:
    """Return the distinct sentences of an article in order: neighbours share one, which is stored once."""
    return sorted(
        {sentence for passage in passages for sentence in passage.sentences}, key=lambda sentence: sentence.start
    )


def _write_database(part: Path, texts: Sequence[StoredText]) -> None:
    lexical = LexicalWriter()
    columns: list[tuple[int, int, int, int, bool]] = []
    with contextlib.closing(sqlite3.connect(part / "index.sqlite")) as connection:
        connection.executescript("""
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            CREATE TABLE texts (number INTEGER PRIMARY KEY, text TEXT NOT NULL, page_starts TEXT NOT NULL);
            CREATE TABLE passages (id INTEGER PRIMARY KEY, start INTEGER, end INTEGER, heading TEXT, text TEXT);
        """)
        first = 0
        for stored in texts:
            connection.execute(
                "INSERT INTO texts VALUES (?, ?, ?)", (stored.number, stored.text, json.dumps(stored.page_starts))
            )
            sentences = ordered_sentences(stored.passages)
            rows = {sentence: first + row for row, sentence in enumerate(sentences)}
            for passage, language in zip(stored.passages, stored.languages, strict=True):
                heading = json.dumps(passage.heading, ensure_ascii=False)
                connection.execute(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
                    (len(columns), passage.start, passage.end, heading, passage.text),
                )
                columns.append(
                    (
                        stored.number,
                        rows[passage.sentences[0]],
                        len(passage.sentences),
                        LANGUAGES.index(language),
                        stored.listing,
                    )
                )
                lexical.add(terms("\n".join([stored.context, *passage.heading, passage.text])))
            first += len(sentences)
        connection.commit()
    np.save(part / "rows.npy", np.array(columns, ROW))
    lexical.write(part)
