"""The legend: what the stages hand to each other, as frozen records. Knows nobody.

Reference -> Page | Unread -> Article | Unread -> Passage -> (snapshot) -> Hit
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a reference; exactly one each."""

    READ = "read"
    PARTIAL = "partial"
    ARCHIVED = "archived"
    BLOCKED = "blocked"
    ROBOTS = "robots"
    DELETED = "deleted"
    NOT_FOUND = "not_found"
    EXPIRED = "expired"
    UNAVAILABLE = "unavailable"
    NEEDS_RENDERING = "needs_rendering"
    UNSUPPORTED = "unsupported"
    REFUSED_ADDRESS = "refused_address"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    NETWORK = "network"
    DUPLICATE = "duplicate"
    OFFLINE = "offline"
    FAILED = "failed"

    @property
    def was_read(self) -> bool:
        """True where the index holds text of the page itself."""
        return self in (Outcome.READ, Outcome.PARTIAL, Outcome.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Reference:
    """One link of a list. ``number`` counts from 1 over all lists of a build, in reading order.

    ``url`` is the link as the list gave it (law 2), ``topic`` the path of headings above it,
    ``note`` the quote or text the list ties to it.
    """

    number: int
    url: str
    title: str
    topic: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One response as it arrived (``origin`` "web"), a file the user saved ("saved"), or an archive copy ("archive").

    ``url`` is what was asked for, ``final_url`` where it came from after ``redirects``; ``fetched_at`` is ISO 8601 UTC.
    ``headers`` have lower-case names. ``body`` is decompressed, not decoded.
    """

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: str
    redirects: tuple[str, ...] = ()
    origin: str = "web"

    def header(self, name: str) -> str | None:
        """Return the first header of that (lower-case) name."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a reference has no text: the outcome, a reason in one line, and what the user can do about it."""

    outcome: Outcome
    reason: str
    hint: str | None = None
    http_status: int | None = None
    final_url: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What was read behind a reference: Markdown with ``\\n`` line ends, the text that citations quote by offset.

    ``outcome`` is READ, PARTIAL (then ``reason`` says what is missing) or ARCHIVED. ``published`` is an ISO date.
    ``page_starts`` are the offsets at which the pages of a PDF begin, empty for all else.
    """

    title: str
    text: str
    reader: str
    outcome: Outcome = Outcome.READ
    author: str | None = None
    published: str | None = None
    site: str | None = None
    language: str | None = None
    canonical_url: str | None = None
    reason: str | None = None
    hint: str | None = None
    page_starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span ``[start, end)`` of an article's text, in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of an article: ``text == article.text[start:end]``; ``sentences`` lie inside it, in order."""

    start: int
    end: int
    text: str
    heading: tuple[str, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the report: a reference with its outcome. An unread one has ``characters`` 0.

    For an unread reference the snapshot stores the list's own words (title, topic, note) as its text,
    so that it can be found and quoted by title; ``characters`` counts only what was read of the page.
    """

    number: int
    url: str
    title: str
    topic: tuple[str, ...]
    note: str | None
    outcome: Outcome
    reason: str | None = None
    hint: str | None = None
    final_url: str | None = None
    http_status: int | None = None
    reader: str | None = None
    characters: int = 0
    passages: int = 0
    fetched_at: str | None = None
    site: str = ""
    author: str | None = None
    published: str | None = None
    language: str | None = None
    duplicate_of: int | None = None


class HostStep(str):
    """The words of a crawl's step, which most readers of a progress want, with what they were made of for programs."""

    def __new__(cls, host: str, outcome: str | None, left: int) -> HostStep:
        """Make the words; ``outcome`` None: nothing was asked of this host yet."""
        step = super().__new__(cls, f"{host} {outcome}, {left} left there" if outcome else f"{left} at {host}")
        step.host, step.outcome, step.left = host, outcome, left
        return step

    host: str
    outcome: str | None
    left: int
