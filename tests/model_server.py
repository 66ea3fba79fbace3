"""A small server on 127.0.0.1 that speaks the OpenAI wire protocol, its words written by the test."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[list[dict[str, str]]], str]


@dataclass
class ModelServer:
    """``script`` gets the messages and says the answer; ``trouble`` names how the wire misbehaves.

    With "raw" the script's words are the body itself, an event stream, sent as they are.
    """

    script: Script
    trouble: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    hung_up: int = 0  # how often the other side left in mid-answer

    def prompt(self, number: int = -1) -> str:
        """All that the model was shown by one request."""
        return "\n".join(message["content"] for message in self.asked[number]["messages"])


@contextmanager
def model_server(script: Script, *, trouble: str = "") -> Iterator[ModelServer]:
    """Serve one scripted model until the block ends."""
    served = ModelServer(script, trouble)
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            known = {"/v1/models": {"data": [{"id": "listed-model"}]}, "/api/tags": {"models": [{"name": "qwen3:4b"}]}}
            self._send(200 if self.path in known else 404, json.dumps(known.get(self.path, {})).encode())

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            served.asked.append(request)
            served.headers.append({key.lower(): value for key, value in self.headers.items()})
            if served.trouble.isdigit():
                self._send(int(served.trouble), b'{"error": {"message": "sk-secret in an error"}}')
            elif served.trouble == "not json":
                self._send(200, b"<html>gateway</html>", "text/event-stream")
            elif served.trouble == "error 200":
                self._send(200, b'{"error": {"message": "no such model", "type": "invalid_request_error"}}')
            elif served.trouble == "raw":
                self._send(200, served.script(request["messages"]).encode(), "text/event-stream; charset=utf-8")
            elif served.trouble == "whole":
                message = {"choices": [{"message": {"content": served.script(request["messages"])}}]}
                self._send(200, json.dumps(message).encode())
            else:
                self._stream(served.script(request["messages"]))

        def _stream(self, text: str) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            pieces = [text[i : i + 3] for i in range(0, len(text), 3)]
            if served.trouble in ("stalls", "pings", "breaks off"):
                pieces = pieces[: len(pieces) // 2]
            for piece in pieces:
                self._event({"choices": [{"delta": {"content": piece}}]})
            if served.trouble == "stalls":
                ended.wait(10)
            elif served.trouble == "drips":
                try:
                    while not ended.wait(0.2):  # 30 sentences, the most an answer has, take longer than a server may to stop
                        self._event({"choices": [{"delta": {"content": "Some classes are never seen. "}}]})
                except OSError:
                    served.hung_up += 1
            elif served.trouble == "pings":
                for _ in range(100):
                    if ended.wait(0.05):
                        return
                    self.wfile.write(b": ping\n\n")
                    self.wfile.flush()
            elif served.trouble != "breaks off":
                self._event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
                self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, document: dict[str, Any]) -> None:
            self.wfile.write(f"data: {json.dumps(document)}\n\n".encode())
            self.wfile.flush()

        def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a client that hangs up in mid-answer is what some tests are about

    with Quiet(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}/v1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield served
        finally:
            ended.set()
            server.shutdown()
            thread.join(5)
            time.sleep(0)
