"""Passages: true offsets, whole sentences, sizes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import MAX_UNITS, chunk, sentences, units

CHINESE = "迁移学习把一个领域里学到的知识用到另一个领域。它可以减少对标注数据的需要！为什么有效？因为底层特征是通用的。"
ENGLISH = (
    "Transfer learning reuses knowledge from one domain in another. "
    "It needs fewer labels, e.g. in medicine. Does it work? Yes. "
)


def test_chinese_passages_hold_200_to_400_characters() -> None:
    sizes = [len(passage.text) for passage in chunk(CHINESE * 40)]
    assert len(sizes) > 3
    assert all(200 <= size <= 400 for size in sizes)


def test_english_passages_hold_600_to_900_characters() -> None:
    sizes = [len(passage.text) for passage in chunk(ENGLISH * 60)]
    assert len(sizes) > 3
    assert all(500 <= size <= 910 for size in sizes)


def test_neighbours_in_a_section_share_one_sentence() -> None:
    first, second, *_ = chunk(CHINESE * 40)
    assert second.sentences[0] == first.sentences[-1]


def test_the_heading_path_follows_the_levels() -> None:
    text = f"# A\n\n{CHINESE * 6}\n\n## B\n\n{CHINESE * 6}\n\n# C\n\n{CHINESE * 6}"
    assert [passage.heading for passage in chunk(text)] == [("A",), ("A", "B"), ("C",)]


def test_headings_inside_a_code_fence_are_code() -> None:
    text = f"# Top\n\n{CHINESE * 5}\n\n```sh\n# not a heading\nmake\n```\n"
    assert {passage.heading for passage in chunk(text)} == {("Top",)}


def test_small_neighbouring_sections_are_joined() -> None:
    text = "\n\n".join(f"## Part {i}\n\n{CHINESE}" for i in range(12))
    assert len(chunk(text)) == 2


def test_a_text_of_headings_only_can_still_be_quoted() -> None:
    assert chunk("# One\n\n## Two\n")[0].text == "# One\n\n## Two"


def test_abbreviations_and_numbers_do_not_end_a_sentence() -> None:
    text = "See Fig. 3 of Smith et al. 2017, i.e. the 3.5 version. Next one."
    assert [text[s.start : s.end] for s in sentences(text, 0, len(text))] == [text[:-10], "Next one."]


def test_a_formula_is_not_cut_and_stray_signs_are_none() -> None:
    formula = "$$\nmin ||W||^2:::s.t. B > 0, C = {1, … , n}\n$$"
    text = f"We solve this. {formula}\nwhich is convex. It costs $5. That and $6 is all."
    found = [text[s.start : s.end] for s in sentences(text, 0, len(text))]
    assert found == ["We solve this.", f"{formula}\nwhich is convex.", "It costs $5.", "That and $6 is all."]
    text = "比较 $a $，而它变大。由于$b$很小。"
    assert [text[s.start : s.end] for s in sentences(text, 0, len(text))] == ["比较 $a $，而它变大。", "由于$b$很小。"]


def test_a_line_without_an_end_is_cut_in_bounded_time() -> None:
    passages = chunk("字" * 50_000)
    assert all(units(passage.text) <= 600 for passage in passages)
    assert sum(len(passage.text) for passage in passages) >= 50_000


PIECES = st.sampled_from(
    [
        "# 标题\n",
        "## Part\n\n",
        CHINESE,
        ENGLISH,
        "\n",
        "\n\n",
        "- item one\n",
        "| a | b |\n|---|---|\n",
        "```\ncode\n",
        "> note\n",
        "  ",
        "。",
        ".",
        "\t",
        "𠀀",
        "\r\n",
    ]
)


@given(st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=400)))
@settings(max_examples=300, deadline=None)
def test_offsets_are_true_and_nothing_but_headings_is_lost(text: str) -> None:
    passages = chunk(text)
    covered: set[int] = set()
    for passage in passages:
        assert passage.text == text[passage.start : passage.end] != ""
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        for sentence in passage.sentences:
            assert text[sentence.start : sentence.end].strip() == text[sentence.start : sentence.end] != ""
        covered.update(range(passage.start, passage.end))
        if len(passage.sentences) > 1:
            assert sum(units(text[s.start : s.end]) for s in passage.sentences) <= MAX_UNITS + 0.01
    for word in ("迁移学习", "Transfer"):
        position = text.find(word)
        assert position < 0 or position in covered


def test_a_heading_without_words_is_no_fault() -> None:
    """Neither for a page that has words besides, nor for one that has none."""
    text = "Before.\n# \nAfter."
    assert [text[s.start : s.end] for p in chunk(text) for s in p.sentences] == ["Before.", "After."]
    assert [p.text for p in chunk("\n# ")] == ["#"]
