"""A question asked of the assistant, as HTML that grows, and conversations that a browser brings back.

Knows the assistant's stream, no component.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chat.draw import Turn, reading, streaming, turn
from chat.frame import QUESTION_LIMIT
from chat.words import say
from index.errors import CitebackError
from rag.filters import Filters
from rag.recall import recalled
from rag.records import Answer, Citation, Piece, Reading

if TYPE_CHECKING:
    from rag.assistant import Assistant

TURNS_SENT = 6
TURNS_KEPT = 40
PACE = 0.05  # seconds between two drawings of a growing answer: more is not seen, and each costs both sides

log = logging.getLogger(__name__)


def replies(
    assistant: Assistant,
    asked: str,
    said: Sequence[Turn],
    *,
    filters: Filters,
    language: str,
    ticket: int = 0,
    rescue: bool = False,
) -> Iterator[tuple[str, Turn]]:
    """Yield the growing answer as HTML, each time with the turn as it would be kept if it stopped there."""
    place = len(said)

    def finished(entry: Turn) -> tuple[str, Turn]:
        return turn(entry, language, place, rescue=rescue), replace(entry, ticket=ticket)

    if len(asked) > QUESTION_LIMIT:
        yield finished(Turn(asked[:80] + "…", problem=say(language, "too_long", n=QUESTION_LIMIT)))
        return
    written = assistant.model_name is not None  # what stands in the sources is there at once, and is drawn once
    text, due = "", 0.0
    cited: tuple[Citation, ...] = ()
    try:
        pieces = assistant.stream(
            asked, history=history(said), topic=filters.topic, site=filters.site, language=filters.language,
            fully_read=filters.fully_read,
        )  # fmt: skip
        for piece in pieces:
            if isinstance(piece, Answer):
                yield finished(Turn(asked, piece, contexts=assistant.contexts(piece.citations)))
                continue
            if isinstance(piece, Reading):
                yield reading(asked, piece, language, place), Turn(asked, partial="", ticket=ticket)
                continue
            text += piece
            cited = piece.citations if isinstance(piece, Piece) else cited
            if not written or (time.monotonic() < due and "]" not in piece):  # a marker is shown as a link at once
                continue
            due = time.monotonic() + PACE
            yield streaming(asked, text, language, cited, place), Turn(asked, partial=text, cited=cited, ticket=ticket)
    except CitebackError as error:
        yield finished(Turn(asked, problem=str(error)))
    except Exception:  # whatever failed, the chat says a sentence and stays usable
        log.exception("unexpected error while answering")
        yield finished(Turn(asked, problem=say(language, "failed")))


def earlier(said: Sequence[Turn], detail: Mapping[str, Any]) -> list[Turn]:
    """Return the turns that a question comes after: ``at`` names the one whose place it takes; the oldest are forgotten."""
    at = detail.get("at")
    return list(said[:at] if isinstance(at, int) and 0 <= at < len(said) else said[-TURNS_KEPT:])


def halted(said: Sequence[Turn], detail: Mapping[str, Any]) -> list[Turn]:
    """Return the conversation after a stop: a question of which nothing had arrived yet stays, with its place, as stopped."""
    ticket = ticket_of(detail)
    if said and said[-1].ticket == ticket:
        return list(said)
    question = question_of(detail)[:QUESTION_LIMIT]
    return [*earlier(said, detail), *([Turn(question, partial="", ticket=ticket)] if question else [])]


def question_of(detail: Mapping[str, Any]) -> str:
    """Return what the page asks."""
    return str(detail.get("question") or "").strip()


def ticket_of(detail: Mapping[str, Any]) -> int:
    """Return the number under which the page asked, so that it knows which answer it sees."""
    ticket = detail.get("ticket")
    return ticket if isinstance(ticket, int) else 0


def history(said: Sequence[Turn]) -> tuple[dict[str, str], ...]:
    """Return the last answered turns as the assistant takes them."""
    done = [(entry.question, entry.answer.text) for entry in said if entry.answer is not None][-TURNS_SENT:]
    return tuple(
        {"role": role, "content": words}
        for question, answer in done
        for role, words in (("user", question), ("assistant", answer))
    )


def restored(kept: object, assistant: Assistant) -> list[Turn]:
    """Return the conversation that a browser kept; whatever in it is no turn is left out."""
    turns = []
    for line in kept[-TURNS_KEPT:] if isinstance(kept, list) else []:
        try:
            document: Any = json.loads(line)
        except (TypeError, ValueError, RecursionError):
            continue
        question = document.get("question") if isinstance(document, Mapping) else None
        if not isinstance(question, str) or not 0 < len(question) <= QUESTION_LIMIT:
            continue
        if answer := recalled(document, assistant):
            turns.append(Turn(question, answer, contexts=assistant.contexts(answer.citations)))
    return turns


def filters_of(detail: Mapping[str, Any]) -> Filters:
    """Return the filters that the page sends, nothing else it may hold."""

    def text(name: str) -> str | None:
        value = detail.get(name)
        return value[:500] if isinstance(value, str) and value.strip() else None

    return Filters(text("topic"), text("site"), text("language"), detail.get("fully_read") is True)
