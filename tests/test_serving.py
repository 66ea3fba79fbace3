"""The server as a whole: limits, who leaves, how it ends, several workers, a proxy's prefix, its log and figures."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.model_server import ModelServer, model_server
from tests.small_library import ROOT, make, serving

QUESTION = {"question": "What is zero-shot learning?"}
DOCS = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def dripping() -> Iterator[ModelServer]:
    with model_server(lambda _: "", trouble="drips") as model:
        yield model


@pytest.fixture(scope="module")
def slow(data: Path, dripping: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server whose language model never comes to an end, and which takes two questions at once."""
    log = tmp_path_factory.mktemp("log") / "requests.log"
    environment = {
        "CITEBACK_LLM_BASE_URL": dripping.url, "CITEBACK_LLM_MODEL": "drip", "CITEBACK_MAX_AT_ONCE": "2",
        "CITEBACK_REQUEST_LOG": str(log),
    }  # fmt: skip
    with serving(data, environment=environment) as server:
        yield server, log


def figures(server: str, name: str) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(httpx.get(f"{server}/metrics", timeout=30).text)
    return {
        tuple(sample.labels.values()): sample.value
        for family in families for sample in family.samples if sample.name == name
    }  # fmt: skip


def until(wanted: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/ask", QUESTION | {"stream": True}),
        ("/api/ask", QUESTION),
        ("/v1/chat/completions", {"model": "citeback", "stream": True, "messages": [{"role": "user", "content": "What is zero-shot learning?"}]}),
    ],
)  # fmt: skip
def test_work_stops_when_the_client_leaves_a_models_stream_included(
    slow: tuple[str, Path], dripping: ModelServer, path: str, body: dict[str, Any]
) -> None:
    server, _ = slow
    asked, before = len(dripping.asked), dripping.hung_up
    with (
        contextlib.suppress(httpx.ReadTimeout),
        httpx.Client(timeout=2) as client,
        client.stream("POST", server + path, json=body) as response,
    ):
        assert response.status_code == 200
        # kept: without it the client would leave at once, perhaps before the model is asked
        pieces = response.iter_bytes()
        next(pieces)
        until(lambda: len(dripping.asked) > asked)
    until(lambda: dripping.hung_up > before)
    until(lambda: figures(server, "citeback_questions_in_progress") == {(): 0.0})
    assert figures(server, "citeback_questions_total")["openai" if path.startswith("/v1") else "rest", "left"] >= 1


def test_too_many_at_once_are_told_when_to_come_back(slow: tuple[str, Path], dripping: ModelServer) -> None:
    server, _ = slow
    with contextlib.ExitStack() as held:
        for _ in range(2):
            client = held.enter_context(httpx.Client(timeout=20))
            held.enter_context(client.stream("POST", f"{server}/api/ask", json=QUESTION | {"stream": True}))
        for path, body in (("/api/ask", QUESTION), ("/mcp", {}), ("/v1/chat/completions", {})):
            refused = httpx.post(server + path, json=body)
            assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        assert httpx.get(f"{server}/api/status").status_code == 200
    assert figures(server, "citeback_questions_turned_away_total")[("at_once",)] >= 3
    refusals = figures(server, "citeback_requests_total")  # counted for the route that they did not come to
    assert all(refusals["POST", route, "429"] >= 1 for route in ("/api/ask", "/mcp", "/v1/chat/completions"))
    until(lambda: httpx.post(f"{server}/api/ask", json=QUESTION | {"llm": False}).status_code == 200)


def test_the_log_has_a_line_a_request_and_no_question(slow: tuple[str, Path]) -> None:
    server, log = slow
    answered = httpx.post(f"{server}/api/ask?token=secret", json=QUESTION | {"llm": False})
    until(lambda: answered.headers["x-request-id"] in log.read_text(encoding="utf-8"))
    text = log.read_text(encoding="utf-8")
    line = next(line for line in map(json.loads, text.splitlines()) if line["id"] == answered.headers["x-request-id"])
    assert line | {"time": 0, "ms": 0, "bytes": 0, "snapshot": 0, "id": 0} == {
        "time": 0, "id": 0, "client": "127.0.0.1", "method": "POST", "path": "/api/ask", "status": 200, "bytes": 0, "ms": 0,
        "mode": "extractive", "refused": False, "citations": len(answered.json()["citations"]), "snapshot": 0,
    }  # fmt: skip
    assert "zero-shot" not in text and "secret" not in text


def test_every_figure_is_documented_and_counts(slow: tuple[str, Path]) -> None:
    server, _ = slow
    httpx.post(f"{server}/api/ask", json=QUESTION | {"llm": False})
    assert figures(server, "citeback_questions_total")[("rest", "answered")] >= 1
    assert figures(server, "citeback_requests_total")[("POST", "/api/ask", "200")] >= 1
    assert figures(server, "citeback_question_seconds_count")[("rest",)] >= 1
    assert figures(server, "citeback_references") == {
        ("read",): 3,
        ("robots",): 1,
        ("unsupported",): 1,
        ("not_found",): 1,
    }
    assert figures(server, "citeback_snapshot_age_seconds")[()] > 0
    told = {
        family.name + ("_total" if family.type == "counter" else "_info" if family.type == "info" else "")
        for family in text_string_to_metric_families(httpx.get(f"{server}/metrics").text)
        if family.name.startswith("citeback_")
    }
    named = {word for word in DOCS.replace("`", " ").replace(",", " ").split() if word.startswith("citeback_")}
    assert told == named


def test_one_client_may_ask_so_often_a_minute_and_a_server_under_load_ends_in_five_seconds(
    data: Path, dripping: ModelServer
) -> None:
    environment = {
        "CITEBACK_MAX_PER_MINUTE": "34",
        "CITEBACK_LOG_QUESTIONS": "1",
        "CITEBACK_LLM_BASE_URL": dripping.url,
    }
    environment |= {"PYTHONUNBUFFERED": "1", "CITEBACK_LLM_MODEL": "drip"}
    with (
        running("--port", "0", data=data, environment=environment) as (server, process),
        ThreadPoolExecutor(32) as pool,
    ):
        whole = [pool.submit(lambda: httpx.post(f"{server}/api/ask", json=QUESTION, timeout=30)) for _ in range(31)]
        streamed = pool.submit(lambda: httpx.post(f"{server}/api/ask", json=QUESTION | {"stream": True}, timeout=30))
        until(lambda: figures(server, "citeback_questions_in_progress") == {(): 32.0})
        for _ in range(60):
            last = httpx.post(f"{server}/api/ask", json=QUESTION | {"llm": False}, timeout=30)
            if last.status_code != 200:
                break
        assert last.status_code == 429
        assert 1 <= int(last.headers["retry-after"]) <= 60
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        took = time.monotonic() - began
    assert took < 5, took
    # what was cut off is told so, in the one shape of an error; on a busy machine some were answered before
    cut = [response for response in (each.result() for each in whole) if response.status_code != 200]
    assert len(cut) > 10
    for response in cut:
        assert (response.status_code, response.json()["error"]["type"]) == (503, "stopping")
        assert response.headers["retry-after"]
    *_, name, document = streamed.result().text.strip().splitlines()
    assert name == "event: done" or json.loads(document.removeprefix("data: "))["error"]["type"] == "stopping"


@contextlib.contextmanager
def running(*flags: str, data: Path, environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[Any]]]:
    """Run the server on a port found beforehand; give its address and process."""
    import os

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = tuple(str(port) if flag == "0" else flag for flag in flags)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CITEBACK_")}
    command = [sys.executable, "-m", "rag.cli", "serve", "--data", str(data), *flags]
    process = subprocess.Popen(command, cwd=ROOT, env=kept | environment, stderr=subprocess.DEVNULL)
    try:
        server = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert process.poll() is None
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(f"{server}/healthz", timeout=60).status_code == 200
            return False

        until(answers, 120)
        yield server, process
    finally:
        process.terminate()
        process.wait(20)


def test_workers_share_a_socket_an_index_and_their_figures(data: Path) -> None:
    with running("--port", "0", "--workers", "2", data=data, environment={}) as (server, process):
        with ThreadPoolExecutor(8) as pool:
            asked = list(pool.map(lambda _: httpx.post(f"{server}/api/ask", json=QUESTION, timeout=60), range(24)))
        assert {answer.status_code for answer in asked} == {200}
        for _ in range(4):  # whichever worker is asked
            assert figures(server, "citeback_questions_total") == {("rest", "answered"): 24.0}
        assert "API only" in httpx.get(server).text
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server}/healthz")


@contextlib.contextmanager
def prefix_proxy(server: str, prefix: str, *, strip: bool) -> Iterator[str]:
    """A reverse proxy on a free port that shows ``server`` under ``prefix``; one connection a request."""
    target = int(server.rpartition(":")[2])
    ended = threading.Event()

    def forward(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", target)) as back:
            head = b""
            while b"\r\n\r\n" not in head and (piece := client.recv(65536)):
                head += piece
            if not head:  # a browser opens connections ahead, and closes those it did not need
                return
            first, _, rest = head.partition(b"\r\n")
            method, path, version = first.split(b" ")
            if not path.startswith(prefix.encode() + b"/"):
                client.sendall(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                return
            path = path[len(prefix) :] if strip else path
            lines = [line for line in rest.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            back.sendall(b"%s %s %s\r\nConnection: close\r\n" % (method, path, version) + b"\r\n".join(lines))
            threading.Thread(target=pump, args=(client, back), daemon=True).start()
            pump(back, client)

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                sink.sendall(piece)

    def accept(door: socket.socket) -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError):
                client, _ = door.accept()
                threading.Thread(target=forward, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=accept, args=(door,), daemon=True).start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}{prefix}"
        ended.set()
        door.shutdown(socket.SHUT_RDWR)


def test_behind_a_proxy_with_a_prefix_the_api_and_the_chat_work(data: Path) -> None:
    from playwright.sync_api import sync_playwright

    with serving(data, flags=("--root-path", "/ask/me")) as server:
        for strip in (True, False):
            with prefix_proxy(server, "/ask/me", strip=strip) as shown:
                assert httpx.post(f"{shown}/api/ask", json=QUESTION).json()["citations"]
                assert httpx.get(f"{shown}/v1/nothing").json()["error"]["code"] == "not_found"
                assert httpx.post(f"{shown}/mcp", json=[]).status_code == 400
                assert httpx.get(f"{shown}/openapi.json").json()["servers"] == [{"url": "/ask/me"}]
        with prefix_proxy(server, "/ask/me", strip=True) as shown, sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page()
            lost: list[str] = []
            page.on("response", lambda response: lost.append(response.url) if response.status >= 400 else None)
            page.goto(f"{shown}/")
            page.fill("#cb-question", QUESTION["question"])
            page.press("#cb-question", "Enter")
            page.wait_for_function(
                "document.querySelector('#cb-live').innerText.includes('never seen')", timeout=60_000
            )
            browser.close()
        assert not lost
