"""A sentence a model wrote, held against the passages: supported, weak or unsupported. Knows no model and no server.

A sentence is supported when its numbers and names stand in the passage and most of its words in a few neighbouring
sentences there, or when its meaning is as near to one of them as unrelated sentences of this index never are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.records import Sentence
from index.terms import language, plain, terms
from rag.calibrate import Levels
from rag.cite import Quote
from rag.numbers import holds_name, names, negated, numbers
from rag.orders import gives_orders
from rag.prompt import Shown
from rag.retrieve import Hit, Retriever
from rag.spans import end_with_what_follows, is_item, line_end, line_start, trimmed

SUPPORTED, WEAK, UNSUPPORTED = "supported", "weak", "unsupported"
_RANK = {SUPPORTED: 2, WEAK: 1, UNSUPPORTED: 0}
_ALL, _MOST, _SOME, _FEW = 0.9, 0.6, 0.5, 0.3  # of a sentence's words, by idf
_WINDOW = 3  # neighbouring sentences that one claim may sum up
_SECOND_SHARE = 0.25  # of a claim's words that a second quote must add
_SHORT = 30  # characters; a shorter part of a list's item is quoted with all of it
_BESIDE_SHARE = 0.1  # and the sentence right before or after it


@dataclass(frozen=True, slots=True)
class Support:
    """What one passage gives a claim."""

    level: str
    strength: float
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    shown: Shown
    sentences: tuple[Sentence, ...]
    texts: tuple[str, ...]
    words: tuple[frozenset[str], ...]
    rows: tuple[int, ...]
    context: frozenset[str]
    everything: str
    numbers: frozenset[str]


class Checker:
    """Holds claims against the passages that one answer was written from."""

    def __init__(
        self, retriever: Retriever, levels: Levels, passages: Sequence[Shown], texts: Mapping[int, str]
    ) -> None:
        self._retriever = retriever
        self._levels = levels
        self._sources = {shown.number: self._source(shown, texts[shown.hit.passage.reference]) for shown in passages}

    def best(self, claim: str, cited: Sequence[int]) -> tuple[str, tuple[Quote, ...]]:
        """Return the level of a claim, and the quotes that carry it.

        A cited passage that does not carry the claim is no citation; where none does, another passage may. A small model
        often cites the first passage it was shown, whatever it writes.
        """
        found = [(number, self.support(claim, number)) for number in cited if number in self._sources]
        earned = [entry for entry in found if entry[1].level != UNSUPPORTED]
        if any(support.level == SUPPORTED for _, support in earned):
            earned = [entry for entry in earned if entry[1].level == SUPPORTED]
        level = max((support.level for _, support in earned), key=lambda name: _RANK[name], default=UNSUPPORTED)
        if level != SUPPORTED:
            others = [(number, self.support(claim, number)) for number in self._sources if number not in cited]
            able = [entry for entry in others if entry[1].level == SUPPORTED or (not earned and entry[1].level == WEAK)]
            if able:
                _, support = max(able, key=lambda entry: (_RANK[entry[1].level], entry[1].strength, -entry[0]))
                if _RANK[support.level] > _RANK[level]:
                    return support.level, support.quotes
        return level, tuple(quote for _, support in earned for quote in support.quotes)

    def support(self, claim: str, number: int) -> Support:
        """Return what passage ``number`` gives the claim."""
        source = self._sources[number]
        if not source.sentences:
            return Support(UNSUPPORTED, 0.0)
        spoken = language(claim)
        same = spoken == source.shown.hit.passage.language
        weights = self._weights(claim, source)
        whole = sum(weights.values())
        window, coverage = self._window(source, weights)
        similar = self._similar(source, claim, spoken)
        nearest = int(np.argmax(similar))
        dense = float(similar[nearest])
        low, high = self._levels.of(spoken, source.shown.hit.passage.language)
        foreign_numbers = numbers(claim, claimed=True) - source.numbers
        foreign_names = {name for name in names(claim) if not holds_name(name, source.everything)}
        level = UNSUPPORTED
        if same and whole:
            if coverage >= _MOST or (coverage >= _SOME and dense >= low):
                level = SUPPORTED
            elif (coverage >= _FEW and dense >= low) or dense >= high:
                level = WEAK
        elif dense >= low:
            level = SUPPORTED if dense >= high or coverage >= _ALL else WEAK  # "20 MB" is written alike
        if foreign_numbers or (foreign_names and same):
            level = UNSUPPORTED
        elif level == SUPPORTED and (
            (foreign_names and not same) or (coverage >= _MOST and self._contradicts(claim, source, window, weights))
        ):
            level = WEAK
        if level == UNSUPPORTED:
            return Support(level, 0.0)
        rows = window if same and coverage >= _FEW else (nearest,)
        return Support(level, coverage + dense, self._quotes(source, rows, weights, claim))

    def _similar(self, source: _Source, claim: str, spoken: str) -> NDArray[np.float32]:
        """How near each sentence of a passage comes to a claim; of another language, or its best clause, which a claim may be all of."""
        lines = self._retriever.snapshot.lines([source.shown.hit.passage.id], self._retriever.statement(claim, spoken))
        same = spoken == source.shown.hit.passage.language
        similar = lines.cosines if same else np.maximum(lines.cosines, lines.parts)
        return similar[list(source.rows)]

    def _source(self, shown: Shown, text: str) -> _Source:
        passage = shown.hit.passage
        rows = [
            row for row, span in enumerate(passage.sentences) if not gives_orders(text[span.start : span.end])
        ]  # an order to a model is no evidence of anything
        spans = tuple(passage.sentences[row] for row in rows)
        texts = tuple(plain(text[span.start : span.end]) for span in spans)
        context = " ".join([shown.title, *passage.heading])
        return _Source(
            shown, spans, texts, tuple(frozenset(terms(words)) for words in texts), tuple(rows), frozenset(terms(context)),
            " ".join([context, *texts]).lower(), numbers(" ".join([context, *texts])),
        )  # fmt: skip

    def _weights(self, claim: str, source: _Source) -> dict[str, float]:
        """The claim's words by idf; a single Han character says little, so only pairs count. The title's words are given."""
        words = [word for word in dict.fromkeys(terms(plain(claim))) if len(word) > 1 or word.isascii()]
        weights = self._retriever.idf(words)
        return {word: weight / 2 if word in source.context else weight for word, weight in weights.items()}

    @staticmethod
    def _window(source: _Source, weights: Mapping[str, float]) -> tuple[tuple[int, ...], float]:
        """Return the fewest neighbouring sentences that hold most of the words, and the share that they hold."""
        whole = sum(weights.values()) or 1.0
        best: tuple[float, tuple[int, ...]] = (-1.0, (0,))
        for first in range(len(source.sentences)):
            held = source.context
            for last in range(first, min(first + _WINDOW, len(source.sentences))):
                held = held | source.words[last]
                share = sum(weight for word, weight in weights.items() if word in held) / whole
                if share - 0.05 * (last - first) > best[0] + 1e-9:
                    best = (share - 0.05 * (last - first), tuple(range(first, last + 1)))
        return best[1], best[0] + 0.05 * (len(best[1]) - 1)

    @staticmethod
    def _contradicts(claim: str, source: _Source, window: Sequence[int], weights: Mapping[str, float]) -> bool:
        """Whether the sentence that says most of the claim says it the other way round."""
        closest = max(window, key=lambda row: sum(w for word, w in weights.items() if word in source.words[row]))
        return negated(claim) != negated(source.texts[closest])

    @staticmethod
    def _quotes(source: _Source, rows: Sequence[int], weights: Mapping[str, float], claim: str) -> tuple[Quote, ...]:
        """One verbatim span from the first sentence that carries the claim to the last; those that add nothing stay out.

        A number or name of the claim that stands outside it is quoted as well, where that is.
        """
        whole = sum(weights.values()) or 1.0
        alone = {
            row: sum(weight for word, weight in weights.items() if word in source.words[row]) / whole for row in rows
        }
        first = max(rows, key=lambda row: (alone[row], -row))
        kept, held = {first}, source.words[first]
        for row in rows:
            added = sum(weight for word, weight in weights.items() if word in source.words[row] - held) / whole
            if row not in kept and added >= _SECOND_SHARE:
                kept.add(row)
                held = held | source.words[row]
        for row in (min(kept) - 1, max(kept) + 1):  # a sentence may lack its subject, or its end
            said = source.words[row] if 0 <= row < len(source.words) else frozenset()
            if sum(weight for word, weight in weights.items() if word in said - held) >= _BESIDE_SHARE * whole:
                kept.add(row)
        hit = source.shown.hit
        spans = [(min(kept), max(kept))]
        quoted = " ".join([*source.texts[min(kept) : max(kept) + 1], source.shown.title])
        missing = frozenset(name for name in names(claim) if not holds_name(name, quoted.lower()))
        lacking = numbers(claim, claimed=True) - numbers(quoted)
        for row, text in enumerate(source.texts):
            named = {name for name in missing if holds_name(name, text.lower())}
            counted = lacking & numbers(text) if lacking else lacking
            if named or counted:
                missing, lacking = missing - named, lacking - counted
                spans.append((row, row))
        return tuple(
            _span(hit, source.sentences[first].start, source.sentences[last].end) for first, last in _joined(spans)
        )


def _span(hit: Hit, start: int, end: int) -> Quote:
    text, base = hit.passage.text, hit.passage.start
    start, end = start - base, end - base
    if is_item(text, start) and end - start < _SHORT:  # "Categories: 200." says of what only with its item
        start, end = trimmed(text, line_start(text, start), line_end(text, end))
    end = end_with_what_follows(text, start, end)
    return Quote(hit.passage.reference, base + start, base + end, text[start:end], hit.score)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put spans of rows that touch, or have one row between them, together; in the order of the text."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 2:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
