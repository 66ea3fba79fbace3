"""Each kind of vector index, on few rows: recall against exact, filters, no padding, a file that is mapped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.vectors import KINDS, RECALL, Vectors, kind_for, write_vectors


def clustered(rows: int, seed: int, columns: int = 64) -> NDArray[np.float32]:
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((40, columns))
    found = centres[chance.integers(0, 40, rows)] + chance.standard_normal((rows, columns))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def test_the_kind_grows_with_the_rows() -> None:
    assert [kind_for(n) for n in (0, 50_000, 50_001, 1_000_000, 1_000_001)] == [
        "exact", "exact", "compact", "compact", "clustered",
    ]  # fmt: skip
    assert kind_for(11, exact=10, compact=20) == "compact"


@pytest.fixture(scope="module", params=KINDS)
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Vectors, NDArray[np.float32]]:
    rows = clustered(6000, 1)
    path = tmp_path_factory.mktemp("vectors") / "v.faiss"
    how = write_vectors(path, rows, kind=request.param)
    assert how.kind == request.param
    assert how.recall >= RECALL
    return Vectors(path, how), rows


def test_ten_nearest_are_nearly_those_of_an_exact_search(written: tuple[Vectors, NDArray[np.float32]]) -> None:
    vectors, rows = written
    asked = clustered(50, 2)
    right = [
        len({row for row, _ in vectors.nearest(question, 10)} & set(np.argsort(-(rows @ question))[:10].tolist()))
        for question in asked
    ]
    assert sum(right) >= 0.94 * 10 * len(asked)  # new questions: a little below what was measured when building


def test_scores_are_cosines_and_ordered(written: tuple[Vectors, NDArray[np.float32]]) -> None:
    vectors, rows = written
    question = clustered(1, 3)[0]
    found = vectors.nearest(question, 100)
    assert len(found) == 100
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert all(score == pytest.approx(float(rows[row] @ question), abs=0.01) for row, score in found)


def test_a_filter_holds_and_is_searched_whole(written: tuple[Vectors, NDArray[np.float32]]) -> None:
    vectors, rows = written
    question = clustered(1, 4)[0]
    far = np.sort(np.argsort(rows @ question)[:200])  # none of them near: a search that only then filters finds nothing
    found = vectors.nearest(question, 10, far)
    expected = far[np.argsort(-(rows[far] @ question))[:10]]
    assert len(found) == 10
    assert {row for row, _ in found} <= set(far.tolist())
    assert len({row for row, _ in found} & set(expected.tolist())) >= 9
    assert [row for row, _ in vectors.nearest(question, 10, np.asarray([5]))] == [5]
    assert vectors.nearest(question, 10, np.zeros(0, np.int64)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_few_rows_are_found_without_padding(tmp_path: Path, kind: str) -> None:
    rows = clustered(3, 1)
    how = write_vectors(tmp_path / "v", rows, kind=kind)
    found = Vectors(tmp_path / "v", how).nearest(rows[1], 10)
    assert found[0][0] == 1
    assert sorted(row for row, _ in found) == [0, 1, 2]


def test_rows_that_cannot_be_told_apart_in_eight_bits_are_indexed_exactly(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).standard_normal((3000, 64)) * 1e-4
    rows = np.asarray(np.ones((3000, 64)) / 8 + noise, np.float32)
    rows[0] = -rows[0]  # so wide a range that all the others are one step of it
    how = write_vectors(tmp_path / "v", rows, kind="compact")
    assert how.recall >= RECALL
    assert len(Vectors(tmp_path / "v", how).nearest(rows[5], 10)) == 10
