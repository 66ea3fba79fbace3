"""What compares, why and how: a sentence that contrasts, gives the reason or tells the way, or else a plain refusal."""

from __future__ import annotations

import pytest

from rag import Assistant
from rag.compare import sides
from rag.manners import done, opines, tells_way, worked
from rag.reasons import Why, adopted, causes, serves, why_asked
from tests.test_answers import lawful, library

OVENS = """# 两种烤箱

石窑是用火砖砌成的烤箱，它把热量储存在厚壁里。石窑升温要两个小时，家里用不起。

电烤箱靠电热管加热，十分钟就能用。

有人说石窑没有前途，个人觉得石窑是一个非常棒的东西。

## 对比

第一代石窑烧木柴，第二代石窑则烧煤气，火候更稳。

## 发酵

为了让面团变得松软，面包师会先发酵一夜。冷藏发酵可以减少酸味，但是更慢。

做法是先把酵母溶在温水里，再揉进面粉，最后盖上湿布。

由于酵母在低温下几乎不产气，冬天的面团发得很慢。
"""
BOATS = """# Hulls compared

A catamaran is a boat with two narrow hulls side by side. Catamarans heel very little in a breeze.

A monohull carries a heavy keel of lead. The keel rights it after a knockdown.

Ballast keeps a monohull upright, whereas a catamaran relies on the distance between its hulls.

## Reefing

Sailors reef early so that the mast is not overloaded in a gust. The captain sang that evening.

You reef a sail with these steps:

1. Ease the halyard.
2. Hook the new tack.
3. Tighten the clew line.

## Antifouling

Antifouling paint releases copper slowly, which keeps barnacles from growing. Paint fades because sunlight breaks its pigments.
"""
SAILS = """# 帆船笔记

龙骨利用铅的重量把船身拉正。桅杆高十二米。

不同于别的船，它不用滑轮、绳结、帆布。顺风时，滑轮把速度提高了一成。滑轮包含三个零件。绳结先绕一圈再收紧。

只看风向容易走偏，所以人们又加入浮标。
"""
PAGES = {"ovens": ("两种烤箱", OVENS), "boats": ("Hulls compared", BOATS), "sails": ("帆船笔记", SAILS)}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("telling"), PAGES)


@pytest.mark.parametrize(
    ("question", "both"),
    [
        ("FoldNet v1 和 v2 有什么区别？", ("FoldNet v1", "FoldNet v2")),
        ("FoldNetV1和V2的区别", ("FoldNetV1", "FoldNetV2")),
        ("横向和纵向切割有什么不同？", ("横向切割", "纵向切割")),
        ("石窑比电烤箱好在哪里？", ("石窑", "电烤箱")),
        ("和石窑相比，电烤箱有什么优势？", ("电烤箱", "石窑")),
        ("石窑和电烤箱哪个更省电？", ("石窑", "电烤箱")),
        ("What is the difference between fixed and folding keels?", ("fixed", "folding keels")),
        (
            "What is the difference between structured and unstructured grids?",
            ("structured grids", "unstructured grids"),
        ),
        ("Is a catamaran faster than a monohull?", ("catamaran", "monohull")),
        ("Sloops and ketches: what is the difference?", ("Sloops", "ketches")),
        ("石窑和电烤箱归哪个部门管？", None),
        ("人口比例是多少？", None),
        ("Are ferries more expensive than others in summer?", None),
        ("How do the fees of the older public schools compare to those of the others?", None),
    ],
)
def test_both_sides_are_called_as_they_would_be_alone(question: str, both: tuple[str, str] | None) -> None:
    assert sides(question) == both


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("石窑和电烤箱有什么区别？", ["用火砖砌成", "靠电热管加热"]),
        ("电烤箱比石窑好在哪里？", ["用火砖砌成", "靠电热管加热"]),
        ("How does a catamaran differ from a monohull?", ["whereas a catamaran"]),
        ("What is the difference between a monohull and a catamaran?", ["whereas a catamaran"]),
        ("第一代石窑和第二代石窑有什么不同？", ["则烧煤气"]),
        ("滑轮和绳结有什么区别？", ["包含三个零件", "绕一圈再收紧"]),
    ],
)
def test_a_comparison_has_both_sides(assistant: Assistant, question: str, said: list[str]) -> None:
    answer = assistant.ask(question)
    lawful(assistant, answer)
    quoted = "\n".join(citation.quote for citation in answer.citations)
    assert all(part in quoted for part in said) and len(answer.citations) <= 2


@pytest.mark.parametrize(
    ("question", "of", "note"),
    [
        ("石窑和微波炉有什么区别？", "用火砖砌成", "“微波炉”"),
        ("What is the difference between a catamaran and a hydrofoil?", "two narrow hulls", "“hydrofoil”"),
    ],
)
def test_a_side_that_nothing_is_said_of_is_named(assistant: Assistant, question: str, of: str, note: str) -> None:
    answer = assistant.ask(question)
    lawful(assistant, answer)
    assert [of in citation.quote for citation in answer.citations] == [True] and note in answer.text.split("\n")[-1]


@pytest.mark.parametrize(
    "question", ["微波炉和洗衣机有什么区别？", "What is the difference between a hydrofoil and a kite?"]
)
def test_a_comparison_of_what_nobody_wrote_of_is_refused(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).refused


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("为什么要发酵？", "为了让面团变得松软"),
        ("为什么冬天的面团发得很慢？", "由于酵母在低温下"),
        ("冷藏发酵有什么用？", "可以减少酸味"),
        ("为什么需要浮标？", "只看风向容易走偏"),
        ("Why is antifouling paint used?", "keeps barnacles from growing"),
        ("Why do sailors reef early?", "so that the mast"),
        ("Why does paint fade?", "because sunlight"),
    ],
)
def test_a_reason_is_given(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.ask(question)
    lawful(assistant, answer)
    assert answer.citations and said in answer.citations[0].quote


@pytest.mark.parametrize(
    "question",
    ["为什么选择Rust？", "石窑为什么要用Kubernetes？", "Why do we need quantum chips?", "Why use Kubernetes?"],
)
def test_no_reason_of_something_else_is_given(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).refused


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("怎么发酵？", "先把酵母溶在温水里"),
        ("电烤箱是怎么工作的？", "靠电热管加热"),
        ("石窑是怎样工作的？", "把热量储存在厚壁里"),
        ("龙骨是怎么工作的？", "利用铅的重量"),
        ("How do I reef a sail?", "Hook the new tack"),
        ("How does antifouling paint work?", "releases copper slowly"),
    ],
)
def test_a_way_is_told(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.ask(question)
    lawful(assistant, answer)
    assert answer.citations and said in answer.citations[0].quote


def test_what_a_why_question_asks_of() -> None:
    assert why_asked("为什么要量化？") == Why(("量化",))
    assert why_asked("MAML为什么要用二阶导数？") == Why(("MAML", "二阶导数"))
    assert why_asked("Why is a keel useful?") == Why(("keel",))
    assert why_asked("What is the purpose of ballast in a keel?") == Why(("keel", "ballast"))
    assert why_asked("why does DANN need a discriminator?") == Why(("DANN", "discriminator"))
    assert why_asked("Why do models prefer old classes?") == Why() == why_asked("为什么梯度会泄露隐私？")
    assert why_asked("该公司更名为什么？") is None is why_asked("What is a keel?")


def test_what_a_how_question_asks_of() -> None:
    assert worked("蒸馏是怎么做的？") == worked("怎么做蒸馏？") == "蒸馏"
    assert done("怎么训练GAN？") == "训练GAN" and done("How do I install the tool?") == "install the tool"
    assert done("1901年实现了怎样的工艺？") == done("效果怎么样？") == done("How many boats are there?") == ""


def test_words_of_reasons_ways_and_opinions() -> None:
    assert causes("为了省电") and causes("so that it holds") and not causes("窑高三米") and not causes("It is red.")
    assert serves("它可以缓解过拟合") and serves("It needs only two hulls.") and not serves("no better than chance")
    assert adopted("风向不够，所以人们又加入浮标", ("浮标",)) and not adopted("所以浮标很红", ("浮标",))
    assert adopted("The mast is weak, so it needs stays.", ("stay",)) and not adopted("Stays are wires.", ("stay",))
    assert tells_way("先揉面，再发酵") and tells_way("by tightening the rope") and not tells_way("It is red.")
    assert opines("个人觉得很好") and opines("I think it is nice") and not opines("窑高三米")
