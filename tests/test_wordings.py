"""Many wordings of one question, the unit or kind of value that is asked for, and whose drawback a sentence names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import chunk
from rag import Assistant
from rag.aliases import glossary, names_held
from rag.aspects import aspect_asked
from rag.census import asks_of_list
from rag.defining import names_of
from rag.follow import follow
from rag.holders import names_someone
from rag.manners import worked
from rag.questions import understand
from rag.spans import heading_above, is_label
from rag.units import unit_asked
from rag.values import value_asked
from rag.wording import worded_alike
from tests.test_answers import lawful, library

KILN = """# 窑与烤箱

石窑是用火砖砌成的烤箱，它把热量储存在厚壁里。石窑的涂层里有2种矿物，烧了三年也没有裂开。

气窑是石窑的一种特殊情况，它不烧木柴。电窑和气窑都在城里常见。

目前电窑虽然卖得很好，但存在着明显的局限性，石窑因此又变得重要。

本文还提出了盐窑，在高温下撒盐上釉，陶罐因此发亮。

## 石窑

先把窑烧热，再把灰扫出来，最后放进面团，直到表皮变硬。

石窑示例：

1，不能单独用，要先请人看过。
"""
ZH = (
    "X是什么？|介绍一下X|请问什么是X|什么叫X？|X是什么意思？|X是啥？|X指的是什么？|解释一下X|何为X？"
    "|X的定义是什么？|能讲讲X吗？|X是干嘛的？|你能解释一下X是什么吗？"
)
EN = "What's X?|Define X|Explain X|Can you explain what X is?|What does X mean?|what is meant by X|Could you tell me what an X is?|describe X"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("wordings")
    return library(folder, {"kiln": ("窑与烤箱", KILN)})


@pytest.mark.parametrize("name", ["GAN", "迁移学习", "石窑"])
def test_a_chinese_definition_is_asked_for_in_one_wording(name: str) -> None:
    assert {worded_alike(wording.replace("X", name)) for wording in ZH.split("|")} == {f"什么是{name}？"}


@pytest.mark.parametrize("name", ["GAN", "transfer learning", "adversarial example"])
def test_an_english_definition_is_asked_for_in_one_wording(name: str) -> None:
    assert {worded_alike(wording.replace("X", name)) for wording in EN.split("|")} == {f"What is {name}?"}


@pytest.mark.parametrize(
    "question",
    [
        "它是什么？", "这篇文章讲了什么？", "timm提供什么？", "委员会要弥补什么？", "MobileNet的宽度乘子是什么？", "介绍一下这篇文章",
        "DECnet最初是干什么的？", "球栉水母不是什么？", "被称为什么？", "X和Y的区别是什么？", "What is the reward in CartPole?",
        "Explain why GANs fail", "What is it?", "what time is it",
    ],
)  # fmt: skip
def test_any_other_question_stays_as_it_is(question: str) -> None:
    assert worded_alike(question) == question


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_wordings(text: str) -> None:
    assert worded_alike(worded_alike(text)) == worded_alike(text)


@pytest.mark.parametrize("wording", ["什么叫石窑？", "石窑是什么意思？", "解释一下石窑", "能讲讲石窑吗？", "石窑是干嘛的？"])
def test_every_wording_has_the_same_answer(assistant: Assistant, wording: str) -> None:
    answer = assistant.ask(wording, llm=False)
    lawful(assistant, answer)
    assert answer.text.startswith("石窑是用火砖砌成的烤箱") and answer.text == assistant.ask("什么是石窑？", llm=False).text


def test_what_an_article_proposes_is_explained_by_that(assistant: Assistant) -> None:
    assert "本文还提出了盐窑" in assistant.ask("什么是盐窑？", llm=False).text


def test_a_special_case_relates_both_sides_and_a_stub_neither(assistant: Assistant) -> None:
    answer = assistant.ask("石窑和气窑有什么区别？", llm=False)
    assert answer.text.startswith("气窑是石窑的一种特殊情况") and len(answer.citations) == 1
    steps = assistant.ask("石窑的步骤是什么？", llm=False)
    assert "先把窑烧热" in steps.text and "示例" not in steps.text
    assert worked("值迭代算法的步骤是什么？") == "值迭代"


def test_a_drawback_of_something_else_is_not_that_of_what_is_asked(assistant: Assistant) -> None:
    assert assistant.ask("石窑有什么缺点？", llm=False).refused is True
    practice = aspect_asked("What are the limitations of kilns in practice?")
    assert practice and practice.of == "kilns"


@pytest.mark.parametrize(
    "question", ["石窑涂层的厚度是多少毫米？", "石窑示例有多少张图片？", "石窑是用什么编程语言写的？", "Which license is the kiln released under?"]
)
def test_a_number_of_something_else_answers_nothing(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question, llm=False).refused


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("厚度是多少毫米？", "涂层厚2.5毫米。", "烧了三年，共12次。"),
        ("需要多少张图片？", "共用三百张照片。", "输出是一张图片。"),
        ("How many tons are absorbed?", "It absorbs 1.5 gigatons a year.", "It has 40 trees."),
        ("How many images does it hold?", "It holds 37,322 images.", "It has 50 classes."),
    ],
)
def test_a_unit_is_that_of_the_number(question: str, yes: str, no: str) -> None:
    gives = unit_asked(question)
    assert gives is not None and gives(yes) and not gives(no)
    assert unit_asked("有多少种窑？") is None


def test_a_language_or_a_licence_is_named() -> None:
    spoken, licence = value_asked("声明是用什么语言写的？"), value_asked("Which license does it have?")
    assert spoken and spoken("声明是用拉丁语写的") and spoken("MAC平台上的C++程序") and not spoken("声明写在羊皮纸上")
    assert licence and licence("Released under the MIT terms") and not licence("Released in 2019")


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("这份列表有多少篇文章？为什么？", "counts"),
        ("有哪些作者？", "authors"), ("一共有多少位作者？", "authors"),
        ("Who are the authors?", "authors"), ("How many authors are there?", "authors"),
        ("MobileNet的作者有哪些？", ""), ("Who are the authors of MobileNet V2?", ""),
    ],
)  # fmt: skip
def test_authors_and_counts_are_asked_of_the_list(text: str, asks: str) -> None:
    assert asks_of_list(text) == asks


def test_authors_are_those_of_the_list_also_after_another_question(assistant: Assistant) -> None:
    history = [{"role": "user", "content": "什么是石窑？"}, {"role": "assistant", "content": "石窑是用火砖砌成的烤箱。"}]
    assert "作者（网页所署）" in assistant.ask("有哪些作者？", history=history, llm=False).text


def test_a_name_is_known_in_the_singular_and_the_plural() -> None:
    for text in ("What is an adversarial example?", "What are adversarial examples?"):
        assert [other for _, other in names_held(text, glossary())] == ["对抗样本"]
    assert understand("RLHF是什么意思？").standalone == "什么是RLHF？"


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("14年Goodfellow提出了这个想法。", True), ("Szegedy在研究网络时发现了它。", True),
        ("它由谷歌出品，十分轻巧。", True), ("斯密先生先提出来的。", True), ("DeCAF是Caffe的前身。", False), ("艾萨克•牛顿在他的理论中说。", True),
        ("这篇文章主要就是提出对梯度也进行量化。", False), ("文章提出了linear bottleneck layer，即PointwiseConvolution，再降低channel数。", False),
        ("本文整理了综述Transfer Learning For Recognition: A Survey[1]的内容。", False), ("我们提出了两步优化。", False),
        ("it was proposed by Kleene in 1951.", True), ("it was proposed long ago.", False),
    ],
)  # fmt: skip
def test_who_proposed_something_is_a_name(sentence: str, named: bool) -> None:
    assert names_someone(sentence, frozenset()) is named


def test_a_refusal_says_what_a_follow_up_looks_for(assistant: Assistant) -> None:
    history = [{"role": "user", "content": "什么是石窑？"}, {"role": "assistant", "content": "石窑是用火砖砌成的烤箱。"}]
    answer = assistant.ask("它是用什么编程语言写的？", history=history, llm=False)
    assert answer.refused and "石窑" in answer.text


def test_a_definition_may_call_it_by_another_of_its_names() -> None:
    assert {"量化", "quantization", "网络量化"} <= set(names_of("模型量化"))
    assert names_of("石窑") == ("石窑",)


def test_a_date_is_no_stage_of_an_illness() -> None:
    dated = value_asked("When did the father die?")
    assert dated and dated("他于2016年去世。") and dated("早期的窑") and not dated("父亲是癌症末期") and not dated("自从他被诊断出癌症以来")


def test_what_stands_under_a_numbered_line_is_about_it(tmp_path: Path) -> None:
    weekly = "# 周刊\n\n1、银河飞艇[67]\n\n银河飞艇是上个世纪30年代建造的一艘大型飞艇。\n\n它长达245米。\n\n2、新网站\n\n这个网站展示月相。\n"
    assistant = library(tmp_path, {"weekly": ("周刊", weekly)})
    assert assistant.ask("银河飞艇多长？", llm=False).citations[0].quote == "它长达245米。"
    assert "1、" not in assistant.ask("什么是银河飞艇？", llm=False).text
    assert is_label(weekly, weekly.index("1、"), weekly.index("[67]") + 4) and heading_above(weekly, weekly.index("它长达")) == "1、银河飞艇[67]"
    assert not heading_above("1、先烧热\n\n2、再放面团\n\n3、等", 20)  # items of a list


def test_a_sentence_goes_on_in_the_next_line_after_a_comma() -> None:
    text = "那上面有一个叫伊丽莎的程序，\n\n是一个聊天机器人，\n\n由约瑟夫设计。\n\n她说：\n\n- 一项，\n- 两项\n\n结束。"
    quoted = [text[s.start : s.end] for passage in chunk(text) for s in passage.sentences]
    assert quoted[0] == "那上面有一个叫伊丽莎的程序，\n\n是一个聊天机器人，\n\n由约瑟夫设计。"
    assert quoted[1:] == ["她说：", "- 一项，", "- 两项", "结束。"]


def test_what_was_said_is_said_again_where_it_is_asked_for(assistant: Assistant) -> None:
    steps = assistant.ask("石窑怎么做？", llm=False)
    history = [{"role": "user", "content": "石窑怎么做？"}, {"role": "assistant", "content": steps.text}]
    assert not assistant.ask("它的步骤是什么？", history=history, llm=False).refused
    carried = follow("那它的第二个版本加了什么？", [{"role": "user", "content": "MobileNet v1 的核心思想是什么？"}])
    assert "核心思想" not in carried.standalone and "第二个版本" in carried.standalone
    assert "秘诀是什么" in assistant.ask("老师傅觉得好的烧窑的秘诀是什么？", llm=False).text


def test_a_title_in_marks_must_stand_in_what_answers(tmp_path: Path) -> None:
    told = "# 动画\n\n1999年，动画师朱志强创作的动画系列《小小作品》风靡一时。\n\n《大船》的作者是李四，他住在海边。\n"
    told += "\n有更简单的办法，就是 BoatBase。\n\n它是一个开源的造船平台，船厂都在用。\n"
    assistant = library(tmp_path, {"films": ("动画", told)})
    assert "朱志强" in assistant.ask("《小小作品》的作者是谁？", llm=False).text
    assert assistant.ask("《小作坊》的作者是谁？", llm=False).refused
    assert assistant.ask("BoatBase是什么？", llm=False).text.startswith("它是一个开源的造船平台")
