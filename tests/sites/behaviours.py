"""Kinds of behaviour of the web, each a host of its own on loopback: what it does, and which outcome it must end in.

``docs/crawling.md`` shows this table; a test compares the two and crawls them all.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import threading
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType

import brotli
from backports import zstd

from tests.paper import pdf
from tests.sites.server import ARTICLE

Writer = asyncio.StreamWriter
Responder = Callable[[Writer, str, int], Awaitable[None]]
"""Called with the writer, the path and how often this path was asked for, from 1."""
ZH = "水壶的底是铜做的，导热很快，所以两分钟就能把水烧开；把手用榉木做成，握着不烫。" * 6
PAGE = ARTICLE.encode()
CHINESE = f"<html><head><meta charset=gb2312><title>水壶</title></head><body><p>{ZH}</p></body></html>"
ZEROS = b"0" * 120_000_000


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One host: a name, what it does, the outcome, what it sends, and its robots.txt (None: 404)."""

    name: str
    what: str
    outcome: str
    respond: Responder
    robots: bytes | None = None
    path: str = "/page"


def http(body: bytes = b"", status: str = "200 OK", kind: str = "text/html; charset=utf-8", **headers: str) -> bytes:
    """Return a whole response; header names are written with _ for -."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def says(answer: bytes) -> Responder:
    """Always the same answer."""

    async def respond(writer: Writer, path: str, times: int) -> None:
        writer.write(answer)

    return respond


def first(answer: bytes, then: bytes) -> Responder:
    """One answer the first time, another ever after."""

    async def respond(writer: Writer, path: str, times: int) -> None:
        writer.write(answer if times == 1 else then)

    return respond


def paths(**answers: bytes) -> Responder:
    """An answer by path; ``page`` is the one the list links to."""

    async def respond(writer: Writer, path: str, times: int) -> None:
        writer.write(answers.get(path.strip("/").partition("?")[0].replace("/", "_"), http(b"no", "404 Not Found")))

    return respond


def moved(to: str, status: str = "302 Found") -> bytes:
    """Return a redirect."""
    return http(status=status, Location=to)


async def silent(writer: Writer, path: str, times: int) -> None:
    await asyncio.sleep(6)


async def drips(writer: Writer, path: str, times: int) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n")
    for _ in range(60):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


async def endless(writer: Writer, path: str, times: int) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
    for _ in range(600):
        writer.write(b"<p>more and more</p>" * 500)
        await writer.drain()


async def chunked(writer: Writer, path: str, times: int) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    for at in range(0, len(PAGE), 50):
        part = PAGE[at : at + 50]
        writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    writer.write(b"0\r\n\r\n")


async def resets(writer: Writer, path: str, times: int) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nhalf")
    await writer.drain()
    writer.transport.abort()


async def nothing(writer: Writer, path: str, times: int) -> None:
    return


async def many_hops(writer: Writer, path: str, times: int) -> None:
    number = int(path.rpartition("/")[2]) if path.rpartition("/")[2].isdigit() else 0
    writer.write(moved(f"/hop/{number + 1}"))


def _zlib(body: bytes) -> bytes:
    return zlib.compress(body, 9)


def _small_bomb(pack: Callable[[bytes], bytes]) -> bytes:
    return pack(ZEROS)


RULES = b"User-agent: *\nDisallow: /page\n"
B, N = Behaviour, "read"
BEHAVIOURS = (
    B("plain", "an article", N, says(http(PAGE))),
    B("chunked", "an article in chunks", N, chunked),
    B("unmeasured", "no Content-Length, the end is the end of the connection", N, says(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE)),
    B("untyped", "no Content-Type", N, says(http(PAGE, kind=""))),
    B("gzip", "packed with gzip", N, says(http(gzip.compress(PAGE), Content_Encoding="gzip"))),
    B("deflate", "packed with deflate", N, says(http(_zlib(PAGE), Content_Encoding="deflate"))),
    B("brotli", "packed with br", N, says(http(brotli.compress(PAGE), Content_Encoding="br"))),
    B("zstd", "packed with zstd", N, says(http(zstd.compress(PAGE), Content_Encoding="zstd"))),
    B("gb18030", "GB18030 bytes declared as gb2312", N, says(http(CHINESE.encode("gb18030"), kind="text/html; charset=gb2312"))),
    B("big5", "Big5 bytes", N, says(http(("<html><body><p>" + "水壺的底是銅做的，導熱很快，兩分鐘就能把水燒開。" * 12).encode("big5"), kind="text/html; charset=big5"))),
    B("lying-charset", "UTF-8 bytes declared as gbk", N, says(http(CHINESE.encode(), kind="text/html; charset=gbk"))),
    B("bom", "a byte order mark", N, says(http(b"\xef\xbb\xbf" + CHINESE.encode(), kind="text/html"))),
    B("invalid-byte", "one byte that is no UTF-8", N, says(http(CHINESE.encode().replace(b"</p>", b"\xff</p>")))),
    B("nul", "NUL bytes in the text", N, says(http(PAGE.replace(b"copper", b"cop\0per")))),
    B("markdown", "Markdown", N, says(http(f"# 水壶\n\n{ZH}".encode(), kind="text/markdown"))),
    B("text", "plain text", N, says(http(ZH.encode(), kind="text/plain; charset=utf-8"))),
    B("pdf", "a PDF", N, says(http(pdf([["The kettle is made of copper and boils a litre of water in two minutes."]]), kind="application/pdf"))),
    B("scan", "a PDF of pictures", "partial", says(http(pdf([[], []]), kind="application/pdf"))),
    B("paywall", "an article behind a paywall", "partial", says(http(PAGE.replace(b"</head>", b'<script type="application/ld+json">{"@type":"Article","isAccessibleForFree":false}</script></head>')))),
    B("moved", "301 to the article", N, paths(page=moved("/new", "301 Moved Permanently"), new=http(PAGE))),
    B("moved-on", "five redirects in a row", N, paths(page=moved("/a"), a=moved("/b"), b=moved("/c", "303 See Other"), c=moved("/d", "307 Temporary Redirect"), d=moved("/e", "308 Permanent Redirect"), e=http(PAGE))),
    B("moved-relative", "a redirect relative to its path", N, paths(page=moved("new?x=1#top"), new=http(PAGE))),
    B("moved-raw", "a redirect to an address in raw UTF-8", N, paths(page=moved("/水壶".encode().decode("latin-1")), **{"%E6%B0%B4%E5%A3%B6": http(PAGE)})),
    B("circle", "a redirect to itself", "failed", says(moved("/page"))),
    B("two-circle", "two pages that redirect to each other", "failed", paths(page=moved("/b"), b=moved("/page"))),
    B("many-hops", "more redirects than are followed", "failed", many_hops),
    B("moved-nowhere", "a redirect without an address", "unavailable", says(http(status="302 Found"))),
    B("moved-mail", "a redirect to a mail address", "unavailable", says(moved("mailto:a@example.org"))),
    B("moved-file", "a redirect to a local file", "unavailable", says(moved("file:///etc/passwd"))),
    B("moved-login", "a redirect to a login", "blocked", paths(page=moved("/login?next=page"), login=http(b"<form><input type=password></form>"))),
    B("moved-error", "a redirect to the error page", "not_found", paths(page=moved("/404.html"), **{"404.html": http(PAGE)})),
    B("missing", "404", "not_found", says(http(b"<h1>no</h1>", "404 Not Found"))),
    B("gone", "410", "not_found", says(http(b"", "410 Gone"))),
    B("soft-404", "200 that says the page does not exist", "not_found", says(http(b"<title>404 - Page not found</title><h1>Oops</h1>"))),
    B("deleted", "200 that says the publisher deleted it", "deleted", says(http("<div class='weui-msg__title warn'>该内容已被发布者删除</div>".encode()))),
    B("expired", "200 that says the link has run out", "expired", says(http("<p>该链接已过期</p>".encode()))),
    B("parked", "a parked domain", "not_found", says(http(b"<p>This domain is for sale.</p>"))),
    B("forbidden", "403", "blocked", says(http(b"no", "403 Forbidden"))),
    B("login", "401", "blocked", says(http(b"no", "401 Unauthorized", WWW_Authenticate="Basic"))),
    B("legal", "451", "blocked", says(http(b"no", "451 Unavailable For Legal Reasons"))),
    B("teapot", "418", "unavailable", says(http(b"no", "418 I'm a teapot"))),
    B("challenge", "200 with a challenge", "blocked", says(http(b"<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"))),
    B("captcha", "200 with a captcha", "blocked", says(http(b'<form><div class="h-captcha"></div></form>'))),
    B("cookie-form", "200 with a cookie form only", "blocked", says(http(b"<div id=cookie-consent><p>We store cookies and ask for your consent to that, please, thank you very much indeed.</p></div>"))),
    B("shell", "a page of scripts", "needs_rendering", says(http(b'<div id="root"></div><script src="a.js"></script>'))),
    B("busy-once", "429 once, with Retry-After", N, first(http(b"", "429 Too Many Requests", Retry_After="0"), http(PAGE))),
    B("busy", "429 for ever", "blocked", says(http(b"", "429 Too Many Requests", Retry_After="0"))),
    B("busy-long", "503 that asks for an hour", "unavailable", says(http(b"", "503 Service Unavailable", Retry_After="3600"))),
    B("shaky", "503 once", N, first(http(b"", "503 Service Unavailable"), http(PAGE))),
    B("broken", "500 for ever", "unavailable", says(http(b"oops", "500 Internal Server Error"))),
    B("empty", "200 without a body", "unavailable", says(http(b""))),
    B("blank", "200 with white space only", "unavailable", says(http(b" \n\t "))),
    B("no-content", "204", "unavailable", says(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")),
    B("unasked-304", "304 although nothing was asked", "unavailable", says(http(b"", "304 Not Modified"))),
    B("film", "a film", "unsupported", says(http(b"\0\1", kind="video/mp4"))),
    B("picture", "a picture", "unsupported", says(http(b"\x89PNG", kind="image/png"))),
    B("archive", "a zip file", "unsupported", says(http(b"PK\3\4", kind="application/zip"))),
    B("locked-type", "an unknown packing of the body", "failed", says(http(b"\x01\x02\x03" * 50, Content_Encoding="x-secret"))),
    B("silent", "takes the connection and says nothing", "timeout", silent),
    B("drips", "a byte every tenth of a second", "timeout", drips),
    B("endless", "a body without end", "too_large", endless),
    B("large", "a body over the limit, honestly announced", "too_large", says(http(b"x" * 2_000_000))),
    B("gzip-bomb", "120 MB in a gzip of 117 kB", "too_large", says(http(gzip.compress(ZEROS), Content_Encoding="gzip"))),
    B("deflate-bomb", "120 MB in a deflate", "too_large", says(http(_small_bomb(_zlib), Content_Encoding="deflate"))),
    B("brotli-bomb", "120 MB in a br of 100 bytes", "too_large", says(http(brotli.compress(ZEROS, quality=1), Content_Encoding="br"))),
    B("zstd-bomb", "120 MB in a zstd of 11 kB", "too_large", says(http(zstd.compress(ZEROS), Content_Encoding="zstd"))),
    B("double-bomb", "a gzip bomb packed in gzip", "too_large", says(http(gzip.compress(gzip.compress(ZEROS)), Content_Encoding="gzip, gzip"))),
    B("cut", "fewer bytes than announced", "network", resets),
    B("hangs-up", "closes without an answer", "network", nothing),
    B("not-http", "another protocol", "network", says(b"SSH-2.0-OpenSSH_9.0\r\n")),
    B("bad-status", "a status line that is none", "network", says(b"HTTP/1.1 twohundred OK\r\n\r\nx")),
    B("huge-header", "a header of a megabyte", "network", says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n" + PAGE)),
    B("many-headers", "a hundred thousand headers", "network", says(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 100_000 + b"\r\n" + PAGE)),
    B("nested", "a hundred thousand nested tags", "needs_rendering", says(http(b"<div>" * 100_000))),
    B("robots", "robots.txt forbids it", "robots", says(http(PAGE)), RULES),
    B("robots-allows", "robots.txt forbids all but this", N, says(http(PAGE)), b"User-agent: *\nDisallow: /\nAllow: /page\n"),
    B("robots-other", "robots.txt forbids it to others", N, says(http(PAGE)), b"User-agent: otherbot\nDisallow: /\n"),
    B("robots-named", "robots.txt forbids it to citeback", "robots", says(http(PAGE)), b"User-agent: citeback\nDisallow: /\n\nUser-agent: *\nAllow: /\n"),
    B("robots-garbage", "robots.txt is no text", N, says(http(PAGE)), bytes(range(256)) * 40),
    B("robots-html", "robots.txt is an HTML page", N, says(http(PAGE)), PAGE),
    B("robots-moved", "the page redirects to one that robots.txt forbids", "robots", says(moved("/closed")), b"User-agent: *\nDisallow: /closed\n"),
)  # fmt: skip


class World:
    """Every behaviour at an address of its own, served from one thread."""

    def __init__(self) -> None:
        self.addresses: dict[str, str] = {}
        self.asked: dict[tuple[str, str], int] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> World:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> None:
        for behaviour in BEHAVIOURS:
            server = await asyncio.start_server(self._handler(behaviour), "127.0.0.1", 0)
            self._servers.append(server)
            self.addresses[behaviour.name] = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _handler(self, behaviour: Behaviour) -> Callable[[asyncio.StreamReader, Writer], Awaitable[None]]:
        async def handle(reader: asyncio.StreamReader, writer: Writer) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                    path = head.split(" ")[1]
                    times = self.asked[behaviour.name, path] = self.asked.get((behaviour.name, path), 0) + 1
                    if path == "/robots.txt":
                        writer.write(
                            http(
                                behaviour.robots or b"", "200 OK" if behaviour.robots else "404 Not Found", "text/plain"
                            )
                        )
                    else:
                        await behaviour.respond(writer, path, times)
                    await writer.drain()
            finally:
                self._tasks.discard(task)
                writer.close()

        return handle
