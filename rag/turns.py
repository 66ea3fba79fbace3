"""So many at once, and the others in the order in which they came. Knows nothing of what is done in a turn.

The standard library's semaphore wakes one who waits, but lets whoever asks just then go first: of eight threads that asked
again and again two had all the turns, and the slowest question of a hundred took 37 times as long as the middle one.
"""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class Turns:
    """A context manager that at most ``many`` threads are in."""

    def __init__(self, many: int) -> None:
        self._lock = threading.Lock()
        self._free = many
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        """Wait for a turn."""
        with self._lock:
            if self._free:
                self._free -= 1
                return
            called = threading.Lock()
            called.acquire()
            self._waiting.append(called)
        try:
            called.acquire()
        except BaseException:  # interrupted: what may have been handed over meanwhile goes to the next one
            with self._lock:
                handed = called not in self._waiting
                if not handed:
                    self._waiting.remove(called)
            if handed:
                self._pass_on()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Hand the turn to who has waited for the longest."""
        self._pass_on()

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
