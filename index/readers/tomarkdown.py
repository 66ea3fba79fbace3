"""An lxml element -> Markdown that keeps headings, lists, tables, code and TeX. Knows no site and picks no content.

Links and emphasis become their words, pictures only their caption or alt text: what remains can be quoted. A reader
may ask for pictures and links to be kept as Markdown ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_SKIP = frozenset(
    """script style noscript template svg button form input select textarea iframe object embed nav link meta
    head""".split()  # noqa: SIM905
)
_BLOCK = frozenset(
    """address article aside blockquote center dd details div dl dt fieldset figcaption figure footer header hr main p
    section summary ul ol li table pre h1 h2 h3 h4 h5 h6 body html tbody thead tr""".split()  # noqa: SIM905
)
_SOURCES = ("data-src", "data-original", "data-actualsrc", "src")
_MAX_DEPTH = 200  # deeper than any page a person made; below it only the words are kept
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_RAISED = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
_LOWERED = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_RENDERED_MATH = frozenset(
    ("katex-html", "MathJax", "MathJax_SVG", "MathJax_CHTML", "MathJax_Preview", "MathJax_Display")
)

Link = Callable[[str], str | None]
"""Given a link's target as it stands in the page, returns the address to keep, or None to keep only the words."""


def to_markdown(element: Any, *, pictures: bool = False, link: Link | None = None) -> str:
    """Return the Markdown of an element, blocks divided by one blank line."""
    writer = _Writer(pictures=pictures, link=link)
    writer.block(element, 0)
    writer.flush()
    return _BLANK_LINES.sub("\n\n", "\n\n".join(writer.blocks)).strip()


class _Writer:
    def __init__(self, *, pictures: bool = False, link: Link | None = None) -> None:
        self.blocks: list[str] = []
        self._line: list[str] = []
        self._pictures = pictures
        self._link = link

    def flush(self, prefix: str = "") -> None:
        """End the running paragraph."""
        text = "\n".join(_SPACE.sub(" ", line).strip() for line in "".join(self._line).split("\ue000")).strip()
        self._line.clear()
        if text:
            self.blocks.append(prefix + text)

    def block(self, element: Any, depth: int) -> None:
        """Write one element with its children."""
        tag = element.tag if isinstance(element.tag, str) else ""
        tex = _tex(element, tag)
        if tex:
            self._line.append(f" ${tex}$ ")
            return
        if not tag or tag in _SKIP or _hidden(element) or _RENDERED_MATH.intersection(_classes(element)):
            return
        if depth > _MAX_DEPTH:
            self._line.append(" ".join(element.itertext()))
            return
        if tag == "br":
            self._line.append("\ue000")
        elif tag == "img":
            self._image(element)
        elif tag == "pre" or _is_code_figure(element):
            self.flush()
            self._code(element)
        elif tag == "table":
            self.flush()
            self._table(element)
        elif tag in ("ul", "ol"):
            self.flush()
            self._list(element, depth)
        elif re.fullmatch("h[1-6]", tag):
            self.flush()
            self._children(element, depth)
            formula = re.fullmatch(r"\s*\$[^$]+\$\s*", "".join(self._line))
            self.flush("" if formula else "#" * int(tag[1]) + " ")  # a formula set large is no title
        elif tag == "blockquote":
            self.flush()
            inner = self._inner(element, depth)
            if inner.blocks:
                self.blocks.append("\n".join(f"> {line}".rstrip() for line in "\n\n".join(inner.blocks).split("\n")))
        elif tag == "code":
            self._line.append(f"`{' '.join(''.join(element.itertext()).split())}`")
        elif tag in ("sup", "sub"):
            self._script(element, depth, _RAISED if tag == "sup" else _LOWERED)
        elif tag == "a" and self._link is not None:
            self._anchor(element, depth, self._link)
        elif tag in _BLOCK:
            self.flush()
            self._children(element, depth)
            self.flush()
        else:
            self._children(element, depth)

    def _children(self, element: Any, depth: int) -> None:
        self._text(element.text)
        for child in element:
            self.block(child, depth + 1)
            self._text(child.tail)

    def _text(self, text: str | None) -> None:
        if text:
            self._line.append(text)

    def _inner(self, element: Any, depth: int) -> _Writer:
        inner = _Writer(pictures=self._pictures, link=self._link)
        inner._children(element, depth)
        inner.flush()
        return inner

    def _script(self, element: Any, depth: int, table: dict[int, int]) -> None:
        """10<sup>-3</sup> must not become 10-3: digits are raised as characters."""
        words = "".join(element.itertext()).strip()
        if words and all(ord(character) in table for character in words):
            self._line.append(words.translate(table))
        else:
            self._children(element, depth)

    def _anchor(self, element: Any, depth: int, link: Link) -> None:
        if not "".join(element.itertext()).strip() and not self._pictures:
            return  # a linked picture: a badge or a thumbnail
        target = link(element.get("href") or "")
        before = len(self.blocks)
        held, self._line = self._line, []
        self._children(element, depth)
        words = _SPACE.sub(" ", "".join(self._line)).strip()
        if target and words and len(self.blocks) == before and not re.search(r"[\[\]\ue000]", words):
            self._line = [words if words == target else f"[{words}]({target.replace(')', '%29')})"]
        self._line = held + self._line

    def _image(self, element: Any) -> None:
        caption = (element.get("data-caption") or element.get("alt") or "").strip()
        figure = next(element.iterancestors("figure"), None)
        if figure is not None and caption and any(caption in "".join(c.itertext()) for c in figure.iter("figcaption")):
            caption = ""  # said below the picture
        named = len(caption) > 3 and not re.fullmatch(
            r"[\w.-]+\.(?:png|jpe?g|gif|webp|svg)|图片|image|img", caption, re.I
        )
        source = next((url for url in map(element.get, _SOURCES) if url and url.startswith("http")), None)
        if self._pictures and source:
            words = re.sub(r"[\[\]\s]+", " ", caption) if named else ""
            self._line.append(f"![{words}]({source.replace(' ', '%20').replace(')', '%29')})")
        elif named:
            self._line.append(f" {caption} ")

    def _code(self, element: Any) -> None:
        """A fence; Hexo's two-column table holds line numbers first, and one ``code`` a line is WeChat's way."""
        cells = element.xpath('.//td[contains(@class,"code")]//pre') or (
            [element] if element.tag == "pre" else element.xpath(".//pre")
        )
        lines = []
        for cell in cells:
            for broken in cell.iter("br"):
                broken.tail = "\n" + (broken.tail or "")
            rows = cell.xpath('./code | ./span[contains(@class,"line")]')
            if len(rows) > 1 and not any("\n" in (row.tail or "") for row in rows[:-1]):
                lines.append("\n".join("".join(row.itertext()) for row in rows))
            else:
                lines.append("".join(cell.itertext()))
        code = "\n".join(lines).strip("\n").rstrip()
        if code.strip():
            fence = "```" if "```" not in code else "~~~~"
            self.blocks.append(f"{fence}\n{code}\n{fence}")

    def _table(self, element: Any) -> None:
        rows = [[_inline(cell) for cell in row if cell.tag in ("td", "th")] for row in element.iter("tr")]
        rows = [row for row in rows if any(row)]
        if not rows:
            return
        width = max(len(row) for row in rows)
        if width == 1:  # a table used for layout
            self.blocks.extend(row[0] for row in rows)
            return
        lines = [
            "| " + " | ".join(cell.replace("|", "\\|") for cell in row + [""] * (width - len(row))) + " |"
            for row in rows
        ]
        self.blocks.append("\n".join([lines[0], "|" + " --- |" * width, *lines[1:]]))

    def _list(self, element: Any, depth: int) -> None:
        lines: list[str] = []
        for number, item in enumerate((child for child in element if child.tag == "li"), start=1):
            inner = self._inner(item, depth + 1)
            mark = f"{number}. " if element.tag == "ol" else "- "
            for position, block in enumerate(inner.blocks):
                first, *rest = block.split("\n")
                indent = " " * len(mark)
                lines.append((mark if position == 0 else indent) + first)
                lines.extend(indent + line for line in rest)
        if lines:
            self.blocks.append("\n".join(lines))


def _inline(element: Any) -> str:
    inner = _Writer()
    inner._children(element, 1)
    inner.flush()
    return " ".join(" ".join(inner.blocks).split())


def _classes(element: Any) -> list[str]:
    return (element.get("class") or "").split()


def _tex(element: Any, tag: str) -> str:
    """Return the TeX an element was drawn from: Zhihu and WeChat attributes, KaTeX, MathJax, MathML with its source."""
    found = element.get("data-tex") or element.get("data-formula") or ""
    if tag == "img" and (element.get("eeimg") or "equation" in _classes(element)):
        found = element.get("alt") or ""
    elif tag == "script" and (element.get("type") or "").startswith("math/tex"):
        found = element.text or ""
    elif tag == "math" or "katex" in _classes(element):
        sources = element.xpath('.//annotation[contains(@encoding, "tex")]')
        found = "".join(sources[0].itertext()) if sources else element.get("alttext") or ""
    return " ".join(found.replace("$", " ").split())


def _hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style


def _is_code_figure(element: Any) -> bool:
    return (
        element.tag in ("figure", "div")
        and "highlight" in (element.get("class") or "").split()
        and bool(element.xpath(".//pre"))
    )
