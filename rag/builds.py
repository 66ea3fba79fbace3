"""Rebuilds that the server starts: each a process of its own, so that its memory and its crashes stay apart. Builds nothing.

Layout, owned here, in DATA/builds/: ``run.lock`` (held by the running process itself, so that it ends with it), ``started.json``
(which process, since when), ``events.jsonl`` (what it says on stderr), ``report.json`` (its stdout). All that is known of
a build is read from there, so that several server processes, and a server that was started anew, show the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from index.errors import BusyError, StoreError, UsageError
from index.manifest import earlier_names
from rag.buildstate import BuildState, EventLog
from rag.stored import is_web

UPLOAD_LIMIT = 50 * 2**20
_INDEX_LOCK = "rebuild.lock"  # the one that `citeback rebuild` takes, whoever starts it
_GRACE_SECONDS = 5.0
_LOCK_SECONDS = 0.3  # whoever asks for the state holds the lock for a moment
_NAME_LENGTH = 120
_STOPPED = "citeback: stopped. What was fetched is kept; the previous snapshot stays in use."
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]")
# The build asks no language model and answers nobody.
_KEPT_FROM_BUILDS = ("CITEBACK_API_TOKEN", "CITEBACK_LLM_API_KEY")


class Builds:
    """Starts, watches and stops the builds of one data folder; safe to use from many threads and processes."""

    def __init__(self, data: Path, *, upload_limit: int = UPLOAD_LIMIT) -> None:
        self._data = data.absolute()
        self._folder = self._data / "builds"
        self._upload_limit = upload_limit
        self._children: list[subprocess.Popen[bytes]] = []
        self._log: tuple[float, EventLog] | None = None
        self._guard = threading.Lock()

    def start(
        self, *, lists: Sequence[str] = (), offline: bool = False, fresh: bool = False, archive_fallback: bool = False,
        ignore_robots: Sequence[str] = (),
    ) -> BuildState:  # fmt: skip
        """Start a rebuild and return at once; without ``lists``, those of the last build.

        Raises:
            BusyError: one is at work, here or elsewhere.
            UsageError: a list or host that cannot be one.
            StoreError: the data folder cannot be written.
        """
        for host in ignore_robots:
            if not _HOST.fullmatch(host):
                raise UsageError(f"{host!r} is no host name: give one such as example.org.")
        arguments = [
            "rebuild", "--json",
            *["--offline"] * offline, *["--fresh"] * fresh, *["--archive-fallback"] * archive_fallback,
            *(f"--ignore-robots={host}" for host in ignore_robots), "--", *lists,
        ]  # fmt: skip
        self._run(arguments)
        return self.state()

    def stop(self, *, grace: float = _GRACE_SECONDS) -> None:
        """Stop the running build; what it fetched is kept, and nothing is published. Nothing happens when none runs.

        After ``grace`` seconds it is killed.
        """
        if not self._running():
            return
        self._signal(signal.SIGTERM)  # SIGINT is ignored where the server was started in the background of a script
        deadline = time.monotonic() + grace
        while self._running():
            if time.monotonic() > deadline:
                self._signal(signal.SIGKILL)
                deadline = float("inf")
            time.sleep(0.02)
        if _document(self._folder / "report.json") is None:  # it had no time for words of its own, or had none
            with (self._folder / "events.jsonl").open("a") as events:
                events.write(f"\n{_STOPPED}\n")

    def state(self) -> BuildState:
        """Return the build that runs, or what became of the last one."""
        running = self._running()
        started = _document(self._folder / "started.json")
        if started is None:
            elsewhere = not running and _is_held(self._data / _INDEX_LOCK)
            return BuildState(running or elsewhere, "start" if running else "elsewhere" if elsewhere else "")
        with self._guard:
            if self._log is None or self._log[0] != started["began"]:
                self._log = (started["began"], EventLog(self._folder / "events.jsonl", started["began"]))
            log = self._log[1]
            log.follow()
            state, error = log.state(), log.error
        if running:
            return state
        if _is_held(self._data / _INDEX_LOCK):
            return BuildState(True, "elsewhere")
        report = _document(self._folder / "report.json")
        ended = BuildState(hosts=state.hosts, started_at=state.started_at)
        if report is None:
            lost = "The build broke off: builds/events.jsonl in the data folder has its last words."
            return replace(ended, error=error or lost)
        # `add` wraps the report of its build, and has none where nothing was taken
        return replace(ended, report=report.get("report", report), error=error)

    def add(self, filename: str, content: bytes, *, url: str | None = None) -> dict[str, Any]:
        """Make a saved page the content of its reference, as `citeback add` does, and return what that reports.

        Raises:
            BusyError: a build is at work.
            UsageError: the file is too large, ``url`` is no web address, or a list of the last build is gone.
            StoreError: it could not be taken in.
        """
        if len(content) > self._upload_limit:
            raise UsageError(f"The file has over {self._upload_limit:,} bytes: save the page without its pictures.")
        if url is not None and not (is_web(url) and url.isprintable()):  # a control character no command line takes
            raise UsageError(f"{url!r} is not a web address: give the http or https link of the reference.")
        self._folder_made()
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="upload-") as folder:
            path = Path(folder) / _safe_name(filename)
            path.write_bytes(content)
            report = self._reported(["add", "--json", *([f"--url={url}"] if url else []), "--", str(path)])
        return dict(json.loads(json.dumps(report, ensure_ascii=False).replace(f"{folder}/", "")))

    def rollback(self) -> str:
        """Make the previous snapshot current and return its name.

        Raises:
            BusyError: a build is at work.
            NoSnapshotError: there is no earlier snapshot.
            StoreError: none of them can be used.
        """
        earlier_names(self._data)
        return str(self._reported(["rollback", "--json"])["snapshot"])

    def close(self) -> None:
        """Stop what this server started, at once: the server itself is ending."""
        if any(child.poll() is None for child in self._children):
            self.stop(grace=1.0)

    def _run(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a citeback command that holds run.lock as long as it lives."""
        with self._guard, self._taken_lock() as lock:
            if _is_held(self._data / _INDEX_LOCK):
                raise BusyError(f"Another rebuild is at work in {self._data}: wait for it to end.")
            for name in ("started.json", "events.jsonl", "report.json"):
                (self._folder / name).unlink(missing_ok=True)
            root = str(Path(__file__).parents[1])
            environment = {key: value for key, value in os.environ.items() if key not in _KEPT_FROM_BUILDS}
            paths = [root, *filter(None, [environment.get("PYTHONPATH")])]
            began = time.time()
            with (self._folder / "report.json").open("wb") as out, (self._folder / "events.jsonl").open("wb") as events:
                # -P: not what lies in the present folder. A session of its own: Ctrl-C is for the server, which passes it on.
                child = subprocess.Popen(
                    [sys.executable, "-P", "-m", "rag.cli", arguments[0], f"--data={self._data}", *arguments[1:]],
                    env={**environment, "PYTHONPATH": os.pathsep.join(paths)},
                    stdin=subprocess.DEVNULL, stdout=out, stderr=events, pass_fds=[lock.fileno()], start_new_session=True,
                )  # fmt: skip
            part = self._folder / "started.json.part"
            part.write_text(json.dumps({"process": child.pid, "began": began}), encoding="utf-8")
            part.replace(self._folder / "started.json")
            self._children = [*(one for one in self._children if one.poll() is None), child]
            return child

    def _reported(self, arguments: Sequence[str]) -> dict[str, Any]:
        """Run a command to its end and return the document it prints."""
        code = self._run(arguments).wait()
        report = _document(self._folder / "report.json")
        if report is None:
            error = self.state().error or "The build broke off."
            raise (UsageError if code == UsageError.exit_code else StoreError)(error)
        return report

    @contextlib.contextmanager
    def _taken_lock(self) -> Iterator[IO[str]]:
        import fcntl

        self._folder_made()
        with (self._folder / "run.lock").open("a") as lock:
            deadline = time.monotonic() + _LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError as error:
                    if time.monotonic() > deadline:
                        raise BusyError("A rebuild is at work: wait for it to end, or stop it.") from error
                time.sleep(0.01)
            yield lock

    def _folder_made(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The data folder {self._data} cannot be written ({error.strerror}).") from error

    def _running(self) -> bool:
        held = _is_held(self._folder / "run.lock")
        for child in self._children:
            if held:
                child.poll()
            else:
                child.wait()  # it let go of the lock, so it is ending
        return held

    def _signal(self, number: signal.Signals) -> None:
        started = _document(self._folder / "started.json")
        if started is not None and self._running():  # the lock's holder is alive, so the number is still its own
            with contextlib.suppress(ProcessLookupError):
                os.kill(started["process"], number)


def _is_held(path: Path) -> bool:
    import fcntl

    try:
        with path.open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _document(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _safe_name(filename: str) -> str:
    """Return a name that stays in its folder; it keeps the words, by which a page may be matched to its reference."""
    name = re.sub(r"[\x00-\x1f\x7f]", "", filename.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    stem, dot, ending = name.rpartition(".")
    short = f"{stem[:_NAME_LENGTH]}{dot}{ending[:12]}" if dot else name[:_NAME_LENGTH]
    while len(short.encode("utf-8", "replace")) > 240:
        short = short[1:]
    return short.encode("utf-8", "replace").decode() or "page.html"
