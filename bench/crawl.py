"""Pages a second and memory of a crawl from loopback without delay, beside Scrapy with a callback that does nothing and trafilatura's own.

All three ask the same server (a process of its own, sixteen ports, so sixteen hosts) for the same pages in one run, in turn, each in
a process of its own. citeback commits every page before it counts. Prints ratios; fails when citeback reaches less than 0.8 of the
rate of the same Scrapy with nothing to do, or needs more than 300 MB for the pages of a long list.

    python bench/crawl.py [PAGES]     default 2000; 10000 for the memory of a long list
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
PORTS = 16
_WORDS = "<p>The kettle boils water in two minutes, for it is copper.</p>" * 160
BODY = f"<html><head><title>A kettle</title></head><body><article>{_WORDS}</article></body></html>".encode()


def serve() -> None:
    """Answer every path with the same 10 kB until killed; prints the ports first."""
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " + str(len(BODY)).encode() + b"\r\n\r\n" + BODY
    )
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(missing if head.startswith(b"GET /robots.txt") else answer)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async def run() -> None:
        servers = [await asyncio.start_server(handle, "127.0.0.1", 0) for _ in range(PORTS)]
        print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
        await asyncio.sleep(600)

    asyncio.run(run())


def urls(ports: list[int], pages: int) -> list[str]:
    """Return the links, spread over the hosts."""
    return [f"http://127.0.0.1:{ports[n % PORTS]}/p/{n}" for n in range(pages)]


def citeback(links: list[str]) -> None:
    """Crawl into a page store."""
    from index.crawl import CrawlSettings, Target, crawl
    from index.pages import PageStore

    with tempfile.TemporaryDirectory() as folder, PageStore(Path(folder) / "pages.sqlite") as store:
        settings = CrawlSettings(delay=0, per_host=2, allow_private=True)
        report = crawl([Target(link, link) for link in links], store, settings, lambda _: None)
        assert report.stored == len(links)


def nothing(links: list[str]) -> None:
    """The same Scrapy with the same settings, and a callback that does nothing."""
    from collections.abc import AsyncIterator

    from scrapy import Request, Spider
    from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler
    from scrapy.crawler import AsyncCrawlerRunner

    from index.crawl import CrawlSettings
    from index.crawl.engine import scrapy_settings

    class Handler(AiohttpDownloadHandler):  # type: ignore[misc]
        experimental = False

    class Nothing(Spider):  # type: ignore[misc]
        name = "nothing"

        async def start(self) -> AsyncIterator[object]:
            for link in links:
                yield Request(link, callback=self.parse, dont_filter=True)

        def parse(self, response: object) -> None:  # noqa: ARG002
            return

    settings = CrawlSettings()
    told = scrapy_settings(Handler, user_agent=settings.user_agent, timeout=30, max_bytes=settings.max_bytes)

    async def run() -> None:
        await AsyncCrawlerRunner(told).crawl(Nothing)

    asyncio.run(run())


def trafilatura(links: list[str]) -> None:
    """Trafilatura's own downloads, as many threads."""
    from trafilatura import fetch_url
    from trafilatura.settings import use_config

    config = use_config()
    config.set("DEFAULT", "SSRF_PROTECTION", "false")  # it refuses loopback, as citeback does without --allow-private
    with ThreadPoolExecutor(2 * PORTS) as pool:
        got = sum(page is not None for page in pool.map(lambda link: fetch_url(link, config=config), links))
    if got < len(links):
        print(f"trafilatura brought {got} of {len(links)} pages", file=sys.stderr)


def measured(name: str, ports: list[int], pages: int) -> tuple[float, int]:
    """Return pages a second and peak memory in MB of one way, in a process of its own; imports are not counted."""
    code = (
        f"import sys, time, resource; sys.path.insert(0, {str(ROOT / 'bench')!r})\nimport crawl\n"
        f"getattr(crawl, {name!r})(crawl.urls({ports}, 64))\nstart = time.monotonic()\ngetattr(crawl, {name!r})(crawl.urls({ports}, {pages}))\n"
        "print(time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    seconds, peak = done.stdout.split()[-2:]
    return pages / float(seconds), int(peak)


def main(pages: int) -> int:
    """Measure the three ways twice in turn and print the better of each."""
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        ports = json.loads(server.stdout.readline())
        ways = ("nothing", "citeback", "trafilatura") if pages <= 3000 else ("nothing", "citeback")
        found = {name: max(measured(name, ports, pages) for _ in range(2)) for name in ways}
    finally:
        server.kill()
        server.wait()
    for name, (rate, peak) in found.items():
        print(f"{name:<12} {rate:7.0f} pages/s {rate / found['nothing'][0]:6.2f} of Scrapy alone {peak:5d} MB")
    share = found["citeback"][0] / found["nothing"][0]
    faults = [f"the rate is {share:.2f} of Scrapy's, below 0.80"] * (share < 0.8)
    faults += [f"{found['citeback'][1]} MB are more than 300"] * (found["citeback"][1] > 300)
    print(
        "\n".join(faults)
        or f"Both hold ({pages} pages, {time.strftime('%Y-%m-%d')}, {resource.getpagesize()} B pages)."
    )
    return bool(faults)


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve()
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
