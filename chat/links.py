"""The few pieces that every drawing shares: links, buttons that only name what they do, badges. Returns escaped HTML."""

from __future__ import annotations

import html
import json
import re

from chat.words import outcome_word
from rag.stored import is_web, visible


def link(url: str, label: str, kind: str = "", attributes: str = "") -> str:
    """Return a link that opens in a new tab; an address that is not a web page stays text. ``label`` is HTML."""
    named = f' class="{kind}"' if kind else ""
    if not is_web(url):
        return f"<span{named}>{label}</span>"
    return f'<a{named} href="{html.escape(url)}" target="_blank" rel="noopener noreferrer"{attributes}>{label}</a>'


def stored_link(number: int, label: str, start: int | None = None, end: int | None = None) -> str:
    """Return the link to a stored copy, opened at a passage; relative, so that it works behind a path prefix."""
    place = f"&amp;start={start:d}&amp;end={end:d}#passage" if start is not None and end is not None else ""
    return f'<a href="api/references/{number:d}?format=html{place}" target="_blank" rel="noopener">{label}</a>'


def button(label: str, act: str, detail: object = None, *, kind: str = "cb-quiet", attributes: str = "") -> str:
    """Return a button that names an act of page.js and what it is about; ``label`` is plain text."""
    about = "" if detail is None else f' data-detail="{html.escape(json.dumps(detail, ensure_ascii=False))}"'
    return f'<button type="button" class="{kind}" data-act="{act}"{about}{attributes}>{visible(label)}</button>'


def badge(outcome: str, language: str, *, was_read: bool) -> str:
    """Return an outcome as a small label; its words say it, its colour only repeats it."""
    kind = "cb-readable" if was_read else "cb-unreadable"
    return f'<span class="cb-badge {kind}">{visible(outcome_word(language, outcome))}</span>'


def told(text: str) -> str:
    """Return advice with its commands set off; they stand between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", visible(text))


def bare(text: str) -> str:
    """Return one line of somebody's text, kept from turning the direction of what stands around it."""
    return f"<bdi>{visible(' '.join(text.split()))}</bdi>"
