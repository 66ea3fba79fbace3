"""What the API answers with, as typed documents for /openapi.json and for the tools' schemas. Makes none of them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

Number = int | float


class Citation(BaseModel):
    """One numbered source; `quote` equals the characters `start` to `end` of the reference's stored text."""

    number: int
    reference: int
    url: str
    title: str
    topic: list[str]
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


class Unread(BaseModel):
    """A reference nobody could read that looks relevant by its title, with the way to rescue it."""

    reference: int
    url: str
    title: str
    reason: str
    hint: str | None


class Sentence(BaseModel):
    """One sentence that a model wrote, and what it stands on."""

    text: str
    support: Literal["supported", "weak", "unsupported"]
    citations: list[int]


class Answer(BaseModel):
    """An answer; a marker such as [1] is a citation only where `citations` has its number."""

    answer: str
    refused: bool
    mode: str
    model: str | None
    citations: list[Citation]
    unread: list[Unread]
    snapshot: str
    milliseconds: dict[str, float]
    sentences: list[Sentence] | None = None
    removed_citations: int | None = None


class Reference(BaseModel):
    """One link of the list with what became of it."""

    number: int
    url: str
    title: str
    topic: list[str]
    note: str | None
    outcome: str
    reason: str | None
    hint: str | None
    final_url: str | None
    http_status: int | None
    reader: str | None
    characters: int
    passages: int
    fetched_at: str | None
    site: str
    author: str | None
    published: str | None
    language: str | None
    duplicate_of: int | None
    stored_url: str


class References(BaseModel):
    """Every reference of the snapshot, in list order."""

    snapshot: str
    references: list[Reference]


class StoredReference(Reference):
    """One reference with its stored text: what was read, or the list's own words where nothing was."""

    text: str


class Found(BaseModel):
    """One passage that a search found; `text` equals the characters `start` to `end` of the reference's stored text."""

    reference: int
    url: str
    title: str
    topic: list[str]
    site: str
    outcome: str
    text: str
    start: int
    end: int
    score: float
    passage_url: str
    stored_url: str


class SearchResult(BaseModel):
    """The passages nearest to a question, best first."""

    snapshot: str
    passages: list[Found]


class Status(BaseModel):
    """The report of the build that the current index came from."""

    snapshot: str
    lists: list[str]
    references: int
    outcomes: dict[str, int]
    items: list[dict[str, Any]]
    changes: dict[str, int]
    embedded_passages: int
    reused_passages: int
    seconds: dict[str, Number]


class Health(BaseModel):
    """Alive, ready to answer, and from which snapshot."""

    status: Literal["ok"]
    ready: bool
    snapshot: str
    snapshot_age_seconds: float | None


class ErrorDetail(BaseModel):
    """What went wrong and what to do."""

    type: str
    message: str
    hint: str | None = None


class Error(BaseModel):
    """The shape of every error outside /v1."""

    error: ErrorDetail


class WireErrorDetail(BaseModel):
    """An error as OpenAI's clients read it."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class WireError(BaseModel):
    """The shape of every error under /v1."""

    error: WireErrorDetail
