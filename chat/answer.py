"""A question asked of the assistant, as HTML that grows. Knows the assistant's stream, no component."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from chat.draw import Turn, streaming, turn
from chat.words import say
from index.errors import CitebackError
from rag.records import Answer

if TYPE_CHECKING:
    from rag.assistant import Assistant

QUESTION_LIMIT = 2000
TURNS_SENT = 6

log = logging.getLogger(__name__)


def replies(
    assistant: Assistant, asked: str, said: Sequence[Turn], *, topic: str | None, site: str | None, language: str
) -> Iterator[tuple[str, Turn | None]]:
    """Yield the growing answer as HTML, and with the last one the finished turn."""
    if len(asked) > QUESTION_LIMIT:
        entry = Turn(asked[:80] + "…", problem=say(language, "too_long", n=QUESTION_LIMIT))
        yield turn(entry, language), entry
        return
    yield streaming(asked, "", language), None
    text = ""
    try:
        for piece in assistant.stream(asked, history=history(said), topic=topic, site=site):
            if isinstance(piece, Answer):
                entry = Turn(asked, piece)
                yield turn(entry, language), entry
            else:
                text += piece
                yield streaming(asked, text, language), None
    except CitebackError as error:
        entry = Turn(asked, problem=str(error))
        yield turn(entry, language), entry
    except Exception:  # whatever failed, the chat says a sentence and stays usable
        log.exception("unexpected error while answering")
        entry = Turn(asked, problem=say(language, "failed"))
        yield turn(entry, language), entry


def history(said: Sequence[Turn]) -> tuple[dict[str, str], ...]:
    """Return the last answered turns as the assistant takes them."""
    done = [(entry.question, entry.answer.text) for entry in said if entry.answer is not None][-TURNS_SENT:]
    return tuple(
        {"role": role, "content": words}
        for question, answer in done
        for role, words in (("user", question), ("assistant", answer))
    )
