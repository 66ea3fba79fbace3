"""A million passages from ready vectors: indexed, then asked in a process of their own. What the machine needs, what it takes.

Vectors are clustered (a centre a hundred rows, and noise), 512 numbers each; texts are drawn from 3,000 Han characters by Zipf's
law, so that the commonest stand nearly everywhere; sentences, two a passage, share a pool of vectors. The embedder is a table,
so embedding costs nothing on either side. The floor is one search of the vector index alone, in the same process.

    python bench/scale.py [PASSAGES]    default 1,000,000: some minutes, 12 GB of disk, 9 GB of memory while it builds
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.finish import finish
from index.layout import KEY
from index.manifest import Manifest
from index.publish import publish, staged
from index.records import Passage, Sentence
from index.slices import slice_of
from index.store import Snapshot
from index.tables import Document, TableWriter
from index.vectorcache import VectorCache
from rag.questions import understand
from rag.retrieve import Retriever

DIMENSION, PER_ARTICLE, SENTENCE = 512, 10, 40
POOL = 1 << 16
ASKED = 200


class Ready:
    """Vectors by number, cheap and always the same; questions are near passages that are not in the index."""

    name, dimension = "ready", DIMENSION

    def __init__(self, passages: int) -> None:
        chance = np.random.default_rng(0)
        self._centres = chance.standard_normal((max(passages // 100, 10), DIMENSION), dtype=np.float32)
        self._noise = chance.standard_normal((POOL, DIMENSION), dtype=np.float32)
        self._next = 10**9

    def rows(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return unit rows."""
        mixed = (numbers * 2654435761) % (1 << 32)
        rows = self._centres[mixed % len(self._centres)] + self._noise[(mixed >> 13) % POOL]
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._next += len(texts)
        return self.rows(np.arange(self._next - len(texts), self._next))

    queries = passages

    def put(self, cache: VectorCache, numbers: range) -> None:
        """Keep the vectors of those numbers."""
        for at in range(0, len(numbers), POOL):
            some = np.asarray(numbers[at : at + POOL])
            cache.add(np.frombuffer(b"".join(key(number) for number in some.tolist()), KEY), self.rows(some).astype(np.float16))


class Asked:
    """The vectors of the questions and of nothing else."""

    name, dimension = "ready", DIMENSION

    def __init__(self, ready: Ready, texts: Sequence[str]) -> None:
        self._rows = dict(zip(texts, ready.queries(texts), strict=True))

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the rows of known questions."""
        return np.stack([self._rows[text] for text in texts])

    passages = queries


def key(number: int) -> bytes:
    """Return the key of a vector: a hash as those of texts are, which no two begin alike."""
    return hashlib.blake2b(number.to_bytes(8, "little"), digest_size=16).digest()


def characters(seed: int, count: int) -> str:
    """Return so many Han characters, the r-th commonest in proportion to 1 / r."""
    ranks = np.minimum(np.random.default_rng(seed).pareto(1.0, count) * 3, 2999).astype(np.int64)
    return "".join(map(chr, (0x4E00 + ranks * 6).tolist()))


def documents(passages: int, sentences: int) -> Any:
    """Yield articles of ten passages, so many sentences each."""
    half, length = SENTENCE - 1, sentences * SENTENCE
    for number in range(passages // PER_ARTICLE):
        words = characters(number, sentences * half * PER_ARTICLE)
        lines = [words[at : at + half] + "。" for at in range(0, len(words), half)]
        text = "".join(lines)
        parts = []
        for place in range(PER_ARTICLE):
            start = length * place
            spans = tuple(Sentence(at, at + SENTENCE) for at in range(start, start + length, SENTENCE))
            parts.append(Passage(start, start + length, text[start : start + length], (), spans))
        first = number * PER_ARTICLE
        body = slice_of(text, parts)
        lines = len(body.spans)
        names = b"".join(key((sentences * first + place) % POOL) for place in range(lines))
        body = replace(body, keys=np.frombuffer(names, KEY), clause_counts=np.zeros(lines, np.uint16))
        keys = np.frombuffer(b"".join(key(first + place) for place in range(PER_ARTICLE)), KEY)
        yield Document(key(number), body, (), keys, listing=False)


def build(data: Path, passages: int, sentences: int = 2, embedder: str = "ready") -> dict[str, Any]:
    """Index the passages; return what it took."""
    ready = Ready(passages)
    zero = {name: np.zeros(DIMENSION, np.float32) for name in ("zh", "en")}
    listed = {name: mean.tolist() for name, mean in zero.items()}
    spent = time.process_time
    with (
        staged(data, "one") as part,
        TableWriter(part, None) as tables,
        VectorCache(data, embedder, DIMENSION) as cache,
    ):
        ready.put(cache, range(max(passages, POOL)))
        began = spent()
        for document in documents(passages, sentences):
            tables.add(document)
        tables.close()
        made = spent()
        means = finish(tables, cache, zero)
        done = spent()
        items = [
            {
                "number": n,
                "url": f"https://example.org/{n}",
                "title": f"第{n}篇",
                "topic": [],
                "note": None,
                "outcome": "read",
            }
            for n in range(1, passages // PER_ARTICLE + 1)
        ]
        manifest = Manifest(
            "one", "2026-01-01T00:00:00+00:00", ("list.md",), embedder, DIMENSION, tables.passages, tables.sentences, listed,
            {n: m.tolist() for n, m in means.passages.items()}, {n: m.tolist() for n, m in means.sentences.items()},
            vectors=asdict(means.vectors), stored=cache.link(part),
        )  # fmt: skip
        publish(data, part, manifest, {"items": items, "vectors": asdict(means.vectors)})
    folder = data / "snapshots" / "one"
    sizes = {path.name: path.stat().st_size / 1e6 for path in folder.iterdir()}
    words = ("term_keys.npy", "term_starts.npy", "postings.npy", "counts.npy", "lengths.npy")
    return {
        "texts and terms, CPU s": made - began,
        "vectors and indexes, CPU s": done - made,
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "vector index, MB": sizes["passages.faiss"],
        "lexical index, MB": sum(sizes[name] for name in words),
        "whole snapshot, MB": sum(sizes.values()),
        **{f"index {name}": value for name, value in asdict(means.vectors).items()},
    }


def ask(data: Path, passages: int) -> dict[str, Any]:
    """Ask questions of words that stand in passages and vectors that lie near some; return what it took."""
    questions = [understand(characters(n * 7 + 1, 78)[20:36]) for n in range(ASKED)]
    asked = Asked(Ready(passages), [question.search for question in questions])  # the table that makes vectors is none of citeback's memory
    began = time.perf_counter()
    snapshot = Snapshot.open(data)
    retriever = Retriever(snapshot, asked)
    opened = time.perf_counter() - began
    vectors = [retriever.vectors([question.search], "zh")[0] for question in questions]
    for question in questions[:20]:
        retriever.retrieve(question, 6)
    nearest = timed(lambda n: snapshot.nearest(vectors[n], 100))
    lexical = timed(lambda n: snapshot.lexical(questions[n].terms, 100))
    whole = timed(lambda n: retriever.retrieve(questions[n], 6))
    resident = memory()
    right = 0
    centred = snapshot.passage_vectors(range(passages)) if passages <= 200_000 else None
    least = (
        exact(snapshot, vectors[:50], passages)
        if centred is None
        else [np.sort(centred @ v)[-10] for v in vectors[:50]]
    )
    for vector, worst in zip(vectors[:50], least, strict=True):
        found = [passage for passage, _ in snapshot.nearest(vector, 10)]
        right += int((snapshot.passage_vectors(found) @ vector >= worst - 1e-4).sum())
    return {
        "open, ms": 1000 * opened,
        "resident, MB": resident,
        "of it private, MB": memory("RssAnon:"),
        "one vector search (floor), ms p50": nearest[0],
        "one lexical search, ms p50": lexical[0],
        "one lexical search, ms p99": lexical[1],
        "retrieve, ms p50": whole[0],
        "retrieve, ms p99": whole[1],
        "retrieve / floor": whole[0] / nearest[0],
        "recall@10 of new questions": right / 500,
    }


def exact(snapshot: Snapshot, vectors: list[NDArray[np.float32]], passages: int) -> list[float]:
    """Return the tenth best cosine of each question, over all passages."""
    asked = np.stack(vectors).T
    best = np.full((0, asked.shape[1]), -2, np.float32)
    for at in range(0, passages, 50_000):
        best = np.concatenate([best, snapshot.passage_vectors(range(at, min(at + 50_000, passages))) @ asked])
        best = -np.partition(-best, 9, axis=0)[:10]
    return [float(value) for value in best.min(axis=0)]


def timed(step: Callable[[int], Any]) -> tuple[float, float]:
    """Return the median and the 99th percentile in milliseconds."""
    spans = []
    for n in range(ASKED):
        began = time.perf_counter()
        step(n)
        spans.append(1000 * (time.perf_counter() - began))
    return float(np.median(spans)), float(np.percentile(spans, 99))


def memory(what: str = "VmRSS:") -> float:
    """Return megabytes of this process, mapped files that were touched included."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


def main(passages: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(f"{passages:,} passages, {DIMENSION} numbers each")
        for step in ("build", "ask"):
            command = [sys.executable, __file__, step, folder, str(passages)]
            result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
            for name, value in result.items():
                print(f"  {name:36} {value if isinstance(value, (str, int)) else round(value, 3)}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["build"]:
        print(json.dumps(build(Path(sys.argv[2]), int(sys.argv[3]))))
    elif sys.argv[1:2] == ["ask"]:
        print(json.dumps(ask(Path(sys.argv[2]), int(sys.argv[3]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
