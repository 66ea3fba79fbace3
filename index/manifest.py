"""What a snapshot says of itself, and which one is current. Knows no vectors and no texts."""

from __future__ import annotations

import contextlib
import mmap
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from index.errors import NoSnapshotError, StoreError
from index.records import Item, Outcome

FORMAT = 6
KEPT = 3  # snapshots, the current one among them
HASHED = 2**26
"""Bytes to which a file's hash is checked whenever a snapshot is opened.

Of a larger file only the length is: hashing it takes seconds and reads in what a question would never have touched. That a disk
changed bytes in place is looked for by `citeback status --check` and by every build before it takes anything over.
"""
TURNS = 8
"""Days in which builds that look at one window in eight, of a large file of vectors, have looked at all of them."""
WINDOW = 8 * 2**20
"""Bytes that have a hash of their own in a file that grows: each build hashes the last ones anew."""
WIDE = 64 * 2**20  # what they were where nothing is said of it, and what is mapped of other files at a time
VECTORS = "vectors.bin"
_FOUND = "damage-found"  # a file beside the others
_REPAIR = "run `citeback rollback` for the previous one, or `citeback rebuild`"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What must match between the index and a question, and the size of things.

    ``fingerprint`` stands for all that the snapshot was made from; a build that would be made from the same is not made.
    ``store`` names the Milvus ``uri`` and ``collection`` that are searched; empty: the snapshot's own files are.
    ``vectors`` says how the vectors are indexed (``index.vectors.VectorIndex``). ``stored`` is how much of the file of vectors was
    there, in "bytes" and as "digests" (``digests``), each of a "window": it grows at its end with later builds (``index.vectorcache``).
    """

    name: str
    created_at: str
    lists: tuple[str, ...]
    embedder: str
    dimension: int
    passages: int
    sentences: int
    query_means: dict[str, list[float]]
    passage_means: dict[str, list[float]]
    sentence_means: dict[str, list[float]]
    fingerprint: str = ""
    vectors: dict[str, Any] = field(default_factory=dict)
    clause_means: dict[str, list[float]] = field(default_factory=dict)
    store: dict[str, str] = field(default_factory=dict)
    stored: dict[str, Any] = field(default_factory=dict)


def current_name(data: Path) -> str | None:
    """Return the name of the published snapshot, or None before the first build."""
    try:
        return (data / "CURRENT").read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(
            f"{data / 'CURRENT'} cannot be read ({error.strerror}): check the folder's permissions."
        ) from error


def snapshot_names(data: Path) -> list[str]:
    """Return the complete snapshots, oldest first."""
    return sorted(
        entry.parent.name
        for entry in (data / "snapshots").glob("*/manifest.json")
        if not entry.parent.name.startswith(".")
    )


def earlier_names(data: Path) -> list[str]:
    """Return the snapshots before the current one, newest first.

    Raises:
        NoSnapshotError: there is none.
    """
    current = current_name(data)
    older = [name for name in snapshot_names(data) if current is not None and name < current]
    if not older:
        raise NoSnapshotError(f"There is no earlier snapshot in {data} to go back to; the last {KEPT} are kept.")
    return older[::-1]


def read_manifest(
    directory: Path, *, whole: bool = False, hashed: int = HASHED, day: int | None = None
) -> tuple[Manifest, dict[str, Any]]:
    """Return the manifest and the report of a snapshot folder, its files checked: large ones by length unless ``whole``.

    With a ``day`` (any number that is one more tomorrow) only those windows of the vectors are looked at whose turn it is then,
    unless damage was found in them before.

    Raises:
        StoreError: a file is missing, damaged or of another format.
    """
    try:
        document = orjson.loads((directory / "manifest.json").read_bytes())
        files = document.pop("files")
        version = document.pop("format")
        sizes = document.pop("sizes", {})
        for name, digest in files.items():
            size = (directory / name).stat().st_size
            if size == sizes.get(name) and size > hashed and not whole:
                continue
            if file_hash(directory / name) != digest:
                raise _damaged(directory, name)
        _check_vectors(directory, document.get("stored", {}), hashed=sys.maxsize if whole else hashed, day=day)
        report = orjson.loads((directory / "report.json").read_bytes())
        if version != FORMAT:
            raise StoreError(
                f"Snapshot {directory.name} has format {version}, this citeback reads {FORMAT}: run `citeback rebuild`."
            )
        document["lists"] = tuple(document["lists"])
        return Manifest(**document), report
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"Snapshot {directory.name} cannot be opened ({error}): {_REPAIR}.") from error


def _check_vectors(directory: Path, stored: dict[str, Any], *, hashed: int, day: int | None) -> None:
    path, size, found = directory / VECTORS, int(stored.get("bytes", 0)), directory / _FOUND
    if size and path.stat().st_size < size:
        raise _damaged(directory, VECTORS)
    window = int(stored.get("window", WIDE))
    count = -(-size // window)
    turns = 1 if day is None or found.exists() else min(TURNS, count)
    for number in range((day or 0) % turns, count, turns) if 0 < size <= hashed else ():
        if _window_hash(path, size, number, window) != stored["digests"][number]:
            with contextlib.suppress(OSError):  # the next build, of whatever day, looks at all of them
                found.touch()
            raise _damaged(directory, VECTORS)


def _damaged(directory: Path, name: str) -> StoreError:
    repair = _REPAIR if name != VECTORS else "run `citeback rebuild` (earlier snapshots share this file)"
    return StoreError(f"Snapshot {directory.name} is damaged ({name} has changed since it was written): {repair}.")


def file_hash(path: Path) -> str:
    """Return the XXH3 hash of a file: it shows damage as surely as SHA-256 does, in an eighth of the time."""
    import xxhash

    digest, size = xxhash.xxh3_128(), path.stat().st_size
    for number in range(-(-size // WIDE)):
        with _window(path, size, number, WIDE) as window:
            digest.update(window)
    return digest.hexdigest()


def digests(path: Path, size: int, known: Sequence[str], window: int) -> list[str]:
    """Return the hash of every ``window`` of the first ``size`` bytes; those ``known`` of whole ones are taken as they are."""
    kept = list(known[: size // window])
    return kept + [_window_hash(path, size, number, window) for number in range(len(kept), -(-size // window))]


def _window_hash(path: Path, size: int, number: int, window: int) -> str:
    import xxhash

    with _window(path, size, number, window) as content:
        return xxhash.xxh3_128_hexdigest(content)


def _window(path: Path, size: int, number: int, window: int) -> mmap.mmap:
    start = number * window
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), min(window, size - start), access=mmap.ACCESS_READ, offset=start)


def stored_item(row: dict[str, Any]) -> Item:
    """Return the record of one item of a report."""
    return Item(**dict(row, topic=tuple(row["topic"]), outcome=Outcome(row["outcome"])))
