"""The page store: committed at once, saved pages first, clear when it cannot work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import StoreError
from index.pages import PageStore
from index.records import Outcome, Page, Unread

ROOT = Path(__file__).parents[1]


def page(body: bytes = b"body", origin: str = "web") -> Page:
    return Page(
        "key",
        "https://x.org/",
        200,
        (("content-type", "text/html"),),
        body,
        "2026-01-01T00:00:00+00:00",
        ("https://x.org/0",),
        origin,
    )


def test_a_page_comes_back_to_the_byte(tmp_path: Path) -> None:
    with PageStore(tmp_path / "deep" / "p.sqlite") as store:
        store.put(page(bytes(range(256))))
        assert store.page("key") == page(bytes(range(256)))
        assert store.page("other") is None
        assert store.keys() == ["key"]


def test_a_saved_page_wins_until_it_is_taken_back(tmp_path: Path) -> None:
    with PageStore(tmp_path / "p.sqlite") as store:
        store.put(page(b"archive", "archive"))
        store.put(page(b"saved", "saved"))
        store.put(page(b"web"))
        assert [getattr(store.page("key"), "body", None), store.remove_saved("key")] == [b"saved", True]
        assert [getattr(store.page("key"), "body", None), store.remove_saved("key")] == [b"web", False]


def test_a_failure_stands_until_a_response_comes(tmp_path: Path) -> None:
    with PageStore(tmp_path / "p.sqlite") as store:
        failure = Unread(Outcome.NETWORK, "reset", "try again", None, "https://x.org/")
        store.put_unread("key", failure, "2026-01-01")
        assert store.unread("key") == (failure, "2026-01-01")
        store.put(page())
        assert store.unread("key") is None


def test_what_was_put_survives_a_killed_process(tmp_path: Path) -> None:
    code = f"""
import os
from pathlib import Path
from index.pages import PageStore
from tests.test_pages import page
PageStore(Path({str(tmp_path / "p.sqlite")!r})).put(page())
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == -9
    with PageStore(tmp_path / "p.sqlite") as store:
        assert store.page("key") == page()


def test_a_file_that_is_no_store_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "p.sqlite").write_bytes(b"not a database, and long enough to be looked at" * 50)
    with pytest.raises(StoreError, match=r"p\.sqlite is damaged .*not a database.*move the file away"):
        PageStore(tmp_path / "p.sqlite")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be opened"):
        PageStore(tmp_path / "p.sqlite")
