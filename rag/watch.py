"""One line in the log and one count a request, and its path behind a proxy's prefix. Pure ASGI, outermost of all.

The line never holds a token or a query string, and a question only where the settings ask for it.
"""

from __future__ import annotations

import json
import logging
import secrets
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from rag.reply import App, Message, Receive, Scope, Send, local_path

NOTES = "citeback"  # the key of a request's scope under which a route may leave notes for the line
ROUTES = frozenset({
    "/api/ask", "/api/pages", "/api/rebuild", "/api/references", "/api/rollback", "/api/status", "/healthz", "/mcp", "/metrics",
    "/v1/chat/completions", "/v1/models",
})  # fmt: skip
log = logging.getLogger("citeback.requests")


class Watch:
    """Wrap an ASGI application; ``count`` is told (method, route, status, seconds) of each request."""

    def __init__(
        self, app: App, *, root_path: str, count: Callable[[str, str, int, float], None], questions: bool
    ) -> None:
        self._app = app
        self._root = root_path
        self._count = count
        self._questions = questions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and tell of it when it is over."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if self._root:  # a proxy may leave its prefix on the path or take it off
            path = scope["path"]
            whole = path if path == self._root or path.startswith(f"{self._root}/") else self._root + path
            scope = {**scope, "root_path": self._root, "path": whole}
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number, began, seen = secrets.token_hex(8), time.perf_counter(), {"status": 0, "bytes": 0}
        method = scope["method"]
        # a HEAD is a GET whose body the server leaves out
        plain = method == "HEAD" and not local_path(scope).startswith("/gradio_api")
        scope = {**scope, NOTES: {}, "method": "GET" if plain else method}

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", number.encode())]}
            elif message["type"] == "http.response.body":
                seen["bytes"] += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            scope["method"] = method
            self._count(method, _route(scope), seen["status"], seconds)
            if log.isEnabledFor(logging.INFO):
                log.info(self._line(scope, number, seen, seconds))

    def _line(self, scope: Scope, number: str, seen: dict[str, int], seconds: float) -> str:
        notes = {key: value for key, value in scope[NOTES].items() if key != "question" or self._questions}
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "id": number,
            "client": (scope.get("client") or ("",))[0],
            "method": scope["method"],
            "path": local_path(scope),
            **seen,
            "ms": round(1000 * seconds, 1),
            **notes,
        }
        return json.dumps(line, ensure_ascii=False)


def _route(scope: Scope) -> str:
    """Return which route a request was for, also where it was refused before it came there."""
    found = getattr(scope.get("route"), "path", None)
    path = local_path(scope)
    return path if path in ROUTES else found if found and ":path" not in found else "other"


def log_requests(where: str) -> None:
    """Send the lines where the setting says: "auto" (stderr, unless a person sits there), "stderr", "off", or a file."""
    if where == "off" or (where == "auto" and sys.stderr.isatty()):
        return
    handler = logging.StreamHandler() if where in ("auto", "stderr") else logging.FileHandler(where, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.handlers = [handler]
    log.propagate = False
    log.setLevel(logging.INFO)
