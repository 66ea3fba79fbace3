"""What a build costs beside its floor, each measured beside that floor in the same run: whole builds, small changes, no change, memory.

Pages are generated (bench/generated.py). The whole build uses the bundled encoder and a server on loopback that answers politely
slowly; the others use ready vectors, so that what is left is citeback's own. Every part runs in a process of its own.

"Beside embedding and reading" is the processor time of the building process, system calls included, less what the stand-in for the
encoder used. Reading is what is done once a page content, in processes of its own, and kept: extraction, cutting into passages,
sentences and clauses, cleaning them, their keys, terms and sketch. All the rest counts: the list, judging and duplicates, which texts
have no vector yet, taking and rounding vectors, every table, vectors, both indexes, hashing and publishing.

    python bench/build.py                  whole and small: 48 articles crawled, read and embedded; 1,500 articles, 20,000 passages,
                                           then 1 % of them changed, seven times, then nothing (two minutes)
    python bench/build.py small            the second of these alone
    python bench/build.py large [N]        10,000 articles: memory, and a build in which nothing changed
    python bench/build.py life [N]         10,000 rebuilds of small changes: what the data folder grows to
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import generated  # noqa: E402

AT = "2026-01-01T00:00:00+00:00"
ADDRESS = "https://h{}.example.org"


class Ready:
    """Vectors that are there already, by the hash of their text; counts what it was asked for and the time that took."""

    name, dimension = "ready", 512

    def __init__(self) -> None:
        import numpy as np

        rows = np.random.default_rng(0).standard_normal((1 << 14, self.dimension), dtype=np.float32)
        self._rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        self.texts, self.processor = 0, 0.0

    def passages(self, texts: Sequence[str]) -> Any:
        began = time.thread_time()
        self.texts += len(texts)
        rows = self._rows[[hash(text) % len(self._rows) for text in texts]]
        self.processor += time.thread_time() - began
        return rows

    queries = passages


def stored(data: Path, numbers: Sequence[int], version: int) -> None:
    """Put generated pages into the page store, as if they had been fetched."""
    from index.pages import PageStore
    from index.records import Page
    from index.urls import identity

    with PageStore(data / "pages.sqlite") as pages:
        for number in numbers:
            url = f"{ADDRESS.format(number % 16)}/p/{number}"
            kind = (("content-type", "text/html; charset=utf-8"),)
            pages.put(Page(identity(url), url, 200, kind, generated.page(number, version), AT))


def listed(data: Path, count: int, address: str = ADDRESS) -> Path:
    """Write the list of those pages."""
    data.mkdir(parents=True, exist_ok=True)
    source = data / "list.md"
    source.write_text(generated.link_list(address, count), encoding="utf-8")
    return source


def built(data: Path, source: Path, embedder: Any = None, **options: Any) -> dict[str, Any]:
    """Build; an ``embedder`` takes the place of the one that is named."""
    import index.build as module
    from index.config import Settings

    loaded = module.load_embedder
    if embedder is not None:
        module.load_embedder = lambda *_, **__: embedder
    try:
        name = embedder.name if embedder is not None else ""
        settings = Settings(data=data, delay=options.pop("delay", 0.0), embedder=name)
        return module.build(settings, module.BuildOptions(lists=(str(source),), **options), lambda *_: None)
    finally:
        module.load_embedder = loaded


def processor(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of this process for a piece of work."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def small(count: int) -> list[str]:
    """The first index from what was read, then one article in a hundred changed, then nothing changed."""
    import faiss
    import numpy as np

    lines = []
    with tempfile.TemporaryDirectory() as name:
        data, ready = Path(name), Ready()
        source = listed(data, count)
        stored(data, range(count), 0)
        built(data, source, ready, offline=True)  # reads every page; what was read is kept
        for path in (data / "snapshots", data / "vectors"):
            subprocess.run(["rm", "-r", str(path)], check=True)
        (data / "CURRENT").unlink()
        ready.processor, ready.texts = 0.0, 0
        seconds, report = processor(lambda: built(data, source, ready, offline=True))
        passages = report["embedded_passages"]
        rows = np.random.default_rng(0).standard_normal((passages, 512), dtype=np.float32)

        def bare() -> None:
            index = faiss.IndexFlatIP(512)
            index.add(rows)
            faiss.write_index(index, str(data / "bare.faiss"))

        floor, _ = processor(bare)
        own = seconds - ready.processor
        lines.append(
            f"first index of {passages} passages, {ready.texts} vectors with sentences and clauses: {own:.2f} s of processor beside embedding and "
            f"reading; bare FAISS, passages only, {floor:.2f} s ({own / floor:.1f} x)"
        )
        changed = range(0, count, 100)
        spent: list[float] = []
        for version in range(1, 8):  # one after the other, as a server's rebuilds are
            stored(data, changed, version)
            reading, _ = processor(lambda: read(data, changed))
            ready.processor, ready.texts = 0.0, 0
            seconds, report = processor(lambda: built(data, source, ready, offline=True))
            spent.append(seconds - ready.processor)
        again, _ = processor(lambda: faiss.IndexFlatIP(512).add(rows[: report["embedded_passages"]]))
        lines.append(
            f"{len(changed)} of {count} articles changed: {report['embedded_passages']} passages embedded ({report['changes']['changed']} articles "
            f"differ), {sorted(spent)[3]:.2f} s of processor beside embedding and beside reading them ({reading:.2f} s), the median of seven such "
            f"changes, of which the first, just after the first index, took {spent[0]:.2f}; bare FAISS {again:.3f} s"
        )
        began = time.monotonic()
        report = built(data, source, ready, offline=True)
        lines.append(f"nothing changed: {report['embedded_passages']} embedded, {time.monotonic() - began:.2f} s")
    return lines


def read(data: Path, numbers: Sequence[int]) -> None:
    """Read stored pages, so that the build finds them read."""
    from index.pages import PageStore
    from index.readings import Readings
    from index.urls import identity

    with PageStore(data / "pages.sqlite") as pages:
        readings = Readings(pages)
        keys = [identity(f"{ADDRESS.format(number % 16)}/p/{number}") for number in numbers]
        for key, state in pages.states(keys).items():
            readings.read(key, state.copies[0])


def whole(count: int) -> list[str]:
    """Crawl, read and embed alone and one after the other, then the build that does all three."""
    from index.crawl import CrawlSettings, Target, crawl
    from index.embed import load_embedder
    from index.pages import PageStore
    from index.readings import Readings
    from index.urls import identity
    from tests.sites.server import Site

    class Generated(Site):
        def answer(self, request: BaseHTTPRequestHandler) -> None:
            if request.path == "/robots.txt":
                return self._send(request, 404, b"")
            return self._send(request, 200, generated.page(int(request.path.rpartition("/")[2])))

    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name, Generated() as site:
        folder, delay = Path(name), 0.5
        source = listed(folder / "whole", count, site.url)
        embedder = load_embedder()
        embedder.passages(["warm"])
        links = [f"{site.url}/p/{number}" for number in range(count)]
        began = time.monotonic()
        with PageStore(folder / "alone.sqlite") as pages:
            targets = [Target(identity(link), link) for link in links]
            crawl(targets, pages, CrawlSettings(delay=delay, allow_private=True), lambda _: None)
            seconds["crawl"] = time.monotonic() - began
            began = time.monotonic()
            readings = Readings(pages)
            states = pages.states([target.key for target in targets])
            for key, state in states.items():
                readings.read(key, state.copies[0])
            seconds["read"] = time.monotonic() - began
            texts = seen(readings, list(states))
            began = time.monotonic()
            for at in range(0, len(texts), 512):
                embedder.passages(texts[at : at + 512])
            seconds["embed"] = time.monotonic() - began
        began = time.monotonic()
        built(folder / "whole", source, delay=delay, allow_private=True)
        total = time.monotonic() - began
    slowest = max(seconds, key=lambda stage: seconds[stage])
    alone = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in seconds.items())
    return [
        f"whole build of {count} articles: {total:.1f} s; alone: {alone}; {total / seconds[slowest]:.2f} x the slowest ({slowest}), "
        f"{total / sum(seconds.values()):.2f} x all three one after the other"
    ]


def seen(readings: Any, keys: Sequence[str]) -> list[str]:
    """The distinct texts that a build embeds of those pages."""
    texts: dict[str, None] = {}
    for key in keys:
        body = readings.body(key, "web")
        texts |= dict.fromkeys([*body.plain, *body.lines])
    return list(texts)


def large(count: int) -> list[str]:
    """Peak memory of a build of many articles, and a build of them in which nothing changed."""
    with tempfile.TemporaryDirectory() as name:
        data, ready = Path(name), Ready()
        source = listed(data, count)
        stored(data, range(count), 0)
        began = time.monotonic()
        report = built(data, source, ready, offline=True)
        spent = time.monotonic() - began
        own, children = (
            resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        began = time.monotonic()
        spent_idle, again = processor(lambda: built(data, source, ready, offline=True))
        idle = time.monotonic() - began
    return [
        f"{count} articles, {report['embedded_passages']} passages: {spent:.0f} s with ready vectors; peak {own} MB, "
        f"{children} MB in a process that reads",
        f"nothing changed in {count} articles: {idle:.2f} s, {spent_idle:.2f} s of processor, {again['embedded_passages']} embedded",
    ]


def life(rebuilds: int) -> list[str]:
    """The size of the data folder over many rebuilds of small changes."""
    lines = []
    with tempfile.TemporaryDirectory() as name:
        data, ready = Path(name), Ready()
        source = listed(data, 20)
        stored(data, range(20), 0)
        marks = {rebuilds // 100, rebuilds // 10, rebuilds}
        for turn in range(1, rebuilds + 1):
            stored(data, [turn % 20], turn)
            built(data, source, ready, offline=True)
            if turn in marks:
                found = [path.stat() for path in (data / "snapshots").rglob("*") if path.is_file()]
                vectors = {told.st_ino for told in (path.stat() for path in (data / "vectors").rglob("*.bin"))}
                once = {told.st_ino: told.st_size for told in found if told.st_ino not in vectors}  # a file may have several names
                sizes = {
                    "snapshots": sum(once.values()),
                    "vectors": sum(path.stat().st_size for path in (data / "vectors").rglob("*") if path.is_file()),
                }
                sizes["pages"] = sum(path.stat().st_size for path in data.glob("pages.sqlite*"))
                told = ", ".join(f"{part} {size / 1e6:.1f} MB" for part, size in sizes.items())
                lines.append(f"after {turn} rebuilds: {len(list((data / 'snapshots').iterdir()))} snapshots; {told}")
    return lines


PARTS: dict[str, tuple[Callable[[int], list[str]], int]] = {
    "whole": (whole, 48), "small": (small, 1500), "large": (large, 10_000), "life": (life, 10_000),
}  # fmt: skip


def main(parts: Sequence[str], size: int | None) -> None:
    """Run parts, each in a process of its own, and print what they found."""
    for part in parts:
        count = size or PARTS[part][1]
        command = [sys.executable, __file__, "--part", part, str(count)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        print("\n".join(json.loads(done.stdout.splitlines()[-1])), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps(PARTS[sys.argv[2]][0](int(sys.argv[3]))))
    else:
        if unknown := [argument for argument in sys.argv[1:] if argument not in PARTS and not argument.isdigit()]:
            sys.exit(f"There is no part {unknown[0]}: {', '.join(PARTS)}, then how many.")
        chosen = [argument for argument in sys.argv[1:] if argument in PARTS] or ["whole", "small"]
        main(chosen, next((int(argument) for argument in sys.argv[1:] if argument.isdigit()), None))
