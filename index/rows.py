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
    """Passages that may answer a question, with what they are first scored by.

    ``cosines`` (n,) are centred cosines with the question; ``holds`` (n, t) says which of the t terms stand in a passage or in
    what the list says of it.
    """

    ids: NDArray[np.int64]
    rows: NDArray[np.void]
    cosines: NDArray[np.float32]
    holds: NDArray[np.bool_]

    def taken(self, places: NDArray[np.int64]) -> Candidates:
        """Return some of them, in that order."""
        return Candidates(self.ids[places], self.rows[places], self.cosines[places], self.holds[places])


@dataclass(frozen=True, slots=True)
class Lines:
    """The centred cosines of the sentences of passages with a question; those of passage i end at ``ends[i]``.

    ``parts`` is the cosine of each sentence's best clause, which is the sentence itself where it has but one.
    """

    cosines: NDArray[np.float32]
    parts: NDArray[np.float32]
    ends: NDArray[np.int64]

    def of(self, place: int) -> tuple[float, ...]:
        """Return the cosines of the sentences of one passage, in order."""
        return tuple(self.cosines[self.ends[place - 1] if place else 0 : self.ends[place]].tolist())
