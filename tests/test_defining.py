"""What one sentence says: what something is, what its letters stand for, a value, or nothing; no index and no question's pages."""

from __future__ import annotations

import pytest

from index.terms import language
from rag.defining import about, defines, heads, long_form_of, names_it, spells_out, tells
from rag.manners import how_it_works
from rag.spans import formulas, opened, outside
from rag.values import value_asked


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
        ("子空间对齐", "例如子空间对齐，先用降维得到子空间。", True),
        ("子空间对齐", "例如子空间对齐，降维，以及聚类。", False),  # head of a clause, but an item of a list
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
    assert about("反向传播从输出算回输入。", ("反向传播",))
    assert not about("反向传播从输出算回输入。", ("反向传播",), topical=False)
    assert about("最早是RLHF的训练，也叫做基于人类反馈的强化学习。", ("RLHF",), topical=False)
    assert about("最近我正在改我的EasyTshark抓包软件，它会崩溃。", ("EasyTshark",), topical=False)
    assert not about("最早是RLHF的训练，后来也有别的。", ("RLHF",), topical=False)
    assert not about("反向传播也跟其他网络一致。", ("反向传播",))
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
