"""How much more evidence a question needs than is enough otherwise. Knows questions, passages and the index's words.

A name that stands nowhere, a definition of what a passage does not name, a follow-up that shares no word: each is a reason to doubt.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.store import Snapshot
from index.terms import fold, terms
from rag.fitting import codes
from rag.numbers import names
from rag.questions import Question, subject
from rag.retrieve import Hit, Retriever

_FAR = 4.0  # times, for a follow-up whose own words are not in the passage, however much of its subject is
_MINORITY = 4  # a share of its words by which a passage may hold some by chance
_DOUBT = 1.5  # times the evidence that is enough otherwise
_NAMELESS = 2.0  # and where the question has a name that stands nowhere


def _undefined(snapshot: Snapshot, asked: Question, hit: Hit) -> bool:
    """Whether a Chinese question asks what something is, and this Chinese passage does not so much as name it."""
    if asked.form != "definition" or asked.language != "zh" or hit.passage.language != "zh":
        return False
    wanted = _squeezed(subject(asked.standalone))
    item = snapshot.item(hit.passage.reference)
    named = [hit.passage.text, *hit.passage.heading, item.title if item else ""]
    return 3 <= len(wanted) <= 12 and not any(wanted in _squeezed(text) for text in named)


def _squeezed(text: str) -> str:
    return fold(text).replace(" ", "").lower()


def doubted(asked: Question, unknown: Sequence[str], *, unheard: bool) -> float:
    """How much more evidence a question needs whose names stand nowhere, the most where it is called by no other code,
    or by a name of the glossary that the index holds in neither language.
    """
    if unheard:
        return _NAMELESS
    called = codes(asked.standalone)
    return _NAMELESS if called and called <= frozenset(unknown) else _DOUBT if unknown else 1.0


def unknown_names(retriever: Retriever, asked: Question) -> list[str]:
    """Return the names in a question ("RLHF") that stand nowhere in the index: it is then hardly about what was read."""
    found = []
    for name in sorted(names(asked.standalone or asked.text)):
        words = [term for term in terms(f"{name} {name.removesuffix('s')}") if not term.isdigit()] or terms(
            name
        )  # the 4 of GPT-4 stands anywhere
        if words and not any(retriever.snapshot.document_frequencies(words).values()):
            found.append(name)
    return found


def doubt(retriever: Retriever, asked: Question, hit: Hit) -> float:
    """A follow-up's subject makes anything look relevant; a hit without a word of what it asks itself needs more."""
    snapshot = retriever.snapshot
    if not asked.own:
        return _DOUBT if _undefined(snapshot, asked, hit) else 1.0
    telling = [term for term in asked.own if len(term) > 1 or term.isascii()] or list(asked.own)
    if any(
        not n for term, n in snapshot.document_frequencies(asked.own).items() if len(term) == 1 and not term.isascii()
    ):
        return _FAR  # a character that stands in no text at all
    weights = retriever.idf(telling)
    held = sum(weight for term, weight in weights.items() if snapshot.holds(hit.passage.id, [term]))
    if hit.passage.language == asked.language and held <= sum(weights.values()) / _MINORITY:
        return _FAR
    return 1.0 if hit.passage.language == asked.language else _DOUBT
