"""Zhihu articles, questions and column homes -> article. Knows no other site.

The data block the page carries holds more than its markup shows (5 answers of 120 against 2). A page saved from a
browser may have lost it: then the markup is read. A question is one article with a section for each answer (author,
votes), so no passage mixes two answers, and is said to be k of N answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from index.readers.document import Document, parse_html
from index.readers.tomarkdown import to_markdown
from index.readers.web import WebReader
from index.records import Article, Outcome, Unread
from index.terms import language, plain
from index.urls import is_web

_CHINA = timezone(timedelta(hours=8))
_WHOLE = "open the original for the rest"


class ZhihuReader:
    """Reads the kinds of page of zhihu.com that carry their data."""

    def accepts(self, document: Document) -> bool:
        """Tell by host, or by the data block where a saved file does not say its own address."""
        if not document.host:
            return 'id="js-initialData"' in document.text
        urls = (document.page.final_url, document.page.url)
        return any((urlsplit(url).hostname or "").endswith("zhihu.com") for url in urls)

    def read(self, document: Document) -> Article | Unread:
        """Return the article, or why there is none."""
        root = document.root
        if root is None:
            return WebReader().read(document)
        entities = _entities(root)
        parts = document.parts
        for kind, named, reader in (
            ("articles", "p", _article),
            ("questions", "question", _question),
            ("columns", "", _column),
        ):
            found = entities.get(kind)
            if isinstance(found, Mapping) and found:
                wanted = parts[parts.index(named) + 1] if named in parts[:-1] else ""
                entry = found.get(wanted) or next(iter(found.values()))
                article = reader(root, entry, entities) if isinstance(entry, Mapping) else None
                if article is not None and article.text.strip():
                    return article
        return _from_markup(root) or WebReader().read(document)


def _entities(root: Any) -> Mapping[str, Any]:
    for script in root.xpath('//script[@id="js-initialData"]'):
        try:
            state = json.loads(script.text or "")["initialState"]["entities"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if isinstance(state, Mapping):
            return state
    return {}


def _article(_root: Any, entry: Mapping[str, Any], _entities: Mapping[str, Any]) -> Article:
    cut = bool(entry.get("contentNeedTruncated"))
    text = _markdown(entry.get("content"))
    return Article(
        title=_words(entry.get("title")), text=text, reader="zhihu", outcome=Outcome.PARTIAL if cut else Outcome.READ,
        author=_author(entry), published=_day(entry.get("created")), site=_words((entry.get("column") or {}).get("title")) or "知乎专栏",
        language=language(text[:4000]), canonical_url=f"https://zhuanlan.zhihu.com/p/{entry.get('id')}" if entry.get("id") else None,
        reason="the page shows only the beginning of the article" if cut else None, hint=_WHOLE if cut else None,
    )  # fmt: skip


def _question(_root: Any, entry: Mapping[str, Any], entities: Mapping[str, Any]) -> Article:
    title = _words(entry.get("title"))
    answers = [
        answer
        for answer in (entities.get("answers") or {}).values()
        if isinstance(answer, Mapping) and answer.get("content")
    ]
    answers.sort(key=lambda answer: (-_number(answer.get("voteupCount")), str(answer.get("id"))))
    written = [
        _Written(
            _author(answer) or "", _number(answer.get("voteupCount")), _markdown(answer.get("content")),
            whole=not answer.get("contentNeedTruncated"),
        )
        for answer in answers
    ]  # fmt: skip
    return _asked(
        title, _markdown(entry.get("detail")), written, _number(entry.get("answerCount")),
        published=_day(entry.get("created")), canonical=f"https://www.zhihu.com/question/{entry.get('id')}" if entry.get("id") else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Written:
    author: str
    votes: int
    text: str
    whole: bool = True


def _asked(
    title: str, detail: str, answers: list[_Written], total: int, *, published: str | None, canonical: str | None
) -> Article:
    total = max(total, len(answers))
    cut = sum(not answer.whole for answer in answers)
    sections = [f"# {title}", detail]
    for answer in answers:
        byline = f"{answer.author or '匿名用户'} 的回答（{answer.votes} 赞同）"
        sections += [f"## {byline}", _deeper(answer.text)]
    missing = len(answers) < total or cut
    reason = f"{len(answers)} of {total} answers were read" + (f", {cut} of them only in part" if cut else "")
    text = "\n\n".join(section for section in sections if section)
    return Article(
        title=title, text=text, reader="zhihu", outcome=Outcome.PARTIAL if missing else Outcome.READ, published=published,
        site="知乎", language=language(text[:4000]), canonical_url=canonical, author=answers[0].author or None if len(answers) == 1 else None,
        reason=reason if missing else None, hint=_WHOLE if missing else None,
    )  # fmt: skip


def _from_markup(root: Any) -> Article | None:
    """What a saved page still holds when its data block is gone."""
    canonical = next((str(url) for url in root.xpath('//link[@rel="canonical"]/@href')), None)
    answers = [written for item in root.xpath(_classed("AnswerItem")) if (written := _shown_answer(item)).text]
    if answers:
        title = _first(root, _classed("QuestionHeader-title")) or _first(root, "//title")
        detail = root.xpath(_classed("QuestionRichText") + '//*[contains(@class,"RichText")]')
        total = max((_number(value) for value in root.xpath('//meta[@itemprop="answerCount"]/@content')), default=0)
        return _asked(
            title, _written(detail[0]) if detail else "", answers, total,
            published=_stated(root, "dateCreated"), canonical=canonical and canonical.split("/answer/")[0],
        )  # fmt: skip
    for body in root.xpath(_classed("Post-RichText")):
        text = _written(body)
        return Article(
            title=_first(root, _classed("Post-Title")) or _first(root, "//title"), text=text, reader="zhihu", site="知乎专栏",
            author=_first(root, _classed("AuthorInfo-name")) or None, published=_stated(root, "datePublished"),
            language=language(text[:4000]), canonical_url=canonical,
        )  # fmt: skip
    return _column(root, {"title": _first(root, "//title")}, {})


def _shown_answer(item: Any) -> _Written:
    try:
        about = json.loads(item.get("data-zop") or "{}")
    except ValueError:
        about = {}
    author = _words(about.get("authorName")) if isinstance(about, Mapping) else ""
    votes = next((_number(value) for value in item.xpath('.//meta[@itemprop="upvoteCount"]/@content')), 0)
    body = item.xpath("." + _classed("RichText"))
    folded = bool(item.xpath("." + _classed("is-collapsed")))
    return _Written(author, votes, _written(body[0]) if body else "", whole=not folded)


def _classed(name: str) -> str:
    return f'//*[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'


def _first(root: Any, path: str) -> str:
    words = (" ".join("".join(element.xpath(".//text()[not(parent::style)]")).split()) for element in root.xpath(path))
    found = next(words, "").strip("\u200b ")
    return re.sub(r"^\(\d+[^)]*\)\s*|\s*-\s*知乎$", "", found)


def _stated(root: Any, name: str) -> str | None:
    value = next((str(value) for value in root.xpath("//meta[@itemprop=$name]/@content", name=name)), "")
    return value[:10] if re.match(r"\d{4}-\d\d-\d\d", value) else None


def _column(root: Any, entry: Mapping[str, Any], _entities: Mapping[str, Any]) -> Article | None:
    lines = []
    for item in root.xpath('//*[contains(concat(" ", @class, " "), " ArticleItem ")][@data-zop]'):
        try:
            zop = json.loads(item.get("data-zop"))
            lines.append(f"- [{zop['title']}](https://zhuanlan.zhihu.com/p/{zop['itemId']})")
        except (ValueError, KeyError, TypeError):
            continue
    if not lines:
        return None
    total = max(_number(entry.get("itemsCount") or entry.get("articlesCount")), len(lines))
    about = [_words(entry.get(name)) for name in ("intro", "description")]
    text = "\n\n".join(
        part for part in (f"# {_words(entry.get('title'))}", *dict.fromkeys(about), "\n".join(lines)) if part
    )
    return Article(
        title=_words(entry.get("title")), text=text, reader="zhihu", outcome=Outcome.PARTIAL, author=_author(entry), site="知乎专栏",
        language=language(text), reason=f"the home of a column: the titles of {len(lines)} of its {total} articles",
        hint="put the links of the articles themselves into the list", canonical_url=_words(entry.get("url")) or None,
    )  # fmt: skip


def _markdown(content: Any) -> str:
    root = parse_html(f"<div>{content}</div>") if isinstance(content, str) and content.strip() else None
    return _written(root) if root is not None else ""


def _written(element: Any) -> str:
    for card in element.xpath('.//a[contains(@class,"video-box")] | .//*[contains(@class,"VideoCard")]'):
        if card.getparent() is not None:
            card.drop_tree()
    return to_markdown(element, link=_target)


def _target(href: str) -> str | None:
    """Zhihu sends its readers through a page of its own; what is kept is where the author pointed."""
    address = urljoin("https://www.zhihu.com/", href)
    parts = urlsplit(address)
    if (parts.hostname or "") == "link.zhihu.com":
        address = next(iter(parse_qs(parts.query).get("target", [])), "")
    return address if is_web(address) else None


def _deeper(text: str) -> str:
    """An answer's own headings stand below the answer's."""
    return "\n".join(
        f"##{line}" if line.startswith("#") and line.lstrip("#").startswith(" ") else line for line in text.split("\n")
    )


def _author(entry: Mapping[str, Any]) -> str | None:
    author = entry.get("author")
    return _words(author.get("name")) or None if isinstance(author, Mapping) else None


def _words(value: Any) -> str:
    return plain(value) if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else 0


def _day(value: Any) -> str | None:
    moment = _number(value)
    return (
        datetime.fromtimestamp(moment, UTC).astimezone(_CHINA).date().isoformat()
        if 0 < moment < 4_102_444_800
        else None
    )
