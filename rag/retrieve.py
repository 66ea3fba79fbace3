"""Question -> passages that may answer it, best first. Knows the snapshot and the embedder, writes no answer.

score = 0.4 passage + 0.6 best sentence (centred cosines) + coverage beyond chance, where coverage is the share of the
question's terms, by idf, that stand in the passage or in what the list says of it. Measured on XQuAD: 95 % recall@1
where RRF of the same two rankings reaches 86 (docs/decisions.md).
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

from index.embed import Embedder
from index.store import PassageRow, Snapshot
from index.terms import terms
from rag.filters import Filters
from rag.questions import Question

CANDIDATES = 100
PASSAGE_SHARE, SENTENCE_SHARE = 0.4, 0.6
COVERAGE_WEIGHT = 1.0
CHANCE_COVERAGE = 0.25  # what passages of the question's own language hold by chance, and those of another cannot
FAIR_SHARE = 3  # passages of one article among the hits
EVERYTHING = Filters()
NAMED_BONUS = 0.2  # for the passages of a reference that the question calls by its title
_WORDS = re.compile(r"[a-z0-9]+")
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

    def vector(self, text: str, language: str) -> NDArray[np.float32]:
        """Return the centred unit vector of a question."""
        raw = self._embedder.queries([text])[0] - self._means[language]
        return np.asarray(raw / max(float(np.linalg.norm(raw)), 1e-9), np.float32)

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
            middle = row.first_sentence + len(row.sentences) // 2
            rows.append(self.snapshot.sentence_vectors(middle, 1, row.language)[0])
            languages.append(row.language)
        width = self.snapshot.manifest.dimension
        return (np.stack(rows) if rows else np.zeros((0, width), np.float32)), languages

    def idf(self, words: Sequence[str]) -> dict[str, float]:
        """Return how telling each term is; a term that no passage holds counts most."""
        total = self.snapshot.manifest.passages
        found = self.snapshot.document_frequencies(words)
        weights = {word: math.log(1 + (total - count + 0.5) / (count + 0.5)) for word, count in found.items()}
        # an ordinary English word that stands nowhere (a verb of the question) must not outweigh the names that do
        return {
            word: weight / 2 if not found[word] and word.isascii() and word.isalpha() else weight
            for word, weight in weights.items()
        }

    def named(self, question: Question) -> frozenset[int]:
        """The references that the question calls by their whole title ("What can FaceAI do?")."""
        asked = f" {' '.join(_WORDS.findall(question.text.lower()))} "
        return frozenset(number for number, title in self._short_titles.items() if f" {title} " in asked)

    @cached_property
    def _short_titles(self) -> dict[int, str]:
        """Titles of one to four Latin words, as they would stand in a question."""
        found = {
            item.number: " ".join(_WORDS.findall(item.title.lower()))
            for item in self.snapshot.items
            if item.title.isascii()
        }
        return {number: title for number, title in found.items() if len(title) >= 4 and title.count(" ") < 4}

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
        vector = self.vector(question.search, question.language)
        ids = {passage for passage, _ in self.snapshot.nearest(vector, candidates, allowed)}
        ids.update(passage for passage, _ in self.snapshot.lexical(question.terms, candidates, allowed))
        return self._best(self._scored(sorted(ids), vector, question), k, k if self.named(question) else share)

    def _allowed(self, filters: Filters) -> NDArray[np.int64] | None:
        return self.snapshot.passages_of(self.passing(filters)) if filters else None

    def passing(self, filters: Filters) -> list[int]:
        """Return the numbers of the references that the filters let through, in list order."""
        return filters.numbers(self.snapshot.items, lambda number: self.languages.get(number, ""))

    @cached_property
    def languages(self) -> dict[int, str]:
        """The language of every reference: that of most of its passages, its title's where nobody could read it."""
        counts: dict[int, Counter[str]] = {}
        spoken = self.snapshot.passage_languages
        for number, language in zip(self.snapshot.passage_references.tolist(), spoken, strict=True):
            counts.setdefault(number, Counter())[language] += 1
        return {number: found.most_common(1)[0][0] for number, found in counts.items()}

    def _scored(self, ids: Sequence[int], vector: NDArray[np.float32], question: Question) -> list[Hit]:
        if not ids:
            return []
        weights = self.idf(question.terms)
        whole = sum(weights.values()) or 1.0
        passage_scores = self.snapshot.passage_vectors(ids) @ vector
        named = self.named(question)
        hits = []
        passages = self.snapshot.passages(ids)
        sentences = self.snapshot.sentences_of(passages)
        for passage, found, own, rows in zip(
            passages, self.snapshot.terms_of(ids), passage_scores, sentences, strict=True
        ):
            lines = rows @ vector
            dense = PASSAGE_SHARE * float(own) + SENTENCE_SHARE * float(lines.max(initial=-1.0))
            coverage = sum(weight for word, weight in weights.items() if word in found) / whole
            dense += NAMED_BONUS if passage.reference in named else 0.0
            score = dense + COVERAGE_WEIGHT * max(coverage - CHANCE_COVERAGE, 0.0)
            hits.append(Hit(passage, score, dense, coverage, tuple(float(line) for line in lines)))
        return sorted(hits, key=lambda hit: (-round(hit.score, 6), hit.passage.id))

    def _best(self, hits: Sequence[Hit], k: int, share: int) -> list[Hit]:
        chosen: list[Hit] = []
        taken: Counter[int] = Counter()
        for hit in hits:
            if len(chosen) == k:
                break
            if taken[hit.passage.reference] < share and not self._repeats(hit, chosen):
                taken[hit.passage.reference] += 1
                chosen.append(hit)
        return chosen

    def _repeats(self, hit: Hit, chosen: Sequence[Hit]) -> bool:
        others = [other.passage.id for other in chosen if other.passage.reference != hit.passage.reference]
        if not others or hit.passage.listing:
            return False
        own, *rest = self.snapshot.passage_vectors([hit.passage.id, *others])
        return any(float(own @ other) > _SAME for other in rest)


def sentence_terms(text: str) -> frozenset[str]:
    """Return the terms of one sentence."""
    return frozenset(terms(text))
