"""One crawl from its first visit to its last, or to Ctrl-C or a fault, whichever is first. Knows no page and no host."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from index.crawl.engine import Download, with_downloader

if TYPE_CHECKING:
    from index.crawl import CrawlSettings
    from index.crawl.visit import Visitor


async def run(visitor: Visitor, settings: CrawlSettings) -> None:
    """Make all visits.

    Scrapy, cancelled itself, would end as if all were done and leave its sockets open: a Ctrl-C is kept from it, ends the
    visits instead, and is passed on when Scrapy has closed.
    """
    visits: list[asyncio.Task[None]] = []
    stopped = False

    async def work(download: Download) -> None:
        if not stopped:
            visits.append(asyncio.create_task(visitor.visit_all(download)))
            await visits[0]

    crawling = asyncio.create_task(
        with_downloader(
            work,
            user_agent=settings.user_agent,
            timeout=settings.timeout,
            max_bytes=settings.max_bytes,
            allow_private=settings.allow_private,
        )
    )
    try:
        await asyncio.shield(crawling)
    except asyncio.CancelledError:
        stopped = True
        for visit in visits:
            visit.cancel()
        await asyncio.wait([crawling])
        raise
    except BaseExceptionGroup as group:  # many visits end at once where the store is full; the first says why
        raise _first(group) from group


def _first(fault: BaseException) -> BaseException:
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return fault
