"""What a newcomer asks: an answer answers, noise is refused, a conversation moves on."""

from __future__ import annotations

import json
import re

import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.pages import PageStore
from index.records import Page
from index.urls import identity
from rag import Assistant
from rag.questions import what_is
from rag.records import Answer

NET = """# 折叠网络

折叠网络（FoldNet）是一种把宽层折叠成窄层的轻量网络，它由林若愚在云杉实验室提出，可以在手机上运行。折叠之后计算量减少到原来的八分之一。

## 结构

每个折叠块先用一乘一的卷积压缩通道，再逐通道卷积，最后恢复通道。因为逐通道卷积不混合通道，所以它的计算量很小。

## 实验

在三千张叶片图片上，折叠网络的准确率是九成二，比原网络低一个百分点。手机上每张图片只要二十毫秒。

## 小结

写到这里有点累了，折叠网络的介绍不足之处希望大家批评指正，谢谢大家。

## 参考文献

[1] Folding Networks for Mobile Vision. 2018
[2] Quick introduction to folding networks
"""
TRANSFER = """# 学习笔记

迁移学习是指把一个任务上学到的知识用到另一个相关任务上的方法。迁移学习可以应用在很多问题之上。

## 为什么需要

由于目标任务的标注数据往往很少，从头训练容易过拟合，所以人们借用源任务的模型。源任务的数据通常多得多。
"""
AWESOME = """# Awesome folding

A reading list on folding networks and transfer.

## Papers

- **DAP:** Ada Lovelace, Charles Babbage and Mary Somerville. "Attribute-Based Transfer Learning for Folding
Object Categorization." TPAMI (2013) [[pdf]](http://papers.example/dap.pdf)
- **SYN:** Alan Turing, Alonzo Church, Kurt Gödel. "Transfer Learning with Synthesized Classifiers." CVPR (2016). [[pdf](http://papers.example/syn.pdf)]

## Datasets

- **LEAF2:** Leaves with Attributes. [[link]](http://data.example/leaf2)
- **BARK:** Tree bark at close range. [[link]](http://data.example/bark)
"""
ABSTRACT = """# Alignment of language models

We study how well language models follow instructions after preference optimisation. A latent criterion captures how cleanly
aligned and misaligned activations separate in depth. The criterion needs no generation at all.
"""
READ = {
    "net": ("折叠网络", NET),
    "transfer": ("笔记", TRANSFER),
    "awesome": ("Awesome folding", AWESOME),
    "abs": ("A paper", ABSTRACT),
}
UNREAD = [
    "主动学习（Active Learning）-少标签数据学习",
    "玩转联邦学习",
    "主动学习全面指南",
    "迁移学习（Transfer Learning）技术概述",
    "零样本数据集的十个问题",
    "深度网络的自我学习",
    "零样本学习综述",
]


def library(folder: object, read: dict[str, tuple[str, str]]) -> Assistant:
    """An index of those pages and of seven titles that nobody read."""
    from pathlib import Path

    data = Path(str(folder))
    links = [
        {"url": f"https://a.example.org/{name}", "title": title, "topic": ["已读"]} for name, (title, _) in read.items()
    ]
    links += [
        {"url": f"https://b.example.org/{place}", "title": title, "topic": ["其他"]}
        for place, title in enumerate(UNREAD)
    ]
    (data / "list.json").write_text(json.dumps(links), encoding="utf-8")
    with PageStore(data / "pages.sqlite") as pages:
        for name, (_, text) in read.items():
            url, kind, body = f"https://a.example.org/{name}", "text/markdown", text
            if name == "net":  # a page that says who wrote it
                paragraphs = "".join(
                    f"<h2>{part[2:].strip()}</h2>" if part.startswith("#") else f"<p>{part}</p>"
                    for part in text.split("\n")
                    if part
                )
                kind, body = (
                    "text/html",
                    (
                        '<html><head><meta name="author" content="Lin Ruoyu"><title>折叠网络</title></head><body><article>'
                        f"{paragraphs}</article></body></html>"
                    ),
                )
            headers = (("content-type", f"{kind}; charset=utf-8"),)
            pages.put(Page(identity(url), url, 200, headers, body.encode(), "2026-01-01T00:00:00+00:00", (), "saved"))
    build(Settings(data=data), BuildOptions(lists=(str(data / "list.json"),), offline=True), lambda *_: None)
    return Assistant.open(data, settings=Settings(data=data))


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("answers"), READ)


@pytest.fixture(scope="module")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("unread"), {})


def talk(assistant: Assistant, *turns: str) -> Answer:
    """Ask one after the other; return the last answer."""
    history: list[dict[str, str]] = []
    for turn in turns:
        answer = assistant.ask(turn, history=history, llm=False)
        history += [{"role": "user", "content": turn}, {"role": "assistant", "content": answer.text}]
    return answer


def lawful(assistant: Assistant, answer: Answer) -> None:
    """Laws 2 and 3."""
    for citation in answer.citations:
        item, text = assistant.stored(citation.reference) or (None, "")
        assert item
        assert text[citation.start : citation.end] == citation.quote
        assert citation.url == item.url
    assert {int(n) for n in re.findall(r"\[(\d+)\]", answer.text)} == {c.number for c in answer.citations}


@pytest.mark.parametrize(
    ("question", "wanted", "unwanted"),
    [
        ("什么是迁移学习？", "是指把一个任务上学到的知识", "可以应用在很多问题之上"),
        ("What is transfer learning?", "是指把一个任务上学到的知识", "TPAMI"),
        ("什么是折叠网络？", "把宽层折叠成窄层", "批评指正"),
        ("介绍一下迁移学习", "是指把一个任务上学到的知识", "可以应用在很多问题之上"),
        ("谁提出了折叠网络？", "林若愚", "Quick introduction"),
        ("折叠网络在手机上每张图片要多少毫秒？", "二十毫秒", "批评指正"),
    ],
)
def test_an_answer_answers(assistant: Assistant, question: str, wanted: str, unwanted: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert not answer.refused
    assert wanted in answer.text
    assert unwanted not in answer.text
    lawful(assistant, answer)


@pytest.mark.parametrize(
    "question",
    [
        "What is active learning?",  # the list has titles on it, nothing that was read names it
        "What is depthwise separable convolution?",
        "How many images does LEAF2 hold?",  # the list of data sets gives no number
        "零样本学习数据集有哪些？",
        "Awesome folding的作者是谁？",  # its page does not say
        "Who won the chess tournament in Reykjavik?",
    ],
)
def test_noise_is_refused_rather_than_quoted(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert answer.refused, answer.text
    assert not answer.citations


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("什么是主动学习？", {"主动学习（Active Learning）-少标签数据学习", "主动学习全面指南"}),
        ("What is active learning?", {"主动学习（Active Learning）-少标签数据学习", "主动学习全面指南"}),
        ("What is transfer learning?", {"迁移学习（Transfer Learning）技术概述"}),
    ],
)
def test_with_nothing_read_the_references_that_name_the_subject_come_first_and_what_to_do_is_said(
    unread: Assistant, question: str, first: set[str]
) -> None:
    answer = unread.ask(question, llm=False)
    assert answer.refused
    assert {reference.title for reference in answer.unread[: len(first)]} == first
    assert "citeback rebuild" in answer.text
    assert all(title in answer.text for title in first)


def test_an_unread_reference_is_not_offered_beside_its_own_citation(unread: Assistant) -> None:
    answer = unread.ask("哪些文章介绍主动学习？", llm=False)
    assert answer.citations
    assert not {c.url for c in answer.citations} & {u.url for u in answer.unread}


def test_a_follow_up_does_not_repeat_what_was_just_quoted(assistant: Assistant) -> None:
    first, second = talk(assistant, "什么是迁移学习？"), talk(assistant, "什么是迁移学习？", "为什么？")
    assert not {c.quote for c in first.citations} & {c.quote for c in second.citations}
    assert second.refused or "过拟合" in second.text


def test_a_follow_up_about_another_matter_is_refused(assistant: Assistant) -> None:
    assert talk(assistant, "什么是迁移学习？", "它需要放多少盐？").refused


@pytest.mark.parametrize("question", ["在哪篇文章里？", "which article says that?"])
def test_the_article_just_quoted_is_named(assistant: Assistant, question: str) -> None:
    answer = talk(assistant, "什么是折叠网络？", question)
    assert [c.title for c in answer.citations] == ["折叠网络"]
    lawful(assistant, answer)


@pytest.mark.parametrize("question", ["折叠网络这篇文章是谁写的？", "Who wrote the article about 折叠网络?"])
def test_the_author_is_what_the_page_says(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert "Lin Ruoyu" in answer.text
    assert answer.citations[0].author == "Lin Ruoyu"
    lawful(assistant, answer)


@pytest.mark.parametrize(
    "turns", [("折叠网络讲了什么？",), ("Summarise 折叠网络",), ("什么是折叠网络？", "这篇文章讲了什么？")]
)
def test_a_named_article_is_told_by_its_own_sentences(assistant: Assistant, turns: tuple[str, ...]) -> None:
    answer = talk(assistant, *turns)
    assert {c.title for c in answer.citations} == {"折叠网络"}
    assert "把宽层折叠成窄层" in answer.text
    assert "批评指正" not in answer.text
    assert "[2] Quick" not in answer.text
    lawful(assistant, answer)


def test_thanks_are_answered_as_thanks_and_refusals_read_well(assistant: Assistant) -> None:
    assert "不客气" in assistant.ask("谢谢", llm=False).text
    assert "welcome" in assistant.ask("thanks!", llm=False).text
    assert "Looked for: bake bread." in assistant.ask("How do I bake bread?", llm=False).text


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("什么是迁移学习？", "迁移学习"), ("GAN是什么？", "GAN"), ("What is a GAN?", "GAN"),
        ("What does inverted residual mean?", "inverted residual"),
        ("那折叠网络是什么？", "折叠网络"), ("折叠网络通常指什么？", "折叠网络"),
        ("What is said about privacy?", ""), ("what is it?", ""), ("图片的大小是什么？", ""),
    ],
)  # fmt: skip
def test_only_a_bare_what_is_asks_for_a_definition(question: str, what: str) -> None:
    assert what_is(question) == what
