"""What must be found: either way to write Chinese, and numbers, names and identifiers exactly."""

from __future__ import annotations

import json

import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.pages import PageStore
from index.records import Page
from index.urls import identity
from rag import Assistant

PAGES = {
    "simplified": "# 笔记\n\n迁移学习把一个领域学到的知识用到相关领域。选择超参数时常用交叉验证。\n",
    "traditional": "# 筆記\n\n聯邦學習讓資料留在各個醫院，只交換模型的參數，因此隱私得到保護。\n",
    "snake": "# Notes\n\nCall `load_state_dict` to restore a model. It takes a strict flag.\n",
    "camel": "# Notes\n\nCall `load_model` to restore a model. It takes a path.\n",
    "cpp": "# Notes\n\nThe runtime is written in C++ and links statically.\n",
    "c": "# Notes\n\nThe runtime is written in C and links statically.\n",
    "resnet50": "# Notes\n\nThe backbone is ResNet-50, trained for 90 epochs.\n",
    "resnet101": "# Notes\n\nThe backbone is ResNet-101, trained for 90 epochs.\n",
    "gpt35": "# Notes\n\nThe judge is GPT-3.5, asked once for each answer.\n",
    "gpt4": "# Notes\n\nThe judge is GPT-4, asked once for each answer.\n",
    "l2": "# Notes\n\nWeights are kept small by an L2 penalty with a coefficient of 0.01.\n",
    "l1": "# Notes\n\nWeights are kept small by an L1 penalty with a coefficient of 0.1.\n",
    "lambda": "# Notes\n\nThe trade-off is set by $\\lambda$, which grows during training.\n",
    "alpha": "# Notes\n\nThe trade-off is set by $\\alpha$, which grows during training.\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """An index of pairs of pages that differ in one word."""
    data = tmp_path_factory.mktemp("exact")
    links = [{"url": f"https://example.org/{name}", "title": f"Page {place}"} for place, name in enumerate(PAGES)]
    (data / "list.json").write_text(json.dumps(links), encoding="utf-8")
    kind = (("content-type", "text/markdown; charset=utf-8"),)
    with PageStore(data / "pages.sqlite") as pages:
        for link, text in zip(links, PAGES.values(), strict=True):
            url = link["url"]
            pages.put(Page(identity(url), url, 200, kind, text.encode(), "2026-01-01T00:00:00+00:00", (), "saved"))
    build(Settings(data=data), BuildOptions(lists=(str(data / "list.json"),), offline=True), lambda *_: None)
    return Assistant.open(data, settings=Settings(data=data))


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("選擇超參數時常用什麼？", "simplified"),
        ("联邦学习为什么能保护隐私？", "traditional"),
        ("What does load_state_dict take?", "snake"),
        ("load_model 需要什么参数？", "camel"),
        ("Which runtime is written in C++?", "cpp"),
        ("哪个程序是用C++写的？", "cpp"),
        ("How many epochs was ResNet50 trained?", "resnet50"),
        ("ResNet-101训练了多少轮？", "resnet101"),
        ("How often is GPT-3.5 asked?", "gpt35"),
        ("GPT-4 被问了几次？", "gpt4"),
        ("What is the coefficient of the L2 penalty?", "l2"),
        ("L1 正则的系数是多少？", "l1"),
        ("What happens to λ during training?", "lambda"),
        (r"训练中 $\alpha$ 怎么变化？", "alpha"),
    ],
)
def test_the_page_that_holds_the_very_word_comes_first(library: Assistant, question: str, name: str) -> None:
    number = library.found(question, k=1)[0]
    assert {item.number: item.url for item in library.items()}[number] == f"https://example.org/{name}"
