"""A LangChain retriever over one index (extra ``langchain``). Knows LangChain's documents, no retrieval of its own."""

from __future__ import annotations

from typing import Any, Literal

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from rag.assistant import Assistant


class CitebackRetriever(BaseRetriever):
    """``CitebackRetriever(assistant=Assistant.open("data"), k=5).invoke("…")`` returns the nearest passages as documents.

    A document's metadata are the fields of ``rag.records.Found`` but its text: url, title, start, end, passage_url ...
    """

    assistant: Any
    k: int = 5
    topic: str | None = None
    site: str | None = None
    language: Literal["zh", "en"] | None = None
    fully_read: bool = False

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002
        assistant: Assistant = self.assistant
        passages = assistant.search(
            query, k=self.k, topic=self.topic, site=self.site, language=self.language, fully_read=self.fully_read
        )
        documents = []
        for passage in passages:
            about = passage.as_json()
            text = about.pop("text")
            documents.append(Document(page_content=text, metadata=about, id=f"{passage.reference}:{passage.start}"))
        return documents
