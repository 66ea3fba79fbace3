"""The build panel as HTML: start, watch, stop, what changed, roll back. Knows states and reports, no component.

There only where rebuilding is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chat.links import bare, button
from chat.words import outcome_word, say
from index.errors import CitebackError
from rag.stored import visible

if TYPE_CHECKING:
    from rag.builds import Builds
    from rag.buildstate import BuildState, HostState

HOSTS = 40
CHANGES = ("added", "changed", "unchanged", "removed", "newly_unread", "recovered")


def work(builds: Builds, detail: Mapping[str, Any], language: str) -> str:
    """Do what the page asks of the builds, then return the panel; what could not be done is said in it."""
    act, said = detail.get("act"), ""
    try:
        if act == "start":
            builds.start(offline=detail.get("offline") is True, fresh=detail.get("fresh") is True)
        elif act == "stop":
            builds.stop()
        elif act == "rollback":
            said = say(language, "rolled_back", name=builds.rollback())
    except CitebackError as error:
        return panel(builds.state(), language, problem=str(error))
    return panel(builds.state(), language, note=said)


def panel(state: BuildState, language: str, *, note: str = "", problem: str = "") -> str:
    """Return the panel for a build that runs, or for the last one."""
    parts = [
        f'<h2 class="cb-question">{say(language, "build_title")}</h2><p class="cb-soft">{say(language, "build_hint")}</p>'
    ]
    if problem:
        parts.append(f'<p class="cb-problem" role="alert">{visible(problem)}</p>')
    if note:
        parts.append(f'<p class="cb-note" role="status">{visible(note)}</p>')
    parts.append(_running(state, language) if state.running else _idle(state, language))
    return f'<div class="cb-build"{" data-running" if state.running else ""}>{"".join(parts)}</div>'


def _idle(state: BuildState, language: str) -> str:
    options = "".join(
        f'<label class="cb-check"><input type="checkbox" data-option="{name}"> {say(language, f"build_{name}")}</label>'
        for name in ("offline", "fresh")
    )
    start = button(say(language, "build_start"), "build", {"act": "start"}, kind="cb-send")
    back = button(say(language, "roll_back"), "build", {"act": "rollback"})
    last = ""
    if state.error:
        last = f'<p class="cb-problem" role="alert">{visible(state.error[:1].upper() + state.error[1:])}</p>'
    elif state.report is not None:
        last = report(state.report, language)
    return f'<div class="cb-starts">{options}<div class="cb-buttons">{start}{back}</div></div>{last}'


def _running(state: BuildState, language: str) -> str:
    if state.stage == "elsewhere":
        return f'<p class="cb-note" role="status">{say(language, "build_elsewhere")}</p>'
    stage = say(language, f"stage_{state.stage}")
    most = max(state.total, 1)
    left = say(language, "time_unknown") if state.seconds_left is None else remaining(state.seconds_left, language)
    count = f"{state.done:,} / {state.total:,}" if state.total else ""
    hosts = "".join(_host(host, language) for host in state.hosts[:HOSTS])
    heads = "".join(f'<th scope="col">{say(language, key)}</th>' for key in ("site", "progress", "waiting"))
    table = f'<table class="cb-hosts"><thead><tr>{heads}</tr></thead><tbody>{hosts}</tbody></table>' if hosts else ""
    more = say(language, "more_hosts", n=len(state.hosts) - HOSTS) if len(state.hosts) > HOSTS else ""
    return (
        f'<div class="cb-now"><div class="cb-stage"><b>{stage}</b><span>{count}</span><span class="cb-soft">{left}</span>'
        f"{button(say(language, 'stop'), 'build', {'act': 'stop'}, kind='cb-halt')}</div>"
        f'<progress max="{most}" value="{min(state.done, most)}" aria-label="{stage}"></progress></div>'
        f'{table}<p class="cb-soft">{more}</p>'
    )


def _host(host: HostState, language: str) -> str:
    label = say(language, "of", n=host.done, total=host.total)
    most = max(host.total, 1)
    bar = (
        f'<progress max="{most}" value="{min(host.done, most)}" aria-label="{visible(host.host)}: {label}"></progress>'
    )
    return f'<tr><th scope="row">{bare(host.host)}</th><td>{bar}<span>{label}</span></td><td>{host.waiting:,}</td></tr>'


def remaining(seconds: float, language: str) -> str:
    """Return how long it will take as people say it."""
    if seconds < 90:
        return say(language, "seconds_left", n=max(round(seconds), 1))
    return say(language, "minutes_left", n=round(seconds / 60))


def report(document: Mapping[str, Any], language: str) -> str:
    """Return what the last build did: what changed, what became of the links, how long it took."""
    changes = document.get("changes") or {}
    cells = "".join(
        f'<div class="cb-change"><b>{int(changes.get(name, 0)):,}</b><span>{say(language, f"change_{name}")}</span></div>'
        for name in CHANGES
    )
    outcomes = ", ".join(
        f"{outcome_word(language, str(name))} {n}" for name, n in (document.get("outcomes") or {}).items()
    )
    took = (document.get("seconds") or {}).get("total", 0)
    told = say(
        language,
        "build_told",
        n=document.get("references", 0),
        embedded=document.get("embedded_passages", 0),
        reused=document.get("reused_passages", 0),
        seconds=f"{float(took):.1f}",
        name=document.get("snapshot", ""),
    )
    if lately := int(document.get("not_asked") or 0):
        told += " " + say(language, "not_asked", n=lately)
    return (
        f'<h3 class="cb-label">{say(language, "last_build")}</h3><div class="cb-changes">{cells}</div>'
        f'<p class="cb-soft">{visible(outcomes)}</p><p class="cb-soft">{visible(told)}</p>'
    )
