"""What a browser keeps of an answer comes back the same, and nothing else can come back with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.answer import restored
from chat.draw import Turn, kept, thread
from rag.assistant import Assistant
from rag.context import context
from rag.recall import recalled, remembered
from tests.small_library import ATTACK, make

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from([ATTACK, "extractive", "https://evil.test/"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["text", "mode", "cited", "unread", "doubted"]), inner),
    max_leaves=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return Assistant.open(make(tmp_path_factory.mktemp("library")))


@pytest.mark.parametrize(
    "question", ["What is zero-shot learning?", "哪些文章介绍联邦学习？", "What is the capital of Peru?"]
)
def test_an_answer_comes_back_the_same(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    back = recalled(json.loads(json.dumps(remembered(answer))), assistant)
    assert back and (back.text, back.refused, back.unread) == (answer.text, answer.refused, answer.unread)
    assert [(c.number, c.quote, c.passage_url) for c in back.citations] == [
        (c.number, c.quote, c.passage_url) for c in answer.citations
    ]


def test_a_source_that_is_not_in_the_index_as_it_was_is_left_out(assistant: Assistant) -> None:
    record = remembered(assistant.ask("What is zero-shot learning?"))
    number, url, start, end, mark = record["cited"][0]
    for changed in (
        [number, "https://evil.test/", start, end, mark],
        [number, url, start + 1, end, mark],
        [number, url, -1, end, mark],
        [1],
        "x",
    ):
        back = recalled({**record, "cited": [changed], "unread": ["https://evil.test/", url]}, assistant)
        assert back is not None and back.citations == () and back.unread == ()


@given(document=JSON, text=st.sampled_from([ATTACK, "[1] said", ""]))
@settings(max_examples=150, deadline=None)
def test_whatever_a_browser_hands_over_is_drawn_harmless(assistant: Assistant, document: Any, text: str) -> None:
    forged = {**document, "text": text, "mode": "model", "question": ATTACK} if isinstance(document, dict) else document
    turns = restored([json.dumps(forged), "{", None, 3], assistant)
    drawn = thread(turns, "en")
    for tag in ("<script", "<img", "<iframe", "<form", "<svg", "<style", 'href="javascript', 'href="data'):
        assert tag not in drawn
    assert "evil.test/" not in "".join(part.split('"')[0] for part in drawn.split('href="')[1:])


def test_a_conversation_survives_a_reload_and_noise_does_not(assistant: Assistant) -> None:
    answer = assistant.ask("What is zero-shot learning?")
    turns = restored([kept(Turn("What is zero-shot learning?", answer))], assistant)
    assert [turn.question for turn in turns] == ["What is zero-shot learning?"] and turns[0].contexts[1].quote
    noises: tuple[Any, ...] = (None, "x", {}, [""], ["[]"], [json.dumps({"question": ""})], ["[" * 100_000])
    for noise in noises:
        assert restored(noise, assistant) == []


@pytest.mark.parametrize(
    ("text", "quote", "before", "after"),
    [
        ("# H\n\nOne. Two here. Three. Four.", "Two here.", "One.", "Three."),
        ("一。二。三！四", "二。", "一。", "三！"),
        ("# Head\n\nFirst. Second", "First.", "", "Second"),
        ("Only", "Only", "", ""),
        ("a. " + "x" * 500 + "Q" + "y" * 500, "Q", "…" + "x" * 220, "y" * 220 + "…"),
    ],
)
def test_a_quote_has_the_sentence_on_either_side(text: str, quote: str, before: str, after: str) -> None:
    start = text.index(quote)
    found = context(text, start, start + len(quote))
    assert (found.before, found.quote, found.after) == (before, quote, after)
