"""Long sentences are cut into clauses; nothing of them is lost."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import units
from index.clauses import MIN_UNITS, clauses


def test_a_long_sentence_is_cut_at_its_commas() -> None:
    text = "领域自适应让源领域和目标领域的特征分布尽量接近，常用的度量是最大均值差异与协方差对齐。"
    assert clauses(text) == [
        "领域自适应让源领域和目标领域的特征分布尽量接近，",
        "常用的度量是最大均值差异与协方差对齐。",
    ]


def test_a_short_rest_stays_with_the_clause_before_it() -> None:
    assert clauses("The encoder is trained on the source domain first, then frozen.") == []


def test_numbers_and_times_are_not_cut() -> None:
    assert clauses("It was trained on 37,322 images between 10:30 and 12:45 on one machine.") == []


@given(st.text(alphabet="迁移学习ab ,，;；:：1—-\n", max_size=200))
@settings(max_examples=200, deadline=None)
def test_clauses_keep_every_word_in_order_and_none_is_tiny(text: str) -> None:
    found = clauses(text)
    assert len(found) != 1
    if found:
        assert "".join("".join(found).split()) == "".join(text.split())
        assert all(units(f"{clause} ") >= MIN_UNITS - 1 for clause in found)
