"""What became of every reference, as the contract's status document. Knows no stage, only their records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from index.errors import CitebackError
from index.records import Item, Outcome
from index.urls import identity

ADVICE = {
    Outcome.READ: "",
    Outcome.PARTIAL: "part of the page was read; the reason says what is missing",
    Outcome.ARCHIVED: "read from an archive copy",
    Outcome.BLOCKED: "save the page in your browser, then `citeback add FILE --url URL`",
    Outcome.ROBOTS: "closed to crawlers: save the page in your browser, then `citeback add FILE --url URL`; "
    "or `--ignore-robots HOST` where you may",
    Outcome.DELETED: "gone: if you have a copy, `citeback add FILE --url URL`",
    Outcome.NOT_FOUND: "check the link; if you have a copy, `citeback add FILE --url URL`",
    Outcome.EXPIRED: "the link has run out: look for a lasting one",
    Outcome.UNAVAILABLE: "try again later with `citeback rebuild`",
    Outcome.NEEDS_RENDERING: "save the page in your browser once it has loaded, then `citeback add FILE --url URL`",
    Outcome.UNSUPPORTED: "not a web page that can be read",
    Outcome.REFUSED_ADDRESS: "a private address: `--allow-private` if it is yours",
    Outcome.TOO_LARGE: "raise CITEBACK_MAX_MEGABYTES, or add a saved copy",
    Outcome.TIMEOUT: "try again later with `citeback rebuild`",
    Outcome.NETWORK: "check the network and the host, then `citeback rebuild`",
    Outcome.DUPLICATE: "the same page as an earlier reference",
    Outcome.OFFLINE: "run `citeback rebuild` when there is a network",
    Outcome.FAILED: "could not be read: please report it with the link",
}


_KNOWN = frozenset(outcome.value for outcome in Outcome if outcome.was_read or outcome is Outcome.DUPLICATE)


_fields = attrgetter(*Item.__slots__)


def item_json(item: Item) -> dict[str, Any]:
    """Return one item as plain JSON values."""
    row = dict(zip(Item.__slots__, _fields(item), strict=True))  # asdict copies deeply, at thirty times the cost
    row["topic"], row["outcome"] = list(item.topic), item.outcome.value
    return row


def outcome_counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many references ended in each outcome, most frequent first; the sum is the number of references."""
    counts = Counter(row["outcome"] for row in rows)
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def check_sums(rows: Sequence[Mapping[str, Any]], references: int) -> None:
    """Hold law 1: every reference has exactly one outcome. Raises CitebackError otherwise (a defect of citeback)."""
    if sorted(row["number"] for row in rows) != list(range(1, references + 1)):
        raise CitebackError(
            f"The build lost count of its references ({len(rows)} outcomes for {references}): "
            "nothing was published; please report it."
        )


Known = Mapping[tuple[str, int], tuple[bool, bytes]]
"""What is compared between two builds: a link, and which mention of it -> (is its text known, the key of that text)."""


def known(rows: Sequence[Mapping[str, Any]], text_keys: Sequence[bytes]) -> Known:
    """Return what is compared of a build, from the items of its report."""
    times = Counter[str]()
    found = {}
    for row, key in zip(rows, text_keys, strict=True):
        link = identity(row["url"])
        times[link] += 1  # the second mention of a page is one of its own
        found[link, times[link]] = (row["outcome"] in _KNOWN, key)
    return found


def compare(old: Known, new: Known) -> dict[str, int]:
    """Count what changed between two builds."""
    both = [key for key in new if key in old]
    unread = sum(old[key][0] and not new[key][0] for key in both)
    recovered = sum(new[key][0] and not old[key][0] for key in both)
    changed = sum(old[key][0] and new[key][0] and old[key][1] != new[key][1] for key in both)
    return {
        "added": len(new) - len(both),
        "changed": changed,
        "unchanged": len(both) - changed - unread - recovered,
        "removed": len(old) - len(both),
        "newly_unread": unread,
        "recovered": recovered,
    }

