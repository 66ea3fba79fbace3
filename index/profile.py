"""Where a command spends its time: every thread's stack, looked at two hundred times a second. Knows no stage.

A sampler and not cProfile, because a build runs in several threads and a hook on every call would triple the cost of what it
measures. Processes that read pages are not seen here; what waits for them is.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType, TracebackType

_EVERY = 0.005  # seconds
_ROOT = str(Path(__file__).parents[1])
_OWN = tuple(f"{_ROOT}/{part}" for part in ("index/", "rag/", "chat/", "app.py"))
_WAITING = ("wait", "select", "poll", "acquire", "_recv", "accept", "join", "get")


class Profile:
    """Samples while the block runs; ``table`` says what was seen."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()
        self._leaf: Counter[str] = Counter()
        self._samples = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="profile", daemon=True)

    def __enter__(self) -> Profile:
        self._wall, self._processor = time.monotonic(), time.process_time()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._wall, self._processor = time.monotonic() - self._wall, time.process_time() - self._processor

    def _run(self) -> None:
        own = threading.get_ident()
        while not self._stop.wait(_EVERY):
            self._samples += 1
            for thread, frame in sys._current_frames().items():
                if thread != own:
                    self._see(frame)

    def _see(self, frame: FrameType | None) -> None:
        leaf, seen = frame, []
        while frame is not None:
            if frame.f_code.co_filename.startswith(_OWN):
                seen.append(_name(frame))
            frame = frame.f_back
        if leaf is None or not seen or leaf.f_code.co_name in _WAITING:
            return
        self._inside.update(set(seen))
        self._leaf[seen[0] + ("" if _name(leaf) == seen[0] else f" > {_name(leaf)}")] += 1

    def table(self) -> str:
        """Return the functions of citeback by the time spent inside them, and the busiest places."""
        share = self._wall / max(self._samples, 1)
        lines = [
            f"{self._wall:.2f} s, {self._processor:.2f} s of processor time; threads add up",
            "  seconds  in (with all it calls)",
        ]
        lines += [f"{count * share:9.2f}  {name}" for name, count in self._inside.most_common(20)]
        lines += ["  seconds  at (function > what it called outside citeback)"]
        lines += [f"{count * share:9.2f}  {name}" for name, count in self._leaf.most_common(15)]
        return "\n".join(lines)


def _name(frame: FrameType) -> str:
    path = frame.f_code.co_filename
    short = path.removeprefix(f"{_ROOT}/") if path.startswith(_OWN) else "/".join(Path(path).parts[-2:])
    return f"{short}:{frame.f_code.co_qualname}"
