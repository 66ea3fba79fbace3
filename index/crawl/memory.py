"""What a crawl remembers from run to run: robots.txt for a day, failures with the date of the next try, the user's cookies,
and a log with a line a request. Knows no host's pace.
"""

from __future__ import annotations

import http.cookiejar
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import Request

from index.crawl.engine import Response
from index.errors import UsageError
from index.pages import PageStore
from index.records import Page

_DAY = timedelta(days=1)
_WAITS = (0.0, 1.0, 6.0, 24.0, 48.0, 96.0, 192.0, 384.0, 720.0)
"""Hours after so many failures in a row before a page is asked for again."""
_LOG_BYTES = 5 * 2**20


def now() -> str:
    """Return the time as the page store writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def count_failure(store: PageStore, key: str) -> None:
    """Note one failure more of that key; each makes the wait before the next try longer, up to 30 days."""
    failures = (store.tries(key) or (0, ""))[0] + 1
    wait = timedelta(hours=_WAITS[min(failures, len(_WAITS)) - 1])
    store.put_tries(key, failures, (datetime.now(UTC) + wait).isoformat(timespec="seconds"))


class StoredRobots:
    """robots.txt in the page store, good for a day."""

    def __init__(self, store: PageStore) -> None:
        self._store = store

    def recall(self, origin: str) -> Response | None:
        """Return the answer of less than a day ago."""
        page = self._store.copy(f"robots {origin}", "web")
        if page is None or datetime.now(UTC) - datetime.fromisoformat(page.fetched_at) > _DAY:
            return None
        return Response(page.status, page.headers, page.body)

    def remember(self, origin: str, response: Response) -> None:
        """Keep an answer."""
        body = response.body[: 512 * 1024]
        self._store.put(Page(f"robots {origin}", f"{origin}/robots.txt", response.status, (), body, now()))


class CookieFile:
    """The user's cookies (Netscape format, as browsers' extensions export them); each goes to its own host only."""

    def __init__(self, path: Path) -> None:
        self._jar = http.cookiejar.MozillaCookieJar(str(path))
        try:
            self._jar.load(ignore_discard=True, ignore_expires=True)
        except (OSError, http.cookiejar.LoadError) as error:
            raise UsageError(
                f"The cookie file {path} cannot be read ({error}): export it in the Netscape format, or unset CITEBACK_COOKIES."
            ) from error

        for cookie in self._jar:
            if cookie.expires == 0:  # exporters write 0 for a cookie of the session
                cookie.expires, cookie.discard = None, True

    def header(self, url: str) -> dict[str, str]:
        """Return the Cookie header for an address, or nothing."""
        request = Request(url)
        self._jar.add_cookie_header(request)
        value = request.get_header("Cookie")
        return {"Cookie": value} if value else {}


class RequestLog:
    """A line a request, in UTC; at 5 MB the file becomes ``.1`` and a new one begins."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        """Add a line; a log that cannot be written stops nothing."""
        with self._lock:
            try:
                if self._path.exists() and self._path.stat().st_size > _LOG_BYTES:
                    self._path.replace(self._path.with_suffix(".log.1"))
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(f"{now()} {line}\n")
            except OSError:
                return
