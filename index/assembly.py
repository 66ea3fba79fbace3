"""References in list order -> documents in the tables, while pages still come; and something to run it beside the crawl.

Each reference waits until its page has settled and was read, then is judged, kept from the snapshot before or made anew, and its
texts are handed to the embedder. The order of the list alone decides what stands beside what, never the timing. Knows no network.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from index.ahead import Ahead
from index.documents import document_of, stamp_of
from index.read import Judge
from index.readings import Readings
from index.records import Outcome, Reference
from index.standing import UNKNOWN, Standing, told_of
from index.tables import TableWriter
from index.urls import identity
from index.vectorise import Vectoriser

if TYPE_CHECKING:
    from index.build import BuildOptions, Progress


@dataclass(frozen=True, slots=True)
class Assembly:
    """All that one pass over the list needs; ``rows`` fills with what became of each reference, as items of the report."""

    references: Sequence[Reference]
    readings: Readings
    ahead: Ahead
    tables: TableWriter
    vectoriser: Vectoriser
    options: BuildOptions
    progress: Progress
    standing: Standing | None
    rows: list[dict[str, Any]]

    def run(self) -> float:
        """Take every reference; return the seconds spent on anything but embedding."""
        began = time.monotonic()
        judge = Judge(self.readings, offline=self.options.offline, shard=self.options.shard)
        seen: Counter[bytes] = Counter()
        total = len(self.references)
        for reference in self.references:
            if self.vectoriser.stopped.is_set():
                return 0.0
            key = identity(reference.url)
            if not self.ahead.is_ready(key):
                self.vectoriser.catch_up()  # so that embedding keeps up with a slow crawl
            state = self.ahead.wait(key)
            told = told_of(reference, state)
            stood = self.standing.of(told) if self.standing else None
            if stood is not None and seen[stood.stamp]:
                stood = None  # an equal one came before it, so that its stamp is another
            judged = judge.judge(reference, key, state, stood)
            stamp = judged.document or stamp_of(reference, judged, 0)
            seen[stamp] += 1
            self.tables.told.append(UNKNOWN if seen[stamp] > 1 or judged.row["outcome"] == Outcome.DUPLICATE else told)
            if seen[stamp] > 1:
                stamp = stamp_of(reference, judged, seen[stamp] - 1)
            count = self.tables.keep(stamp)
            if count is None:
                body = self.readings.body(key, judged.origin) if judged.origin else None
                document = document_of(reference, judged, body, stamp, self.vectoriser)
                self.tables.add(document)
                count = len(document.passage_keys)
            if judged.origin:
                judged.row["passages"] = count
            self.rows.append(judged.row)
            self.progress("read", len(self.rows), total, reference.url)
        self.vectoriser.flush()
        self.tables.close()
        return time.monotonic() - began - self.vectoriser.seconds


class Beside:
    """Runs ``work`` in a thread while the block runs; the block ends when both have, or with the first fault of either.

    ``stop`` asks the work to end soon.
    """

    def __init__(self, work: Callable[[], float], stop: Callable[[], None]) -> None:
        self.result = 0.0
        self._work, self._stop = work, stop
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="assembly", daemon=True)

    def _run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as fault:  # raised again in the thread that waits for it
            self._fault = fault

    def check(self) -> None:
        """Raise what the work failed with, if it did."""
        if self._fault is not None:
            raise self._fault

    def __enter__(self) -> Beside:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while kind is None and self._thread.is_alive():
                self._thread.join(0.2)  # a wait without an end would not notice Ctrl-C
        finally:
            self._stop()
            self._thread.join(5.0)
        if kind is None:
            self.check()
