"""Filters narrow what may answer, before anything is ranked."""

from __future__ import annotations

from typing import Any

import pytest

from index.records import Item, Outcome
from rag.assistant import Assistant
from rag.filters import Filters
from tests.small_library import make

ITEMS = (
    Item(1, "https://a.test/1", "A", ("Deep", "Nets"), None, Outcome.READ, site="a.test"),
    Item(2, "https://b.a.test/2", "B", ("Deep",), None, Outcome.PARTIAL, site="b.a.test"),
    Item(3, "https://c.test/3", "C", (), None, Outcome.ARCHIVED, site="c.test"),
    Item(4, "https://c.test/4", "D", (), None, Outcome.ROBOTS, site="c.test"),
)
SPOKEN = {1: "en", 2: "zh", 3: "zh", 4: "en"}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return Assistant.open(make(tmp_path_factory.mktemp("library")))


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (Filters(), [1, 2, 3, 4]),
        (Filters(topic="deep"), [1, 2]),
        (Filters(topic="Deep / Nets"), [1]),
        (Filters(site="www.a.test"), [1, 2]),
        (Filters(language="zh"), [2, 3]),
        (Filters(fully_read=True), [1, 3]),
        (Filters(site="c.test", fully_read=True), [3]),
        (Filters(topic="deep", language="zh", fully_read=True), []),
    ],
)
def test_each_filter_narrows_and_they_add_up(filters: Filters, numbers: list[int]) -> None:
    assert filters.numbers(ITEMS, SPOKEN.__getitem__) == numbers


def test_only_what_passes_is_found_and_cited(assistant: Assistant) -> None:
    question = "What is learning? 迁移学习"
    assert set(assistant.found(question, k=10, language="en")) <= {2, 3, 5, 6}
    assert 4 in assistant.found("联邦学习", k=10) and 4 not in assistant.found("联邦学习", k=10, fully_read=True)
    answer = assistant.ask("哪些文章介绍联邦学习？", fully_read=True)
    assert not answer.unread and 4 not in {citation.reference for citation in answer.citations}
    assert {c.reference for c in assistant.ask("什么是领域自适应？", language="zh").citations} == {1}
    assert assistant.ask("什么是领域自适应？", language="en").refused


def test_filters_that_let_nothing_through_are_named(assistant: Assistant) -> None:
    answer = assistant.ask("What is domain adaptation?", site="nowhere.example", topic="Nothing")
    assert answer.refused and not answer.unread
    assert answer.text.startswith(
        "No reference of the list passes the filters: topic Nothing, site nowhere.example. The topics of the list: "
    )
    assert "Zero-shot learning" in answer.text and "The sites of the list: " in answer.text and "\n" not in answer.text
    assert "筛选条件" in assistant.ask("什么是领域自适应？", site="nowhere.example").text


def test_what_is_listed_twice_stands_under_both_headings() -> None:
    again = Item(5, "https://z.test/5", "A", ("Shallow",), None, Outcome.DUPLICATE, site="z.test", duplicate_of=1)
    items = (*ITEMS, again)

    def passing(**narrowed: Any) -> list[int]:
        return Filters(**narrowed).numbers(items, lambda _: "en")

    assert passing(topic="shallow") == passing(site="z.test") == passing(topic="shallow", site="z.test") == [1, 5]
    assert passing(topic="shallow", site="a.test") == []
    assert passing(topic="nets") == [1]
