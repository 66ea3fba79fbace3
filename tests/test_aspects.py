"""Drawbacks and advantages: asked for in many words, answered alike, by what speaks of them and of nothing else."""

from __future__ import annotations

import pytest

from rag import Assistant
from rag.aspects import aspect_asked
from rag.questions import understand
from tests.test_answers import lawful, library

TIDAL = """# Tidal power

Tidal power turns the rise and fall of the sea into electricity with turbines in a barrage. Tidal power is made twice a day.

## Building

Tidal power needs a barrage across an estuary. The work is hard to pay for, since a barrage costs more than a coal plant.

## Weaknesses

Mud settles behind the wall. Fish are killed in the blades.
"""
FOLDING = """# 参数的几种存法

云折叠把参数按列折成两半，再用半精度的数保存。云折叠分为两步，先排序再合并。大的网络要花太多的时间，常见的办法有雨筛、云折叠等。

云折叠的优点是读取很快。雨筛的参数由人来选。
"""
PAGES = {"tidal": ("Tidal power", TIDAL), "fold": ("参数的几种存法", FOLDING)}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return library(tmp_path_factory.mktemp("aspects"), PAGES)


@pytest.mark.parametrize(
    ("question", "of", "side"),
    [
        ("量化有什么缺点？", "量化", "bad"),
        ("量化的缺点是什么", "量化", "bad"),
        ("量化有哪些不足？", "量化", "bad"),
        ("量化存在哪些问题？", "量化", "bad"),
        ("量化有缺点吗？", "量化", "bad"),
        ("量化有何优势", "量化", "good"),
        ("量化的优缺点有哪些？", "量化", "both"),
        ("What are the disadvantages of quantization?", "quantization", "bad"),
        ("What drawbacks does quantization have?", "quantization", "bad"),
        ("Does quantization have any limitations?", "quantization", "bad"),
        ("quantization's benefits?", "quantization", "good"),
        ("What are the pros and cons of pruning?", "pruning", "both"),
    ],
)
def test_an_aspect_is_asked_for_in_many_words(question: str, of: str, side: str) -> None:
    found = aspect_asked(question)
    assert found is not None
    assert (found.of, found.side) == (of, side)


@pytest.mark.parametrize(
    "question",
    [
        "什么后天条件导致人类免疫缺陷?",
        "《京都议定书》试图应对什么问题？",
        "哪些文章讲量化的缺点？",
        "为什么量化有缺点？",
        "What did the benefits agency think sports channels on a TV bill meant?",
        "What is quantization?",
    ],
)
def test_a_word_for_an_aspect_alone_asks_for_none(question: str) -> None:
    assert aspect_asked(question) is None


def test_the_wordings_of_one_question_look_for_the_same() -> None:
    for wordings in (
        ("云折叠有什么缺点？", "云折叠的缺点是什么", "云折叠有哪些不足？", "云折叠存在什么问题？"),
        ("MobileNet的缺点", "MobileNet有什么缺点？"),
        (
            "What are the drawbacks of tidal power?",
            "What disadvantages does tidal power have?",
            "tidal power's limitations?",
        ),
    ):
        assert len({(asked.search, asked.form, asked.terms) for asked in map(understand, wordings)}) == 1


@pytest.mark.parametrize(
    "question",
    ["云折叠有什么缺点？", "云折叠的缺点是什么", "云折叠有哪些不足？", "What are the advantages of tidal power?"],
)
def test_an_aspect_of_which_nothing_is_said_is_refused(assistant: Assistant, question: str) -> None:
    """One sentence names folding in passing and something else that takes too long; the others are merely about it."""
    answer = assistant.ask(question, llm=False)
    assert answer.refused, answer.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("云折叠有什么优点？", "云折叠的优点是读取很快。"),
        ("云折叠的好处是什么", "云折叠的优点是读取很快。"),
        ("What is the drawback of tidal power?", "Fish are killed in the blades."),
        ("What are the limitations of tidal power?", "Fish are killed in the blades."),
    ],
)
def test_an_aspect_is_told_by_a_sentence_or_under_a_heading_that_names_it(
    assistant: Assistant, question: str, said: str
) -> None:
    answer = assistant.ask(question, llm=False)
    assert not answer.refused
    assert said in " ".join(citation.quote for citation in answer.citations)
    assert "twice a day" not in answer.text
    lawful(assistant, answer)


def test_it_is_looked_for_in_the_questions_language() -> None:
    assert understand("MobileNet的不足").search == "MobileNet的缺点"
