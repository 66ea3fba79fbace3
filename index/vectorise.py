"""Texts -> keys now and vectors later: what no earlier build embedded is embedded, in steps, in the order it was asked for.

Knows no pages. A vector is rounded to halves before it is first used, so that one that is kept and one that is new are the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embed import Embedder
from index.keys import firsts
from index.layout import KEY, key
from index.mapped import halves
from index.vectorcache import VectorCache

if TYPE_CHECKING:
    from index.build import Progress

STEP = 512
"""Texts that are embedded at a time: the encoder sorts them by length and does long and short ones apart."""
_SIFTED = 16 * STEP  # texts that are looked up at a time: many keys are found five times as fast as few
_BLANK = np.frombuffer(key(""), KEY)


class Vectoriser:
    """Embeds what the cache does not hold."""

    def __init__(self, embedder: Embedder, cache: VectorCache, progress: Progress) -> None:
        self.embedded = 0
        self.seconds = 0.0
        self.stopped = threading.Event()
        self._embedder, self._cache, self._progress = embedder, cache, progress
        self._done = 0
        self._asked: list[tuple[NDArray[np.void], Sequence[str], bool]] = []
        self._asked_texts = 0
        self._keys, self._texts = np.zeros(0, KEY), list[str]()  # what waits to be embedded

    def want(self, keys: NDArray[np.void], texts: Sequence[str], *, count: bool = False) -> None:
        """Ask for the vectors of texts; the cache holds them after ``flush``. ``count``: they are passages."""
        self._asked.append((keys, texts, count))
        self._asked_texts += len(keys)
        if self._asked_texts >= _SIFTED:
            self.catch_up()

    def catch_up(self) -> None:
        """Let what has no vector yet wait for it, in the order it was asked for; embed whole steps of it."""
        asked, self._asked, self._asked_texts = self._asked, [], 0
        keys = np.concatenate([self._keys, *(keys for keys, _, _ in asked)])
        texts = [*self._texts, *chain.from_iterable(texts for _, texts, _ in asked)]
        counted = np.repeat([False, *(count for _, _, count in asked)], [len(self._keys), *(len(keys) for keys, _, _ in asked)])
        missing = np.flatnonzero((self._cache.keys.rows(keys) < 0) & (keys != _BLANK))
        new = missing[firsts(keys[missing])]
        self.embedded += int(counted[new].sum())
        self._keys, self._texts = keys[new], [texts[place] for place in new.tolist()]
        while len(self._texts) >= STEP and not self.stopped.is_set():
            self._step()

    def flush(self) -> None:
        """Embed what is still waiting."""
        self.catch_up()
        while self._texts and not self.stopped.is_set():
            self._step()

    def _step(self) -> None:
        began = time.monotonic()
        vectors = halves(self._embedder.passages(self._texts[:STEP]))
        self.seconds += time.monotonic() - began
        self._cache.add(self._keys[:STEP], vectors)
        self._done += len(vectors)
        self._keys, self._texts = self._keys[STEP:], self._texts[STEP:]
        self._progress("embed", self._done, self._done + len(self._texts), "")

    def mean(self, texts: Sequence[str], kind: str = "") -> NDArray[np.float32]:
        """Return the mean vector of general texts; ``kind`` "query" embeds them as questions."""
        keys = np.frombuffer(b"".join(key(text, kind) for text in texts), KEY)
        missing = np.flatnonzero(self._cache.keys.rows(keys) < 0)
        if len(missing):
            embed = self._embedder.queries if kind == "query" else self._embedder.passages
            self._cache.add(keys[missing], halves(embed([texts[place] for place in missing.tolist()])))
        vectors = self._cache.vectors(self._cache.keys.rows(keys))
        return np.asarray(vectors.astype(np.float64).mean(axis=0), np.float32)
