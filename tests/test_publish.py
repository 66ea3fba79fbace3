"""Snapshots: whole or not at all, checked when opened, three kept, one step back (law 5)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.chunk import chunk
from index.errors import BusyError, NoSnapshotError, StoreError
from index.manifest import Manifest, current_name, read_manifest
from index.publish import Contents, StoredText, locked, ordered_sentences, publish, rollback, snapshot_names
from index.store import Snapshot
from index.terms import language
from index.vectorise import Reused, vectorise
from index.vectors import Vectors, write_vectors

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


def contents(name: str, text: str = TEXT) -> Contents:
    passages = tuple(chunk(text))
    stored = StoredText(1, text, "标题", passages, tuple(language(p.text) for p in passages), False)
    embedder = LengthEmbedder()
    table, _ = vectorise([p.text for p in passages], embedder, Reused(), lambda *_: None)
    lines, _ = vectorise(
        [text[s.start : s.end] for s in ordered_sentences(passages)], embedder, Reused(), lambda *_: None
    )
    zero = {"zh": [0.0, 0.0], "en": [0.0, 0.0]}
    manifest = Manifest(
        name, "2026-01-01T00:00:00+00:00", ("list.md",), "length", 2, len(passages), len(lines.keys), zero, zero, zero
    )
    item = {"number": 1, "url": "http://x.org/", "title": "标题", "topic": ["A"], "note": None, "outcome": "read"}
    return Contents({"snapshot": name, "items": [item]}, [stored], table, lines, manifest)


def test_what_was_published_is_read_back_to_the_letter(tmp_path: Path) -> None:
    publish(tmp_path, contents("one"))
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
    publish(tmp_path, contents("one"))
    snapshot = Snapshot.open(tmp_path)
    allowed = np.asarray([1], np.int64)
    assert [passage for passage, _ in snapshot.lexical(["迁移"], 10, allowed)] == [1]
    assert [passage for passage, _ in snapshot.nearest(np.asarray([1, 0], np.float32), 10, allowed)] == [1]
    assert snapshot.passages_of([2]).tolist() == []
    snapshot.close()


def test_a_damaged_file_is_named_when_the_snapshot_is_opened(tmp_path: Path) -> None:
    publish(tmp_path, contents("one"))
    with (tmp_path / "snapshots" / "one" / "index.sqlite").open("r+b") as file:
        file.seek(5000)
        file.write(b"xx")
    with pytest.raises(StoreError, match=r"index\.sqlite.*citeback rollback"):
        Snapshot.open(tmp_path)


def test_a_large_file_is_held_against_its_length_and_on_demand_against_its_hash(tmp_path: Path) -> None:
    publish(tmp_path, contents("one"))
    folder = tmp_path / "snapshots" / "one"
    content = (folder / "index.sqlite").read_bytes()
    (folder / "index.sqlite").write_bytes(content[:-1] + b"x")
    read_manifest(folder, hashed=100)
    with pytest.raises(StoreError, match=r"index\.sqlite has changed"):
        read_manifest(folder, hashed=100, whole=True)
    (folder / "index.sqlite").write_bytes(content[:-1])
    with pytest.raises(StoreError, match=r"index\.sqlite has changed"):
        read_manifest(folder, hashed=100)


def test_the_manifest_says_how_vectors_are_indexed(tmp_path: Path) -> None:
    publish(tmp_path, contents("one"))
    manifest, report = read_manifest(tmp_path / "snapshots" / "one")
    assert manifest.vectors == report["vectors"] == {"kind": "exact", "ranked_again": 0, "probes": 0, "recall": 1.0}


def test_a_build_killed_before_its_manifest_leaves_the_previous_snapshot(tmp_path: Path) -> None:
    publish(tmp_path, contents("one"))
    part = tmp_path / "snapshots" / ".two.part"
    part.mkdir()
    (part / "index.sqlite").write_bytes(b"half")
    assert Snapshot.open(tmp_path).name == "one"
    publish(tmp_path, contents("three"))
    assert not part.exists()


def test_three_snapshots_are_kept_and_rollback_goes_one_back(tmp_path: Path) -> None:
    for name in ("1", "2", "3", "4"):
        publish(tmp_path, contents(name))
    assert snapshot_names(tmp_path) == ["2", "3", "4"]
    assert rollback(tmp_path) == "3"
    assert current_name(tmp_path) == "3"
    rollback(tmp_path)
    with pytest.raises(NoSnapshotError):
        rollback(tmp_path)


def test_a_folder_that_cannot_be_written_keeps_the_previous_snapshot(tmp_path: Path) -> None:
    publish(tmp_path, contents("one"))
    (tmp_path / "snapshots" / "two").write_text("a file where the folder should go")
    with pytest.raises(StoreError, match="previous one stays in use"):
        publish(tmp_path, contents("two"))
    assert Snapshot.open(tmp_path).name == "one"


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(BusyError, match="Another rebuild"), locked(tmp_path):
        pass


def test_no_snapshot_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshotError, match="citeback rebuild"):
        Snapshot.open(tmp_path)


def test_vectors_are_reused_by_text(tmp_path: Path) -> None:
    publish(tmp_path, contents("one"))
    embedder = LengthEmbedder()
    texts = [passage.text for passage in chunk(TEXT)] + ["new", "new"]
    table, embedded = vectorise(texts, embedder, Reused.of(tmp_path / "snapshots" / "one", "passage"), lambda *_: None)
    assert (embedded, embedder.seen) == (1, 1)
    assert np.array_equal(table.vectors[-1], table.vectors[-2])


def test_short_results_are_not_padded_with_wrong_rows(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v", np.eye(3, dtype=np.float32))
    vectors = Vectors(tmp_path / "v")
    assert vectors.nearest(np.asarray([1, 0, 0], np.float32), 10) == [(0, 1.0), (1, 0.0), (2, 0.0)]
    assert vectors.nearest(np.asarray([1, 0, 0], np.float32), 10, np.zeros(0, np.int64)) == []
