"""Whatever stops a rebuild - Ctrl-C, kill -9, a full disk, another rebuild - is one clear line and loses nothing (law 5)."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.pages import PageStore
from index.store import Snapshot
from tests.sites.server import Site

ROOT = Path(__file__).parents[1]
PAGES = 16


class Numbered(Site):
    """Articles that differ by their number, each after ``pause`` seconds."""

    pause = 0.0

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Send the article of that path."""
        time.sleep(self.pause)
        body = f"<html><title>{request.path}</title><article><p>Kettle {request.path} boils water in two minutes, for its base is copper. " + (
            f"It was tried {request.path} times on a gas stove and on coals. " * 40
        )  # fmt: skip
        self._send(request, 404 if request.path == "/robots.txt" else 200, body.encode())


@pytest.fixture
def site() -> Iterator[Numbered]:
    running = Numbered()
    with running:
        yield running


def start(
    data: Path, *arguments: str, delay: float = 0, limit: int | None = None, ctrl_c: str = ""
) -> subprocess.Popen[str]:
    """Start a rebuild; ``ctrl_c`` is what becomes of it there, whatever it is here: "SIG_DFL" or "SIG_IGN"."""
    environment = {**os.environ, "CITEBACK_DELAY": str(delay), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "index", "--allow-private", "--json", "--data", str(data), *arguments]
    if ctrl_c:
        code = f"import os, signal, sys; signal.signal(signal.SIGINT, signal.{ctrl_c}); os.execv(sys.executable, sys.argv[1:])"
        command = [sys.executable, "-c", code, *command]
    process = subprocess.Popen(
        command, cwd=data.parent, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    if limit is not None:  # a file that may not grow fails as one on a full disk does; set long before Python has started
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    return process


def rebuilt(data: Path, *arguments: str, limit: int | None = None) -> tuple[int, str, str]:
    """Return exit code, standard output and the error lines of a rebuild."""
    process = start(data, *arguments, limit=limit)
    out, error = process.communicate(timeout=60)
    return (
        process.returncode,
        out,
        "".join(line for line in error.splitlines(True) if "citeback:" in line or "Error" in line),
    )


def finished(data: Path, source: str) -> dict[str, Any]:
    """Rebuild undisturbed, in this process."""
    options = BuildOptions(lists=(source,), allow_private=True)
    return build(Settings(data=data, delay=0), options, lambda *_: None)


def links(folder: Path, site: Site, *, first: int = 0) -> str:
    path = folder / f"list{first}.md"
    path.write_text("".join(f"- [{n}]({site.url}/{n})\n" for n in range(first, first + PAGES)), encoding="utf-8")
    return str(path)


def stored(data: Path) -> list[str]:
    with PageStore(data / "pages.sqlite") as pages:
        return [key.rpartition("/")[2] for key in pages.keys() if not key.startswith("robots")]  # noqa: SIM118


@pytest.mark.parametrize(
    ("sent", "ctrl_c"), [(signal.SIGINT, "SIG_DFL"), (signal.SIGTERM, "SIG_DFL"), (signal.SIGTERM, "SIG_IGN")]
)
def test_ctrl_c_and_sigterm_stop_at_once_publish_nothing_and_keep_what_was_fetched(
    site: Numbered, tmp_path: Path, sent: signal.Signals, ctrl_c: str
) -> None:
    data, source = tmp_path / "data", links(tmp_path, site)
    process = start(data, source, delay=0.3, ctrl_c=ctrl_c)
    while sum(site.hits.values()) < 4:
        time.sleep(0.02)
        assert process.poll() is None
    process.send_signal(sent)
    began = time.monotonic()
    out, error = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert time.monotonic() - began < 5
    assert error.splitlines()[-1].startswith("citeback: stopped. What was fetched is kept")
    assert not any(word in error for word in ("Traceback", "destroyed", "Unclosed"))
    assert not (data / "CURRENT").exists()
    kept = stored(data)
    assert 2 <= len(kept) < PAGES
    site.hits.clear()
    finished(data, source)
    assert sorted(path.strip("/") for path in site.hits if path != "/robots.txt") == sorted(
        {str(n) for n in range(PAGES)} - set(kept)
    )


@pytest.mark.parametrize("limit", [60_000, 150_000])
def test_a_full_disk_is_one_line_and_the_next_build_goes_on(site: Numbered, tmp_path: Path, limit: int) -> None:
    data, source = tmp_path / "data", links(tmp_path, site)
    code, _, error = rebuilt(data, source, limit=limit)
    assert code == 1
    what = "cannot be opened" if limit == 60_000 else "be written"  # the empty tables alone take 70 kB
    assert what in error, error
    assert "free space" in error
    assert "Traceback" not in error
    assert error.count("\n") == 1
    kept = stored(data)
    site.hits.clear()
    assert finished(data, source)["outcomes"] == {"read": PAGES}
    assert not any(site.hits[f"/{number}"] for number in kept)


def test_a_second_rebuild_is_told_of_the_first_which_goes_on(site: Numbered, tmp_path: Path) -> None:
    data, source = tmp_path / "data", links(tmp_path, site)
    first = start(data, source, delay=0.1)
    while sum(site.hits.values()) < 3:
        time.sleep(0.02)
    code, out, error = rebuilt(data, source)
    assert (code, out) == (1, "")
    assert "Another rebuild is at work" in error
    out, _ = first.communicate(timeout=30)
    assert (first.returncode, json.loads(out)["outcomes"]) == (0, {"read": PAGES})


def test_killed_again_and_again_a_rebuild_asks_only_for_what_is_missing(site: Numbered, tmp_path: Path) -> None:
    data, source = tmp_path / "data", links(tmp_path, site)
    finished(data, links(tmp_path, site, first=200))
    site.hits.clear()
    site.pause = 0.1
    for wanted in (2, 5, 11):
        process = start(data, source)
        while sum(site.hits.values()) < wanted:
            time.sleep(0.01)
        process.kill()
        process.communicate()
        Snapshot.open(data).close()
    assert finished(data, source)["outcomes"] == {"read": PAGES}
    again = sum(times - 1 for path, times in site.hits.items() if path != "/robots.txt")
    assert again <= 2 * 3  # two connections may have been open at each kill
