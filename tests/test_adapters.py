"""The Python face and its adapters, with the real libraries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from index.errors import UsageError
from rag import Assistant
from rag.records import Answer, Found
from tests.small_library import PAGES, ROWS, make

QUESTION = "What is zero-shot learning?"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return Assistant.open(make(tmp_path_factory.mktemp("library")))


def test_the_python_face_is_typed(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION)
    assert isinstance(answer, Answer) and answer.citations[0].url == ROWS[1]["url"]
    found = assistant.search(QUESTION, k=2, site="en.example.org")
    assert found and all(isinstance(passage, Found) for passage in found)
    assert found[0].text == PAGES[2][found[0].start : found[0].end]
    assert found[0].passage_url.startswith(ROWS[1]["url"] + "#")
    assert not assistant.search(QUESTION, topic="no such topic")
    with pytest.raises(UsageError):
        assistant.search(" ")
    root = Path(__file__).parents[1]
    assert (root / "rag" / "py.typed").exists() and (root / "index" / "py.typed").exists()


def test_what_was_read_stands_among_the_passages_found(assistant: Assistant) -> None:
    assert any(passage.outcome == "read" for passage in assistant.search("transfer learning", k=2))


def test_langchain_retrieves_passages_with_their_source(assistant: Assistant) -> None:
    pytest.importorskip("langchain_core", reason="langchain-core is not installed: pip install 'citeback[langchain]'")
    from rag.adapters.langchain import CitebackRetriever

    retriever: Any = CitebackRetriever(assistant=assistant, k=2)
    documents = retriever.invoke(QUESTION)
    assert 1 <= len(documents) <= 2
    assert documents[0].metadata["url"] == ROWS[1]["url"] and documents[0].metadata["title"] == ROWS[1]["title"]
    assert documents[0].page_content in PAGES[2]
    assert [found[0].id for found in retriever.batch([QUESTION, QUESTION])] == [documents[0].id] * 2


def test_llamaindex_retrieves_passages_with_their_source(assistant: Assistant) -> None:
    pytest.importorskip(
        "llama_index.core", reason="llama-index-core is not installed: pip install 'citeback[llamaindex]'"
    )
    from rag.adapters.llamaindex import CitebackRetriever

    nodes = CitebackRetriever(assistant, k=2, filters={"language": "en"}).retrieve(QUESTION)
    assert nodes and nodes[0].metadata["url"] == ROWS[1]["url"] and nodes[0].score
    assert nodes[0].get_content() in PAGES[2]
