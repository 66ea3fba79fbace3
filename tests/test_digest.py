"""What an article says, told by its own sentences: whichever name it is asked for by, nothing twice, no talk beside the matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Assistant
from tests.test_answers import lawful, library

WEEKLY = """# 温室周报

这里记录每周值得分享的温室消息，周五发布，合作请邮件联系（greenhouse@weekly.example）。

温室里的番茄今年普遍早熟两周，原因是三月的气温比往年高出四度。

## 番茄

温室里的番茄今年普遍早熟两周，原因是三月的气温比往年高出四度。种植户可以通过夜间通风推迟采收，价格因此没有下跌。

怎样给番茄通风？步骤如下：

番茄需要的水量随气温上升，早熟的温室比往年多用了一成的水。（@liuzhi 投稿）
"""
PAPER = """# Folding under constraints

Folding wide layers into narrow ones makes a network small enough for a phone. Existing schemes lose accuracy quietly when
the folds are deep. We introduce a scheme that keeps the accuracy of every layer within a given bound. It also trains faster.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("digest")
    return library(folder, {"weekly": ("温室周报", WEEKLY), "paper": ("Folding under constraints", PAPER)})


@pytest.mark.parametrize(
    "question",
    [
        "温室周报讲了什么？",
        "总结一下番茄早熟的那篇文章",
        "Summarise the article about tomatoes in greenhouses",
        "《温室周报》的主要内容是什么？",
    ],
)
def test_an_article_is_told_by_a_name_or_by_its_subject(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert {citation.title for citation in answer.citations} == {"温室周报"}
    assert "早熟两周" in answer.text
    lawful(assistant, answer)


def test_nothing_is_told_twice_and_nothing_beside_the_matter(assistant: Assistant) -> None:
    text = assistant.ask("温室周报讲了什么？", llm=False).text
    assert text.count("早熟两周") == 1
    assert "@" not in text
    assert "步骤如下" not in text


def test_what_stands_first_and_by_itself_goes_before_what_leans_on_it(assistant: Assistant) -> None:
    quotes = [c.quote for c in assistant.ask("Summarize the paper on folding constraints", llm=False).citations]
    assert quotes[0].startswith("Folding wide layers")
    assert not any(quote.startswith("It also") for quote in quotes)
