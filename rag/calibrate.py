"""How much evidence is enough, for this index: questions about other things are asked, and an answer must beat them.

No constant fits two indexes or two embedders, so the best score that foreign questions reach here is the measure. It is
taken apart by the languages of question and passage (across languages words cannot agree) and by whether the page was read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from index.centre import STATEMENTS
from rag.foreign import FOREIGN
from rag.questions import Question, understand
from rag.retrieve import Hit, Retriever

_PASS = 10.0  # percent of foreign questions that may pass, over all kinds of passages
_RANGES, _EACH = 1.6, 0.2
"""Quartile ranges above the median of what foreign questions reach, and so much more for each kind of passages met: a question
that meets two kinds has two chances to be believed.

The lower of the two counts, because some foreign questions are, by chance, about what an index holds: these few would set the
percentile, and in an index about everything they widen the range. On halves of XQuAD asked about the other half, 3 to 7 % of
the own questions are refused and 95 to 97 % of the foreign ones.
"""
_FEWEST = 12  # questions that must have met a kind of passage to speak for it
_LOOKED_AT, _CANDIDATES = 8, 24  # hits of a foreign question, and from how many; they are asked at every start

Kind = tuple[str, str, bool]
"""The question's language, the passage's language, and whether only the list's own words are known."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The score that evidence must reach, by kind; ``otherwise`` for kinds that no foreign question met."""

    kinds: dict[Kind, float]
    otherwise: float

    def answers(self, question: Question, hit: Hit, *, times: float = 1.0) -> bool:
        """Return whether a hit is evidence enough for an answer; ``times`` asks for more than usual."""
        return hit.score >= times * self.kinds.get(kind(question, hit), self.otherwise)


def kind(question: Question, hit: Hit) -> Kind:
    """Return the kind of evidence that a hit would be."""
    return question.language, hit.passage.language, hit.passage.listing


def calibrate(retriever: Retriever) -> Thresholds:
    """Ask foreign questions of this index and set the thresholds above what nearly all of them reach."""
    best: defaultdict[Kind, list[float]] = defaultdict(list)
    overall = []
    for questions in FOREIGN.values():
        for text in questions:
            question = understand(text)
            reached: dict[Kind, float] = {}
            for hit in retriever.retrieve(question, _LOOKED_AT, share=1, candidates=_CANDIDATES):
                reached.setdefault(kind(question, hit), hit.score)
            for name, score in reached.items():
                best[name].append(score)
            overall.append(max(reached.values(), default=0.0))
    met = {name: scores for name, scores in sorted(best.items()) if len(scores) >= _FEWEST}
    spoken = Counter(name[0] for name in met)
    kinds = {name: _beyond(scores, spoken[name[0]]) for name, scores in met.items()}
    return Thresholds(kinds, _beyond(overall, 1))


def _beyond(scores: list[float], kinds: int) -> float:
    low, middle, high, nearly_all = np.percentile(scores, (25, 50, 75, 100 - _PASS / kinds))
    return float(min(nearly_all, middle + (_RANGES + _EACH * (kinds - 1)) * (high - low)))


_SAMPLE = 400  # sentences of the index that are held against others
_GROUP = 30  # sentences a claim is held against, as many as a handful of passages has
_LOW, _HIGH = 5, 7  # standard deviations above chance: 1 in 20 neighbouring paragraphs of an article reaches the second


@dataclass(frozen=True, slots=True)
class Levels:
    """How near unrelated sentences of this index come: (rarely, never) for each pair of languages."""

    pairs: dict[tuple[str, str], tuple[float, float]]

    def of(self, claim: str, source: str) -> tuple[float, float]:
        """Return the similarity that unrelated sentences rarely reach, and the one that they never do."""
        return self.pairs[claim, source]


def support_levels(retriever: Retriever) -> Levels:
    """Hold general statements in both languages against this index and see how near chance brings them."""
    rows, languages = retriever.sentence_sample(_SAMPLE)
    marked = np.asarray(languages)
    statements = {name: np.stack([retriever.statement(text, name) for text in STATEMENTS[name]]) for name in STATEMENTS}
    pairs = {}
    for claim, vectors in statements.items():
        for source in statements:
            own = rows[marked == source] if len(marked) else rows
            against = own if len(own) >= _GROUP else np.concatenate([own, statements[source]])
            similar = np.sort(vectors @ against.T, axis=1)
            if len(own) < _GROUP:
                similar = similar[:, :-1]  # a statement is as near as can be to itself and to its translation
            step = max(1, similar.shape[1] // _GROUP)
            chance = similar[:, -step]
            mean, spread = float(chance.mean()), float(chance.std()) + 0.02
            pairs[claim, source] = (mean + _LOW * spread, mean + _HIGH * spread)
    return Levels(pairs)
