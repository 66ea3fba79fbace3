"""Names that a question has and the index has not: which count as unknown, however they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.embed import load_embedder
from index.store import Snapshot
from rag.doubt import unknown_names
from rag.questions import understand
from rag.retrieve import Retriever
from tests.test_answers import library

CHURCH = """# Churches

The General Conference of the United Methodist Church met in Portland. Mahatma
Gandhi never spoke before it, and Börte, the wife of Temüjin, was long dead.

The report was written with GPT-3 and Super Glue, and its theatre was there.
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    folder: Path = tmp_path_factory.mktemp("doubt")
    library(folder, {"church": ("Churches", CHURCH)})
    return Retriever(Snapshot.open(folder), load_embedder())


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("When did the UMC meet?", []),
        ("Where did the UNO meet?", ["uno"]),
        ("What did Ghandi say?", []),
        ("What did Mandela say?", ["mandela"]),
        ("Who was Temüjin's wife?", []),
        ("Who was Temujin's wife?", []),
        ("What is the SuperGlue for?", []),
        ("Was it written with GPT-3?", []),
        ("Was it written with GPT-4?", ["gpt-4"]),  # near, but another
        ("报告用了GPT-4吗？", ["gpt-4"]),
        ("Who fumbled on 3rd-and-9?", []),
        ("Where is the Theatre?", []),
    ],
)
def test_a_name_is_unknown_where_no_passage_writes_it(retriever: Retriever, question: str, unknown: list[str]) -> None:
    asked = understand(question)
    assert unknown_names(retriever, asked, retriever.retrieve(asked, 6)) == unknown
