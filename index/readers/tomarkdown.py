"""An lxml element -> Markdown that keeps headings, lists, tables, code and TeX. Knows no site and picks no content.

Links and emphasis become their words, pictures only their caption or alt text: what remains can be quoted.
"""

from __future__ import annotations

import re
from typing import Any

_SKIP = frozenset(
    """script style noscript template svg button form input select textarea iframe object embed nav link meta
    head""".split()  # noqa: SIM905
)
_BLOCK = frozenset(
    """address article aside blockquote center dd details div dl dt fieldset figcaption figure footer header hr main p
    section summary ul ol li table pre h1 h2 h3 h4 h5 h6 body html tbody thead tr""".split()  # noqa: SIM905
)
_MAX_DEPTH = 200  # deeper than any page a person made; below it only the words are kept
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def to_markdown(element: Any) -> str:
    """Return the Markdown of an element, blocks divided by one blank line."""
    writer = _Writer()
    writer.block(element, 0)
    writer.flush()
    return _BLANK_LINES.sub("\n\n", "\n\n".join(writer.blocks)).strip()


class _Writer:
    def __init__(self) -> None:
        self.blocks: list[str] = []
        self._line: list[str] = []

    def flush(self, prefix: str = "") -> None:
        """End the running paragraph."""
        text = "\n".join(_SPACE.sub(" ", line).strip() for line in "".join(self._line).split("\ue000")).strip()
        self._line.clear()
        if text:
            self.blocks.append(prefix + text)

    def block(self, element: Any, depth: int) -> None:
        """Write one element with its children."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if not tag or tag in _SKIP or _hidden(element):
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
            self.flush("#" * int(tag[1]) + " ")
        elif tag == "blockquote":
            self.flush()
            inner = _Writer()
            inner._children(element, depth)
            inner.flush()
            if inner.blocks:
                self.blocks.append("\n".join(f"> {line}".rstrip() for line in "\n\n".join(inner.blocks).split("\n")))
        elif tag == "code":
            self._line.append(f"`{' '.join(''.join(element.itertext()).split())}`")
        elif element.get("data-tex") or element.get("data-formula"):
            self._line.append(f" ${(element.get('data-tex') or element.get('data-formula')).strip()}$ ")
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

    def _image(self, element: Any) -> None:
        tex = element.get("alt") if element.get("eeimg") or "equation" in (element.get("class") or "") else None
        caption = (element.get("data-caption") or element.get("alt") or "").strip()
        if tex:
            self._line.append(f" ${tex.strip()}$ ")
        elif len(caption) > 3 and not re.fullmatch(
            r"[\w.-]+\.(?:png|jpe?g|gif|webp|svg)|图片|image|img", caption, re.I
        ):
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
            inner = _Writer()
            inner._children(item, depth + 1)
            inner.flush()
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


def _hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style


def _is_code_figure(element: Any) -> bool:
    return (
        element.tag in ("figure", "div")
        and "highlight" in (element.get("class") or "").split()
        and bool(element.xpath(".//pre"))
    )
