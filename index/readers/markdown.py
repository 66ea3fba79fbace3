"""Markdown, reStructuredText, source code and plain text -> article. Markdown is kept as written. Knows no HTML page."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from index.readers.document import Document
from index.readers.rst import is_rst, rst_to_markdown
from index.records import Article, Outcome, Unread
from index.terms import language, plain

_TYPES = ("text/markdown", "text/plain", "text/x-markdown", "text/x-rst", "text/prs.fallenstein.rst")
_ENDINGS = (".md", ".markdown", ".txt", ".rst")
_CODE = re.compile(
    r"\.(?:py|js|ts|c|cc|cpp|h|hpp|java|go|rs|rb|sh|m|r|jl|scala|kt|swift|lua|sql|ya?ml|toml|json|ipynb|cfg|ini)$"
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.S)
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.M)
_HEADING = re.compile(r"^#{1,2}[ \t]+(.+?)[ \t]*#*$|^(.+)\n=+[ \t]*$", re.M)
_SETEXT = re.compile(r"^(?P<title>[^\n#>|\-*+ ][^\n]*)\n(?P<line>=+|-{3,})[ \t]*$", re.M)


class MarkdownReader:
    """Reads pages that are text already."""

    def accepts(self, document: Document) -> bool:
        """Tell by content type, or by the address where no type is given."""
        return document.kind in _TYPES or (not document.kind and _path(document).endswith(_ENDINGS))

    def read(self, document: Document) -> Article | Unread:
        """Return the text; headings underlined with = or - become # headings, so that passages know their path."""
        page, text, path = document.page, document.text, _path(document)
        front = _FRONT_MATTER.match(text)
        title = _TITLE.search(front.group(1)) if front else None
        text = text[front.end() :] if front else text
        if _CODE.search(path):
            text = f"```\n{text.strip(chr(10))}\n```" if text.strip() else ""
        elif path.endswith(".rst") or (not path.endswith((".md", ".markdown")) and is_rst(text)):
            text = rst_to_markdown(text)
        else:
            text = _SETEXT.sub(lambda match: ("# " if match["line"].startswith("=") else "## ") + match["title"], text)
        text = "\n".join(line.rstrip() for line in text.split("\n")).strip()
        if not text:
            return Unread(
                Outcome.FAILED, "the file is empty", "check the link in a browser", page.status, page.final_url
            )
        heading = _HEADING.search(text)
        name = title.group(1) if title else plain(heading.group(1) or heading.group(2)) if heading else ""
        return Article(name, text, "markdown", language=language(text[:4000]))


def _path(document: Document) -> str:
    return unquote(urlsplit(document.page.final_url).path).lower()
