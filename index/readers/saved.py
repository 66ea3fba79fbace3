"""A file the user saved -> the pages it holds. Knows where each format says its own address; extracts nothing.

| kind | where its address stands |
|---|---|
| HTML, SingleFile (also gzipped) | SingleFile's comment, the browser's "saved from url", canonical link, og:url, WeChat's msg_link |
| MHTML | Snapshot-Content-Location, or the Content-Location of its first page |
| WARC (also gzipped) | WARC-Target-URI of every response |
| PDF, Markdown, text, reStructuredText | nowhere: the file's name is matched, or ``--url`` tells |
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from index.errors import UsageError
from index.readers.decode import decode
from index.records import Page
from index.urls import is_web

_TYPES = {
    ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html", ".shtml": "text/html", ".md": "text/markdown",
    ".markdown": "text/markdown", ".txt": "text/plain", ".rst": "text/x-rst", ".pdf": "application/pdf", ".mhtml": "multipart/related",
    ".mht": "multipart/related", ".warc": "application/warc",
}  # fmt: skip
_KINDS = "HTML, MHTML, WARC, PDF, Markdown or text"
_SNIFFED = (
    (re.compile(rb"\s*%PDF-"), "application/pdf"),
    (re.compile(rb"WARC/\d"), "application/warc"),
    (re.compile(rb"(?i)(?:From: .{0,200}\r?\n)?(?:[\w-]+: .{0,500}\r?\n){0,12}MIME-Version:"), "multipart/related"),
    (
        re.compile(rb"(?i)(?:\xef\xbb\xbf)?\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body)\b", re.S),
        "text/html",
    ),
)
_ADDRESSES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)",
        r"<!--\s*saved from url=\(\d+\)(\S+?)\s*-->",
        r"<link\b[^>]{0,1000}\brel=[\"']?canonical[\"']?[^>]{0,1000}\bhref=[\"']?([^\"'\s>]+)",
        r"<link\b[^>]{0,1000}\bhref=[\"']?([^\"'\s>]+)[\"']?[^>]{0,1000}\brel=[\"']?canonical\b",
        r"<meta\b[^>]{0,1000}\bproperty=[\"']?og:url[\"']?[^>]{0,1000}\bcontent=[\"']?([^\"'\s>]+)",
        r"<meta\b[^>]{0,1000}\bcontent=[\"']?([^\"'\s>]+)[\"']?[^>]{0,1000}\bproperty=[\"']?og:url\b",
        r"\bmsg_link\s*=\s*[\"']([^\"']+)",
    )
)
_MAX_BYTES = 64 * 2**20
_MAX_RECORDS = 10_000  # of one web archive


@dataclass(frozen=True, slots=True)
class Saved:
    """One page of a file, with every address the file gives it, the likeliest first; none where it gives none."""

    page: Page
    addresses: tuple[str, ...]


def load_saved(path: Path) -> list[Saved]:
    """Return the pages a saved file holds.

    Raises:
        UsageError: it cannot be read, or is of a kind that cannot be.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UsageError(f"{path} is larger than {_MAX_BYTES // 2**20} MB: save only the page itself.")
        body = path.read_bytes()
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
        name = path.name.lower()
        if body.startswith(b"\x1f\x8b"):
            name = name.removesuffix(".gz")
            kind = _kind(name, body[:64])
            body = body if kind == "application/warc" else _unzipped(path, body)
        kind = _kind(name, body)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    if kind is None:
        raise UsageError(f"{path} is no {_KINDS} file: save the page as HTML, MHTML or PDF in your browser.")
    if kind == "application/warc":
        found = list(_from_warc(path, body))
    elif kind == "multipart/related":
        found = _from_mhtml(body, changed)
    else:
        page = Page("", "", 200, (("content-type", kind),), body, changed, (), "saved")
        found = [_placed(page, _own_addresses(decode(page)) if kind == "text/html" else ())]
    if not found:
        raise UsageError(f"{path} holds no web page: save the page again, as HTML, MHTML or PDF.")
    return found


def _kind(name: str, body: bytes) -> str | None:
    suffix = Path(name).suffix
    if suffix in _TYPES:
        return _TYPES[suffix]
    return next((kind for pattern, kind in _SNIFFED if pattern.match(body[:4096])), None)


def _unzipped(path: Path, body: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(body)) as file:
            found = file.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path} is no whole gzip file ({error}): save the page again.") from error
    if len(found) > _MAX_BYTES:
        raise UsageError(f"{path} is larger than {_MAX_BYTES // 2**20} MB when unpacked: save only the page itself.")
    return found


def _from_mhtml(body: bytes, changed: str) -> list[Saved]:
    import email
    import email.policy

    message = email.message_from_bytes(body, policy=email.policy.compat32)
    told = str(message.get("Snapshot-Content-Location") or "").strip()
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            content = part.get_payload(decode=True)
            if not isinstance(content, bytes):
                continue
            kind = "text/html" + (f"; charset={part.get_content_charset()}" if part.get_content_charset() else "")
            page = Page("", "", 200, (("content-type", kind),), content, changed, (), "saved")
            own = str(part.get("Content-Location") or "").strip()
            return [_placed(page, (told, own, *_own_addresses(decode(page))))]
    return []


def _from_warc(path: Path, body: bytes) -> Iterator[Saved]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    try:
        for number, record in enumerate(ArchiveIterator(io.BytesIO(body))):
            if number >= _MAX_RECORDS:
                return
            if record.rec_type not in ("response", "resource") or (record.http_headers is None) != (
                record.rec_type == "resource"
            ):
                continue
            headers = record.http_headers or record.rec_headers
            kind = str(headers.get_header("Content-Type") or "")
            status = int(record.http_headers.get_statuscode() or 0) if record.http_headers else 200
            if not re.match(r"text/(?:html|plain|markdown)|application/(?:pdf|xhtml)", kind) or 300 <= status < 400:
                continue
            content = record.content_stream().read(_MAX_BYTES)
            at = str(record.rec_headers.get_header("WARC-Date") or "").replace("Z", "+00:00")
            page = Page("", "", status, (("content-type", kind),), content, at, (), "saved")
            yield _placed(page, (str(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> "),))
    except (ArchiveLoadFailed, ValueError, EOFError, zlib.error) as error:
        raise UsageError(f"{path} is no whole web archive ({error}): save it again.") from error


def _placed(page: Page, addresses: tuple[str, ...]) -> Saved:
    known = tuple(dict.fromkeys(address for address in addresses if is_web(address)))
    first = known[0] if known else ""
    return Saved(replace(page, url=first, final_url=first), known)


def name_hint(path: Path) -> str | None:
    """Return the repository a README is named after: ``faceai.README.md`` and ``faceai/README.md`` give "faceai"."""
    match = re.fullmatch(r"(?:(.+)[._-])?readme(?:[._-][a-z]{2})?\.(?:md|markdown|rst|txt)", path.name, re.I)
    if not match:
        return None
    return match.group(1) or path.absolute().parent.name or None


def _own_addresses(text: str) -> tuple[str, ...]:
    found = []
    for pattern in _ADDRESSES:
        match = pattern.search(text)
        if match:
            found.append(match.group(1).replace("\\x26amp;", "&").replace("&amp;", "&").strip())
    return tuple(found)
