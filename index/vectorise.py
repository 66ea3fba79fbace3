"""Texts -> keys now and vectors later: what no earlier build embedded is embedded, in steps, in the order it was asked for.

Knows no pages. A vector is rounded to halves before it is first used, so that one that is kept and one that is new are the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embed import Embedder
from index.layout import KEY, key
from index.mapped import halves
from index.vectorcache import VectorCache

if TYPE_CHECKING:
    from index.build import Progress

STEP = 512
"""Texts that are embedded at a time: the encoder sorts them by length and does long and short ones apart."""


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
        self._waiting: dict[bytes, str] = {}

    def want(self, keys: NDArray[np.void], texts: Sequence[str], *, count: bool = False) -> None:
        """Ask for the vectors of texts; the cache holds them after ``flush``. ``count``: they are passages."""
        self._asked.append((keys, texts, count))
        self._asked_texts += len(keys)
        if self._asked_texts >= STEP:  # soon, so that embedding keeps up with a slow crawl
            self._sift()

    def _sift(self) -> None:
        """Let what has no vector yet wait for it, in the order it was asked for."""
        asked, self._asked, self._asked_texts = self._asked, [], 0
        missing = self._cache.keys.rows(np.concatenate([np.zeros(0, KEY), *(keys for keys, _, _ in asked)])) < 0
        at = 0
        for keys, texts, count in asked:
            new = np.flatnonzero(missing[at : at + len(keys)])
            at += len(keys)
            before = len(self._waiting)
            for text_key, place in zip(keys[new].tolist(), new.tolist(), strict=True):
                if text := texts[place]:
                    self._waiting.setdefault(text_key, text)
            self.embedded += count * (len(self._waiting) - before)
        while len(self._waiting) >= STEP:
            self._step()

    def flush(self) -> None:
        """Embed what is still waiting."""
        self._sift()
        while self._waiting and not self.stopped.is_set():
            self._step()

    def _step(self) -> None:
        if self.stopped.is_set():
            return
        chosen = dict(islice(self._waiting.items(), STEP))
        began = time.monotonic()
        vectors = halves(self._embedder.passages(list(chosen.values())))
        self.seconds += time.monotonic() - began
        self._cache.add(list(chosen), vectors)
        for text_key in chosen:
            del self._waiting[text_key]
        self._done += len(chosen)
        self._progress("embed", self._done, self._done + len(self._waiting), "")

    def mean(self, texts: Sequence[str], kind: str = "") -> NDArray[np.float32]:
        """Return the mean vector of general texts; ``kind`` "query" embeds them as questions."""
        keys = [key(text, kind) for text in texts]
        array = np.frombuffer(b"".join(keys), KEY)
        missing = np.flatnonzero(self._cache.keys.rows(array) < 0).tolist()
        if missing:
            embed = self._embedder.queries if kind == "query" else self._embedder.passages
            new = {keys[place]: texts[place] for place in missing}
            self._cache.add(list(new), halves(embed(list(new.values()))))
        vectors = self._cache.vectors(self._cache.keys.rows(array))
        return np.asarray(vectors.astype(np.float64).mean(axis=0), np.float32)
