"""Every vector that was ever computed, by the text it stands for, one folder an embedder; outlives all snapshots.

    DATA/vectors/NAME/
      about.json      the embedder, its dimension, and how many rows a power cut cannot have spoilt
      vectors.bin     rows of float16
      keys.bin        16-byte keys of their texts, written after their vectors

A build that is killed loses no vector; a list that changes back and an embedder that is switched back embed nothing twice.
Bounded: see ``trim``. Knows no texts and no embedder.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.layout import KEY

FEWEST = 50_000
"""Rows that are always kept."""
EMBEDDERS = 3
"""Embedders whose vectors are kept."""
_MERGED = 1 << 16


class Keys:
    """Which row belongs to a key: sorted arrays, and a dictionary of what came since."""

    def __init__(self, keys: NDArray[np.void]) -> None:
        self._fresh: dict[bytes, int] = {}
        self._all = keys
        self._sort()

    def _sort(self) -> None:
        prefixes = np.ascontiguousarray(self._all).view(np.uint64).reshape(-1, 2)[:, 0]
        self._order = np.argsort(prefixes, kind="stable")
        self._prefixes = prefixes[self._order]

    def __len__(self) -> int:
        return len(self._all) + len(self._fresh)

    def add(self, keys: Sequence[bytes]) -> None:
        """Give the next rows to these keys."""
        first = len(self)
        self._fresh.update((key, first + place) for place, key in enumerate(keys))
        if len(self._fresh) >= _MERGED:
            self._all = np.concatenate([self._all, np.frombuffer(b"".join(self._fresh), KEY)])
            self._fresh = {}
            self._sort()

    def rows(self, keys: NDArray[np.void]) -> NDArray[np.int64]:
        """Return the row of each key, -1 for an unknown one."""
        found = np.full(len(keys), -1, np.int64)
        if len(self._all) and len(keys):
            prefixes = np.ascontiguousarray(keys).view(np.uint64).reshape(-1, 2)[:, 0]
            places = np.minimum(np.searchsorted(self._prefixes, prefixes), len(self._prefixes) - 1)
            rows = self._order[places]
            found = np.where(self._all[rows] == keys, rows, -1)
        if self._fresh:
            left = np.flatnonzero(found < 0)
            found[left] = [self._fresh.get(key, -1) for key in keys[left].tolist()]
        return found


class VectorCache:
    """The vectors of one embedder, opened for one build."""

    def __init__(self, data: Path, embedder: str, dimension: int) -> None:
        self._root = data / "vectors"
        self.folder = self._root / slug(embedder)
        self._about = {"embedder": embedder, "dimension": dimension}
        self._width = 2 * dimension
        self._dimension = dimension
        if self._read_about() is None:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._open()

    def _read_about(self) -> int | None:
        """Return how many rows are safe; None where the folder is not of this embedder."""
        try:
            about = json.loads((self.folder / "about.json").read_text(encoding="utf-8"))
            return int(about.pop("safe")) if about.items() >= self._about.items() else None
        except (OSError, ValueError, KeyError, AttributeError):
            return None

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_CREAT
        self._vectors = os.open(self.folder / "vectors.bin", flags, 0o644)
        self._names = os.open(self.folder / "keys.bin", flags, 0o644)
        safe = self._read_about()
        rows = min(os.fstat(self._vectors).st_size // self._width, os.fstat(self._names).st_size // KEY.itemsize)
        if safe is None:
            self._say(0)
        elif rows > safe:  # written by a build that was killed: whole, unless the power failed too
            rows = safe + self._whole(safe, rows)
        os.truncate(self._vectors, rows * self._width)
        os.truncate(self._names, rows * KEY.itemsize)
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
        part.write_text(json.dumps({**self._about, "safe": safe}), encoding="utf-8")
        part.replace(self.folder / "about.json")

    def add(self, keys: Sequence[bytes], vectors: NDArray[np.float16]) -> None:
        """Append rows; a zero row (a blank text) is not worth keeping."""
        rows = np.ascontiguousarray(vectors, np.float16)
        real = ((rows.view(np.uint16) & 0x7FFF) != 0).any(axis=1)
        if not real.all():
            rows, keys = rows[real], [name for name, kept in zip(keys, real.tolist(), strict=True) if kept]
        names = list(keys)
        _write(self._vectors, rows.view(np.uint8).data, len(self.keys) * self._width)
        _write(self._names, b"".join(names), len(self.keys) * KEY.itemsize)
        self.keys.add(names)

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float16]:
        """Return the vectors of those rows, read neighbour by neighbour."""
        result = np.empty((len(rows), self._dimension), np.float16)
        edges = [0, *(np.flatnonzero(np.diff(rows) != 1) + 1).tolist(), len(rows)]
        for first, last in itertools.pairwise(edges):
            if last > first:
                os.preadv(self._vectors, [result[first:last].view(np.uint8).data], int(rows[first]) * self._width)
        return result

    def trim(self, live: int) -> None:
        """End a build: keep the newest rows only, so many as the snapshot has twice over, and the newest embedders only."""
        with contextlib.suppress(OSError):  # nothing is lost, and the snapshot is published; the next build trims
            self._trim(live)

    def _trim(self, live: int) -> None:
        most = max(2 * live, FEWEST)
        if len(self.keys) > most:
            keep = most // 4 * 3  # not a little at every build
            for name, width in (("vectors", self._width), ("keys", KEY.itemsize)):
                path = self.folder / f"{name}.bin"
                with path.open("rb") as old, path.with_suffix(".part").open("wb") as new:
                    old.seek((len(self.keys) - keep) * width)
                    shutil.copyfileobj(old, new, 1 << 22)
            self._say(0)  # between the two renames the rows do not belong to the keys: nothing is safe
            (self.folder / "keys.bin").unlink()
            (self.folder / "vectors.part").replace(self.folder / "vectors.bin")
            (self.folder / "keys.part").replace(self.folder / "keys.bin")
            self.close()
            self._open()
        os.fsync(self._vectors)
        os.fsync(self._names)
        self._say(len(self.keys))
        folders = sorted((f for f in self._root.iterdir() if f != self.folder), key=lambda f: -f.stat().st_mtime)
        for folder in folders[EMBEDDERS - 1 :]:
            shutil.rmtree(folder, ignore_errors=True)

    def __enter__(self) -> VectorCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        os.close(self._vectors)
        os.close(self._names)


def merge_vectors(data: Path, source: Path) -> int:
    """Take over the vectors of another machine's caches; return how many were new."""
    added = 0
    for about in sorted(source.glob("*/about.json")):
        told = json.loads(about.read_text(encoding="utf-8"))
        with (
            VectorCache(data, told["embedder"], told["dimension"]) as mine,
            VectorCache(source.parent, told["embedder"], told["dimension"]) as theirs,
        ):
            names = np.fromfile(theirs.folder / "keys.bin", KEY)
            missing = np.flatnonzero(mine.keys.rows(names) < 0)
            for at in range(0, len(missing), _MERGED):
                rows = missing[at : at + _MERGED]
                mine.add([names[row].tobytes() for row in rows.tolist()], theirs.vectors(rows))
            added += len(missing)
    return added


def slug(embedder: str) -> str:
    """Return the folder name of an embedder."""
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", embedder).strip("-.")[-40:]
    return f"{plain}-{hashlib.sha256(embedder.encode()).hexdigest()[:8]}"


def _write(file: int, content: bytes | memoryview, at: int) -> None:
    view = memoryview(content).cast("B")
    while view:
        done = os.pwrite(file, view, at)
        view, at = view[done:], at + done
