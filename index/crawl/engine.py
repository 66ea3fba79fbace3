"""Scrapy as a downloader: one request in, one response or error out. The only file that knows Scrapy and aiohttp.

Scrapy runs without Twisted's reactor on asyncio, so it can run again in one process. Redirects, robots, delays and
retries are decided in ``hosts`` and ``visit``, because Scrapy's redirects skip robots.txt and delay of the new host.
The address is checked where the socket is made, so that no redirect, DNS answer or odd literal gets past it.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from index.crawl.addresses import is_public, literal

_REFUSED = "is not a public address"
_LOGGERS = ("scrapy", "asyncio", "twisted")


@dataclass(frozen=True, slots=True)
class Response:
    """What came back for one request, decompressed; header names are lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class DownloadError(Exception):
    """A request without a response. ``kind``: unresolved, refused, timeout, too_large, unsupported or network."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


Download = Callable[[str, Mapping[str, str]], Awaitable[Response]]
"""Takes an address and the headers to send beside the usual ones."""


async def with_downloader(
    work: Callable[[Download], Awaitable[None]], *, user_agent: str, timeout: float, max_bytes: int, allow_private: bool
) -> None:
    """Open the downloader, run ``work`` with it to the end, close it."""
    from scrapy import Request, Spider
    from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler
    from scrapy.crawler import AsyncCrawlerRunner

    class CheckedHandler(AiohttpDownloadHandler):  # type: ignore[misc]
        """The handler of this crawl: its connector makes only sockets to public addresses."""

        experimental = False

        def __init__(self, crawler: Any) -> None:
            super().__init__(crawler)
            if not allow_private:
                self._session.connector._socket_factory = _checked_socket

    faults: list[BaseException] = []

    class Downloader(Spider):  # type: ignore[misc]
        """Runs ``work`` and makes no request by itself."""

        name = "citeback"

        async def start(self) -> AsyncIterator[Any]:
            async def download(url: str, headers: Mapping[str, str]) -> Response:
                spelled = literal(urlsplit(url).hostname or "")
                if spelled and not allow_private and not is_public(spelled):
                    raise DownloadError("refused", f"{spelled} {_REFUSED}")
                return await _download(
                    self.crawler.engine, Request(url, headers=dict(headers), dont_filter=True), timeout
                )

            try:
                await work(download)
            except BaseException as error:  # Scrapy would log it and go on
                faults.append(error)
            return
            yield

    settings = scrapy_settings(CheckedHandler, user_agent=user_agent, timeout=timeout, max_bytes=max_bytes)
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for (
        name
    ) in _LOGGERS:  # a failed page is counted and shown by citeback; Scrapy's own lines would tear the progress bar
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        await AsyncCrawlerRunner(settings).crawl(Downloader)
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
    if faults:
        raise faults[0]


def scrapy_settings(handler: type, *, user_agent: str, timeout: float, max_bytes: int) -> dict[str, Any]:
    """Return what Scrapy is told: one download at a time, nothing decided for us."""
    return {
        "TWISTED_REACTOR_ENABLED": False,
        "DOWNLOAD_HANDLERS": {
            "http": handler,
            "https": handler,
            "file": None,
            "ftp": None,
            "s3": None,
            "data": None,
        },
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
        },
        "ROBOTSTXT_OBEY": False,  # obeyed in hosts, on every hop
        "COOKIES_ENABLED": False,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_TIMEOUT": timeout,
        "DOWNLOAD_MAXSIZE": max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": 32,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "USER_AGENT": user_agent,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8",
        },
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        "STATS_DUMP": False,
        "EXTENSIONS": {
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.corestats.CoreStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
        },
    }


async def _download(engine: Any, request: Any, timeout: float) -> Response:
    from scrapy import exceptions as scrapy_errors

    try:
        async with asyncio.timeout(timeout):
            response = await engine.download_async(request)
    except TimeoutError as error:
        raise DownloadError("timeout", f"no complete answer within {timeout:g} s") from error
    except scrapy_errors.DownloadTimeoutError as error:
        raise DownloadError("timeout", f"no complete answer within {timeout:g} s") from error
    except scrapy_errors.CannotResolveHostError as error:
        raise DownloadError("unresolved", "the host name could not be resolved") from error
    except (scrapy_errors.DownloadCancelledError, scrapy_errors.IgnoreRequest) as error:
        raise DownloadError("too_large", "the page is larger than the limit") from error
    except (scrapy_errors.UnsupportedURLSchemeError, scrapy_errors.NotSupported) as error:
        raise DownloadError("unsupported", "the address cannot be fetched") from error
    except Exception as error:  # each fault of a socket has a class of its own; all of them are a network fault
        if _REFUSED in str(error):
            raise DownloadError("refused", _detail(error)) from error
        raise DownloadError("network", _detail(error)) from error
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    return Response(response.status, headers, response.body)


def _detail(error: Exception) -> str:
    """What went wrong, without aiohttp's words around it."""
    inner = re.search(r"\[([^\[\]]+)\]$", str(error))
    return " ".join((inner.group(1) if inner else str(error) or type(error).__name__).split())[:200]


def _checked_socket(addr_info: Any) -> socket.socket:
    family, kind, protocol, _, address = addr_info
    if not is_public(str(address[0])):
        raise OSError(errno.EACCES, f"{address[0]} {_REFUSED}")
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setblocking(False)
    return made
