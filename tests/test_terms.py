"""Terms, languages and clean text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.terms import fold, language, plain, terms


def test_traditional_and_simplified_chinese_have_the_same_terms() -> None:
    assert terms("遷移學習的優點") == terms("迁移学习的优点")


def test_han_text_becomes_unigrams_and_bigrams() -> None:
    assert terms("联邦学") == ["联", "联邦", "邦", "邦学", "学"]


def test_english_words_are_stemmed_and_stop_words_dropped() -> None:
    assert terms("What are the learned representations?") == terms("learning representation")


@pytest.mark.parametrize("identifier", ["f1_score", "GPT-2", "3.14", "C++", "resnet-50", "torch.nn"])
def test_identifiers_and_numbers_also_stand_whole(identifier: str) -> None:
    assert identifier.lower() in terms(f"the {identifier} value")


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_terms_never_raise_and_hold_no_space(text: str) -> None:
    assert all(term and not any(character.isspace() for character in term) for term in terms(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("什么是 Domain Adaptation Neural Network?", "zh"),
        ("What does 迁移学习 mean?", "en"),
        ("FaceAI支持哪些功能", "zh"),
        ("domain adaptation", "en"),
        ("联邦学习", "zh"),
    ],
)
def test_the_language_of_a_question_is_that_of_its_function_words(text: str, expected: str) -> None:
    assert language(text) == expected


def test_fold_drops_what_no_encoder_takes() -> None:
    assert fold("a\0b\ud800c") == "abc"


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("## A **bold** [link](http://x.org/a_(b)) ##", "A bold link"),
        ("- [x] done", "done"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a · b 1 · 2"),
        ("![caption](i.png) and `x*y*z`", "caption and x*y*z"),
        ("> quoted\n> text", "quoted text"),
        ("loss $L_{s}*L_{t}$ is", "loss $L_{s}*L_{t}$ is"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("<p align='center'>hi<br></p>", "hi"),
        ("if a < b then c > d", "if a < b then c > d"),
        ("```python\nx = 1\n```", "x = 1"),
    ],
)
def test_plain_takes_markup_away_and_keeps_words(markdown: str, expected: str) -> None:
    assert plain(markdown) == expected


@given(st.text(alphabet="ab*_`[]()!#>-|$\\<>/ \n~", max_size=120))
@settings(max_examples=300, deadline=None)
def test_plain_gives_one_line_and_keeps_every_letter(text: str) -> None:
    result = plain(text)
    assert "\n" not in result
    assert result == result.strip()
