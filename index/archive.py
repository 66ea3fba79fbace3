"""Dead or closed pages -> their latest good copy in the Wayback Machine, when the user asks for it. Reads no page.

The availability API first, then CDX filtered to status 200; a copy is fetched in its raw form (``id_``) and goes through the
same recognition as any page, because walls get archived too. All requests go through the crawler: its robots, its pace, its
address check.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from index.crawl import CrawlSettings, Judge, Target, crawl
from index.crawl.memory import count_failure
from index.pages import PageStore
from index.records import Outcome, Page

WORTH_A_LOOK = frozenset(
    (
        Outcome.BLOCKED, Outcome.ROBOTS, Outcome.DELETED, Outcome.NOT_FOUND, Outcome.EXPIRED, Outcome.UNAVAILABLE,
        Outcome.NEEDS_RENDERING, Outcome.TIMEOUT, Outcome.NETWORK, Outcome.FAILED,
    )
)  # fmt: skip
_COPIES = 3  # copies of one page that are tried, newest first


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the archive is; ``delay`` is the pace it asks of clients, in seconds."""

    availability: str = "https://archive.org/wayback/available"
    cdx: str = "https://web.archive.org/cdx/search/cdx"
    copies: str = "https://web.archive.org/web"
    delay: float = 4.0


def find_copies(
    wanted: Mapping[str, str], pages: PageStore, settings: CrawlSettings, endpoints: Endpoints, judge: Judge,
    progress: Callable[[int, int, str], None],
) -> int:  # fmt: skip
    """Store the latest good copy of each page (key -> link) under origin "archive"; return how many were found.

    A page without one is looked for again after a wait that grows.
    """
    due = {key: url for key, url in wanted.items() if _is_due(key, pages)}
    polite = replace(settings, delay=endpoints.delay, per_host=1, conditional=False, ignore_robots=frozenset())
    found: set[str] = set()

    def fetch(addresses: Mapping[str, str]) -> dict[str, Page]:
        """Ask for one address a key; what came with status 200."""
        with tempfile.TemporaryDirectory() as folder, PageStore(Path(folder) / "lookups.sqlite") as store:
            told = lambda _: progress(len(found), len(due), "looking for archived copies")  # noqa: E731
            crawl([Target(key, url) for key, url in addresses.items()], store, polite, told)
            answers = {key: store.copy(key, "web") for key in addresses}
        return {key: page for key, page in answers.items() if page is not None and page.status == 200}

    def take(stamps: Mapping[str, str]) -> None:
        """Fetch one copy a key and keep those that are pages."""
        addresses = {key: f"{endpoints.copies}/{stamp}id_/{due[key]}" for key, stamp in stamps.items()}
        for key, page in fetch(addresses).items():
            shown = addresses[key].replace(f"{stamps[key]}id_/", f"{stamps[key]}/", 1)
            copy = replace(page, url=key, final_url=due[key], redirects=(), origin="archive")
            if judge(copy) is None:
                pages.put(replace(copy, final_url=shown))
                found.add(key)

    nearest = fetch({key: f"{endpoints.availability}?url={quote(url, safe='')}" for key, url in due.items()})
    stamps = {key: stamp for key, page in nearest.items() if (stamp := _available(page))}
    take(stamps)
    left = {key: url for key, url in due.items() if key not in found}
    query = "output=json&fl=timestamp&filter=statuscode:200&collapse=digest&limit=-" + str(_COPIES + 1)
    listed = fetch({key: f"{endpoints.cdx}?url={quote(url, safe='')}&{query}" for key, url in left.items()})
    rows = {
        key: [stamp for stamp in _listed(page) if stamp != stamps.get(key)][:_COPIES] for key, page in listed.items()
    }
    for turn in range(_COPIES):
        take({key: row[turn] for key, row in rows.items() if key not in found and len(row) > turn})
    for key in due:
        if key in found:
            pages.put_tries(f"archive {key}", 0, "")
        else:
            count_failure(pages, f"archive {key}")
    return len(found)


def _is_due(key: str, pages: PageStore) -> bool:
    tries = pages.tries(f"archive {key}")
    return pages.copy(key, "archive") is None and (
        tries is None or datetime.now(UTC) >= datetime.fromisoformat(tries[1])
    )


def _available(page: Page) -> str | None:
    """The timestamp of the closest copy, where its status was 200."""
    try:
        closest = json.loads(page.body)["archived_snapshots"]["closest"]
        stamp, status = str(closest["timestamp"]), str(closest.get("status", ""))
    except (ValueError, KeyError, TypeError):
        return None
    return stamp if status == "200" and re.fullmatch(r"\d{4,14}", stamp) else None


def _listed(page: Page) -> list[str]:
    """The timestamps of a CDX answer (its first row names the columns), newest first."""
    try:
        rows = json.loads(page.body)
        stamps = [str(row[0]) for row in rows[1:]]
    except (ValueError, LookupError, TypeError):
        return []
    return sorted((stamp for stamp in stamps if re.fullmatch(r"\d{4,14}", stamp)), reverse=True)
