"""Terms, languages and clean text."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.terms import _word_terms, fold, language, plain, terms


def test_traditional_and_simplified_chinese_have_the_same_terms() -> None:
    assert terms("遷移學習的優點") == terms("迁移学习的优点")


def test_han_text_becomes_unigrams_and_bigrams() -> None:
    assert terms("联邦学") == ["联", "联邦", "邦", "邦学", "学"]


def test_english_words_are_stemmed_and_stop_words_dropped() -> None:
    assert terms("What are the learned representations?") == terms("learning representation")


@pytest.mark.parametrize(
    "identifier",
    ["f1_score", "GPT-2", "3.14", "C++", "C#", "resnet-50", "torch.nn", "GPT-3.5", "L2", "ResNet50", "v1.2.3"],
)
def test_identifiers_and_numbers_also_stand_whole(identifier: str) -> None:
    assert identifier.lower() in terms(f"the {identifier} value")
    assert identifier.lower() in terms(f"关于{identifier}的值")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("37,322 张", "37322 张"),
        (r"$\lambda$", "λ"),
        (r"$\theta_1$", "θ_1"),
        (r"$\sigma^2$", "σ²"),
        ("ＧＰＴ－３．５", "gpt-3.5"),
    ],
)
def test_ways_to_write_one_number_or_symbol_are_one_term(one: str, other: str) -> None:
    assert set(terms(one)) <= set(terms(other))


@pytest.mark.parametrize(
    ("text", "parts"), [("ResNet-50", {"resnet", "50"}), ("ResNet50", {"resnet", "50"}), ("GPT-3.5", {"gpt", "3.5"})]
)
def test_a_name_is_found_by_its_parts(text: str, parts: set[str]) -> None:
    assert parts <= set(terms(text))


def test_greek_words_are_left_alone() -> None:
    assert terms("λόγος") == ["λόγος"]


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
        ("$$\nL(B)=||X^TW||_F^2\n$$", "$$ L(B)=||X^TW||_F^2 $$"),
        ("$$\na |b| \\\\\n| c |\n$$ and | d |", "$$ a |b| \\\\ | c | $$ and · d"),
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


def test_threads_that_ask_at_once_get_the_same_terms() -> None:
    # words no other test has looked up, as terms that were are kept
    words = [
        f"{start}{middle}{end}"
        for start in ("qu", "zo", "wy")
        for middle in "abcdefghijklmnop"
        for end in ("tations", "fulness")
    ]
    switched = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda word: terms(word), words * 4, chunksize=1))
    finally:
        sys.setswitchinterval(switched)
    _word_terms.cache_clear()
    assert found == [terms(word) for word in words] * 4
