"""Spans of a stored Markdown text: lines, runs of list items, what a lead-in leads to. Knows text, no question."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from index.terms import FORMULA

LONGEST_RUN = 1200  # characters of a list that is quoted whole
_MAX_RUN = 12
_COUNT = re.compile(r"[（(]?(\d{1,2})(?:、|[)）]|\.(?=\s))")
_LONGEST_COUNTED = 800  # characters
_LONGEST_BLOCK = 600  # characters of the code, formula or table that a lead-in brings along
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)、])[ \t]+|[ \t]*\|")
_MARK = re.compile(r"[ \t]*(?:(?:[-*+>]|\d{1,3}[.)、])[ \t]+)*")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.M)
_LABEL = re.compile(  # "1、兴登堡飞艇", alone in its paragraph and no item of a list: as good as a heading, as WeChat has none
    r"(?:\A|\n\n)(?P<label>\d{1,2}、[^\n。！？；!?：:]{2,60}。?)(?=\n\n(?!\s*\d{1,2}[、.]))"
)
_LEADS = re.compile(r"(?:[:：]|(?:如下|as follows|the following)[^。.，,]{0,8}[。.:：]?)[\s*_]*$", re.I)
_BLOCK = re.compile(r"(?P<code>```|~~~)|(?P<math>\$\$)")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.M)


def is_item(text: str, position: int) -> bool:
    """Return whether the line at ``position`` is an item of a list or a row of a table."""
    return _ITEM.match(text, line_start(text, position)) is not None


def line_start(text: str, position: int) -> int:
    """Return where the line begins that holds ``position``."""
    return text.rfind("\n", 0, max(position, 0)) + 1


def line_end(text: str, position: int) -> int:
    """Return where the line ends that holds ``position``."""
    found = text.find("\n", position)
    return len(text) if found < 0 else found


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without the white space at its ends."""
    span = text[start:end]
    return start + len(span) - len(span.lstrip()), end - (len(span) - len(span.rstrip()))


def run(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the whole run of list items that a span stands in."""
    first, last = line_start(text, start), line_end(text, end)
    for _ in range(_MAX_RUN):
        above = line_start(text, first - 1) if first > 0 else first
        if above == first or not _ITEM.match(text, above) or end - above > LONGEST_RUN:
            break
        first = above
    for _ in range(_MAX_RUN):
        below = line_end(text, last + 1) if last < len(text) else last
        if below == last or not _ITEM.match(text, last + 1) or below - first > LONGEST_RUN:
            break
        last = below
    return trimmed(text, first, last)


def leads(sentence: str) -> bool:
    """Return whether a sentence only announces what follows it ("You can install it with:", "公式如下。")."""
    return _LEADS.search(sentence.rstrip()) is not None


def with_what_follows(text: str, end: int) -> int | None:
    """Return the end of the code, formula, list or table that begins right after ``end``; None where there is none."""
    place = end
    while place < len(text) and text[place].isspace():
        place += 1
    if place - end > 4 or place >= len(text):
        return None
    if block := _BLOCK.match(text, place):
        closed = text.find(block.group(), block.end())
        stop = closed + len(block.group()) if closed >= 0 else -1
        return stop if 0 <= stop - place <= _LONGEST_BLOCK else None
    if _ITEM.match(text, place):
        return run(text, place, line_end(text, place))[1]
    return _counted(text, place)


def end_with_what_follows(text: str, start: int, end: int) -> int:
    """Return the end of a span with what it leads to, where it is a lead-in and leads to something."""
    return (with_what_follows(text, end) if leads(text[start:end]) else None) or end


def _counted(text: str, place: int) -> int | None:
    """Return the end of paragraphs that count from one on ("1、……", "2、……"); None where fewer than two do, or they are long."""
    first, end, wanted = place, None, 1
    while (found := _COUNT.match(text, place)) and int(found[1]) == wanted and place - first < _LONGEST_COUNTED:
        end, wanted = line_end(text, place), wanted + 1
        place = end
        while place < len(text) and text[place].isspace():
            place += 1
    return end if end is not None and wanted > 2 and end - first <= _LONGEST_COUNTED else None


def counted_run(text: str, start: int) -> tuple[int, int] | None:
    """Return the span of the paragraphs that count on ("1、……", "2、……") around the one at ``start``; None where it is none of such."""
    place, found, wanted = line_start(text, start), None, 0
    while (count := _COUNT.match(text, place)) and int(count[1]) == (wanted or int(count[1])) and start - place < _LONGEST_COUNTED:
        found, wanted = place, int(count[1]) - 1
        if not wanted or not place:
            break
        place = line_start(text, len(text[:place].rstrip()))
    end = _counted(text, found) if found is not None else None
    return (found, end) if found is not None and end is not None and end > start else None


def heading_above(text: str, position: int) -> str:
    """Return the heading under which a position stands, "" for none."""
    first = max(0, position - 3000)
    at = position
    while (at := text.rfind("\n#", first, at)) >= 0:
        if match := _HEADING.match(text, at + 1, position):
            break
    else:
        match = _HEADING.match(text, 0, position) if not first else None
    labels = [label for label in _LABEL.finditer(text, match.end() if match else first, position) if label.end() <= position]
    return labels[-1]["label"] if labels else match.group(1) if match else ""


def is_label(text: str, start: int, end: int) -> bool:
    """Return whether a sentence is a numbered line of its own that the paragraphs after it stand under."""
    found = _LABEL.match(text, max(0, start - 2))
    return found is not None and end <= found.end("label") and not re.search("[，,。]", found["label"])


def opened(text: str, position: int) -> str:
    """Return the heading that a position stands directly under, "" where anything is between them."""
    line = line_start(text, position)
    if _MARK.fullmatch(text, line, position) is None:
        return ""
    above = text[max(0, line - 300) : line].rstrip().rsplit("\n", 1)[-1]
    match = _HEADING.fullmatch(above)
    return match.group(1) if match else ""


def fences(text: str) -> list[int]:
    """Return where the lines stand that open and close blocks of code, in order."""
    return [match.start() for match in _FENCE.finditer(text)] if "```" in text or "~~~" in text else []


def formulas(text: str) -> list[tuple[int, int]]:
    """Return the spans of TeX, in order."""
    return [match.span() for match in FORMULA.finditer(text)] if "$" in text else []


def outside(start: int, end: int, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what is left of a span without those spans, which are in order."""
    left, at = [], start
    for first, last in spans[bisect_left(spans, start, key=lambda span: span[1]) :]:
        if first >= end:
            break
        left.append((at, max(at, first)))
        at = last
    return [span for span in (*left, (at, end)) if span[0] < span[1]]


def headings(text: str) -> frozenset[str]:
    """Return the words of every heading, without their numbers."""
    return frozenset(unnumbered(match.group(1)) for match in _HEADING.finditer(text))


def unnumbered(line: str) -> str:
    """Return a heading or an entry of a table of contents without marks and numbers, for comparison."""
    return re.sub(r"^[\W\d_一二三四五六七八九十]+|\W+$", "", line).lower()
