"""How well passages fit a question: meaning and words, weighed so that languages compare. Knows numbers, no index.

meaning = .4 passage + .3 best sentence + .3 best clause (centred cosines), less what the best of many reaches by chance.
words, in the question's language = the share of the question's terms, by idf, that stand in the passage or in what the
list says of it; it counts the more, the more telling the question's terms are. Across languages only names, numbers and
the like can stand in both texts. Measured on XQuAD (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.centre import LANGUAGES
from index.rows import Candidates, Lines
from index.terms import terms
from rag.numbers import names
from rag.questions import Question

PASSAGE, SENTENCE, CLAUSE = 0.4, 0.3, 0.3
WORDS = 1.1
CHANCE = 0.15  # of a question's terms, what passages of its language hold by chance and those of another cannot
NAMES_ACROSS, WORDS_ACROSS = 0.1, 0.2
_BEST_OF_MANY = 0.01  # times the logarithm of how many sentences the best one is taken from


@dataclass(frozen=True, slots=True)
class Scores:
    """The parts of each candidate's score, in the candidates' order."""

    score: NDArray[np.float64]
    dense: NDArray[np.float64]
    coverage: NDArray[np.float64]


def scores(
    question: Question,
    found: Candidates,
    lines: Lines | None,
    weights: Mapping[str, float],
    unknown: float,
    alike: NDArray[np.bool_],
) -> Scores:
    """Score the candidates, by passage and words alone where ``lines`` is None.

    ``weights`` is the idf of each term in ``found.holds``, ``unknown`` that of a term never met, ``alike``
    which of the terms are written alike in both languages.
    """
    idf = np.fromiter(weights.values(), np.float64, len(weights))
    whole = float(idf.sum()) or 1.0
    coverage = found.holds @ idf / whole
    dense = found.cosines.astype(np.float64) if lines is None else _dense(found, lines)
    same = found.rows["language"] == LANGUAGES.index(question.language)
    own = WORDS * whole / (whole + unknown) * (coverage - CHANCE)
    across = NAMES_ACROSS * _share(found, idf, alike) + WORDS_ACROSS * coverage
    return Scores(dense + np.where(same, own, across), dense, coverage)


def _dense(found: Candidates, lines: Lines) -> NDArray[np.float64]:
    starts = np.append(0, lines.ends[:-1])
    sentences = np.diff(lines.ends, prepend=0)  # every passage has one
    best = SENTENCE * np.maximum.reduceat(lines.cosines, starts) + CLAUSE * np.maximum.reduceat(lines.parts, starts)
    return np.asarray(PASSAGE * found.cosines + best - _BEST_OF_MANY * np.log(sentences), np.float64)


def _share(found: Candidates, idf: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return by idf what part of the chosen terms each candidate holds."""
    return np.asarray(found.holds[:, chosen] @ idf[chosen] / (float(idf[chosen].sum()) or 1.0), np.float64)


def shared(question: Question, weights: Mapping[str, float]) -> NDArray[np.bool_]:
    """Return which terms of a question are written alike in both languages: names, numbers, Latin words in Chinese."""
    named = set(terms(" ".join(names(question.standalone or question.text))))
    latin = question.language == "zh"
    alike = (
        term in named or (term.isascii() and latin) or any(character.isdigit() for character in term)
        for term in weights
    )
    return np.fromiter(alike, np.bool_, len(weights))
