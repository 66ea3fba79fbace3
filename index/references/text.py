"""Plain text -> blocks: paragraphs between blank lines, ``-`` and ``1.`` items, ``>`` quotes. Knows no Markdown."""

from __future__ import annotations

import re

from index.references.blocks import Block, Kind, bare_links

_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)、])[ \t]+")
_QUOTE = re.compile(r"[ \t]*>[ \t]?")
_ANGLE = re.compile(r"<([a-z]+:[^<>\n]+)>", re.I)


def parse(text: str, base_url: str | None) -> list[Block]:
    """Return the blocks of a plain text; ``base_url`` plays no part, for there are no relative links."""
    blocks: list[Block] = []
    held: list[str] = []
    kind = Kind.TEXT

    def close() -> None:
        if held:
            blocks.append(Block(kind, tuple(bare_links("\n".join(held)))))
            held.clear()

    for line in _ANGLE.sub(r" \1 ", text).splitlines():
        quote, item = _QUOTE.match(line), _ITEM.match(line)
        now = Kind.QUOTE if quote else Kind.ITEM if item else Kind.TEXT
        if not line.strip() or item or (now is not kind and not (kind is Kind.ITEM and line.startswith((" ", "\t")))):
            close()
            kind = now
        if line.strip():
            held.append(line[quote.end() :] if quote else line[item.end() :] if item else line)
    close()
    return blocks
