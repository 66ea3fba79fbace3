"""The questions that the chat begins with."""

from __future__ import annotations

from index.records import Item, Outcome
from rag.suggest import suggestions


def item(number: int, title: str, topic: str, outcome: Outcome) -> Item:
    return Item(number, f"https://x.test/{number}", title, (topic,), None, outcome)


def test_subjects_that_were_read_come_first_and_headings_without_a_subject_never() -> None:
    items = [
        item(1, "GAN", "Other", Outcome.READ),
        item(2, "A survey of kettles", "Kettles", Outcome.READ),
        item(3, "Closed", "Bread", Outcome.ROBOTS),
        item(4, "Closed too", "Bread", Outcome.ROBOTS),
        item(5, "参考", "参考资料", Outcome.ROBOTS),
    ]
    assert list(suggestions(items, "en")) == [
        "What is “A survey of kettles” about?",
        "Which articles cover Kettles?",
        "Which articles cover Bread?",
    ]
    assert list(suggestions(items, "zh"))[1:] == ["哪些文章介绍Kettles？", "哪些文章介绍Bread？"]


def test_a_list_without_headings_and_without_a_page_read_suggests_nothing() -> None:
    assert not list(suggestions([Item(1, "https://x.test/", "GAN", (), None, Outcome.ROBOTS)], "en"))
