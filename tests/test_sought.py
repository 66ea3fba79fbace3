"""A question is embedded and searched for once, however often it is looked for, and that changes no hit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index.embed import Embedder, load_embedder
from index.store import Snapshot
from rag.filters import Filters
from rag.hits import retrieved_for
from rag.questions import understand
from rag.retrieve import Retriever
from rag.sought import Sought
from tests.small_library import make

QUESTIONS = ("What is zero-shot learning?", "什么是迁移学习？", "哪些文章介绍领域自适应？", "Who calibrates the quasar widget?")


class Counting:
    """An embedder that counts how many questions it was given."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self.asked = embedder, 0
        self.name, self.dimension = embedder.name, embedder.dimension

    def passages(self, texts: Sequence[str]) -> Any:
        return self._embedder.passages(texts)

    def queries(self, texts: Sequence[str]) -> Any:
        self.asked += len(texts)
        return self._embedder.queries(texts)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    data: Path = make(tmp_path_factory.mktemp("sought"))
    return Snapshot.open(data)


@pytest.mark.parametrize("text", QUESTIONS)
def test_looking_again_finds_what_looking_once_does(snapshot: Snapshot, text: str) -> None:
    retriever = Retriever(snapshot, load_embedder(snapshot.manifest.embedder))
    sought = Sought(retriever, understand(text))
    for k, filters, share in (
        (12, Filters(), 3),
        (6, Filters(any_read=True), 3),
        (24, Filters(any_read=True), 8),
        (6, Filters(language="zh"), 3),
        (12, Filters(), 1),
    ):
        once = retriever.retrieve(understand(text), k, filters=filters, share=share)
        assert sought.hits(k, filters=filters, share=share) == once


def test_an_answer_embeds_its_question_once(snapshot: Snapshot) -> None:
    embedder = Counting(load_embedder(snapshot.manifest.embedder))
    retriever = Retriever(snapshot, embedder)
    for asked, text in enumerate(QUESTIONS, start=1):
        assert retrieved_for(Sought(retriever, understand(text)), 6, filters=Filters())
        assert embedder.asked == asked


def test_filters_that_let_everything_through_are_none(snapshot: Snapshot) -> None:
    retriever = Retriever(snapshot, load_embedder(snapshot.manifest.embedder))
    assert retriever.allowed(Filters(site="")) is None
    some = retriever.allowed(Filters(any_read=True))
    assert some is not None and 0 < len(some) < snapshot.manifest.passages
    nothing = retriever.allowed(Filters(site="nowhere.example"))
    assert nothing is not None and not len(nothing)
    assert Sought(retriever, understand(QUESTIONS[0])).hits(6, filters=Filters(site="nowhere.example")) == []
