"""The map of the online half: question -> understand -> retrieve -> enough evidence? -> extract -> cite.

``Assistant.open("data").ask("…")`` is all a program needs. A newly published snapshot is picked up between questions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from index.config import Settings, load_settings
from index.embed import load_embedder
from index.errors import StoreError, UsageError
from index.records import Item
from index.store import Snapshot, current_name
from rag.calibrate import Thresholds, calibrate
from rag.cite import Quote, citation
from rag.extract import pick
from rag.listing import articles_on, relevant_unread
from rag.questions import Question, understand
from rag.records import Answer
from rag.retrieve import Hit, Retriever
from rag.suggest import suggestions
from rag.words import answer_text, listing_text, refusal_text

HITS = 6
LISTED = 8  # references an answer lists where a whole list is asked for
_CHECK_SECONDS = 1.0


class _Opened:
    """One snapshot with all that belongs to it; replaced as a whole."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.retriever = Retriever(snapshot, load_embedder(snapshot.manifest.embedder))
        self.thresholds: Thresholds = calibrate(self.retriever)


class Assistant:
    """Answers questions about one data folder; safe to use from many threads."""

    def __init__(self, data: Path, settings: Settings) -> None:
        self._data = data
        self._settings = settings
        self._opened = _Opened(Snapshot.open(data))
        self._checked = time.monotonic()
        self._lock = threading.Lock()

    @classmethod
    def open(cls, data: str | Path = "data", *, settings: Settings | None = None) -> Assistant:
        """Open the published snapshot of a data folder.

        Raises:
            NoSnapshotError: nothing was built yet.
            StoreError, EmbedderError: the snapshot is damaged, or its embedder is not installed.
        """
        return cls(Path(data), settings or load_settings(data=Path(data)))

    def ask(
        self, question: str, *, history: Sequence[Mapping[str, str]] = (), topic: str | None = None, site: str | None = None,
        top_k: int | None = None, llm: bool | None = None,  # noqa: ARG002
    ) -> Answer:  # fmt: skip
        """Answer one question; ``history`` holds the earlier {"role", "content"} turns, ``top_k`` is the most sources cited.

        ``llm`` False asks for an extractive answer; there is no other kind where no language model is set.

        Raises:
            UsageError: the question is empty.
        """
        if not question.strip():
            raise UsageError("The question is empty: ask something about the listed pages.")
        began = time.perf_counter()
        opened = self._current()
        asked = understand(question, [turn["content"] for turn in history if turn.get("role") == "user"])
        hits = opened.retriever.retrieve(asked, HITS, topic=topic, site=site)
        retrieved = time.perf_counter()
        answer = self._answer(
            opened, asked, hits, topic=topic, site=site, most=top_k or self._settings.top_k, listed=top_k or LISTED
        )
        done = time.perf_counter()
        spans = {"retrieve": retrieved - began, "answer": done - retrieved, "total": done - began}
        return Answer(
            **{**_fields(answer), "milliseconds": {name: round(1000 * span, 1) for name, span in spans.items()}}
        )

    def stream(self, question: str, **options: Any) -> Iterator[str | Answer]:
        """Yield the pieces of the answer's text, then the answer itself; takes what ``ask`` takes."""
        answer = self.ask(question, **options)
        position = 0
        while position < len(answer.text):
            end = min(position + 24, len(answer.text))
            yield answer.text[position:end]
            position = end
        yield answer

    def _answer(
        self,
        opened: _Opened,
        asked: Question,
        hits: Sequence[Hit],
        *,
        topic: str | None,
        site: str | None,
        most: int,
        listed: int,
    ) -> Answer:
        snapshot, name = opened.snapshot, opened.snapshot.name
        unread = tuple(relevant_unread(opened.retriever, opened.thresholds, asked, hits))
        if asked.form == "articles":
            quotes = articles_on(opened.retriever, opened.thresholds, asked, topic=topic, site=site, most=listed)
            if quotes:
                citations = tuple(
                    citation(n, self._item(snapshot, q), q, snapshot.page_of(q.reference, q.start))
                    for n, q in enumerate(quotes, start=1)
                )
                cited = {c.reference for c in citations}
                return Answer(
                    listing_text(asked, citations),
                    False,
                    citations,
                    tuple(u for u in unread if u.reference not in cited),
                    name,
                )
        named = opened.retriever.named(asked) & {hit.passage.reference for hit in hits}
        read = [hit for hit in hits if not hit.passage.listing or self._noted(snapshot, hit)]
        read = [hit for hit in read if hit.passage.reference in named] or read
        enough = [hit for hit in read if opened.thresholds.answers(asked, hit)]
        if asked.small_talk or not enough:
            return Answer(refusal_text(asked, unread), True, (), unread, name)
        numbers = {hit.passage.reference for hit in enough}
        texts = {number: snapshot.text(number) for number in numbers}
        titles = {number: item.title for number in numbers if (item := snapshot.item(number))}
        quotes = pick(asked, enough, texts, titles, opened.retriever.idf(asked.terms), most=most)
        if not quotes:
            return Answer(refusal_text(asked, unread), True, (), unread, name)
        citations = tuple(
            citation(n, self._item(snapshot, q), q, snapshot.page_of(q.reference, q.start))
            for n, q in enumerate(quotes, start=1)
        )
        return Answer(answer_text(asked, citations), False, citations, unread, name)

    @staticmethod
    def _noted(snapshot: Snapshot, hit: Hit) -> bool:
        """Whether the list's own note, not just a title, holds what is asked: it may then be quoted as such."""
        item = snapshot.item(hit.passage.reference)
        return item is not None and bool(item.note) and hit.coverage >= 0.5

    @staticmethod
    def _item(snapshot: Snapshot, quote: Quote) -> Item:
        item = snapshot.item(quote.reference)
        assert item is not None
        return item

    def status(self) -> dict[str, Any]:
        """Return the contract's status document of the current snapshot."""
        return self._current().snapshot.report()

    def items(self) -> tuple[Item, ...]:
        """Return every reference with its outcome, in list order."""
        return self._current().snapshot.items

    def stored(self, number: int) -> tuple[Item, str] | None:
        """Return a reference with its stored text, or None for an unknown number."""
        snapshot = self._current().snapshot
        item = snapshot.item(number)
        return (item, snapshot.text(number)) if item else None

    def topics(self) -> list[tuple[str, ...]]:
        """Return the list's own headings, in order."""
        return list(dict.fromkeys(item.topic for item in self.items() if item.topic))

    def examples(self, language: str, n: int = 4) -> list[str]:
        """Return up to ``n`` questions made from what was read and from the list's topics, each of which is answered."""
        answered = (question for question in suggestions(self.items(), language) if not self.ask(question).refused)
        return list(islice(answered, n))

    @property
    def snapshot_name(self) -> str:
        """The name of the snapshot that answers."""
        return self._current().snapshot.name

    def _current(self) -> _Opened:
        """Return the newest snapshot; one that cannot be opened leaves the present one at work."""
        now = time.monotonic()
        if now - self._checked >= _CHECK_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._checked = now
                if current_name(self._data) not in (None, self._opened.snapshot.name):
                    # the old one is not closed: a question may still read from it, and it goes when nobody does
                    self._opened = _Opened(Snapshot.open(self._data))
            except StoreError:
                pass
            finally:
                self._lock.release()
        return self._opened


def _fields(answer: Answer) -> dict[str, Any]:
    return {
        name: getattr(answer, name) for name in ("text", "refused", "citations", "unread", "snapshot", "mode", "model")
    }
