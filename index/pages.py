"""The page store: every response as it came, in SQLite; the unit of restart. Knows no list and no reader.

A page is kept under the key it was asked for (``Page.url``), once for each origin: a page the user saved wins over
a fetched one, a fetched one over the last good copy of a page that has gone since ("kept"), that over an archive copy.
Each write is committed before it returns.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from pathlib import Path
from typing import Any

from index.errors import StoreError
from index.records import Outcome, Page, Unread

VERSION = 2
_SELECT = "SELECT origin, final_url, status, headers, body, fetched_at, redirects FROM pages"
_ORIGINS = ("saved", "web", "kept", "archive")


class PageStore:
    """Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute(
                "PRAGMA synchronous = NORMAL"
            )  # survives kill -9; a power cut may cost the last pages
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, 1, VERSION):  # 1 lacked the table of tries, which is made below
                raise StoreError(
                    f"{path} was written by another version of citeback ({version}): use a new --data folder."
                )
            self._connection.executescript(f"""
                CREATE TABLE IF NOT EXISTS pages (key TEXT, origin TEXT, final_url TEXT, status INTEGER, headers TEXT,
                    body BLOB, fetched_at TEXT, redirects TEXT, PRIMARY KEY (key, origin));
                CREATE TABLE IF NOT EXISTS unread (key TEXT PRIMARY KEY, outcome TEXT, reason TEXT, hint TEXT,
                    http_status INTEGER, final_url TEXT, at TEXT);
                CREATE TABLE IF NOT EXISTS readings (key TEXT, origin TEXT, stamp TEXT, reading BLOB, PRIMARY KEY (key, origin));
                CREATE TABLE IF NOT EXISTS tries (key TEXT PRIMARY KEY, failures INTEGER, next TEXT);
                PRAGMA user_version = {VERSION};
            """)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The page store {path} cannot be opened ({error}): check the folder, or use another with --data."
            ) from error

    def __enter__(self) -> PageStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, page: Page, *, good: bool = False) -> None:
        """Commit a response under ``page.url``; a fetched one ends an earlier failure of that key.

        A ``good`` one also ends the wait for the next try, and the last good copy is not needed any more.
        """
        values = (page.url, page.origin, page.final_url, page.status, json.dumps(page.headers), zlib.compress(page.body, 1),
                  page.fetched_at, json.dumps(page.redirects))  # fmt: skip
        with self._lock:
            try:
                self._connection.execute("BEGIN")
                self._connection.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
                if page.origin == "web":  # a saved page can be taken back, and then the failure counts again
                    self._connection.execute("DELETE FROM unread WHERE key = ?", (page.url,))
                if good:
                    self._connection.execute("DELETE FROM tries WHERE key = ?", (page.url,))
                    self._connection.execute("DELETE FROM pages WHERE key = ? AND origin = 'kept'", (page.url,))
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise self._fault(error) from error

    def page(self, key: str) -> Page | None:
        """Return the best page of that key: saved, else fetched, else the last good copy, else archived."""
        rows = self._read(f"{_SELECT} WHERE key = ?", (key,))
        best = min(rows, key=lambda row: _ORIGINS.index(row[0]), default=None)
        return self._page(key, best) if best else None

    def _page(self, key: str, row: Any) -> Page:
        origin, final_url, status, headers, body, fetched_at, redirects = row
        try:
            content = zlib.decompress(body)
        except zlib.error as error:
            raise StoreError(
                f"The stored page {key} in {self._path} is damaged: fetch it again with --fresh."
            ) from error
        pairs = tuple((name, value) for name, value in json.loads(headers))
        return Page(key, final_url, status, pairs, content, fetched_at, tuple(json.loads(redirects)), origin)

    def fetched(self, key: str) -> tuple[str, int, str] | None:
        """Return (origin, status, fetched_at) of the best page without unpacking it."""
        rows = self._read("SELECT origin, status, fetched_at FROM pages WHERE key = ?", (key,))
        best = min(rows, key=lambda row: _ORIGINS.index(row[0]), default=None)
        return (str(best[0]), int(best[1]), str(best[2])) if best else None

    def copy(self, key: str, origin: str) -> Page | None:
        """Return the page of that key and origin."""
        rows = self._read(f"{_SELECT} WHERE key = ? AND origin = ?", (key, origin))
        return self._page(key, rows[0]) if rows else None

    def headers(self, key: str) -> tuple[str, dict[str, str]] | None:
        """Return the final address and the headers of the fetched page, without unpacking it."""
        rows = self._read("SELECT final_url, headers FROM pages WHERE key = ? AND origin = 'web'", (key,))
        return (str(rows[0][0]), dict(json.loads(rows[0][1]))) if rows else None

    def fetched_keys(self) -> frozenset[str]:
        """Return every key with a fetched page."""
        return frozenset(row[0] for row in self._read("SELECT key FROM pages WHERE origin = 'web'", ()))

    def keep(self, key: str) -> None:
        """Keep the fetched page as the last good copy: what is put next shows that the page has gone."""
        self._write("UPDATE OR REPLACE pages SET origin = 'kept' WHERE key = ? AND origin = 'web'", (key,))

    def drop(self, key: str, origin: str) -> None:
        """Forget the page of that key and origin."""
        self._write("DELETE FROM pages WHERE key = ? AND origin = ?", (key, origin))

    def confirm(self, key: str, at: str) -> None:
        """Note that the fetched page was asked for and is unchanged."""
        self._write("UPDATE pages SET fetched_at = ? WHERE key = ? AND origin = 'web'", (at, key))
        self._write("DELETE FROM unread WHERE key = ?", (key,))

    def tries(self, key: str) -> tuple[int, str] | None:
        """Return how often in a row that key failed, and before when it is not asked again (ISO 8601 UTC)."""
        rows = self._read("SELECT failures, next FROM tries WHERE key = ?", (key,))
        return (int(rows[0][0]), str(rows[0][1])) if rows else None

    def put_tries(self, key: str, failures: int, until: str) -> None:
        """Commit a failure more; 0 failures forget it."""
        if failures:
            self._write("INSERT OR REPLACE INTO tries VALUES (?, ?, ?)", (key, failures, until))
        else:
            self._write("DELETE FROM tries WHERE key = ?", (key,))

    def reading(self, key: str, origin: str) -> tuple[str, bytes] | None:
        """Return the stamp and the reading kept of the page of that key and origin."""
        rows = self._read("SELECT stamp, reading FROM readings WHERE key = ? AND origin = ?", (key, origin))
        return (str(rows[0][0]), bytes(rows[0][1])) if rows else None

    def put_reading(self, key: str, origin: str, stamp: str, reading: bytes) -> None:
        """Keep a reading; see ``index.readings``."""
        self._write("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?)", (key, origin, stamp, reading))

    def stamps(self) -> dict[str, str]:
        """Return for every key what its content stands and falls with, without unpacking a page."""
        rows = self._read(
            "SELECT key, group_concat(origin || ' ' || status || ' ' || final_url || ' ' || length(body) || ' ' || hex(substr(body, -4)), '|')"
            " FROM (SELECT * FROM pages ORDER BY key, origin) GROUP BY key", (),
        )  # fmt: skip
        found = {str(key): str(stamp) for key, stamp in rows}
        for key, outcome, reason in self._read("SELECT key, outcome, reason FROM unread", ()):
            found[key] = f"{found.get(key, '')}|{outcome} {reason}"
        return found

    def put_unread(self, key: str, unread: Unread, at: str) -> None:
        """Commit why a key has no response; ``at`` is ISO 8601 UTC."""
        values = (key, unread.outcome.value, unread.reason, unread.hint, unread.http_status, unread.final_url, at)
        self._write("INSERT OR REPLACE INTO unread VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def unread(self, key: str) -> tuple[Unread, str] | None:
        """Return the last failure of that key and when it was, where no response came since."""
        rows = self._read("SELECT outcome, reason, hint, http_status, final_url, at FROM unread WHERE key = ?", (key,))
        if not rows:
            return None
        outcome, reason, hint, status, final_url, at = rows[0]
        return Unread(Outcome(outcome), reason, hint, status, final_url), at

    def remove_saved(self, key: str) -> bool:
        """Forget the saved page of that key; return whether there was one."""
        return self._write("DELETE FROM pages WHERE key = ? AND origin = 'saved'", (key,)) > 0

    def keys(self) -> list[str]:
        """Return every key with a page, sorted."""
        return [row[0] for row in self._read("SELECT DISTINCT key FROM pages ORDER BY key", ())]

    def close(self) -> None:
        """Close the database; the store must not be used afterwards."""
        with self._lock:
            self._connection.close()

    def _read(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(
                f"The page store {self._path} cannot be read ({error}): use another --data folder."
            ) from error

    def _write(self, statement: str, values: tuple[Any, ...]) -> int:
        try:
            with self._lock:
                return self._connection.execute(statement, values).rowcount
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: sqlite3.Error) -> StoreError:
        return StoreError(
            f"The page store {self._path} cannot be written ({error}): free space or fix its permissions; nothing was lost."
        )
