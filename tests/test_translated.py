"""Names in two languages: which a text holds, what a question becomes by them, and what that finds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from index.embed import load_embedder
from index.store import Snapshot
from rag import Assistant
from rag.aliases import glossary, names_held, other_names
from rag.questions import understand
from rag.retrieve import Retriever
from rag.translated import in_pieces, known_names, unheard
from tests.test_answers import library

ENGLISH = """# Pruning for phones

Pruning removes weights or whole channels that contribute little to the output of a trained network.

## Back to accuracy

Fine-tuning after pruning wins back most of the lost accuracy within a few epochs.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("translated")
    return library(folder, {"prune": ("Phones", ENGLISH)})


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("剪枝有什么用？", {"pruning"}),
        ("网络量化是什么？", {"quantization", "quantisation"}),  # the longer name, not 量化 in it
        ("How do GANs work?", {"生成对抗网络", "生成式对抗网络"}),
        ("what is Zero shot learning", {"零样本学习", "零次学习"}),
        ("an organ of the body", set()),
    ],
)
def test_a_text_holds_the_longest_names_however_they_are_spelled(text: str, others: set[str]) -> None:
    held = [other for _, other in names_held(text, glossary())]
    assert set(held) == others
    assert all(other in changed for other, changed in zip(held, other_names(text, glossary()), strict=True))


def test_the_glossary_pairs_a_chinese_with_an_english_name_once() -> None:
    assert len(glossary()) == len(set(glossary())) > 200
    for chinese, english in glossary():
        assert re.fullmatch(r"[\u4e00-\u9fff]{2,12}", chinese)
        assert re.fullmatch(r"[a-z]+(?:[ -][a-z]+)*", english)


def test_a_passage_in_the_other_language_is_found_by_the_name_it_uses(assistant: Assistant) -> None:
    answer = assistant.ask("剪枝之后精度怎么恢复？", llm=False)
    assert not answer.refused, answer.text
    assert "Fine-tuning after pruning" in answer.text


@pytest.mark.parametrize(
    ("question", "nowhere"),
    [("扩散模型怎样从噪声生成图片？", True), ("What is a diffusion model?", True), ("剪枝有什么用？", False), ("How do you bake bread?", False)],
)
def test_a_known_name_may_stand_nowhere_in_either_language(tmp_path: Path, question: str, nowhere: bool) -> None:
    library(tmp_path, {"prune": ("Phones", ENGLISH)})
    retriever = Retriever(Snapshot.open(tmp_path), load_embedder())
    called = [name for pair in known_names(retriever, understand(question)) for name in pair]
    assert unheard(retriever, called) is nowhere


@pytest.mark.parametrize(
    ("name", "held"),
    [("声音克隆", True), ("系统训练", False), ("声音合唱", False), ("克隆", False), ("voice cloning", False), ("C(模型", False)],
)
def test_a_chinese_name_may_stand_in_pieces(tmp_path: Path, name: str, held: bool) -> None:
    library(tmp_path, {"voice": ("三秒克隆一个声音", "# 语音合成\n\n这套系统由三个分开训练的部分组成，听起来接近真人。\n")})
    retriever = Retriever(Snapshot.open(tmp_path), load_embedder())
    (hit,) = retriever.retrieve(understand("声音克隆"), 1)
    assert in_pieces(retriever.snapshot, hit, [name]) is held


def test_what_no_passage_names_is_not_answered_from_what_is_near(tmp_path: Path) -> None:
    text = "# 迁移学习\n\n迁移学习分为三类：归纳式迁移、直推式迁移和无监督迁移。\n\n它把一个领域学到的知识用到另一个领域，因此只需要少量标注。\n"
    assistant = library(tmp_path, {"a": ("迁移学习简介", text)})
    assert not assistant.ask("迁移学习有哪些类别？", llm=False).refused  # though a title names it in two languages
    assert assistant.ask("对比学习分为几类？", llm=False).refused
