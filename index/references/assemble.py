"""Blocks -> references: which words are a link's title, topic and note. Knows no format.

Three habits are understood: an address on a line of its own with its title in the next line (or in the line before,
where the whole section does so); links inside list items; links inside running text. A quote belongs to the link
it follows, or, at the start of a section, to the link that follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.records import Reference
from index.references.blocks import Block, Kind, Span

_GENERIC = re.compile(
    r"(?:the )?(?:paper|pdf|code|link|links|url|project(?: page)?|page|website|web|site|homepage|home|data|dataset|slides?"
    r"|ppt|video|demo|blog|post|here|github|arxiv|abs|html|supp(?:lementary)?|poster|talk|source|read more|more|download"
    r"|doi|bib(?:tex)?|model|weights|论文|代码|链接|地址|网址|项目|主页|数据|数据集|幻灯片|视频|博客|原文|下载|这里|点击"
    r"|详情|源码|文章|\W*|\d{1,3})s?",
    re.I,
)
_EDGES = " \t\n-–—:：,，.。;；|·*_[]"
_LABEL = re.compile(r"[:：]\s*$")


@dataclass(slots=True)
class _Draft:
    url: str
    title: str = ""
    topic: tuple[str, ...] = ()
    note: str | None = None


def assemble(blocks: Sequence[Block]) -> tuple[Reference, ...]:
    """Return the references of a list in reading order, numbered from 1."""
    drafts: list[_Draft] = []
    path: list[tuple[int, str]] = []
    section: list[Block] = []
    for block in [*blocks, None]:
        if block is not None and block.kind is not Kind.HEADING:
            section.append(block)
            continue
        drafts.extend(_section(section, tuple(title for _, title in path if title)))
        section = []
        if block is not None:
            path = [entry for entry in path if entry[0] < block.level]
            drafts.extend(
                _Draft(span.href or "", _squeeze(span.text), tuple(t for _, t in path if t)) for span in block.links
            )
            path.append((block.level, block.text))
    return tuple(
        Reference(number, draft.url, draft.title or draft.url, draft.topic, draft.note)
        for number, draft in enumerate(drafts, start=1)
    )


def _section(blocks: Sequence[Block], topic: tuple[str, ...]) -> list[_Draft]:
    drafts: list[_Draft] = []
    before = _titles_stand_before(blocks)
    waiting: _Draft | None = None  # a bare address whose title is still to come
    early_note: str | None = None
    previous_text = ""
    for block in blocks:
        found = list(_drafts(block, topic))
        if found:
            if before and _is_bare_line(block) and previous_text:
                found[0].title = previous_text
            if early_note and not drafts:
                found[0].note = found[0].note or early_note
            early_note = None
            drafts.extend(found)
            waiting = found[-1] if not before and block.kind is not Kind.QUOTE and not found[-1].title else None
            previous_text = ""
        elif block.kind is Kind.QUOTE:
            if drafts and drafts[-1].note is None:
                drafts[-1].note = block.text or None
            elif drafts:
                drafts[-1].note = f"{drafts[-1].note}\n{block.text}"
            else:
                early_note = "\n".join(part for part in (early_note, block.text) if part)
            waiting = None
        elif block.text:
            if waiting is not None:
                waiting.title = block.text
                waiting = None
            previous_text = block.text
    return drafts


def _is_bare_line(block: Block) -> bool:
    return len(block.links) == 1 and block.links[0].bare and not block.words


def _titles_stand_before(blocks: Sequence[Block]) -> bool:
    """Whether every bare address of the section has its title before it and none after the last."""
    line = [_is_bare_line(block) for block in blocks if block.kind is not Kind.QUOTE and (block.links or block.text)]
    return len(line) >= 2 and len(line) % 2 == 0 and line == [False, True] * (len(line) // 2)


def _drafts(block: Block, topic: tuple[str, ...]) -> Iterator[_Draft]:
    if block.kind is Kind.QUOTE:
        for span, lead in _with_lead(block):
            note = re.sub(rf"\s*{re.escape(lead)}\s*[:：]?$", "", block.words) if lead and span.bare else block.words
            yield _Draft(span.href or "", lead if span.bare else _squeeze(span.text), topic, note or None)
    elif block.kind is Kind.ITEM or not any(span.bare for span in block.links):
        yield from _linked(block, topic)
    else:
        yield from _lined(block, topic)


def _linked(block: Block, topic: tuple[str, ...]) -> Iterator[_Draft]:
    """Links in an item or in running text: a telling link text is the title, the item's other words are the note."""
    words = block.words.strip(_EDGES)
    for span in block.links:
        own = "" if span.bare else _squeeze(span.text).strip("[]").strip()
        if _GENERIC.fullmatch(own) and words:
            yield _Draft(span.href or "", words + (f" [{own}]" if own else ""), topic)
        else:
            note = words if block.kind is Kind.ITEM and words and words != own else None
            yield _Draft(span.href or "", own, topic, note)


def _lined(block: Block, topic: tuple[str, ...]) -> Iterator[_Draft]:
    """A paragraph with bare addresses: line by line, the title in the same line, in the next, or in the one before."""
    lines = _lines(block)
    first_is_link = bool(lines) and any(span.href for span in lines[0])
    pending: _Draft | None = None
    previous = ""
    for line in lines:
        links = [span for span in line if span.href is not None]
        words = " ".join("".join(span.text for span in line if span.href is None).split()).strip(_EDGES)
        if not links:
            if pending is not None and first_is_link:
                pending.title, pending = words, None
            previous = words
            continue
        for span in links:
            title = ("" if span.bare else _squeeze(span.text)) or words or ("" if first_is_link else previous)
            draft = _Draft(span.href or "", title, topic)
            pending = draft if not draft.title else None
            yield draft
        previous = ""


def _with_lead(block: Block) -> Iterator[tuple[Span, str]]:
    """Yield each link of a quote with the label right before it ("主页：http://…"), if there is one."""
    for line_before, line in zip([[], *_lines(block)], _lines(block), strict=False):
        for span in line:
            if span.href is not None:
                same = "".join(other.text for other in line if other.href is None).strip()
                above = "".join(other.text for other in line_before if other.href is None).strip()
                lead = same or (above if _LABEL.search(above) else "")
                yield span, _squeeze(lead).strip(_EDGES)


def _lines(block: Block) -> list[list[Span]]:
    lines: list[list[Span]] = [[]]
    for span in block.spans:
        if span.href is not None:
            lines[-1].append(span)
            continue
        first, *others = span.text.split("\n")
        lines[-1].append(Span(first))
        lines.extend([Span(part)] for part in others)
    return [line for line in lines if any(span.href is not None or span.text.strip() for span in line)]


def _squeeze(text: str) -> str:
    return " ".join(text.split())
