"""Follow one link to its end: hops, retries, and one outcome. Knows hosts and the page store, opens no socket."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.crawl.engine import Download, DownloadError, Response
from index.crawl.hosts import Host, location
from index.crawl.memory import CookieFile, RequestLog, StoredRobots, count_failure, now
from index.pages import PageStore
from index.records import Outcome, Page, Unread

if TYPE_CHECKING:
    from index.crawl import CrawlSettings, Judge, Progress, Target

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
        judge: Judge | None,
    ) -> None:
        self.stored = 0
        self.unread: list[Outcome] = []
        self._targets = targets
        self._store = store
        self._settings = settings
        self._progress = progress
        self._judge = judge or (lambda _: None)
        self._hosts: dict[str, Host] = {}
        self._left = Counter(target.host for target in targets)
        self._stored = store.fetched_keys() if settings.conditional else frozenset()
        self._memory = StoredRobots(store)
        self._cookies = CookieFile(settings.cookies) if settings.cookies else None
        self._log = RequestLog(settings.log) if settings.log else None
        self._unresolved: list[tuple[Target, Unread]] = []
        self._reached = False

    async def visit_all(self, download: Download) -> None:
        """Visit every target; returns when each has its page or its reason in the store."""
        if self._log or self._cookies:
            download = self._logged(download)
        waiting: dict[str, deque[Target]] = {}
        for target in self._targets:
            waiting.setdefault(_netloc(target.url), deque()).append(target)

        async def work(queue: deque[Target]) -> None:
            while queue:
                await self._visit(queue.popleft(), download)

        async with asyncio.TaskGroup() as group:
            for queue in waiting.values():  # a worker a connection: ten thousand tasks would cost more than their pages
                for _ in range(min(self._settings.per_host, len(queue))):
                    group.create_task(work(queue))
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
            return
        if result is not None:
            self._arrive(result)
        self.stored += 1
        self._tell(target, None)

    def _arrive(self, page: Page) -> None:
        """Store a response; one that shows that the page has gone leaves its last good copy in place."""
        verdict = self._judge(page)
        if verdict is not None:
            before = self._store.copy(page.url, "web")
            if before is not None and self._judge(before) is None:
                self._store.keep(page.url)
            count_failure(self._store, page.url)
        self._store.put(page, good=verdict is None)

    async def _follow(self, target: Target, download: Download) -> Page | Unread | None:
        """Return the page, why there is none, or None where the stored one is unchanged."""
        url = target.url
        stored = self._store.headers(target.key) if target.key in self._stored else None
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
            conditions = _conditions(stored[1]) if stored and stored[0] == url else {}
            response = await self._ask(url, host, download, conditions)
            if isinstance(response, Unread):
                return response
            if response.status == 304 and conditions:
                self._store.confirm(target.key, now())
                self._store.put_tries(target.key, 0, "")
                return None
            onward = location(url, response) if response.status in _REDIRECTS else None
            if onward is None:
                page = Page(target.key, url, response.status, response.headers, response.body, now(), tuple(chain))
                verdict = self._judge(page)
                if verdict and verdict.outcome is Outcome.BLOCKED and not host.blocked:
                    host.blocked = verdict.reason
                return page
            chain.append(url)
            if onward in chain or len(chain) > self._settings.max_redirects:
                why = "in a circle" if onward in chain else f"more than {self._settings.max_redirects} times"
                return Unread(
                    Outcome.FAILED, f"the link is redirected {why}", "check the link in a browser", response.status, url
                )
            url = onward

    async def _ask(self, url: str, host: Host, download: Download, headers: Mapping[str, str]) -> Response | Unread:
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
                    response = await download(url, headers)
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

    def _logged(self, download: Download) -> Download:
        """The downloader with the user's cookies and a line in the log for every request."""

        async def logged(url: str, headers: Mapping[str, str]) -> Response:
            began, said = time.monotonic(), "cancelled"
            try:
                response = await download(url, {**headers, **(self._cookies.header(url) if self._cookies else {})})
                said = f"{response.status} {len(response.body)}"
            except DownloadError as fault:
                said = f"{fault.kind} ({fault})"
                raise
            finally:
                if self._log:
                    self._log.write(f"{said} {1000 * (time.monotonic() - began):.0f}ms {url}")
            return response

        return logged

    def _host(self, url: str) -> Host:
        name = _netloc(url)
        if name not in self._hosts:
            settings = self._settings
            ignored = (urlsplit(url).hostname or "") in settings.ignore_robots
            self._hosts[name] = Host(
                delay=settings.delay, connections=settings.per_host, ignore_robots=ignored, memory=self._memory
            )
        return self._hosts[name]

    def _backoff(self, attempt: int) -> float:
        return min(max(self._settings.delay, 0.01) * 2.0**attempt, _LONGEST_WAIT)

    def _end(self, target: Target, unread: Unread) -> None:
        self._store.put_unread(target.key, unread, now())
        if unread.outcome is not Outcome.OFFLINE:
            count_failure(self._store, target.key)
        self.unread.append(unread.outcome)
        self._tell(target, unread.outcome)

    def _tell(self, target: Target, outcome: Outcome | None) -> None:
        from index.crawl import Progress

        done = self.stored + len(self.unread)
        host = target.host
        self._left[host] -= 1
        self._progress(Progress(done, len(self._targets), target.url, outcome, host, self._left[host], target.key))


def _netloc(url: str) -> str:
    """Host and port of an encoded web address, as they stand in it."""
    return url.split("/", 3)[2].partition("?")[0]


def _retry_after(response: Response) -> float:
    value = next((value for name, value in response.headers if name == "retry-after"), "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return 0.0


def _conditions(headers: Mapping[str, str]) -> dict[str, str]:
    pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
    return {name: headers[kept] for name, kept in pairs if headers.get(kept)}
