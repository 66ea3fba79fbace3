"""A stored response -> an article, or the reason why there is none: recognised first, then read by the first reader that
accepts it.

| reader | what | file |
|---|---|---|
| markdown | Markdown and plain text, kept as written | ``markdown`` |
| wechat | articles and posts of mp.weixin.qq.com | ``wechat`` |
| zhihu | columns, questions, column homes of zhihu.com | ``zhihu`` |
| web | any other page | ``web`` |
"""

from __future__ import annotations

from typing import Protocol

from index.readers.markdown import MarkdownReader
from index.readers.recognise import recognise
from index.readers.web import WebReader
from index.readers.wechat import WechatReader
from index.readers.zhihu import ZhihuReader
from index.records import Article, Page, Unread


class Reader(Protocol):
    """Reads one kind of page."""

    def accepts(self, page: Page) -> bool:
        """Whether this reader knows such a page."""

    def read(self, page: Page) -> Article | Unread:
        """Return what was read, or why nothing was."""


READERS: tuple[Reader, ...] = (WechatReader(), ZhihuReader(), MarkdownReader(), WebReader())


def read(page: Page) -> Article | Unread:
    """Return the article of a response, or why there is none (law 4: a wall is never an article)."""
    return recognise(page) or next(reader for reader in READERS if reader.accepts(page)).read(page)


__all__ = ["READERS", "Reader", "read", "recognise"]
