"""A proxy on loopback through which a browser reaches public addresses only. Knows no page and keeps nothing.

The browser opens no socket itself; the address is checked where the proxy makes one, on every redirect and for every
script, so that a rendered page is held to the same rule as a fetched one (law 6).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

from index.crawl.addresses import is_public, literal

_MAX_HEAD = 64 * 1024
_CHUNK = 64 * 1024
_REFUSED = b"HTTP/1.1 403 Forbidden\r\nX-Citeback: refused-address\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_FAILED = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@contextlib.asynccontextmanager
async def proxy(*, allow_private: bool, timeout: float, max_bytes: int) -> AsyncIterator[str]:
    """Serve until the block ends; yields the proxy's address. ``max_bytes`` bounds what one connection may bring."""
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(
                OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ValueError
            ):
                async with asyncio.timeout(timeout):
                    await _serve(reader, writer, allow_private=allow_private, max_bytes=max_bytes)
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=_MAX_HEAD)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, allow_private: bool, max_bytes: int
) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request, _, headers = head.partition("\r\n")
    method, target, version = request.split(" ", 2)
    if method == "CONNECT":
        host, _, port = target.rpartition(":")
        onward = b""
    else:
        parts = urlsplit(target)
        host, port = parts.hostname or "", str(parts.port or 80)
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        kept = [
            line for line in headers.split("\r\n") if line and not line.lower().startswith(("proxy-", "connection:"))
        ]
        onward = "\r\n".join([f"{method} {path} {version}", *kept, "Connection: close", "", ""]).encode("latin-1")
    address = await _address(host.strip("[]"), int(port), allow_private=allow_private)
    if address is None:
        writer.write(_REFUSED)
        await writer.drain()
        return
    try:
        there, back = await asyncio.open_connection(address, int(port))
    except OSError:
        writer.write(_FAILED)
        await writer.drain()
        return
    try:
        if onward:
            back.write(onward)
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
        await asyncio.gather(_relay(reader, back, max_bytes), _relay(there, writer, max_bytes))
    finally:
        back.close()


async def _address(host: str, port: int, *, allow_private: bool) -> str | None:
    """The address to connect to, resolved here and connected to as it is: a second answer cannot take its place."""
    spelled = literal(host)
    if spelled:
        found = [spelled]
    else:
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            return None
        found = [str(answer[4][0]) for answer in answers]
    return next((address for address in found if allow_private or is_public(address)), None)


async def _relay(source: asyncio.StreamReader, target: asyncio.StreamWriter, max_bytes: int) -> None:
    brought = 0
    while brought < max_bytes and (chunk := await source.read(_CHUNK)):
        brought += len(chunk)
        target.write(chunk)
        await target.drain()
    if target.can_write_eof():
        with contextlib.suppress(OSError):
            target.write_eof()
