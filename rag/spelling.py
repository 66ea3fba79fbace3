"""A name that a question writes in small letters -> as the texts write it: "cartpole" is CartPole. Knows the index's words, ranks nothing.

Embedders tell the two apart, and whether a word is a name is told by its capitals.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from index.store import Snapshot
from index.terms import terms
from rag.numbers import names
from rag.questions import Question, understand

_SMALL = re.compile(r"(?<![A-Za-z0-9_./@-])[a-z][a-z0-9]+(?![A-Za-z0-9_@-]|[./]\w)")
_LONGEST_CODE = 6  # letters: ARCFACE is no code as GAN and MUJOCO are
_LOOKED_AT = 5  # passages that hold the word


def spelled(snapshot: Snapshot, asked: Question) -> Question:
    """Return the question with such names as most passages write them; who writes one name as a name knows how they are written."""
    if asked.small_talk or asked.spoken or any(not name.islower() for name in _latin(asked.standalone)):
        return asked
    alone = _SMALL.sub(lambda match: _usual(snapshot, match.group()), asked.standalone)
    if alone == asked.standalone:
        return asked
    again = understand(asked.text, standalone=alone)
    return replace(asked, search=again.search, standalone=alone)


def _latin(text: str) -> list[str]:
    known = names(text)
    return [word for word in re.findall(r"[A-Za-z][A-Za-z0-9]+", text) if word.lower() in known]


def _usual(snapshot: Snapshot, word: str) -> str:
    """Return how most of the texts that have a word write it, where that is with a capital inside: a first one may begin a sentence."""
    if not (wanted := terms(word)):
        return word
    alike = re.compile(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", re.I)
    found = snapshot.passages([passage for passage, _ in snapshot.lexical(wanted, _LOOKED_AT)])
    written = Counter(one for row in found for one in alike.findall(row.text))
    usual = max(written, key=lambda one: (written[one], one), default=word)
    if usual.isupper() and len(usual) > _LONGEST_CODE:
        return word  # a heading in capitals
    return usual if any(map(str.isupper, usual[1:])) else word
