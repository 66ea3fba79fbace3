"""Rows of a mapped file: the same whatever is let go of, and little memory of a large one."""

from __future__ import annotations

import mmap
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.mapped import MappedRows, floats, halves


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    rows = np.random.default_rng(0).standard_normal((40_000, 512)).astype(np.float16)  # 40 MB
    path = tmp_path_factory.mktemp("mapped") / "rows.npy"
    np.save(path, rows)
    return path, rows


def test_rows_are_those_of_the_file_from_many_threads_while_it_is_let_go_of(table: tuple[Path, np.ndarray]) -> None:
    path, rows = table
    mapped, wrong = MappedRows(np.load(path, mmap_mode="r"), small=0, most=2**20), []  # let go of after every 16 rows

    def read(seed: int) -> None:
        chance = np.random.default_rng(seed)
        for _ in range(100):
            places = chance.integers(0, len(rows), 50)
            if not np.array_equal(mapped.taken(places), rows[places]):
                wrong.append(seed)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(mapped) == len(rows)


@pytest.mark.skipif(sys.platform != "linux" or not hasattr(mmap, "MADV_DONTNEED"), reason="reads /proc")
@pytest.mark.parametrize(("small", "low", "high"), [(2 * 2**20, 0, 6), (64 * 2**20, 30, 60)])
def test_of_a_large_file_little_stays_in_memory(
    table: tuple[Path, np.ndarray], small: int, low: int, high: int
) -> None:
    path, rows = table
    mapped, before = MappedRows(np.load(path, mmap_mode="r"), small=small, most=2 * 2**20), of_files()
    for start in range(0, len(rows), 64):
        mapped.taken(np.arange(start, min(start + 64, len(rows)), 16))
    assert low <= of_files() - before <= high


def of_files() -> float:
    """Megabytes of mapped files that are in this process's memory."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssFile:"))
    return int(line.split()[1]) / 1024


@given(st.lists(st.floats(-60000, 60000, width=32), min_size=8, max_size=64))
def test_floats_are_rounded_to_the_nearest_half(numbers: list[float]) -> None:
    rows = np.asarray(numbers, np.float32).reshape(-1, 1)
    ours, known = halves(rows).view(np.uint16), rows.astype(np.float16).view(np.uint16)
    normal = np.abs(rows) >= 2.0**-14
    assert np.array_equal(ours[normal], known[normal])
    assert np.abs(ours.astype(int) - known.astype(int)).max() <= 1


def test_every_half_stays_itself() -> None:
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    rows = every[np.isfinite(every)].reshape(-1, 64)
    assert np.array_equal(halves(floats(rows)).view(np.uint16), rows.view(np.uint16))
    assert np.array_equal(floats(rows).view(np.uint32), rows.astype(np.float32).view(np.uint32))
    assert floats(rows[:0]).shape == halves(floats(rows[:0])).shape == (0, 64)
