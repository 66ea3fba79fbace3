"""Every vector that was ever computed, by the text it stands for, one folder an embedder; outlives all snapshots.

    DATA/vectors/NAME/
      about.json      the embedder, its dimension, how many rows a power cut cannot have spoilt, and their hashes
      vectors.bin     rows of float16; only ever appended to. Row 0 is zero, the vector of a blank text
      keys.bin        16-byte keys of their texts, written after their vectors

Snapshots hold the file of vectors as a second name of it (a hard link) and say which row is whose, so that a vector is stored once
and a small change copies none. A build that is killed loses no vector; a list that changes back and an embedder that is
switched back embed nothing twice. Bounded: see ``trim``. Knows no texts and no embedder.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.keys import Keys, firsts
from index.layout import KEY
from index.manifest import VECTORS, WIDE, WINDOW, digests

FEWEST = 50_000
"""Rows that are always kept."""
EMBEDDERS = 3
"""Embedders whose vectors are kept."""
_AT_A_TIME = 1 << 16  # rows
_FORMAT = 2


class VectorCache:
    """The vectors of one embedder, opened for one build.

    What is kept is hashed first, but for what was just ``verified``: another name of the file and what a snapshot says of it
    (``index.manifest.Manifest.stored``). Where a disk changed it, it is not used.
    """

    def __init__(
        self, data: Path, embedder: str, dimension: int, verified: tuple[Path, Mapping[str, Any]] | None = None
    ) -> None:
        self._root = data / "vectors"
        self.folder = self._root / slug(embedder)
        self._about = {"format": _FORMAT, "embedder": embedder, "dimension": dimension}
        self._width = 2 * dimension
        self.dimension = dimension
        self._safe, self._digests, self._window = 0, list[str](), WINDOW
        self._part = self.folder.with_name(f".{self.folder.name}.part")
        shutil.rmtree(self._part, ignore_errors=True)
        if not self._is_whole(verified):
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._open()

    def _read_about(self) -> int | None:
        """Return how many rows are safe; None where the folder is not of this embedder."""
        try:
            about = json.loads((self.folder / "about.json").read_text(encoding="utf-8"))
            self._digests, self._safe, self._window = about.pop("digests"), int(about.pop("safe")), int(about.pop("window", WIDE))
            return self._safe if about == self._about else None
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return None

    def _is_whole(self, verified: tuple[Path, Mapping[str, Any]] | None) -> bool:
        path, safe = self.folder / VECTORS, self._read_about()
        try:
            if safe is None or (self.folder / "keys.bin").stat().st_size < safe * KEY.itemsize:
                return False
            if path.stat().st_size < safe * self._width:
                return False
            stored: Mapping[str, Any] = verified[1] if verified and path.samefile(verified[0]) else {"bytes": 0, "digests": ()}
        except OSError:
            return False
        known = stored["digests"]
        if stored["bytes"] == safe * self._width and known == self._digests:
            return True
        same = [mine for mine, _ in itertools.takewhile(lambda two: two[0] == two[1], zip(self._digests, known, strict=False))]
        return digests(path, safe * self._width, same, self._window) == self._digests

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_CREAT
        self._vectors = os.open(self.folder / VECTORS, flags, 0o644)
        self._names = os.open(self.folder / "keys.bin", flags, 0o644)
        self._closed = False
        for file, width in ((self._vectors, self._width), (self._names, KEY.itemsize)):
            if os.fstat(file).st_size < width:
                _write(file, bytes(width), 0)
        safe = self._read_about()
        rows = min(os.fstat(self._vectors).st_size // self._width, os.fstat(self._names).st_size // KEY.itemsize)
        if safe is None:
            self._say(1)
        elif rows > safe:  # written by a build that was killed: whole, unless the power failed too
            rows = safe + self._whole(safe, rows)
        for file, width in ((self._vectors, self._width), (self._names, KEY.itemsize)):
            if os.fstat(file).st_size != rows * width:
                os.truncate(file, rows * width)
        self.keys = Keys(np.fromfile(self.folder / "keys.bin", KEY))

    def _whole(self, first: int, last: int) -> int:
        """Return how many rows after the safe ones are no zeros that a power cut left."""
        for row in range(first, last):
            length = float(np.linalg.norm(np.frombuffer(self._pread(row, 1), np.float16).astype(np.float32)))
            if not 0.99 < length < 1.01:
                return row - first
        return last - first

    def _pread(self, row: int, count: int) -> bytes:
        return os.pread(self._vectors, count * self._width, row * self._width)

    def _say(self, safe: int) -> None:
        part = self.folder / ".about.part"
        whole = self._digests[: min(safe, self._safe) * self._width // WINDOW] if self._window == WINDOW else []
        self._safe, self._digests, self._window = safe, digests(self.folder / VECTORS, safe * self._width, whole, WINDOW), WINDOW
        told = {**self._about, "safe": safe, "digests": self._digests, "window": WINDOW}
        part.write_text(json.dumps(told), encoding="utf-8")
        part.replace(self.folder / "about.json")

    def add(self, keys: NDArray[np.void], vectors: NDArray[np.float16]) -> None:
        """Append rows; a zero row (a blank text) is not worth keeping."""
        if not len(vectors):
            return
        rows = np.ascontiguousarray(vectors, np.float16)
        real = rows[:, 0] != 0
        if not real.all():  # hardly ever: looking at every number takes as long as writing them
            real = ((rows.view(np.uint16) & 0x7FFF) != 0).any(axis=1)
        if not real.all():
            rows, keys = rows[real], keys[real]
        if not len(rows):
            return
        _write(self._vectors, rows.view(np.uint8).data, len(self.keys) * self._width)
        _write(self._names, keys.tobytes(), len(self.keys) * KEY.itemsize)
        self.keys.add(keys)

    def rows(self, keys: NDArray[np.void]) -> NDArray[np.int64]:
        """Return the row of each key; 0 for a blank text."""
        return np.maximum(self.keys.rows(keys), 0)

    def vectors(self, rows: NDArray[np.integer]) -> NDArray[np.float16]:
        """Return the vectors of those rows, read neighbour by neighbour."""
        rows = rows.astype(np.int64)
        result = np.empty((len(rows), self.dimension), np.float16)
        edges = [0, *(np.flatnonzero(np.diff(rows) != 1) + 1).tolist(), len(rows)]
        for first, last in itertools.pairwise(edges):
            if last > first:
                os.preadv(self._vectors, [result[first:last].view(np.uint8).data], int(rows[first]) * self._width)
        return result

    def holds_those_of(self, snapshot: Path) -> bool:
        """Return whether the rows that a snapshot names are the rows here."""
        return (snapshot / VECTORS).exists() and (snapshot / VECTORS).samefile(self.folder / VECTORS)

    def take_over(self, keys: NDArray[np.void], vectors: NDArray[np.float16], rows: NDArray[np.integer]) -> None:
        """Add what is missing here of the table of a snapshot, whose keys have those ``rows`` of ``vectors``."""
        missing = np.flatnonzero(self.keys.rows(keys) < 0)
        for at in range(0, len(missing), _AT_A_TIME):
            some = missing[at : at + _AT_A_TIME]
            some = some[firsts(keys[some])]  # a text may stand there twice
            self.add(keys[some], vectors[rows[some]])

    def link(self, folder: Path) -> dict[str, Any]:
        """Give the file a second name in a folder; return what a snapshot says of it (``index.manifest.Manifest``)."""
        self._sync()
        try:
            os.link(self.folder / VECTORS, folder / VECTORS)
        except OSError:  # a file system without links
            shutil.copyfile(self.folder / VECTORS, folder / VECTORS)
        return {"bytes": len(self.keys) * self._width, "digests": self._digests, "window": self._window}

    def _sync(self) -> None:
        if len(self.keys) == self._safe:
            return
        os.fsync(self._vectors)
        os.fsync(self._names)
        self._say(len(self.keys))

    def trim(self, live: Sequence[NDArray[np.integer]]) -> None:
        """End a build: keep the ``live`` rows and the newest, twice as many as live ones, and the newest embedders only."""
        with contextlib.suppress(OSError):  # nothing is lost, and the snapshot is published; the next build trims
            self._trim(live)

    def _trim(self, live: Sequence[NDArray[np.integer]]) -> None:
        most = max(2 * sum(map(len, live)), FEWEST)
        if len(self.keys) > most:
            kept = np.zeros(len(self.keys), bool)
            kept[0] = True
            for rows in live:
                kept[rows] = True
            kept[len(kept) - max(most // 4 * 3 - int(kept.sum()), 0) :] = True  # not a little at every build
            self._rewrite(np.flatnonzero(kept))
        self._sync()
        folders = sorted((f for f in self._root.iterdir() if f != self.folder), key=lambda f: -f.stat().st_mtime)
        for folder in folders[EMBEDDERS - 1 :]:
            shutil.rmtree(folder, ignore_errors=True)

    def _rewrite(self, rows: NDArray[np.int64]) -> None:
        """Put those rows into a new folder, in place of this one; snapshots keep the old file as long as they need it.

        Whoever is killed in between has no folder: the next build takes over what the snapshot holds.
        """
        if digests(self.folder / VECTORS, self._safe * self._width, (), self._window) != self._digests:
            return  # a copy would hide what a disk changed from the builds that look for it
        self._part.mkdir()
        names = np.fromfile(self.folder / "keys.bin", KEY)[rows]
        with (self._part / VECTORS).open("wb") as file:
            for at in range(0, len(rows), _AT_A_TIME):
                file.write(self.vectors(rows[at : at + _AT_A_TIME]).view(np.uint8).data)
        names.tofile(self._part / "keys.bin")
        self.close()
        shutil.rmtree(self.folder)
        self._part.rename(self.folder)
        self._safe = 0
        self._say(len(rows))
        self._open()

    def __enter__(self) -> VectorCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        for file in (self._vectors, self._names) if not self._closed else ():
            os.close(file)
        self._closed = True


def merge_vectors(data: Path, source: Path) -> int:
    """Take over the vectors of another machine's caches; return how many were new."""
    added = 0
    for about in sorted(source.glob("*/about.json")):
        told = json.loads(about.read_text(encoding="utf-8"))
        if told.get("format") != _FORMAT:
            continue  # of another version, which may still need them
        with (
            VectorCache(data, told["embedder"], told["dimension"]) as mine,
            VectorCache(source.parent, told["embedder"], told["dimension"]) as theirs,
        ):
            names = np.fromfile(theirs.folder / "keys.bin", KEY)
            missing = np.flatnonzero(mine.keys.rows(names) < 0)
            for at in range(0, len(missing), _AT_A_TIME):
                rows = missing[at : at + _AT_A_TIME]
                mine.add(names[rows], theirs.vectors(rows))
            added += len(missing)
    return added


def is_shared(data: Path, file: Path) -> bool:
    """Return whether a snapshot's file of vectors is one of those that builds append to, not a copy."""
    return file.exists() and any(kept.samefile(file) for kept in (data / "vectors").glob(f"*/{VECTORS}"))


def slug(embedder: str) -> str:
    """Return the folder name of an embedder."""
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", embedder).strip("-.")[-40:]
    return f"{plain}-{hashlib.sha256(embedder.encode()).hexdigest()[:8]}"


def _write(file: int, content: bytes | memoryview, at: int) -> None:
    view = memoryview(content).cast("B")
    while view:
        done = os.pwrite(file, view, at)
        view, at = view[done:], at + done
