"""SIGTERM ends a build as Ctrl-C does. Where Ctrl-C is ignored, as in the background of a script, it is the one way to end it.

Knows no stage: a command says for how long, and what runs an event loop runs it here.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Coroutine, Iterator
from typing import Any


@contextlib.contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Make SIGTERM raise KeyboardInterrupt within the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(*_: object) -> None:
    raise KeyboardInterrupt


def run_loop(work: Coroutine[Any, Any, None]) -> None:
    """Do what ``asyncio.run`` does; SIGTERM, where it ends things, cancels the work first and lets it close what it opened."""
    stopped = False

    async def ended() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def end(*_: object) -> None:
            nonlocal stopped
            stopped = True
            loop.call_soon_threadsafe(task.cancel)

        if signal.getsignal(signal.SIGTERM) is not _end:
            await work
            return
        signal.signal(signal.SIGTERM, end)
        try:
            await work
        finally:
            signal.signal(signal.SIGTERM, _end)

    try:
        asyncio.run(ended())
    except asyncio.CancelledError:
        if stopped:
            raise KeyboardInterrupt from None
        raise
