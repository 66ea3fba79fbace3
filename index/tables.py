"""References in list order -> the tables of a snapshot; what has not changed is copied from the snapshot before.

``keep`` or ``add`` each reference: texts, marks, passages, sentences and the keys of their vectors. The vectors and the indexes
follow in ``index.finish``. Knows no page and no embedder. See ``index.layout``.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.layout import BUFFER, KEY, PASSAGE, REFERENCE, Growing, starts_of
from index.lexical_write import LexicalWriter
from index.mapped import bytes_of, mapped
from index.slices import Slice

TOLD = "told.npy"  # a key a reference, see ``index.standing``
_COUNTED = ("text", "marks", "passages", "sentences", "clauses")
_COPIED = (
    ("places", "passages"), ("passage_keys", "passages"),
    ("spans", "sentences"), ("sentence_keys", "sentences"), ("sentence_languages", "sentences"), ("clause_counts", "sentences"),
    ("clause_keys", "clauses"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one reference, cut; ``listing`` where it is the list's own words.

    ``stamp`` stands for all it was made from. ``context`` are lexical terms that each passage has beside its own.
    ``passage_keys`` name the vectors of its passages.
    """

    stamp: bytes
    body: Slice
    context: Sequence[str]
    passage_keys: NDArray[np.void]
    listing: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring references that are copied (``base`` is the first one's place in the snapshot before) or new (None)."""

    base: int | None
    references: int


class Base:
    """The tables of the snapshot before, where each reference begins in them, and of each the key of its text and how many passages it has."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.references = np.load(directory / "references.npy")
        self.starts = {name: starts_of(self.references[name]) for name in _COUNTED}
        self._places = {stamp: place for place, stamp in enumerate(self.references["stamp"].tolist())}
        self.kept: list[tuple[bytes, int]] = list(zip(self.references["text_key"].tolist(), self.references["passages"].tolist(), strict=True))

    def place(self, stamp: bytes) -> int | None:
        """Return which of its references has that stamp."""
        return self._places.get(stamp)

    def span(self, table: str, run: Run) -> tuple[int, int]:
        """Return the first and the last row (or byte) of a copied run."""
        assert run.base is not None
        return int(self.starts[table][run.base]), int(self.starts[table][run.base + run.references])


class TableWriter:
    """Writes the tables of one snapshot into a folder."""

    def __init__(self, folder: Path, base: Base | None) -> None:
        self.runs: list[Run] = []
        self.text_keys: list[bytes] = []
        self.told: list[bytes] = []
        self.folder, self.base = folder, base
        self._stack = ExitStack()
        self._texts = self._stack.enter_context((folder / "texts.bin").open("wb", BUFFER))
        self._marks = self._stack.enter_context((folder / "marks.bin").open("wb", BUFFER))
        self._tables = {
            name: self._stack.enter_context(Growing(folder / f"{name}.npy", dtype))
            for name, dtype in (
                ("references", REFERENCE), ("places", PASSAGE), ("sentence_languages", np.uint8),
                ("passage_keys", KEY), ("sentence_keys", KEY),
                ("clause_counts", np.uint16), ("clause_keys", KEY),
            )
        }  # fmt: skip
        self._tables["spans"] = self._stack.enter_context(Growing(folder / "spans.npy", np.int32, 2))
        self._before = {name: mapped(base.directory / f"{name}.npy") for name in self._tables} if base else {}
        self._bytes_before = [memoryview(bytes_of(base.directory / name)) for name in ("texts.bin", "marks.bin")] if base else []
        self._waiting: Run | None = None
        self.lexical = LexicalWriter()

    @property
    def passages(self) -> int:
        """How many passages there are."""
        return self._tables["places"].rows

    @property
    def sentences(self) -> int:
        """How many sentences there are."""
        return self._tables["spans"].rows

    def keep(self, stamp: bytes) -> int | None:
        """Take over the reference with that stamp; return how many passages it has, or None where there is none such."""
        place = self.base.place(stamp) if self.base else None
        if place is None or self.base is None:
            return None
        text_key, passages = self.base.kept[place]
        self.text_keys.append(text_key)
        waiting = self._waiting
        if waiting is not None and waiting.base is not None and waiting.base + waiting.references == place:
            self._waiting = Run(waiting.base, waiting.references + 1)
        else:
            self._flush()
            self._waiting = Run(place, 1)
        return passages

    def add(self, document: Document) -> None:
        """Add a new reference."""
        self._flush()
        self.runs.append(Run(None, 1))
        body, tables = document.body, self._tables
        sentences = len(body.spans)
        self.text_keys.append(body.text_key)
        self._texts.write(body.text)
        self._marks.write(body.marks)
        about = np.zeros(1, REFERENCE)
        about[0] = (
            document.stamp, body.text_key, len(body.text), len(body.marks), body.pages, len(body.places), sentences,
            len(body.keys) - sentences, document.listing,
        )  # fmt: skip
        tables["references"].add(about)
        tables["places"].add(body.places)
        tables["spans"].add(body.spans)
        tables["sentence_languages"].add(body.sentence_languages)
        tables["clause_counts"].add(body.clause_counts)
        tables["passage_keys"].add(document.passage_keys)
        tables["sentence_keys"].add(body.keys[:sentences])
        tables["clause_keys"].add(body.keys[sentences:])
        self.lexical.add(body.postings, document.context)

    def _flush(self) -> None:
        """Copy the references that were kept since the last new one."""
        run, base, self._waiting = self._waiting, self.base, None
        if run is None or base is None or run.base is None:
            return
        self.runs.append(run)
        for file, table, before in zip((self._texts, self._marks), ("text", "marks"), self._bytes_before, strict=True):
            file.write(before[slice(*base.span(table, run))])
        for name, table in _COPIED:
            self._tables[name].add(self._before[name][slice(*base.span(table, run))])
        self._tables["references"].add(base.references[run.base : run.base + run.references])

    def close(self) -> None:
        """End the first pass."""
        self._flush()
        np.save(self.folder / TOLD, np.frombuffer(b"".join(self.told), KEY))
        self._stack.close()

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
