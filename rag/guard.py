"""The one door check in front of every route: token, host, origin, body size, security headers.

Pure ASGI, so that it covers the REST routes and whatever else is mounted beside them (pages, files, websockets) alike.
Knows nothing of questions, answers or the chat.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import logging
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from rag.reply import STOPPING, App, Message, Receive, Reply, Scope, Send, local_path, respond

COOKIE = "citeback_session"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SILENT_SECONDS = 30  # that a body may keep a connection waiting
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
log = logging.getLogger(__name__)


class Guard:
    """Wrap an ASGI application; see the module docstring.

    ``token`` None leaves it open, which only suits a loopback listener: ``loopback`` True then refuses foreign
    Host headers, so that a page on the web cannot reach it by rebinding its own name to 127.0.0.1. ``body_limits`` are
    those of paths that have one of their own.
    """

    def __init__(
        self, app: App, *, token: str | None, loopback: bool, body_limit: int, body_limits: Mapping[str, int]
    ) -> None:
        self._app = app
        self._token = token
        self._loopback = loopback
        self._body_limit = body_limit
        self._body_limits = body_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        reply = Reply(send)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await reply.refuse(scope, *refusal)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif (location := self._signed_in(scope)) is not None:
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            cookie = f"{COOKIE}={self._session()}; Path=/; HttpOnly; SameSite=Strict{secure}"
            await reply.send_body(
                303, b"", "text/plain", [(b"location", location.encode()), (b"set-cookie", cookie.encode())]
            )
        else:
            await self._pass(scope, receive, reply, headers)

    async def _pass(self, scope: Scope, receive: Receive, reply: Reply, headers: dict[str, str]) -> None:
        limit = self._body_limits.get(local_path(scope), self._body_limit)
        try:
            body = await _read_body(receive, headers.get("content-length"), limit)
        except TimeoutError:
            message = f"Nothing more of the request's body came for {SILENT_SECONDS} seconds."
            await reply.refuse(scope, 408, "timeout", message, "Send it again.")
            return
        if body is None:
            saved = limit > self._body_limit and not local_path(scope).startswith("/v1/")
            hint = (
                "Send a smaller file, or let CITEBACK_MAX_UPLOAD be larger."
                if saved
                else "Ask a shorter question or send less history."
            )
            await reply.refuse(scope, 413, "too_large", f"The request body is over {limit:,} bytes.", hint)
            return
        try:
            await self._app(scope, _replay(body, receive), reply)
        except asyncio.CancelledError:  # the server stops, and has waited as long as it may
            if reply.started:
                raise
            await respond(scope, reply, 503, "stopping", *STOPPING, [(b"retry-after", b"5")])
        except Exception as error:
            # the last line of defence: a bug in a route must end as a sentence, not as a torn connection
            if reply.started:  # a stream of the chat's: citeback's own tell their errors themselves
                log.error("%s %s broke off: %r", scope["method"], scope["path"], error)
                with contextlib.suppress(Exception):
                    await reply({"type": "http.response.body", "body": b""})
                return
            log.exception("unexpected error in %s %s", scope["method"], scope["path"])
            await reply.refuse(
                scope, 500, "internal", "Something went wrong inside citeback.", "The server's log has the details."
            )

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str, str, str | None] | None:
        host = headers.get("host", "")
        # A token makes the check needless: a foreign name has neither the token nor the cookie.
        if self._loopback and self._token is None and _name(f"//{host}") not in LOOPBACK_NAMES:
            return (
                403,
                "forbidden_host",
                f"This server does not answer for the host {host!r}.",
                "Open it as http://127.0.0.1 with its port, or set CITEBACK_API_TOKEN.",
            )
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        origin = headers.get("origin")
        if changes and origin is not None and _place(origin) != host.lower():
            return (
                403,
                "forbidden_origin",
                "Requests sent by pages of other sites are refused.",
                "Send the request without an Origin header, or from this server's own pages.",
            )
        if changes and origin is None and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return 403, "forbidden_origin", "Requests sent by pages of other sites are refused.", None
        if self._token is not None and local_path(scope) != "/healthz" and not self._knows(scope, headers):
            return (
                401,
                "unauthorized",
                "This server wants its access token.",
                "Send 'Authorization: Bearer TOKEN', or open the chat once with ?token=TOKEN.",
            )
        return None

    def _knows(self, scope: Scope, headers: dict[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(given.strip()):
            return True
        try:
            session = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            session = None
        if session is not None and hmac.compare_digest(session.value.encode(), self._session().encode()):
            return True
        return self._signed_in(scope) is not None

    def _signed_in(self, scope: Scope) -> str | None:
        """Return where to go on when the address carries the right token, which must not stay in the address."""
        if self._token is None or scope["type"] != "http" or scope["method"] != "GET":
            return None
        pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        if not any(key == "token" and self._is_token(value) for key, value in pairs):
            return None
        rest = urlencode([(key, value) for key, value in pairs if key != "token"])
        # Only the last part of the path, relative: right behind a proxy's prefix, and never another host (//evil).
        name = quote(scope["path"].rsplit("/", 1)[-1])
        return f"./{name}" + (f"?{rest}" if rest else "")

    def _is_token(self, given: str) -> bool:
        # Compared as digests: equal length always, so that the time says nothing about the token.
        token = self._token or ""
        return bool(token) and hmac.compare_digest(
            hashlib.sha256(given.encode("utf-8", "replace")).digest(), hashlib.sha256(token.encode()).digest()
        )

    def _session(self) -> str:
        """Return the cookie's value: derived, so that the token itself is not kept in the browser."""
        return hmac.new((self._token or "").encode(), b"citeback browser session", hashlib.sha256).hexdigest()


def _name(address: str) -> str:
    try:
        parts = urlsplit(address)
        return "" if "@" in parts.netloc else parts.hostname or ""
    except ValueError:
        return ""


def _place(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


async def _read_body(receive: Receive, declared: str | None, limit: int) -> bytes | None:
    """Return the whole body, or None when it is over the limit. Raises TimeoutError when it stops coming."""
    if declared is not None and declared.isdigit() and int(declared) > limit:
        return None
    body = b""
    while True:
        async with asyncio.timeout(SILENT_SECONDS):
            message = await receive()
        if message["type"] != "http.request":
            return body
        piece: bytes = message.get("body", b"")
        body += piece
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hand the body out once, then the connection's own messages (its disconnect)."""
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed
