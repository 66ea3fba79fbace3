"""HTML -> blocks, with lxml: every ``a[href]`` and every address that stands in the text. Knows no rule of titles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from index.references.blocks import Block, Kind, Span, bare_links

_BLOCKS = frozenset(
    """
    address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2
    h3 h4 h5 h6 header hr html li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905
)
_SILENT = frozenset({"script", "style", "template", "noscript", "head", "svg", "iframe", "code", "textarea"})
_INSIDE = ("td", "th", "p")  # of one item or quote


def parse(text: str, base_url: str | None) -> list[Block]:
    """Return the blocks of an HTML text; relative links are resolved against ``base_url`` or a ``<base>`` tag."""
    from lxml import html

    if not text.strip():
        return []
    parser = html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = html.document_fromstring(text.encode("utf-8", "surrogatepass").replace(b"\0", b""), parser=parser)
    except (ValueError, html.etree.ParserError):
        return []
    base = root.find(".//base[@href]")
    if base is not None:
        base_url = urljoin(base_url or "", base.get("href"))
    return list(_Walk(base_url).blocks(root))


class _Walk:
    """One pass over the tree, without recursion: saved pages nest deeper than Python calls may."""

    def __init__(self, base_url: str | None) -> None:
        self._base = base_url
        self._spans: list[Span] = []
        self._text: list[str] = []
        self._link: tuple[str, list[str]] | None = None
        self._kinds: list[tuple[Kind, int]] = [(Kind.TEXT, 0)]

    def blocks(self, root: Any) -> Iterator[Block]:
        stack: list[tuple[Any, bool]] = [(root, False)]
        while stack:
            element, leaving = stack.pop()
            tag = element.tag if isinstance(element.tag, str) else ""
            if leaving:
                yield from self._leave(tag)
                self._add(element.tail)
                continue
            if tag in _SILENT or not tag:
                self._add(element.tail)
                continue
            yield from self._enter(element, tag)
            self._add(element.text)
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))
        yield from self._close()

    def _enter(self, element: Any, tag: str) -> Iterator[Block]:
        if tag in _BLOCKS:
            yield from self._close(soft=tag in _INSIDE and self._kinds[-1][0] in (Kind.ITEM, Kind.QUOTE))
            if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
                self._kinds.append((Kind.HEADING, int(tag[1])))
            elif tag in ("li", "dd", "dt", "tr"):
                self._kinds.append((Kind.ITEM, 0))
            elif tag == "blockquote":
                self._kinds.append((Kind.QUOTE, 0))
            else:
                self._kinds.append(self._kinds[-1])
        elif tag == "br":
            (self._link[1] if self._link is not None else self._text).append("\n")
        elif tag == "img" and self._link is not None:
            self._add(element.get("alt"))
        elif tag == "a" and element.get("href") is not None:
            self._flush()
            self._link = (element.get("href").strip(), [])

    def _leave(self, tag: str) -> Iterator[Block]:
        if tag == "a" and self._link is not None:
            self._end_link()
        elif tag in _BLOCKS:
            yield from self._close(soft=tag in _INSIDE and self._kinds[-1][0] in (Kind.ITEM, Kind.QUOTE))
            self._kinds.pop()

    def _add(self, text: str | None) -> None:
        if text:  # a line end in the source is a space on the page
            (self._link[1] if self._link is not None else self._text).append(text.replace("\n", " "))

    def _end_link(self) -> None:
        assert self._link is not None
        href, words = self._link
        self._link = None
        text = " ".join("".join(words).split())
        if not href or href.startswith("#"):
            self._text.append(text)
            return
        resolved = href
        if self._base and ":" not in href.split("/")[0]:
            try:
                resolved = urljoin(self._base, href)
            except ValueError:
                resolved = href
        self._spans.append(Span(text, resolved, bare=text == href))

    def _flush(self) -> None:
        if self._link is not None:
            self._end_link()
        if self._text:
            self._spans.extend(bare_links("".join(self._text)))
            self._text.clear()

    def _close(self, *, soft: bool = False) -> Iterator[Block]:
        self._flush()
        if soft:
            self._spans.append(Span("\n"))
            return
        spans, self._spans = tuple(self._spans), []
        if any(span.href is not None or span.text.strip() for span in spans):
            kind, level = self._kinds[-1]
            yield Block(kind, spans, level)
