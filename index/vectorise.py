"""Passages -> vector tables, embedding only texts that the previous snapshot did not hold. Knows no pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed import Embedder
from index.publish import VectorTable

_STEP = 512  # texts embedded between two progress calls
KEY = np.dtype("V16")


def key(text: str) -> bytes:
    """Return the 16-byte key of a text to embed."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Reused:
    """The vectors of an earlier snapshot by the text they were made from; empty when there is none."""

    def __init__(self, keys: NDArray[np.void] | None = None, vectors: NDArray[np.float16] | None = None) -> None:
        self._vectors = vectors
        self._rows = {} if keys is None else {bytes(value): row for row, value in enumerate(keys)}

    @classmethod
    def of(cls, directory: Path | None, kind: str) -> Reused:
        """Open the "passage" or "sentence" table of a snapshot folder."""
        if directory is None:
            return cls()
        return cls(np.load(directory / f"{kind}_keys.npy"), np.load(directory / f"{kind}s.npy", mmap_mode="r"))

    def row(self, text_key: bytes) -> int | None:
        """Return the row of that text's vector."""
        return self._rows.get(text_key)

    def vectors(self, rows: Sequence[int]) -> NDArray[np.float16]:
        """Return the vectors of those rows."""
        assert self._vectors is not None
        return np.asarray(self._vectors[list(rows)], np.float16)


def vectorise(
    texts: Sequence[str], embedder: Embedder, reused: Reused, progress: Callable[[int, int], None]
) -> tuple[VectorTable, int]:
    """Return the table of all texts in order, and how many of them had to be embedded (each distinct text once)."""
    keys = [key(text) for text in texts]
    vectors = np.zeros((len(texts), embedder.dimension), np.float16)
    missing: dict[bytes, int] = {}
    old: list[tuple[int, int]] = []
    for position, text_key in enumerate(keys):
        row = reused.row(text_key)
        if row is not None:
            old.append((position, row))
        else:
            missing.setdefault(text_key, position)
    if old:
        vectors[[position for position, _ in old]] = reused.vectors([row for _, row in old])
    wanted = list(missing.items())
    fresh: dict[bytes, int] = {}
    for start in range(0, len(wanted), _STEP):
        step = wanted[start : start + _STEP]
        vectors[[position for _, position in step]] = embedder.passages([texts[position] for _, position in step])
        fresh.update(step)
        progress(min(start + _STEP, len(wanted)), len(wanted))
    for position, text_key in enumerate(keys):
        source = fresh.get(text_key, position)
        if source != position:
            vectors[position] = vectors[source]
    return VectorTable(np.frombuffer(b"".join(keys), KEY) if keys else np.zeros(0, KEY), vectors), len(wanted)
