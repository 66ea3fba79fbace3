"""References -> stored responses, or the reason why there is none: polite, bounded, committed one by one.

``crawl`` is the door; ``visit`` follows one link, ``hosts`` keeps each host's rules and pace, ``engine`` downloads.
Knows no list and reads no page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from index.pages import PageStore
from index.records import Outcome, Page, Unread
from index.stopping import run_loop

Judge = Callable[[Page], Unread | None]
"""Says why a response is no page to read, or None; ``blocked`` closes the rest of its host."""


@dataclass(frozen=True, slots=True)
class Target:
    """What to request (``url``, already encoded) and under which key the response is stored."""

    key: str
    url: str

    @property
    def host(self) -> str:
        """Host and port, as they stand in the address."""
        return self.url.split("/", 3)[2].partition("?")[0]


@dataclass(frozen=True, slots=True)
class CrawlSettings:
    """Limits of a crawl; ``delay`` and ``timeout`` in seconds. ``ignore_robots`` holds host names.

    ``conditional`` asks whether a stored page has changed instead of asking for it again. ``cookies`` is a Netscape cookie
    file, ``log`` gets a line a request.
    """

    delay: float = 1.0
    per_host: int = 2
    timeout: float = 30.0
    max_bytes: int = 20 * 2**20
    max_redirects: int = 8
    retries: int = 2
    contact: str = ""
    ignore_robots: frozenset[str] = frozenset()
    allow_private: bool = False
    conditional: bool = True
    cookies: Path | None = None
    log: Path | None = None

    @property
    def user_agent(self) -> str:
        """Name citeback and who runs it."""
        try:
            release = version("citeback")
        except PackageNotFoundError:
            release = "0"
        return f"citeback/{release} ({self.contact or 'contact not given'}; reads the links of a list)"


@dataclass(frozen=True, slots=True)
class Progress:
    """One target is finished: ``done`` of ``total``; ``outcome`` is None where a response was stored.

    ``left`` targets of this ``host`` are still to come. Nothing more will come for ``key`` in this crawl.
    """

    done: int
    total: int
    url: str
    outcome: Outcome | None
    host: str
    left: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """How many responses were stored or confirmed, and how many targets ended without one, by outcome."""

    stored: int
    unread: dict[Outcome, int]


def crawl(
    targets: Sequence[Target],
    store: PageStore,
    settings: CrawlSettings,
    progress: Callable[[Progress], None],
    *,
    judge: Judge | None = None,
) -> CrawlReport:
    """Ask for every target; each ends as a stored page (of any status) or as a stored reason.

    A KeyboardInterrupt stops it cleanly; what was fetched is kept.

    Raises:
        StoreError: a response could not be committed.
        UsageError: the cookie file cannot be read.
    """
    from index.crawl.run import run
    from index.crawl.visit import Visitor

    visitor = Visitor(targets, store, settings, progress, judge)
    if targets:
        run_loop(run(visitor, settings))
    return CrawlReport(visitor.stored, dict(Counter(visitor.unread)))
