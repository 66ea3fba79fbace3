"""Questions of special forms: what is compared, whom a pronoun means, which site is asked for, and follow-ups."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.answers import indexed
from index.add import add_pages
from index.build import BuildOptions, build
from index.config import Settings
from rag import Assistant
from rag.compare import sides
from rag.follow import follow, resolved
from rag.numbers import holds_name, names, negated, numbers
from rag.questions import understand
from rag.sites import named_site, spellings
from rag.split import marks, split


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return indexed(tmp_path_factory.mktemp("forms"))


@pytest.mark.parametrize(
    ("before", "text", "alone"),
    [
        ("什么是零样本学习？", "它有什么缺点？", "零样本学习有什么缺点？"),
        ("什么是零样本学习？", "那联邦学习呢？", "什么是联邦学习？"),
        ("什么是零样本学习？", "和小样本学习有什么区别？", "零样本学习和小样本学习有什么区别？"),
        ("什么是零样本学习？", "联邦学习是什么，它有什么优点？", "联邦学习是什么，它有什么优点？"),
        ("什么是零样本学习？", "红烧肉怎么做？", "红烧肉怎么做？"),
        ("What is zero-shot learning?", "And its drawbacks?", "zero-shot learning's drawbacks?"),
        ("What is zero-shot learning?", "What about federated learning?", "What is federated learning?"),
        ("What is zero-shot learning?", "Who proposed it?", "Who proposed zero-shot learning?"),
        ("What is zero-shot learning?", "How do I bake bread?", "How do I bake bread?"),
        ("", "它有什么缺点？", "它有什么缺点？"),
        ("迁移学习有什么缺点？", "为什么？", "为什么 迁移学习 缺点"),
        ("什么是联邦学习？", "举个例子", "举个例子 联邦学习"),
        ("什么是联邦学习？", "在哪篇文章里？", "哪些文章介绍联邦学习？"),
        ("什么是联邦学习？", "怎么修复的？", "怎么修复的？ 联邦学习"),
        ("什么是联邦学习？", "第二种呢？", "第二种呢？ 联邦学习"),
        ("什么是联邦学习？", "怎么做红烧肉？", "怎么做红烧肉？"),
        ("MobileNet的第一版用了什么卷积？", "那第二版呢？", "MobileNet的第二版用了什么卷积？"),
        ("MobileNet V2 有什么改进？", "那第一版呢？", "MobileNet 第一版 有什么改进？"),
        ("What does the first version use?", "And the second one?", "What does the second version use?"),
        ("哪些文章是英文的？", "中文的呢？", "哪些文章是中文的？"),
        ("有多少篇知乎的？", "那微信的呢？", "有多少篇微信的？"),
        ("Which articles are from WeChat?", "and from Zhihu?", "Which articles are from Zhihu?"),
        ("Which articles are about GAN?", "And about reinforcement learning?", "Which articles are about reinforcement learning?"),
        ("What is LangChain?", "and the second one?", "the second one? LangChain"),
        ("What is LangChain?", "tell me more", "tell me more LangChain"),
        ("What is AWA2?", "And how many animals does it contain?", "how many animals does AWA2 contain?"),
        ("什么是联邦学习？", "What are its drawbacks?", "What are 联邦学习's drawbacks?"),
        (
            "What is pruning?",
            "Does distillation need labels, and is it fast?",
            "Does distillation need labels, and is it fast?",
        ),
    ],
)
def test_a_follow_up_takes_its_subject_along_and_a_new_subject_does_not(before: str, text: str, alone: str) -> None:
    assert resolved(text, before) == alone


def test_a_subject_is_carried_over_several_turns_and_assistants_words_are_not_questions() -> None:
    history = [
        {"role": "user", "content": "什么是联邦学习？"},
        {"role": "assistant", "content": "什么是量子纠缠？"},
        {"role": "user", "content": "它分为几种？"},
    ]
    assert follow("它有什么缺点？", history).standalone == "联邦学习有什么缺点？"


def test_thanks_and_bare_questions_do_not_take_the_subjects_place() -> None:
    history = [{"role": "user", "content": text} for text in ("什么是联邦学习？", "为什么？", "谢谢")]
    assert follow("它有什么缺点？", history).standalone == "联邦学习有什么缺点？"
    assert follow("谢谢", history).small_talk
    assert all(understand(text).small_talk for text in ("？？？", "aaaaaaaa", "长长长长", "!!!", "今天几号？", "What time is it?"))
    assert not any(understand(text).small_talk for text in ("AAA是什么？", "C++", "长短期记忆", "GAN是哪一年提出的？"))


def test_the_one_article_that_was_read_is_not_crowded_out_by_titles(tmp_path: Path) -> None:
    """Ninety unread titles about transfer learning used to have "什么是迁移学习？" refused."""
    titles = [f"- [迁移学习综述之{n}](https://u{n}.example/)" for n in range(90)]
    (tmp_path / "list.md").write_text("\n".join(["- [笔记](https://r.example/n)", *titles]), encoding="utf-8")
    words = "# 笔记\n\n这里记下一些想法。\n\n迁移学习是把一个领域的知识用到另一个领域的方法。它需要相近的领域。\n"
    (tmp_path / "n.md").write_text(words, encoding="utf-8")
    options = Settings(data=tmp_path / "data")
    build(options, BuildOptions(lists=(str(tmp_path / "list.md"),), offline=True), lambda *_: None)
    add_pages(options, [tmp_path / "n.md"], url="https://r.example/n")
    build(options, BuildOptions(offline=True), lambda *_: None)
    answer = Assistant.open(options.data, settings=options).ask("什么是迁移学习？")
    assert not answer.refused
    assert "一个领域的知识" in answer.citations[0].quote
    assert answer.unread


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_turns_can_be_resolved(before: str, text: str) -> None:
    assert isinstance(resolved(text, resolved(before, "")), str)


def test_a_comparison_with_what_was_just_quoted_has_both_sides(library: Assistant) -> None:
    first = "What is quantisation?"
    said = [{"role": "user", "content": first}, {"role": "assistant", "content": library.ask(first).text}]
    answer, alone = (
        library.ask("它和主动学习有什么不同？", history=said),
        library.ask("quantisation和主动学习有什么不同？"),
    )
    assert [citation.quote for citation in answer.citations] == [citation.quote for citation in alone.citations]
    assert len({citation.reference for citation in answer.citations}) == 2


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("In English please", "en"), ("please say that again in Chinese", "zh"), ("translate it into English", "en"),
        ("用中文回答", "zh"), ("请用英文再说一遍", "en"), ("翻译成中文", "zh"),
        ("What is pruning in English?", ""), ("用中文写的文章有哪些？", ""), ("英文分词怎么做？", ""),
    ],
)  # fmt: skip
def test_a_wish_for_another_language_is_no_question(library: Assistant, text: str, tongue: str) -> None:
    history = [{"role": "user", "content": "什么是联邦学习？"}, {"role": "assistant", "content": "……"}]
    assert follow(text, history).spoken == tongue
    if tongue:  # nothing is translated without a model, and the talk goes on where it was
        answer = library.ask(text, history=history)
        assert answer.refused and ("translated" in answer.text or "不作翻译" in answer.text)
        assert (
            follow("它有什么缺点？", [*history, {"role": "user", "content": text}]).standalone == "联邦学习有什么缺点？"
        )


def test_a_change_of_subject_is_answered_and_a_foreign_one_refused(library: Assistant) -> None:
    history = [{"role": "user", "content": "什么是联邦学习？"}]
    assert "挑选最值得标注的样本" in library.ask("那主动学习呢？", history=history).text
    assert library.ask("红烧肉怎么做？", history=history).refused
    assert library.ask("And how do I cook it?", history=[{"role": "user", "content": "What is pruning?"}]).refused


@pytest.mark.parametrize(
    ("question", "both"),
    [
        ("联邦学习和迁移学习有什么区别？", ("联邦学习", "迁移学习")),
        ("How do quantisation and distillation differ?", ("quantisation", "distillation")),
        ("What is the difference between DANN and DAN?", ("DANN", "DAN")),
        ("What is zero-shot learning?", None),
        ("Internet2与谁达成合作伙伴关系？", None),
    ],
)
def test_the_sides_of_a_comparison_are_found(question: str, both: tuple[str, str] | None) -> None:
    assert sides(question) == both


def test_a_comparison_quotes_the_contrast_or_else_both_sides(library: Assistant) -> None:
    assert "keeps the architecture" in library.ask("How do quantisation and distillation differ?").citations[0].quote
    answer = library.ask("联邦学习和主动学习有什么区别？")
    assert len({citation.reference for citation in answer.citations}) == 2


def test_a_sentence_that_begins_with_a_pronoun_brings_the_one_before_it(library: Assistant) -> None:
    answer = library.ask("What repairs the bias towards seen classes?")
    assert any("Calibrated stacking" in citation.quote for citation in answer.citations)
    quote = library.ask("What did the X-ray model learn to recognise by mistake?").citations[0].quote
    assert "metal token" in quote
    assert quote.index("Hospitals differ") < quote.index("It had learned")


@pytest.mark.parametrize(
    ("question", "site"),
    [
        ("有哪些来自知乎的文章？", "zhihu.com"),
        ("知乎上有哪些关于零样本的文章", "zhihu.com"),
        ("which articles are from GitHub?", "github.com"),
        ("github上的资料有哪些", "github.com"),
        ("zhuanlan.zhihu.com的文章有哪些", "zhuanlan.zhihu.com"),
        ("哪些文章提到了GitHub？", None),
        ("Which articles mention zhihu?", None),
    ],
)
def test_a_site_counts_only_where_articles_are_said_to_come_from_it(question: str, site: str | None) -> None:
    found = named_site(question, spellings(["zhuanlan.zhihu.com", "zhihu.com", "github.com"]))
    assert (found.site if found else None) == site


def test_all_articles_of_a_site_are_listed_and_none_of_another(library: Assistant) -> None:
    answer = library.ask("有哪些来自bench.example.org的文章？", top_k=8)
    assert [citation.reference for citation in answer.citations] == list(range(1, 9))
    assert "另有 12 条" in answer.text
    assert library.ask("有哪些来自知乎的文章？").refused


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,024 images of 50 animals", {"1024", "50"}),
        ("it has 3.50 units and twelve parts", {"3.5", "12"}),
        ("三十二个类别，二〇一七年", {"32", "2017"}),
        ("one of them", set()),
        ("1.5 million users, three hundred a day", {"1500000", "300"}),
        ("收入过千万，17,000 颗星，1.7万次，两百亿元", {"10000000", "17000", "20000000000"}),
        ("误识率为万分之一时", set()),
    ],
)
def test_numbers_are_read_in_both_languages(text: str, found: set[str]) -> None:
    assert numbers(text, claimed=True) == found


def test_a_number_with_a_scale_is_that_of_the_other_language() -> None:
    assert numbers("with 15 million users", claimed=True) <= numbers("已有1500万用户")
    assert not numbers("income over a million", claimed=True) <= numbers("收入过千万")
    assert numbers("1.5 billion", claimed=True).isdisjoint(numbers("1.5亿"))


def test_names_and_negations_are_seen() -> None:
    assert names("The Office-31 set was made by Kate, not by google.") == {"office-31", "kate"}
    assert holds_name("transformers", "a transformer reads")
    assert not holds_name("net", "a network reads")
    assert negated("it does not work")
    assert not negated("不同的方法")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab .。\n[ref 12]1：:", max_size=80), st.integers(1, 7))
def test_splitting_loses_no_character_whatever_the_pieces(text: str, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    sentences = list(split(iter(pieces)))
    assert "".join(sentences).strip() == text.strip() or "".join(sentences) + text[len("".join(sentences)) :] == text
    assert sentences == list(split(iter([text])))


def test_citation_marks_of_all_shapes_are_taken_out() -> None:
    assert marks("It works [ref 1][Ref 2, 3].") == ("It works.", [1, 2, 3])
    assert marks("它有效【ref 1】。") == ("它有效。", [1])
    assert marks("In (3) and [4] cases") == ("In (3) and cases", [4])


@pytest.mark.parametrize(
    ("question", "form", "about"),
    [
        ("哪些文章提到 GAN？", "articles", "GAN"),
        ("哪些文章里说到剪枝？", "articles", "剪枝"),
        ("有没有文章讲到知识蒸馏？", "articles", "知识蒸馏"),
        ("哪些文章和图神经网络有关？", "articles", "图神经网络"),
        ("与迁移学习相关的文章有哪些？", "articles", "迁移学习"),
        ("列表里有哪些关于量化的文章？", "articles", "量化"),
        ("哪些文章提到的方法最快？", "list", "哪些文章提到的方法最快？"),
        ("文章提到的三个步骤是什么？", "list", "文章提到的三个步骤是什么？"),
    ],
)
def test_articles_that_mention_something_are_asked_for_in_many_words(question: str, form: str, about: str) -> None:
    asked = understand(question)
    assert (asked.form, asked.search) == (form, about)
