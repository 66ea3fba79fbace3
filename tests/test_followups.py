"""What a question means after others, or without any: another thing asked of the same, what hangs in the air, what an author asks himself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Assistant
from rag.antecedent import asked_before
from rag.census import asks_of_list
from rag.contrast import _RELATES
from rag.criteria import narrowed
from rag.defining import defines
from rag.details import wanted
from rag.follow import follow
from rag.items import item_asked, nth_named
from rag.noise import cites
from rag.questions import understand
from rag.sites import spellings
from rag.spans import counted_run
from tests.test_answers import library

BREAD = """# 石窑与面包

4、

为什么运气很重要？因为它会缩短等待的时间，让你碰到更好的面团。

先说结论：

1、学徒危

2、只会揉面的面包师危

3、懂火候的面包师安全

石窑跟面包机没有直接的关系，但都能烤面包。石窑是一种用石头砌的炉子。面包机是一种电器。
"""
PAPERS = """# Papers on ovens

- **StoneOven:** Ada Miller, Bob Baker, Cleo Stone. "StoneOven: Baking with Stones." BAKE (2013) [[pdf]](https://papers.example.org/oven)
- `OVEN_KEY`, the key of the oven to be used, e.g. `a70f`
"""
PAGES = {"bread": ("石窑与面包", BREAD), "papers": ("Papers on ovens", PAPERS)}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("followups"), PAGES)


def _after(*questions: str) -> list[dict[str, str]]:
    turns = [("user", question) for question in questions]
    return [{"role": role, "content": text} for turn in turns for role, text in (turn, ("assistant", "……"))]


@pytest.mark.parametrize("question", ["它是谁写的？", "第二篇讲了什么？", "What are its drawbacks?", "这是什么？", "Who wrote it?"])
def test_what_only_a_conversation_would_tell_is_asked_back(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, llm=False)
    assert answer.refused and not answer.citations and not answer.unread
    assert follow(question).hanging in answer.text
    assert not follow(question, _after("什么是石窑？")).hanging


@pytest.mark.parametrize("question", ["它们什么时候推出了新的训练方法和数据集？", "What is this list about?", "其他方法有哪些？", "什么是石窑？"])
def test_what_can_be_looked_for_is_not(question: str) -> None:
    assert not follow(question).hanging


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        (("石窑是谁发明的？",), "哪年？", "石窑是哪年发明的？"),
        (("Who invented the oven?",), "When?", "When was the oven invented?"),
        (("谁是石窑的主人？", "第二个是怎么做的？"), "它有什么缺点？", "主人有什么缺点？"),
        (("Who is Ada Miller?",), "When did she die?", "When did Ada Miller die?"),
    ],
)
def test_another_thing_is_asked_of_the_same(before: tuple[str, ...], question: str, meant: str) -> None:
    said = follow(question, _after(*before)).standalone
    assert meant in said or said.endswith(meant[-6:])


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        (("石窑周刊介绍了哪些工具？",), "OvenBase呢？", "什么是OvenBase？"),
        (("石窑有哪些用处？",), "那面包机呢？", "面包机有哪些用处？"),
        (("石窑有哪些功能？",), "用什么实现的？", "用什么实现的？ 石窑 功能"),
        (("How does it compare to ovens?",), "And in Chinese, 石窑是什么？", "什么是石窑？"),
        (("哪些文章讲石窑？",), "迁移学习呢？", "哪些文章讲迁移学习？"),
        (("石窑怎么用？",), "阴雨天呢？", "阴雨天呢？"),
    ],
)
def test_another_one_is_asked_about_by_its_name(before: tuple[str, ...], question: str, meant: str) -> None:
    assert follow(question, _after(*before)).standalone == meant


def test_one_item_of_the_list_that_was_quoted(assistant: Assistant) -> None:
    listed = assistant.ask("哪些面包师有危险？", llm=False)
    talk = [{"role": "user", "content": "哪些面包师有危险？"}, {"role": "assistant", "content": listed.text}]
    for question, quote in (("第二个是什么？", "2、只会揉面的面包师危"), ("What is the first one?", "1、学徒危")):
        answer = assistant.ask(question, history=talk, llm=False)
        assert [citation.quote for citation in answer.citations] == [quote]
        talk += [{"role": "user", "content": question}, {"role": "assistant", "content": answer.text}]
    assert item_asked("第九个呢？", talk) is None and item_asked("第二个是什么？", talk[:1]) is None
    articles = [{"role": "assistant", "content": "有：\n- 甲 [1]\n- 乙 [2]"}]
    assert item_asked("第二个是什么？", articles) is None


def test_an_article_is_meant_by_its_place_in_the_last_list(assistant: Assistant) -> None:
    talk: list[dict[str, str]] = []
    for question, numbers, said in (
        ("有哪些已读的文章？", {1, 2}, "石窑与面包"),
        ("第二篇讲了什么？", {2}, ""),
        ("第一篇呢？", {1}, ""),
        ("它是谁写的？", set(), "《石窑与面包》的网页没有写明作者"),
        ("最后一篇呢？", set(), "《Papers on ovens》的网页没有写明作者"),
        ("What is the first one about?", {1}, ""),
    ):
        answer = assistant.ask(question, history=talk, llm=False)
        assert {citation.reference for citation in answer.citations} == numbers and said in answer.text, question
        talk += [{"role": "user", "content": question}, {"role": "assistant", "content": answer.text}]


def test_the_second_of_a_row_is_called_by_its_name() -> None:
    said = "压缩的途径有四种，量化、剪枝、低秩分解、轻量化设计，都很常用。 [1]"
    talk = [{"role": "user", "content": "压缩有哪些途径？"}, {"role": "assistant", "content": said}]
    asked = follow("第二种的目的是什么？", talk)
    assert (asked.text, asked.standalone) == ("第二种的目的是什么？", "剪枝的目的是什么？")
    lines = "1. 看火（热、冷、不冷不热）\n2. 揉面 [1]"
    assert nth_named("第二个是什么？", lines) == "第二个是什么？"
    assert nth_named("第七种是什么？", said) == "第七种是什么？" and nth_named("第二种是什么？", "只有一种。") == "第二种是什么？"


def test_one_of_a_row_that_nobody_knows_is_no_subject() -> None:
    assert "Shelves" not in follow("Who made them?", _after("What are stone ovens?", "How many shelves does the second one have?")).standalone
    assert follow("应该改用什么？", _after("石窑怎么用？")).standalone.startswith("应该改用什么")


def test_so_fast_is_no_subject() -> None:
    assert follow("为什么这么快？", _after("石窑快多少倍？")).standalone.startswith("为什么这么快 石窑")


def test_a_relation_is_told_by_the_sentence_that_tells_it(assistant: Assistant) -> None:
    assert "没有直接的关系" in assistant.ask("石窑和面包机有关系吗？", llm=False).citations[0].quote
    assert _RELATES.search("A is not related to B") and not _RELATES.search("这关系到面包")


def test_what_an_author_asks_himself_and_answers_is_quoted_with_the_question(assistant: Assistant) -> None:
    quote = assistant.ask("为什么运气很重要？", llm=False).citations[0].quote
    assert quote.endswith("更好的面团。") and "为什么运气很重要？" in quote
    hit = assistant.search("为什么运气很重要？", k=1)[0]
    assert hit.reference == 1 and asked_before("先说。再做。", (), 0) is None


def test_a_list_that_counts_is_quoted_from_one(assistant: Assistant) -> None:
    quote = assistant.ask("哪些面包师有危险？", llm=False).citations[0].quote
    assert quote.startswith("1、学徒危") and quote.endswith("3、懂火候的面包师安全")
    assert counted_run(BREAD, BREAD.index("先说结论")) is None
    assert counted_run("2、乙\n\n3、丙", 0) is None


def test_an_entry_names_the_authors_of_a_paper(assistant: Assistant) -> None:
    for question in ("Who proposed StoneOven?", "StoneOven 是谁提出的？"):
        assert "Ada Miller" in assistant.ask(question, llm=False).citations[0].quote
    assert cites(PAPERS) and not cites("Ada Miller bakes")


def test_an_item_says_what_a_code_is(assistant: Assistant) -> None:
    assert "the key of the oven" in assistant.ask("What does OVEN_KEY mean?", llm=False).citations[0].quote
    assert not defines("oven", "oven, stone and fire make bread")


@pytest.mark.parametrize("text", ["给我石窑的链接", "把石窑的链接发给我", "石窑的链接是什么？", "Can you send me the link to 石窑?"])
def test_a_link_is_asked_for_in_many_ways(text: str) -> None:
    fields, by = wanted(text) or ([], None)
    assert fields == ["link"] and by is not None and by.name == "石窑"


@pytest.mark.parametrize(("text", "outcomes"), [("哪些没有读完？", ("partial",)), ("哪些没读全？", ("partial",)), ("哪些链接没读成功？", None)])
def test_what_was_not_read_whole_is_no_unread_link(text: str, outcomes: tuple[str, ...] | None) -> None:
    found = narrowed(text, {}, {})
    assert found.rest in ("哪些 ?", "哪些链接 ?") and (outcomes is None or found.filters.outcomes == outcomes)


@pytest.mark.parametrize("text", ["帮我写一首关于秋天的诗", "Write me a poem about ovens", "给我讲个笑话"])
def test_what_is_to_be_made_up_is_not_looked_for(text: str) -> None:
    assert understand(text).small_talk and not understand("写一篇综述的是谁？").small_talk


@pytest.mark.parametrize(
    ("text", "site", "author", "rest"),
    [
        ("有几篇来自微信公众号？分别是哪些？", "mp.weixin.qq.com", None, "which"),
        ("知乎的有几篇？", "zhihu.com", None, "counts"),
        ("作者是Ada Miller的有几篇？", None, "Ada Miller", "counts"),
    ],
)
def test_what_narrows_a_count_may_stand_anywhere(text: str, site: str | None, author: str | None, rest: str) -> None:
    found = narrowed(text, spellings(["mp.weixin.qq.com", "zhuanlan.zhihu.com"]), {"ada miller": "Ada Miller"})
    assert (found.filters.site, found.filters.author) == (site, author)
    assert asks_of_list(found.rest, narrowed=True) == rest


def test_a_post_without_a_title_does_not_flood_a_list(tmp_path: Path) -> None:
    post = "今天烤了面包，" * 30
    answer = library(tmp_path, {"post": (post, f"# 石窑\n\n{post}石窑很热。\n")}).ask("有哪些已读的文章？", llm=False)
    assert post not in answer.text and "…" in answer.text and answer.citations[0].title == post


def test_which_few_are_listed_and_how_many_are_counted() -> None:
    assert asks_of_list("文章有哪几篇？", narrowed=True) == "which" and asks_of_list("有几篇文章？") == "counts"


@given(st.lists(st.sampled_from(["1、甲", "2、乙", "3、丙", "12、丁", "戊。", ""]), max_size=8), st.integers(0, 60))
def test_a_run_holds_the_place_it_was_looked_for_at(paragraphs: list[str], place: int) -> None:
    text = "\n\n".join(paragraphs)
    start = min(place, len(text))
    span = counted_run(text, start)
    assert span is None or (span[0] <= start <= span[1] and text[span[0] :].startswith("1、"))
