"""A question with its subject called by its name in the other language. Knows names and the index's words; answers nothing.

Short Chinese and English names of one thing lie far apart even for multilingual embedders, and share no word at all; a
dictionary of terms bridges them (dictionary-based query translation, as in cross-language retrieval before embeddings).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.terms import terms
from rag.aliases import glossary, names_held
from rag.questions import Question, content_terms, understand, what_is
from rag.retrieve import Retriever

_MOST = 3


@dataclass(frozen=True, slots=True)
class Translated:
    """``question`` asks the same by ``name``, which a passage that answers must hold."""

    question: Question
    name: str


def translations(retriever: Retriever, asked: Question) -> list[Translated]:
    """Return the question by other names, of those that the index holds; [] where no name in it has another."""
    return [found for _, found in zip(range(_MOST), _translations(retriever, asked), strict=False)]


def called_also(retriever: Retriever, asked: Question) -> list[str]:
    """Return the known names in a question, each with its other names; [] where it holds none."""
    return [name for pair in names_held(asked.standalone, _pairs(retriever)) for name in pair]


def unheard(retriever: Retriever, called: Sequence[str]) -> bool:
    """Return whether the index holds none of the names, as none of it holds all their words."""
    frequencies = retriever.snapshot.document_frequencies
    return bool(called) and not any(all(frequencies(terms(name)).values()) for name in called)


def _pairs(retriever: Retriever) -> list[tuple[str, str]]:
    return [*retriever.aliases, *glossary()]


def _translations(retriever: Retriever, asked: Question) -> Iterator[Translated]:
    for held, other in dict.fromkeys(names_held(asked.standalone, _pairs(retriever))):
        counts = retriever.snapshot.document_frequencies(terms(other))
        if not counts or not all(counts.values()):
            continue
        if what_is(asked.standalone):
            text = f"What is {other}?" if asked.language == "zh" else f"什么是{other}？"
            yield Translated(understand(text), other)
        else:
            text = " ".join(asked.standalone.replace(held, f" {other} ").split())
            yield Translated(replace(asked, search=text, terms=tuple(dict.fromkeys(content_terms(text)))), other)
