"""The way out of the server: security headers on every response, and the responses the guard gives by itself.

Pure ASGI. Knows no route and no token.
"""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
STOPPING = ("The server is stopping.", "Ask again in a moment.")
CLOSED_POLICY = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SIGN_IN_POLICY = CLOSED_POLICY.replace(b"form-action 'none'", b"form-action 'self'")
SIGN_IN = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>citeback</title><h1>citeback</h1><p>{message}</p><p lang="zh">这里需要访问令牌（CITEBACK_API_TOKEN）。</p>
<form method="get" action=""><label>Token / 令牌 <input name="token" type="password" autocomplete="current-password"
required autofocus></label> <button>Open / 打开</button></form></html>"""


def error_body(kind: str, message: str, hint: str | None = None) -> dict[str, Any]:
    """Return the one shape of an error over HTTP, outside /v1."""
    return {"error": {"type": kind, "message": message, "hint": hint}}


def wire_error(
    status: int, kind: str, message: str, *, param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """Return an error as OpenAI's clients read it."""
    types = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    codes = {401: "invalid_api_key", 429: "rate_limit_exceeded"}
    return {
        "error": {
            "message": message,
            "type": types.get(status, "invalid_request_error" if status < 500 else "server_error"),
            "param": param,
            "code": code or codes.get(status, kind),
        }
    }


def error_at(path: str, status: int, kind: str, message: str, hint: str | None = None) -> dict[str, Any]:
    """Return an error in the shape that clients of that path expect."""
    if path == "/v1" or path.startswith("/v1/"):
        return wire_error(status, kind, f"{message} {hint}" if hint else message)
    return error_body(kind, message, hint)


def local_path(scope: Scope) -> str:
    """Return a request's path as citeback's routes name it, without a proxy's prefix."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] or "/" if root and (path == root or path.startswith(f"{root}/")) else path


async def respond(
    scope: Scope,
    send: Send,
    status: int,
    kind: str,
    message: str,
    hint: str | None = None,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """Answer a request with an error."""
    body = json.dumps(error_at(local_path(scope), status, kind, message, hint), ensure_ascii=False).encode()
    length = (b"content-length", str(len(body)).encode())
    start = [(b"content-type", b"application/json"), length, (b"cache-control", b"no-store"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


class Reply:
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
        await respond(scope, self, status, kind, message, hint, extra)
