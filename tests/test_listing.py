"""Which references are on a subject: by its names in both languages, by title, heading or throughout a text; and which are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.pages import PageStore
from index.records import Page
from index.urls import identity
from rag import Assistant
from rag.aliases import glossary, held, synonyms
from rag.questions import plainly_lists
from tests.test_answers import lawful, library

UNREAD = [
    ("A Gentle Introduction to Graph Neural Networks", "Deep learning"),
    ("基于深度神经网络的少样本学习综述", "Deep learning"),
    ("神经网络子网络压缩10倍，精确度保持不变", "模型压缩与加速"),
    ("网络规模更小、速度更快", "模型压缩与加速"),
    ("新加坡最新37页《零样本学习综述》论文", "Deep learning"),
    ("zero-shot视觉模仿系统，仅观察演示就学会执行任务", "Deep learning"),
    ("付老师：零样本、小样本以及开集条件下的社交媒体分析", "Deep learning"),
    ("MixSafe: Preserving Alignment in Large Language Model Merging", "Deep learning"),
    ("LowFold: Fine-Tuning of Large Language Models", "Deep learning"),
    ("An organic garden in the city", "Other"),
]
READ = {
    "Reading list of the lab": (
        "# Papers\n\n- Zero-shot learning with attributes.\n- A survey of zero-shot recognition.\n\n"
        "## Data\n\nThese zero-shot data sets hold images of animals and birds, each with a vector of attributes.\n"
    ),
    "摆杆笔记": (
        "# 摆杆\n\n强化学习的课程上完了，于是写了这个小实验，让一根杆子在小车上立住。\n\n"
        "## 做法\n\n强化学习里智能体根据奖励调整动作，这里用策略梯度，每局结束之后更新一次参数。\n\n"
        "## 结果\n\n训练三百局之后杆子可以立住两百步，再往后就不再变好了。\n"
    ),
    "周末杂谈": (
        "# 杂谈\n\n这一周去了两次河边，天气很好，岸上的柳树都绿了，孩子们在放风筝。\n\n"
        "## 见闻\n\n朋友说起足球，他年轻时进过校队，现在只在电视上看看比赛。\n\n"
        "## 读书\n\n读完了一本讲海边灯塔的旧书，作者在灯塔里住了十二年，每天记录风和浪。\n"
    ),
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    data = tmp_path_factory.mktemp("listing")
    links = [{"url": f"https://l.example.org/{n}", "title": title, "topic": ["Read"]} for n, title in enumerate(READ)]
    links += [
        {"url": f"https://m.example.org/{n}", "title": title, "topic": ["Reading", topic]}
        for n, (title, topic) in enumerate(UNREAD)
    ]
    (data / "list.json").write_text(json.dumps(links), encoding="utf-8")
    with PageStore(data / "pages.sqlite") as pages:
        for link, text in zip(links, READ.values(), strict=False):
            kind, body = (("content-type", "text/markdown; charset=utf-8"),), text.encode()
            url = str(link["url"])
            pages.put(Page(identity(url), url, 200, kind, body, "2026-01-01T00:00:00+00:00", (), "saved"))
    build(Settings(data=data), BuildOptions(lists=(str(data / "list.json"),), offline=True), lambda *_: None)
    return Assistant.open(data, settings=Settings(data=data))


@pytest.mark.parametrize(
    ("questions", "titles"),
    [
        (("哪些文章讲图神经网络？", "Which articles are about graph neural networks?"), {UNREAD[0][0]}),
        (
            ("你这里有没有讲模型压缩的文章？", "I want to read about model compression, any articles?"),
            {UNREAD[2][0], UNREAD[3][0]},
        ),
        (("哪些文章讲模型压缩？", "which links cover model compression?"), {UNREAD[2][0], UNREAD[3][0]}),
        (
            ("有没有关于零样本学习的文章？", "Which articles cover zero-shot learning?"),
            {"Reading list of the lab", UNREAD[4][0], UNREAD[5][0], UNREAD[6][0]},
        ),
        (("哪些文章讲大模型合并？", "Which articles cover merging of large language models?"), {UNREAD[7][0]}),
        (("哪些文章讲强化学习？", "which articles talk about reinforcement learning?"), {"摆杆笔记"}),
        (
            (
                "有哪些关于强化学习和图神经网络的文章？",
                "Which articles cover reinforcement learning or graph neural networks?",
            ),
            {"摆杆笔记", UNREAD[0][0]},
        ),
    ],
)
def test_a_subject_is_found_by_its_names_in_both_languages(
    assistant: Assistant, questions: tuple[str, str], titles: set[str]
) -> None:
    for question in questions:
        answer = assistant.ask(question, llm=False)
        assert {citation.title for citation in answer.citations} == titles, question
        lawful(assistant, answer)


@pytest.mark.parametrize(
    "question",
    ["哪些文章讲做菜？", "Which articles are about GAN?", "有没有关于元学习的文章？", "哪些文章讲主动学习？"],
)
def test_what_no_reference_is_about_is_not_listed(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert answer.refused, answer.text
    assert not answer.citations


def test_what_is_only_mentioned_is_said_to_be_only_near(assistant: Assistant) -> None:
    about = assistant.ask("哪些文章讲足球？", llm=False)
    assert [citation.title for citation in about.citations] == ["周末杂谈"]
    assert "没有专门讲" in about.text
    mentioned = assistant.ask("哪些文章提到了足球？", llm=False)
    assert [citation.title for citation in mentioned.citations] == ["周末杂谈"]
    assert "没有专门讲" not in mentioned.text


def test_a_count_of_articles_on_a_subject_is_the_number_listed(assistant: Assistant) -> None:
    assert "共 2 条" in assistant.ask("有多少篇关于模型压缩的文章？", llm=False).text
    assert "4 in all" in assistant.ask("How many articles are about zero-shot learning?", llm=False).text
    assert "1 in all" in assistant.ask("How many of the articles on zero-shot learning were read?", llm=False).text


def test_a_count_that_may_be_too_low_says_so(tmp_path: Path) -> None:
    links = [{"url": f"https://n.example.org/{n}", "title": f"强化学习笔记之{n}"} for n in range(300)]
    (tmp_path / "list.json").write_text(json.dumps(links), encoding="utf-8")
    build(Settings(data=tmp_path), BuildOptions(lists=(str(tmp_path / "list.json"),), offline=True), lambda *_: None)
    library = Assistant.open(tmp_path, settings=Settings(data=tmp_path))
    assert "至少" in library.ask("有多少篇关于强化学习的文章？", llm=False).text


@pytest.mark.parametrize(
    ("text", "name", "holds"),
    [
        ("An organic garden", "GAN", False),
        ("GANs for faces", "gan", True),
        ("Few shot learners", "few-shot", True),
        ("Transformer models", "transformers", True),
        ("zero-shot 学习", "零样本", False),
    ],
)
def test_a_latin_name_is_held_as_words_of_its_own(text: str, name: str, holds: bool) -> None:
    assert held(text, name) == holds


@pytest.mark.parametrize(
    ("name", "other", "too", "never"),
    [
        ("零样本学习", "zero-shot learning", {"零样本", "zero-shot", "零次学习"}, set()),
        ("semi-supervised learning", "半监督学习", {"半监督", "semi-supervised"}, set()),
        ("模型量化", "quantization", {"quantisation"}, {"量化"}),
        ("强化学习", "reinforcement learning", set(), {"强化", "reinforcement"}),
    ],
)  # fmt: skip
def test_all_names_of_one_thing_are_known(name: str, other: str, too: set[str], never: set[str]) -> None:
    names = set(synonyms(name, other, glossary()))
    assert names >= too
    assert not names & never


@pytest.mark.parametrize(
    ("question", "lists"),
    [
        ("哪些文章讲足球？", True),
        ("有没有关于足球的文章？", True),
        ("Are there any articles on cooking?", True),
        ("list articles about GAN", True),
        ("哪些文章介绍的方法最快？", False),
        ("文章讲了哪些方法？", False),
        ("What resources does training need?", False),
    ],
)
def test_a_question_that_wants_what_articles_say_does_not_plainly_list(question: str, lists: bool) -> None:
    assert plainly_lists(question) == lists


@pytest.mark.parametrize("question", ["哪些文章讲AI编程对程序员的影响？", "Which articles discuss the impact of AI coding on programmers?"])
def test_what_has_names_is_found_by_them_and_not_by_the_word_for_its_effect(tmp_path: Path, question: str) -> None:
    pages = {"chances": ("AI编程带给程序员的危与机", "# 危与机\n\n会写代码的工具来了。\n"), "ovens": ("石窑的影响", "# 石窑\n\n石窑改变了面包。\n")}
    answer = library(tmp_path, pages).ask(question, llm=False)
    assert [citation.title for citation in answer.citations] == ["AI编程带给程序员的危与机"]
    assert "最接近" not in answer.text and "nearest" not in answer.text
