"""A question with its subject called by its name in the other language. Knows names and the index's words; answers nothing.

Short Chinese and English names of one thing lie far apart even for multilingual embedders, and share no word at all; a
dictionary of terms bridges them (dictionary-based query translation, as in cross-language retrieval before embeddings).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from index.store import Snapshot
from index.terms import terms
from rag.aliases import glossary, names_held
from rag.manners import worked
from rag.nearest import told
from rag.questions import Question, content_terms, one_of, understand, what_is
from rag.reasons import why_asked
from rag.retrieve import Hit, Retriever
from rag.values import asks_for_sets

_MOST = 3
_ASKS = {
    "is": {"zh": "什么是{}？", "en": "What is {}?"},
    "works": {"zh": "{}是怎么工作的？", "en": "How does {} work?"},
    "sets": {"zh": "{}有哪些数据集？", "en": "What datasets are there for {}?"},
    "who": {"zh": "{}是谁提出的？", "en": "Who proposed {}?"},
    "use": {"zh": "为什么要用{}？", "en": "Why is {} useful?"},
}
_WHO_PROPOSED = re.compile(
    r"^\W*(?:谁(?:最早|首先|首次|最先)?(?:提出|发明)|.{2,24}(?:是|由)谁(?:最早|首先|首次|最先)?(?:提出|发明)"
    r"|who (?:first )?(?:proposed|invented|introduced)\b)",
    re.I,
)
_APART = 3  # characters between the two words of a Chinese name, which may change places


@dataclass(frozen=True, slots=True)
class Translated:
    """``question`` asks the same by ``name``, which a passage that answers must hold."""

    question: Question
    name: str


Names = Sequence[tuple[str, str]]
"""Names as a question writes them, each with a name in the other language."""


def known_names(retriever: Retriever, asked: Question) -> Names:
    """Return the names in a question that the list's titles or the glossary give in the other language, without repeats.

    Where just one of them is asked for ("迁移学习的负迁移是什么？"), it is that one: what says nothing of it does not answer.
    """
    held = list(dict.fromkeys(names_held(asked.standalone, [*retriever.aliases, *glossary()])))
    head = one_of(asked.standalone).lower()
    return [pair for pair in held if pair[0].lower() == head] or held


def unheard(retriever: Retriever, called: Sequence[str]) -> bool:
    """Return whether the index holds none of the names, as none of it holds all their words."""
    if not called:
        return False
    words = {name: terms(name) for name in called}
    counts = retriever.snapshot.document_frequencies(list(dict.fromkeys(term for held in words.values() for term in held)))
    return not any(all(counts[term] for term in held) for held in words.values())


def in_pieces(snapshot: Snapshot, hit: Hit, names: Sequence[str]) -> bool:
    """Return whether a passage, its headings or its title have the two words of a Chinese name apart: 克隆一个声音 for 声音克隆."""
    return apart("\n".join(told(snapshot, hit)), names)


def apart(text: str, names: Sequence[str]) -> bool:
    """Return whether a text has the two words of one of these Chinese names, a little apart or the other way round."""
    pairs = [(re.escape(name[:2]), re.escape(name[2:])) for name in names if len(name) == 4 and not name.isascii()]
    return any(re.search(f"{one}.{{0,{_APART}}}{other}|{other}.{{0,{_APART}}}{one}", text) for one, other in pairs)


def translations(retriever: Retriever, asked: Question, known: Names) -> list[Translated]:
    """Return the question by other names, of those that the index holds; [] where no name in it has another."""
    return list(islice(_translations(retriever, asked, known), _MOST))


def _translations(retriever: Retriever, asked: Question, known: Names) -> Iterator[Translated]:
    for held, other in known:
        if any(held == name and shorter != other and shorter in other for name, shorter in known):
            continue  # what speaks of 网络剪枝 speaks of 剪枝, which is asked for
        counts = retriever.snapshot.document_frequencies(terms(other))
        if not counts or not all(counts.values()):
            continue
        if question := _in_other_language(asked, other):
            yield Translated(question, other)
        else:
            text = " ".join(asked.standalone.replace(held, f" {other} ").split())
            yield Translated(replace(asked, search=text, terms=tuple(dict.fromkeys(content_terms(text)))), other)


def _in_other_language(asked: Question, name: str) -> Question | None:
    """Return "what is it?", "how does it work?", "why use it?" or "which data sets?" in the other language, by its name there, else None."""
    why = why_asked(asked.standalone)
    asks = "is" if what_is(asked.standalone) else "works" if worked(asked.standalone) else "use" if why and len(why.names) == 1 else ""
    asks = asks or ("sets" if asks_for_sets(asked.standalone) else "who" if _WHO_PROPOSED.search(asked.standalone) else "")
    return understand(_ASKS[asks]["en" if asked.language == "zh" else "zh"].format(name)) if asks else None
