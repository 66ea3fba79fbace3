"""Names that a question writes in small letters are looked for as the texts write them."""

from __future__ import annotations

import pytest

from rag import Assistant
from rag.questions import understand
from rag.spelling import spelled
from tests.test_answers import library

CART = """# 倒立摆

8月的时候看完了一门课，但是一直没有写代码，于是用一个小游戏来练手。

## 玩法

CartPole的目标就是保持一根杆一直竖直朝上，杆由于重力会一直倾斜，此时需要朝左或者右移动小车保证它不会倒下来。

代码里先建一个环境，再让CartPole走一步。环境返回奖励。Sea levels rise, and the sea is warm.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("spelling"), {"cart": ("倒立摆", CART)})


@pytest.mark.parametrize("question", ["what is cartpole", "What is cartpole?", "什么是cartpole", "cartpole是什么"])
def test_a_name_in_small_letters_is_answered_as_the_name_is(assistant: Assistant, question: str) -> None:
    named = assistant.ask(question.replace("cartpole", "CartPole"), llm=False)
    small = assistant.ask(question, llm=False)
    assert not small.refused
    assert "竖直朝上" in small.text
    assert small.text == named.text
    assert [c.score for c in small.citations] == [c.score for c in named.citations]  # looked for alike


def test_words_and_capitals_that_begin_a_sentence_are_left(assistant: Assistant) -> None:
    snapshot = assistant._current().snapshot
    for text in (
        "what is the sea",
        "why is quasar rising",
        "what is Cartpole",
        "see cartpole.py",
        "how is my_cartpole made",
    ):
        assert spelled(snapshot, understand(text)).standalone == text
    assert spelled(snapshot, understand("why does cartpole fall")).standalone == "why does CartPole fall"
