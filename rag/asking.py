"""Between a request and the assistant: a question is worked on in a thread, and no longer than somebody waits for it.

Knows no route and no wire format.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import anyio

from rag.records import Answer

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.metrics import Metrics

THREADS = 40  # a question that waits for a language model holds one


class Threads:
    """A pool of threads, started as they are needed. Not the standard library's, which a program waits for when it ends:
    a server that is stopped while a language model stalls would wait with it.
    """

    def __init__(self, most: int = THREADS) -> None:
        self._most = most
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._started = 0

    def run(self, work: Callable[[], None]) -> None:
        """Have ``work``, which raises nothing, done by a thread."""
        if not self._idle.acquire(blocking=False) and self._started < self._most:
            self._started += 1
            threading.Thread(target=self._loop, name=f"question {self._started}", daemon=True).start()
        self._work.put(work)

    def _loop(self) -> None:
        while True:
            self._work.get()()
            self._idle.release()


class Asking:
    """Asks the assistant on behalf of one face ("rest", "openai", "mcp"), and counts what came of it."""

    def __init__(self, assistant: Assistant, metrics: Metrics, threads: Threads, face: str) -> None:
        self._assistant = assistant
        self._metrics = metrics
        self._threads = threads
        self._face = face

    async def stream(self, question: str, *, whole: bool = False, **options: Any) -> AsyncGenerator[str | Answer, None]:
        """Yield what ``Assistant.stream`` yields; ``whole``: the answer alone.

        Closing this stops the work at its next piece, a model's stream included.
        """
        loop, told, left = (
            asyncio.get_running_loop(),
            asyncio.Queue[str | Answer | BaseException | None](),
            threading.Event(),
        )

        def tell(piece: str | Answer | BaseException | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the server has ended
                loop.call_soon_threadsafe(told.put_nowait, piece)

        def work() -> None:
            pieces: Any = None
            try:
                if not left.is_set():
                    pieces = self._assistant.stream(question, **options)
                    for piece in pieces:
                        if isinstance(piece, Answer) or not whole:
                            tell(piece)
                        if left.is_set():
                            break
                tell(None)
            except BaseException as error:  # it is raised again where somebody waits
                tell(error)
            finally:
                if pieces is not None:
                    pieces.close()

        with self._metrics.question(self._face) as count:
            self._threads.run(work)
            try:
                while (piece := await told.get()) is not None:
                    if isinstance(piece, BaseException):
                        raise piece
                    if isinstance(piece, Answer):
                        count(piece)
                    yield piece
            finally:
                left.set()

    async def answer(
        self, receive: Callable[[], Awaitable[Any]] | None, question: str, **options: Any
    ) -> Answer | None:
        """Return the answer, or None when the client left before (``receive`` tells of it)."""
        found: Answer | None = None
        failed: Exception | None = None
        async with (
            anyio.create_task_group() as group,
            contextlib.aclosing(self.stream(question, whole=True, **options)) as stream,
        ):
            if receive is not None:
                group.start_soon(_wait_until_gone, receive, group.cancel_scope)
            try:
                async for piece in stream:
                    found = piece if isinstance(piece, Answer) else found
            except Exception as error:
                failed = error  # a task group would wrap it
            group.cancel_scope.cancel()
        if failed is not None:
            raise failed
        return found


async def _wait_until_gone(receive: Callable[[], Awaitable[Any]], scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
