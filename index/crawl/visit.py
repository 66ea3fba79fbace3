"""Follow one link to its end: hops, retries, and one outcome. Knows hosts and the page store, opens no socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.crawl.engine import Download, DownloadError, Response
from index.crawl.hosts import Host, location
from index.pages import PageStore
from index.records import Outcome, Page, Unread

if TYPE_CHECKING:
    from index.crawl import BlockTest, CrawlSettings, Progress, Target

_REDIRECTS = (301, 302, 303, 307, 308)
_LONGEST_WAIT = 30.0  # seconds; a host that asks for more is left for the next build
SAVE = "save the page in your browser, then `citeback add FILE --url URL`"
_FAULTS = {
    "unresolved": (Outcome.NETWORK, "check the network and the link, then `citeback rebuild`"),
    "refused": (Outcome.REFUSED_ADDRESS, "a private or local address is fetched only with --allow-private"),
    "timeout": (Outcome.TIMEOUT, "try again later with `citeback rebuild`, or raise CITEBACK_TIMEOUT"),
    "too_large": (Outcome.TOO_LARGE, "raise CITEBACK_MAX_MEGABYTES, or add a saved copy"),
    "unsupported": (Outcome.UNSUPPORTED, "only http and https links can be read"),
    "network": (Outcome.NETWORK, "check the network and the host, then `citeback rebuild`"),
}


class Visitor:
    """Visits all targets of one crawl, the hosts side by side."""

    def __init__(
        self,
        targets: Sequence[Target],
        store: PageStore,
        settings: CrawlSettings,
        progress: Callable[[Progress], None],
        is_block: BlockTest | None,
    ) -> None:
        self.stored = 0
        self.unread: list[Outcome] = []
        self._targets = targets
        self._store = store
        self._settings = settings
        self._progress = progress
        self._is_block = is_block or (lambda _: None)
        self._hosts: dict[str, Host] = {}
        self._unresolved: list[tuple[Target, Unread]] = []
        self._reached = False

    async def visit_all(self, download: Download) -> None:
        """Visit every target; returns when each has its page or its reason in the store."""
        async with asyncio.TaskGroup() as group:
            for target in self._targets:
                group.create_task(self._visit(target, download))
        for target, unread in self._unresolved:  # nothing answered at all: it is our network, not their host
            offline = Unread(
                Outcome.OFFLINE, f"no network: {unread.reason}", "run `citeback rebuild` when there is a network"
            )
            self._end(target, unread if self._reached else offline)

    async def _visit(self, target: Target, download: Download) -> None:
        host = self._host(target.url)
        try:
            result = await self._follow(target, download)
        except DownloadError as fault:
            outcome, hint = _FAULTS[fault.kind]
            name = urlsplit(target.url).hostname
            reason = f"{name} could not be resolved" if fault.kind == "unresolved" else str(fault)
            if fault.kind in ("unresolved", "network"):
                host.dead = host.dead or fault
            if fault.kind == "unresolved":
                self._unresolved.append((target, Unread(outcome, reason, hint)))
                return
            result = Unread(outcome, reason, hint)
        self._reached = True
        if isinstance(result, Unread):
            self._end(target, result)
        else:
            self._store.put(result)
            self.stored += 1
            self._tell(target, None)

    async def _follow(self, target: Target, download: Download) -> Page | Unread:
        url = target.url
        chain: list[str] = []
        while True:
            host = self._host(url)
            forbidden = await host.forbids(url, download)
            if forbidden:
                self._reached = True
                return Unread(
                    Outcome.ROBOTS,
                    forbidden,
                    f"{SAVE}; or `--ignore-robots {urlsplit(url).hostname}` where you are entitled to",
                )
            response = await self._ask(url, host, download)
            if isinstance(response, Unread):
                return response
            onward = location(url, response) if response.status in _REDIRECTS else None
            if onward is None:
                page = Page(target.key, url, response.status, response.headers, response.body, _now(), tuple(chain))
                why = self._is_block(page)
                if why and not host.blocked:
                    host.blocked = why
                return page
            chain.append(url)
            if onward in chain or len(chain) > self._settings.max_redirects:
                why = "in a circle" if onward in chain else f"more than {self._settings.max_redirects} times"
                return Unread(
                    Outcome.FAILED, f"the link is redirected {why}", "check the link in a browser", response.status, url
                )
            url = onward

    async def _ask(self, url: str, host: Host, download: Download) -> Response | Unread:
        """Ask once, and again a few times where a fault may pass."""
        for attempt in range(self._settings.retries + 1):
            last = attempt == self._settings.retries
            try:
                async with host.turn():
                    if host.blocked:
                        return Unread(
                            Outcome.BLOCKED,
                            f"{urlsplit(url).hostname} turned an earlier request away ({host.blocked})",
                            SAVE,
                        )
                    if host.dead:
                        raise host.dead
                    response = await download(url)
            except DownloadError as fault:
                if fault.kind != "network" or last or host.dead:
                    raise
                host.slow_down(self._backoff(attempt))
                continue
            if response.status in (403, 429) and (last or response.status == 403):
                host.blocked = host.blocked or f"HTTP {response.status}"
                return response
            if last or not (response.status >= 500 or response.status == 429):
                return response
            wait = max(_retry_after(response), self._backoff(attempt))
            if wait > _LONGEST_WAIT:
                return response
            host.slow_down(wait)
        raise AssertionError("the last attempt returns or raises")

    def _host(self, url: str) -> Host:
        name = urlsplit(url).netloc
        if name not in self._hosts:
            settings = self._settings
            ignored = (urlsplit(url).hostname or "") in settings.ignore_robots
            self._hosts[name] = Host(delay=settings.delay, connections=settings.per_host, ignore_robots=ignored)
        return self._hosts[name]

    def _backoff(self, attempt: int) -> float:
        return min(max(self._settings.delay, 0.01) * 2.0**attempt, _LONGEST_WAIT)

    def _end(self, target: Target, unread: Unread) -> None:
        self._store.put_unread(target.key, unread, _now())
        self.unread.append(unread.outcome)
        self._tell(target, unread.outcome)

    def _tell(self, target: Target, outcome: Outcome | None) -> None:
        from index.crawl import Progress

        done = self.stored + len(self.unread)
        self._progress(Progress(done, len(self._targets), target.url, outcome, urlsplit(target.url).hostname or ""))


def _retry_after(response: Response) -> float:
    value = next((value for name, value in response.headers if name == "retry-after"), "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return 0.0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
