"""The one door check in front of every route: token, host, origin, body size, security headers.

Pure ASGI, so that it covers the REST routes and whatever else is mounted beside them (pages, files, websockets) alike.
Knows nothing of questions, answers or the chat.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "citeback_session"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
CLOSED_POLICY = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SIGN_IN_POLICY = CLOSED_POLICY.replace(b"form-action 'none'", b"form-action 'self'")
SIGN_IN = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>citeback</title><h1>citeback</h1><p>{message}</p><p lang="zh">这里需要访问令牌（CITEBACK_API_TOKEN）。</p>
<form method="get" action=""><label>Token / 令牌 <input name="token" type="password" autocomplete="current-password"
required autofocus></label> <button>Open / 打开</button></form></html>"""

log = logging.getLogger(__name__)


def error_body(kind: str, message: str, hint: str | None = None) -> dict[str, Any]:
    """Return the one shape of an error over HTTP."""
    return {"error": {"type": kind, "message": message, "hint": hint}}


class Guard:
    """Wrap an ASGI application; see the module docstring.

    ``token`` None leaves it open, which only suits a loopback listener: ``loopback`` True then refuses foreign
    Host headers, so that a page on the web cannot reach it by rebinding its own name to 127.0.0.1.
    """

    def __init__(self, app: App, *, token: str | None, loopback: bool, body_limit: int) -> None:
        self._app = app
        self._token = token
        self._loopback = loopback
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        reply = _Reply(send)
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

    async def _pass(self, scope: Scope, receive: Receive, reply: _Reply, headers: dict[str, str]) -> None:
        body = await _read_body(receive, headers.get("content-length"), self._body_limit)
        if body is None:
            await reply.refuse(
                scope,
                413,
                "too_large",
                f"The request body is over {self._body_limit:,} bytes.",
                "Ask a shorter question or send less history.",
            )
            return
        try:
            await self._app(scope, _replay(body, receive), reply)
        except Exception:  # the last line of defence: a bug in a route must end as a sentence, not as a torn connection
            if reply.started:
                raise
            log.exception("unexpected error in %s %s", scope["method"], scope["path"])
            await reply.refuse(
                scope, 500, "internal", "Something went wrong inside citeback.", "The server's log has the details."
            )

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str, str, str | None] | None:
        host = headers.get("host", "")
        if self._loopback and (urlsplit(f"//{host}").hostname or "") not in LOOPBACK_NAMES:
            return (
                403,
                "forbidden_host",
                f"This server does not answer for the host {host!r}.",
                "Open it as http://127.0.0.1 with its port, or set CITEBACK_API_TOKEN and --host.",
            )
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        origin = headers.get("origin")
        if changes and origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return (
                403,
                "forbidden_origin",
                "Requests sent by pages of other sites are refused.",
                "Send the request without an Origin header, or from this server's own pages.",
            )
        if changes and origin is None and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return 403, "forbidden_origin", "Requests sent by pages of other sites are refused.", None
        if self._token is not None and scope["path"] != "/healthz" and not self._knows(scope, headers):
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


class _Reply:
    """The way out: adds the security headers to every response and can answer by itself."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            # CORS stays closed: a mounted application must not open it.
            headers = [(k, v) for k, v in message["headers"] if not k.lower().startswith(b"access-control-")]
            present = {key.lower() for key, _ in headers}
            headers += [pair for pair in HEADERS if pair[0] not in present]
            if b"content-security-policy" not in present:
                headers.append((b"content-security-policy", CLOSED_POLICY))
            message = {**message, "headers": headers}
        await self._send(message)

    async def send_body(self, status: int, body: bytes, kind: str, headers: list[tuple[bytes, bytes]]) -> None:
        await self(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (b"content-type", kind.encode()),
                    (b"content-length", str(len(body)).encode()),
                    (b"cache-control", b"no-store"),
                    *headers,
                ],
            }
        )
        await self({"type": "http.response.body", "body": body})

    async def refuse(self, scope: Scope, status: int, kind: str, message: str, hint: str | None = None) -> None:
        if scope["type"] == "websocket":
            await self._send({"type": "websocket.close", "code": 1008, "reason": message})
            return
        accept = dict(scope["headers"]).get(b"accept", b"")
        if status == 401 and b"text/html" in accept:
            page = SIGN_IN.format(message=html.escape(message)).encode()
            await self.send_body(
                status,
                page,
                "text/html; charset=utf-8",
                [(b"www-authenticate", b"Bearer"), (b"content-security-policy", SIGN_IN_POLICY)],
            )
            return
        extra = [(b"www-authenticate", b"Bearer")] if status == 401 else []
        await self.send_body(status, json.dumps(error_body(kind, message, hint)).encode(), "application/json", extra)


async def _read_body(receive: Receive, declared: str | None, limit: int) -> bytes | None:
    """Return the whole body, or None when it is over the limit."""
    if declared is not None and declared.isdigit() and int(declared) > limit:
        return None
    body = b""
    while True:
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
