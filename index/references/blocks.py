"""What all list formats are turned into first: blocks of text with links in them. Knows no format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from index.terms import HAN


class Kind(Enum):
    """The part a block plays in a list."""

    HEADING = auto()
    TEXT = auto()
    ITEM = auto()
    QUOTE = auto()


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text; with ``href`` it is a link whose words are ``text``. ``bare``: the address itself stood there."""

    text: str
    href: str | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (with ``level``), a paragraph, a list item or a quote, as spans; a line end in a span's text counts."""

    kind: Kind
    spans: tuple[Span, ...]
    level: int = 0

    @property
    def links(self) -> tuple[Span, ...]:
        """The links among the spans."""
        return tuple(span for span in self.spans if span.href is not None)

    @property
    def words(self) -> str:
        """The text without any link, one line."""
        return " ".join("".join(" " if span.href is not None else span.text for span in self.spans).split())

    @property
    def text(self) -> str:
        """The whole text with the words of its links, one line."""
        return " ".join("".join(span.text for span in self.spans).split())


_BARE = re.compile(
    r"(?:https?://|ftp://|file://|www\.(?=[\w-]+\.)|mailto:(?=[^\s@]+@)|javascript:(?=\S))[^\s<>\"`]+", re.I
)
_STOPS = "，。；！？、》」』】）”’…：（《「『【“‘"
_TRAILING = ".,;:!?'*~|"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_HAN = re.compile(f"[{HAN}]")


def bare_links(text: str) -> list[Span]:
    """Split running text at the addresses that stand in it."""
    spans: list[Span] = []
    position = 0
    for match in _BARE.finditer(text):
        if match.start() < position or (
            match.start() and (text[match.start() - 1].isascii() and text[match.start() - 1].isalnum())
        ):
            continue
        url = _meant(match.group(), alone=_alone(text, match))
        if not url or url.endswith("://"):
            continue
        if match.start() > position:
            spans.append(Span(text[position : match.start()]))
        href = f"http://{url}" if url.lower().startswith("www.") else url
        spans.append(Span(url, href, bare=True))
        position = match.start() + len(url)
    if position < len(text):
        spans.append(Span(text[position:]))
    return spans


def _alone(text: str, match: re.Match[str]) -> bool:
    before = text[: match.start()].rpartition("\n")[2]
    after = text[match.end() :].partition("\n")[0]
    return not before.strip() and not after.strip()


def _meant(url: str, *, alone: bool) -> str:
    """Cut what belongs to the sentence and not to the address."""
    for position, character in enumerate(url):
        if character in _STOPS:
            url = url[:position]
            break
        # 见http://x.org/a这里: Chinese right behind a letter is the sentence going on, behind / = - it is the address
        if not alone and _HAN.match(character) and url[position - 1].isascii() and url[position - 1].isalnum():
            url = url[:position]
            break
    while url and (url[-1] in _TRAILING or (url[-1] in _PAIRS and url.count(url[-1]) > url.count(_PAIRS[url[-1]]))):
        url = url[:-1]
    return url
