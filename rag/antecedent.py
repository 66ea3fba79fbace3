"""Does a sentence lean on the one before it ("It is ...")? Then both are quoted, and both count. Knows text, no question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.records import Sentence
from index.terms import plain
from rag.orders import gives_orders
from rag.spans import is_item

_LITTLE = 14  # characters; less is the end of a heading or of an entry, and names nothing
_PRONOUN = re.compile(
    r"(?:它们?|他们?|她们?|其(?!他|它|中|实|余|次)|该|此|这(?!样的话)|那(?!么)|前者|后者|两者|二者|上述)|"
    r"(?:it|its|they|their|them|this|these|that|those|he|she|his|her|such|both|the (?:former|latter))\b",
    re.I,
)


def leans(sentence: str) -> bool:
    """Return whether a sentence begins with a word for something named before it."""
    return _PRONOUN.match(sentence.lstrip("“\"'（( ")) is not None


def asked_before(text: str, sentences: Sequence[Sentence], place: int) -> Sentence | None:
    """Return the question that ``sentences[place]`` answers: the sentence before it in its paragraph, where that asks something."""
    if place == 0:
        return None
    before = sentences[place - 1]
    asks = text[before.start : before.end].rstrip("”\"’'*_ ").endswith(("?", "？"))
    return before if asks and "\n\n" not in text[before.end : sentences[place].start] else None


def antecedent(text: str, sentences: Sequence[Sentence], place: int) -> Sentence | None:
    """Return the sentence before ``sentences[place]`` where that one says little without it; it is in the same paragraph."""
    sentence = sentences[place]
    if place == 0 or not leans(text[sentence.start : sentence.end]):
        return None
    before = sentences[place - 1]
    said = text[before.start : before.end]
    apart = "\n\n" in text[before.end : sentence.start] or is_item(text, before.start)
    return None if apart or len(plain(said)) < _LITTLE or gives_orders(said) else before
