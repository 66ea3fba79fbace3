"""Markdown (Jekyll front matter too) -> blocks, with markdown-it. Knows no rule of titles and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from index.references.blocks import Block, Kind, Span, bare_links

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_LOOSE_LINK = re.compile(
    r"!?\[([^\[\]\n]*)\]\([ \t]*((?:https?|ftp)://[^()\n<>]*(?:\([^()\n<>]*\)[^()\n<>]*)*)\)", re.I
)
_ANCHOR = re.compile(r"<a\b[^>]*?\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.I)


def parse(text: str, base_url: str | None) -> list[Block]:
    """Return the blocks of a Markdown text; code is not searched for links."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    # links stay as the list wrote them (law 2), and those that cannot be followed are counted, not dropped
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
    reader.validateLink = lambda _url: True  # type: ignore[assignment, method-assign]
    environment: dict[str, dict[str, dict[str, str]]] = {}
    tokens = reader.parse(_FRONT_MATTER.sub("", text.replace("\r\n", "\n"), count=1), environment)
    blocks = list(_blocks(tokens, base_url))
    used = {span.href for block in blocks for span in block.links}
    for label, definition in environment.get("references", {}).items():
        if definition["href"] not in used:  # defined, but no text points to it
            title = definition.get("title") or label.lower()
            blocks.append(Block(Kind.ITEM, (Span(title, definition["href"]),)))
    return blocks


def _blocks(tokens: Sequence[Token], base_url: str | None) -> Iterator[Block]:
    quotes = items = 0
    level = 0
    quote: list[Span] = []
    item: list[Span] = []
    row: list[Span] | None = None
    for token in tokens:
        if token.type == "blockquote_open":
            if item and not quotes:
                yield Block(Kind.ITEM, tuple(item))
                item = []
            quotes += 1
        elif token.type == "blockquote_close":
            quotes -= 1
            if not quotes and quote:
                yield Block(Kind.QUOTE, tuple(quote))
                quote = []
        elif token.type == "list_item_open":
            if items and item and not quotes:  # the text before a nested list is an item of its own
                yield Block(Kind.ITEM, tuple(item))
                item = []
            items += 1
        elif token.type == "list_item_close":
            items -= 1
            if item and not quotes:
                yield Block(Kind.ITEM, tuple(item))
                item = []
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield Block(Kind.ITEM, tuple(row))
            row = None
        elif token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "heading_close":
            level = 0
        elif token.type == "html_block":
            from index.references.html import parse as parse_html

            yield from parse_html(token.content, base_url)
        elif token.type == "inline":
            spans = list(_spans(token.children or []))
            if level:
                yield Block(Kind.HEADING, tuple(spans), level)
            elif quotes:
                quote.extend([Span("\n"), *spans] if quote else spans)
            elif row is not None:
                row.extend([*spans, Span("  ")])
            elif items:
                item.extend([Span("\n"), *spans] if item else spans)
            elif spans and any(span.href is not None or span.text.strip() for span in spans):
                yield Block(Kind.TEXT, tuple(spans))


def _spans(children: Sequence[Token]) -> Iterator[Span]:
    """Walk the inline tokens of one block; an image is a link's words, or nothing."""
    text: list[str] = []
    href: str | None = None
    words: list[str] = []
    auto = False
    for token in children:
        if token.type == "link_open":
            yield from _text(text)
            href, auto, words = str(token.attrGet("href") or ""), token.info == "auto", []
        elif token.type == "link_close" and href is not None:
            if href and not href.startswith("#"):
                yield Span("".join(words), href, bare=auto or "".join(words) == href)
            else:
                text.extend(words)
            href = None
        elif token.type == "html_inline":
            anchor = _ANCHOR.match(token.content)
            if anchor and href is None:
                yield from _text(text)
                href, auto, words = next(group for group in anchor.groups() if group is not None), False, []
            elif token.content.lower().startswith("</a") and href is not None:
                if href and not href.startswith("#"):
                    yield Span("".join(words), href)
                href = None
            elif token.content.lower().startswith("<br"):
                (words if href is not None else text).append("\n")
        else:
            piece = {"softbreak": "\n", "hardbreak": "\n"}.get(token.type) or token.content
            if token.type == "image" and href is None:
                continue
            if token.type == "code_inline":
                piece = (
                    piece.replace("://", ":\u200b//") if href is None else piece
                )  # code shows addresses, it does not link
            (words if href is not None else text).append(piece)
    if href:
        yield Span("".join(words), href)
    yield from _text(text)


def _text(held: list[str]) -> Iterator[Span]:
    """Yield the running text held so far, with bare addresses and links that hold spaces split off."""
    text = "".join(held)
    held.clear()
    position = 0
    for match in _LOOSE_LINK.finditer(text):
        yield from _plain(text[position : match.start()])
        if not match.group().startswith("!"):
            yield Span(match.group(1), match.group(2).strip())
        position = match.end()
    yield from _plain(text[position:])


def _plain(text: str) -> Iterator[Span]:
    for span in bare_links(text):
        yield Span(span.text.replace("\u200b", ""), span.href, span.bare)
