"""A question is answered by a sentence that says it, or refused: no title, formula, code, stub or value of another thing answers."""

from __future__ import annotations

import pytest

from index.terms import language
from rag import Assistant
from rag.defining import about, defines, heads, long_form_of, names_it, spells_out, tells
from rag.questions import how_it_works
from rag.spans import formulas, opened, outside
from rag.values import value_asked
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
    ("what", "sentence", "is_one"),
    [
        ("量化", "主要的途径有五种，量化就是用更少的比特表达浮点数。", True),
        ("量化", "均匀量化就是指每个间隔相同。", False),  # of another kind
        ("折叠网络", "个人觉得折叠网络是一个很棒的网络。", False),  # an opinion
        ("折叠网络", "这样的网络被称为折叠网络或窄网络。", True),
        ("学习", "这个系数叫做学习率。", False),
        ("return", "return(回报)：所有奖励的总和。", True),
        ("回报", "return(回报)：所有奖励的总和。", True),
        ("AQI", "We use the index (AQI), a criterion that tells them apart.", True),
        ("Paris", "In Paris, a man that sold bread was known to all.", False),
        ("迁移学习", "迁移学习定义如下，给定源任务，利用它学到的知识。", True),
    ],
)
def test_a_definition_has_its_subject_at_the_head_of_a_clause(what: str, sentence: str, is_one: bool) -> None:
    assert defines(what, sentence) is is_one


@pytest.mark.parametrize(
    ("short", "sentence", "near", "does"),
    [
        ("PPO", "近端策略优化（PPO）限制每次更新的幅度。", False, True),
        ("GAN", "Goodfellow提出了generative adversarial nets。", True, True),
        ("GAN", "Goodfellow提出了generative adversarial nets。", False, False),  # what has GAN to do with it?
        ("GAN", "GAN的优化是一个博弈问题。", True, False),
        ("RLHF", "最早是RLHF的训练，也叫做基于人类反馈的强化学习。", False, True),
        ("DAN", "The domain of a network (DAN) was named later.", False, False),
        ("PPO", "强化学习（从入门到PPO）", True, False),
    ],
)
def test_a_long_form_stands_beside_its_short_one(short: str, sentence: str, near: bool, does: bool) -> None:
    assert spells_out(short, sentence, near=near) is does


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("PPO 的全称是什么？", "PPO"), ("MMD是什么的缩写？", "MMD"), ("What does GAN stand for?", "GAN"),
        ("What is the full name of DDC?", "DDC"), ("PPO是什么？", ""), ("What does the flag stand for in this film?", ""),
    ],
)  # fmt: skip
def test_questions_after_a_long_form_are_known(question: str, short: str) -> None:
    assert long_form_of(question) == short


@pytest.mark.parametrize(
    ("question", "gives", "gives_not"),
    [
        (
            "What Python version is needed?",
            "It needs Python >= 3.8.",
            "It looks for the Python version; yagra is 0.7.3.",
        ),
        ("Which version is the latest?", "The latest is v2.1.", "The latest is on the page of 2019."),
        ("门票多少钱？", "成人票每张四十元。", "成人票在门口买。"),
        ("How much does the tool cost?", "It is free for students.", "It has 3 modes."),
        ("哪一年成立的？", "实验室成立于1998年。", "实验室成立于第3次会议。"),
        ("When was it released?", "It was released in March.", "LLaMA-3 8B was released with it."),
        ("DeCAF是什么时候提出的？", "DeCAF于2014年提出。", "现在经常使用DeCAF。"),
        ("模型是什么时候发布的？", "今年一月发布。", "这体现在发布的模型里。"),
    ],
)
def test_a_value_is_given_only_by_such_a_value(question: str, gives: str, gives_not: str) -> None:
    test = value_asked(question)
    assert test
    assert test(gives)
    assert not test(gives_not)


@pytest.mark.parametrize(
    "question",
    ["When do phones take part?", "什么时候需要迁移学习？", "What did the version say?", "How much helps it?"],
)
def test_what_may_be_answered_by_no_value_asks_for_none(question: str) -> None:
    assert value_asked(question) is None


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("How does batch normalization folding work in quantization?", "batch normalization folding"),
        ("How do tidal turbines work?", "tidal turbines"),
        ("MobileNet是怎么工作的？", "MobileNet"),
        ("零知识证明的原理是什么？", "零知识证明"),
        ("How did Tesla finance his work?", ""),
        ("How does it work?", ""),
        ("How many people work here?", ""),
    ],
)
def test_how_something_works_is_asked_of_a_name(question: str, what: str) -> None:
    assert how_it_works(question) == what


def test_a_stub_tells_nothing() -> None:
    assert not tells("贝尔曼方程", "带策略的贝尔曼方程：")
    assert not tells("损失", "损失的定义如下：")
    assert not tells("损失", r"损失 $L = \sum_i (y_i - x_i)^2$")
    assert tells("损失", "损失衡量预测离真值多远。")


def test_headings_are_compared_by_their_names() -> None:
    for heading in ("2. 逐层网络LAN", "LAN[3]", "LAN (layer network)", "3.2 LAN"):
        assert heads(heading, ("LAN",))
    assert not heads("LAN v2", ("LAN",))
    text = "# A\n\n## 值更新\n\n- 先给零值。再替换。\n\n后来。"
    assert opened(text, text.index("先")) == "值更新"
    assert opened(text, text.index("再")) == ""
    assert opened(text, text.index("后")) == ""


def test_names_are_whole() -> None:
    assert names_it("We train GANs.", ("gan",))
    assert not names_it("DCGAN is elegant.", ("gan",))
    assert names_it("few shot learning", ("few-shot learning",))


@pytest.mark.parametrize(
    ("name", "sentence", "is_about"),
    [
        ("网络剪枝", "网络剪枝的目的是去掉不重要的连接。", True),
        ("网络剪枝", "由于网络剪枝去掉了连接，模型变小了。", True),
        ("BN", "输出再经过BN，得到下一层的输入。", False),
        ("TIES", "It beats Fisher soups, TIES, and all others.", False),
        ("goth", "Now you can install goth and its requirements.", False),
        ("poetry", "The tool uses `poetry` to manage its dependencies.", True),
        ("fast sign method", "他给出了一种构造方法fast sign method，很快。", True),
        ("clades", "They found two unknown but related clades (genetic branches).", True),
        ("twin prime", "There are infinitely many twin primes, pairs with difference 2.", True),
        ("N路K样本", "通常用“N路K样本”描述任务。", True),
        ("过拟合", "上下分别是过拟合和欠拟合导致的样本。", False),
        ("过拟合", "这个现象是过拟合，很常见。", True),
        ("Qwen", "Models (LLaMA-3 8B, Qwen 2, Gemma 2) were merged.", False),
        ("回报", "这些投入没有带来回报，它们也必须继续。", False),
        ("宽度乘子", r"第一个超参数是宽度乘子$\\alpha$，通过它可以减少计算量。", True),
        ("子空间对齐", "例如子空间对齐，先用降维得到子空间。", False),  # head of a clause, but an item of a list
        ("子空间对齐", "例如子空间对齐先用降维得到子空间。", True),
        ("NUT", "教师可以加入ATL、NUT等工会。", True),
        ("NUT", "Members of unions such as ATL, NUT or others.", True),
        ("EasyShark", "我开始思考我的EasyShark中哪里用到了管道。", False),
    ],
)
def test_a_name_in_passing_is_no_explanation(name: str, sentence: str, is_about: bool) -> None:
    assert names_it(sentence, (name,))
    assert about(sentence, (name,)) is is_about


def test_a_clause_that_begins_with_a_name_is_about_it_where_the_text_is() -> None:
    assert about("反向传播也跟其他网络一致。", ("反向传播",))
    assert not about("反向传播也跟其他网络一致。", ("反向传播",), topical=False)
    assert about("反向传播（backpropagation）也跟其他网络一致。", ("反向传播",), topical=False)
    assert about("反向传播则从输出算回输入。", ("反向传播",), topical=False)
    assert about("Reptile moves the start towards the weights.", ("reptile",), topical=False)


def test_formulas_have_no_language_and_prices_are_none() -> None:
    assert language(r"状态 $\text{for every } s \text{ in the set of states it is}$") == "zh"
    text = "It cost $5 million in cash, and $3 later. $a + b$ is $c$."
    assert [text[a:b] for a, b in formulas(text)] == ["$a + b$", "$c$"]
    assert (
        "".join(text[a:b] for a, b in outside(0, len(text), formulas(text)))
        == "It cost $5 million in cash, and $3 later.  is ."
    )


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
