"""What a response is, before anything is read: a page, or a wall, a gap, an error. Reads no content.

Told from status, type, address and structure, in this order. A phrase decides only where there is no article body: a
live article may quote the words of a deletion notice. The marks of known walls stand in ``index.readers.walls``.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from index.readers.document import Document
from index.readers.walls import BARRIERS, GONE, HEADLINES, PARKED, WIDGETS
from index.records import Outcome, Unread

SAVE = "open it in your browser, save it as a web page, then `citeback add FILE --url URL`"
COPY = "if you have a copy, `citeback add FILE --url URL`"
AGAIN = "try again later with `citeback rebuild`, or add a saved copy"
_READABLE = (
    "text/", "application/xhtml", "application/xml", "application/json", "application/pdf", "application/x-pdf",
    "message/rfc822", "multipart/related",
)  # fmt: skip
_LOGIN = re.compile(
    r"/(?:sign_?in|log_?in|passport|account/(?:unhuman|login)|wappoc_appmsgcaptcha|captcha|verify|sorry/index|antispider)\b",
    re.I,
)
_CONSENT_HOSTS = re.compile(r"^(?:consent|guce|cookiewall|privacy-gateway)\.", re.I)
_ERROR_PATH = re.compile(r"/(?:404|not[-_]?found|page[-_]not[-_]found|error(?:[-_]?page)?|gone)(?:\.\w{2,5})?/?$", re.I)
_BODY = (
    '//*[@id="js_content" or @itemprop="articleBody" or contains(concat(" ", normalize-space(@class), " "), " markdown-body ")'
    ' or contains(concat(" ", normalize-space(@class), " "), " Post-RichText ") or contains(@class, "AnswerItem")'
    ' or @id="js_text_title" or @id="js_image_desc"]'
)
_DATA = re.compile(r"window\.cgiDataNew\s*=|id=[\"']js-initialData[\"']")
_MOUNT = (
    '//*[self::div or self::main or self::app-root or self::section][@id="root" or @id="app" or @id="__next" or @id="__nuxt" or @id="q-app"'
    ' or @id="react-root" or @id="main-app" or @id="app-root" or @id="___gatsby" or self::app-root or @data-reactroot]'
)
_SCRIPTS_WANTED = re.compile(
    r"(?:enable|turn on|requires?|need|without|activat\w+) {0,2}(?:\w+ ){0,4}javascript|javascript (?:is|must be|to be|has been)? ?"
    r"(?:disabled|enabled|required|needed)|(?:启用|开启|打开|需要|支持|禁用).{0,8}javascript|javascript.{0,8}(?:禁用|启用|开启|支持)",
    re.I,
)
_ENOUGH = 200  # characters of an article body, or of prose, beyond which a page is a page
_Found = tuple[Outcome, str, str]


def recognise(document: Document) -> Unread | None:
    """Return why a response is no page to read, or None where it may be read."""
    page = document.page
    found = _by_status(page.status) or _by_type(document) or _by_address(document)
    if found is None and not document.is_pdf and b"\0" not in page.body[:512]:
        found = _by_structure(document)
    if found is None:
        return None
    outcome, reason, hint = found
    return Unread(outcome, reason, hint, page.status if page.origin != "saved" else None, page.final_url)


def _by_status(status: int) -> _Found | None:
    if status in (404, 410):
        return Outcome.NOT_FOUND, f"the server answers {status}: the page does not exist", f"check the link; {COPY}"
    if status in (401, 402, 403, 407, 412, 429, 451):
        return Outcome.BLOCKED, f"the server turns the crawler away (HTTP {status})", SAVE
    if status >= 500:
        return Outcome.UNAVAILABLE, f"the server failed (HTTP {status})", AGAIN
    if status >= 400 or status < 200 or status >= 300:
        return Outcome.UNAVAILABLE, f"the server answers HTTP {status}", "check the link in a browser"
    return None


def _by_type(document: Document) -> _Found | None:
    kind = document.kind
    if not document.page.body.strip():
        return Outcome.UNAVAILABLE, "the server sent an empty page", AGAIN
    packed = (document.page.header("content-encoding") or "").strip().lower()
    if packed not in ("", "identity"):  # the downloader takes the header away with the packing
        return Outcome.FAILED, f"the page is packed in a way that cannot be unpacked ({packed[:40]})", SAVE
    if kind and not kind.startswith(_READABLE) and not document.is_pdf:
        return Outcome.UNSUPPORTED, f"files of type {kind} cannot be read", "link to a page that describes it"
    return None


def _by_address(document: Document) -> _Found | None:
    page = document.page
    final = urlsplit(page.final_url)
    asked = urlsplit(page.redirects[0] if page.redirects else page.final_url)
    if page.redirects and _CONSENT_HOSTS.match(final.hostname or ""):
        return Outcome.BLOCKED, "the site asks for consent to cookies first", SAVE
    arrived = page.origin == "saved" or (page.redirects and not _LOGIN.search(asked.path))
    if arrived and _LOGIN.search(final.path):
        return Outcome.BLOCKED, "the site asks for a login or a verification", SAVE
    if page.redirects and not _ERROR_PATH.search(asked.path) and _ERROR_PATH.search(final.path):
        return Outcome.NOT_FOUND, "the site sends this link to its error page", f"check the link; {COPY}"
    same = (final.hostname or "").removeprefix("www.") == (asked.hostname or "").removeprefix("www.")
    deep = re.search(r"\d{3}|\.\w{3,5}$", asked.path) and asked.path.strip("/").count("/") >= 1
    if (
        page.redirects
        and same
        and deep
        and not final.query
        and final.path.strip("/") in ("", "index.html", "index.php")
    ):
        return Outcome.NOT_FOUND, "the site sends this link to its home page", f"check the link; {COPY}"
    return None


def _by_structure(document: Document) -> _Found | None:
    if document.kind in ("text/plain", "text/markdown", "text/x-markdown", "text/x-rst"):
        return None
    body = _body_size(document)
    if body >= _ENOUGH:
        return None
    source, prose = document.text[:400_000], document.amounts.prose
    for outcome, reason, mark in BARRIERS:
        if not body and prose < 1500 and mark.search(source):
            return outcome, f"{reason}, not the article", SAVE if outcome is Outcome.BLOCKED else COPY
    if body or _DATA.search(document.text):
        return None
    return _by_words(document, prose) or _by_emptiness(document, source, prose)


def _by_words(document: Document, prose: int) -> _Found | None:
    shown = document.amounts.shown
    if prose < 600:
        for outcome, reason, phrase in HEADLINES:
            if phrase.search(document.headline):
                return outcome, reason, SAVE if outcome is Outcome.BLOCKED else COPY
    if shown < 800 and prose < _ENOUGH:
        for outcome, reason, phrase in GONE:
            if phrase.search(document.words):
                return outcome, reason, SAVE if outcome is Outcome.BLOCKED else COPY
    if prose < 800 and (PARKED.search(document.words) or PARKED.search(document.text[:100_000])):
        return Outcome.NOT_FOUND, "the domain is parked or for sale: the site is gone", COPY
    return None


def _by_emptiness(document: Document, source: str, prose: int) -> _Found | None:
    if document.root is None:
        return None
    consent = document.amounts.consent
    if prose < 120 and consent > 80:
        return Outcome.BLOCKED, "only the site's cookie form is shown, not the article", SAVE
    if prose < 300 and document.root.xpath('//input[@type="password"]'):
        return Outcome.BLOCKED, "the site asks for a login", SAVE
    if prose < 250 and WIDGETS.search(source):
        return Outcome.BLOCKED, "a captcha page, not the article", SAVE
    if prose < _ENOUGH:
        empty = any(len("".join(e.itertext()).strip()) < 40 for e in document.root.xpath(_MOUNT)[:20])
        asked = " ".join("".join(e.itertext()) for e in document.root.xpath("//noscript")) + document.words
        if empty or (prose < 60 and _SCRIPTS_WANTED.search(asked)):
            return Outcome.NEEDS_RENDERING, "the page is empty until its scripts run", SAVE
    return None


def _body_size(document: Document) -> int:
    if document.root is None:
        return 0
    return max((len("".join(e.itertext()).strip()) for e in document.root.xpath(_BODY)[:20]), default=0)
