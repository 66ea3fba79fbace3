"""Reranking with a real CrossEncoder: a tiny one made here, where Sentence Transformers is installed."""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from index.config import Settings
from index.errors import EmbedderError
from rag import Assistant
from rag.questions import understand
from rag.rerank import POOL, Reranker
from tests.small_library import make

INSTALLED = importlib.util.find_spec("sentence_transformers") is not None


def tiny(folder: Path) -> str:
    """A BERT of two layers with random weights, saved as such models are."""
    torch: Any = importlib.import_module("torch")
    transformers: Any = importlib.import_module("transformers")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz", *"迁移学习领域方法是什么"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=1,
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    transformers.BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    return str(folder)


@pytest.mark.skipif(not INSTALLED, reason="Sentence Transformers is not installed (extra `models`)")
def test_a_cross_encoder_puts_hits_in_its_order_and_its_cost_is_shown(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    name = tiny(tmp_path / "model")
    data = make(tmp_path / "data")
    plain = Assistant.open(data).ask("什么是迁移学习？")
    ranked = Assistant.open(data, settings=Settings(data=data, reranker=name)).ask("什么是迁移学习？")
    assert "rerank" not in plain.milliseconds
    assert ranked.milliseconds["rerank"] > 0
    assert json.dumps(ranked.as_json())
    assert ranked.refused == plain.refused


@pytest.mark.skipif(not INSTALLED, reason="Sentence Transformers is not installed (extra `models`)")
def test_the_order_is_the_models_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    reranker = Reranker(tiny(tmp_path / "model"))
    assistant = Assistant.open(make(tmp_path / "data"))
    hits = assistant._current().retriever.retrieve(understand("迁移学习"), POOL)
    assert len(hits) > 2
    ordered = reranker.order("迁移学习", hits)
    assert {hit.passage.id for hit in ordered} == {hit.passage.id for hit in hits}
    assert ordered == reranker.order("迁移学习", list(reversed(hits)))


def test_a_reranker_that_cannot_be_loaded_is_one_clear_line() -> None:
    with pytest.raises(EmbedderError, match=r"no-such-model.*(pip install|cannot be loaded)"):
        Reranker("./no-such-model")
