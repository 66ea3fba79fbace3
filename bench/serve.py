"""The server under 64 clients: throughput beside bare retrieval in the same run, memory, swapped snapshots.

Asked are the questions of the project's own set (bench/set), each by its own words, of an index of its articles. Counted is served
questions a second over the calls a second that ``Assistant.search`` (one embedding, one retrieval) reaches in a process of its
own that does nothing else, with one or two threads, whichever is faster. A served question is more than such a call: it
is a whole answer, sent as JSON, and the clients have a share of the same cores. They are one process that sends ready bytes
over connections kept open, and looks for the answer in what comes back without parsing it. Meanwhile three builds publish changes.

Run: .venv/bin/python bench/serve.py [--seconds 60] [--clients 64] [--questions 20000] [--workers N]. Exit code 1 below a floor.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import shutil
import socket
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

from bench.answers import QUESTIONS as SET  # noqa: E402
from bench.answers import indexed  # noqa: E402
from index.config import Settings  # noqa: E402
from rag.assistant import Assistant  # noqa: E402

QUESTIONS = [q["question"] for q in map(json.loads, SET.read_text(encoding="utf-8").splitlines()) if q["kind"] != "follow"]
REQUESTS = [
    b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
    % (len(body), body)
    for body in (json.dumps({"question": question}).encode() for question in QUESTIONS)
]
SHARE_FLOOR, GROWTH_CEILING, SWAPS, TURNS = 0.7, 0.05, 3, 4


class Bare:
    """The assistant alone, called in this process without a server; warm before it is timed."""

    def __init__(self, data: Path) -> None:
        self._assistant = Assistant.open(data, settings=Settings(data=data))
        self.cpu, self.calls = dict.fromkeys(("ask", "search"), 0.0), dict.fromkeys(("ask", "search"), 0)
        for question in QUESTIONS:
            self._assistant.ask(question)
            self._assistant.search(question)

    def rate(self, call: str, threads: int, seconds: float) -> float:
        """Return calls of "search" (retrieval alone) or "ask" (the whole answer) a second."""
        began = time.process_time()
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
        self.cpu[call] += 1000 * (time.process_time() - began)
        self.calls[call] += sum(counts)
        return sum(counts) / seconds


def asked(address: str, clients: int, *, seconds: float = 0, questions: int = 0) -> tuple[int, list[str], list[float]]:
    """Have a process ask until the time is up or so many are asked; return how many, what went wrong, and each one's seconds."""
    command = [sys.executable, __file__, "--ask", address, "--clients", str(clients)]
    command += ["--seconds", str(seconds), "--questions", str(questions)]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return len(told["took"]), told["errors"], told["took"]


class Client:
    """One connection that is kept open, and the question that is on its way."""

    def __init__(self, place: tuple[str, int], number: int) -> None:
        self.socket = socket.create_connection(place)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._turn, self._read, self._began = number, b"", 0.0

    def ask(self) -> None:
        """Send the next question."""
        self._turn, self._read, self._began = self._turn + 1, b"", time.monotonic()
        self.socket.sendall(REQUESTS[self._turn % len(REQUESTS)])

    def answered(self) -> tuple[float, str] | None:
        """Take in what came; return the seconds it took and what was wrong once the answer is whole."""
        piece = self.socket.recv(1 << 16)
        self._read += piece
        head, _, body = self._read.partition(b"\r\n\r\n")
        if piece and (not body or len(body) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])):
            return None
        good = head.startswith(b"HTTP/1.1 200") and body.startswith(b'{"answer":') and body.endswith(b"}")
        return time.monotonic() - self._began, "" if good else repr(self._read[:200])


def ask_all(address: str, clients: int, seconds: float, questions: int) -> dict[str, Any]:
    """Ask in this process."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    ends = time.monotonic() + seconds if seconds else float("inf")
    waiting, took, errors, left = selectors.DefaultSelector(), [], [], questions or float("inf")
    for number in range(clients):
        client = Client((host, int(port)), number)
        waiting.register(client.socket, selectors.EVENT_READ, client)
        client.ask()
        left -= 1
    open_now = clients
    while open_now:
        for key, _ in waiting.select():
            if (told := key.data.answered()) is None:
                continue
            took.append(round(told[0], 5))
            errors += [told[1]] if told[1] else []
            if left > 0 and time.monotonic() < ends and not told[1]:
                key.data.ask()
                left -= 1
            else:
                waiting.unregister(key.fileobj)
                key.data.socket.close()
                open_now -= 1
    return {"took": took, "errors": errors[:20]}


def resident(process: int) -> int:
    """Return the kilobytes of memory that a process and its workers hold."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    workers = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return own + sum(resident(int(worker)) for worker in workers)


def spent(process: int) -> float:
    """Return the milliseconds of CPU that a process and its workers have used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    workers = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    own = 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(spent(int(worker)) for worker in workers)


def swap(data: Path, number: int) -> None:
    """Change an article and publish the next snapshot, as a rebuild does."""
    indexed(data, note=f"\n\nThis is note {number} of this bench.\n")


def measure(data: Path, seconds: float, clients: int, questions: int, workers: int) -> dict[str, Any]:
    """Run everything once; return the figures."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rag.cli", "serve", "--data", str(data), "--port", "0", "--json", "--workers", str(workers)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, "CITEBACK_REQUEST_LOG": "off"},
        )  # fmt: skip
        try:
            assert process.stdout
            address = json.loads(process.stdout.readline())["url"].rstrip("/")
            asked(address, clients, questions=400 * workers)  # warm
            # In turns, because other work on the machine comes and goes. Bare calls with as many threads as are fastest.
            alone, all_errors, all_took = Bare(data), [], []
            rates: dict[str, list[float]] = {"served": [], "ask": [], "search": []}
            swaps = threading.Thread(target=lambda: [(time.sleep(seconds / 4), swap(data, n)) for n in range(SWAPS)])
            for turn in range(TURNS):
                for call in ("ask", "search"):
                    rates[call].append(max(alone.rate(call, threads, seconds / TURNS / 4) for threads in (1, 2)))
                if turn == 1:
                    swaps.start()
                done, errors, took = asked(address, clients, seconds=seconds / TURNS)
                rates["served"].append(len(took) / sum(took) * clients)
                all_errors += errors
                all_took += took
            swaps.join()
            before, began = resident(process.pid), spent(process.pid)
            done, errors, _ = asked(address, clients, questions=questions)
            after, cpu = resident(process.pid), (spent(process.pid) - began) / done
            all_took.sort()
            middle = {name: statistics.median(values) for name, values in rates.items()}
            return {
                **{f"{name}_per_second": [round(value, 1) for value in values] for name, values in rates.items()},
                "share_of_search": round(middle["served"] / middle["search"], 2),
                "share_of_ask": round(middle["served"] / middle["ask"], 2),
                "cpu_ms": {"served": round(cpu, 2), **{n: round(alone.cpu[n] / alone.calls[n], 2) for n in alone.cpu}},
                "p50_ms": round(1000 * all_took[len(all_took) // 2], 1), "p95_ms": round(1000 * all_took[int(len(all_took) * 0.95)], 1),
                "workers": workers, "questions": len(all_took) + done, "errors": all_errors + errors, "swaps": SWAPS,
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
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes of the server (one a core)")
    parser.add_argument(
        "--ask", metavar="ADDRESS", help="be the clients of a server that runs (what this bench starts)"
    )
    given = parser.parse_args()
    if given.ask:
        print(json.dumps(ask_all(given.ask, given.clients, given.seconds, given.questions)))
        return
    folder = Path(tempfile.mkdtemp(prefix="citeback-serve-"))
    try:
        (folder / "data").mkdir()
        indexed(folder / "data")
        figures = measure(folder / "data", given.seconds, given.clients, given.questions, given.workers)
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
