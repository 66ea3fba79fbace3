"""Which references are the same thing read twice: by link, by what a page says of itself, by their text. Reads no page.

Texts are compared by sampled 8-character shingles (Broder 1997, "0 mod p" sketches): two with a resemblance of at least
0.8 are one text, whatever sites they stand on.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from dataclasses import dataclass

from index.records import Article, Reference
from index.urls import identity, site

_SHINGLE = 8
_SAMPLE = 4  # one shingle in so many is kept
_FEWEST = 300  # shingles; of shorter texts two may differ in the one word that matters
_ALIKE = 0.8
_TRUSTED = (
    "wechat",
    "zhihu",
    "arxiv",
)  # their link is made from the page's own numbers; elsewhere a canonical link may be wrong


@dataclass(frozen=True, slots=True)
class Same:
    """An earlier reference that holds the same thing, and how that is known."""

    number: int
    reason: str


class Duplicates:
    """Remembers what was read; ask it before (``by_link``) and after (``by_content``) reading, in list order."""

    def __init__(self) -> None:
        self._links: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._sketches: dict[int, frozenset[int]] = {}
        self._sites: dict[int, str] = {}
        self._holders: dict[int, list[int]] = {}

    def by_link(self, reference: Reference) -> Same | None:
        """Return the earlier reference with the same link, or whose page said that link is its own."""
        key = identity(reference.url)
        if key in self._links:
            number = self._links[key]
            return Same(number, f"the same page as reference {number}")
        self._links[key] = reference.number
        return None

    def by_content(self, reference: Reference, article: Article, final_url: str = "") -> Same | None:
        """Return the earlier reference that led to the same address or was read with the same text; otherwise remember this
        one.
        """
        ended = identity(final_url) if final_url else ""
        if ended in self._ends:
            return Same(self._ends[ended], f"the same page as reference {self._ends[ended]}")
        sketch = sketch_of(article.text)
        shared = Counter(number for shingle in sketch for number in self._holders.get(shingle, ()))
        alike = [number for number, count in shared.items() if count / len(sketch | self._sketches[number]) >= _ALIKE]
        if alike:
            number = min(alike)
            here, there = site(reference.url), self._sites[number]
            return Same(
                number,
                f"the same page as reference {number}"
                if here == there
                else f"the same text as reference {number}, on {there}",
            )
        if article.reader in _TRUSTED and article.canonical_url:
            number = self._links.setdefault(identity(article.canonical_url), reference.number)
            if number != reference.number and number in self._sites:
                return Same(number, f"the same page as reference {number}")
        if ended:
            self._ends[ended] = reference.number
        self._sketches[reference.number] = sketch
        self._sites[reference.number] = site(reference.url)
        for shingle in sketch:
            self._holders.setdefault(shingle, []).append(reference.number)
        return None


def sketch_of(text: str) -> frozenset[int]:
    """Return a sample of a text's shingles; empty for a text too short to compare."""
    squeezed = re.sub(r"\W+", "", text).encode("utf-32-le")
    step, size = 4, 4 * _SHINGLE
    hashes = {zlib.crc32(squeezed[at : at + size]) for at in range(0, len(squeezed) - size + 1, step)}
    return frozenset(value for value in hashes if value % _SAMPLE == 0) if len(hashes) >= _FEWEST else frozenset()
