"""Write a snapshot whole, make it current in one step, keep the last three, go back. Knows no pages, no model.

A build writes into ``snapshots/.NAME.part``; the manifest comes last, then the folder is renamed, then CURRENT is
replaced. Whoever is killed anywhere before that leaves the previous snapshot as it was.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from index.errors import BusyError, StoreError
from index.manifest import (
    FORMAT,
    KEPT,
    VECTORS,
    Manifest,
    current_name,
    earlier_names,
    file_hash,
    read_manifest,
    snapshot_names,
)


@contextlib.contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the data folder for one build.

    Raises:
        BusyError: another build holds it.
        StoreError: the folder cannot be written.
    """
    import fcntl

    try:
        data.mkdir(parents=True, exist_ok=True)
        handle = (data / "rebuild.lock").open("a")
    except OSError as error:
        raise StoreError(
            f"The data folder {data} cannot be written ({error.strerror}): choose another with --data."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError(
                f"Another rebuild is at work in {data}: wait for it to end, or use another folder with --data."
            ) from error
        yield


@contextlib.contextmanager
def staged(data: Path, name: str) -> Iterator[Path]:
    """Make the folder in which a snapshot is written; it is removed unless it was published.

    Raises:
        StoreError: something could not be written; the previous snapshot stays current.
    """
    folder = data / "snapshots"
    part = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".*.part"):
            shutil.rmtree(leftover)
        part.mkdir()
        yield part
    except OSError as error:
        raise StoreError(
            f"The snapshot could not be written to {folder} ({error}): the previous one stays in use; "
            "free space or fix permissions."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def publish(data: Path, part: Path, manifest: Manifest, report: dict[str, Any]) -> str:
    """Complete the folder with report and manifest and make it the current snapshot; return its name."""
    (part / "report.json").write_bytes(orjson.dumps(report))
    files, sizes = {}, {}
    for path in sorted(part.iterdir()):
        with path.open("rb") as file:
            os.fsync(file.fileno())
        if path.name != VECTORS:
            files[path.name], sizes[path.name] = file_hash(path), path.stat().st_size
    with (part / "manifest.json").open("wb") as file:
        file.write(orjson.dumps({"format": FORMAT, **_plain(manifest), "files": files, "sizes": sizes}))
        file.flush()
        os.fsync(file.fileno())
    part.rename(data / "snapshots" / manifest.name)
    _point(data, manifest.name)
    _prune(data, manifest.name)
    return manifest.name


def _plain(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in Manifest.__slots__}


def rollback(data: Path) -> str:
    """Make the newest whole snapshot before the current one current again; return its name.

    Raises:
        NoSnapshotError: there is none to go back to.
        StoreError: none of them is whole; the current one stays current.
    """
    faults = []
    for name in earlier_names(data):
        try:
            read_manifest(data / "snapshots" / name, whole=True)
        except StoreError as fault:
            faults.append(fault)
        else:
            _point(data, name)
            return name
    raise StoreError(f"No earlier snapshot in {data} can be used, so nothing was changed: run `citeback rebuild`.") from faults[0]


def last_build(data: Path) -> tuple[tuple[str, ...], str]:
    """Return the lists and the embedder of the current snapshot, else of the newest whose manifest can be read, whole or not.

    Before the first build there are none: (), "".

    Raises:
        StoreError: there are snapshots, and no manifest of them can be read.
    """
    names = list(filter(None, dict.fromkeys([current_name(data), *reversed(snapshot_names(data))])))
    for name in names:
        try:
            document = json.loads((data / "snapshots" / name / "manifest.json").read_text(encoding="utf-8"))
            return tuple(str(source) for source in document["lists"]), str(document["embedder"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # the next older one may say it
    if names:
        raise StoreError(
            f"No snapshot in {data} can be read any more, so the lists of the last build are not known: "
            "name them, `citeback rebuild LIST ...`; every stored page is kept."
        )
    return (), ""


def _point(data: Path, name: str) -> None:
    fresh = data / ".CURRENT.part"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(data / "CURRENT")


def _prune(data: Path, current: str) -> None:
    names = snapshot_names(data)
    for name in names[: max(len(names) - KEPT, 0)]:
        if name != current:
            shutil.rmtree(data / "snapshots" / name, ignore_errors=True)
