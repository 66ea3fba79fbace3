"""A damaged or half-written file, a folder that may not be written: one clear line each, and nothing is lost (law 5)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.errors import StoreError
from index.pages import PageStore
from index.publish import rollback
from index.records import Outcome, Unread
from index.store import Snapshot
from index.storefault import check
from index.work import work_for

ROOT = Path(__file__).parents[1]


def rebuild(data: Path, *lists: Path) -> list[str]:
    """Return the lists that were built."""
    options = BuildOptions(lists=tuple(str(path) for path in lists), offline=True)
    return list(build(Settings(data=data), options, lambda *_: None)["lists"])


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two snapshots: of an old list, then of a new one."""
    folder = tmp_path_factory.mktemp("durability")
    for name in ("old", "new"):
        (folder / f"{name}.md").write_text(
            f"- [Kettles, {name}](https://{name}.example.org/kettles)\n", encoding="utf-8"
        )
        rebuild(folder / "data", folder / f"{name}.md")
    return folder


@pytest.fixture
def data(twice: Path, tmp_path: Path) -> Path:
    shutil.copytree(twice / "data", tmp_path / "data")
    return tmp_path / "data"


def current(data: Path) -> str:
    return (data / "CURRENT").read_text(encoding="utf-8").strip()


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "half":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    else:
        path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])


@pytest.mark.parametrize(
    ("name", "how"),
    [("texts.bin", "changed"), ("report.json", "missing"), ("vectors.bin", "half"), ("passages.faiss", "empty")],
)
def test_a_damaged_snapshot_is_made_anew_from_the_same_list(twice: Path, data: Path, name: str, how: str) -> None:
    damage(data / "snapshots" / current(data) / name, how)
    with pytest.raises(StoreError, match="citeback rebuild") as told:
        Snapshot.open(data)
    assert ("citeback rollback" in str(told.value)) is (name != "vectors.bin")  # which all snapshots share
    assert rebuild(data) == [str(twice / "new.md")]
    Snapshot.open(data).close()


@pytest.mark.parametrize("how", ["missing", "half"])
def test_a_manifest_that_cannot_be_read_leaves_the_list_before(twice: Path, data: Path, how: str) -> None:
    damage(data / "snapshots" / current(data) / "manifest.json", how)
    assert rebuild(data) == [str(twice / "old.md")]


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_without_a_word_of_which_snapshot_is_current_the_newest_counts(twice: Path, data: Path, how: str) -> None:
    damage(data / "CURRENT", how)
    assert rebuild(data) == [str(twice / "new.md")]


def test_where_no_snapshot_says_the_lists_any_more_no_other_list_is_built(twice: Path, data: Path) -> None:
    for path in (data / "snapshots").glob("*/manifest.json"):
        damage(path, "half")
    with pytest.raises(StoreError, match=r"name them, `citeback rebuild LIST \.\.\.`; every stored page is kept"):
        rebuild(data)
    assert rebuild(data, twice / "new.md") == [str(twice / "new.md")]


def test_after_damage_a_build_says_so_and_compares_with_what_the_last_one_found(data: Path, twice: Path) -> None:
    broken = current(data)
    for texts in data.glob("snapshots/*/texts.bin"):
        damage(texts, "half")
    report = build(Settings(data=data), BuildOptions(offline=True), lambda *_: None)
    assert report["unusable"][0] == broken
    assert report["changes"]["unchanged"] == 1 == report["references"]
    assert current(data) == report["snapshot"] != broken
    assert "unusable" not in build(Settings(data=data), BuildOptions(offline=True), lambda *_: None)


def test_a_damaged_snapshot_still_says_which_embedder_it_had(data: Path) -> None:
    manifest = data / "snapshots" / current(data) / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"embedder":"', b'"embedder":"other '))
    for texts in data.glob("snapshots/*/texts.bin"):
        damage(texts, "half")
    with PageStore(data / "pages.sqlite") as pages:
        work = work_for(Settings(data=data), BuildOptions(offline=True), pages)
    assert work.previous is None
    assert work.embedder.startswith("other ")


def test_a_half_written_page_store_is_one_line_and_the_snapshot_stays(data: Path) -> None:
    path = data / "pages.sqlite"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])
    with pytest.raises(StoreError, match=r"pages\.sqlite is damaged.*move the file away"):
        rebuild(data)
    Snapshot.open(data).close()


@pytest.mark.parametrize("at", [0, 20_000])
def test_a_damaged_page_store_is_found_and_what_to_do_is_said(data: Path, tmp_path: Path, at: int) -> None:
    source, path = tmp_path / "list.md", data / "pages.sqlite"
    lines = (f"- [Kettles {n}](https://{n}.example.org/{'k' * 300})\n" for n in range(90))
    source.write_text("".join(lines), encoding="utf-8")
    rebuild(data, source)
    with PageStore(path) as pages:
        for n in range(90):
            pages.put_unread(f"{n}.example.org/{'k' * 300}", Unread(Outcome.NETWORK, "no answer"), "2026-01-01T00:00:00Z")
    check(path)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * 4096)
    with pytest.raises(StoreError, match=r"pages\.sqlite is damaged .*: questions are still answered; .*`citeback rebuild`") as told:
        check(path)
    assert len(str(told.value)) < 500
    path.unlink()
    assert rebuild(data) == [str(source)]


def test_a_folder_that_may_not_be_written_is_one_line_and_stays_as_it_is(twice: Path) -> None:
    with tempfile.TemporaryDirectory() as name:  # not under tmp_path, which only its owner may enter
        data = Path(name) / "data"
        shutil.copytree(twice / "data", data)
        paths = [Path(name), data, *data.rglob("*")]
        for path in paths:
            path.chmod(0o555 if path.is_dir() else 0o444)
        code = f"""
import fcntl, os
from pathlib import Path
from index.build import BuildOptions, build
from index.config import Settings
from index.errors import StoreError
from index.pages import PageStore
from index.store import Snapshot
from index.storefault import check
from index.work import work_for
was = os.geteuid()
if was == 0:  # root may write anywhere
    os.seteuid(65534)
try:
    build(Settings(data=Path({str(data)!r})), BuildOptions(offline=True), lambda *_: None)
except StoreError as error:
    print(error)
os.seteuid(was)
Snapshot.open(Path({str(data)!r})).close()
"""
        result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        for path in paths:
            path.chmod(0o755)
    assert result.stdout.startswith(f"The data folder {data} cannot be written")
    assert result.stdout.rstrip().endswith("choose another with --data.")


def test_going_back_leaves_out_what_is_damaged_and_changes_nothing_where_all_is(twice: Path, data: Path) -> None:
    old, new = sorted(path.parent.name for path in (data / "snapshots").glob("*/manifest.json"))
    rebuild(data, twice / "old.md")
    damage(data / "snapshots" / new / "texts.bin", "changed")
    assert rollback(data) == current(data) == old
    rebuild(data, twice / "new.md")
    now = current(data)
    for path in (data / "snapshots").glob("*/texts.bin"):
        if path.parent.name != now:
            damage(path, "empty")
    with pytest.raises(StoreError, match=r"nothing was changed: run `citeback rebuild`"):
        rollback(data)
    assert current(data) == now
