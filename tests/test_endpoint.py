"""An embeddings server: batches, order, retries, keys, and every way it can fail. The server below speaks OpenAI's wire protocol."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.build import BuildOptions, build
from index.config import Settings
from index.embed.endpoint import RemoteEmbedder
from index.errors import EmbedderError
from index.store import Snapshot
from index.terms import terms
from rag import Assistant


def vector(text: str) -> list[float]:
    """A bag of words by hash: texts that share words are near each other."""
    row = [0.0] * 64
    for term in terms(text):
        row[int(hashlib.sha256(term.encode()).hexdigest(), 16) % 64] += 1.0
    return row


class Server:
    """Counts requests; ``faults`` are answered first, one a request."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.keys: set[str | None] = set()
        self.faults: list[tuple[int, dict[str, str], str]] = []
        self.change: Any = lambda document: document
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.keys.add(self.headers.get("Authorization"))
                assert self.path == "/v1/embeddings"
                if server.faults:
                    status, headers, body = server.faults.pop(0)
                else:
                    server.batches.append(len(asked["input"]))
                    data = [{"index": n, "embedding": vector(text)} for n, text in enumerate(asked["input"])]
                    status, headers, body = (
                        200,
                        {},
                        json.dumps(server.change({"data": data[::-1], "model": asked["model"]})),
                    )
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body.encode())), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.name = f"openai:words@http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


def test_texts_go_out_in_batches_and_come_back_in_order(server: Server) -> None:
    embedder = RemoteEmbedder(server.name, api_key="hush")
    texts = [f"kettle {n}" for n in range(150)] + ["", " \n"]
    rows = embedder.passages(texts)
    assert rows.shape == (152, 64)
    assert sorted(server.batches) == [1, 22, 64, 64]
    assert np.allclose(np.linalg.norm(rows, axis=1), [1.0] * 150 + [0.0] * 2, atol=1e-5)
    expected = np.asarray(vector("kettle 99"))
    assert np.allclose(rows[99], expected / np.linalg.norm(expected), atol=1e-5)
    assert server.keys == {"Bearer hush"}
    assert "hush" not in repr(Settings(embedder_api_key="hush"))


def test_faults_that_pass_are_tried_again(server: Server) -> None:
    server.faults = [(429, {"Retry-After": "0"}, "{}"), (503, {}, "busy")]
    assert RemoteEmbedder(server.name).dimension == 64


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ((401, {}, '{"error": {"message": "wrong key"}}'), "wrong key"),
        ((404, {}, '{"error": "no such model"}'), "no such model"),
        ((302, {"Location": "http://elsewhere.example.org/"}, ""), "HTTP 302"),
        ((200, {}, "<html>a proxy's page</html>"), "no embeddings"),
        ((200, {}, '{"data": []}'), "0 vectors for 1 texts"),
    ],
)
def test_a_server_that_cannot_serve_is_one_clear_line(
    server: Server, fault: tuple[int, dict[str, str], str], said: str
) -> None:
    server.faults = [fault]
    with pytest.raises(EmbedderError, match=said):
        RemoteEmbedder(server.name)


@pytest.mark.parametrize("name", ["openai:", "openai:model", "openai:@http://x/v1", "openai:model@ftp://x"])
def test_a_name_of_another_form_is_one_clear_line(name: str) -> None:
    with pytest.raises(EmbedderError, match="openai:MODEL@"):
        RemoteEmbedder(name)


def test_a_model_that_changes_its_length_is_named(server: Server) -> None:
    embedder = RemoteEmbedder(server.name)
    server.change = lambda document: {"data": [{**row, "embedding": row["embedding"][:9]} for row in document["data"]]}
    with pytest.raises(EmbedderError, match="different lengths"):
        embedder.passages(["a kettle"])


def test_an_index_is_built_asked_and_rebuilt_with_it(server: Server, tmp_path: Path) -> None:
    facts = ["The kettle is made of copper.", "The lid is made of tin.", "Its handle is made of beech wood."]
    (tmp_path / "list.jsonl").write_text(
        "".join(json.dumps({"url": f"https://x.org/{n}", "title": fact}) + "\n" for n, fact in enumerate(facts)),
        encoding="utf-8",
    )
    settings = Settings(data=tmp_path / "data", embedder=server.name)
    build(settings, BuildOptions(lists=(str(tmp_path / "list.jsonl"),), offline=True), lambda *_: None)
    assert Snapshot.open(settings.data).manifest.embedder == server.name
    sent = sum(server.batches)
    (tmp_path / "list.jsonl").write_text(
        (tmp_path / "list.jsonl").read_text(encoding="utf-8")
        + '{"url": "https://x.org/9", "title": "The spout is of brass."}\n',
        encoding="utf-8",
    )
    report = build(
        Settings(data=settings.data), BuildOptions(lists=(str(tmp_path / "list.jsonl"),), offline=True), lambda *_: None
    )
    assert (report["embedded_passages"], report["reused_passages"]) == (1, 3)
    assert sum(server.batches) - sent < 200  # the new title, and the fixed questions that the means are taken from
    answer = Assistant.open(settings.data).ask("which articles mention beech wood?")
    assert [citation.url for citation in answer.citations][:1] == ["https://x.org/2"]
