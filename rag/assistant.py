"""The map of the online half: question -> understand -> retrieve -> enough evidence? -> extract or compose -> cite.

``Assistant.open("data").ask("…")`` is all a program needs. A newly published snapshot is picked up between questions.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from index.config import Settings, load_settings
from index.embed import is_remote, load_embedder
from index.errors import CitebackError, ModelError, StoreError
from index.manifest import current_name
from index.records import Item
from index.store import Snapshot
from rag.atlas import Spot, atlas
from rag.calibrate import Levels, Thresholds, support_levels, thresholds
from rag.cite import found as passage_found
from rag.compose import composed
from rag.context import Context, context
from rag.direct import direct
from rag.evidence import Evidence, extracted, gather
from rag.filters import Filters
from rag.follow import follow
from rag.hits import passages_for, retrieved_for
from rag.llm import LanguageModel
from rag.questions import Question, askable
from rag.records import Answer, Citation, Found, pieces_of
from rag.rerank import POOL, load_reranker
from rag.retrieve import Retriever
from rag.sought import Sought
from rag.spelling import spelled
from rag.suggest import suggestions
from rag.trouble import trouble
from rag.turns import Turns
from rag.words import checked_words

HITS = 6
CITED = 5  # sources of an answer, where nobody says how many
LISTED, NAMED = 8, 20  # references an answer lists where those on a subject are asked for, or all of some kind
_CHECK_SECONDS = 1.0


class _Opened:
    """One snapshot with all that belongs to it; replaced as a whole."""

    def __init__(self, snapshot: Snapshot, api_key: str) -> None:
        self.snapshot = snapshot
        self.retriever = Retriever(snapshot, load_embedder(snapshot.manifest.embedder, api_key=api_key))
        # more questions at once than processors only hold each other up; one that waits for another machine holds up nobody
        alone = not snapshot.manifest.store and not is_remote(snapshot.manifest.embedder)
        self.turns: AbstractContextManager[Any] = Turns(_processors()) if alone else nullcontext()
        self.examples: dict[tuple[str, int], list[str]] = {}
        self.thresholds: Thresholds = thresholds(self.retriever)

    @cached_property
    def levels(self) -> Levels:
        """How a model's sentences are judged; measured when the first one is."""
        return support_levels(self.retriever)

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """The articles on the map."""
        return atlas(self.snapshot)


class Assistant:
    """Answers questions about one data folder; safe to use from many threads."""

    def __init__(self, data: Path, settings: Settings) -> None:
        self._data = data
        self._settings = settings
        self._model = LanguageModel.of(settings)
        self._opened = _Opened(Snapshot.open(data, token=settings.milvus_token), settings.embedder_api_key)
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

    def ask(self, question: str, **options: Any) -> Answer:
        """Answer one question; takes what ``stream`` takes.

        Raises:
            UsageError: the question is empty or too long, or an option is none.
        """
        *_, answer = self.stream(question, **options)
        assert isinstance(answer, Answer)
        return answer

    def warm(self) -> None:
        """Load what the first question would wait for: a second of the bundled embedder, more of a larger one."""
        opened = self._current()
        if not is_remote(opened.snapshot.manifest.embedder):
            with suppress(CitebackError):  # whoever asks is told
                self.ask(next((item.title for item in opened.snapshot.items if item.title), "?"), llm=False)

    def stream(
        self, question: str, *, history: Sequence[Mapping[str, str]] = (), topic: str | None = None, site: str | None = None,
        language: str | None = None, fully_read: bool = False, top_k: int | None = None, llm: bool | None = None,
    ) -> Iterator[str | Answer]:  # fmt: skip
        """Yield the pieces of the answer's text (each a ``Piece`` with the citations known by then), then the answer itself.

        A ``Reading`` comes before the words of a language model, and holds none.

        ``history`` holds the earlier {"role", "content"} turns; ``topic``, ``site``, ``language`` and ``fully_read`` narrow
        what may answer (see ``Filters``); ``top_k`` is the most sources cited. ``llm`` False asks for
        an extractive answer; there is no other kind where no language model is set. Where a model fails after it began
        to answer, the pieces go on with the answer that takes its place.

        Raises:
            UsageError: the question is empty or too long, or an option is none.
        """
        askable(question, language, top_k, self._settings.max_question)
        began = time.perf_counter()
        opened, model = self._current(), None if llm is False else self._model
        asked = follow(question, history, model)
        filters = Filters(topic, site, language, fully_read)
        most = top_k or self._settings.top_k
        reranker = load_reranker(self._settings.reranker)
        found: Evidence | Answer | None
        with opened.turns:
            asked = spelled(opened.snapshot, asked)
            counts = {"most": most or CITED, "named": most or NAMED}
            found = direct(opened.retriever, opened.thresholds, asked, history, filters=filters, **counts)
            retrieved = ranked = began
            if found is None:
                sought = Sought(opened.retriever, asked)
                hits = retrieved_for(sought, max(HITS, POOL) if reranker else HITS, filters=filters)
                retrieved = ranked = time.perf_counter()
                if reranker:
                    read = [hit for hit in hits if not hit.passage.listing]
                    hits = reranker.order(asked.standalone, read)[:HITS] + [hit for hit in hits if hit.passage.listing]
                    ranked = time.perf_counter()
                listed = most or LISTED
                found = gather(sought, opened.thresholds, hits, filters=filters, listed=listed)
                if isinstance(found, Evidence) and model is None:
                    found = extracted(opened.retriever, asked, found, most=most or CITED)
        if isinstance(found, Evidence) and model:
            answer = yield from self._answered(opened, asked, found, model, most=most or CITED)
        else:
            assert isinstance(found, Answer)
            answer = found
            yield from pieces_of(answer.text, answer.citations)
        shown = {(c.url, c.title) for c in answer.citations}
        answer = replace(answer, unread=tuple(u for u in answer.unread if (u.url, u.title) not in shown))
        done = time.perf_counter()
        spans = {"retrieve": retrieved - began, "answer": done - ranked, "total": done - began}
        if reranker:
            spans["rerank"] = ranked - retrieved
        yield replace(answer, milliseconds={name: round(1000 * span, 1) for name, span in spans.items()})

    def found(
        self, question: str, *, history: Sequence[Mapping[str, str]] = (), topic: str | None = None, site: str | None = None,
        language: str | None = None, fully_read: bool = False, k: int,
    ) -> list[int]:  # fmt: skip
        """Return the references whose passages come nearest to a question, best first; what ``evaluate`` measures."""
        filters = Filters(topic, site, language, fully_read)
        opened = self._current()
        asked = spelled(opened.snapshot, follow(question, history))
        hits = opened.retriever.retrieve(asked, k, filters=filters, share=1)
        return [hit.passage.reference for hit in hits]

    def search(
        self, question: str, *, topic: str | None = None, site: str | None = None, language: str | None = None,
        fully_read: bool = False, k: int = 10,
    ) -> list[Found]:  # fmt: skip
        """Return the passages nearest to a question, best first, whether they answer it or not.

        Raises:
            UsageError: the question is empty or too long, or an option is none.
        """
        askable(question, language, k, self._settings.max_question)
        opened = self._current()
        sought = Sought(opened.retriever, spelled(opened.snapshot, follow(question, ())))
        hits = passages_for(sought, k, filters=Filters(topic, site, language, fully_read))
        items = {item.number: item for item in opened.snapshot.items}
        pages = [opened.snapshot.page_of(hit.passage.reference, hit.passage.start) for hit in hits]
        return [
            passage_found(items[hit.passage.reference], hit.passage, hit.score, page)
            for hit, page in zip(hits, pages, strict=True)
        ]

    def _answered(
        self, opened: _Opened, asked: Question, evidence: Evidence, model: LanguageModel, *, most: int
    ) -> Generator[str, None, Answer]:
        """Yield the text, by the model where it can be used; return the answer."""
        note, said = "", False
        try:
            for piece in composed(model, asked, evidence, opened.retriever, opened.levels, most=most):
                if isinstance(piece, Answer):
                    return piece
                said = said or bool(piece)
                yield piece
        except ModelError as error:
            note = checked_words("fallback", asked.language).format(why=trouble(error, asked.language)) + "\n\n"
        with opened.turns:
            answer = extracted(opened.retriever, asked, evidence, most=most)
        answer = replace(answer, text=note + answer.text)
        yield from pieces_of("\n\n" * said + answer.text, answer.citations)
        return answer

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

    def item(self, number: int) -> Item | None:
        """Return one reference."""
        return self._current().snapshot.item(number)

    def page_of(self, number: int, offset: int) -> int | None:
        """Return the page of a PDF on which a character of its stored text stands."""
        return self._current().snapshot.page_of(number, offset)

    def contexts(self, citations: Sequence[Citation]) -> dict[int, Context]:
        """Return, by citation number, each quote with the sentences around it."""
        snapshot = self._current().snapshot
        texts = {number: snapshot.text(number) for number in {c.reference for c in citations}}
        return {c.number: context(texts[c.reference], c.start, c.end) for c in citations}

    def map(self) -> tuple[Spot, ...]:
        """Return where every article that was read lies on the map of the library; made once a snapshot."""
        return self._current().spots

    def languages(self) -> dict[int, str]:
        """Return the language of every reference."""
        return self._current().retriever.languages

    @property
    def model_name(self) -> str | None:
        """The language model that writes the answers; None: they are extractive."""
        return self._model.name if self._model else None

    def topics(self) -> list[tuple[str, ...]]:
        """Return the list's own headings, in order."""
        return list(dict.fromkeys(item.topic for item in self.items() if item.topic))

    def examples(self, language: str, n: int = 4) -> list[str]:
        """Return up to ``n`` questions made from what was read and from the list's topics, each of which is answered."""
        opened = self._current()
        if (language, n) not in opened.examples:
            tried = islice(suggestions(opened.snapshot.items, language), 4 * n)
            answered = (question for question in tried if not self.ask(question, llm=False).refused)
            opened.examples[language, n] = list(islice(answered, n))
        return opened.examples[language, n]

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
                    self._opened = _Opened(
                        Snapshot.open(self._data, token=self._settings.milvus_token), self._settings.embedder_api_key
                    )
            except StoreError:
                pass
            finally:
                self._lock.release()
        return self._opened


def _processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
