"""PDF -> article with the offset at which each page begins, so that a citation can name its page. Knows no HTML.

Lines become paragraphs again; page numbers and running heads go; a page without text (a scan) makes the article partial.
pdfium read the same characters as the other libraries tried, ten times faster than the pure Python one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from index.readers.decode import composed
from index.readers.document import Document
from index.records import Article, Outcome, Unread
from index.terms import HAN, language

_MAX_PAGES = 2000
_FEWEST = 20  # characters of a page that holds text
_OCR = "run a text recognition program such as ocrmypdf on it, then `citeback add FILE --url URL`"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufeff]")
_BREAK = "\ufffe"  # pdfium's sign for a hyphen at the end of a line
_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:page\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?[-–—\s]*|第\s*\d+\s*页.{0,10}", re.I)
_NUMBERED = re.compile(
    r"(?:[0-9]{1,2}(?:\.[0-9]{1,2}){0,3}[.、]?|[IVX]{1,5}[.、]|[A-Z](?:\.[A-Z0-9]{1,2})+\.?|第[一二三四五六七八九十0-9]+[章节]|[一二三四五六七八九十]+、)\s*[^\W\d]"
)
_CONTENTS = re.compile(r"(?:\s?\.){5,}\s*\d*$")  # a line of a table of contents
_NAMED = re.compile(
    r"(?:abstract|introduction|background|related work|methods?|experiments?|results|discussion|conclusions?"
    r"|references|acknowledge?ments?|appendix)\s*:?|(?:摘\s*要|引\s*言|结\s*论|参考文献|致\s*谢)\s*[:：]?",
    re.I,
)
_ITEM = re.compile(r"(?:[-•·▪●○*]|\(\d+\)|\[\d+\]|\d{1,2}[.)])\s")
_BULLET = re.compile(r"[•·▪●○]\s*(?=\S)")
_END = re.compile(r"[.!?:;。！？：；…][\"”’)）\]]*$")
_CJK = re.compile(f"[{HAN}\u3000-\u303f\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class _Line:
    page: int
    text: str


class PdfReader:
    """Reads PDF files."""

    def accepts(self, document: Document) -> bool:
        """Tell by the first bytes."""
        return document.is_pdf

    def read(self, document: Document) -> Article | Unread:
        """Return the text of all pages, or why there is none."""
        import pypdfium2

        page = document.page
        try:
            opened = pypdfium2.PdfDocument(page.body)
        except pypdfium2.PdfiumError as error:
            locked = "password" in str(error).lower()
            return Unread(
                Outcome.UNSUPPORTED if locked else Outcome.FAILED,
                "the PDF is locked with a password" if locked else "the PDF is damaged and cannot be opened",
                "add an unlocked or whole copy: `citeback add FILE --url URL`", page.status, page.final_url,
            )  # fmt: skip
        try:
            about = opened.get_metadata_dict(skip_empty=True)
            total = len(opened)
            pages = [_page_text(opened, number) for number in range(min(total, _MAX_PAGES))]
        finally:
            opened.close()
        text, starts = _flow(_lines(pages), len(pages))
        empty = sum(len(words.strip()) < _FEWEST for words in pages)
        missing = empty * 2 > len(pages)
        reason: str | None = None
        if missing:
            reason = f"{empty} of {total} pages hold no text: they are scans or pictures"
        if total > _MAX_PAGES:
            reason, missing = f"the first {_MAX_PAGES} of {total} pages were read", True
        return Article(
            title=_title(about, text), text=text, reader="pdf", outcome=Outcome.PARTIAL if missing else Outcome.READ,
            author=_name(about.get("Author", "")), language=language(text[:4000]) if text else None, reason=reason,
            hint=(_OCR if empty else "open the original for the rest") if missing else None, page_starts=starts,
        )  # fmt: skip


def _page_text(opened: Any, number: int) -> str:
    import pypdfium2

    try:
        return composed(_CONTROL.sub("", str(opened[number].get_textpage().get_text_range()).replace("\r", "")))
    except pypdfium2.PdfiumError:  # a single damaged page; it counts as one without text
        return ""


def _lines(pages: Sequence[str]) -> list[_Line]:
    """The lines of all pages without page numbers and the heads and feet that most pages repeat."""
    words = Counter(word for text in pages for word in re.findall(r"[\w-]+", text.lower()))
    split = [[_unbroken(" ".join(line.split()), words) for line in text.split("\n") if line.strip()] for text in pages]
    edges = Counter(key for lines in split for key in {_shape(line) for line in lines[:2] + lines[-2:]})
    repeated = {key for key, count in edges.items() if count >= 3 and count * 2 > len(pages)}
    found = []
    for number, lines in enumerate(split):
        for position, line in enumerate(lines):
            at_edge = position < 2 or position >= len(lines) - 2
            frame = at_edge and (_shape(line) in repeated or _PAGE_NUMBER.fullmatch(line))
            if not frame and not _CONTENTS.search(line):
                found.append(_Line(number, line))
    return found


def _unbroken(line: str, words: Counter[str]) -> str:
    """Put a word cut at a line's end together: with its hyphen where the document writes both halves as words."""

    def decide(match: re.Match[str]) -> str:
        left, right = match.groups()
        one_word = words[f"{left}{right}".lower()] - words[f"{left}-{right}".lower()]
        halves = words[left.lower()] and words[right.lower()]
        return f"{left}{right}" if one_word > 0 or (one_word == 0 and not halves) else f"{left}-{right}"

    return re.sub(rf"(\w*){_BREAK}(\w*)", decide, line)


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line)


def _flow(lines: Sequence[_Line], pages: int) -> tuple[str, tuple[int, ...]]:
    """Join lines to paragraphs; return the text and the offset at which each page begins."""
    lengths = sorted(len(line.text) for line in lines if len(line.text) > 20)
    width = lengths[len(lengths) // 2] if lengths else 0
    parts: list[str] = []
    size = 0
    starts: list[int] = []
    previous = ""
    for line in lines:
        heading = _is_heading(line.text, width)
        ended = len(previous) < (0.9 if _END.search(previous) else 0.6) * width
        runs_on = not _END.search(previous) and re.match(r"[a-z]", line.text)
        bullet = _BULLET.match(line.text)
        if not previous:
            between = ""
        elif heading or _is_heading(previous, width) or _ITEM.match(line.text) or (ended and not runs_on):
            between = "\n\n"
        else:
            between = "" if previous.endswith("-") or (_CJK.match(previous[-1]) and _CJK.match(line.text[0])) else " "
        mark = "## " if heading else "- " if bullet else ""
        words = line.text[bullet.end() :] if bullet else line.text
        starts += [size + len(between)] * (line.page + 1 - len(starts))
        parts += [between, mark, words]
        size += len(between) + len(mark) + len(words)
        previous = line.text
    return "".join(parts), tuple((starts + [size] * pages)[:pages])


def _is_heading(line: str, width: int) -> bool:
    if _NAMED.fullmatch(line):
        return True
    short = 3 <= len(line) <= min(80, max(0.9 * width, 30))
    ends = _END.search(line.rstrip("?？")) or line.endswith((",", "，", "-"))
    wordy = re.search(r"[A-Z\u4e00-\u9fff]", line) and not re.search(r"[=<>∈∑]|\d{3}", line)
    return bool(short and not ends and wordy and _NUMBERED.match(line))


def _title(about: dict[str, str], text: str) -> str:
    stated = " ".join(about.get("Title", "").split())
    if len(stated) > 5 and not re.search(r"\.(?:docx?|tex|dvi|pdf|indd)$|^untitled|^microsoft word", stated, re.I):
        return stated[:200]
    return next((line.lstrip("# ")[:200] for line in text.split("\n") if len(line) > 10), "")


def _name(author: str) -> str | None:
    return " ".join(author.split())[:100] or None
