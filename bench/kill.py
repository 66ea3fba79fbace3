"""kill -9 at random points of a 200-page rebuild: nothing readable is lost, nothing stored is fetched again, the index comes out the same.

Each folder first publishes a small snapshot; then a rebuild of 200 pages is killed at random moments, over and over, until it
completes. After every kill the published snapshot is opened and asked; at the end every table and every vector is compared, to the byte,
with those of an undisturbed build. A page may be asked for twice only if its answer was on its way when a kill came.

    python bench/kill.py [KILLS]     default 50, about three minutes
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from index.manifest import current_name  # noqa: E402
from index.store import Snapshot  # noqa: E402
from tests.sites.server import Site  # noqa: E402
from tests.small_library import said  # noqa: E402

PAGES = 200


class Slow(Site):
    """Two hundred articles, each after 20 milliseconds."""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Send the article of that number."""
        if request.path == "/robots.txt":
            return self._send(request, 404, b"")
        time.sleep(0.02)
        number = int(request.path.rpartition("/")[2])
        facts = "".join(
            f"水壶{number}号在第{n}次实验里用了{number * n % 97}秒，水温升到{(number + n) % 80}度。" for n in range(12)
        )
        return self._send(
            request, 200, f"<html><title>水壶{number}</title><article><p>{facts}</p></article></html>".encode()
        )


def rebuild(data: Path, source: Path) -> subprocess.Popen[bytes]:
    """Start a rebuild in a process of its own."""
    command = [sys.executable, "-m", "index", str(source), "--allow-private", "--data", str(data), "--json"]
    environment = {"PYTHONPATH": str(ROOT), "CITEBACK_DELAY": "0", "PATH": "/usr/bin:/bin"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def contents(data: Path) -> dict[str, object]:
    """Return what the tables of the published snapshot say."""
    folder = data / "snapshots" / str(current_name(data))
    return {path.name: said(path) for path in folder.iterdir() if path.suffix != ".json"}


def main(kills: int) -> int:
    """Kill so many times; return how many faults were found."""
    chance = random.Random(7)
    faults = done = rounds = repeated = 0
    with tempfile.TemporaryDirectory() as name, Slow() as site:
        folder = Path(name)
        whole, small = folder / "whole.md", folder / "small.md"
        whole.write_text("".join(f"- [{n}]({site.url}/p/{n})\n" for n in range(PAGES)), encoding="utf-8")
        small.write_text("".join(f"- [{n}]({site.url}/p/{n})\n" for n in range(1000, 1003)), encoding="utf-8")
        began = time.monotonic()
        assert rebuild(folder / "calm", whole).wait() == 0
        longest = time.monotonic() - began
        expected = contents(folder / "calm")
        while done < kills:
            rounds += 1
            data = folder / f"round{rounds}"
            assert rebuild(data, small).wait() == 0
            site.hits.clear()
            here = 0
            while True:
                running = rebuild(data, whole)
                try:
                    code: int | None = running.wait(chance.uniform(0.2, longest) if done < kills else None)
                except subprocess.TimeoutExpired:
                    running.send_signal(signal.SIGKILL)
                    running.wait()
                    code, done, here = None, done + 1, here + 1
                snapshot = Snapshot.open(data)  # checks every hash
                faults += not snapshot.text(1)
                snapshot.close()
                if code is not None:
                    faults += code != 0
                    break
            faults += contents(data) != expected
            again = sum(times - 1 for path, times in site.hits.items() if path.startswith("/p/"))
            repeated += again
            faults += again > 2 * here  # two connections a host may have been open at each kill
            faults += len(list((data / "snapshots").iterdir())) > 3
            print(
                f"folder {rounds}: {here} kills, {again} of {PAGES} pages asked for twice, index equal: {contents(data) == expected}"
            )
    print(f"{done} kills in {rounds} folders, {repeated} requests repeated, {faults} faults")
    return faults


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)))
