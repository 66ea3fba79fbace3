"""Questions in words of one's own: a comparison of what has no name, a consequence for a reason, a body that must be named."""

from __future__ import annotations

import pytest

from rag import Assistant
from rag.contrast import named_sides
from rag.holders import holder_asked
from rag.reasons import brings_about
from tests.test_answers import lawful, library

KILN = """# 陶窑笔记

陶艺家常常先在电窑里试烧，再把作品送进村口的柴窑。两者最大的差别是气氛和落灰。

柴火开销往往超过釉料开销，窑工要等到雨季过去才开窑。

坯体厚薄不一会使烧成之后的陶罐开裂。陶罐是用黏土捏成的容器，可以盛水。

另外，挑出来的陶罐不再和整窑一样，拿它们去估算成品率会得到偏高的结果。陶罐由窑工自己挑选，从而省下一半的时间。
"""
GLASS = """# Glass notes

Float glass is made by pouring molten glass on a bath of tin. The process was developed by engineers of Pilkington in 1952.

Crown glass is blown and spun. Thirty thousand panes were collected for the survey.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("free"), {"kiln": ("陶窑笔记", KILN), "glass": ("Glass notes", GLASS)})


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("试烧用的电窑和村口柴窑的主要差别在哪里？", "两者最大的差别是气氛和落灰"),
        ("柴火比釉料更贵吗？", "柴火开销往往超过釉料开销"),
        ("为什么不能拿挑出来的陶罐估算成品率？", "会得到偏高的结果"),
        ("陶罐开裂是什么原因？", "厚薄不一会使"),
        ("Which company developed float glass?", "engineers of Pilkington"),
    ],
)
def test_what_answers_in_other_words_is_quoted(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.ask(question)
    lawful(assistant, answer)
    assert any(said in citation.quote for citation in answer.citations)


def test_a_body_that_is_asked_for_must_be_named(assistant: Assistant) -> None:
    assert assistant.ask("At which hospitals were the thirty thousand panes collected?").refused


def test_only_what_has_a_name_is_compared_side_by_side() -> None:
    assert named_sides("剪枝和量化有什么区别？") == ("剪枝", "量化")
    assert named_sides("What is the difference between BERT and GPT?") == ("BERT", "GPT")
    assert named_sides("Is communication more expensive than computation?") is None
    assert named_sides("人脸公开数据集和摄像头照片的主要差别在哪里？") is None


def test_words_of_consequences_and_of_bodies() -> None:
    assert brings_about("这会使收敛变慢。") and brings_about("It makes training slower.")
    assert not brings_about("它是一种容器。")
    names_one = holder_asked("联邦学习是哪家公司提出的？")
    assert names_one is not None
    assert names_one("它由谷歌提出。") and names_one("BSkyB 收购了它。")
    assert not names_one("这一算法称为FedAvg。") and not names_one("它让多个参与方共同训练模型。")
    assert holder_asked("联邦学习是什么？") is None
    assert holder_asked("Which hospitals were asked?") and holder_asked("At which company was it made?")
    assert holder_asked("What university alumni member was known for it?") is None
