"""Kinds of answers that a near sentence is not: a definition, a person, a data set, the date of just that, what an article is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Assistant
from rag.defining import about, acts
from rag.noise import asks_or_talks, captions
from rag.questions import who_is
from rag.values import asks_for_sets, dated, names_a_set
from tests.test_answers import lawful, library

KILNS = r"""# 窑炉笔记

温度曲线与釉料不同，它的前景早已深入人心。

例如曲面对齐，先用尺量出两条边，再把它们拉到一起。

而针对Heat map的方法，则是把每一格的温度也当成输入。

若想降温，其中$J$是损耗系数，再对它求导。

图5 损耗系数(图片来源[3])

青花瓷器在明代最受欢迎。2019年出了第一份报告，那一年青花笔也很好卖。

## 实验

作者在KILN-9和mini2上比较了四种釉料，发现KILN-9更难。在几个开源数据集上都不错。

苏小砚是景德镇的一位窑工，他三十岁才学会看火。
"""
BOOKS = """# Reading old books

A press sorts old books by the marks of their binders. Adams Wright was a binder in Leeds who signed each of his books.

## Benchmarks

The benchmark that most people use is FOLIO-3, with nine thousand pages. The standard tables are nice.
"""
PAGES = {"kilns": ("窑炉笔记", KILNS), "books": ("Reading old books", BOOKS)}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("kinds"), PAGES)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("什么是曲面对齐？", "先用尺量出两条边"),
        ("什么是Heat-map？", "则是把每一格的温度"),
        ("谁是苏小砚？", "景德镇的一位窑工"),
        ("Who was Adams Wright?", "a binder in Leeds"),
        ("比较釉料用了哪些数据集？", "在KILN-9和mini2上"),
        ("Which benchmarks are used for old books?", "FOLIO-3"),
        ("窑炉笔记那篇文章的主题是什么？", ""),
        ("What is the main topic of the article on old books?", "sorts old books"),
    ],
)
def test_an_answer_is_of_the_kind_that_is_asked_for(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.ask(question)
    lawful(assistant, answer)
    assert not answer.refused and said in "\n".join(citation.quote for citation in answer.citations)


@pytest.mark.parametrize(
    "question",
    [
        "什么是温度曲线？",
        "什么是损耗系数？",
        "青花汽车什么时候发布的？",
        "谁是郑晚舟？",
        "Who is Ada Winter?",
        "鲸鱼用了哪些数据集？",
    ],
)
def test_what_is_only_near_is_refused(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).refused


def test_what_is_said_in_passing_is_not_about_it() -> None:
    assert about("例如曲面对齐，先量边", ("曲面对齐",)) and about("窑温则是把火调小", ("窑温",))
    assert not about("但温度曲线与釉料不同", ("温度曲线",)) and not about("其中J是损耗系数，再求导", ("损耗系数",))
    assert not about("结论就是窑温能够帮助选择", ("窑温",)) and about("窑温能够帮助选择", ("窑温",))


def test_what_begins_a_sentence_acts() -> None:
    assert (
        acts("Kilns fire clay.", ("kiln",)) and acts("窑把泥烧成瓷", ("窑",)) and acts("而KILN将泥分成两份", ("KILN",))
    )
    assert (
        not acts("Kiln-dried wood is light.", ("kiln",))
        and not acts("窑的盖子很重", ("窑",))
        and not acts("A kiln", ("kiln",))
    )


def test_words_for_these_kinds() -> None:
    assert (
        who_is("谁是苏小砚？") == "苏小砚" == who_is("苏小砚是谁？")
        and who_is("Who was Ada Lovelace?") == "Ada Lovelace"
    )
    assert who_is("Who is the mayor of Leeds?") == "" == who_is("谁提出了窑炉？")
    assert dated("青花汽车什么时候发布的？") == "青花汽车" and dated("与宋朝的冲突是哪一年结束的?") == ""
    assert (
        asks_for_sets("Which datasets are used?")
        and asks_for_sets("哪些数据集可用？")
        and not asks_for_sets("数据集多大？")
    )
    assert names_a_set("在KILN-9数据集上", "", frozenset()) and names_a_set("**LAD:** leaves", "Datasets", frozenset())
    assert not names_a_set("results on standard datasets", "", frozenset()) and not names_a_set(
        "在开源数据集上", "", frozenset()
    )
    assert (
        captions("图5 损耗系数(图片来源[3])") and asks_or_talks("Why study?”") and not asks_or_talks("Kilns fire clay.")
    )


WEEKLY = """# 窑炉周刊第7期：面团怎么揉

这里记录每周值得分享的内容，周五发布。

本刊开源，欢迎投稿，另有《谁在招人》服务，发布面包师招聘信息。

“哎，你怎么还不揉面团？快一点吧。”

## 面团怎么揉

面团是一门大学问，揉的人要先看水温再看面粉的粗细。

很多面包师只会用力，揉出来的面团又硬又干，烤出来也不好吃。

## 其他消息

某公司去年写了六组提示词，用来画面包，后来打了一场官司。
"""


def test_what_an_article_is_about_is_told_by_no_editor_and_nobody_who_speaks(tmp_path: Path) -> None:
    answer = library(tmp_path, {"weekly": ("窑炉周刊第7期：面团怎么揉", WEEKLY)}).ask("窑炉周刊第7期讲了什么？", llm=False)
    assert answer.citations[0].quote.startswith("面团是一门大学问")
    assert not any(word in answer.text for word in ("招聘", "投稿", "哎"))
