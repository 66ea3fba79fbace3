"""What a build says of itself -> what a person is shown: stage, hosts, time left, report or error. Starts and stops nothing."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_STEPS_TO_JUDGE = 3  # fewer say nothing about the pace
_SECONDS_TO_JUDGE = 2.0
_SIDE_BY_SIDE = ("crawl", "read", "embed")  # each waits for the one before


@dataclass(frozen=True, slots=True)
class HostState:
    """How far one host is: pages settled of all that are wanted there; ``waiting`` are still to come."""

    host: str
    done: int
    total: int
    waiting: int


@dataclass(frozen=True, slots=True)
class BuildState:
    """One build as it is now, or the last one (``running`` False); all empty before the first.

    ``stage`` is "start", "crawl", "render", "archive", "read", "embed", "publish" or "" when nothing runs; ``done`` of
    ``total`` and ``seconds_left`` are those of the stage, and ``seconds_left`` is None as long as its pace is unknown.
    ``report`` is that of the finished build, ``error`` the line it failed with.
    """

    running: bool = False
    stage: str = ""
    done: int = 0
    total: int = 0
    detail: str = ""
    hosts: tuple[HostState, ...] = ()
    started_at: str | None = None
    seconds_left: float | None = None
    report: dict[str, Any] | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values; the report without its items, which the status of the index has."""
        document = asdict(self) | {"hosts": [asdict(host) for host in self.hosts]}
        if self.report is not None:
            document["report"] = {key: value for key, value in self.report.items() if key != "items"}
        return document


class EventLog:
    """Follows the events of one build, which its process writes line by line; reads only what is new."""

    def __init__(self, path: Path, began: float) -> None:
        self._path = path
        self._began = began
        self._read = 0
        self._last: dict[str, Any] = {}
        self._stages: dict[str, dict[str, Any]] = {}  # the last event of each
        self._firsts: dict[str, tuple[float, int]] = {}  # stage -> when it began, and with how many done
        self._hosts: dict[str, tuple[int, int]] = {}  # host -> (done, left)
        self.error: str | None = None

    def follow(self) -> None:
        """Take in what was written since the last time."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                fresh = file.read()
        except FileNotFoundError:
            return
        whole = fresh.rfind(b"\n") + 1
        self._read += whole
        for line in fresh[:whole].decode("utf-8", "replace").splitlines():
            if line.startswith("{"):
                self._take(json.loads(line))
            elif line.startswith("citeback: "):
                self.error = line.removeprefix("citeback: ")

    def state(self, *, now: float | None = None) -> BuildState:
        """Return the state of a build that runs."""
        clock = (time.time() if now is None else now) - self._began
        hosts = sorted(self._hosts.items(), key=lambda entry: (-entry[1][1], entry[0]))
        event = self._present()
        return BuildState(
            True,
            event.get("event", "start"),
            event.get("done", 0),
            event.get("total", 0),
            event.get("detail", ""),
            tuple(HostState(host, done, done + left, left) for host, (done, left) in hosts),
            datetime.fromtimestamp(self._began, UTC).isoformat(timespec="seconds"),
            self._seconds_left(event, clock),
        )

    def _present(self) -> dict[str, Any]:
        """Return the last event of the stage that the others wait for: fetching, reading and embedding run side by side."""
        at_work = (self._stages[name] for name in _SIDE_BY_SIDE if name in self._stages)
        waited_for = next((event for event in at_work if event["done"] < event["total"]), None)
        return waited_for if waited_for and self._last["event"] in _SIDE_BY_SIDE else self._last

    def _take(self, event: dict[str, Any]) -> None:
        self._firsts.setdefault(event["event"], (event["seconds"], event["done"]))
        self._last = self._stages[event["event"]] = event
        if "host" in event:
            done, _ = self._hosts.get(event["host"], (0, 0))
            self._hosts[event["host"]] = (done + (event["outcome"] is not None), event["left"])

    def _seconds_left(self, event: dict[str, Any], clock: float) -> float | None:
        """The pace so far goes on: that of the whole stage, or of the slowest host, since hosts are asked side by side."""
        if not event:
            return None
        began, first = self._firsts[event["event"]]
        steps: int = event["done"] - first
        spent: float = event["seconds"] - began
        if steps < _STEPS_TO_JUDGE or spent < _SECONDS_TO_JUDGE:
            return None
        left: float = spent / steps * (event["total"] - event["done"])
        if event["event"] == "crawl":
            paces = {host: spent / done for host, (done, _) in self._hosts.items() if done}
            slowest = max(paces.values(), default=0.0)
            left = max([left, *(paces.get(host, slowest) * rest for host, (_, rest) in self._hosts.items())])
        silent: float = max(clock - event["seconds"], 0.0)
        return round(max(left - silent, 0.0), 1)
