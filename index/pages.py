"""The page store: every response as it came, in SQLite; the unit of restart. Knows no list and no reader.

A page is kept under the key it was asked for (``Page.url``), once for each origin: a page the user saved wins over
a fetched one, and a fetched one over an archive copy. Each write is committed before it returns.
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

VERSION = 1
_ORIGINS = ("saved", "web", "archive")


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
            if version not in (0, VERSION):
                raise StoreError(
                    f"{path} was written by another version of citeback ({version}): use a new --data folder."
                )
            self._connection.executescript(f"""
                CREATE TABLE IF NOT EXISTS pages (key TEXT, origin TEXT, final_url TEXT, status INTEGER, headers TEXT,
                    body BLOB, fetched_at TEXT, redirects TEXT, PRIMARY KEY (key, origin));
                CREATE TABLE IF NOT EXISTS unread (key TEXT PRIMARY KEY, outcome TEXT, reason TEXT, hint TEXT,
                    http_status INTEGER, final_url TEXT, at TEXT);
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

    def put(self, page: Page) -> None:
        """Commit a response under ``page.url``; a fetched one ends an earlier failure of that key."""
        values = (page.url, page.origin, page.final_url, page.status, json.dumps(page.headers), zlib.compress(page.body, 6),
                  page.fetched_at, json.dumps(page.redirects))  # fmt: skip
        self._write("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        if page.origin == "web":  # a saved page can be taken back, and then the failure counts again
            self._write("DELETE FROM unread WHERE key = ?", (page.url,))

    def page(self, key: str) -> Page | None:
        """Return the best page of that key: saved, else fetched, else archived."""
        rows = self._read(
            "SELECT origin, final_url, status, headers, body, fetched_at, redirects FROM pages WHERE key = ?", (key,)
        )
        best = min(rows, key=lambda row: _ORIGINS.index(row[0]), default=None)
        if best is None:
            return None
        origin, final_url, status, headers, body, fetched_at, redirects = best
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
            raise StoreError(
                f"The page store {self._path} cannot be written ({error}): free space or fix its permissions; nothing was lost."
            ) from error
