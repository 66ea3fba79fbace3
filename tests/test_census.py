"""The list can be asked about itself: how many references it has, which topics, what of it was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Assistant
from rag.census import asks_of_list
from rag.criteria import narrowed
from rag.filters import Filters
from rag.sites import spellings
from rag.words import READ as READ_STATES
from rag.words import UNREAD as UNREAD_STATES
from tests.test_answers import READ, UNREAD, lawful, library
from tests.test_called import signed


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


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("哪些文章没有读到？", "4 条参考全都读到了"),
        ("Which articles were not read?", "All 4 references of the list were read"),
    ],
)
def test_where_all_were_read_that_is_the_answer(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.ask(question, topic="已读", llm=False)
    assert not answer.refused
    assert said in answer.text


def test_with_nothing_read_no_title_is_named_as_read(unread: Assistant) -> None:
    answer = unread.ask("Which articles were read?", llm=False)
    assert answer.refused and "\n" not in answer.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("有多少篇已读？", "4 条已读，7 条未读"),
        ("还有多少篇没读到？", "4 条已读，7 条未读"),
        ("how many articles are unread?", "4 read, 7 not"),
        ("How many links could not be read?", "4 read, 7 not"),
        ("有多少篇a.example.org的？", "4 条参考（来自 a.example.org）"),
        ("How many articles are from b.example.org?", "7 references (from b.example.org)"),
        ("有几篇英文的？", "2 条参考（英文）"),
        ("a.example.org上有几个项目？", "4 条参考（来自 a.example.org）"),
        ("How many articles in Chinese have not been read?", "9 references (in Chinese)"),
    ],
)
def test_what_is_counted_is_what_the_build_accounts_for(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert said in answer.text
    assert not answer.refused and not answer.citations


@pytest.mark.parametrize("question", ["有哪些网站？", "Which sites are in the list?"])
def test_the_list_names_its_sites(assistant: Assistant, question: str) -> None:
    text = assistant.ask(question, llm=False).text
    assert text.index("b.example.org") < text.index("a.example.org")  # seven before four
    assert "7" in text and "4" in text


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("哪些文章是英文的？", {"Awesome folding", "A paper"}),
        ("which articles are in English?", {"Awesome folding", "A paper"}),
        ("有哪些用英文写的资料？", {"Awesome folding", "A paper"}),
        ("Which Chinese articles have you read?", {"折叠网络", "笔记"}),
        ("哪些没读到？", set(UNREAD)),
        ("What was not read?", set(UNREAD)),
        ("哪些中文文章讲主动学习？", {"主动学习（Active Learning）-少标签数据学习", "主动学习全面指南"}),
    ],
)
def test_references_are_listed_by_language_and_state(assistant: Assistant, question: str, titles: set[str]) -> None:
    answer = assistant.ask(question, llm=False)
    assert {citation.title for citation in answer.citations} == titles
    lawful(assistant, answer)


def test_references_are_listed_and_counted_by_author_and_year(tmp_path: Path) -> None:
    library = signed(tmp_path)
    for question in (
        "郑小满写了哪些文章？", "有没有2019年发表的文章？", "Which articles did 郑小满 write?", "哪些是 2019 年发表的？", "哪些文章发表于2019年？",
        "2019年有哪些文章？", "Which articles date from 2019?",
    ):  # fmt: skip
        assert [c.author for c in library.ask(question, llm=False).citations] == ["郑小满"]
    assert "1 reference (published in 2018)" in library.ask("How many articles were published in 2018?").text
    assert "2018" not in library.ask("Which articles are by Ada Marsh?").text
    assert "filters" not in library.ask("What article was published in 1937?").text  # a question about what was written


@pytest.mark.parametrize(
    "question",
    [
        "Which articles are about folding?",
        "有哪些文章介绍联邦学习？",
        "折叠网络有多少参数？",
        "how many articles mention folding?",
        "what topics does FoldNet cover?",
        "what was removed from the network?",
        "论文中用了多少篇文章做实验？",
        "哪些网络是轻量的？",
        "哪些是论文？",
        "What is written about Chinese grammar?",
        "How many layers are read?",
    ],
)
def test_other_questions_are_not_about_the_list(question: str) -> None:
    found = narrowed(question, {}, {})
    assert not asks_of_list(found.rest, narrowed=bool(found.filters))


@pytest.mark.parametrize(
    ("question", "filters", "rest"),
    [
        ("哪些英文文章讲强化学习？", Filters(language="en"), "哪些 文章讲强化学习?"),
        ("哪些文章讲英文语法？", Filters(), "哪些文章讲英文语法?"),
        ("哪些文章讲英文的？", Filters(), "哪些文章讲英文的?"),
        ("Which articles are about translation in Chinese?", Filters(), "Which articles are about translation in Chinese?"),
        ("Which articles written in Chinese cover GAN?", Filters(language="zh"), "Which articles cover GAN?"),
        ("which articles did Ada publish about chess?", Filters(author="Ada"), "which articles about chess?"),
        ("which articles did Bob publish about chess?", Filters(), "which articles Bob about chess?"),
        ("哪些文章是2018年发表的？", Filters(year="2018"), "哪些文章 ?"),
        ("哪些文章讲2018年世界杯？", Filters(), "哪些文章讲2018年世界杯?"),
        ("知乎上有哪些关于零样本的文章？", Filters(site="zhihu.com"), "哪些关于零样本的文章?"),
        ("有没有知乎上关于零样本的文章？", Filters(site="zhihu.com"), "关于零样本的文章?"),
        ("哪些链接已被删除？", Filters(outcomes=("deleted",)), "哪些链接 ?"),
        ("有没有读过讲剪枝的文章？", Filters(outcomes=READ_STATES), "有没有讲剪枝的文章?"),
        ("有没有没读过的文章？", Filters(outcomes=UNREAD_STATES), "有没有文章?"),
    ],
)  # fmt: skip
def test_a_word_narrows_only_where_it_says_so_of_articles(question: str, filters: Filters, rest: str) -> None:
    found = narrowed(question, spellings(["zhihu.com"]), {"ada": "Ada"})
    assert found.filters == filters
    assert found.rest.replace(" ", "") == rest.replace(" ", "")
