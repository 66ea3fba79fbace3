"""Vectors are stored once: snapshots name rows of one file, and whatever becomes of it, nothing is lost or wrong."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from index import manifest, vectorcache
from index.build import BuildOptions, build
from index.config import Settings
from index.errors import StoreError
from index.layout import KEY, key
from index.manifest import VECTORS, WINDOW, current_name, digests, read_manifest, snapshot_names
from index.store import Snapshot
from index.vectorcache import VectorCache

WORDS = ("kettles", "stoves", "handles", "lids", "spouts", "boilers")


def rebuild(data: Path, words: Sequence[str]) -> int:
    """Build a list of those titles; return how many passages were embedded."""
    source = data.parent / "list.md"
    source.write_text("".join(f"- [On {word}](https://{word}.example.org/)\n" for word in words), encoding="utf-8")
    report = build(Settings(data=data), BuildOptions(lists=(str(source),), offline=True), lambda *_: None)
    return int(report["embedded_passages"])


def current(data: Path) -> Path:
    return data / "snapshots" / str(current_name(data))


def cached(data: Path) -> Path:
    (path,) = (data / "vectors").glob(f"*/{VECTORS}")
    return path


def vectors(data: Path) -> np.ndarray:
    snapshot = Snapshot.open(data, whole=True)
    try:
        return snapshot.passage_vectors(range(snapshot.manifest.passages))
    finally:
        snapshot.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rebuild(tmp_path / "data", WORDS[:3])
    return tmp_path / "data"


def test_all_snapshots_share_one_file_that_only_grows(data: Path) -> None:
    first, before = current(data), cached(data).read_bytes()
    assert rebuild(data, WORDS[:4]) == 1
    assert cached(data).samefile(first / VECTORS)
    assert cached(data).samefile(current(data) / VECTORS)
    assert cached(data).read_bytes().startswith(before)
    read_manifest(first, whole=True)


def test_without_the_kept_vectors_those_of_the_snapshot_are_taken(data: Path) -> None:
    expected = vectors(data)
    shutil.rmtree(data / "vectors")
    assert rebuild(data, WORDS[:4]) == 1
    assert rebuild(data, WORDS[:3]) == 0
    assert np.array_equal(vectors(data), expected)


def test_a_vector_that_a_disk_changed_is_found_and_made_anew(data: Path) -> None:
    expected = vectors(data)
    content = bytearray(cached(data).read_bytes())
    content[-700] ^= 1
    with cached(data).open("r+b") as file:  # in place, so that the snapshot's name of it shows the same
        file.write(content)
    with pytest.raises(StoreError, match=rf"damaged \({VECTORS} has changed.*citeback rebuild"):
        Snapshot.open(data)
    assert rebuild(data, WORDS[:3]) == 3
    assert np.array_equal(vectors(data), expected)


def test_each_day_another_part_of_many_vectors_is_looked_at_and_all_once_damage_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (manifest, vectorcache):
        monkeypatch.setattr(module, "WINDOW", 4096)
    data = tmp_path / "data"
    rebuild(data, WORDS[:3])
    expected = vectors(data)
    assert cached(data).stat().st_size > manifest.TURNS * 4096
    with cached(data).open("r+b") as file:
        file.seek(4096 + 100)
        file.write(b"\1\1")
    today = datetime.now(UTC).toordinal()
    seen = [day for day in range(today, today + manifest.TURNS) if not is_whole(current(data), day, keep=False)]
    assert len(seen) == 1
    assert [is_whole(current(data), None), is_whole(current(data), seen[0] + 1)] == [False, False]
    assert rebuild(data, WORDS[:3]) == 3
    assert np.array_equal(vectors(data), expected)


def is_whole(snapshot: Path, day: int | None, *, keep: bool = True) -> bool:
    try:
        read_manifest(snapshot, whole=True, day=day)
    except StoreError:
        if not keep:
            (snapshot / "damage-found").unlink()
        return False
    return True


def test_vectors_that_builds_do_not_share_are_looked_at_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (manifest, vectorcache):
        monkeypatch.setattr(module, "WINDOW", 4096)
    data = tmp_path / "data"
    rebuild(data, WORDS[:3])
    with cached(data).open("r+b") as file:
        file.seek(4096 * (datetime.now(UTC).toordinal() + 1) % (8 * 4096) + 100)
        file.write(b"\1\1")
    shutil.rmtree(data / "vectors")
    assert rebuild(data, WORDS[:4]) == 4  # not 1: nothing of it was taken over


def test_damaged_vectors_are_not_copied(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectorcache, "FEWEST", 8)
    rebuild(data, [*WORDS[:3], *(f"boilers {turn}" for turn in range(40))])
    before = cached(data).stat().st_ino
    with VectorCache(data, "bundled", 512) as cache:
        with cached(data).open("r+b") as file:
            file.seek(1500)
            file.write(b"\1\1")
        cache.trim([])
    assert cached(data).stat().st_ino == before


def test_damage_beyond_what_an_older_snapshot_needs_does_not_come_back_with_it(data: Path) -> None:
    older = vectors(data)
    rebuild(data, WORDS[:5])
    newer = vectors(data)
    size = cached(data).stat().st_size
    with cached(data).open("r+b") as file:
        file.seek(size - 700)
        file.write(b"\1\1")
    assert rebuild(data, WORDS[:5]) == 2  # the older one is whole, and serves as what was there before
    assert np.array_equal(vectors(data), newer)
    assert rebuild(data, WORDS[:3]) == 0
    assert np.array_equal(vectors(data), older)


@pytest.mark.parametrize("size", [0, 15, 16, 32])
def test_keys_that_are_missing_cost_no_snapshot_anything(data: Path, size: int) -> None:
    expected = vectors(data)
    os.truncate(cached(data).with_name("keys.bin"), size)
    assert rebuild(data, WORDS[:4]) == 1
    for name in snapshot_names(data):
        read_manifest(data / "snapshots" / name, whole=True)
    assert rebuild(data, WORDS[:3]) == 0
    assert np.array_equal(vectors(data), expected)


def test_trimming_keeps_what_the_snapshot_needs_and_older_ones_keep_theirs(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectorcache, "FEWEST", 8)
    expected = vectors(data)
    for turn in range(8):
        rebuild(data, [*WORDS[:3], f"boilers {turn}"])
    with VectorCache(data, "bundled", 512) as cache:
        assert len(cache.keys) < 40
    for name in snapshot_names(data):
        read_manifest(data / "snapshots" / name, whole=True)
    assert rebuild(data, WORDS[:3]) == 0
    assert np.allclose(vectors(data), expected, atol=1e-6)


def test_a_build_that_is_killed_while_it_trims_loses_no_snapshot(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    expected = vectors(data)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with VectorCache(data, "bundled", 512) as cache, pytest.raises(KeyboardInterrupt):
            cache._rewrite(np.arange(2))
    assert np.array_equal(vectors(data), expected)
    assert rebuild(data, WORDS[:4]) == 1


def test_a_file_system_without_links_has_copies(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refused)
    assert rebuild(data, WORDS[:4]) == 1
    assert not cached(data).samefile(current(data) / VECTORS)
    assert rebuild(data, WORDS[:5]) == 1
    assert len(vectors(data)) == 5


def test_blank_texts_share_the_row_of_zeros(tmp_path: Path) -> None:
    with VectorCache(tmp_path, "x", 4) as cache:
        cache.add(np.frombuffer(key("a") + key(" "), KEY), np.asarray([[1, 0, 0, 0], [0, 0, 0, 0]], np.float16))
        rows = cache.rows(np.frombuffer(key(" ") + key("a"), KEY))
        assert rows.tolist() == [0, 1]
        assert cache.vectors(rows).tolist() == [[0, 0, 0, 0], [1, 0, 0, 0]]


def test_vectors_with_hashes_of_wider_windows_are_checked_by_these_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (manifest, vectorcache):
        monkeypatch.setattr(module, "WINDOW", 3 * 4096)
        monkeypatch.setattr(module, "WIDE", 3 * 4096)
    data = tmp_path / "data"
    rebuild(data, WORDS[:3])
    for path in (cached(data).with_name("about.json"), current(data) / "manifest.json"):  # as they were before windows were told
        told = json.loads(path.read_text(encoding="utf-8"))
        del (told if "window" in told else told["stored"])["window"]
        path.write_text(json.dumps(told), encoding="utf-8")
    for module in (manifest, vectorcache):
        monkeypatch.setattr(module, "WINDOW", 4096)
    assert rebuild(data, WORDS[:4]) == 1
    assert is_whole(current(data), None)
    with cached(data).open("r+b") as file:
        file.seek(4096 + 100)
        file.write(b"\1\1")
    assert not is_whole(current(data), None)


def test_only_hashes_of_whole_windows_are_taken_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "grown"
    path.write_bytes(b"a" * (WINDOW + 10))
    before = digests(path, WINDOW + 10, (), WINDOW)
    assert before[0] == digests(path, WINDOW, (), WINDOW)[0]
    with path.open("ab") as file:
        file.write(b"b" * 10)
    assert digests(path, WINDOW + 20, before[:1], WINDOW) == digests(path, WINDOW + 20, (), WINDOW) != before


def test_vectors_of_another_version_are_neither_merged_nor_touched(data: Path, tmp_path: Path) -> None:
    about = cached(data).with_name("about.json")
    about.write_text(about.read_text(encoding="utf-8").replace('"format": 2', '"format": 1'), encoding="utf-8")
    before = {path.name: path.read_bytes() for path in about.parent.iterdir()}
    assert vectorcache.merge_vectors(tmp_path / "other", data / "vectors") == 0
    assert {path.name: path.read_bytes() for path in about.parent.iterdir()} == before


def test_vectors_of_nothing_but_blank_texts_are_not_kept(tmp_path: Path) -> None:
    with VectorCache(tmp_path, "bundled", 4) as cache:
        before = len(cache.keys)
        cache.add(np.frombuffer(key("blank"), KEY), np.zeros((1, 4), np.float16))
        assert len(cache.keys) == before
