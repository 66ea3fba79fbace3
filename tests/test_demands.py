"""What a question demands of an answer: a word that it cannot do without, a measure, a version, a founder. Near misses are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Assistant
from rag.defining import long_form_of
from rag.demands import _demands, demanded, meets, supports
from rag.holders import called_asked, holder_asked, names_someone
from rag.noise import bibliography
from rag.questions import what_is
from rag.units import unit_asked
from rag.values import value_asked
from rag.wording import worded_alike
from tests.test_answers import library

OVEN = """# 石窑网络 v2 笔记

石窑网络 v2 在 KilnNet v1 的基础上加入了跳层，用二十张面团图片就能训练，训练了三个小时。

石窑网络由青石团队设计，城里的面包师都在用。苏婉认为烤面包不只是手艺。

它的准确率是 91.5%，比 v1 高两个百分点。

石窑有半吨重，窑壁厚12厘米，是2016年砌好的。
"""
MILL = """# GrainNet

GrainNet sorts grain by colour. It was trained on pictures of twelve farms, and the whole run took nine hours.

Each picture shows one grain. On the wheat set GrainNet gets 88 % right, and rye is harder.
"""
LIST = """# 面粉网络压缩综述

把面粉网络变小的路子有五条，筛分、研磨、去壳、混合和浸泡。

## 小结

[1] SIEVING FLOUR NETWORKS: MAKING FLOUR NETWORKS SMALL

[2] GRINDING OF FLOUR NETWORKS BY STONES

[3] SMALL FLOUR NETWORKS WITHOUT HUSKS
"""
PAGES = {"oven": ("石窑网络 v2 笔记", OVEN), "mill": ("GrainNet", MILL), "list": ("面粉网络压缩综述", LIST)}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("demands"), PAGES)


@pytest.mark.parametrize(
    "question",
    [
        "石窑网络 v2 是用什么显卡训练的？",
        "石窑网络 v2 的学习率是多少？",
        "石窑网络 v3 比 v2 快多少？",
        "石窑网络 v3 和石窑网络 v2 有什么区别？",
        "石窑网络在 TensorRT 上怎么部署？",
        "石窑网络是哪一年成立的公司做的？",
        "石窑网络支持灰度发布吗？",
        "Which GPU was GrainNet trained on?",
        "Who owns the patent on GrainNet?",
        "How old are the farms that GrainNet was trained on?",
        "Does GrainNet run on Linux?",
    ],
)
def test_what_an_article_does_not_tell_of_its_subject_is_refused(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question, llm=False).refused


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("石窑网络 v2 训练了多少个小时？", "三个小时"),
        ("石窑网络 v2 的准确率是多少？", "91.5%"),
        ("石窑有多重？", "半吨重"),
        ("石窑网络是谁设计的？", "青石团队"),
        ("How long did the training of GrainNet take?", "nine hours"),
        ("How accurate is GrainNet on wheat?", "88 %"),
        ("把面粉网络变小，常见的路子有哪几条？", "路子有五条"),
    ],
)
def test_what_it_does_tell_is_answered(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert not answer.refused and said in answer.citations[0].quote


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("Which GPU was it trained on?", "训练用了一块显卡", "It was trained for two days"),
        ("采样率是多少？", "audio of 16 kHz", "一共三百条录音"),
        ("Which journal was the survey published in?", "TPAMI, 2010", "published by three authors"),
        ("Was it tested on Android?", "安卓手机", "on a phone"),
        ("谁收购了这家公司？", "was acquired by Mill Ltd", "它是一家公司"),
        ("代码放在哪个网站上？", "code is on GitHub", "代码已经开源"),
        ("是在哪款手机上测的？", "on a Pixel 4", "on the phone it takes 46 ms"),
        ("Who maintains it now?", "由青石团队维护", "由青石团队提出"),
        ("Who came up with it?", "由青石团队提出", "它很快"),
    ],
)
def test_a_demand_is_met_in_either_language(question: str, yes: str, no: str) -> None:
    assert demanded(question) and meets(question, yes) and not meets(question, no)


def test_no_demand_is_met_by_what_every_text_may_say() -> None:
    lines = _demands()
    for text in ("Their winning streak went on.", "它是一个很有意思的做法。", "It is one of the ways in which this was done."):
        assert [asks.pattern for asks, told in lines if told.search(text)] == []
    assert len(lines) > 60


def test_what_is_not_demanded_is_met_by_anything() -> None:
    assert meets("什么是石窑？", "") and meets("What is a kiln?", "nothing")
    assert supports("它支持灰度发布吗？") and not supports("谁支持这项改革？")
    assert meets("它支持灰度发布吗？", "现在可以灰度地发布") and not meets("它支持灰度发布吗？", "现在可以回滚")


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("飞艇多长？", "它长达245米。", "它是30年代建造的。"),
        ("识别准确率是多少？", "准确率为 97.5%。", "人脸68个关键点标识"),
        ("误识率是多少？", "误识率为百分之二。", "Tesseract OCR 4.0.0-beta.1"),
        ("How tall is the tower?", "It rises 30 metres.", "It has 3 doors."),
        ("训练了多少个小时？", "一共用了6小时", "一共用了6张图片"),
        ("头盔有多重？", "重约1.2公斤", "售价1200元"),
        ("窑壁有多厚？", "厚12厘米", "十几年的时间"),
        ("适配层是多少维？", "一共256维", "一共有3层"),
        ("How old were they?", "They were 35 years old on average.", "In 2019 they were asked."),
        ("How long does it last?", "It lasts until spring.", "It has 3 doors."),
        ("How accurate is it?", "It gets 92 % right.", "It knows 68 points."),
        ("需要多大的显存？", "需要8GB显存", "显存不足时可以分批"),
        ("How much data is needed?", "It needs a few hundred samples.", "It needs labelled data."),
        ("What was its top speed?", "It reached 130 km/h.", "It was fast."),
    ],
)
def test_a_measure_is_no_other_one(question: str, yes: str, no: str) -> None:
    gives = unit_asked(question)
    assert gives and gives(yes) and not gives(no)


def test_a_price_a_maker_or_a_name_is_given() -> None:
    costs, made_by, software = value_asked("How much money did it cost?"), holder_asked("它是哪个机构提出的？"), called_asked("用的是哪个翻译软件？")
    assert costs and costs("It cost $3 million.") and not costs("It cost three days.")
    assert made_by and made_by("由青石实验室提出") and not made_by("它的主要贡献是快")
    assert software and software("用的是Mill翻译") and not software("先译成另一种语言")
    assert not names_someone("On Folio-31 the authors measured", frozenset()) and names_someone("as Wright measured", frozenset())
    assert long_form_of("What do the letters in PPO stand for?") == "PPO"


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("石窑在哪座城市？", "石窑在苏州", "石窑在同一城市"),
        ("Which city has the oven?", "深圳市建了石窑", "石窑用Studio管理"),
        ("Which city has the oven?", "The oven stands in Leeds.", "The oven stands on a hill."),
    ],
)
def test_a_city_is_named(question: str, yes: str, no: str) -> None:
    names_one = holder_asked(question)
    assert names_one and names_one(yes) and not names_one(no)


def test_what_counts_nothing_is_no_amount(tmp_path: Path) -> None:
    text = "# 面包机\n\n面包机的第971行执行一个命令，数值是十六进制。\n\n面包机的安装包只有一个文件，新版缩到了20MB。\n"
    assistant = library(tmp_path, {"maker": ("面包机", text)})
    assert "20MB" in assistant.ask("面包机新版的安装包缩到多大了？", llm=False).citations[0].quote


def test_a_bibliography_is_no_passage_to_answer_from() -> None:
    assert bibliography(LIST[LIST.index("[1]") :]) and not bibliography(OVEN) and not bibliography(LIST)


def test_more_than_a_name_is_no_name() -> None:
    assert worded_alike("Kiln 这个网络到底是干什么的？") == "什么是Kiln？"
    assert worded_alike("什么是石窑因子γ？") == "什么是石窑因子？"
    assert what_is("石窑网络里因子调得接近 1 是什么意思？") == "" and what_is("石窑网络是什么意思？") == "石窑网络"
