"""A stored response -> an article, or the reason why there is none: recognised first, then read by the first reader that
accepts it.

| reader | what | file |
|---|---|---|
| pdf | PDF files, with the page of every passage | ``pdf`` |
| markdown | Markdown and plain text, kept as written | ``markdown`` |
| wechat | articles and posts of mp.weixin.qq.com | ``wechat`` |
| zhihu | articles, questions, column homes of zhihu.com | ``zhihu`` |
| github | repositories, files, issues, discussions, gists | ``github`` |
| arxiv | abstract pages | ``arxiv`` |
| web | any other page | ``web`` |
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from index.readers import recognise as _recognise
from index.readers.arxiv import ArxivReader
from index.readers.decode import composed
from index.readers.document import Document
from index.readers.github import GithubReader
from index.readers.markdown import MarkdownReader
from index.readers.pdf import PdfReader
from index.readers.web import WebReader
from index.readers.wechat import WechatReader
from index.readers.zhihu import ZhihuReader
from index.records import Article, Outcome, Page, Unread


class Reader(Protocol):
    """Reads one kind of page."""

    def accepts(self, document: Document) -> bool:
        """Whether this reader knows such a page."""

    def read(self, document: Document) -> Article | Unread:
        """Return what was read, or why nothing was."""


READERS: tuple[Reader, ...] = (
    PdfReader(), MarkdownReader(), WechatReader(), ZhihuReader(), GithubReader(), ArxivReader(), WebReader(),
)  # fmt: skip


def read(page: Page) -> Article | Unread:
    """Return the article of a response, or why there is none (law 4: a wall is never an article)."""
    document = Document(page)
    found = _recognise.recognise(document) or next(r for r in READERS if r.accepts(document)).read(document)
    if isinstance(found, Article) and not found.page_starts:  # a PDF's offsets are fixed; it composes its lines itself
        found = replace(found, text=composed(found.text), title=composed(found.title))
        if document.shortened and found.outcome is Outcome.READ:
            reason = "the page is too large to read whole: its beginning was read"
            return replace(found, outcome=Outcome.PARTIAL, reason=reason, hint="link to its parts instead")
    return found


def recognise(page: Page) -> Unread | None:
    """Return why a response is no page to read, or None where it may be read."""
    return _recognise.recognise(Document(page))


__all__ = ["READERS", "Document", "Reader", "read", "recognise"]
