"""What is wrong with a page store, in one line that says what to do. Changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from index.errors import StoreError

_DAMAGED = ("malformed", "not a database", "decode to UTF-8")
_SHOWN = 100  # characters of SQLite's words, which may quote a whole column


def store_fault(path: Path, error: Exception, doing: str, otherwise: str) -> StoreError:
    """Return the fault: ``doing`` is what cannot be done, ``otherwise`` what to do where the file is not damaged."""
    words = str(error)
    told = f"{words[:_SHOWN]}…" if len(words) > _SHOWN else words
    return (
        damaged(path, told)
        if any(sign in words for sign in _DAMAGED)
        else StoreError(f"The page store {path} cannot be {doing} ({told}): {otherwise}.")
    )


def damaged(path: Path, told: str) -> StoreError:
    """Return the fault of a store whose file a disk changed."""
    return StoreError(
        f"The page store {path} is damaged ({told}): questions are still answered; to build again, move the file away and run "
        "`citeback rebuild`, which fetches every page again, and `citeback add` the pages that you had saved."
    )


def check(path: Path) -> None:
    """Have SQLite read all of the store, if there is one.

    Raises:
        StoreError: it is damaged.
    """
    if not path.exists():
        return
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        ((said, *_), *_) = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        raise store_fault(path, error, "read", "check its permissions") from error
    finally:
        connection.close()
    if said != "ok":
        raise damaged(path, " ".join(said.split()))
