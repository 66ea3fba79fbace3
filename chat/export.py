"""What a reader takes along, as a file the page hands over. Knows conversations, no component."""

from __future__ import annotations

import html
from collections.abc import Sequence

from chat.draw import Turn
from chat.words import say
from rag.export import bibtex, conversation_markdown, ris, sources


def download(kind: str, said: Sequence[Turn], language: str) -> str:
    """Return an element that holds the file's name and text: "markdown", "bibtex" or "ris"."""
    done = [(entry.question, entry.answer) for entry in said if entry.answer is not None]
    cited = sources(answer for _, answer in done)
    files = {
        "markdown": ("citeback.md", conversation_markdown(done, title=say(language, "conversation"))),
        "bibtex": ("citeback.bib", bibtex(cited)),
        "ris": ("citeback.ris", ris(cited)),
    }
    name, text = files.get(kind, ("", ""))
    return f'<span data-file="{name}" data-text="{html.escape(text)}"></span>' if name else ""
