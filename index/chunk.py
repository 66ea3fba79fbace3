"""Article -> passages with true offsets. Knows Markdown's block structure, no site and no model.

Passages hold whole sentences of one section (small neighbours are joined): at most 360 units, where a Han character
is 1 unit and any other 0.4, so about 360 Chinese or 900 English characters, the best of the sizes measured. A section
is cut into equal parts, so that no stump is left, and neighbours inside a section share one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.records import Passage, Sentence
from index.terms import FORMULA, HAN

MAX_UNITS = 360.0
MIN_UNITS = 200.0
_OTHER_WEIGHT = 0.4
_MAX_SENTENCE = 600  # characters; a longer run without an end is cut at a comma or space

_HAN = re.compile(f"[{HAN}\u3000-\u303f\uff00-\uffef]")
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"[ \t]*(```+|~~~+)")
_RULE = re.compile(r"[ \t]*(?:[-*_=][ \t]*){3,}$|[ \t]*\|?[ \t:|-]*-{2,}[ \t:|-]*\|?[ \t]*$")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)、])[ \t]+|[ \t]*\||[ \t]*>")
_END = re.compile(r"[。！？；…]+[”’」』）)\]\"']*|[.!?]+[”’)\]\"']*(?=\s|$)")
_STOP = re.compile(r"[。！？]")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|et al|cf|vs|Fig|Figs|Eq|Sec|Dr|Mr|Mrs|Prof|No|St|al|approx|resp)|\b[A-Z]|^\s*\d{1,3})$"
)
_MIDST = "，、"  # with which no sentence ends: articles on WeChat often have a line for each clause
_PICTURE = re.compile(r"!\[([^\]\n]*)\]\([^)\n]*\)")
_PICTURES_ONLY = re.compile(r"(?:\s*!\[\]\([^)\n]*\))+\s*")
_LINK = re.compile(r"(?<!!)\[([^\[\]\n]*)\]\(https?:[^)\n]*\)")
_SOFT_END = re.compile(r"[，,、;；:：\s](?!.*[，,、;；:：\s])", re.S)


@dataclass(slots=True)
class _Section:
    heading: tuple[str, ...]
    sentences: list[Sentence] = field(default_factory=list)


def units(text: str) -> float:
    """Return the size of a text: 1 for a Han character, 0.4 for any other; addresses of pictures and links weigh nothing."""
    if "](" in text:
        text = _LINK.sub(r"\1", _PICTURE.sub(r"\1", text))
    han = len(_HAN.findall(text))
    return han + _OTHER_WEIGHT * (len(text) - han)


def chunk(text: str) -> list[Passage]:
    """Cut an article's Markdown into passages, in reading order; a blank text gives none."""
    passages: list[Passage] = []
    for section in _join_small(text, _sections(text)):
        passages.extend(_cut(text, section))
    return passages


def _sections(text: str) -> list[_Section]:
    path: list[tuple[int, str]] = []
    sections = [_Section(())]
    broken = False  # whether the block before ends in the midst of a sentence
    for kind, start, end in _blocks(text):
        unfinished, broken = broken, False
        if kind == "heading":
            match = _HEADING.match(f"{text[start:end]} ")  # a heading without words ends before its blank
            assert match is not None
            level = len(match.group(1))
            path = [entry for entry in path if entry[0] < level] + [(level, match.group(2).strip())]
            sections.append(_Section(tuple(title for _, title in path if title)))
        elif _PICTURES_ONLY.fullmatch(text, start, end):
            continue  # a picture without words is nothing to quote
        elif kind == "code":
            sections[-1].sentences.extend(_pieces(text, start, end))
        else:
            found, item = sentences(text, start, end), _ITEM.match(text, start)
            if unfinished and not item and found and found[0].end - sections[-1].sentences[-1].start <= _MAX_SENTENCE:
                found[0] = Sentence(sections[-1].sentences.pop().start, found[0].end)
            sections[-1].sentences.extend(found)
            broken = bool(found) and not item and text[found[-1].end - 1] in _MIDST
    kept = [section for section in sections if section.sentences]
    if not kept and text.strip():  # nothing but headings: they are all there is to quote
        lines = [Sentence(match.start(), match.end()) for match in re.finditer(r"\S[^\n]*", text)]
        kept = [_Section((), [piece for line in lines for piece in _pieces(text, line.start, line.end)])]
    return kept


def _blocks(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start, end): headings, fenced code, list items or table rows, paragraphs."""
    fence: tuple[str, int] | None = None
    paragraph: int | None = None
    position = 0
    for line in text.splitlines(keepends=True):
        start, end = position, position + len(line.rstrip())
        position += len(line)
        opened = _FENCE.match(line)
        if fence:
            if opened and opened.group(1).startswith(fence[0]):
                yield "code", fence[1], end
                fence = None
            continue
        stops = not line.strip() or opened or _HEADING.match(line) or _ITEM.match(line) or _RULE.match(line)
        if stops and paragraph is not None:
            yield "text", paragraph, start
            paragraph = None
        if not line.strip():
            continue
        if opened:
            fence = (opened.group(1), start)
        elif _HEADING.match(line.rstrip("\n")):
            yield "heading", start, end
        elif _RULE.match(line):
            continue
        elif paragraph is None:
            paragraph = start
    if fence:
        yield "code", fence[1], len(text)
    elif paragraph is not None:
        yield "text", paragraph, len(text)


def sentences(text: str, start: int, end: int) -> list[Sentence]:
    """Return the sentences in ``text[start:end]``, without surrounding blanks; none is longer than 600 characters.

    A formula is not cut at a stop inside it ("s.t.").
    """
    found: list[Sentence] = []
    begin = start
    tex = [match.span() for match in FORMULA.finditer(text, start, end)] if "$" in text[start:end] else []
    tex = [(first, last) for first, last in tex if _STOP.search(text, first, last) is None]  # two stray signs are none
    for match in _END.finditer(text, start, end):
        if any(first < match.start() < last for first, last in tex):
            continue
        ends_with_stop = match.group().startswith(".")
        if (
            ends_with_stop
            and match.group() == "."
            and _ABBREVIATION.search(text[max(begin, match.start() - 12) : match.start()])
        ):
            continue
        found.extend(_pieces(text, begin, match.end()))
        begin = match.end()
    found.extend(_pieces(text, begin, end))
    return found


def _pieces(text: str, start: int, end: int) -> Iterator[Sentence]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > _MAX_SENTENCE:
        soft = _SOFT_END.search(text, start + _MAX_SENTENCE // 2, start + _MAX_SENTENCE)
        cut = soft.end() if soft else start + _MAX_SENTENCE
        yield Sentence(start, start + len(text[start:cut].rstrip()))
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    if start < end:
        yield Sentence(start, end)


def _size(text: str, found: list[Sentence]) -> float:
    return sum(units(text[sentence.start : sentence.end]) for sentence in found)


def _join_small(text: str, sections: list[_Section]) -> list[_Section]:
    joined: list[_Section] = []
    size = 0.0
    for section in sections:
        own = _size(text, section.sentences)
        if joined and min(size, own) < MIN_UNITS and size + own <= MAX_UNITS:
            joined[-1].sentences.extend(section.sentences)
            joined[-1].heading = _common(joined[-1].heading, section.heading)
            size += own
        else:
            joined.append(section)
            size = own
    return joined


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    shared = 0
    while shared < min(len(first), len(second)) and first[shared] == second[shared]:
        shared += 1
    return first[: max(shared, 1)] if first else second


def _cut(text: str, section: _Section) -> Iterator[Passage]:
    sizes = [units(text[sentence.start : sentence.end]) + _OTHER_WEIGHT for sentence in section.sentences]
    rest = sum(sizes)
    shared = rest / len(sizes)  # what an overlap adds to each part, on average
    parts = 1 if rest <= MAX_UNITS else -(-rest // max(MAX_UNITS - shared, MAX_UNITS / 2))
    target = (rest + (parts - 1) * shared) / parts
    held: list[int] = []
    size = 0.0
    for i, own in enumerate(sizes):
        if held and size + own > MAX_UNITS:
            yield _passage(text, section, held)
            overlap = (
                held[-1]
                if len(held) > 1 and sizes[held[-1]] + own <= MAX_UNITS and sizes[held[-1]] < MAX_UNITS / 3
                else None
            )
            held, size = ([overlap], sizes[overlap]) if overlap is not None else ([], 0.0)
        held.append(i)
        size += own
        rest -= own
        if size >= target and rest >= MIN_UNITS:
            yield _passage(text, section, held)
            overlap = i if len(held) > 1 and own < MAX_UNITS / 3 else None
            held, size = ([overlap], own) if overlap is not None else ([], 0.0)
    if held:
        yield _passage(text, section, held)


def _passage(text: str, section: _Section, held: list[int]) -> Passage:
    chosen = tuple(section.sentences[i] for i in held)
    start, end = chosen[0].start, chosen[-1].end
    return Passage(start, end, text[start:end], section.heading, chosen)
