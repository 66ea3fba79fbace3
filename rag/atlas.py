"""The articles of a snapshot on a map of two dimensions: near means about the same. Knows vectors, no words and no drawing.

The mean vector of each article, less the mean of all, on its two directions of most variance (PCA). The same snapshot gives
the same map: the sign of each direction is fixed by its largest component.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.store import Snapshot

_AT_ONCE = 4096  # passages whose vectors are held in memory together


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an article lies; ``x`` and ``y`` are 0 to 1."""

    reference: int
    x: float
    y: float


def atlas(snapshot: Snapshot) -> tuple[Spot, ...]:
    """Return a spot for every article that was read, in list order."""
    read = [item.number for item in snapshot.items if item.outcome.was_read]
    row_of = {number: row for row, number in enumerate(read)}
    means = np.zeros((len(read), snapshot.manifest.dimension), np.float64)
    counts = np.zeros(len(read))
    ids = snapshot.passages_of(read)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        rows = [row_of[int(number)] for number in snapshot.rows["reference"][some]]
        np.add.at(means, rows, snapshot.passage_vectors([int(i) for i in some]))
        np.add.at(counts, rows, 1)
    places = projected(means / np.maximum(counts, 1)[:, None])
    return tuple(
        Spot(number, float(x), float(y)) for number, (x, y), count in zip(read, places, counts, strict=True) if count
    )


def projected(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 2) places from 0 to 1 for (n, d) vectors; fewer than two differing rows lie in the middle."""
    if len(rows) < 2:
        return np.full((len(rows), 2), 0.5)
    centred = rows - rows.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    axes = directions[:, [-1, -2]]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    flat = centred @ axes
    low, span = flat.min(axis=0), np.ptp(flat, axis=0)
    return np.asarray(np.where(span > 1e-9, (flat - low) / np.maximum(span, 1e-9), 0.5))
