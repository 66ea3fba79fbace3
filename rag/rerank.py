"""Hits in a better order, by a cross-encoder that reads question and passage together. Optional; knows no index.

The order changes, the scores stay: they are what the refusal threshold was measured on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from index.errors import EmbedderError
from index.terms import plain
from rag.retrieve import Hit

POOL = 30  # hits that are read again; the cost of a question is that many passages through the model


class Reranker:
    """Any Sentence Transformers CrossEncoder, by name or folder."""

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise EmbedderError(
                f"Reranker {name!r} needs Sentence Transformers: pip install -c constraints.txt -e '.[models]', or unset CITEBACK_RERANKER."
            ) from error
        try:
            self._model: Any = CrossEncoder(name)
        except Exception as error:  # the library raises a different class for each way a model can be missing
            raise EmbedderError(
                f"Reranker {name!r} cannot be loaded ({str(error).splitlines()[0]}): check the name, or give a folder."
            ) from error

    def order(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits, those of the pool in the model's order, the others after them."""
        pool = list(hits[:POOL])
        if len(pool) < 2:
            return list(hits)
        scores = self._model.predict(
            [(question, "\n".join([*hit.passage.heading, plain(hit.passage.text)])) for hit in pool]
        )
        ranked = sorted(range(len(pool)), key=lambda place: (-float(scores[place]), place))
        return [pool[place] for place in ranked] + list(hits[POOL:])


@lru_cache(maxsize=1)
def load_reranker(name: str) -> Reranker | None:
    """Return the reranker of that name, loaded once; None for no name.

    Raises:
        EmbedderError: it cannot be loaded; the message says what to install.
    """
    return Reranker(name) if name else None
