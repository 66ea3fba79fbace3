"""Bytes -> text, whatever the page declares. Knows no markup beyond its charset declaration.

Strict UTF-8 wins; otherwise the encoding with the fewest replacement characters among UTF-8, the declared one, GB18030
and Big5, because declarations lie and one invalid byte must not spoil a page.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from index.records import Page

_DECLARED = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]{2,20})", re.I)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.I)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_CHINESE_FAMILY = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "big5hkscs",
}


def decode(page: Page) -> str:
    """Return the page's text with ``\\n`` line ends and without control characters."""
    body = page.body
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if body.startswith(mark):
            return _clean(body.decode(encoding, "replace"))
    try:
        return _clean(body.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    header = _HEADER.search(page.header("content-type") or "")
    meta = _DECLARED.search(body[:4096])
    declared = [
        found for found in (header and header.group(1), meta and meta.group(1).decode("ascii", "ignore")) if found
    ]
    candidates = ["utf-8", *(_known(name) for name in declared), "gb18030", "big5hkscs"]
    texts = [body.decode(name, "replace") for name in dict.fromkeys(candidates)]
    return _clean(min(texts, key=lambda text: text.count("\ufffd")))


def _known(name: str) -> str:
    lowered = name.lower()
    try:
        return codecs.lookup(_CHINESE_FAMILY.get(lowered, lowered)).name
    except LookupError:
        return "utf-8"


def _clean(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)


def composed(text: str) -> str:
    """Return a text in NFC; done on what was read, not on the page: composing 3 MB of source took a third of the time."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
