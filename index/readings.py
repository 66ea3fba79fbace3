"""What was read of a stored page, kept so that an unchanged page is not read twice. Knows no reader.

A reading stands for the bytes of the page, the address they came from and the readers that read them: when any of the
three changes, the page is read anew.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path

from index.pages import PageStore
from index.records import Article, Outcome, Page, Unread


class Readings:
    """Reads pages through the page store's memory."""

    def __init__(self, pages: PageStore, read: Callable[[Page], Article | Unread]) -> None:
        self._pages = pages
        self._read = read
        self.fresh = 0

    def read(self, page: Page) -> Article | Unread:
        """Return what was read of a page, now or in an earlier build."""
        stamp = _stamp(page)
        known = self._pages.reading(page.url, page.origin)
        if known is not None and known[0] == stamp:
            return _unpacked(known[1])
        found = self._read(page)
        self.fresh += 1
        self._pages.put_reading(page.url, page.origin, stamp, _packed(found))
        return found


def _stamp(page: Page) -> str:
    about = f"{code_stamp()}\0{page.status}\0{page.final_url}\0{page.redirects}\0{page.header('content-type')}\0{page.header('content-encoding')}\0"
    return hashlib.sha256(about.encode() + page.body).hexdigest()


@cache
def code_stamp() -> str:
    """Return a hash of the code that turns a page into passages."""
    here = Path(__file__).parent
    files = sorted(
        [*here.glob("readers/*.py"), *here.glob("*.py"), *here.glob("embed/*.py"), *here.glob("references/*.py")]
    )
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _packed(found: Article | Unread) -> bytes:
    document = {"article" if isinstance(found, Article) else "unread": asdict(found)}
    return zlib.compress(json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"), 1)


def _unpacked(packed: bytes) -> Article | Unread:
    document = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
    if "unread" in document:
        return Unread(**dict(document["unread"], outcome=Outcome(document["unread"]["outcome"])))
    fields = document["article"]
    return Article(**dict(fields, outcome=Outcome(fields["outcome"]), page_starts=tuple(fields["page_starts"])))
