"""A stored page -> what the index needs of it: read, cut, its rows of the tables and its sketch; kept, so that it is done once.

A reading stands for the bytes of the page, the address they came from and the code that read them: when any of the three
changes, the page is read anew. ``prepare`` runs in any process and knows no store. Knows no reader, only their door.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import orjson

from index.chunk import chunk
from index.duplicates import sketch_of
from index.pages import Copy, PageStore, State
from index.readers import read
from index.records import Article, Outcome, Page, Unread
from index.slices import Slice, pack, slice_of, unpack


@dataclass(frozen=True, slots=True)
class Packed:
    """A reading as it is kept: ``facts`` is the article without its text, or why there is none; ``body`` all the rest."""

    facts: str
    sketch: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a page: the article without its text (``characters`` says how long it is), or why there is none."""

    result: Article | Unread
    characters: int
    sketch: bytes
    stamp: str


class Readings:
    """What was read of the pages of a store; safe to use from several threads."""

    def __init__(self, pages: PageStore) -> None:
        self._pages = pages
        self._known = pages.readings()
        self._lock = threading.Lock()
        self._code = code_stamp()[:32]

    def has(self, key: str, copy: Copy) -> bool:
        """Return whether that copy of a page was read."""
        with self._lock:
            known = self._known.get((key, copy.origin))
        return known is not None and known[0] == self._stamp(copy)

    def find(self, key: str, copy: Copy) -> Reading | None:
        """Return what is known of that copy of a page."""
        with self._lock:
            stamp, facts, sketch = self._known.get((key, copy.origin), ("", "", b""))
        if stamp != self._stamp(copy):
            return None
        document = orjson.loads(facts)
        if "outcome" in document:
            document["outcome"] = Outcome(document["outcome"])
        characters = document.pop("characters", None)
        result = Unread(**document) if characters is None else Article(text="", **document)
        return Reading(result, characters or 0, sketch, stamp)

    def sketch(self, key: str, copy: Copy) -> bytes:
        """Return the sketch of the text of that copy, which was read."""
        with self._lock:
            return self._known[key, copy.origin][2]

    def sketches(self) -> list[bytes]:
        """Return those of all that is kept."""
        with self._lock:
            return [sketch for _, _, sketch in self._known.values()]

    def keep(self, key: str, copy: Copy, packed: Packed) -> None:
        """Keep a reading of that copy."""
        stamp = self._stamp(copy)
        self._pages.put_reading(key, copy.origin, stamp, packed.facts, packed.sketch, packed.body)
        with self._lock:
            self._known[key, copy.origin] = (stamp, packed.facts, packed.sketch)

    def read(self, key: str, copy: Copy) -> Reading:
        """Return what is known of that copy; it is read now where nothing is."""
        found = self.find(key, copy)
        if found is None:
            page = self._pages.copy(key, copy.origin)
            assert page is not None
            self.keep(key, copy, prepare(page))
            found = self.find(key, copy)
            assert found is not None
        return found

    def tidy(self, states: Mapping[str, State]) -> None:
        """Forget what was read of copies that are not stored any more, or by other code."""
        stale = []
        for (key, origin), (stamp, _, _) in self._known.items():
            copy = states[key].copy(origin) if key in states else None
            if copy is None or self._stamp(copy) != stamp:
                stale.append((key, origin))
        if stale:
            self._pages.forget_readings(stale)
            for place in stale:
                del self._known[place]

    def body(self, key: str, origin: str) -> Slice:
        """Return the text and the table rows of a reading that was found."""
        packed = self._pages.reading(key, origin)
        assert packed is not None
        return unpack(packed)

    def _stamp(self, copy: Copy) -> str:
        return f"{self._code} {copy.digest}"


def prepare(page: Page) -> Packed:
    """Read a page and do all that depends on nothing else; never raises."""
    found = _read_page(page)
    if isinstance(found, Unread):
        return Packed(_utf8(json.dumps(asdict(found), ensure_ascii=False)), b"", b"")
    facts = asdict(found) | {"characters": len(found.text)}
    del facts["text"], facts["page_starts"]
    body = pack(slice_of(found.text, chunk(found.text), found.page_starts))
    return Packed(_utf8(json.dumps(facts, ensure_ascii=False)), sketch_of(found.text), body)


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _read_page(page: Page) -> Article | Unread:
    try:
        result = read(page)
    except Exception as error:  # the one place where any fault is caught: a single bad page must not end a build
        reason = f"the page could not be read ({type(error).__name__}: {error})"
        return Unread(Outcome.FAILED, reason, "please report this link", page.status, page.final_url)
    if isinstance(result, Article) and result.outcome is not Outcome.PARTIAL and not result.text.strip():
        hint = "save it in your browser, then `citeback add FILE --url URL`"
        return Unread(Outcome.FAILED, "no text was found on the page", hint, page.status, page.final_url)
    return result


@cache
def code_stamp() -> str:
    """Return a hash of the code that turns a page into passages."""
    here = Path(__file__).parent
    files = sorted(
        [*here.glob("readers/*.py"), *here.glob("*.py"), *here.glob("embed/*.py"), *here.glob("references/*.py")]
    )
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
