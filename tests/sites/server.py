"""The server: each path is a behaviour; every request is counted."""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

ARTICLE = """<!doctype html><html><head><title>A kettle</title><meta name="author" content="Ann"></head><body><article><h1>A kettle</h1>
<p>The kettle boils water in two minutes because its base is made of copper, which carries heat well.</p>
<p>Its handle stays cold, for it is made of beech wood and fixed with two brass pins to the body.</p></article></body></html>"""
APP = """<!doctype html><html><head><title>A kettle</title></head><body><noscript>You need to enable JavaScript to run this app.</noscript>
<div id="root"></div><script>fetch("/app.json").then(r => r.json()).then(d => { document.getElementById("root").innerHTML =
new DOMParser().parseFromString(d.words, "text/html").body.innerHTML; })</script><img src="/pixel.png"></body></html>"""
ROBOTS = "User-agent: *\nDisallow: /closed\n\nUser-agent: otherbot\nDisallow: /\n"


class Site:
    """One host of the small web; ``hits`` counts requests by path, ``agents`` keeps what they called themselves."""

    def __init__(self, *, robots: str | None = ROBOTS, robots_status: int = 200) -> None:
        self.hits: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.starts: list[float] = []
        self.robots, self.robots_status = robots, robots_status
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.hits[self.path] += 1
                site.agents.add(self.headers.get("User-Agent", ""))
                site.starts.append(time.monotonic())
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    site.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A client that was killed in the middle is what some tests are about."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Send what the path stands for."""
        path = request.path
        if path == "/robots.txt":
            self._send(
                request,
                self.robots_status if self.robots is not None else 404,
                (self.robots or "").encode(),
                "text/plain",
            )
        elif path == "/app":
            self._send(request, 200, APP.encode())
        elif path == "/app.json":
            self._send(request, 200, json.dumps({"words": ARTICLE}).encode(), "application/json")
        elif path == "/missing":
            self._send(request, 404, b"<h1>not here</h1>")
        elif path == "/broken":
            self._send(request, 500, b"oops")
        elif path == "/shaky" and self.hits[path] == 1:
            self._send(request, 503, b"in a moment")
        elif path == "/busy" and self.hits[path] == 1:
            self._send(request, 429, b"slow down", headers={"Retry-After": "0"})
        elif path == "/forbidden":
            self._send(request, 403, b"no")
        elif path == "/slow":
            time.sleep(3)
            self._send(request, 200, b"late")
        elif path == "/moved":
            self._send(request, 301, b"", headers={"Location": "/moved-on"})
        elif path == "/moved-on":
            self._send(request, 302, b"", headers={"Location": "/article?from=moved"})
        elif path == "/circle":
            self._send(request, 302, b"", headers={"Location": "/circle"})
        elif path.startswith("/away/"):
            self._send(request, 302, b"", headers={"Location": "/away/" + str(int(path[6:]) + 1)})
        elif path == "/to-closed":
            self._send(request, 302, b"", headers={"Location": "/closed/a"})
        elif path == "/bomb":
            self._send(request, 200, gzip.compress(b"0" * 40_000_000), headers={"Content-Encoding": "gzip"})
        elif path == "/large":
            self._send(request, 200, b"x" * 3_000_000)
        elif path == "/endless":
            request.send_response(200)
            request.send_header("Connection", "close")
            request.end_headers()
            for _ in range(300):
                request.wfile.write(b"x" * 10_000)
        elif path == "/packed":
            self._send(request, 200, gzip.compress(ARTICLE.encode()), headers={"Content-Encoding": "gzip"})
        elif path == "/film":
            self._send(request, 200, b"\0\1", "video/mp4")
        elif path == "/cut":
            request.send_response(200)
            request.send_header("Content-Length", "1000")
            request.end_headers()
            request.wfile.write(b"half")
            request.close_connection = True
        else:
            self._send(request, 200, ARTICLE.encode())

    def _send(self, request: BaseHTTPRequestHandler, status: int, body: bytes, kind: str = "text/html; charset=utf-8", *,
              headers: dict[str, str] | None = None) -> None:  # fmt: skip
        request.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)
