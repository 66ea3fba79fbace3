"""One host: its robots.txt, its pace, and whether it has closed itself to us. Knows no list and no store."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

from index.crawl.engine import Download, DownloadError, Response

TOKEN = "citeback"
_ENTITLED_DELAY = 6.0  # seconds; the pace for a host whose robots.txt the user chose to pass over
_LONGEST_CRAWL_DELAY = 60.0
_ROBOTS_BYTES = 512 * 1024  # RFC 9309 asks for at least 500 KiB
_ROBOTS_HOPS = 5
_LONGEST_PAUSE = 10.0


class RobotsMemory(Protocol):
    """Keeps robots.txt for a day (RFC 9309, 2.4)."""

    def recall(self, origin: str) -> Response | None:
        """Return the answer of less than a day ago."""

    def remember(self, origin: str, response: Response) -> None:
        """Keep an answer that settles what may be fetched."""


class Host:
    """The state of one host during a crawl. ``blocked`` and ``dead`` say why nothing more is asked of it."""

    def __init__(
        self, *, delay: float, connections: int, ignore_robots: bool, memory: RobotsMemory | None = None
    ) -> None:
        self.blocked: str | None = None
        self.dead: DownloadError | None = None
        self._ignores = ignore_robots
        self._delay = max(delay, _ENTITLED_DELAY) if ignore_robots and delay >= 1 else delay
        self._slots = asyncio.Semaphore(1 if ignore_robots else connections)
        self._next = 0.0
        self._memory = memory
        self._robots: dict[str, asyncio.Future[Any]] = {}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a free connection and for this host's pace."""
        async with self._slots:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._delay * random.uniform(1.0, 1.2) if self._delay else start
            if start > now:
                await asyncio.sleep(start - now)
            began = time.monotonic()
            try:
                yield
            finally:
                if self._delay:  # a host that takes its time is given as much before it is asked again
                    self.slow_down(min(time.monotonic() - began, _LONGEST_PAUSE))

    def slow_down(self, seconds: float) -> None:
        """Ask nothing of this host for so long (Retry-After)."""
        self._next = max(self._next, time.monotonic() + seconds)

    async def forbids(self, url: str, download: Download) -> str | None:
        """Return why robots.txt keeps us out, or None. RFC 9309: 4xx is no rule, unreachable is a full stop.

        Raises:
            DownloadError: the host itself cannot be reached.
        """
        if self._ignores:
            return None
        origin = "/".join(url.split("/", 3)[:3])
        if origin not in self._robots:
            self._robots[origin] = asyncio.ensure_future(self._load(origin, download))
        rules = await asyncio.shield(self._robots[origin])
        if isinstance(rules, DownloadError):
            raise rules
        if isinstance(rules, str):
            return rules
        if rules is not None and not rules.can_fetch(url, TOKEN):
            return f"robots.txt of {urlsplit(url).hostname} forbids it"
        return None

    async def _load(self, origin: str, download: Download) -> Any:
        """Return rules, None (no rules), a reason to stay out, or the fault of a host that cannot be reached."""
        known = self._memory.recall(origin) if self._memory else None
        if known is not None:
            return self._rules(known, urlsplit(origin).hostname)
        url = f"{origin}/robots.txt"
        name = urlsplit(origin).hostname
        for _ in range(_ROBOTS_HOPS + 1):
            try:
                async with self.turn():
                    response = await download(url, {})
            except DownloadError as fault:
                return (
                    fault
                    if fault.kind in ("unresolved", "refused", "network")
                    else f"robots.txt of {name} could not be read ({fault})"
                )
            if response.status in (301, 302, 303, 307, 308) and (target := location(url, response)):
                url = target
                continue
            if self._memory and (200 <= response.status < 500 and response.status != 429):
                self._memory.remember(origin, response)
            return self._rules(response, name)
        return None

    def _rules(self, response: Response, name: str | None) -> Any:
        from protego import Protego

        if 200 <= response.status < 300:
            rules = Protego.parse(response.body[:_ROBOTS_BYTES].decode("utf-8", "replace"))
            wanted = rules.crawl_delay(TOKEN)
            if wanted and self._delay:
                self._delay = max(self._delay, min(float(wanted), _LONGEST_CRAWL_DELAY))
            return rules
        if response.status >= 500 or response.status == 429:
            return f"robots.txt of {name} could not be read (HTTP {response.status}), so nothing is fetched"
        return None


def location(url: str, response: Response) -> str | None:
    """Return where a redirect leads, or None when it says nothing usable."""
    from urllib.parse import urljoin

    from index.urls import is_web, request_url

    target = next((value for name, value in response.headers if name == "location"), "").strip()
    try:
        joined = urljoin(url, target.encode("latin-1").decode("utf-8", "replace"))
        return request_url(joined) if target and is_web(joined) else None
    except ValueError:
        return None
