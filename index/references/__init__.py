"""A link list, in any usual format -> references in reading order. Fetches nothing: a list's bytes are given.

| format | told by | module |
|---|---|---|
| Markdown, Jekyll too | ``.md``, or nothing else fits | ``markdown`` |
| HTML page | ``.html``, ``<html`` | ``html`` |
| browser bookmarks | ``<!DOCTYPE NETSCAPE-Bookmark`` | ``bookmarks`` |
| plain text | ``.txt`` | ``text`` |
| BibTeX | ``.bib``, ``@article{`` | ``bibtex`` |
| CSV, TSV | ``.csv``, ``.tsv`` | ``tabular`` |
| JSON, JSON Lines | ``.json``, ``.jsonl``, ``{`` or ``[{`` | ``tabular`` |

In-page anchors (``#top``) are no references. ``mailto:``, ``javascript:``, ``file:`` and relative links are: the build
gives them the outcome ``unsupported``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from index.errors import ListError
from index.records import Reference

_BY_ENDING = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".txt": "text",
    ".text": "text",
    ".bib": "bibtex",
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}
FORMATS = ("markdown", "html", "bookmarks", "text", "bibtex", "csv", "json")
_MAX_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class LinkList:
    """A parsed list: where it came from, and its references numbered from 1."""

    name: str
    references: tuple[Reference, ...]


def load_list(source: str | Path, *, base_url: str | None = None) -> LinkList:
    """Read a list from a file.

    Raises:
        ListError: the file is missing, empty, no text, or holds no link.
    """
    if "://" in str(source):
        raise ListError(f"The list {source} is no address that can be fetched: give a file, or an http or https URL.")
    path = Path(source)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ListError(f"The list {path} is larger than {_MAX_BYTES // 2**20} MB: split it.")
        content = path.read_bytes()
    except FileNotFoundError:
        raise ListError(f"The list {path} does not exist: check the path, or give a URL.") from None
    except OSError as error:
        raise ListError(f"The list {path} cannot be read ({error.strerror}): give a readable file or a URL.") from error
    return parse_list(content, name=str(path), base_url=base_url)


def parse_list(
    content: bytes | str, *, name: str, base_url: str | None = None, list_format: str | None = None
) -> LinkList:
    """Parse a list; ``name`` (a path or URL) helps to tell the format and stands in messages.

    Raises:
        ListError: it is empty, no text, or holds no link.
    """
    text = content if isinstance(content, str) else _decode(content, name)
    if not text.strip():
        raise ListError(f"The list {name} is empty: give a file with links in it.")
    references = _parse(text.lstrip("\ufeff"), list_format or _format(text, name), base_url)
    if not references:
        raise ListError(
            f"No link was found in {name}: it should hold web addresses, for example `- [title](https://…)`."
        )
    return LinkList(name, references)


def _parse(text: str, list_format: str, base_url: str | None) -> tuple[Reference, ...]:
    if list_format in ("csv", "json"):
        from index.references import tabular

        return (tabular.parse_csv if list_format == "csv" else tabular.parse_json)(text, base_url)
    if list_format == "bookmarks":
        from index.references import bookmarks

        return bookmarks.parse(text, base_url)
    if list_format == "bibtex":
        from index.references import bibtex

        return bibtex.parse(text, base_url)
    from index.references import html, markdown
    from index.references import text as plain_text
    from index.references.assemble import assemble

    parse = {"html": html.parse, "markdown": markdown.parse, "text": plain_text.parse}[list_format]
    return assemble(parse(text, base_url))


def _format(text: str, name: str) -> str:
    start = text[:2048].lstrip("\ufeff \t\r\n").lower()
    if start.startswith("<!doctype netscape-bookmark"):
        return "bookmarks"
    ending = PurePosixPath(urlsplit(name).path if "://" in name else name.replace("\\", "/")).suffix.lower()
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    if re.match(r"<(?:!doctype html|html|head|body|\?xml)", start):
        return "html"
    if re.match(r"(?:%[^\n]*\n\s*)*@\w+\s*[{(]", start):
        return "bibtex"
    if re.match(r"\{\s*\"|\[\s*[{\"\[]", start):
        return "json"
    return "markdown"


def _decode(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content[:4096] or content.startswith((b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\x1f\x8b")):
        raise ListError(
            f"The list {name} is not a text file: give Markdown, HTML, text, bookmarks, BibTeX, CSV or JSON Lines."
        )
    for encoding in ("utf-8-sig", "gb18030", "big5"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", errors="replace")
