"""Chosen quotes -> numbered citations that lead back. Knows items and quotes, no question and no index."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urldefrag

from index.records import Item, Outcome
from index.store import PassageRow
from index.terms import HAN, plain
from rag.records import Citation, Found

_MARKER = re.compile(r"[\[［]\s*(\d{1,3}(?:\s*[,，、–-]\s*\d{1,3})*)\s*[\]］]")
_HAN = re.compile(f"[{HAN}]")
_FRAGMENT_WORDS, _FRAGMENT_HAN = 8, 20


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a stored text chosen as evidence: ``text == stored_text[start:end]`` of ``reference``."""

    reference: int
    start: int
    end: int
    text: str
    score: float


def neutral(text: str) -> str:
    """Return page text in which nothing looks like a citation: [1] becomes ［1］ (law 3)."""
    return _MARKER.sub(lambda match: f"［{match.group(1)}］", text)


def shown(quoted: str) -> str:
    """Return a quote as an answer shows it: one clean line."""
    return neutral(plain(quoted))


def citation(number: int, item: Item, chosen: Quote, page: int | None = None) -> Citation:
    """Return the citation of one quote; ``page`` is the page of a PDF on which it stands."""
    return Citation(
        number=number, reference=item.number, url=item.url, title=item.title, topic=item.topic, site=item.site, author=item.author,
        published=item.published, fetched_at=item.fetched_at, outcome=item.outcome.value, quote=chosen.text, start=chosen.start,
        end=chosen.end, passage_url=passage_url(item, chosen.text, page), stored_url=f"/api/references/{item.number}", score=round(chosen.score, 4),
        page=page,
    )  # fmt: skip


def found(item: Item, row: PassageRow, score: float, page: int | None = None) -> Found:
    """Return a passage that a search found."""
    return Found(
        reference=item.number, url=item.url, title=item.title, topic=item.topic, site=item.site, outcome=item.outcome.value,
        text=row.text, start=row.start, end=row.end, score=round(score, 4), passage_url=passage_url(item, row.text, page),
        stored_url=f"/api/references/{item.number}",
    )  # fmt: skip


def passage_url(item: Item, quoted: str, page: int | None = None) -> str:
    """Return the original link at the passage: by a text fragment (WICG Scroll to Text Fragment), or the page of a PDF
    (RFC 8118); unread: the link itself; archived: the archive's copy.
    """
    words = plain(quoted)
    if not item.outcome.was_read or not item.characters or not words:
        return item.url
    if page is not None:
        return f"{urldefrag(item.url)[0]}#page={page}"
    start, end = _ends(words)
    encoded = ",".join(quote(part, safe="").replace("-", "%2D") for part in (start, end) if part)
    address, fragment = urldefrag((item.final_url if item.outcome is Outcome.ARCHIVED else None) or item.url)
    return f"{address}#{fragment}:~:text={encoded}"


def _ends(words: str) -> tuple[str, str]:
    if _HAN.search(words):
        if len(words) <= 2 * _FRAGMENT_HAN:
            return words, ""
        return words[:_FRAGMENT_HAN].strip(), words[-_FRAGMENT_HAN:].strip()
    parts = words.split(" ")
    if len(parts) <= 2 * _FRAGMENT_WORDS:
        return words, ""
    return " ".join(parts[:_FRAGMENT_WORDS]), " ".join(parts[-_FRAGMENT_WORDS:])
