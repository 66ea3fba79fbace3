"""Whatever ends a build, what was readable stays readable: killed, out of space, read-only, damaged, twice at once."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.store import Snapshot
from tests.sites.server import ARTICLE, Site

ROOT = Path(__file__).parents[1]
LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file at its limit then fails as a full disk does
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.argv = ["citeback", *sys.argv[2:]]
from rag.cli import main
main()
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A published snapshot of one page, and a list of thirty more that are not fetched yet."""
    with Site() as site:
        (tmp_path / "list.md").write_text(f"- [Kettle]({site.url}/article)\n", encoding="utf-8")
        build(
            Settings(data=tmp_path / "data", delay=0),
            BuildOptions(lists=(str(tmp_path / "list.md"),), allow_private=True),
            lambda *_: None,
        )
    (tmp_path / "more.jsonl").write_text(
        "".join(
            json.dumps({"url": f"https://example.org/{n}", "title": f"{n} " + ARTICLE * 3}) + "\n" for n in range(300)
        ),
        encoding="utf-8",
    )
    return tmp_path / "data"


def readable(data: Path) -> bool:
    snapshot = Snapshot.open(data)
    return "copper" in snapshot.text(1)


def test_a_build_killed_at_random_moments_loses_nothing_and_comes_out_the_same() -> None:
    assert runpy.run_path(str(ROOT / "bench" / "kill.py"))["main"](3) == 0


@pytest.mark.parametrize("limit", [50_000, 400_000, 1_000_000])
def test_a_full_disk_is_one_clear_line_and_the_snapshot_stays(data: Path, limit: int) -> None:
    arguments = ["rebuild", str(data.parent / "more.jsonl"), "--offline", "--data", str(data)]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *arguments], capture_output=True, text=True, check=False, cwd=data.parent,
        env={"PYTHONPATH": str(ROOT), "PATH": ""}, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert "space" in last or "permissions" in last
    assert "Traceback" not in done.stderr
    assert readable(data)
    assert len(list((data / "snapshots").iterdir())) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_one_clear_line(data: Path) -> None:
    data.chmod(0o500)
    done = subprocess.run(
        [sys.executable, "-m", "index", "--offline", "--data", str(data)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    data.chmod(0o700)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert readable(data)


@pytest.mark.parametrize("file", ["index.sqlite", "passages.faiss", "manifest.json", "report.json", "sentences.npy"])
def test_a_damaged_or_half_written_snapshot_is_named_and_a_rebuild_mends_it(data: Path, file: str) -> None:
    [folder] = (data / "snapshots").iterdir()
    whole = (folder / file).read_bytes()
    (folder / file).write_bytes(whole[: len(whole) // 2])
    done = subprocess.run(
        [sys.executable, "-m", "rag.cli", "ask", "kettle?", "--data", str(data)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert "citeback rebuild" in done.stderr
    assert "Traceback" not in done.stderr
    build(Settings(data=data), BuildOptions(lists=(str(data.parent / "list.md"),), offline=True), lambda *_: None)
    assert readable(data)


def test_a_second_build_at_the_same_time_says_so_and_changes_nothing(data: Path) -> None:
    import fcntl

    with (data / "rebuild.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run(
            [sys.executable, "-m", "index", "--offline", "--data", str(data)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
    assert done.returncode == 1
    assert "Another rebuild is at work" in done.stderr
    assert readable(data)
