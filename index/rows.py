"""What is asked of many passages at once: columns of numbers, and the parts of a passage's score. Knows no texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROW = np.dtype(
    [("reference", "<i4"), ("first_sentence", "<i8"), ("sentences", "<u2"), ("language", "u1"), ("listing", "?")]
)
"""A passage in rows.npy; ``language`` is a place in ``index.centre.LANGUAGES``, ``first_sentence`` a row of sentences.npy."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages that may answer a question, with what their score is made from.

    ``cosines`` (n,) and ``lines`` (m,) are centred cosines with the question: of the passages, and of their sentences, of which
    those of candidate i end at ``ends[i]``; ``parts`` (m,) is the cosine of each sentence's best clause, which is the sentence
    itself where it has but one; ``holds`` (n, t) says which of the t terms stand in a passage or in what the
    list says of it.
    """

    ids: NDArray[np.int64]
    rows: NDArray[np.void]
    cosines: NDArray[np.float32]
    lines: NDArray[np.float32]
    parts: NDArray[np.float32]
    ends: NDArray[np.int64]
    holds: NDArray[np.bool_]
