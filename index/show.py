"""What a terminal shows of a build: the progress, the table of outcomes, the references. Decides nothing."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from index.records import HostStep, Item, Outcome
from index.report import ADVICE

if TYPE_CHECKING:
    from index.attach import Added
    from index.merge import Merged

_STAGES = {
    "crawl": "Fetching",
    "render": "Rendering",
    "archive": "Archive",
    "read": "Reading",
    "embed": "Embedding",
    "publish": "Publishing",
    "merge": "Merging",
}
_QUIET_SECONDS = 5.0  # without a terminal, at most one line in so many seconds a stage


def _plain() -> dict[str, Any]:
    """With NO_COLOR nothing is coloured, and nothing bold either, which rich alone would leave."""
    return {"color_system": None} if os.environ.get("NO_COLOR") else {}


class ProgressLine:
    """A live bar on a terminal, a line now and then elsewhere; always on stderr."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._live = sys.stderr.isatty()
        self._bar = Progress(
            TextColumn("{task.description:<11}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}"),
            console=Console(stderr=True, **_plain()),
            transient=False,
            disable=not self._live,
        )
        self._tasks: dict[str, Any] = {}
        self._said: dict[str, float] = {}
        self._began: dict[str, float] = {}

    def __enter__(self) -> ProgressLine:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, stage: str, done: int, total: int, detail: str) -> None:
        """Show how far a stage is."""
        label = _STAGES[stage]
        if self._live:
            task = self._tasks.setdefault(stage, None)
            if task is None:
                task = self._tasks[stage] = self._bar.add_task(label, total=total, detail="")
            self._bar.update(task, completed=done, total=total, detail=detail[:50].replace("[", "("))
            return
        now = time.monotonic()
        if done >= total > 0 or now - self._said.get(stage, -_QUIET_SECONDS) >= _QUIET_SECONDS:
            if done < total or stage not in self._said or self._said[stage] > 0:
                spent = now - self._began.setdefault(stage, now)
                rate = (
                    f", {done / spent:.1f}/s, about {spent * (total - done) / done:.0f} s left"
                    if 0 < done < total and spent > 1
                    else ""
                )
                _say(f"{label} {done}/{total}{rate}")
            self._said[stage] = -1.0 if done >= total else now


class JsonEvents:
    """For programs: a JSON line on stderr for every step of a stage."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __enter__(self) -> JsonEvents:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, stage: str, done: int, total: int, detail: str) -> None:
        """Write the step."""
        event = {
            "event": stage,
            "done": done,
            "total": total,
            "detail": detail,
            "seconds": round(time.monotonic() - self._began, 3),
        }
        if isinstance(detail, HostStep):
            event |= {"host": detail.host, "outcome": detail.outcome, "left": detail.left}
        _say(json.dumps(event, ensure_ascii=False))


def _say(line: str) -> None:
    """Write a whole line at once: stages that run side by side tell of their steps from several threads."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def show_merged(merged: Sequence[Merged]) -> None:
    """Print what came from each page store."""
    for entry in merged:
        print(
            f"{entry.source}: {entry.new} new pages, {entry.newer} newer than here, {entry.older} older, "
            f"{entry.failures} failures, {entry.vectors} vectors"
        )


def show_report(report: dict[str, Any], *, built: bool = True) -> None:
    """Print the table of outcomes by reason, with what can be done about each; after a build, also what it did."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 150, **_plain())
    for entry in report.get("inbox", ()):
        console.print(Text(f"inbox: {entry['path']}: {entry['reason']}"))
    for name in report.get("unusable", ()) if built else ():
        console.print(Text(f"Snapshot {name} cannot be used any more (damaged, or of another version): nothing of it was taken over."))
    if report.get("ignore_robots"):
        console.print(Text(f"robots.txt was passed over, as you asked, for: {', '.join(report['ignore_robots'])}"))
    table = Table(box=None, header_style="bold", padding=(0, 1))
    for heading, options in (
        ("outcome", {"no_wrap": True}),
        ("links", {"justify": "right"}),
        ("why", {}),
        ("what you can do", {}),
    ):
        table.add_column(heading, **options)
    groups = Counter((item["outcome"], item["reason"] or "") for item in report["items"])
    hints = {(item["outcome"], item["reason"] or ""): item["hint"] for item in report["items"]}
    order = {outcome: position for position, outcome in enumerate(report["outcomes"])}
    for (outcome, reason), count in sorted(groups.items(), key=lambda entry: (order[entry[0][0]], -entry[1], entry[0])):
        advice = hints[outcome, reason] or ADVICE[Outcome(outcome)]
        table.add_row(Text(outcome), str(count), Text(reason), Text(advice))
    console.print(table)
    read = sum(count for outcome, count in report["outcomes"].items() if Outcome(outcome).was_read)
    changed = {name: count for name, count in report["changes"].items() if count}
    again = report["outcomes"].get(Outcome.DUPLICATE, 0)
    others = report["references"] - read - again
    said = [f"{report['references']} reference{'s' * (report['references'] != 1)}, {read} read"]
    said[0] += f", {again} the same as another" * bool(again)
    said[0] += ", the others known by title, topic and note." if others else "."
    if built and changed:
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in changed.items())
        said.append(f"Since the last build: {told}.")
    if built and report.get("not_asked"):
        said.append(f"Not asked for again, because they were lately: {report['not_asked']} (--fresh asks for all).")
    if built:
        said.append(f"{_embedded(report)} {report['seconds']['total']:.1f} s.")
    print(" ".join(said), f"Snapshot {report['snapshot']}.")


def _embedded(report: dict[str, Any]) -> str:
    if not report["embedded_passages"]:
        return f"Nothing to embed: the vectors of all {report['reused_passages']} passages were there."
    return f"Passages embedded: {report['embedded_passages']}, reused: {report['reused_passages']}."


def show_items(items: Sequence[Item]) -> None:
    """Print one line a reference."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", padding=(0, 1))
    for heading in ("no", "outcome", "title", "link", "characters"):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("no", "characters") else "left")
    for item in items:
        table.add_row(
            str(item.number), Text(item.outcome.value), Text(item.title), Text(item.url), str(item.characters or "")
        )
    Console(width=None if sys.stdout.isatty() else 170, **_plain()).print(table)


def show_added(added: Sequence[Added]) -> None:
    """Print what became of each saved page that was given."""
    for entry in added:
        print(entry.line())
