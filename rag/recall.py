"""An answer as a small record that a browser keeps, and back. Knows records and the assistant's stored texts.

The record holds the words and, for each citation, only where its quote stands. Back here every citation is read again from
the snapshot, so whatever a browser hands over can neither bring a link nor a quote that the index does not hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rag.cite import Quote, citation
from rag.records import Answer, CheckedSentence, Citation, UnreadReference

if TYPE_CHECKING:
    from rag.assistant import Assistant

LONGEST = 20_000
_MODES = ("extractive", "model")
_LEVELS = ("supported", "weak", "unsupported")


def remembered(answer: Answer) -> dict[str, Any]:
    """Return what a browser needs to keep of an answer, as plain JSON values."""
    document: dict[str, Any] = {
        "text": answer.text,
        "refused": answer.refused,
        "mode": answer.mode,
        "model": answer.model,
        "cited": [[c.number, c.url, c.start, c.end, _mark(c.quote)] for c in answer.citations],
        "unread": [reference.url for reference in answer.unread],
        "doubted": [[s.text, s.support] for s in answer.sentences if s.support != "supported"],
    }
    return document


def recalled(document: Mapping[str, Any], assistant: Assistant) -> Answer | None:
    """Return the answer of such a record; None where it is no record. A source that has changed since is left out."""
    text, mode, model = document.get("text"), document.get("mode"), document.get("model")
    if not isinstance(text, str) or len(text) > LONGEST or mode not in _MODES:
        return None
    by_url = {item.url: item.number for item in reversed(assistant.items())}
    cited = [_cited(entry, by_url, assistant) for entry in _rows(document.get("cited"))]
    unread = [
        UnreadReference(item.number, item.url, item.title, item.outcome.value, item.hint)
        for url in _rows(document.get("unread"))
        if isinstance(url, str)
        and url in by_url
        and (item := assistant.item(by_url[url]))
        and not item.outcome.was_read
    ]
    doubted = [
        CheckedSentence(row[0], row[1], ())
        for row in _rows(document.get("doubted"))
        if isinstance(row, list) and len(row) == 2 and isinstance(row[0], str) and row[1] in _LEVELS
    ]
    return Answer(
        text,
        document.get("refused") is True,
        tuple(c for c in cited if c),
        tuple(unread),
        assistant.snapshot_name,
        str(mode),
        str(model)[:100] if model else None,
        sentences=tuple(doubted),
    )


def _cited(entry: Any, by_url: Mapping[str, int], assistant: Assistant) -> Citation | None:
    if not (isinstance(entry, list) and len(entry) == 5 and isinstance(entry[1], str)):
        return None
    number, url, start, end, mark = entry
    if not all(isinstance(value, int) and 0 <= value < 10**9 for value in (number, start, end)) or url not in by_url:
        return None
    item, text = assistant.stored(by_url[url]) or (None, "")
    quote = text[start:end]
    if item is None or not quote or _mark(quote) != mark:
        return None
    return citation(number, item, Quote(item.number, start, end, quote, 0.0), assistant.page_of(item.number, start))


def _rows(value: Any) -> list[Any]:
    return value[:50] if isinstance(value, list) else []


def _mark(quote: str) -> str:
    return hashlib.sha256(quote.encode("utf-8", "replace")).hexdigest()[:12]
