"""What the library of the chat draws, without a browser: its table, its chart, its map."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chat.charts import article_map, outcomes_by_site, topic_names
from chat.library import View, matches, table, view_of
from index.records import Item, Outcome
from rag.atlas import Spot

ITEMS = [
    Item(
        1,
        "https://a.test/1",
        "Beta",
        ("T", "X"),
        None,
        Outcome.READ,
        site="a.test",
        characters=10,
        fetched_at="2026-01-02",
    ),
    Item(2, "https://b.test/2", "alpha", ("T", "Y"), "a note", Outcome.ROBOTS, site="b.test"),
    Item(
        3,
        "https://a.test/3",
        "Gamma",
        ("T", "X"),
        None,
        Outcome.PARTIAL,
        site="a.test",
        characters=99,
        fetched_at="2026-01-01",
    ),
]


@pytest.mark.parametrize(
    ("detail", "order"),
    [
        ({"sort": "reference"}, [2, 1, 3]),
        ({"sort": "length", "descending": True}, [3, 1, 2]),
        ({"sort": "fetched_on"}, [2, 3, 1]),
        ({"sort": "__class__", "descending": "yes", "search": None}, [1, 2, 3]),
        ({"site": "a.test", "topic": "T / X", "outcome": "partial"}, [3]),
        ({"search": "NOTE alpha"}, [2]),
        ({"search": "#3"}, [3]),
    ],
)
def test_the_library_is_sorted_filtered_and_searched(detail: dict[str, Any], order: list[int]) -> None:
    drawn = table(ITEMS, "en", view_of(detail))
    assert [int(n) for n in re.findall(r'class="cb-count">(\d+)<', drawn)] == order
    assert not matches(ITEMS[0], View(search="nowhere"))


def test_a_saved_page_can_be_dropped_only_where_rebuilding_is_allowed() -> None:
    assert 'data-drop="2"' in table(ITEMS, "en", rescue=True) and 'type="file"' in table(ITEMS, "en", rescue=True)
    assert "data-drop" not in table(ITEMS, "en") and 'type="file"' not in table(ITEMS, "en")


def test_the_chart_counts_every_site_and_the_map_has_every_article() -> None:
    chart = outcomes_by_site(ITEMS, "en")
    assert chart.index("a.test") < chart.index("b.test") and "read 1, read in part 1" in chart
    assert chart.count("<rect") == 3
    spots = [Spot(1, 0.0, 0.0), Spot(3, 1.0, 1.0)]
    assert "at least three" in article_map(ITEMS, spots, "en")
    drawn = article_map(ITEMS, [*spots, Spot(2, 0.5, 0.5)], "en")
    assert drawn.count('role="button" tabindex="0"') == 3 and 'aria-label="Gamma (T › X)"' in drawn
    assert drawn == article_map(ITEMS, [*spots, Spot(2, 0.5, 0.5)], "en")


def test_topics_are_taken_from_the_level_that_tells_articles_apart() -> None:
    assert topic_names(ITEMS) == {1: "X", 2: "Y", 3: "X"}
    assert topic_names([ITEMS[0], Item(4, "u", "t", ("S",), None, Outcome.READ)]) == {1: "T", 4: "S"}
