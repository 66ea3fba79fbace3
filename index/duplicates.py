"""Which references are the same thing read twice: by link, by what a page says of itself, by their text. Reads no page.

Texts are compared by their 8-character shingles (Broder 1997): two with a resemblance of at least 0.8 are one text, whatever
sites they stand on. A sketch is the smallest shingle hash of each of 512 classes (one permutation hashing, Li 2012); two are
compared only if they agree in eight classes in a row somewhere, so that ten thousand articles cost no more than ten thousand
look-ups, whatever phrases all of them share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.records import Article, Reference
from index.urls import identity, site

_SHINGLE = 8
_CLASSES = 512
_VALUES = 2 * _CLASSES  # bytes
_BAND, _BANDS = (
    8,
    32,
)  # two texts of resemblance 0.8 agree in one of 32 bands of 8 classes with 99.7 %, those of 0.3 with 0.2 %
_FEWEST = 300  # shingles; of shorter texts two may differ in the one word that matters
_ALIKE = 0.8
TRUSTED = frozenset({"wechat", "zhihu", "arxiv"})
"""Readers that make a page's link from its own numbers; elsewhere a canonical link may be wrong."""


@dataclass(frozen=True, slots=True)
class Same:
    """An earlier reference that holds the same thing, and how that is known."""

    number: int
    reason: str


def own_link(article: Article) -> str | None:
    """Return the link that an article surely has."""
    return article.canonical_url if article.reader in TRUSTED else None


class Duplicates:
    """Remembers what was read; ask it before (``by_link``) and after (``by_content``) reading, in list order.

    ``sketches`` are those of what was read already. Nearly all of them agree in no band with another, which is found out for all of them at
    once: then an article is looked at only where something new comes near it.
    """

    def __init__(self, sketches: Iterable[bytes] = ()) -> None:
        self._links: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._sketches: dict[int, bytes] = {}
        self._sites: dict[int, str] = {}
        self._holders: dict[int, list[int]] = {}
        self._known = list(filter(None, sketches))
        bands = np.frombuffer(b"".join(sketch[_VALUES:] for sketch in self._known), np.uint64)
        self._order = np.argsort(bands)
        self._sorted = bands[self._order]
        alone, again = np.ones(len(self._known), bool), (self._sorted[1:] == self._sorted[:-1]) & (self._sorted[1:] != 0)
        for side in (self._order[1:], self._order[:-1]):
            alone[side[again] // _BANDS] = False
        self._alone = {sketch: 0 for sketch, kept in zip(self._known, alone.tolist(), strict=True) if kept}  # and whose it is, once it was met

    def by_link(self, reference: Reference, key: str | None = None) -> Same | None:
        """Return the earlier reference with the same link (``key``: its identity), or whose page said that link is its own."""
        key = key or identity(reference.url)
        if key in self._links:
            number = self._links[key]
            return Same(number, f"the same page as reference {number}")
        self._links[key] = reference.number
        return None

    def by_content(self, reference: Reference, sketch: bytes, final_url: str = "", own: str | None = None) -> Same | None:
        """Return the earlier reference that led to the same address or was read with the same text; otherwise remember this
        one. ``sketch`` is that of the article's text, ``own`` the link that it surely has (``own_link``).
        """
        ended = identity(final_url) if final_url else ""
        if ended in self._ends:
            return Same(self._ends[ended], f"the same page as reference {self._ends[ended]}")
        alone = self._alone.get(sketch) == 0  # not where another page turned out to have the same
        for number in () if alone else self._near(sketch):
            if resemblance(sketch, self._sketches[number]) >= _ALIKE:
                here, there = site(reference.url), self._sites[number]
                return Same(
                    number,
                    f"the same page as reference {number}"
                    if here == there
                    else f"the same text as reference {number}, on {there}",
                )
        if own:
            number = self._links.setdefault(identity(own), reference.number)
            if number != reference.number and number in self._sites:
                return Same(number, f"the same page as reference {number}")
        if ended:
            self._ends[ended] = reference.number
        self._sketches[reference.number] = sketch
        self._sites[reference.number] = site(reference.url)
        if alone:
            self._alone[sketch] = reference.number
        else:
            self._hold(sketch, reference.number)
        return None

    def _hold(self, sketch: bytes, number: int) -> None:
        for band in memoryview(sketch)[_VALUES:].cast("Q"):
            if band:
                self._holders.setdefault(band, []).append(number)

    def _near(self, sketch: bytes) -> list[int]:
        """Return the references whose texts agree with this one in a band; one that was alone so far is so no more."""
        bands = np.frombuffer(sketch, np.uint64, offset=_VALUES) if sketch else self._sorted[:0]
        if self._alone and len(bands):
            places = np.minimum(np.searchsorted(self._sorted, bands), len(self._sorted) - 1)
            for place in self._order[places[(self._sorted[places] == bands) & (bands != 0)]].tolist():
                other = self._known[place // _BANDS]
                if number := self._alone.pop(other, 0):
                    self._hold(other, number)
        return sorted({number for band in bands.tolist() for number in self._holders.get(band, ())})


_FACTOR = np.uint64(0xD6E8FEB86659FD93)
_SALTS = np.arange(1, _BANDS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def _bands(classes: NDArray[np.uint16]) -> NDArray[np.uint64]:
    """Return a number for each band that holds anything, 0 for the others; equal ones of two sketches stand at the same place."""
    rows = classes.view(np.uint64).reshape(-1, _BAND // 4)[:_BANDS]
    mixed = (rows[:, 0] * _FACTOR) ^ (rows[:, 1] + _SALTS)
    return np.where(rows.any(axis=1), mixed, np.uint64(0))


def resemblance(one: bytes, other: bytes) -> float:
    """Estimate the share of the shingles of two texts that stand in both, from their sketches."""
    mine, theirs = (np.frombuffer(sketch[:_VALUES], np.uint16) for sketch in (one, other))
    held = np.count_nonzero((mine != 0) | (theirs != 0))
    return float(np.count_nonzero((mine == theirs) & (mine != 0)) / held) if held else 0.0


def sketch_of(text: str) -> bytes:
    """Return the sketch of a text, then a number for each of its bands; empty for one too short to compare."""
    codes = np.frombuffer(re.sub(r"\W+", "", text).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if len(codes) < _FEWEST + _SHINGLE - 1:
        return b""
    count = len(codes) - _SHINGLE + 1
    hashes = np.zeros(count, np.uint64)
    for place in range(_SHINGLE):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[place : place + count]
    hashes ^= hashes >> np.uint64(32)
    hashes *= np.uint64(0xD6E8FEB86659FD93)
    kept = np.unique((hashes >> np.uint64(39)).astype(np.uint32))  # 9 bits of class, 16 of value
    if len(kept) < _FEWEST:
        return b""
    first = np.searchsorted(kept, np.arange(_CLASSES, dtype=np.uint32) << 16)
    value = kept[np.minimum(first, len(kept) - 1)]
    held = (first < len(kept)) & (value >> 16 == np.arange(_CLASSES))
    classes = np.where(held, np.maximum(value & 0xFFFF, 1), 0).astype(np.uint16)
    return classes.tobytes() + _bands(classes).tobytes()
