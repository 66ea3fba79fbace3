"""A model's growing text -> whole sentences, with the citation marks that belong to them. Knows marks, no passage."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.questions import content_terms

_MARK_LENGTH = 24  # characters that a citation mark may still need after the end of its sentence
_END = re.compile(
    r"(?:[。！？!?]+|(?<!\d)(?<!\b[A-Z])(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\bvs)\.(?=\s|[\[［【(（”\"’]|$)|(?<=\d)\.(?=\s+\D|[\[［【]))"
    r"[”’」』）)\]\"']*(?:\s*[\[［【(（]\s*(?:refs?[^\]］】)）\n]{0,20}|\d{1,3}(?:\s*[,，]\s*\d{1,3})*)[\]］】)）])*|\n+",
    re.I,
)
_OPEN = re.compile(r"\s*[\[［【(（][^\]］】)）\n]*$")
_LEAD = re.compile(r"[:：]\s*$")
_MARK = re.compile(
    r"\s*[\[［【(（]\s*(?:refs?\.?\s*[#:]?\s*)?(\d{1,3}(?:\s*(?:[,，、;]|and|和)\s*(?:refs?\.?\s*[#:]?\s*)?\d{1,3})*)\s*[\]］】)）]",
    re.I,
)
_LEADING = re.compile(rf"(?:{_MARK.pattern})+", re.I)


def split(pieces: Iterator[str]) -> Iterator[str]:
    """Yield whole sentences as soon as they are whole; a lead-in ("as follows:") goes with what it leads to."""
    held = ""
    for piece in pieces:
        held += piece
        while (end := _whole(held)) is not None:
            yield held[:end]
            held = held[end:]
    while (end := _whole(held, last=True)) is not None:
        yield held[:end]
        held = held[end:]
    if held.strip():
        yield held


def _whole(held: str, *, last: bool = False) -> int | None:
    """Return where the first sentence ends, or None when what comes next may still belong to it."""
    for match in _END.finditer(held):
        before, after = held[: match.start()], held[match.end() :]
        if not content_terms(before) or (match.group().startswith("\n") and _LEAD.search(before)):
            continue
        if last:
            return match.end() if after.strip() else None
        if not after.strip() or (_OPEN.match(after) and len(after) < _MARK_LENGTH):
            return None
        # the line break that follows tells how the next sentence begins, so it stays with that one
        return match.start() if match.group().startswith("\n") else match.end()
    return None


def marks(sentence: str) -> tuple[str, list[int]]:
    """Return a sentence without its citation marks, and the numbers they held, in order."""
    found: list[int] = []

    def take(match: re.Match[str]) -> str:
        # (3) and （三） are words of the sentence unless they say "ref"; [3] is a model's short way to cite
        if match.group().lstrip()[0] in "(（" and "ref" not in match.group().lower():
            return match.group()
        found.extend(int(number) for number in re.findall(r"\d+", match.group(1)))
        return ""

    words = _MARK.sub(take, sentence)
    return re.sub(r"\s+([.。!！?？,，])", r"\1", words).strip(), list(dict.fromkeys(found))


class Marks:
    """Which passages each sentence of one text cites.

    A mark stands behind its sentence; or, in the whole of a text that begins with one, before it: small models copy the
    form of the passages they are shown (Qwen2.5 1.5B and 0.5B do so in a third of their answers).
    """

    def __init__(self) -> None:
        self._before: bool | None = None
        self._held: list[int] = []

    def of(self, raw: str) -> tuple[str, list[int]]:
        """Return a sentence without its marks, and the numbers that it cites; to be called in the order of the text."""
        words, numbers = marks(raw)
        lead = _LEADING.match(raw)
        if self._before is None:
            self._before = bool(lead and "ref" in lead.group().lower())
        if not self._before:
            return words, numbers
        own = marks(lead.group())[1] if lead else []
        behind = [number for number in marks(raw[lead.end() if lead else 0 :])[1] if number not in own]
        own = own or self._held
        self._held = behind or own  # until the next mark
        return words, own
