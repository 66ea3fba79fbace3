"""Snapshots: whole or not at all, checked when opened, three kept, one step back (law 5)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.chunk import chunk
from index.errors import BusyError, NoSnapshotError, StoreError
from index.manifest import current_name, read_manifest, snapshot_names
from index.publish import locked, rollback
from index.store import Snapshot
from index.vectors import Vectors, write_vectors
from tests.small_library import document, said, write

TEXT = "# 迁移学习\n\n" + "迁移学习把知识从源领域用到目标领域。它需要的标注更少！" * 20


class LengthEmbedder:
    """A tiny real embedder: two columns made from a text's length."""

    name = "length"
    dimension = 2

    def __init__(self) -> None:
        self.seen = 0

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seen += len(texts)
        angles = np.asarray([len(text) for text in texts], np.float32) / 100
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    queries = passages


def make(data: Path, name: str, *texts: str, base: str | None = None) -> None:
    items = [
        {"number": n, "url": f"http://x.org/{n}", "title": "标题", "topic": ["A"], "note": None, "outcome": "read"}
        for n in range(1, len(texts or (TEXT,)) + 1)
    ]
    documents = [document(text, "标题") for text in texts or (TEXT,)]
    folder = data / "snapshots" / base if base else None
    write(data, name, documents, {"snapshot": name, "items": items}, LengthEmbedder(), base=folder)


def test_what_was_published_is_read_back_to_the_letter(tmp_path: Path) -> None:
    make(tmp_path, "one")
    snapshot = Snapshot.open(tmp_path)
    assert snapshot.text(1) == TEXT
    rows = snapshot.passages(range(snapshot.manifest.passages))
    assert [(row.start, row.end, row.text, row.sentences) for row in rows] == [
        (p.start, p.end, p.text, p.sentences) for p in chunk(TEXT)
    ]
    assert all(TEXT[row.start : row.end] == row.text and row.heading == ("迁移学习",) for row in rows)
    assert snapshot.lexical(["标注"], 10)[0][0] in range(len(rows))
    assert snapshot.document_frequencies(["标注", "nothing"]) == {"标注": len(rows), "nothing": 0}
    snapshot.close()


def test_filters_apply_before_ranking(tmp_path: Path) -> None:
    make(tmp_path, "one")
    snapshot = Snapshot.open(tmp_path)
    allowed = np.asarray([1], np.int64)
    assert [passage for passage, _ in snapshot.lexical(["迁移"], 10, allowed)] == [1]
    assert [passage for passage, _ in snapshot.nearest(np.asarray([1, 0], np.float32), 10, allowed)] == [1]
    assert snapshot.passages_of([2]).tolist() == []
    snapshot.close()


def test_a_damaged_file_is_named_when_the_snapshot_is_opened(tmp_path: Path) -> None:
    make(tmp_path, "one")
    with (tmp_path / "snapshots" / "one" / "texts.bin").open("r+b") as file:
        file.seek(50)
        file.write(b"xx")
    with pytest.raises(StoreError, match=r"texts\.bin.*citeback rollback"):
        Snapshot.open(tmp_path)


def test_a_large_file_is_held_against_its_length_and_on_demand_against_its_hash(tmp_path: Path) -> None:
    make(tmp_path, "one")
    folder = tmp_path / "snapshots" / "one"
    content = (folder / "texts.bin").read_bytes()
    (folder / "texts.bin").write_bytes(content[:-1] + b"x")
    read_manifest(folder, hashed=100)
    with pytest.raises(StoreError, match=r"texts\.bin has changed"):
        read_manifest(folder, hashed=100, whole=True)
    (folder / "texts.bin").write_bytes(content[:-1])
    with pytest.raises(StoreError, match=r"texts\.bin has changed"):
        read_manifest(folder, hashed=100)


def test_the_manifest_says_how_vectors_are_indexed(tmp_path: Path) -> None:
    make(tmp_path, "one")
    manifest, report = read_manifest(tmp_path / "snapshots" / "one")
    assert manifest.vectors == report["vectors"] == {"kind": "exact", "ranked_again": 0, "probes": 0, "recall": 1.0}


def test_a_build_killed_before_its_manifest_leaves_the_previous_snapshot(tmp_path: Path) -> None:
    make(tmp_path, "one")
    part = tmp_path / "snapshots" / ".two.part"
    part.mkdir()
    (part / "texts.bin").write_bytes(b"half")
    assert Snapshot.open(tmp_path).name == "one"
    make(tmp_path, "three")
    assert not part.exists()


def test_three_snapshots_are_kept_and_rollback_goes_one_back(tmp_path: Path) -> None:
    for name in ("1", "2", "3", "4"):
        make(tmp_path, name)
    assert snapshot_names(tmp_path) == ["2", "3", "4"]
    assert rollback(tmp_path) == "3"
    assert current_name(tmp_path) == "3"
    rollback(tmp_path)
    with pytest.raises(NoSnapshotError):
        rollback(tmp_path)


def test_a_folder_that_cannot_be_written_keeps_the_previous_snapshot(tmp_path: Path) -> None:
    make(tmp_path, "one")
    (tmp_path / "snapshots" / "two").write_text("a file where the folder should go")
    with pytest.raises(StoreError, match="previous one stays in use"):
        make(tmp_path, "two")
    assert Snapshot.open(tmp_path).name == "one"


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(BusyError, match="Another rebuild"), locked(tmp_path):
        pass


def test_no_snapshot_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshotError, match="citeback rebuild"):
        Snapshot.open(tmp_path)


def test_a_snapshot_made_from_another_is_to_the_byte_one_made_from_nothing(tmp_path: Path) -> None:
    """Whatever was added, changed, moved or removed: only the names differ, and at which row of its file a vector stands."""
    texts = [
        f"# 第{n}章\n\n" + f"第{n}条：迁移学习需要{n}个样本。It takes {n} minutes.\n\n" * (n % 7 + 1) for n in range(40)
    ]
    make(tmp_path, "1", *texts)
    changed = [
        *texts[:5],
        "新的一篇。" * 30,
        *texts[6:20],
        "Added: nothing like it. " * 9,
        *texts[20:30],
        *texts[32:],
        texts[30],
    ]
    for name, wanted in (("2", changed), ("3", changed[::-1]), ("4", texts), ("5", texts[:1])):
        make(tmp_path, name, *wanted, base=str(int(name) - 1))
        make(tmp_path / name, name, *wanted)
        one, other = tmp_path / "snapshots" / name, tmp_path / name / "snapshots" / name
        assert {p.name for p in one.iterdir()} == {p.name for p in other.iterdir()}
        for path in one.iterdir():
            assert said(path) == said(other / path.name), path.name


def test_short_results_are_not_padded_with_wrong_rows(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v", np.eye(3, dtype=np.float32))
    vectors = Vectors(tmp_path / "v")
    assert vectors.nearest(np.asarray([1, 0, 0], np.float32), 10) == [(0, 1.0), (1, 0.0), (2, 0.0)]
    assert vectors.nearest(np.asarray([1, 0, 0], np.float32), 10, np.zeros(0, np.int64)) == []
