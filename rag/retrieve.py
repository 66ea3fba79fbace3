"""Question -> passages that may answer it, best first. Knows the snapshot and the embedder, writes no answer."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from index.centre import LANGUAGES
from index.embed import Embedder
from index.store import Snapshot
from index.terms import HAN, terms
from rag.aliases import aliases
from rag.filters import Filters
from rag.questions import Question
from rag.sites import spellings
from rag.sought import CANDIDATES, EVERYTHING, FAIR_SHARE, Sought
from rag.sought import Hit as Hit

_WORDS = re.compile(r"[a-z0-9]+")
_SEVERAL = re.compile(r"\s*[,，、;；/]\s*")
_REPOSITORY = re.compile(r"^[\w.-]+/(?=[\w.-]+$)")
_KEPT = 16  # vectors of questions
_CHINESE = re.compile(f"[{HAN}].*[{HAN}]")
_TITLE_WORDS = 4  # of a title by which a question may call a reference
_FILTERS_KEPT = 4  # sets of passages and of references that filters let through; each takes eight bytes an entry


class Retriever:
    """Searches one snapshot; safe to use from many threads."""

    def __init__(self, snapshot: Snapshot, embedder: Embedder) -> None:
        self.snapshot = snapshot
        self._embedder = embedder
        self._kept: Callable[[str, str], NDArray[np.float32]] = lru_cache(maxsize=_KEPT)(
            lambda text, language: self.vectors([text], language)[0]
        )
        self._allowed = lru_cache(maxsize=_FILTERS_KEPT)(self._found_allowed)
        self._passing = lru_cache(maxsize=_FILTERS_KEPT)(self._found_passing)
        means = snapshot.manifest.query_means
        self._means = {name: np.asarray(mean, np.float32) for name, mean in means.items()}
        self._statement_means = {
            name: np.asarray(mean, np.float32) for name, mean in snapshot.manifest.sentence_means.items()
        }

    def vectors(self, texts: Sequence[str], language: str) -> NDArray[np.float32]:
        """Return the centred unit vectors of questions."""
        raw = self._embedder.queries(texts) - self._means[language]
        return np.asarray(raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9), np.float32)

    def vector(self, text: str, language: str) -> NDArray[np.float32]:
        """Return the centred unit vector of one question; the last few are kept, as one answer looks for its question more than once."""
        return self._kept(text, language)

    def statement(self, text: str, language: str) -> NDArray[np.float32]:
        """Return the centred unit vector of a sentence that states something."""
        raw = self._embedder.passages([text])[0] - self._statement_means[language]
        return np.asarray(raw / max(float(np.linalg.norm(raw)), 1e-9), np.float32)

    def sentence_sample(self, most: int) -> tuple[NDArray[np.float32], list[str]]:
        """Return about ``most`` centred sentence vectors, evenly taken from the whole index, and their languages."""
        total = self.snapshot.manifest.passages
        each = max(1, most // max(1, total))  # a small index gives several of each passage
        rows, languages = [np.zeros((0, self.snapshot.manifest.dimension), np.float32)], []
        for passage in range(0, total, max(1, total // most)):
            row = self.snapshot.passage(passage)
            count = len(row.sentences)
            taken = sorted({(2 * place + 1) * count // (2 * each) for place in range(each)})
            rows.append(self.snapshot.sentence_vectors(row)[taken])
            languages += [row.language] * len(taken)
        return np.concatenate(rows), languages

    def idf(self, words: Sequence[str]) -> dict[str, float]:
        """Return how telling each term is; a term that no passage holds counts most."""
        found = self.snapshot.document_frequencies(words)
        unknown = self.unknown_weight
        # an ordinary English word that stands nowhere (a verb of the question) must not outweigh the names that do
        return {
            word: self._idf(count) if count else unknown / 2 if word.isascii() and word.isalpha() else unknown
            for word, count in found.items()
        }

    @property
    def unknown_weight(self) -> float:
        """How telling a term is that no passage holds."""
        return self._idf(0)

    def _idf(self, count: int) -> float:
        return math.log(1 + (self.snapshot.manifest.passages - count + 0.5) / (count + 0.5))

    def named(self, question: Question) -> frozenset[int]:
        """The references that the question calls by their whole title ("What can FaceAI do?")."""
        asked = _WORDS.findall(question.text.lower())
        # runs of words are looked up, because going through the titles of a long list takes longer than the search
        runs = {" ".join(asked[at : at + words]) for at in range(len(asked)) for words in range(1, _TITLE_WORDS + 1)}
        return frozenset(number for run in runs for number in self._short_titles.get(run, ()))

    @cached_property
    def aliases(self) -> list[tuple[str, str]]:
        """Names in two languages that the list's titles give."""
        return aliases(item.title for item in self.snapshot.items)

    @cached_property
    def sites(self) -> dict[str, str]:
        """The hosts of the list by what they are called."""
        return spellings(item.site for item in self.snapshot.items)

    @cached_property
    def authors(self) -> dict[str, str]:
        """Those who wrote the articles, by their names in lower case."""
        signed = {item.author for item in self.snapshot.items if item.author}
        names = sorted({name for author in signed for name in _SEVERAL.split(author) if len(name) > 1})
        return {name.lower(): name for name in names}

    @cached_property
    def _short_titles(self) -> dict[str, list[int]]:
        """References by their titles of one to four Latin words, as they would stand in a question; of "owner/name" by the name."""
        titles: dict[str, list[int]] = {}
        for item in self.snapshot.items:
            called = _REPOSITORY.sub("", item.title)
            title = " ".join(_WORDS.findall(called.lower())) if called.isascii() else ""
            if len(title) >= 4 and title.count(" ") < _TITLE_WORDS:
                titles.setdefault(title, []).append(item.number)
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
        """Return up to ``k`` hits, best first; see ``Sought``, which looks for one question several times."""
        return Sought(self, question, candidates=candidates).hits(k, filters=filters, share=share)

    def allowed(self, filters: Filters) -> NDArray[np.int64] | None:
        """Return the passages that the filters let through; None: all of them."""
        return self._allowed(filters) if filters else None

    def _found_allowed(self, filters: Filters) -> NDArray[np.int64] | None:
        passing = self.passing(filters)
        return None if len(passing) == len(self.snapshot.items) else self.snapshot.passages_of(passing)

    def passing(self, filters: Filters) -> list[int]:
        """Return the numbers of the references that the filters let through, in list order."""
        return self._passing(filters)

    def _found_passing(self, filters: Filters) -> list[int]:
        return filters.numbers(self.snapshot.items, lambda number: self.languages.get(number, ""))

    @cached_property
    def languages(self) -> dict[int, str]:
        """The language of every reference: that of most of its passages, its title's where nobody could read it."""
        rows = self.snapshot.rows
        pairs, counts = np.unique(
            rows["reference"].astype(np.int64) * len(LANGUAGES) + rows["language"], return_counts=True
        )
        order = np.argsort(counts, kind="stable")  # a later one replaces an earlier one, so the most frequent stays
        found = {int(pair) // len(LANGUAGES): LANGUAGES[pair % len(LANGUAGES)] for pair in pairs[order]}
        # "小样本学习（Few-shot Learning）综述": the names in a Chinese title may be longer than the rest
        return found | {item.number: "zh" for item in self.snapshot.items if not item.characters and _CHINESE.search(item.title)}


@lru_cache(maxsize=1024)
def sentence_terms(text: str) -> frozenset[str]:
    """Return the terms of one sentence; the last ones are kept, as an answer looks at the same sentences for one question after another."""
    return frozenset(terms(text))
