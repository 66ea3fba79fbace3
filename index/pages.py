"""The page store: every response as it came, in SQLite; the unit of restart. Knows no list and no reader.

A page is kept under the key it was asked for (``Page.url``), once for each origin: a page the user saved wins over
a fetched one, a fetched one over the last good copy of a page that has gone since ("kept"), that over an archive copy.
Each write is committed before it returns.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import StoreError
from index.records import Outcome, Page, Unread
from index.storefault import store_fault

VERSION = 3
_SELECT = "SELECT origin, final_url, status, headers, body, fetched_at, redirects FROM pages"
_LEAST_FREE = 4 * 2**20  # bytes
_ORIGINS = ("saved", "web", "kept", "archive")


@dataclass(frozen=True, slots=True)
class Copy:
    """A stored page without its body; ``digest`` stands for all that reading it depends on."""

    origin: str
    final_url: str
    status: int
    fetched_at: str
    digest: str


@dataclass(frozen=True, slots=True)
class State:
    """All that is stored of one key: its copies, best first, and its last failure."""

    copies: tuple[Copy, ...] = ()
    failure: Unread | None = None

    def copy(self, origin: str) -> Copy | None:
        """Return the copy of that origin."""
        return next((copy for copy in self.copies if copy.origin == origin), None)

    @property
    def stamp(self) -> str:
        """What its content stands and falls with; that a fetched page was asked for again changes nothing."""
        copies = [(c.origin, c.digest, c.fetched_at if c.origin != "web" else "") for c in self.copies]
        return f"{copies} {self.failure and (self.failure.outcome.value, self.failure.reason)}"


def digest_of(page: Page) -> str:
    """Return the hash of what a page is read from: its bytes, its type and where it came from."""
    about = (page.status, page.final_url, page.redirects, page.header("content-type"), page.header("content-encoding"))
    return hashlib.sha256(repr(about).encode() + page.body).hexdigest()[:32]


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
            if version not in range(VERSION + 1):
                raise StoreError(
                    f"{path} was written by another version of citeback ({version}): use a new --data folder."
                )
            self._connection.executescript("""
                CREATE TABLE IF NOT EXISTS pages (key TEXT, origin TEXT, final_url TEXT, status INTEGER, headers TEXT,
                    body BLOB, fetched_at TEXT, redirects TEXT, digest TEXT, PRIMARY KEY (key, origin));
                CREATE TABLE IF NOT EXISTS unread (key TEXT PRIMARY KEY, outcome TEXT, reason TEXT, hint TEXT,
                    http_status INTEGER, final_url TEXT, at TEXT);
                DROP TABLE IF EXISTS readings;
                CREATE TABLE IF NOT EXISTS articles (key TEXT, origin TEXT, stamp TEXT, facts TEXT, sketch BLOB, reading BLOB,
                    PRIMARY KEY (key, origin)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS lists (name TEXT PRIMARY KEY, stamp TEXT, links TEXT);
                CREATE TABLE IF NOT EXISTS tries (key TEXT PRIMARY KEY, failures INTEGER, next TEXT);
            """)
            self._connection.execute("BEGIN")
            if version in (1, 2):  # lacked the digests
                self._connection.execute("ALTER TABLE pages ADD COLUMN digest TEXT")
                for key, origin in self._connection.execute("SELECT key, origin FROM pages").fetchall():
                    page = self.copy(key, origin)
                    values = (digest_of(page) if page else "", key, origin)
                    self._connection.execute("UPDATE pages SET digest = ? WHERE key = ? AND origin = ?", values)
            fields = "key, origin, final_url, status, fetched_at, digest"  # `states` would read past every body for them
            self._connection.execute(f"CREATE INDEX IF NOT EXISTS states ON pages ({fields})")
            self._connection.execute(f"PRAGMA user_version = {VERSION}")
            self._connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise store_fault(path, error, "opened", "check the folder, free space, or use another with --data") from error

    def __enter__(self) -> PageStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, page: Page, *, good: bool = False) -> None:
        """Commit a response under ``page.url``; a fetched one ends an earlier failure of that key.

        A ``good`` one also ends the wait for the next try, and the last good copy is not needed any more.
        """
        values = (page.url, page.origin, page.final_url, page.status, json.dumps(page.headers), zlib.compress(page.body, 1),
                  page.fetched_at, json.dumps(page.redirects), digest_of(page))  # fmt: skip
        with self._lock:
            try:
                self._connection.execute("BEGIN")
                self._connection.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
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

    def all_tries(self) -> dict[str, tuple[int, str]]:
        """Return what ``tries`` says of every key."""
        rows = self._read("SELECT key, failures, next FROM tries", ())
        return {str(key): (int(failures), str(until)) for key, failures, until in rows}

    def put_tries(self, key: str, failures: int, until: str) -> None:
        """Commit a failure more; 0 failures forget it."""
        if failures:
            self._write("INSERT OR REPLACE INTO tries VALUES (?, ?, ?)", (key, failures, until))
        else:
            self._write("DELETE FROM tries WHERE key = ?", (key,))

    def readings(self) -> dict[tuple[str, str], tuple[str, str, bytes]]:
        """Return (stamp, facts, sketch) of every kept reading by key and origin, see ``index.readings``."""
        rows = self._read("SELECT key, origin, stamp, facts, sketch FROM articles", ())
        return {(key, origin): (stamp, facts, sketch) for key, origin, stamp, facts, sketch in rows}

    def reading(self, key: str, origin: str) -> bytes | None:
        """Return the body of the reading kept of the page of that key and origin."""
        rows = self._read("SELECT reading FROM articles WHERE key = ? AND origin = ?", (key, origin))
        return bytes(rows[0][0]) if rows else None

    def put_reading(self, key: str, origin: str, stamp: str, facts: str, sketch: bytes, body: bytes) -> None:
        """Keep a reading in place of the one before."""
        values = (key, origin, stamp, facts, sketch, body)
        self._write("INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?)", values)

    def kept_list(self, name: str) -> tuple[str, str] | None:
        """Return the stamp and the links (JSON) kept of a list."""
        rows = self._read("SELECT stamp, links FROM lists WHERE name = ?", (name,))
        return (str(rows[0][0]), str(rows[0][1])) if rows else None

    def put_list(self, name: str, stamp: str, links: str) -> None:
        """Keep the links of a list, and of the last hundred that were read."""
        self._write("INSERT OR REPLACE INTO lists VALUES (?, ?, ?)", (name, stamp, links))
        self._write("DELETE FROM lists WHERE rowid NOT IN (SELECT rowid FROM lists ORDER BY rowid DESC LIMIT 100)", ())

    def forget_readings(self, stale: Sequence[tuple[str, str]]) -> None:
        """Delete readings that stand for nothing any more, by key and origin."""
        with self._lock:
            try:
                self._connection.executemany("DELETE FROM articles WHERE key = ? AND origin = ?", stale)
            except sqlite3.Error as error:
                raise self._fault(error) from error

    def vacuum(self) -> None:
        """Give space back when a quarter of the file is empty."""
        pages, free, size = (
            self._read(f"PRAGMA {name}", ())[0][0] for name in ("page_count", "freelist_count", "page_size")
        )
        if 4 * free > pages and free * size > _LEAST_FREE:
            self._write("VACUUM", ())

    def states(self, keys: Sequence[str] | None = None) -> dict[str, State]:
        """Return what is stored of every key, or of those, without unpacking a page."""
        narrowed = "" if keys is None else " WHERE key IN (SELECT value FROM json_each(?))"
        values = () if keys is None else (json.dumps(keys),)
        rows = self._read(f"SELECT key, origin, final_url, status, fetched_at, digest FROM pages{narrowed}", values)
        copies: dict[str, list[Copy]] = {}
        for key, *fields in rows:
            copies.setdefault(key, []).append(Copy(*fields))
        rows = self._read(f"SELECT key, outcome, reason, hint, http_status, final_url FROM unread{narrowed}", values)
        failures = {key: Unread(Outcome(outcome), *fields) for key, outcome, *fields in rows}
        for found in copies.values():
            if len(found) > 1:
                found.sort(key=lambda c: _ORIGINS.index(c.origin))
        best = {key: tuple(found) for key, found in copies.items()}
        return {key: State(best.get(key, ()), failures.get(key)) for key in best.keys() | failures.keys()}

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
            raise store_fault(self._path, error, "read", "use another --data folder") from error

    def _write(self, statement: str, values: tuple[Any, ...]) -> int:
        try:
            with self._lock:
                return self._connection.execute(statement, values).rowcount
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: sqlite3.Error) -> StoreError:
        return store_fault(self._path, error, "written", "free space or fix its permissions; nothing was lost")
