"""How much may be asked: so many questions at once, so many a minute from one client. Pure ASGI; knows no question.

Stands behind the guard, so only those who may ask are counted, and in front of every face that answers.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from rag.reply import App, Receive, Scope, Send, local_path, respond

CHAT_QUESTION = "/gradio_api/queue/join"
QUESTIONS = frozenset({"/api/ask", "/v1/chat/completions", "/mcp", CHAT_QUESTION})
_CLIENTS = 10_000  # remembered at most; the one not heard of for the longest is forgotten first


class Limits:
    """Wrap an ASGI application; a limit of 0 is none. ``turned_away`` is told which limit refused a question."""

    def __init__(self, app: App, *, at_once: int, per_minute: int, turned_away: Callable[[str], None]) -> None:
        self._app = app
        self._at_once = at_once
        self._rate = Rate(per_minute) if per_minute else None
        self._turned_away = turned_away
        self._present = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or tell it when to come back."""
        path = local_path(scope) if scope["type"] == "http" else ""
        if path not in QUESTIONS or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        if self._rate and (wait := self._rate.wait((scope.get("client") or ("",))[0])):
            await self._refuse(scope, send, "rate", wait, "This client has asked too many questions in a minute.")
            return
        # The chat has a queue of its own: its request ends when the question is in it.
        if self._at_once and self._present >= self._at_once and path != CHAT_QUESTION:
            await self._refuse(scope, send, "at_once", 1.0, "Too many questions are being answered just now.")
            return
        self._present += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._present -= 1

    async def _refuse(self, scope: Scope, send: Send, limit: str, wait: float, message: str) -> None:
        self._turned_away(limit)
        seconds = math.ceil(wait)
        await respond(
            scope, send, 429, "too_many", message, f"Ask again in {seconds} s.", [(b"retry-after", str(seconds).encode())]
        )  # fmt: skip


class Rate:
    """A bucket of ``per_minute`` questions a client, filled evenly; safe to use from many threads."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # client -> (questions left, when)
        self._lock = threading.Lock()

    def wait(self, client: str) -> float:
        """Take one question out of the client's bucket and return 0, or the seconds until there is one."""
        with self._lock:
            now = self._clock()
            left, since = self._buckets.pop(client, (float(self._per_minute), now))
            left = min(left + (now - since) * self._per_minute / 60, self._per_minute)
            allowed = left >= 1
            self._buckets[client] = (left - allowed, now)
            while len(self._buckets) > _CLIENTS:
                self._buckets.popitem(last=False)
            return 0.0 if allowed else (1 - left) * 60 / self._per_minute
