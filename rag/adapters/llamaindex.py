"""A LlamaIndex retriever over one index (extra ``llamaindex``). Knows LlamaIndex' nodes, no retrieval of its own."""

from __future__ import annotations

from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.assistant import Assistant


class CitebackRetriever(BaseRetriever):
    """``CitebackRetriever(Assistant.open("data"), k=5).retrieve("…")`` returns the nearest passages as scored nodes.

    A node's metadata are the fields of ``rag.records.Found`` but its text and score. ``filters`` are those of
    ``Assistant.search``: topic, site, language, fully_read.
    """

    def __init__(self, assistant: Assistant, *, k: int = 5, filters: dict[str, Any] | None = None) -> None:
        super().__init__()
        self._assistant = assistant
        self._k = k
        self._filters = filters or {}

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        nodes = []
        for passage in self._assistant.search(query_bundle.query_str, k=self._k, **self._filters):
            about = passage.as_json()
            node = TextNode(
                id_=f"{passage.reference}:{passage.start}", text=about.pop("text"),
                start_char_idx=passage.start, end_char_idx=passage.end, metadata=about,
            )  # fmt: skip
            nodes.append(NodeWithScore(node=node, score=about.pop("score")))
        return nodes
