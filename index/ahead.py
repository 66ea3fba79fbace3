"""Pages that will not change any more are read ahead, in processes of their own, while others still come. Reads no page itself.

Whoever needs the reading of a key waits for it here. At most a few pages a process are under way, and what was read goes to the
page store, so nothing piles up however slowly it is used.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from types import TracebackType

from index.pages import PageStore, State
from index.readings import Packed, Readings, prepare
from index.records import Page

FEWEST = 48
"""Pages for which processes are started; each takes a second to load what reading needs."""


class Ahead:
    """Reads ahead. ``expected`` is how many keys will be settled after those of ``states``."""

    def __init__(self, pages: PageStore, readings: Readings, *, expected: int) -> None:
        self.states: dict[str, State] = {}
        self._pages, self._readings, self._expected = pages, readings, expected
        self._settled: queue.Queue[str | None] = queue.Queue()
        self._known: set[str] = set()
        self._ready: set[str] = set()
        self._fault: BaseException | None = None
        self._change = threading.Condition()
        self._pool: ProcessPoolExecutor | None = None
        self._room = threading.BoundedSemaphore(1)
        self._thread = threading.Thread(target=self._run, name="read ahead", daemon=True)

    def __enter__(self) -> Ahead:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(value)
        self._settled.put(None)
        self._thread.join()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def settle_all(self, keys: Iterable[str], states: Mapping[str, State]) -> None:
        """Say of many keys at once that nothing more will come for them; ``states`` is what is stored."""
        wanted = [key for key in keys if key not in self._known]
        self._known.update(wanted)
        stale = []
        with self._change:
            for key in wanted:
                state = self.states[key] = states.get(key, State())
                if state.copies and not self._readings.has(key, state.copies[0]):
                    stale.append(key)
                else:
                    self._ready.add(key)
            self._change.notify_all()
        self._expected += len(stale)
        for key in stale:
            self._settled.put(key)

    def settle(self, key: str) -> None:
        """Say that nothing more will come for a key."""
        if key not in self._known:
            self._known.add(key)
            self._settled.put(key)

    def is_ready(self, key: str) -> bool:
        """Return whether nobody would have to wait for that key."""
        return key in self._ready and self._fault is None  # four times as fast as asking for the lock

    def wait(self, key: str) -> State:
        """Return what is stored of a key, once it has settled and its best copy was read."""
        if self.is_ready(key):  # nearly always
            return self.states[key]
        with self._change:
            self._change.wait_for(lambda: key in self._ready or self._fault is not None)
            if self._fault is not None:
                raise self._fault
            return self.states[key]

    def stop(self, fault: BaseException | None) -> None:
        """Let everyone who waits end with this fault."""
        with self._change:
            self._fault = self._fault or fault
            self._change.notify_all()

    def _run(self) -> None:
        try:
            while (key := self._settled.get()) is not None and self._fault is None:
                self._take(key)
        except BaseException as fault:  # whoever waits must hear of it
            self.stop(fault)

    def _take(self, key: str) -> None:
        state = self.states.get(key) or self._pages.states([key]).get(key, State())
        copy = state.copies[0] if state.copies else None
        if copy is None or self._readings.has(key, copy):
            return self._done(key, state)
        if self._pool is None and self._expected >= FEWEST:
            self._start()
        page = self._pages.copy(key, copy.origin)
        assert page is not None
        if self._pool is None:
            self._readings.keep(key, copy, prepare(page))
            return self._done(key, state)
        self._room.acquire()
        try:
            future = self._pool.submit(prepare, page)
        except (BrokenExecutor, RuntimeError):
            self._room.release()
            self._readings.keep(key, copy, prepare(page))
            return self._done(key, state)
        return future.add_done_callback(lambda future: self._came(key, state, page, future))

    def _came(self, key: str, state: State, page: Page, future: Future[Packed]) -> None:
        self._room.release()
        if self._fault is not None or future.cancelled():
            return
        try:
            # a fault: the process died, or it could not be started from this program
            packed = future.result() if future.exception() is None else prepare(page)
            self._readings.keep(key, state.copies[0], packed)
            self._done(key, state)
        except BaseException as fault:
            self.stop(fault)

    def _done(self, key: str, state: State) -> None:
        with self._change:
            self.states[key] = state
            self._ready.add(key)
            self._change.notify_all()

    def _start(self) -> None:
        import multiprocessing

        workers = max(min(len(os.sched_getaffinity(0)), 8), 1)
        context = multiprocessing.get_context("spawn")  # forking beside threads of FAISS and of the crawl may lock up
        self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_worker)
        self._room = threading.BoundedSemaphore(4 * workers)


def _worker() -> None:
    """A Ctrl-C is the parent's to handle; a parent that was killed takes its workers with it."""
    import multiprocessing
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
