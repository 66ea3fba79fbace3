"""What a question comes back with. Knows nobody but index.records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

_PIECE = 24  # characters


@dataclass(frozen=True, slots=True)
class Citation:
    """One numbered source of an answer: ``quote == stored_text[start:end]`` of reference ``reference`` (law 2).

    ``page`` is the page of a PDF, from 1; it stands in the JSON only where there is one.
    """

    number: int
    reference: int
    url: str
    title: str
    topic: tuple[str, ...]
    site: str
    author: str | None
    published: str | None
    fetched_at: str | None
    outcome: str
    quote: str
    start: int
    end: int
    passage_url: str
    stored_url: str
    score: float
    page: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's citation."""
        document = _plain(self) | {"topic": list(self.topic)}
        if self.page is None:
            del document["page"]
        return document


@dataclass(frozen=True, slots=True)
class UnreadReference:
    """A reference nobody could read, offered because the list's own words make it look relevant."""

    reference: int
    url: str
    title: str
    reason: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """One passage that a search found: ``text == stored_text[start:end]`` of reference ``reference``."""

    reference: int
    url: str
    title: str
    topic: tuple[str, ...]
    site: str
    outcome: str
    text: str
    start: int
    end: int
    score: float
    passage_url: str
    stored_url: str

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return _plain(self) | {"topic": list(self.topic)}


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """One sentence a model wrote: what it stands on ("supported", "weak", "unsupported"), and its citations' numbers."""

    text: str
    support: str
    citations: tuple[int, ...]


class Piece(str):
    """A piece of an answer's text, with the citations that are known by then: its markers lead somewhere at once."""

    __slots__ = ("citations",)
    citations: tuple[Citation, ...]

    def __new__(cls, text: str, citations: tuple[Citation, ...] = ()) -> Piece:
        """Return the text with its citations."""
        piece = super().__new__(cls, text)
        piece.citations = citations
        return piece


def pieces_of(text: str, citations: tuple[Citation, ...] = ()) -> Iterator[Piece]:
    """Yield a text that is whole already as pieces."""
    for start in range(0, len(text), _PIECE):
        yield Piece(text[start : start + _PIECE], citations)


class Reading(Piece):
    """No text yet: a language model was just given passages to read, which takes it a while on a small machine."""

    __slots__ = ("model", "passages", "titles")
    model: str
    passages: int
    titles: tuple[str, ...]

    @classmethod
    def of(cls, model: str, titles: Sequence[str]) -> Reading:
        """Return the sign that ``model`` reads passages of these titles, one each."""
        sign = cls("")
        assert isinstance(sign, Reading)
        sign.model, sign.passages, sign.titles = model, len(titles), tuple(dict.fromkeys(filter(None, titles)))
        return sign


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as the contract's JSON shows it; ``text`` is its ``answer`` field, with markers like ``[1]``.

    ``sentences`` and ``removed_citations`` tell how a model's answer was checked; both are shown in mode "model" only.
    """

    text: str
    refused: bool
    citations: tuple[Citation, ...]
    unread: tuple[UnreadReference, ...]
    snapshot: str
    mode: str = "extractive"
    model: str | None = None
    milliseconds: dict[str, float] = field(default_factory=dict)
    sentences: tuple[CheckedSentence, ...] = ()
    removed_citations: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the contract's document."""
        checked = {
            "sentences": [_plain(sentence) | {"citations": list(sentence.citations)} for sentence in self.sentences],
            "removed_citations": self.removed_citations,
        }
        return {
            "answer": self.text,
            "refused": self.refused,
            "mode": self.mode,
            "model": self.model,
            "citations": [citation.as_json() for citation in self.citations],
            "unread": [_plain(reference) for reference in self.unread],
            "snapshot": self.snapshot,
            "milliseconds": dict(self.milliseconds),
            **(checked if self.mode == "model" else {}),
        }


def _plain(record: Any) -> dict[str, Any]:
    """Return a record's fields by name; ``dataclasses.asdict`` copies every value deeply, which took as long as a search."""
    return {entry.name: getattr(record, entry.name) for entry in fields(record)}
