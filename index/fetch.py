"""Which references are asked for, and their lists: between the list and the crawl. Knows addresses, reads no page."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from index.archive import WORTH_A_LOOK, find_copies
from index.config import Settings
from index.crawl import CrawlSettings, Target, crawl
from index.errors import ListError
from index.pages import PageStore, State
from index.readers import recognise
from index.readings import code_stamp
from index.records import HostStep, Outcome, Reference
from index.references import load_list, parse_list
from index.urls import identity, is_web, request_url

if TYPE_CHECKING:
    from index.build import BuildOptions, Progress
    from index.crawl import Progress as CrawlProgress


def list_pages(sources: Sequence[str], pages: PageStore, settings: Settings, options: BuildOptions) -> list[Reference]:
    """Return the references of all lists, numbered through.

    Raises:
        ListError: a list cannot be read or holds no link.
    """
    references: list[Reference] = []
    for source in sources:
        found = _fetched_list(source, pages, settings, options) if is_web(source) else _known_list(source, pages)
        before = len(references)
        references.extend(replace(one, number=before + i) for i, one in enumerate(found, 1)) if before else references.extend(found)
    return references


def _known_list(source: str, pages: PageStore) -> tuple[Reference, ...]:
    """The references of a file; parsing thousands takes longer than all else a small change costs, so they are kept."""
    try:
        content = Path(source).read_bytes()
    except OSError:
        return load_list(source).references  # it says what is wrong
    stamp = hashlib.sha256(f"{code_stamp()}\0{source}\0".encode("utf-8", "surrogatepass") + content).hexdigest()
    known = pages.kept_list(source)
    if known is not None and known[0] == stamp:
        return tuple(
            Reference(number, url, title, tuple(topic), note)
            for number, url, title, topic, note in orjson.loads(known[1])
        )
    found = load_list(source).references
    rows = [(r.number, r.url, r.title, r.topic, r.note) for r in found]
    pages.put_list(source, stamp, json.dumps(rows))
    return found


def _fetched_list(source: str, pages: PageStore, settings: Settings, options: BuildOptions) -> tuple[Reference, ...]:
    key = identity(source)
    if not options.offline:
        crawl([Target(key, request_url(source))], pages, crawl_settings(settings, options), lambda _: None)
    page = pages.page(key)
    if page is None or page.status >= 400:
        failure = pages.unread(key)
        reason = (
            failure[0].reason if failure and page is None else f"HTTP {page.status}" if page else "it was never fetched"
        )
        raise ListError(f"The list {source} could not be fetched ({reason}): check the address, or give a file.")
    kind = (page.header("content-type") or "").split(";")[0]
    name = source if "html" not in kind else source + ".html"
    return parse_list(page.body, name=name, base_url=page.final_url).references


def due_targets(
    references: Sequence[Reference], states: Mapping[str, State], pages: PageStore, settings: Settings, options: BuildOptions
) -> list[Target]:
    """Return which pages are to be asked for: those that are not stored fresh; none when offline."""
    if options.offline:
        return []
    targets: dict[str, Target] = {}
    tries = pages.all_tries()
    for reference in references:
        key = identity(reference.url)
        if is_web(reference.url) and key not in targets:
            host = urlsplit(reference.url).hostname or ""
            if options.fresh or _is_due(host, states.get(key, State()), tries.get(key), settings, options):
                targets[key] = Target(key, request_url(reference.url))
    return list(targets.values())


def fetch(
    references: Sequence[Reference], due: Sequence[Target], pages: PageStore, settings: Settings, options: BuildOptions,
    progress: Progress, settled: Callable[[str], None],
) -> None:  # fmt: skip
    """Ask for every page that is due; all that comes is in the page store afterwards.

    ``settled`` hears of every key for which nothing more will come.
    """
    again = bool(options.render) or options.archive is not None
    if due:
        told = (lambda _: None) if again else settled
        crawl(due, pages, crawl_settings(settings, options), _shown(due, progress, told), judge=recognise)
    if options.render and not options.offline:
        _render(references, pages, settings, options, progress)
    if options.archive is not None and not options.offline:
        wanted = {
            identity(reference.url): request_url(reference.url)
            for reference in references
            if is_web(reference.url) and _is_missing(identity(reference.url), pages)
        }
        settled_for = crawl_settings(settings, options)
        find_copies(wanted, pages, settled_for, options.archive, recognise, lambda *at: progress("archive", *at))


def _is_missing(key: str, pages: PageStore) -> bool:
    """Whether neither the page nor an earlier good copy can be read, for a reason that an archive may not share."""
    page = pages.page(key)
    if page is not None and page.origin in ("saved", "kept", "archive"):
        return False
    verdict = recognise(page) if page is not None else None
    failure = pages.unread(key)
    if page is None:
        return failure is not None and failure[0].outcome in WORTH_A_LOOK
    return verdict is not None and verdict.outcome in WORTH_A_LOOK and pages.copy(key, "kept") is None


def _render(
    references: Sequence[Reference], pages: PageStore, settings: Settings, options: BuildOptions, progress: Progress
) -> None:
    from index.render import render, wanted

    keys = list(dict.fromkeys(identity(reference.url) for reference in references if is_web(reference.url)))
    keys = [key for key in keys if wanted(key, pages, options.render)]
    if keys:
        shown = lambda done, total, url: progress("render", done, total, url)  # noqa: E731
        render(keys, pages, crawl_settings(settings, options), shown, browser=settings.browser)


def crawl_settings(settings: Settings, options: BuildOptions) -> CrawlSettings:
    """Return what the crawler needs of the settings."""
    return CrawlSettings(
        delay=settings.delay,
        timeout=settings.timeout,
        max_bytes=int(settings.max_megabytes * 2**20),
        contact=settings.contact,
        ignore_robots=options.ignore_robots,
        allow_private=options.allow_private,
        conditional=not options.fresh,
        cookies=Path(settings.cookies) if settings.cookies else None,
        log=settings.data / "crawl.log",
    )


def _shown(
    targets: Sequence[Target], progress: Progress, settled: Callable[[str], None]
) -> Callable[[CrawlProgress], None]:
    for host, left in Counter(target.host for target in targets).items():
        progress("crawl", 0, len(targets), HostStep(host, None, left))

    def shown(event: CrawlProgress) -> None:
        settled(event.key)
        progress("crawl", event.done, event.total, HostStep(event.host, event.outcome or "stored", event.left))

    return shown


def _is_due(host: str, state: State, tries: tuple[int, str] | None, settings: Settings, options: BuildOptions) -> bool:
    """Return whether a page is to be asked for: never fetched, older than ``max_age``, or failed and its wait is over.

    A page that the user saved is never asked for; one whose only hindrance this run lifts (``--ignore-robots``,
    ``--allow-private``) always.
    """
    found = state.copies[0] if state.copies else None
    if found is not None and found.origin == "saved":
        return False
    now = datetime.now(UTC)
    if tries is not None:
        outcome = state.failure.outcome if state.failure else None
        lifted = (outcome is Outcome.ROBOTS and host in options.ignore_robots) or (
            outcome is Outcome.REFUSED_ADDRESS and options.allow_private
        )
        return lifted or now >= datetime.fromisoformat(tries[1])
    if found is None or state.failure is not None:
        return True
    return found.origin != "web" or now - datetime.fromisoformat(found.fetched_at) >= timedelta(days=settings.max_age)
