"""The map of the articles: near means about the same, and one snapshot has one map."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index.store import Snapshot
from rag.atlas import atlas, projected
from tests.small_library import make


def test_the_two_directions_of_most_variance_are_found() -> None:
    chance = np.random.default_rng(1)
    flat = chance.normal(size=(60, 2)) * [9, 4]
    turned, _ = np.linalg.qr(chance.normal(size=(16, 16)))
    rows = np.hstack([flat, chance.normal(size=(60, 14)) * 0.01]) @ turned
    places = projected(rows)
    assert places.min(axis=0).tolist() == [0, 0] and places.max(axis=0).tolist() == [1, 1]
    for axis in (0, 1):
        assert abs(np.corrcoef(places[:, axis], flat[:, axis])[0, 1]) > 0.95


def test_one_article_or_equal_ones_lie_in_the_middle() -> None:
    assert projected(np.zeros((0, 4))).shape == (0, 2)
    assert projected(np.ones((1, 4))).tolist() == projected(np.ones((3, 4)))[:1].tolist() == [[0.5, 0.5]]


def test_every_article_that_was_read_has_one_place_and_keeps_it(tmp_path: Path) -> None:
    snapshot = Snapshot.open(make(tmp_path))
    spots = atlas(snapshot)
    assert [spot.reference for spot in spots] == [1, 2, 3]
    assert spots == atlas(Snapshot.open(tmp_path))
