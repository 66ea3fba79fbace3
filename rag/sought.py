"""One question that is looked for, once or several times: embedded once, each pool of candidates found and scored once.

Candidates come from two searches, by meaning and by words; ``rag.score`` weighs them. Writes no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.centre import LANGUAGES
from index.rows import Candidates, Lines
from index.store import PassageRow
from rag.filters import Filters
from rag.questions import Question
from rag.score import scores, shared

if TYPE_CHECKING:
    from rag.retrieve import Retriever

CANDIDATES = 100
SECOND_STAGE, _LEAST_CHOICE = 64, 3
"""Candidates whose sentences are looked at, at least so many a hit: reading the sentences of all takes longer than all the rest."""
FAIR_SHARE = 3  # passages of one article among the hits
EVERYTHING = Filters()
NAMED_BONUS = 0.2  # for the passages of a reference that the question calls by its title
_FETCHED = 8  # vectors that are fetched at a time to see whether hits repeat each other
_SAME = 0.97  # cosine from which two passages of different articles say the same


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with the parts of its score; ``similarities`` are the cosines of its sentences."""

    passage: PassageRow
    score: float
    dense: float
    coverage: float
    similarities: tuple[float, ...]


class Sought:
    """A question before one snapshot; for one thread.

    ``candidates`` is how many passages each of the two searches hands to the scoring.
    """

    def __init__(
        self,
        retriever: Retriever,
        question: Question,
        *,
        candidates: int = CANDIDATES,
        vector: NDArray[np.float32] | None = None,
    ) -> None:
        self.retriever, self._snapshot, self.question = retriever, retriever.snapshot, question
        self._most = candidates
        self._vector = retriever.vector(question.search, question.language) if vector is None else vector
        self._found: dict[Filters, list[int]] = {}
        self._ranked: dict[tuple[Filters, int], _Ranked] = {}
        self._rows: dict[int, PassageRow] = {}
        self._vectors: dict[int, NDArray[np.float32]] = {}

    def hits(self, k: int, *, filters: Filters = EVERYTHING, share: int = FAIR_SHARE) -> list[Hit]:
        """Return up to ``k`` hits, best first, at most ``share`` of one article, near-duplicates folded."""
        ranked = self._scored(filters, max(SECOND_STAGE, _LEAST_CHOICE * k))
        return self._best(ranked, k, k if self._named else share) if ranked else []

    def reached(self) -> dict[tuple[str, bool], float]:
        """Return the best score by the passages' language and whether they are the list's own words."""
        best: dict[tuple[str, bool], float] = {}
        if ranked := self._scored(EVERYTHING, 2 * self._most):
            for place in ranked.order.tolist():
                row = ranked.found.rows[place]
                best.setdefault((LANGUAGES[row["language"]], bool(row["listing"])), float(ranked.score[place]))
        return best

    def ids(self, filters: Filters = EVERYTHING) -> list[int]:
        """Return what the two searches find, ascending."""
        allowed = self.retriever.allowed(filters)
        filters = EVERYTHING if allowed is None else filters
        if filters not in self._found:
            found: set[int] = set()
            if allowed is None or len(allowed):
                found.update(passage for passage, _ in self._snapshot.nearest(self._vector, self._most, allowed))
                words = self._snapshot.lexical(self.question.terms, self._most, allowed)
                found.update(passage for passage, _ in words)
            self._found[filters] = sorted(found)
        return self._found[filters]

    @cached_property
    def _named(self) -> frozenset[int]:
        return self.retriever.named(self.question)

    @cached_property
    def _weights(self) -> dict[str, float]:
        return self.retriever.idf(self.question.terms)

    @cached_property
    def _alike(self) -> NDArray[np.bool_]:
        return shared(self.question, self._weights)

    def _scored(self, filters: Filters, most: int) -> _Ranked | None:
        """Score the candidates by passage and words, then the ``most`` best of them by their sentences too."""
        ids = self.ids(filters)
        if not ids:
            return None
        filters = EVERYTHING if self.retriever.allowed(filters) is None else filters
        most = min(most, len(ids))
        if (filters, most) not in self._ranked:
            self._ranked[filters, most] = self._rank(ids, most)
        return self._ranked[filters, most]

    def _rank(self, ids: Sequence[int], most: int) -> _Ranked:
        question, weights, unknown = self.question, self._weights, self.retriever.unknown_weight
        alike = self._alike
        found = self._snapshot.candidates(ids, self._vector, list(weights))
        bonus = NAMED_BONUS * np.isin(found.rows["reference"], list(self._named))
        if len(ids) > most:
            first = scores(question, found, None, weights, unknown, alike).score + bonus
            kept = np.lexsort((found.ids, -np.round(first, 6)))[:most]
            found, bonus = found.taken(kept), bonus[kept]
        lines = self._snapshot.lines(found.ids.tolist(), self._vector)
        parts = scores(question, found, lines, weights, unknown, alike)
        score = parts.score + bonus
        order = np.lexsort((found.ids, -np.round(score, 6)))
        return _Ranked(found, lines, order, score, parts.dense + bonus, parts.coverage)

    def _best(self, ranked: _Ranked, k: int, share: int) -> list[Hit]:
        ids, references, listing = (
            column.tolist()
            for column in (ranked.found.ids, ranked.found.rows["reference"], ranked.found.rows["listing"])
        )
        chosen: list[int] = []
        taken: Counter[int] = Counter()
        vectors = self._vectors
        said = np.empty((k, len(self._vector)), np.float32)  # the vectors of what was chosen, of which no other article may say the same
        for rank, place in enumerate(order := ranked.order.tolist()):
            if len(chosen) == k:
                break
            if taken[references[place]] >= share:
                continue
            if ids[place] not in vectors:
                some = [ids[one] for one in order[rank : rank + _FETCHED]]
                vectors.update(zip(some, self._snapshot.passage_vectors(some), strict=True))
            if not listing[place]:
                alike = said[: len(chosen)] @ vectors[ids[place]] > _SAME
                if any(references[chosen[one]] != references[place] for one in np.flatnonzero(alike)):
                    continue  # another article says the same
            said[len(chosen)] = vectors[ids[place]]
            taken[references[place]] += 1
            chosen.append(place)
        new = [ids[place] for place in chosen if ids[place] not in self._rows]
        self._rows.update(zip(new, self._snapshot.passages(new), strict=True))
        return [ranked.hit(place, self._rows[ids[place]]) for place in chosen]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Candidates with their scores, best first by ``order``."""

    found: Candidates
    lines: Lines
    order: NDArray[np.int64]
    score: NDArray[np.float64]
    dense: NDArray[np.float64]
    coverage: NDArray[np.float64]

    def hit(self, place: int, passage: PassageRow) -> Hit:
        numbers = float(self.score[place]), float(self.dense[place]), float(self.coverage[place])
        return Hit(passage, *numbers, self.lines.of(place))
