"""The fence around the mounted interface: only the paths the chat needs, and a Content-Security-Policy.

Pure ASGI. Knows which paths Gradio's browser side asks for; knows nothing of the chat itself.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Awaitable, Callable

from rag.reply import Message, Receive, Scope, Send, error_body

App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Gradio brings many routes the chat has no use for: uploads, a proxy, files by path, a recorder, code editing, run
# history. What is not named here does not exist.
NEEDED = re.compile(
    r"/|/config/?|/theme\.css|/favicon\.ico|/manifest\.json|/robots\.txt|/(?:assets|static)/[\w./@-]+"
    r"|/gradio_api/(?:queue/(?:join|data)|cancel|reset/?|startup-events|heartbeat/\w+|theme\.css)"
)
SCRIPT = re.compile(rb"<script(?=[\s>])")
HEAD = re.compile(rb"<head[^>]*>")
# Gradio counts the seconds of what is loading at every frame, shown or not, and the counter of the page's own loading never
# ends: a page that nobody touches would keep a tenth of a core busy. Nothing here is drawn by frames, so twice a second is enough.
CALM = b"""<script>
window.requestAnimationFrame = step => setTimeout(() => step(performance.now()), 500);
window.cancelAnimationFrame = clearTimeout;
</script>"""
# Inline scripts run only with this response's nonce, so a handler or a script smuggled into the page does not.
# 'unsafe-eval': Gradio compiles the templates and handlers of its components in the browser.
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'self'; "
    "form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)


class Fence:
    """Wrap the interface's ASGI application; see the module docstring."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a needed path pass; give pages their policy."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif not NEEDED.fullmatch(scope["path"].removeprefix(scope.get("root_path", "")) or "/"):
            await _not_found(send)
        elif scope["method"] == "GET":
            plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding" or not _is_page(scope)]
            await self._app({**scope, "headers": plain}, receive, _Page(send))
        else:
            await self._app(scope, receive, send)


class _Page:
    """Holds an HTML response back until it is whole, then puts a nonce on its own scripts."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = next((value for key, value in message["headers"] if key.lower() == b"content-type"), b"")
            if kind.startswith(b"text/html"):
                self._start = message
                return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        nonce = secrets.token_urlsafe(18)
        # the one address that Gradio writes from the root; behind a proxy's prefix it would lead past it
        page = HEAD.sub(
            lambda match: match.group() + CALM, self._body.replace(b'"/manifest.json"', b'"manifest.json"'), count=1
        )
        body = SCRIPT.sub(b'<script nonce="' + nonce.encode() + b'"', page)
        headers = [pair for pair in self._start["headers"] if pair[0].lower() not in (b"content-length", b"etag")]
        headers += [
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"content-security-policy", POLICY.format(nonce=nonce).encode()),
        ]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(scope: Scope) -> bool:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return path in ("", "/")


async def _not_found(send: Send) -> None:
    body = json.dumps(error_body("not_found", "There is nothing at this address.", "The chat is at /.")).encode()
    await send(
        {
            "type": "http.response.start",
            "status": 404,
            "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})
