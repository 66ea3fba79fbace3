"""Who wrote an article and when, asked by its title, a part of it, its subject or "it"; and what is no such question."""

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
from rag.called import Called, called
from rag.details import wanted
from tests.test_answers import lawful, library, talk

NETS = "浅析三代折叠网络"
GREENHOUSE = "和霜冻赛跑：我想替父亲守住温室"
ROWS = [  # title, author, date, paragraphs
    (
        NETS,
        "Lin Ruoyu",
        "2018-04-05",
        (
            "折叠网络是一种轻量的神经网络结构，它把宽层折叠成窄层，可以在手机上运行。",
            "第一代折叠网络用一乘一的卷积压缩通道，计算量减少到原来的八分之一。",
            "第三代折叠网络去掉了最后的激活函数，准确率比第一代折叠网络高两个百分点。",
        ),
    ),
    (
        GREENHOUSE,
        "郑小满",
        "2019-11-25",
        (
            "父亲的温室里种着番茄和辣椒，冬天的夜里他要起来三次看温度计。",
            "我给温室装了传感器和一个会报警的小机器人，霜冻来之前它会把父亲叫醒。",
            "那一年的番茄没有冻坏，父亲说机器人比他更不怕冷。",
        ),
    ),
    (
        "Teaching chess to bricklayers",
        "Ada Marsh",
        None,
        (
            "Every Tuesday evening I teach chess to bricklayers, nurses and bus drivers in a school hall.",
            "They ask why anybody should study endgames, and I tell them that patience is a trade as well.",
            "This essay was first written in the winter of a long strike and changed many times afterwards.",
        ),
    ),
    (
        "Release notes",
        None,
        "2020-02-29",
        (
            "The tool reads configuration files faster and prints its warnings in the order of the lines.",
            "Published on 29 February 2020 by the maintainers, with thanks to everybody who reported faults.",
            "Nothing else has changed since the version before, and no file has to be written again.",
        ),
    ),
]  # fmt: skip
UNREAD = (
    "LoFA: Low-Fold Adaptation of Networks, with notes for small machines and a list of all the folds that were tried"
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return signed(tmp_path_factory.mktemp("called"))


def signed(data: Path) -> Assistant:
    """An index of those pages, which say who wrote them and when, and of one title that nobody read."""
    links = [{"url": f"https://c.example.org/{n}", "title": row[0]} for n, row in enumerate(ROWS)]
    links.append({"url": "https://arxiv.org/abs/2601.00001", "title": UNREAD})
    (data / "list.json").write_text(json.dumps(links), encoding="utf-8")
    with PageStore(data / "pages.sqlite") as pages:
        for link, (title, author, published, paragraphs) in zip(links, ROWS, strict=False):
            meta = f'<meta name="author" content="{author}">' if author else ""
            meta += f'<meta property="article:published_time" content="{published}T08:00:00Z">' if published else ""
            text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
            html = f"<html><head>{meta}<title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
            url, kind = link["url"], (("content-type", "text/html; charset=utf-8"),)
            pages.put(Page(identity(url), url, 200, kind, html.encode(), "2026-01-01T00:00:00+00:00", (), "saved"))
    build(Settings(data=data), BuildOptions(lists=(str(data / "list.json"),), offline=True), lambda *_: None)
    return Assistant.open(data, settings=Settings(data=data))


@pytest.mark.parametrize(
    ("question", "said", "title"),
    [
        ("谁写了《浅析三代折叠网络》？", "Lin Ruoyu", NETS),
        ("折叠网络那篇文章的作者是谁？", "Lin Ruoyu", NETS),
        ("浅析三代折叠网络是什么时候发表的？", "2018-04-05", NETS),
        ("那篇讲温室机器人的文章是谁写的？", "郑小满", GREENHOUSE),
        ("《和霜冻赛跑》发表于哪一年？", "2019-11-25", GREENHOUSE),
        ("Who wrote the article about a father's greenhouse?", "郑小满", GREENHOUSE),
        ("When was the post about the greenhouse of a father published?", "2019-11-25", GREENHOUSE),
        ("who wrote the essay about chess for bricklayers?", "Ada Marsh", "Teaching chess to bricklayers"),
        ("Who is the author of Teaching chess to bricklayers?", "Ada Marsh", "Teaching chess to bricklayers"),
        ("What is the publication date of Release notes?", "2020-02-29", "Release notes"),
        ("谁是《和霜冻赛跑》的作者？", "郑小满", GREENHOUSE),
        ("Who is behind the note about 折叠网络?", "Lin Ruoyu", NETS),
        ("date of the 折叠网络 post?", "2018-04-05", NETS),
        ("《和霜冻赛跑》来自哪个网站？", "c.example.org", GREENHOUSE),
        ("What is the link to the 折叠网络 article?", "that of the source", NETS),
    ],
)
def test_author_and_date_are_what_the_page_says(assistant: Assistant, question: str, said: str, title: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert said in answer.text
    assert [citation.title for citation in answer.citations] == [title]
    lawful(assistant, answer)


def test_the_sentence_with_the_date_is_cited_where_the_text_has_one(assistant: Assistant) -> None:
    assert "29 February 2020" in assistant.ask("When was Release notes published?", llm=False).citations[0].quote


@pytest.mark.parametrize(
    "question", ["浅析三代折叠网络是谁写的，什么时候发表的？", "Who wrote 浅析三代折叠网络, and when was it published?"]
)
def test_author_and_date_may_be_asked_at_once(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert "Lin Ruoyu" in answer.text and "2018-04-05" in answer.text
    lawful(assistant, answer)


def test_a_book_is_no_article_that_begins_with_its_name(assistant: Assistant) -> None:
    assert not assistant.ask("谁写了《Teaching》这本书？", llm=False).citations


def test_where_that_stands_is_followed_by_who_wrote_it(assistant: Assistant) -> None:
    turns = "第三代折叠网络去掉了什么？", "这个出自哪篇文章？", "它的作者是谁？"
    assert [c.title for c in talk(assistant, *turns[:2]).citations] == [NETS]
    assert "Lin Ruoyu" in talk(assistant, *turns).text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who wrote Release notes?", "names no author"),
        ("Teaching chess to bricklayers是什么时候发表的？", "没有写明发表日期"),
        ("Who wrote the LoFA paper?", "was not read"),
        ("Summarize the LoFA paper", "was not read"),
        ('Who wrote "Low-Fold Adaptation of Networks"?', "was not read"),
        ("谁写了关于火山的文章？", "没有找到关于“火山”的文章"),
        ("总结一下关于火山的文章", "没有找到关于“火山”的文章"),
        ("Who wrote the article about football?", "No article of the list"),
    ],
)
def test_what_no_page_says_is_said_to_be_unknown(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert answer.refused
    assert said in answer.text
    assert not answer.citations


def test_it_is_the_article_that_the_answer_before_quoted_or_named(assistant: Assistant) -> None:
    turns = [
        "第三代折叠网络去掉了什么？",
        "它是什么时候发表的？",
        "and who wrote it?",
        "它的发布时间是？",
        "the author?",
        "and the date?",
    ]
    said = ["激活函数", "2018-04-05", "Lin Ruoyu", "2018-04-05", "Lin Ruoyu", "2018-04-05"]
    for place, wanted_word in enumerate(said, start=1):
        answer = talk(assistant, *turns[:place])
        assert wanted_word in answer.text
        assert {citation.title for citation in answer.citations} == {NETS}
        lawful(assistant, answer)


@pytest.mark.parametrize(
    ("turns", "title"),
    [
        (("谁写了《和霜冻赛跑》？", "他还写了哪些文章？"), GREENHOUSE),
        (("Who wrote 和霜冻赛跑?", "Which articles did he also publish?"), GREENHOUSE),
        (("哪些文章是中文的？", "总结一下第一篇"), NETS),
        (("哪些文章是中文的？", "Who wrote the second one?"), GREENHOUSE),
        (("Which articles are in English?", "and in Chinese?", "Who wrote the second one?"), GREENHOUSE),
    ],
)
def test_one_of_a_list_and_its_author_are_spoken_of_further(
    assistant: Assistant, turns: tuple[str, ...], title: str
) -> None:
    answer = talk(assistant, *turns)
    assert {citation.title for citation in answer.citations} == {title}
    lawful(assistant, answer)


def test_a_title_that_ends_in_brackets_keeps_its_place(tmp_path: Path) -> None:
    texts = ("强化学习（RL）让智能体在环境里行动，并从奖励中学到策略。", "强化学习的奖励往往很稀疏，所以训练要很久。")
    titles = ("强化学习（RL）（从入门到进阶）", "强化学习的奖励")
    assistant = library(tmp_path, {"a": (titles[0], texts[0]), "b": (titles[1], texts[1])})
    listed = talk(assistant, "有哪些关于强化学习的文章？")
    assert {citation.title for citation in listed.citations} >= set(titles)
    for nth, ordinal in enumerate(("第一篇讲了什么？", "第二篇讲了什么？")):
        answer = talk(assistant, "有哪些关于强化学习的文章？", ordinal)
        assert {citation.title for citation in answer.citations} == {listed.citations[nth].title}


def test_a_wish_for_another_language_does_not_take_the_articles_place(assistant: Assistant) -> None:
    assert (
        "Lin Ruoyu"
        in talk(assistant, "第三代折叠网络去掉了什么？", "In English please", "谢谢", "and who wrote it?").text
    )


@pytest.mark.parametrize(
    "question",
    [
        "谁提出了折叠网络？",
        "折叠网络是什么时候提出的？",
        "When was the folding network invented?",
        "What do the authors say about patience?",
        "作者为什么要给温室装传感器？",
        "When was the greenhouse built?",
        "What is the date of the frost?",
        "番茄来自哪里？",
        "文章里的番茄是什么时候种的？",
    ],
)
def test_questions_about_what_an_article_says_are_not_about_its_author_or_date(question: str) -> None:
    assert wanted(question) is None


def test_a_thing_by_itself_is_not_the_article_on_it(assistant: Assistant) -> None:
    """The question "when was MobileNet published?" is about the network, though one title holds the name."""
    assert "2019-11-25" not in assistant.ask("温室是什么时候发布的？", llm=False).text


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("the article about teaching Plato", Called("teaching Plato", "article")),
        ("the MobileNet post", Called("MobileNet", "article")),
        ("the LoRA paper", Called("LoRA", "paper")),
        ("关于模型量化的文章", Called("模型量化", "article")),
        ("那篇讲软件界面的周刊", Called("软件界面", "article")),
        ("《红楼梦》", Called("红楼梦", "quotes")),
        ("这篇文章", Called("")),
        ("it", Called("")),
        ("GAN", Called("GAN", "")),
    ],
)
def test_what_an_article_is_called(words: str, meant: Called) -> None:
    assert called(words) == meant
