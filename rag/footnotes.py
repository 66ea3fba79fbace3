"""An answer's citations as footnotes for clients that show nothing but text. Knows no wire format.

Other programs draw this text as Markdown: nothing in it that comes from a page may become a link, an image or a tag there.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from rag.records import Answer

_RULE = "\n\n---\n"
_NOTES = re.compile(r"\n\n---\n(?:\[\d+\] .*(?:\n|$))+\Z")
_MARKER = re.compile(r"\[(\d+)\]")
_SPECIAL = re.compile(r"([\\`*_\[\]<>!])")


class Inert:
    """Takes the power out of Markdown links, images and HTML tags in a text that comes in pieces, cut anywhere."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what can be said now."""
        text = self._held + piece
        # what comes next may give the last character its power
        self._held = text[-1:] if text[-1:] in ("]", "<") else ""
        return _inert(text[: len(text) - len(self._held)])

    def rest(self) -> str:
        """Return what was held back."""
        text, self._held = self._held, ""
        return _inert(text)


def _inert(text: str) -> str:
    return re.sub(r"<(?=[A-Za-z/!?])", r"\\<", re.sub(r"\](?=[(:])", r"]\\", text))


def footnotes(answer: Answer) -> str:
    """Return the list of footnotes that follows the text: number, title, original link; "" without citations."""
    lines = [f"[{c.number}] {_one_line(c.title)} {_address(c.url)}" for c in answer.citations]
    return _RULE + "\n".join(lines) if lines else ""


def without_footnotes(text: str) -> str:
    """Return an earlier answer as it was before its footnotes."""
    return _NOTES.sub("", text)


def url_citations(text: str, answer: Answer) -> list[dict[str, Any]]:
    """Return OpenAI's own form of citations: where in the text each marker stands, and where it leads."""
    cited = {citation.number: citation for citation in answer.citations}
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": mark.start(), "end_index": mark.end(), "title": found.title, "url": found.passage_url,
            },
        }
        for mark in _MARKER.finditer(text)
        if (found := cited.get(int(mark[1])))
    ]  # fmt: skip


def _one_line(title: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(title.split()))


def _address(url: str) -> str:
    """Return the original link; only what would end it early or begin another is percent-encoded."""
    if not re.match(r"https?://", url):
        return _one_line(url)
    return re.sub(r"[\s<>\[\]\"`\\]", lambda match: quote(match[0]), url)
