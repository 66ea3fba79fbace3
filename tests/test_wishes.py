"""What is wished of the list itself: the newest, the longest, all but some; a translation or a recommendation is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rag import Assistant
from rag.cli import main
from rag.follow import follow
from rag.wishes import Others, most_asked, others_asked, translation_asked
from tests.test_answers import READ, lawful, library
from tests.test_called import GREENHOUSE, NETS, signed


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return signed(tmp_path_factory.mktemp("wishes"))


@pytest.fixture(scope="module")
def undated(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("wishes-undated"), READ)


@pytest.mark.parametrize(
    ("question", "wish"),
    [
        ("最新的文章是哪篇？", "newest"), ("What is the newest article?", "newest"), ("最近更新了什么？", "newest"), ("what's new?", "newest"),
        ("最早的文章是哪一篇", "oldest"), ("which post is the longest?", "longest"), ("推荐一篇文章", "best"), ("哪篇文章最值得看？", "best"),
        ("which article should I read first?", "best"), ("最新的GAN模型是什么？", ""), ("最好的量化方法是哪个？", ""), ("推荐一篇讲GAN的文章", ""),
        ("Which network is the newest?", ""), ("最近提出的方法有哪些？", ""),
    ],
)  # fmt: skip
def test_a_wish_has_no_subject(question: str, wish: str) -> None:
    assert most_asked(question) == wish


def test_all_but_some_are_asked_for() -> None:
    assert others_asked("除了知乎还有哪些？") == Others("知乎", "")
    assert others_asked("除了微信还有哪些文章？") == Others("微信", "articles")
    assert others_asked("Besides WeChat, which sites are there?") == Others("WeChat", "sites")
    assert others_asked("Which articles are there apart from WeChat?") == Others("WeChat", "articles")
    assert others_asked("除了权重还有哪些可以量化？") is None is others_asked("What is pruning?")


def test_a_translation_is_wished() -> None:
    assert translation_asked("翻译一下GAN那篇文章") == "zh" == translation_asked("Translate this into Chinese")
    assert translation_asked("把那篇翻译成英文") == "en" == translation_asked("Translate the article")
    assert translation_asked("翻译质量怎么样？") == "" == translation_asked("What is machine translation?")


@pytest.mark.parametrize("question", ["最新的文章是哪篇？", "What is the newest article?"])
def test_the_newest_article_is_told_with_its_date(dated: Assistant, question: str) -> None:
    answer = dated.ask(question)
    lawful(dated, answer)
    days = [citation.published for citation in answer.citations]
    everything = sorted((item.published for item in dated.items() if item.published), reverse=True)
    assert days == everything[:3] and str(days[0]) in answer.text.split("\n")[0]


def test_the_oldest_and_the_longest_are_told(dated: Assistant) -> None:
    oldest, longest = dated.ask("最旧的文章是哪篇？"), dated.ask("which article is the longest?")
    assert oldest.citations[0].published == min(item.published for item in dated.items() if item.published)
    assert longest.citations[0].reference == max(dated.items(), key=lambda item: item.characters).number


def test_without_a_date_there_is_no_newest_one(undated: Assistant) -> None:
    answer = undated.ask("最新的文章是哪篇？")
    assert answer.refused and answer.text == "列表里的网页都没有写明发表日期。"


@pytest.mark.parametrize("question", ["推荐一篇文章", "哪篇文章最值得看？", "which article should I read first?"])
def test_no_article_is_recommended(dated: Assistant, question: str) -> None:
    answer = dated.ask(question)
    assert (
        answer.refused and "\n" not in answer.text and ("有哪些文章" in answer.text or "Which articles" in answer.text)
    )


@pytest.mark.parametrize("question", ["翻译一下折叠网络那篇文章", "Translate the note about 折叠网络 into English"])
def test_nothing_is_translated_without_a_model(dated: Assistant, question: str) -> None:
    answer = dated.ask(question)
    assert (
        answer.refused
        and "\n" not in answer.text
        and ("不作翻译" in answer.text or "nothing is translated" in answer.text)
    )


def test_the_rest_of_the_list_is_told(dated: Assistant, undated: Assistant) -> None:
    sites = dated.ask("Besides arxiv, which sites are there?").text
    assert "c.example.org" in sites and "- arxiv.org" not in sites
    titles = [citation.title for citation in dated.ask("除了arxiv还有哪些文章？").citations]
    assert (
        NETS in titles
        and GREENHOUSE in titles
        and all("arxiv" not in c.url for c in dated.ask("除了arxiv还有哪些文章？").citations)
    )
    topics = undated.ask("除了已读还有哪些主题？").text
    assert "- 其他" in topics and "- 已读" not in topics


def test_a_wish_in_a_talk_is_not_taken_for_the_question_before(dated: Assistant) -> None:
    said = [{"role": "user", "content": "什么是折叠网络？"}, {"role": "assistant", "content": "……"}]
    assert follow("翻译一下这篇文章", said).spoken == "zh" and dated.ask("推荐一篇文章", history=said).refused


def test_an_unknown_filter_names_what_there_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    library(data, READ)
    for option, value, there in (("--topic", "没有的", "已读"), ("--site", "nowhere.example", "a.example.org")):
        told = CliRunner().invoke(main, ["ask", "什么是迁移学习？", option, value, "--data", str(data)])
        assert told.exit_code == 0 and there in told.output and len(told.output.strip().split("\n")) == 1
    found = CliRunner().invoke(main, ["ask", "什么是迁移学习？", "--topic", "没有的", "--data", str(data), "--json"])
    assert json.loads(found.output)["refused"]
