"""The stored copy as a page: whatever a text holds, it is shown and does nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Item, Outcome
from rag.stored import stored_page, visible
from tests.small_library import ATTACK


@given(text=st.text(alphabet="ab \n#*`[]()!|<&中", max_size=60), start=st.integers(0, 70), length=st.integers(0, 70))
@settings(max_examples=150, deadline=None)
def test_a_stored_page_shows_no_tag_of_the_text_whatever_it_holds(text: str, start: int, length: int) -> None:
    page = stored_page(Item(1, "https://x.test/", "t", (), None, Outcome.READ), text, start=start, end=start + length)
    article = page.split("<article>")[1].split("</article>")[0]
    for tag in (
        '<div class="head">',
        '<div class="code">',
        '<div class="cell">',
        '<div class="gap">',
        "<div>",
        "</div>",
        "<br>",
        '<mark id="passage">',
        "<mark>",
        "</mark>",
    ):
        article = article.replace(tag, "")
    assert "<" not in article


def test_characters_that_turn_or_hide_text_are_not_shown() -> None:
    assert visible("a\u202eb\u200bc\u2066d\x00") == "abcd"
    assert visible(ATTACK).count("<") == 0
