"""Markdown and plain text -> article, kept as it is written. Knows no HTML page."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from index.readers.document import Document
from index.records import Article, Outcome, Unread
from index.terms import language, plain

_TYPES = ("text/markdown", "text/plain", "text/x-markdown", "text/x-rst")
_ENDINGS = (".md", ".markdown", ".txt", ".rst")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.S)
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.M)
_HEADING = re.compile(r"^#{1,2}[ \t]+(.+?)[ \t]*#*$|^(.+)\n=+[ \t]*$", re.M)
_SETEXT = re.compile(r"^(?P<title>[^\n#>|\-*+ ][^\n]*)\n(?P<line>=+|-{3,})[ \t]*$", re.M)


class MarkdownReader:
    """Reads pages that are text already."""

    def accepts(self, document: Document) -> bool:
        """Tell by content type, or by the address where no type is given."""
        path = urlsplit(document.page.final_url).path.lower()
        return document.kind in _TYPES or (not document.kind and path.endswith(_ENDINGS))

    def read(self, document: Document) -> Article | Unread:
        """Return the text; headings underlined with = or - become # headings, so that passages know their path."""
        page, text = document.page, document.text
        front = _FRONT_MATTER.match(text)
        title = _TITLE.search(front.group(1)) if front else None
        text = text[front.end() :] if front else text
        text = _SETEXT.sub(lambda match: ("# " if match["line"].startswith("=") else "## ") + match["title"], text)
        text = "\n".join(line.rstrip() for line in text.split("\n")).strip()
        if not text:
            return Unread(Outcome.FAILED, "the file is empty", None, page.status, page.final_url)
        heading = _HEADING.search(text)
        name = title.group(1) if title else plain(heading.group(1) or heading.group(2)) if heading else ""
        return Article(name, text, "markdown", language=language(text[:4000]))
