"""GitHub repositories, files, issues, discussions, pull requests and gists -> article. Knows no API and needs no token.

What a page shows stands as rendered Markdown in its markup (``markdown-body``) or, in newer pages, in data blocks of
JSON; both hold the README, the file or the posts whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from index.readers.document import Document, parse_html
from index.readers.meta import Meta
from index.readers.tomarkdown import to_markdown
from index.readers.web import WebReader
from index.records import Article, Outcome, Unread
from index.terms import language, plain
from index.urls import is_web

_HOSTS = ("github.com", "gist.github.com")
_CLASSED = './/*[contains(concat(" ", normalize-space(@class), " "), " {} ")]'
_README = re.compile(r"readme(?:[._-][\w-]+)*(?:\.\w+)?$", re.I)


class GithubReader:
    """Reads the kinds of page of github.com that hold text."""

    def accepts(self, document: Document) -> bool:
        """Tell by host; raw files are plain text and not this reader's."""
        return document.host in _HOSTS and document.root is not None

    def read(self, document: Document) -> Article | Unread:
        """Return the article, or why there is none."""
        root, parts = document.root, document.parts
        blocks = list(_data_blocks(root))
        kind = parts[2] if len(parts) > 2 and document.host == "github.com" else ""
        if kind in ("issues", "discussions", "pull") and len(parts) > 3:
            text, reason = _posts(root, blocks)
        elif kind == "blob":
            text, reason = _file(root, blocks, parts[-1]), None
        else:
            gist = _gist(root) if document.host.startswith("gist.") else ""
            text, reason = gist or _readme(root, blocks), None
        if not text.strip():
            if kind or len(parts) != 2:
                return WebReader().read(document)
            owner, name = parts
            return Unread(
                Outcome.NEEDS_RENDERING, "the repository page shows no README as served",
                f"link to https://raw.githubusercontent.com/{owner}/{name}/HEAD/README.md instead, or add the saved README",
                document.page.status, document.page.final_url,
            )  # fmt: skip
        meta = Meta(root, document.page.final_url)
        stamp = root.xpath("//relative-time/@datetime") if kind in ("issues", "discussions", "pull") else []
        return Article(
            title=_title(meta.title, parts, kind), text=text, reader="github", site="GitHub", author=parts[0] if parts else None,
            published=str(stamp[0])[:10] if stamp else None, language=language(text[:4000]), canonical_url=meta.canonical,
            outcome=Outcome.PARTIAL if reason else Outcome.READ, reason=reason,
            hint="open the original for the rest" if reason else None,
        )  # fmt: skip


def _title(stated: str, parts: list[str], kind: str) -> str:
    if not kind and len(parts) == 2:
        return "/".join(parts)
    return re.sub(
        r"\s*·\s*(?:Issue|Pull Request|Discussion) #\d+.*$|\s+by .{1,60} · Pull Request.*$|\s*·\s*GitHub$", "", stated
    )


def _data_blocks(root: Any) -> Iterator[Any]:
    for script in root.xpath('//script[@type="application/json"]'):
        try:
            yield json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue


def _found(value: Any, key: str) -> Iterator[Mapping[str, Any]]:
    """Every object that has the key, in the block's order; the depth of a page's data is bounded by its parser."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if value.get(key):
                yield value
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def _markdown(html: Any) -> str:
    root = parse_html(f"<div>{html}</div>") if isinstance(html, str) and html.strip() else None
    return _written(root) if root is not None else ""


def _written(element: Any) -> str:
    for anchor in element.xpath(_CLASSED.format("anchor") + " | .//clipboard-copy"):
        if anchor.getparent() is not None:
            anchor.drop_tree()
    return to_markdown(element, link=_target)


def _target(href: str) -> str | None:
    """A README's links are often what it is for; those inside the repository keep only their words."""
    return href if is_web(href) else None


def _bodies(root: Any) -> list[Any]:
    found = root.xpath(_CLASSED.format("markdown-body"))
    return [e for e in found if not any("markdown-body" in (up.get("class") or "").split() for up in e.iterancestors())]


def _readme(root: Any, blocks: list[Any]) -> str:
    files = [
        file
        for block in blocks
        for holder in _found(block, "overviewFiles")
        for file in holder["overviewFiles"]
        if isinstance(file, Mapping) and file.get("richText")
    ]
    files.sort(key=lambda file: not _README.search(str(file.get("path") or file.get("displayName") or "")))
    shown = root.xpath('//*[@id="readme"]') or [root]
    body = "\n\n".join(_written(element) for element in _bodies(shown[0])[:1])
    return _markdown(files[0]["richText"]) if files else body


def _file(root: Any, blocks: list[Any], name: str) -> str:
    for block in blocks:
        for holder in _found(block, "richText"):
            return _markdown(holder["richText"])
        for holder in _found(block, "rawLines"):
            return _fenced("\n".join(str(line) for line in holder["rawLines"]), name)
    lines = root.xpath('.//td[contains(@class, "blob-code")] | .//div[contains(@class, "react-file-line")]')
    if lines:
        return _fenced("\n".join("".join(line.itertext()).strip("\n") for line in lines), name)
    return "\n\n".join(_written(element) for element in _bodies(root)[:1])


def _gist(root: Any) -> str:
    sections = []
    for file in root.xpath('.//*[starts-with(@id, "file-") and contains(@class, "file")]'):
        name = "".join(file.xpath("string(.//*[contains(@class, 'gist-blob-name')])")).strip()
        text = _file(file, [], name)
        sections += [f"## {name}" if name else "", text] if text else []
    return "\n\n".join(section for section in sections if section)


def _fenced(code: str, name: str) -> str:
    if re.search(r"\.(?:md|markdown|txt|rst)$", name, re.I):
        return code.strip("\n")
    fence = "```" if "```" not in code else "~~~~"
    return f"{fence}\n{code.strip(chr(10))}\n{fence}" if code.strip() else ""


def _posts(root: Any, blocks: list[Any]) -> tuple[str, str | None]:
    """The opening post and the comments, a section each; says how many the page left out."""
    posts: dict[str, None] = {}
    total = 0
    for block in blocks:
        for holder in _found(block, "frontTimelineItems"):
            total = max(total, int(holder["frontTimelineItems"].get("totalCount") or 0))
        for holder in _found(block, "bodyHTML"):
            author = holder.get("author")
            login = plain(str(author.get("login") or "")) if isinstance(author, Mapping) else ""
            posts[f"## {login or 'ghost'}\n\n{_markdown(holder['bodyHTML'])}"] = None
    if not posts:
        for element in _bodies(root):
            author = next(
                (
                    str(name)
                    for name in element.xpath(
                        'ancestor::*[.//a[contains(@class,"author")]][1]//a[contains(@class,"author")]/text()'
                    )
                ),
                "",
            )
            text = _written(element)
            if text:
                posts[f"## {author.strip() or 'ghost'}\n\n{text}"] = None
    left = root.xpath('//*[contains(@class, "ajax-pagination-form")]') or (len(posts) - 1 < total and _more(blocks))
    return "\n\n".join(posts), f"the first {len(posts)} posts were read" if left else None


def _more(blocks: list[Any]) -> bool:
    pages = (holder["pageInfo"] for block in blocks for holder in _found(block, "pageInfo"))
    return any(page.get("hasNextPage") for page in pages if isinstance(page, Mapping))
