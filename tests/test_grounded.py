"""A question is answered by a sentence that says it, or refused: no title, formula, code, stub or value of another thing answers."""

from __future__ import annotations

import pytest

from rag import Assistant
from tests.test_answers import lawful, library

LEARNING = r"""# 从头开始

智能体在环境里执行动作并得到奖励，奖励的总和叫做回报。强化学习（RL）研究怎样让回报最大。

## 价值函数

状态价值：从当前状态出发能得到的回报的期望。

带策略的贝尔曼方程：

$V(s) = \sum_a \pi(a|s) \left( r(s,a) + \gamma \sum_{s'} p(s'|s,a) V(s') \right)$

$\text{the value of policy TRQN is } V = R + \gamma P V$

## 值更新

直观理解：先给每个状态一个零值，再反复用最大的动作价值替换它，直到不再变化。

如何求出最优的价值，可以通过值更新和策略更新两种方法。

## Episode Gradient

上面的方法都在随机改变权重。代码如下：

```
def actor_gradient(env):
    print 'actor episode gradient get reward'

    cur = evaluate(env)
    print 'critic episode gradient done'
```

这些方法的目标函数有同一个导数，这个式子也就是episode gradient。
"""
FOLDNET = """# FoldNet v1和v2

FoldNet[1]是云杉实验室出品的一个轻量级神经网络结构，可以在手机上运行。

轿车的均价降到十万元，寒气越发深入。有人说FoldNet没有创新点，个人觉得FoldNet是一个非常棒的网络。FoldNet一共有28层，体现在每一层都很窄。

去年三月又推出了FoldNet的第二个版本。

## 2. 逐层适配网络LAN

因此Layer Adaptation Networks(LAN)这篇文章用了两种办法缩小差异。LAN比DLAN好。

## PRH[3]

PRH和FoldNet是同一个作者，也是它的扩展，进一步把激活值变成了一比特。反向传播也跟其他网络一致。调整阈值能够获得不同的三值网络。

| 类别 | 领域 | 任务 |
|---|---|---|
| 归纳式迁移学习 | 相同 | 不相同但相关 |

在PRH网络中，梯度在范围之外等于零。RLXF的训练，也叫做基于人类反馈的训练。
"""
TOOL = """# pytool

pytool is a command line tool that renames the photos of a folder. It is written for people with many photos.

## Installation

By default `poet` looks for the required Python version on your path.

You can install it with `pip`:

```
pip install pytool
```

## Environment

- `PYTOOL_CLOSE`, if set, closes files early, which requires `yagra` 0.7.3 or newer.
"""
SETS = """# Sets of leaves

Sets of pictures for those who sort leaves, and nothing else.

## Sets

+ **DAPP:** Ada Lovelace, Charles Babbage and Mary Somerville. "Sorting of Leaves by
Attributes." LEAF (2013) [[pdf]](http://papers.example/dapp.pdf)

## More sets

+ **OAK:** Oaks of large size. Categories:230. [[link]](http://data.example/oak)
+ **ELM2:** Elms with attributes. Categories:50. [[link]](http://data.example/elm)

## Gomlib

It offers functions that act as the garden. Run `pip install gomlib` to have it.
"""
KIT = """# 功能

1. 人脸检测
2. 轮廓标识
3. 表情识别（生气、开心、难过等七种情绪）

## 环境

- Windows 10
- Python 3.6.4
- OpenCV 3.4.1
"""
STEPS = """# Learning by steps

Learning optimizes the expected return of a policy. The policy is changed a little at every step.

## Boxes

Paper folding works with two creases at once, which a press closes.
"""
READ = {
    "steps": ("Learning by steps, and QRX", STEPS),
    "rl": ("强化学习（RL）（从入门到QPO）", LEARNING),
    "fold": ("FoldNet v1和v2", FOLDNET),
    "tool": ("someone/pytool", TOOL),
    "kit": ("FaceKit", KIT),
    "sets": ("Sets of leaves", SETS),
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("grounded"), READ)


@pytest.fixture(scope="module")
def tides(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    told = "Tidal power turns the sea into electricity with {n} turbines in a barrage. It is built in estuaries."
    pages = {
        f"tides{n}": (f"Tides {n}", f"# Tides {n}\n\nArticle {n} is about tidal power. {told.format(n=n)}\n")
        for n in (5, 6)
    }
    chinese = "# 潮汐\n\n第3篇讲潮汐发电。潮汐发电把海水的涨落变成电，靠水坝里的涡轮。\n"
    return library(tmp_path_factory.mktemp("tides"), {**pages, "tides3": ("潮汐", chinese)})


@pytest.mark.parametrize(
    "question",
    [
        "QPO 的全称是什么？",  # stands in a title
        "What does TRQN stand for?",  # stands in a formula
        "什么是TRQN？",
        "What is DAPP?",  # an entry of a bibliography, of two lines
        "什么是贝尔曼方程？",  # a stub before a formula
        "什么是反向传播？",  # at the head of a clause, in a text about something else
        "什么是三值网络？",
        "什么是归纳式迁移学习？",  # a row of a table
        "What Python version does pytool need?",  # is spoken of, but not told; another page has one
        "What is the license of pytool?",  # its page has no such word
        "FaceKit有多少个文件？",
        "How much does pytool cost?",
        "FoldNet是哪一年提出的？",
        "When was PRH released?",
        "红松轿车多少钱？",
        "谁提出了快速符号法？",
        "什么是总和？",  # in passing
        "What does QRX optimize?",  # a title alone names it, and its article writes of other things
        "How does magnetic paper folding work?",  # paper folding is told of
    ],
)
def test_what_no_sentence_says_is_refused(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert answer.refused, answer.text
    assert not answer.citations


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("什么是FoldNet？", "云杉实验室出品的一个轻量级神经网络"),  # not the opinion, which is nearer
        ("什么是PRH？", "PRH和FoldNet是同一个作者"),  # the first sentence under its heading
        ("什么是值更新？", "直观理解：先给每个状态一个零值"),
        ("状态价值是什么？", "从当前状态出发"),
        ("FaceKit是什么？", "1. 人脸检测"),  # nothing but a list, which its article begins with
        ("What is pytool?", "is a command line tool"),
        ("What is episode gradient?", "也就是episode gradient"),  # not the code
        ("LAN的全称是什么？", "Layer Adaptation Networks"),
        ("What does LAN stand for?", "Layer Adaptation Networks"),
        ("RLXF的全称是什么？", "基于人类反馈的训练"),
        ("FaceKit 需要什么 Python 版本？", "Python 3.6.4"),
        ("FaceKit的OpenCV版本是多少？", "OpenCV 3.4.1"),
        ("pytool 需要哪个版本的 yagra？", "0.7.3"),
        ("FoldNet一共有多少层？", "28层"),
        ("FoldNet的第二个版本是什么时候推出的？", "去年三月"),
        (
            "How many categories has ELM2?",
            "**ELM2:** Elms with attributes. Categories:50.",
        ),  # an item, not an entry of a bibliography
        ("What is Gomlib?", "It offers functions"),  # its heading names it
        ("FaceKit能识别多少个表情？", "七种情绪"),
        ("How does paper folding work?", "Paper folding works with two creases"),
    ],
)
def test_the_sentence_that_says_it_goes_first(assistant: Assistant, question: str, first: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert not answer.refused
    assert first in answer.citations[0].quote
    lawful(assistant, answer)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How is tidal power made?", "Tidal power turns the sea"),
        ("Tell me of tidal power", "Tidal power turns the sea"),
        ("Where is tidal power built?", "Tidal power turns the sea"),
        ("潮汐发电", "潮汐发电把海水的涨落变成电"),
    ],
)
def test_what_an_article_is_about_is_no_answer(tides: Assistant, question: str, first: str) -> None:
    quotes = [citation.quote for citation in tides.ask(question, llm=False).citations]
    assert quotes[0].startswith(first)
    assert not any("is about" in quote or "第3篇" in quote for quote in quotes)
