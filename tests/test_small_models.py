"""The ways of small language models: marks before sentences, wrong marks, refusals in their own words, a long silence."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from rag.check import SUPPORTED, Checker
from rag.cli import main
from rag.nothing import finds_nothing, refuses
from rag.prompt import Shown
from rag.records import Answer, Reading
from rag.retrieve import Hit
from rag.split import Marks, marks
from tests.model_server import model_server
from tests.test_answers import library
from tests.test_model import QUESTION, assistant, data, passage_number, says

__all__ = ["data"]  # the fixture


def test_marks_before_their_sentences_are_read_as_such() -> None:
    cites = Marks()
    text = [
        "[ref 1] Attributes are shared.",
        " Vectors are cheaper.",
        "\n[ref 3] GPT reads on. [ref 2]",
        " BERT does not.",
    ]
    assert [cites.of(sentence) for sentence in text] == [
        ("Attributes are shared.", [1]),
        ("Vectors are cheaper.", [1]),
        ("GPT reads on.", [3]),
        ("BERT does not.", [2]),
    ]


def test_a_text_whose_first_mark_stands_behind_is_read_the_usual_way() -> None:
    cites = Marks()
    assert cites.of("它有效。[ref 2]") == ("它有效。", [2])
    assert cites.of("[ref 1] 别的。") == ("别的。", [1])
    assert cites.of("没有标记。") == ("没有标记。", [])


@given(st.lists(st.text(alphabet="ab 12[]ref.。", max_size=20), max_size=6))
def test_the_words_are_the_same_whatever_side_the_marks_stand_on(sentences: list[str]) -> None:
    cites = Marks()
    for sentence in sentences:
        words, numbers = cites.of(sentence)
        assert words == marks(sentence)[0]
        assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    ("words", "nothing"),
    [
        ("The passages do not mention the price.", True),
        ("The provided passages don't contain information about it.", True),
        ("There is no information in the passages on that.", True),
        ("That is not mentioned in the given text.", True),
        ("None of the passages answers this.", True),
        ("资料中没有提到鸿蒙。", True),
        ("根据提供的资料，无法回答这个问题。", True),
        ("提供的片段并未直接说明原因。", True),
        ("The documents do not need labels.", False),
        ("The method does not say goodbye to labels.", False),
        ("这种方法没有额外的参数。", False),
    ],
)
def test_a_refusal_in_a_models_own_words(words: str, nothing: bool) -> None:
    assert finds_nothing(words) is nothing
    assert not refuses(words)
    assert refuses("NOT FOUND.") and refuses("no answer")


def test_what_a_passage_says_in_such_words_is_no_refusal(data: Path) -> None:
    """A source may itself say that something was not found; a model that repeats it has answered."""
    with model_server(says("It relies on attributes. The passages do not mention the price.")) as server:
        answer = assistant(data, server).ask(QUESTION)
    assert [sentence.support for sentence in answer.sentences] == ["supported"]
    assert "price" not in answer.text


def test_a_sentence_with_a_wrong_mark_is_at_least_weak_where_another_passage_carries_it_weakly(data: Path) -> None:
    """The same words weigh the same, whether the mark was wrong or missing."""
    levels = []
    for mark in ("", " [ref WRONG]"):

        def script(messages: list[dict[str, str]], mark: str = mark) -> str:
            numbers = set(re.findall(r'ref="(\d+)"', messages[-1]["content"]))
            wrong = (numbers - {passage_number(messages, "AWA2")}).pop()
            return f"Unseen classes are described by what they share{mark.replace('WRONG', wrong)}. It relies on attributes."

        with model_server(script) as server:
            answer = assistant(data, server).ask("Is zero-shot learning or federated learning used for classes?")
        levels.append([sentence.support for sentence in answer.sentences])
    assert levels[0] == levels[1]


def test_whoever_waits_is_told_what_is_read(data: Path) -> None:
    with model_server(says("The AWA2 dataset holds 50 animal categories.")) as server:
        first, *pieces, answer = assistant(data, server).stream("How many categories does AWA2 hold?")
    assert isinstance(first, Reading) and isinstance(answer, Answer)
    assert (first, first.model, first.titles[0]) == ("", "scripted", "Zero-shot notes")
    assert first.passages >= 1
    assert "".join(map(str, pieces)) == answer.text


def test_the_command_line_says_what_is_read_and_reads_out_what_comes(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.cli._PATIENCE", 0.0)
    told = threading.Event()

    def script(messages: list[dict[str, str]]) -> str:
        told.wait(0.5)
        return "The AWA2 dataset holds 50 animal categories."

    with model_server(script) as server:
        environment = {"CITEBACK_LLM_BASE_URL": server.url, "CITEBACK_LLM_MODEL": "tiny"}
        asked = ["ask", "How many categories does AWA2 hold?", "--data", str(data)]
        result = CliRunner().invoke(main, asked, env=environment)
        document = CliRunner().invoke(main, [*asked, "--json"], env=environment)
    assert result.exit_code == 0
    assert result.stdout.startswith("The AWA2 dataset holds 50 animal categories. [1]\n\n[1] Zero-shot notes (")
    assert "tiny reads " in result.stderr and "Zero-shot notes" in result.stderr
    assert document.stdout.startswith("{")


def test_a_name_or_number_of_a_sentence_is_quoted_where_it_stands(data: Path) -> None:
    """The words of one sentence carry most of it, but the group in Vienna stands in the next."""
    said = "The AWA2 dataset, collected in Vienna, holds 50 animal categories."
    with model_server(says(said)) as server:
        answer = assistant(data, server).ask("How many categories does AWA2 hold?")
    quoted = " ".join(citation.quote for citation in answer.citations)
    assert answer.sentences[0].support != "unsupported"
    assert "50 animal categories" in quoted and "Vienna" in quoted


OVENS = """# Ovens

You can heat the big oven in the evening with this command:

```
oven heat --all
```

The Stone Oven stands in the yard behind the house. On most days it bakes eighty loaves before noon.

- **CUB:** a small oven for birds of clay. Shelves:200.
- **BIG:** a large oven for loaves. Shelves:17.
"""


@pytest.mark.parametrize(
    ("claim", "quoted"),
    [
        ("You can heat the big oven in the evening with oven heat --all.", OVENS[OVENS.index("You can") : OVENS.index("\n\nThe Stone")]),
        ("The Stone Oven bakes eighty loaves before noon on most days.", OVENS[OVENS.index("The Stone") : OVENS.index("\n\n- **CUB")]),
        ("Shelves:200.", "- **CUB:** a small oven for birds of clay. Shelves:200."),
    ],
)  # fmt: skip
def test_a_quote_has_what_its_sentence_needs(tmp_path: Path, claim: str, quoted: str) -> None:
    opened = library(tmp_path, {"ovens": ("Notes", OVENS)})._current()
    snapshot = opened.snapshot
    passages = [snapshot.passage(int(number)) for number in snapshot.passages_of([1])]
    seen = [Shown(n, Hit(passage, 1.0, 1.0, 1.0, ()), "Notes") for n, passage in enumerate(passages, 1)]
    level, quotes = Checker(opened.retriever, opened.levels, seen, {1: snapshot.text(1)}).best(claim, [1])
    assert (level, [quote.text for quote in quotes]) == (SUPPORTED, [quoted])
