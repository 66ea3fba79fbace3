"""WeChat articles (mp.weixin.qq.com) -> article: types 0, 8 and 10 in full, the others as partial.

The page's own data block ``window.cgiDataNew`` says what it is; it is parsed, never run. Title and date stand there too:
``<title>`` is empty, and the date elsewhere was wrong on 26 of 29 pages measured.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from index.readers.document import Document, parse_html
from index.readers.jsobject import parse_object, unescape
from index.readers.tomarkdown import to_markdown
from index.records import Article, Outcome, Unread
from index.terms import language

HOST = "mp.weixin.qq.com"
_BLOCK = "window.cgiDataNew"
_CHINA = timezone(timedelta(hours=8))
_KINDS = {"5": "a video", "6": "a piece of music", "7": "a sound recording", "17": "a short post"}
_CREATED = re.compile(r"\bvar ct\s*=\s*[\"'](\d{9,11})[\"']")
_NAMED = re.compile(r"\bvar (msg_title|nickname|biz|mid|idx)\s*=\s*(?:\"([^\"\n]*)\"|'([^'\n]*)')")
_MORE = 1.2  # the data block's text counts where it is so much longer than what the page shows: a shared article


class WechatReader:
    """Reads every kind of WeChat post."""

    def accepts(self, document: Document) -> bool:
        """Tell by host, or by the data block where a saved file does not say its own address."""
        if not document.host:
            return _BLOCK in document.text or 'id="js_content"' in document.text
        return HOST in (document.host, urlsplit(document.page.url).hostname)

    def read(self, document: Document) -> Article | Unread:
        """Return the article, or why there is none."""
        page, text, root = document.page, document.text, document.root
        if root is None:
            return Unread(
                Outcome.FAILED, "the page holds no HTML", "check the link in a browser", page.status, page.final_url
            )
        position = text.find(_BLOCK)
        block = parse_object(text, position) if position >= 0 else {}
        kind = str(block.get("item_show_type") or "0")
        body, missing = _body(root, block, kind)
        title = (
            _squeezed(str(block.get("title") or ""))
            or _meta(root, "og:title")
            or _variables(text).get("msg_title", "")
            or _first(root, '//*[@id="activity-name"]')
        )
        if not body:
            return Unread(
                Outcome.NEEDS_RENDERING, "the page holds no article text as served",
                "open it in your browser, save it, then `citeback add FILE --url URL`", page.status, page.final_url,
            )  # fmt: skip
        account = str(block.get("nick_name") or "") or _first(root, '//*[@id="js_name"]') or None
        return Article(
            title=title[:200], text=body, reader="wechat", outcome=Outcome.PARTIAL if missing else Outcome.READ, reason=missing,
            hint="open the original for the rest" if missing else None,
            author=str(block.get("author") or "") or _meta(root, "author") or account, published=_published(text, block) or _shown_date(root),
            site=account, language=language(body[:4000]), canonical_url=_canonical(text, block) or _meta(root, "og:url") or None,
        )  # fmt: skip


def _body(root: Any, block: dict[str, Any], kind: str) -> tuple[str, str | None]:
    """Return the text and what is missing of it."""
    if kind == "10":
        info = block.get("text_page_info")
        return _from_html(str(info.get("content_noencode") or "") if isinstance(info, dict) else ""), None
    if kind == "8":
        pictures = [
            entry
            for entry in block.get("picture_page_info_list") or []
            if isinstance(entry, dict) and entry.get("cdn_url")
        ]
        words = _from_html(str(block.get("content_noencode") or "")) or str(block.get("title") or "").strip()
        links = "\n\n".join(f"![]({unescape(str(entry['cdn_url'])).replace('&amp;', '&')})" for entry in pictures)
        return "\n\n".join(part for part in (words, links) if part), None
    if kind in _KINDS:
        words = _from_html(str(block.get("content_noencode") or "") or str(block.get("desc") or ""))
        title = str(block.get("title") or "").strip()
        return "\n\n".join(part for part in (title, words) if part), f"this is {_KINDS[kind]}; only its words were read"
    saved = root.xpath(
        '//*[@id="js_text_title" or @id="js_text_desc" or @id="js_image_desc" or @id="js_image_content"]'
    )
    if saved and not block:  # a post saved from a browser that dropped its scripts
        drawn = (to_markdown(part, pictures=True).lstrip("# ") for part in saved)
        return "\n\n".join(dict.fromkeys(part for part in drawn if part)), None
    element = next(iter(root.xpath('//*[@id="js_content"]')), None)
    shown = ""
    if element is not None:
        element.attrib.pop("style", None)  # the served page hides its text until scripts run
        shown = to_markdown(element, pictures=True)
    stored = _from_html(str(block.get("content_noencode") or ""))
    return (stored if len(stored) > _MORE * len(shown) else shown), None


def _from_html(content: str) -> str:
    """A text of the data block is HTML, or plain words with line ends."""
    content = unescape(content) if "\\x" in content else content
    if "<" not in content:
        import html

        return "\n\n".join(line.strip() for line in html.unescape(content).split("\n") if line.strip())
    root = parse_html(
        f"<div>{content.replace(chr(10), '<br>') if '<p' not in content and '<section' not in content else content}</div>"
    )
    return to_markdown(root, pictures=True) if root is not None else ""


def _published(text: str, block: dict[str, Any]) -> str | None:
    moment = str(block.get("ori_create_time") or "")
    found = None if moment.isdigit() else _CREATED.search(text)
    moment = found.group(1) if found else moment
    if not moment.isdigit() or int(moment) <= 0:
        return None
    return datetime.fromtimestamp(int(moment), UTC).astimezone(_CHINA).date().isoformat()


def _shown_date(root: Any) -> str | None:
    """A browser has filled it in: 2020年02月03日 10:00."""
    found = re.match(r"(\d{4})\D(\d{1,2})\D(\d{1,2})(?!\d)", _first(root, '//*[@id="publish_time"]'))
    return f"{int(found[1]):04}-{int(found[2]):02}-{int(found[3]):02}" if found else None


def _canonical(text: str, block: dict[str, Any]) -> str | None:
    """The long link: account, message and position are what a WeChat article is."""
    parts = [str(block.get(name) or "") for name in ("bizuin", "mid", "idx")]
    if not all(parts):
        named = _variables(text)
        parts = [named.get(name, "") for name in ("biz", "mid", "idx")]
    return f"https://{HOST}/s?__biz={parts[0]}&mid={parts[1]}&idx={parts[2]}" if all(parts) else None


def _variables(text: str) -> dict[str, str]:
    return {match.group(1): match.group(2) or match.group(3) or "" for match in _NAMED.finditer(text)}


def _meta(root: Any, name: str) -> str:
    values = root.xpath("//meta[@property=$name or @name=$name]/@content", name=name)
    return next((_squeezed(str(value)) for value in values if value.strip()), "")


def _first(root: Any, path: str) -> str:
    return next((_squeezed("".join(element.itertext())) for element in root.xpath(path)), "")


def _squeezed(text: str) -> str:
    return " ".join(text.split())
