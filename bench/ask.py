"""A warm question, a crowd of them and a cold one, beside what no program can do without: embed the question, search once.

The floor's search is that of a plain FAISS index of floats (IndexFlatIP) over the same vectors, with one thread as all searches here.

20,000 passages of 320 characters with eight sentences each, ready vectors (see ``scale.py``), questions embedded by the bundled
encoder. All in one process and one thread but for the crowd. Ratios of CPU time are what holds on a busy machine.

    python bench/ask.py [PASSAGES]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from scale import build, characters

from index.config import Settings
from rag import Assistant
from rag.questions import Question, understand
from rag.sought import Sought

ASKED, ASKERS, EACH, WARMING = 200, 8, 25, 1000
ROOT = Path(__file__).parents[1]


def timed(step: Callable[[Question], Any], questions: list[Question]) -> tuple[float, float]:
    """Return milliseconds a question: the median of the wall, the mean of this thread's CPU."""
    walls, began = [], time.thread_time()
    for question in questions:
        start = time.perf_counter()
        step(question)
        walls.append(time.perf_counter() - start)
    return 1000 * float(np.median(walls)), 1000 * (time.thread_time() - began) / len(questions)


def warm(assistant: Assistant, questions: list[Question]) -> None:
    """Print what each part of a question takes."""
    retriever = assistant._opened.retriever
    snapshot = retriever.snapshot
    vectors = {q.text: retriever.vectors([q.search], q.language)[0] for q in questions}
    weights = {q.text: list(retriever.idf(q.terms)) for q in questions}
    ids = {q.text: Sought(retriever, q).ids() for q in questions}
    plain = faiss.IndexFlatIP(snapshot.manifest.dimension)
    plain.add(snapshot.passage_vectors(range(snapshot.manifest.passages)))
    faiss.omp_set_num_threads(1)
    parts = {
        "embed the question": lambda q: retriever.vectors([q.search], q.language),
        "one search of plain FAISS": lambda q: plain.search(vectors[q.text][None], 100),
        "embed, then search (floor)": lambda q: plain.search(retriever.vectors([q.search], q.language), 100),
        "our vector search": lambda q: snapshot.nearest(vectors[q.text], 100),
        "words": lambda q: snapshot.lexical(q.terms, 100),
        "second stage: passages": lambda q: snapshot.candidates(ids[q.text], vectors[q.text], weights[q.text]),
        "second stage: sentences of 64": lambda q: snapshot.lines(ids[q.text][:64], vectors[q.text]),
        "retrieve, all of it": lambda q: retriever.retrieve(q, 6),
        "answer, all of it": lambda q: assistant.ask(q.text, llm=False),
    }
    taken = {}
    for name, step in parts.items():
        timed(step, questions[:20])
        taken[name] = timed(step, questions)
        print(f"  {name:32} {taken[name][0]:8.2f} ms wall p50 {taken[name][1]:8.2f} ms CPU")
    floor = taken["embed, then search (floor)"]
    whole, second = (
        taken["retrieve, all of it"],
        taken["second stage: passages"][1] + taken["second stage: sentences of 64"][1],
    )
    print(f"  retrieve / floor                 {whole[0] / floor[0]:8.2f} wall  {whole[1] / floor[1]:8.2f} CPU")
    print(f"  of it the second stage           {100 * second / whole[1]:8.1f} % of the CPU")


def crowd(assistant: Assistant, questions: list[Question]) -> None:
    """Print how long questions take that come from eight askers at once."""
    walls: list[float] = []

    def asker(number: int) -> None:
        for step in range(EACH):
            start = time.perf_counter()
            assistant.ask(questions[(number * EACH + step) % len(questions)].text, llm=False)
            walls.append(1000 * (time.perf_counter() - start))

    threads = [threading.Thread(target=asker, args=(number,)) for number in range(ASKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    p50, p99 = np.percentile(walls, (50, 99))
    print(f"  {ASKERS} askers: p50 {p50:.1f} ms, p99 {p99:.1f} ms, ratio {p99 / p50:.2f}")


def cold(data: Path) -> None:
    """Print what `citeback ask` takes from the shell, beside a program that only loads the encoder and embeds a question."""
    floor = "from index.embed import load_embedder; load_embedder().queries(['What is this?'])"
    commands = {
        "python that does nothing": ["-c", "pass"],
        "python that embeds one question (floor)": ["-c", floor],
        "citeback ask, first time (thresholds measured)": [
            "-m",
            "rag.cli",
            "ask",
            "什么是迁移学习？",
            "--no-llm",
            "--data",
            str(data),
        ],
        "citeback ask": ["-m", "rag.cli", "ask", "什么是迁移学习？", "--no-llm", "--data", str(data)],
    }
    for name, arguments in commands.items():
        spans, spent = [], []
        for _ in range(1 if "first" in name else 5):
            before, start = _children(), time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
            spans.append(time.perf_counter() - start)
            spent.append(_children() - before)
        print(f"  {name:48} {min(spans):6.2f} s wall, {min(spent):6.2f} s CPU (best of {len(spans)})")


def _children() -> float:
    import resource

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(passages: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        build(data, passages, sentences=8, embedder="bundled")
        print(f"{passages:,} passages\ncold")
        cold(data)
        assistant = Assistant.open(data, settings=Settings(data=data))
        questions = [understand(characters(n * 7 + 1, 312)[20:36]) for n in range(ASKED)]
        for n in range(WARMING):  # other questions, so that the mapped files are in this process's memory as a server's are
            assistant._opened.retriever.retrieve(understand(characters(n * 11 + 5, 312)[40:56]), 6)
        print("warm")
        warm(assistant, questions)
        crowd(assistant, questions)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
