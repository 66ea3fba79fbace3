"""What became of a reference in the snapshot before, where nothing that decides on it has changed since. Judges nothing.

Reading a kept reading back, making an item of it and hashing what it stands for takes four times as long as finding all that in the
report of the snapshot before, and in a small change nearly every reference is one of these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from index.pages import State
from index.readings import code_stamp
from index.records import Reference
from index.tables import TOLD, Base

UNKNOWN = bytes(16)
"""Stands for a reference that must be judged anew in every build."""


@dataclass(frozen=True, slots=True)
class Stood:
    """The item of a report, as it is written there, and the stamp of the reference's document."""

    row: Mapping[str, Any]
    stamp: bytes


def told_of(reference: Reference, state: State) -> bytes:
    """Return what stands for all that decides on a reference, its duplicates apart; ``UNKNOWN`` but for pages with one plain copy.

    Its number is no part of that, nor when its page was fetched: a link that moves within its list is the same one, and so is a page
    that was asked for again.
    """
    if state.failure is not None or len(state.copies) != 1:
        return UNKNOWN
    copy = state.copies[0]
    told = (reference.url, reference.title, reference.topic, reference.note, copy.origin, copy.digest)
    return hashlib.blake2b(f"{code_stamp()}\0{told}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Standing:
    """The references of the snapshot before."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], base: Base) -> None:
        file = base.directory / TOLD
        told = np.load(file).tolist() if file.exists() else []
        self._rows, self._stamps = rows, base.references["stamp"].tolist()
        self._places = {one: place for place, one in enumerate(told) if one != UNKNOWN} if len(told) == len(rows) else {}

    def of(self, told: bytes) -> Stood | None:
        """Return what became of a reference of which the same was told (``told_of``)."""
        place = self._places.get(told)
        return None if place is None else Stood(self._rows[place], self._stamps[place])
