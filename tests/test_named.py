"""What is asked of one thing by its name: is it spoken of, what it is for, its idea, its data sets; and near misses of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Assistant
from rag.aspects import aspect_asked
from rag.evidence import Evidence, extracted, gather
from rag.filters import Filters
from rag.manners import worked
from rag.questions import one_of, plainly_lists, understand
from rag.reasons import adopted, why_asked
from rag.sought import Sought
from rag.values import lists_sets, names_a_set
from rag.worth import HEARSAY_PENALTY, candidates
from tests.test_answers import lawful, library

TOOL = """# pypipe

pypipe uses poetry to manage its own packages and runs its checks on every commit.

pypipe is available as a package for every system.

pypipe is the library that allows people to join small programs into one long pipe.

Older versions of pypipe may cause errors on slow disks.
"""
PLANTS = """# Lists of leaf-shot learning

A curated list of papers on leaf-shot learning and of its standard data sets for all who study leaves.

## Papers

- "Leaves without labels in leaf-shot learning", a talk about oak and elm and other trees of the north.
- "More leaves in leaf-shot learning", a talk about ferns.

## Datasets

- **LEAF2:** twelve kinds of leaves, drawn by hand.
- **FERN:** ferns of the south in four hundred colours.
- **MOSS:** mosses under a strong lens.
"""
ZOO = """# 网络压缩笔记

迁移学习是把旧任务里学到的东西用到新任务上的做法。迁移学习可以省下很多标注。

有人说压缩网络没有前途，个人觉得压缩网络是一个非常有意思的方向，里面的想法都很巧妙。

压缩网络把大的卷积拆成两步小的卷积，先逐层做，再把结果合起来，这是它的核心思想。

得到低比特的权重要经过transformations，得到激活值要经过encodings。

## References

"""
ZOO += "\n".join(f'[{n}] A. Someone, B. Other, "Pruning of {what} networks", 20{n}. https://example.org/{n}\n' for n, what in enumerate(
    ("large", "small", "convolutional", "recurrent", "sparse", "residual", "quantised", "wide", "deep", "binary", "noisy", "dense"), 10
))  # fmt: skip


NOTES = """# 周末杂记

这一周去了两次河边，天气很好，岸上的柳树都绿了，孩子们在放风筝，老人坐在长椅上下棋。朋友说起足球，他年轻时进过校队，现在只在电视上看看比赛。

剪枝的目的是去掉一些不重要的连接。

晚上读完了一本讲海边灯塔的旧书，作者在灯塔里住了十二年，每天记录风和浪，书的最后一章写他怎样离开那里，搬到山下的村子里去养蜂。
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("named")
    return library(folder, {"tool": ("owner/pypipe", TOOL), "leaf": ("Lists", PLANTS), "zoo": ("网络压缩笔记", ZOO), "notes": ("周末杂记", NOTES)})


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is pypipe used for?", "pypipe is the library that allows"),
        ("压缩网络的核心思想是什么？", "压缩网络把大的卷积拆成两步"),
    ],
)
def test_what_tells_goes_before_what_only_names_it(assistant: Assistant, question: str, first: str) -> None:
    answer = assistant.ask(question, llm=False)
    lawful(assistant, answer)
    assert answer.text.startswith(first), answer.text


def test_entries_of_a_bibliography_do_not_keep_a_definition_in_the_other_language_away(assistant: Assistant) -> None:
    opened = assistant._opened
    sought = Sought(opened.retriever, understand("What is pruning?"))
    entries = [hit for hit in sought.hits(9) if hit.passage.language == "en" and "Pruning" in hit.passage.text]
    found = gather(sought, opened.thresholds, entries, filters=Filters(), listed=5)
    assert entries and isinstance(found, Evidence) and found.asked.language == "zh"
    assert extracted(opened.retriever, found.asked, found, most=3).text.startswith("剪枝的目的")


def test_what_somebody_thinks_counts_less_unless_a_view_is_asked_for(assistant: Assistant) -> None:
    retriever = assistant._opened.retriever

    def gap(text: str) -> float:
        question = understand(text)
        hit = next(hit for hit in retriever.retrieve(question, 9) if "有人说" in hit.passage.text)
        whole = retriever.snapshot.text(hit.passage.reference)
        scores = {c.text[:4]: c.score - c.hit.score for c in candidates(question, hit, whole, "", retriever.idf(question.terms))}
        return scores["压缩网络"] - scores["有人说压"]

    assert gap("压缩网络的做法好在哪里？") > gap("大家对压缩网络的做法怎么看？") + HEARSAY_PENALTY / 2


@pytest.mark.parametrize("question", ["What datasets are there for leaf-shot learning?", "Which datasets are listed for leaf-shot learning?"])
def test_a_list_of_data_sets_is_quoted_whole(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, llm=False)
    lawful(assistant, answer)
    assert all(name in answer.text for name in ("LEAF2", "FERN", "MOSS")), answer.text
    assert "oak" not in answer.text


@pytest.mark.parametrize(
    "question", ["迁移学习的负迁移是什么？", "What is negative transfer in transfer learning?", "What are the limits of pruning?"]
)
def test_what_is_asked_of_one_thing_must_be_told_of_that(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question, llm=False).refused
    assert not assistant.ask("迁移学习是什么？", llm=False).refused


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("这些文章里有提到Transformer吗？", ""),  # "transformations" has the same stem
        ("Do any of the articles mention Transformers?", ""),
        ("有介绍压缩网络的文章吗？", "网络压缩笔记"),
        ("Is there an article about leaf-shot learning?", "Lists"),
    ],
)
def test_whether_an_article_is_there_is_a_question_about_the_list(assistant: Assistant, question: str, title: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert plainly_lists(question) and understand(question).form == "articles"
    assert [citation.title for citation in answer.citations] == ([title] if title else [])
    assert answer.refused is not bool(title)


def test_words_of_such_questions_are_known() -> None:
    assert one_of("迁移学习的负迁移是什么？") == "负迁移" and one_of("What is the reward in CartPole?") == "reward"
    assert not one_of("什么是迁移学习？") and not one_of("它的缺点有哪些？")
    assert worked("What is the key idea behind the lock?") == "lock" and worked("石窑的主要思路是什么？") == "石窑"
    why = why_asked("What is the kiln used for?")
    assert why and why.names == ("kiln",)
    assert adopted("Swimmers use cilia (tiny hairs) as their only engine.", ["cilia"]) and not adopted("Cilia are hairs.", ["cilia"])
    limits, speed = aspect_asked("What are the limits of pruning?"), aspect_asked("What speed limits are there on roads?")
    assert limits and (limits.of, limits.side) == ("pruning", "bad") and speed is None
    assert lists_sets("## Datasets\n\n- A", ()) and lists_sets("- A", ("Top", "数据集")) and not lists_sets("Datasets are large.", ("Top",))
    assert names_a_set("在CIFAR-10上训练", "", frozenset()) and not names_a_set("能够用在target上", "", frozenset())
    assert understand("When was it found?").form == "time" and understand("What breaks when nobody watches?").form != "time"
