"""The same passages, the same encoder, the same questions in LangChain, LlamaIndex and txtai: what each costs beside embedding.

Each library runs in a process of its own, with FAISS, exact. Passages are those that citeback makes of generated articles
(bench/generated.py); their vectors are ready, so that no figure holds any embedding. Questions are embedded by the bundled
encoder, in every library alike, and each is also answered by the floor in the same process: embed, then search bare FAISS.
citeback does more than the others: it also keeps a vector of every sentence and clause and an index of words, and makes passages
of pages itself; reading (extraction, cutting, terms), which is kept from build to build, is named apart.

    python -m venv peers && peers/bin/pip install -c constraints.txt -e . -r bench/peers.txt && peers/bin/python bench/peers.py [ARTICLES]

A library that is not installed is left out, with a line that says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import generated  # noqa: E402
from build import Ready, built, listed, processor, read, stored  # noqa: E402

ASKED, FOUND = 100, 10
Texts = dict[str, str]
"""Passages by name; the name says which article they belong to."""


class Encoder(Ready):
    """Ready vectors of passages; questions go to the bundled encoder."""

    def __init__(self) -> None:
        from index.embed import load_embedder

        super().__init__()
        self._bundled = load_embedder()
        self.name = self._bundled.name

    def queries(self, texts: Sequence[str]) -> Any:
        return self._bundled.queries(texts)


def passages(count: int, version: int, changed: Sequence[int]) -> Texts:
    """Return the passages of so many articles, of which some are of a version."""
    from index.chunk import chunk

    found: Texts = {}
    for number in range(count):
        title, sections = generated.article(number, version if number in changed else 0)
        text = f"# {title}\n\n" + "\n\n".join("\n\n".join([f"## {head}", *texts]) for head, texts in sections)
        found |= {f"{number}:{place}": passage.text for place, passage in enumerate(chunk(text))}
    return found


def citeback(encoder: Encoder, folder: Path, count: int, changed: Sequence[int]) -> Any:
    """Build from pages that were read; yield after each step, then the search."""
    source = listed(folder, count)
    stored(folder, range(count), 0)
    built(folder, source, encoder, offline=True)  # reads every page; what was read is kept
    for path in (folder / "snapshots", folder / "vectors"):
        subprocess.run(["rm", "-r", str(path)], check=True)
    (folder / "CURRENT").unlink()
    yield lambda: built(folder, source, encoder, offline=True)
    stored(folder, changed, 1)
    read(folder, changed)
    yield lambda: built(folder, source, encoder, offline=True)
    from index.config import Settings
    from rag import Assistant
    from rag.questions import understand

    assistant = Assistant.open(folder, settings=Settings(data=folder))
    retriever = assistant._opened.retriever
    yield lambda question: retriever.retrieve(understand(question), FOUND)


def langchain(encoder: Encoder, folder: Path, count: int, changed: Sequence[int]) -> Any:
    """Use the indexing API with FAISS and a record manager in SQLite."""
    import faiss
    from langchain_classic.indexes import SQLRecordManager
    from langchain_community.docstore.in_memory import InMemoryDocstore
    from langchain_community.vectorstores import FAISS
    from langchain_community.vectorstores.utils import DistanceStrategy
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.indexing import index

    class Wrapped(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return encoder.passages(texts).tolist()

        def embed_query(self, text: str) -> list[float]:
            return encoder.queries([text])[0].tolist()

    store = FAISS(
        Wrapped(), faiss.IndexFlatIP(512), InMemoryDocstore(), {}, distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT
    )
    records = SQLRecordManager("bench", db_url=f"sqlite:///{folder / 'records.sqlite'}")
    records.create_schema()

    def put(texts: Texts) -> None:
        documents = [Document(text, metadata={"source": name.partition(":")[0]}) for name, text in texts.items()]
        index(documents, records, store, cleanup="incremental", source_id_key="source", key_encoder="blake2b")
        store.save_local(str(folder / "store"))

    before, after = passages(count, 0, ()), passages(count, 1, changed)
    yield lambda: put(before)
    yield lambda: put(after)
    yield lambda question: store.similarity_search(question, k=FOUND)


def llamaindex(encoder: Encoder, folder: Path, count: int, changed: Sequence[int]) -> Any:
    """Use VectorStoreIndex with the FAISS store that can delete, by node: refresh_ref_docs cannot delete from it.

    A change is named by the caller, as for txtai. (After a deletion that store gives rows numbers that are in use: its answers are not held
    against anything here.)
    """
    import faiss
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.schema import TextNode
    from llama_index.vector_stores.faiss import FaissMapVectorStore

    class Wrapped(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return encoder.passages([text])[0].tolist()

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return encoder.passages(texts).tolist()

        def _get_query_embedding(self, query: str) -> list[float]:
            return encoder.queries([query])[0].tolist()

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    store = FaissMapVectorStore(faiss_index=faiss.IndexIDMap2(faiss.IndexFlatIP(512)))
    context = StorageContext.from_defaults(vector_store=store)
    index = VectorStoreIndex([], storage_context=context, embed_model=Wrapped())

    def put(earlier: Texts, texts: Texts) -> None:
        if gone := [name for name, text in earlier.items() if texts.get(name) != text]:
            index.delete_nodes(gone, delete_from_docstore=True)
        index.insert_nodes([TextNode(id_=n, text=text) for n, text in texts.items() if earlier.get(n) != text])
        context.persist(str(folder / "store"))

    before, after = passages(count, 0, ()), passages(count, 1, changed)
    yield lambda: put({}, before)
    yield lambda: put(before, after)
    retriever = index.as_retriever(similarity_top_k=FOUND)
    yield lambda question: retriever.retrieve(question)


def txtai(encoder: Encoder, folder: Path, count: int, changed: Sequence[int]) -> Any:
    """Use Embeddings with FAISS, exact, and its SQLite content store; a change is named by the caller: upsert and delete."""
    from txtai import Embeddings

    asking = False
    index = Embeddings(
        method="external",
        transform=lambda texts: encoder.queries(texts) if asking else encoder.passages(texts),
        content=True,
        backend="faiss",
        faiss={"components": "IDMap,Flat"},
    )

    def change(texts: Texts) -> None:
        index.upsert((name, text) for name, text in texts.items() if before.get(name) != text)
        index.delete([name for name in before if name not in texts])
        index.save(str(folder / "store"))

    def first() -> None:
        index.index(before.items())
        index.save(str(folder / "store"))

    before, after = passages(count, 0, ()), passages(count, 1, changed)
    yield first
    yield lambda: change(after)
    asking = True
    yield lambda question: index.search(question, FOUND)


LIBRARIES: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "citeback": (citeback, ()),
    "LangChain": (langchain, ("langchain_classic", "langchain_community")),
    "LlamaIndex": (llamaindex, ("llama_index.core", "llama_index.vector_stores.faiss")),
    "txtai": (txtai, ("txtai",)),
}


def one(name: str, count: int) -> dict[str, Any]:
    """Measure one library in this process."""
    import faiss

    warnings.simplefilter("ignore")
    encoder, changed = Encoder(), range(0, count, 100)
    with tempfile.TemporaryDirectory() as folder:
        steps = LIBRARIES[name][0](encoder, Path(folder), count, changed)
        spent, texts = [], []
        for _ in range(2):
            step = next(steps)
            encoder.texts, encoder.processor = 0, 0.0
            seconds, _ = processor(step)
            spent.append(seconds - encoder.processor)
            texts.append(encoder.texts)
        rows = encoder.passages([str(number) for number in range(len(passages(count, 0, ())))])
        bare = faiss.IndexFlatIP(512)
        bare.add(rows)
        search = next(steps)
        asked = [f"{generated.article(n)[0]} {n % 7}" for n in range(ASKED)]
        walls: dict[str, list[float]] = {"floor": [], "own": []}
        faiss.omp_set_num_threads(1)
        for question in [*asked[:5], *asked]:
            for kind, ask in (("floor", lambda q: bare.search(encoder.queries([q]), FOUND)), ("own", search)):
                began = time.thread_time()
                ask(question)
                walls[kind].append(time.thread_time() - began)
        floor, own = (1000 * float(np.median(walls[kind][5:])) for kind in ("floor", "own"))
    return {"passages": len(rows), "first": spent[0], "change": spent[1], "texts": texts, "floor": floor, "own": own}


def main(count: int) -> None:
    """Run every library that is installed and print the table."""
    from importlib.util import find_spec

    print(f"{'':12}{'first index':>14}{'1 % changed':>14}{'texts embedded':>18}{'question':>12}{'of the floor':>14}")
    for name, (_, needed) in LIBRARIES.items():
        if any(find_spec(module.partition(".")[0]) is None for module in needed):
            print(f"{name:12}is not installed: see the head of bench/peers.py")
            continue
        command = [sys.executable, __file__, "--one", name, str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name:12}failed: {done.stderr.strip().splitlines()[-1]}")
            continue
        told = json.loads(done.stdout.splitlines()[-1])
        print(
            f"{name:12}{told['first']:12.2f} s{told['change']:12.2f} s{told['texts'][0]:>10} + {told['texts'][1]:<5}"
            f"{told['own']:9.2f} ms{told['own'] / told['floor']:12.2f} x",
            flush=True,
        )
    print(f"{told['passages']} passages of {count} articles; seconds of CPU beside embedding, CPU a question")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2], int(sys.argv[3]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500)
