"""A file the user saved -> the page it is a copy of. Knows where each format says its own address; extracts nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from index.errors import UsageError
from index.readers.decode import decode
from index.records import Page
from index.urls import is_web

_TYPES = {
    ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html", ".shtml": "text/html", ".md": "text/markdown",
    ".markdown": "text/markdown", ".txt": "text/plain", ".rst": "text/plain",
}  # fmt: skip
_ADDRESSES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)",
        r"<!--\s*saved from url=\(\d+\)(\S+?)\s*-->",
        r"<link\b[^>]*\brel=[\"']?canonical[\"']?[^>]*\bhref=[\"']?([^\"'\s>]+)",
        r"<link\b[^>]*\bhref=[\"']?([^\"'\s>]+)[\"']?[^>]*\brel=[\"']?canonical\b",
        r"<meta\b[^>]*\bproperty=[\"']og:url[\"'][^>]*\bcontent=[\"']([^\"']+)",
        r"<meta\b[^>]*\bcontent=[\"']([^\"']+)[\"'][^>]*\bproperty=[\"']og:url[\"']",
        r"\bmsg_link\s*=\s*[\"']([^\"']+)",
    )
)
_MAX_BYTES = 64 * 2**20


def load_saved(path: Path, *, url: str | None = None) -> list[Page]:
    """Return the pages a saved file holds; ``Page.url`` is "" where the file does not say its own.

    Raises:
        UsageError: it cannot be read, or is of a kind that cannot be.
    """
    kind = _TYPES.get(path.suffix.lower())
    if kind is None:
        raise UsageError(f"{path} is no HTML, Markdown or text file: save the page as HTML in your browser.")
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UsageError(f"{path} is larger than {_MAX_BYTES // 2**20} MB: save only the page itself.")
        body = path.read_bytes()
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    page = Page(url or "", url or "", 200, (("content-type", kind),), body, changed, (), "saved")
    own = _own_address(decode(page)) if kind == "text/html" else ""
    return [Page(url or own, own or url or "", 200, page.headers, body, changed, (), "saved")]


def name_hint(path: Path) -> str | None:
    """Return the repository a README is named after: ``faceai.README.md`` and ``faceai/README.md`` give "faceai"."""
    match = re.fullmatch(r"(?:(.+)[._-])?readme(?:[._-][a-z]{2})?\.(?:md|markdown|rst|txt)", path.name, re.I)
    if not match:
        return None
    return match.group(1) or path.absolute().parent.name or None


def _own_address(text: str) -> str:
    for pattern in _ADDRESSES:
        match = pattern.search(text[:500_000])
        if match:
            found = match.group(1).replace("&amp;", "&").replace("\\x26amp;", "&").strip()
            if is_web(found):
                return found
    return ""
