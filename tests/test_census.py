"""The list can be asked about itself: how many references it has, which topics, what of it was read."""

from __future__ import annotations

import pytest

from rag import Assistant
from rag.census import asks_of_list
from tests.test_answers import READ, UNREAD, library


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("census"), READ)


@pytest.fixture(scope="module")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("census-unread"), {})


@pytest.mark.parametrize("question", ["有多少篇文章？", "这个列表里有多少篇文章？", "how many articles are there?"])
def test_the_list_says_how_many_references_it_has(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert not answer.refused
    assert not answer.citations
    assert "11" in answer.text
    assert "4" in answer.text


@pytest.mark.parametrize(
    "question", ["有哪些主题？", "what topics are there?", "Which topics does the list cover?", "这个列表讲了什么？"]
)
def test_the_list_names_its_topics(assistant: Assistant, question: str) -> None:
    text = assistant.ask(question, llm=False).text
    assert "已读" in text
    assert "其他" in text


@pytest.mark.parametrize(
    "question", ["Which articles were read?", "What have you read?", "你读过哪些文章？", "哪些文章已读？"]
)
def test_the_list_names_what_was_read(assistant: Assistant, question: str) -> None:
    text = assistant.ask(question, llm=False).text
    assert text.count("\n- ") == 4
    assert "Awesome folding" in text
    assert UNREAD[0] not in text


def test_with_nothing_read_no_title_is_named_as_read(unread: Assistant) -> None:
    assert "\n" not in unread.ask("Which articles were read?", llm=False).text


@pytest.mark.parametrize(
    "question",
    [
        "Which articles have you read about folding?",
        "你读过哪些关于迁移学习的文章？",
        "有哪些文章介绍联邦学习？",
        "折叠网络有多少参数？",
        "how many articles mention folding?",
        "what topics does FoldNet cover?",
    ],
)
def test_other_questions_are_not_about_the_list(question: str) -> None:
    assert not asks_of_list(question)
