"""Title, author, date, site and canonical link as a page states them. Knows no particular site and reads no content.

What is not stated plainly is left out: a guessed date is worse than none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

_DAY = re.compile(r"((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_DAY_IN_PATH = re.compile(r"/((?:19|20)\d\d)[-/]?([01]\d)[-/]?([0-3]\d)(?:/|[_-]|\.)")
_SUFFIX = re.compile(r"\s*(?:--|[_|｜–—·]|\s-\s)\s*")
_NO_NAME = re.compile(r"^(?:\d+|https?:.*|www\..*|admin(?:istrator)?|null|undefined|佚名)$", re.I)
_LOCKED = (
    '//meta[@property="article:content_tier" or @name="article:content_tier"][@content="locked" or @content="metered"]'
    ' | //*[contains(@class, "paywall") or contains(@id, "paywall") or contains(@class, "subscribe-wall") or contains(@class, "piano-offer")]'
)
_LOCKED_WORDS = re.compile(
    r"(?:subscribe|sign up|become a (?:member|subscriber)) (?:now )?to (?:continue|keep|read)"
    r"|this (?:article|story|content) is for (?:paying )?(?:subscribers|members)"
    r"|剩余\s*\d+\s*%|(?:订阅|付费|购买|开通会员|成为会员).{0,6}(?:后|即可|才能|以)?.{0,4}(?:阅读|查看|解锁)(?:全文|剩余|更多)?|试读(?:结束|已结束)",
    re.I,
)


class Meta:
    """What the head of one page says of it."""

    def __init__(self, root: Any, url: str) -> None:
        self._root = root
        self._url = url
        self._linked = list(_linked_data(root))
        self.site = self._property("og:site_name") or None
        self.canonical = self._canonical()

    @property
    def title(self) -> str:
        """The heading that the title begins with, else og:title, else the title without the site's name."""
        title = next(self._texts("//title"), "")
        for heading in self._texts("//h1 | //h2"):
            if len(heading) >= 4 and title.startswith(heading):
                return heading
        stated = self._property("og:title") or self._property("citation_title") or title
        if not stated:
            return next(self._texts('//h1[contains(@class,"title")] | //article//h1 | //h1'), "")
        parts = _SUFFIX.split(stated)
        host = (urlsplit(self._url).hostname or "").removeprefix("www.").split(".")[0]
        known = {name.casefold() for name in (self.site, host) if name}
        while len(parts) > 1 and (parts[-1].casefold() in known or re.search(r"(?:网|博客|新闻|频道)$", parts[-1])):
            stated = stated[: stated.rindex(parts.pop())]
            stated = re.sub(r"\s*(?:--|[-_|｜–—·])\s*$", "", stated)
        return stated

    @property
    def author(self) -> str | None:
        """The writer's name; numbers and addresses are none."""
        names = [self._property("author"), self._property("article:author"), self._property("citation_author")]
        for entry in self._linked:
            authors = entry.get("author")
            for author in authors if isinstance(authors, list) else [authors]:
                names.append(str(author.get("name") or "") if isinstance(author, Mapping) else str(author or ""))
        names += [str(name) for name in self._root.xpath('//*[@itemprop="author"]//meta[@itemprop="name"]/@content')]
        return next((name.strip() for name in names if name.strip() and not _NO_NAME.match(name.strip())), None)

    @property
    def published(self) -> str | None:
        """The ISO day it says it was published: in its head, its data, its address, or a line that is a date's."""
        names = (
            "article:published_time",
            "datePublished",
            "citation_date",
            "date",
            "pubdate",
            "publishdate",
            "publish_time",
        )
        stated = [self._property(name) for name in names]
        stated += [str(entry.get("datePublished") or "") for entry in self._linked]
        stated += self._root.xpath(
            '//time[contains(@itemprop,"datePublished") or @pubdate]/@datetime | //time/@datetime'
        )
        path = _DAY_IN_PATH.search(urlsplit(self._url).path)
        stated += ["-".join(path.groups())] if path else []
        dated = '//*[contains(@class,"time") or contains(@class,"date") or contains(@id,"time") or contains(@id,"date")'
        stated += [
            text
            for text in self._texts(dated + ' or contains(@class,"source") or contains(@class,"info")]')
            if len(text) < 60
        ][:20]
        return next((day for text in stated if (day := _day(text))), None)

    @property
    def locked(self) -> bool:
        """Whether it says that non-subscribers see only a part."""
        if any(entry.get("isAccessibleForFree") in (False, "False", "false") for entry in self._linked):
            return True
        return bool(self._root.xpath(_LOCKED)) and bool(_LOCKED_WORDS.search("".join(self._root.itertext())[-20_000:]))

    def _canonical(self) -> str | None:
        found = next(iter(self._root.xpath('//link[@rel="canonical"]/@href')), "") or self._property("og:url")
        address = urljoin(self._url, str(found).strip()) if found else ""
        return address if address.startswith(("http://", "https://")) else None

    def _property(self, name: str) -> str:
        path = "//meta[@property=$name or @name=$name or @itemprop=$name]/@content"
        return next((" ".join(str(value).split()) for value in self._root.xpath(path, name=name) if value.strip()), "")

    def _texts(self, path: str) -> Iterator[str]:
        for element in self._root.xpath(path)[:100]:
            text = " ".join("".join(element.itertext()).split())
            if text:
                yield text


def _day(text: str) -> str | None:
    match = _DAY.search(text[:200])
    try:
        return date(*map(int, match.groups())).isoformat() if match else None
    except ValueError:
        return None


def _linked_data(root: Any) -> Iterator[Mapping[str, Any]]:
    """The JSON-LD objects of a page that describe a written work."""
    for script in root.xpath('//script[@type="application/ld+json"]'):
        try:
            found = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        graph = found.get("@graph", [found]) if isinstance(found, dict) else found
        for entry in graph if isinstance(graph, list) else []:
            if isinstance(entry, Mapping) and re.search(
                r"Article|Posting|Report|WebPage|Paper", str(entry.get("@type"))
            ):
                yield entry
