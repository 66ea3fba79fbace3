"""References in list order -> the tables of a snapshot; what has not changed is copied from the snapshot before.

``keep`` or ``add`` each reference: texts, marks, passages, sentences and the keys of their vectors. The vectors and the indexes
follow in ``index.finish``. Knows no page and no embedder. See ``index.layout``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.centre import LANGUAGES
from index.layout import KEY, PASSAGE, REFERENCE, Growing, copy_bytes
from index.lexical import LexicalWriter
from index.records import Passage, Sentence

_COUNTED = ("text", "marks", "passages", "sentences", "clauses")
_COPIED = (
    ("places", "passages"), ("passage_keys", "passages"),
    ("spans", "sentences"), ("sentence_keys", "sentences"), ("sentence_languages", "sentences"), ("clause_counts", "sentences"),
    ("clause_keys", "clauses"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one reference with its passages; ``listing`` where the text is the list's own words.

    ``stamp`` stands for all it was made from. ``terms`` are the lexical terms of each passage. ``passage_keys`` and
    ``sentence_keys`` name the vectors, of sentences as ``ordered_sentences`` has them; ``clause_keys`` those of the clauses of
    each sentence. ``page_starts`` are those of a PDF.
    """

    stamp: bytes
    text: str
    passages: tuple[Passage, ...]
    languages: tuple[str, ...]
    terms: tuple[Sequence[str], ...]
    passage_keys: tuple[bytes, ...]
    sentence_keys: tuple[bytes, ...]
    clause_keys: tuple[tuple[bytes, ...], ...]
    listing: bool
    page_starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring references that are copied (``base`` is the first one's place in the snapshot before) or new (None)."""

    base: int | None
    references: int


def starts_of(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each of these many things begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


class Base:
    """The tables of the snapshot before, and where each reference begins in them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.references = np.load(directory / "references.npy")
        self.starts = {name: starts_of(self.references[name]) for name in _COUNTED}
        self._places = {bytes(stamp): place for place, stamp in enumerate(self.references["stamp"])}

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
        self.folder, self.base = folder, base
        self._stack = ExitStack()
        self._texts = self._stack.enter_context((folder / "texts.bin").open("wb"))
        self._marks = self._stack.enter_context((folder / "marks.bin").open("wb"))
        self._tables = {
            name: self._stack.enter_context(Growing(folder / f"{name}.npy", dtype))
            for name, dtype in (
                ("references", REFERENCE), ("places", PASSAGE), ("sentence_languages", np.uint8),
                ("passage_keys", KEY), ("sentence_keys", KEY),
                ("clause_counts", np.uint16), ("clause_keys", KEY),
            )
        }  # fmt: skip
        self._tables["spans"] = self._stack.enter_context(Growing(folder / "spans.npy", np.int32, 2))
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

    @property
    def vectors(self) -> int:
        """How many vectors there will be, of passages, sentences and clauses."""
        return self.passages + self.sentences + self._tables["clause_keys"].rows

    def keep(self, stamp: bytes) -> int | None:
        """Take over the reference with that stamp; return how many passages it has, or None where there is none such."""
        place = self.base.place(stamp) if self.base else None
        if place is None or self.base is None:
            return None
        row = self.base.references[place]
        self.text_keys.append(bytes(row["text_key"]))
        waiting = self._waiting
        if waiting is not None and waiting.base is not None and waiting.base + waiting.references == place:
            self._waiting = Run(waiting.base, waiting.references + 1)
        else:
            self._flush()
            self._waiting = Run(place, 1)
        return int(row["passages"])

    def add(self, document: Document) -> None:
        """Add a new reference."""
        self._flush()
        self.runs.append(Run(None, 1))
        text = document.text.encode("utf-8", "surrogatepass")
        key = hashlib.blake2b(text, digest_size=16).digest()
        self.text_keys.append(key)
        self._texts.write(text)
        byte = _Bytes(document.text)
        sentences = ordered_sentences(document.passages)
        order = {span: place for place, span in enumerate(sentences)}
        pages = json.dumps(document.page_starts).encode() if document.page_starts else b""
        marks = [pages]
        at = len(pages)
        rows = np.zeros(len(document.passages), PASSAGE)
        spoken = np.zeros(len(sentences), np.uint8)
        for place in reversed(range(len(rows))):  # a sentence that two passages share has the language of the first
            passage = document.passages[place]
            first, language = order[passage.sentences[0]], LANGUAGES.index(document.languages[place])
            spoken[first : first + len(passage.sentences)] = language
        for place, passage in enumerate(document.passages):
            mark = json.dumps(passage.heading, ensure_ascii=False).encode("utf-8", "surrogatepass")
            marks.append(mark)
            first_byte, last_byte = byte.at(passage.start), byte.at(passage.end)
            rows[place] = (
                passage.start, passage.end, first_byte, last_byte - first_byte, at, len(mark),
                order[passage.sentences[0]], len(passage.sentences), LANGUAGES.index(document.languages[place]),
            )  # fmt: skip
            at += len(mark)
        self._marks.write(b"".join(marks))
        clauses = [key for found in document.clause_keys for key in found]
        self._tables["clause_counts"].add(np.asarray([len(found) for found in document.clause_keys], np.uint16))
        self._tables["clause_keys"].add(np.frombuffer(b"".join(clauses), KEY))
        about = np.zeros(1, REFERENCE)
        about[0] = (
            document.stamp,
            key,
            len(text),
            at,
            len(pages),
            len(rows),
            len(spoken),
            len(clauses),
            document.listing,
        )
        self._tables["references"].add(about)
        self._tables["places"].add(rows)
        self._tables["spans"].add(np.asarray([(s.start, s.end) for s in sentences], np.int32).reshape(-1, 2))
        self._tables["sentence_languages"].add(spoken)
        self._tables["passage_keys"].add(np.frombuffer(b"".join(document.passage_keys), KEY))
        self._tables["sentence_keys"].add(np.frombuffer(b"".join(document.sentence_keys), KEY))
        for words in document.terms:
            self.lexical.add(words)

    def _flush(self) -> None:
        """Copy the references that were kept since the last new one."""
        run, base, self._waiting = self._waiting, self.base, None
        if run is None or base is None or run.base is None:
            return
        self.runs.append(run)
        for file, table, name in ((self._texts, "text", "texts.bin"), (self._marks, "marks", "marks.bin")):
            first, last = base.span(table, run)
            file.flush()
            with (base.directory / name).open("rb") as source:
                copy_bytes(source.fileno(), file.fileno(), first, last - first)
            file.seek(0, 2)
        for name, table in _COPIED:
            self._tables[name].copy(base.directory / f"{name}.npy", *base.span(table, run))
        self._tables["references"].copy(base.directory / "references.npy", run.base, run.base + run.references)

    def close(self) -> None:
        """End the first pass."""
        self._flush()
        self._stack.close()

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def ordered_sentences(passages: Sequence[Passage]) -> list[Sentence]:
    """Return the distinct sentences of an article in order: neighbours share one, which is stored once."""
    return sorted({s for passage in passages for s in passage.sentences}, key=lambda s: s.start)


class _Bytes:
    """Where a character of a text begins in its UTF-8 bytes."""

    def __init__(self, text: str) -> None:
        self._ascii = text.isascii()
        if not self._ascii:
            codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
            sizes = 1 + (codes > 0x7F).astype(np.int64) + (codes > 0x7FF) + (codes > 0xFFFF)
            self._starts = starts_of(sizes)

    def at(self, character: int) -> int:
        return character if self._ascii else int(self._starts[character])
