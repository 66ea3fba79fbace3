"""The server under 64 clients: throughput beside bare retrieval in the same run, memory, swapped snapshots.

Run: .venv/bin/python bench/serve.py [--seconds 60] [--clients 64] [--questions 20000]. Exit code 1 below a floor.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from index.config import Settings  # noqa: E402
from rag.assistant import Assistant  # noqa: E402
from tests.small_library import make  # noqa: E402

QUESTIONS = (
    "What is zero-shot learning?", "什么是迁移学习？", "What is an attribute?", "领域自适应常用的度量是什么？",
    "How are classes described?", "Who calibrates the quasar widget?",
)  # fmt: skip
SHARE_FLOOR, GROWTH_CEILING, SWAPS, TURNS = 0.7, 0.05, 3, 4


class Bare:
    """The assistant alone, called in this process without a server; warm before it is timed."""

    def __init__(self, data: Path) -> None:
        self._assistant = Assistant.open(data, settings=Settings(data=data))
        for question in QUESTIONS * 3:
            self._assistant.ask(question)
            self._assistant.search(question)

    def rate(self, call: str, threads: int, seconds: float) -> float:
        """Return calls of "search" (retrieval alone) or "ask" (the whole answer) a second."""
        asked, ends, counts = getattr(self._assistant, call), time.monotonic() + seconds, [0] * threads

        def work(number: int) -> None:
            while time.monotonic() < ends:
                asked(QUESTIONS[counts[number] % len(QUESTIONS)])
                counts[number] += 1

        workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return sum(counts) / seconds


async def asked(
    address: str, clients: int, *, seconds: float = 0, questions: int = 0
) -> tuple[int, list[str], list[float]]:
    """Ask until the time is up or so many questions are asked; return how many, what went wrong, and each one's seconds."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    ends = time.monotonic() + seconds if seconds else float("inf")
    done, errors, took = 0, [], []

    async def client(number: int) -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection(host, int(port))
        turn = number
        while time.monotonic() < ends and (not questions or done < questions):
            body = json.dumps({"question": QUESTIONS[turn % len(QUESTIONS)]}).encode()
            turn, done, began = turn + 1, done + 1, time.monotonic()
            writer.write(
                b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                % len(body)
                + body
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
            )
            answer = json.loads(await reader.readexactly(length))
            took.append(time.monotonic() - began)
            if not head.startswith(b"HTTP/1.1 200") or "answer" not in answer:
                errors.append(f"{head[:40]!r} {str(answer)[:200]}")
        writer.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    return done, errors, took


def resident(process: int) -> int:
    """Return the kilobytes of memory a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def swap(data: Path, number: int) -> None:
    """Publish the next snapshot, as a rebuild does."""
    make(data, name=f"2026010{number + 2}T000000.000000Z")


def measure(data: Path, seconds: float, clients: int, questions: int) -> dict[str, Any]:
    """Run everything once; return the figures."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rag.cli", "serve", "--data", str(data), "--port", "0", "--json"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, "CITEBACK_REQUEST_LOG": "off"},
        )  # fmt: skip
        try:
            assert process.stdout
            address = json.loads(process.stdout.readline())["url"].rstrip("/")
            asyncio.run(asked(address, clients, questions=200))  # warm
            # In turns, because other work on the machine comes and goes. Bare calls with as many threads as are fastest.
            alone, all_errors, all_took = Bare(data), [], []
            rates: dict[str, list[float]] = {"served": [], "ask": [], "search": []}
            swaps = threading.Thread(target=lambda: [(time.sleep(seconds / 4), swap(data, n)) for n in range(SWAPS)])
            for turn in range(TURNS):
                for call in ("ask", "search"):
                    rates[call].append(max(alone.rate(call, threads, seconds / TURNS / 4) for threads in (1, 2)))
                if turn == 1:
                    swaps.start()
                done, errors, took = asyncio.run(asked(address, clients, seconds=seconds / TURNS))
                rates["served"].append(len(took) / sum(took) * clients)
                all_errors += errors
                all_took += took
            swaps.join()
            before = resident(process.pid)
            done, errors, _ = asyncio.run(asked(address, clients, questions=questions))
            after = resident(process.pid)
            all_took.sort()
            middle = {name: statistics.median(values) for name, values in rates.items()}
            return {
                **{f"{name}_per_second": [round(value, 1) for value in values] for name, values in rates.items()},
                "share_of_search": round(middle["served"] / middle["search"], 2),
                "share_of_ask": round(middle["served"] / middle["ask"], 2),
                "p50_ms": round(1000 * all_took[len(all_took) // 2], 1), "p95_ms": round(1000 * all_took[int(len(all_took) * 0.95)], 1),
                "questions": len(all_took) + done, "errors": all_errors + errors, "swaps": SWAPS,
                "memory_kb": [before, after], "memory_growth": round(after / before - 1, 3), "memory_questions": done,
            }  # fmt: skip
        finally:
            process.terminate()
            process.wait(20)


def main() -> None:
    """Measure and hold the floors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--questions", type=int, default=20_000)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="citeback-serve-"))
    try:
        figures = measure(make(folder / "data"), given.seconds, given.clients, given.questions)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures, indent=1))
    wrong = [
        *([f"{len(figures['errors'])} errors"] if figures["errors"] else []),
        *(
            [f"share {figures['share_of_search']} of bare retrieval, under {SHARE_FLOOR}"]
            if figures["share_of_search"] < SHARE_FLOOR
            else []
        ),
        *([f"memory grew by {figures['memory_growth']:.1%}"] if figures["memory_growth"] > GROWTH_CEILING else []),
    ]
    print("; ".join(wrong) or "all floors held")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
