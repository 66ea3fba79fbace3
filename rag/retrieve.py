"""Question -> passages that may answer it, best first. Knows the snapshot and the embedder, writes no answer.

Candidates come from two searches, by meaning and by words; ``rag.score`` weighs them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.centre import LANGUAGES
from index.embed import Embedder
from index.rows import Candidates, Lines
from index.store import PassageRow, Snapshot
from index.terms import terms
from rag.filters import Filters
from rag.questions import Question
from rag.score import scores

CANDIDATES = 100
SECOND_STAGE, _LEAST_CHOICE = 64, 3
"""Candidates whose sentences are looked at, at least so many a hit: reading the sentences of all takes longer than all the rest."""
FAIR_SHARE = 3  # passages of one article among the hits
EVERYTHING = Filters()
NAMED_BONUS = 0.2  # for the passages of a reference that the question calls by its title
_WORDS = re.compile(r"[a-z0-9]+")
_TITLE_WORDS = 4  # of a title by which a question may call a reference
_FETCHED = 16  # vectors that are fetched at a time to see whether hits repeat each other
_SAME = 0.97  # cosine from which two passages of different articles say the same


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with the parts of its score; ``similarities`` are the cosines of its sentences."""

    passage: PassageRow
    score: float
    dense: float
    coverage: float
    similarities: tuple[float, ...]


class Retriever:
    """Searches one snapshot; safe to use from many threads."""

    def __init__(self, snapshot: Snapshot, embedder: Embedder) -> None:
        self.snapshot = snapshot
        self._embedder = embedder
        means = snapshot.manifest.query_means
        self._means = {name: np.asarray(mean, np.float32) for name, mean in means.items()}
        self._statement_means = {
            name: np.asarray(mean, np.float32) for name, mean in snapshot.manifest.sentence_means.items()
        }

    def vectors(self, texts: Sequence[str], language: str) -> NDArray[np.float32]:
        """Return the centred unit vectors of questions."""
        raw = self._embedder.queries(texts) - self._means[language]
        return np.asarray(raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9), np.float32)

    def statement(self, text: str, language: str) -> NDArray[np.float32]:
        """Return the centred unit vector of a sentence that states something."""
        raw = self._embedder.passages([text])[0] - self._statement_means[language]
        return np.asarray(raw / max(float(np.linalg.norm(raw)), 1e-9), np.float32)

    def sentence_sample(self, most: int) -> tuple[NDArray[np.float32], list[str]]:
        """Return up to ``most`` centred sentence vectors, evenly taken from the whole index, and their languages."""
        total = self.snapshot.manifest.passages
        rows, languages = [], []
        for passage in range(0, total, max(1, total // most)):
            row = self.snapshot.passage(passage)
            rows.append(self.snapshot.sentence_vectors(row)[len(row.sentences) // 2])
            languages.append(row.language)
        width = self.snapshot.manifest.dimension
        return (np.stack(rows) if rows else np.zeros((0, width), np.float32)), languages

    def idf(self, words: Sequence[str]) -> dict[str, float]:
        """Return how telling each term is; a term that no passage holds counts most."""
        found = self.snapshot.document_frequencies(words)
        weights = {word: self._idf(count) for word, count in found.items()}
        # an ordinary English word that stands nowhere (a verb of the question) must not outweigh the names that do
        return {
            word: weight / 2 if not found[word] and word.isascii() and word.isalpha() else weight
            for word, weight in weights.items()
        }

    def _idf(self, count: int) -> float:
        return math.log(1 + (self.snapshot.manifest.passages - count + 0.5) / (count + 0.5))

    def named(self, question: Question) -> frozenset[int]:
        """The references that the question calls by their whole title ("What can FaceAI do?")."""
        asked = _WORDS.findall(question.text.lower())
        # runs of words are looked up, because going through the titles of a long list takes longer than the search
        runs = {" ".join(asked[at : at + words]) for at in range(len(asked)) for words in range(1, _TITLE_WORDS + 1)}
        return frozenset(number for run in runs for number in self._short_titles.get(run, ()))

    @cached_property
    def _short_titles(self) -> dict[str, list[int]]:
        """References by their titles of one to four Latin words, as they would stand in a question."""
        found = {
            item.number: " ".join(_WORDS.findall(item.title.lower()))
            for item in self.snapshot.items
            if item.title.isascii()
        }
        titles: dict[str, list[int]] = {}
        for number, title in found.items():
            if len(title) >= 4 and title.count(" ") < _TITLE_WORDS:
                titles.setdefault(title, []).append(number)
        return titles

    def retrieve(
        self,
        question: Question,
        k: int,
        *,
        filters: Filters = EVERYTHING,
        share: int = FAIR_SHARE,
        candidates: int = CANDIDATES,
    ) -> list[Hit]:
        """Return up to ``k`` hits, best first, at most ``share`` of one article, near-duplicates folded.

        ``candidates`` is how many passages each of the two searches, by meaning and by words, hands to the scoring.
        """
        allowed = self._allowed(filters)
        if allowed is not None and not len(allowed):
            return []
        vector = self.vectors([question.search], question.language)[0]
        ids = self._candidates(question, vector, candidates, allowed)
        if not ids:
            return []
        ranked = self._scored(ids, vector, question, max(SECOND_STAGE, _LEAST_CHOICE * k))
        return self._best(ranked, k, k if self.named(question) else share)

    def reached(
        self, question: Question, vector: NDArray[np.float32], candidates: int
    ) -> dict[tuple[str, bool], float]:
        """Return the best score by the passages' language and whether they are the list's own words."""
        ids = self._candidates(question, vector, candidates, None)
        if not ids:
            return {}
        ranked = self._scored(ids, vector, question, len(ids))
        best: dict[tuple[str, bool], float] = {}
        for place in ranked.order.tolist():
            row = ranked.found.rows[place]
            best.setdefault((LANGUAGES[row["language"]], bool(row["listing"])), float(ranked.score[place]))
        return best

    def _candidates(
        self, question: Question, vector: NDArray[np.float32], most: int, allowed: NDArray[np.int64] | None
    ) -> list[int]:
        ids = {passage for passage, _ in self.snapshot.nearest(vector, most, allowed)}
        ids.update(passage for passage, _ in self.snapshot.lexical(question.terms, most, allowed))
        return sorted(ids)

    def _allowed(self, filters: Filters) -> NDArray[np.int64] | None:
        return self.snapshot.passages_of(self.passing(filters)) if filters else None

    def passing(self, filters: Filters) -> list[int]:
        """Return the numbers of the references that the filters let through, in list order."""
        return filters.numbers(self.snapshot.items, lambda number: self.languages.get(number, ""))

    @cached_property
    def languages(self) -> dict[int, str]:
        """The language of every reference: that of most of its passages, its title's where nobody could read it."""
        rows = self.snapshot.rows
        pairs, counts = np.unique(
            rows["reference"].astype(np.int64) * len(LANGUAGES) + rows["language"], return_counts=True
        )
        order = np.argsort(counts, kind="stable")  # a later one replaces an earlier one, so the most frequent stays
        return {int(pair) // len(LANGUAGES): LANGUAGES[pair % len(LANGUAGES)] for pair in pairs[order]}

    def _scored(self, ids: Sequence[int], vector: NDArray[np.float32], question: Question, most: int) -> _Ranked:
        """Score the candidates by passage and words, then the ``most`` best of them by their sentences too."""
        weights, unknown = self.idf(question.terms), self._idf(0)
        found = self.snapshot.candidates(ids, vector, list(weights))
        bonus = NAMED_BONUS * np.isin(found.rows["reference"], list(self.named(question)))
        if len(ids) > most:
            first = scores(question, found, None, weights, unknown).score + bonus
            kept = np.lexsort((found.ids, -np.round(first, 6)))[:most]
            found, bonus = found.taken(kept), bonus[kept]
        lines = self.snapshot.lines(found.ids.tolist(), vector)
        parts = scores(question, found, lines, weights, unknown)
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
        vectors: dict[int, NDArray[np.float32]] = {}
        for rank, place in enumerate(order := ranked.order.tolist()):
            if len(chosen) == k:
                break
            if taken[references[place]] >= share:
                continue
            if place not in vectors:
                some = order[rank : rank + _FETCHED]
                vectors.update(zip(some, self.snapshot.passage_vectors([ids[one] for one in some]), strict=True))
            others = [vectors[other] for other in chosen if references[other] != references[place]]
            if others and not listing[place] and any(float(vectors[place] @ other) > _SAME for other in others):
                continue  # another article says the same
            taken[references[place]] += 1
            chosen.append(place)
        passages = self.snapshot.passages([ids[place] for place in chosen])
        return [ranked.hit(place, passage) for place, passage in zip(chosen, passages, strict=True)]


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


def sentence_terms(text: str) -> frozenset[str]:
    """Return the terms of one sentence."""
    return frozenset(terms(text))
