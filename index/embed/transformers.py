"""Any Sentence Transformers model, by name or folder, with its own prompts. The only file that loads torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import EmbedderError

_BATCH = 32


class SentenceTransformersEmbedder:
    """Loads the model when made: importing torch costs seconds, so only a user who names a model pays for it."""

    def __init__(self, name: str) -> None:
        # a folder is remembered by its whole path: the next build may start elsewhere (cron)
        self.name = str(Path(name).absolute()) if Path(name).is_dir() else name
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EmbedderError(
                f"Embedder {name!r} needs Sentence Transformers: pip install -c constraints.txt -e '.[models]' "
                "(or leave --embedder out for the bundled one)."
            ) from error
        try:
            self._model: Any = SentenceTransformer(name)
        except Exception as error:  # the library raises a different class for each way a model can be missing
            raise EmbedderError(
                f"Embedder {name!r} cannot be loaded ({str(error).splitlines()[0]}): "
                "check the name, or give the folder of a downloaded model."
            ) from error
        self.dimension = int(self._model.get_embedding_dimension())

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, encoded with the model's document prompt."""
        return self._encode(self._model.encode_document, texts)

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, encoded with the model's query prompt."""
        return self._encode(self._model.encode_query, texts)

    def _encode(self, encode: Any, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        filled = [(row, text) for row, text in enumerate(texts) if text.strip()]
        if filled:
            rows = [row for row, _ in filled]
            vectors[rows] = encode(
                [text for _, text in filled], batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        return vectors
