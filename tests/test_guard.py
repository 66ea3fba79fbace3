"""The guard in front of every route: token, host, origin and headers, over real sockets."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.routing import Mount

from index.config import Settings
from index.errors import UsageError
from rag.api import open_api
from rag.listen import is_loopback
from tests.small_library import ROOT, make, serving


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def served(data: Path) -> Iterator[str]:
    with serving(data) as server:
        yield server


@pytest.fixture(scope="module")
def client(served: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def locked(data: Path) -> Iterator[str]:
    with serving(data, token="right token", flags=("--allow-rebuild",)) as server:
        yield server


def routes() -> list[tuple[str, str]]:
    """Return every path worth trying: the API's, the chat's, and those of Gradio that nobody should reach."""
    chat = [
        "/",
        "/config",
        "/theme.css",
        "/assets/x.js",
        "/static/img/x.png",
        "/gradio_api/info",
        "/gradio_api/queue/data?session_hash=x",
        "/gradio_api/heartbeat/x",
        "/gradio_api/startup-events",
    ]
    gone = [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=http://evil.test/",
        "/monitoring",
        "/runs",
        "/gradio_api/vibe-code",
    ]
    api = [
        "/api/references",
        "/api/references/1",
        "/api/status",
        "/openapi.json",
        "/api/nothing",
        "/HEALTHZ",
        "/healthz/",
    ]
    posts = [
        "/api/ask",
        "/gradio_api/queue/join",
        "/gradio_api/upload",
        "/gradio_api/run/answer",
        "/gradio_api/cancel",
        "/login",
    ]
    return [("GET", path) for path in [*api, *chat, *gone]] + [("POST", path) for path in posts]


@pytest.mark.parametrize(("method", "path"), routes())
def test_every_route_wants_the_token(locked: str, method: str, path: str) -> None:
    for headers in (
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "right token"},
        {"authorization": "Basic right"},
        {"cookie": "citeback_session=right token"},
        {"cookie": "citeback_session="},
    ):
        response = httpx.request(method, locked + path, headers=headers)
        assert response.status_code == 401, (path, headers)
        assert "right token" not in response.text
    with httpx.stream(method, locked + path, headers={"authorization": "Bearer right token"}) as response:
        assert response.status_code != 401  # streamed: some of these routes never end


def every_route(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield method and path of each route of a running application, those of what is mounted in it too."""
    for route in app.routes:
        if hasattr(route, "original_router"):  # what FastAPI makes of include_router
            yield from every_route(route.original_router, prefix)
            continue
        path = prefix + re.sub(r"\{[^}]*\}", "1", getattr(route, "path", ""))
        for method in sorted(getattr(route, "methods", None) or {"WEBSOCKET", "GET"}):
            yield method, path or "/"
        inner = getattr(route, "app", None)
        while inner is not None and not hasattr(inner, "routes"):
            inner = getattr(inner, "_app", None)
        if inner is not None and hasattr(route, "app") and isinstance(route, Mount):
            yield from every_route(inner, path)


ROUTES = """
import json, sys
from pathlib import Path
import app
from index.config import Settings
from rag.api import open_api
from tests.test_guard import every_route
api, assistant = open_api(Settings(data=Path(sys.argv[1]), allow_rebuild=True))
print(json.dumps(sorted(set(every_route(app.mount(api, assistant))))))
"""


def test_no_route_of_the_running_app_is_reached_without_the_token(data: Path, locked: str) -> None:
    """Walk what the application itself says it has, the chat's routes and websockets among them."""
    told = subprocess.run(
        [sys.executable, "-c", ROUTES, str(data)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    routes = [tuple(route) for route in json.loads(told.stdout)]
    paths = {path for _, path in routes}
    assert len(routes) > 60 and paths >= {
        "/mcp",
        "/v1/models",
        "/metrics",
        "/api/rebuild",
        "/config",
        "/gradio_api/queue/join",
    }
    with httpx.Client(base_url=locked, timeout=30) as client:
        for method, path in routes:
            upgrade = {
                "connection": "Upgrade",
                "upgrade": "websocket",
                "sec-websocket-version": "13",
                "sec-websocket-key": "eA==",
            }
            asked = {} if method != "WEBSOCKET" else upgrade
            verb = "GET" if method == "WEBSOCKET" else method
            for headers in ({}, {"authorization": "Bearer wrong"}, {"cookie": "citeback_session=wrong"}):
                status = client.request(verb, path, headers=asked | headers).status_code
                assert status == (200 if (path, verb) in (("/healthz", "GET"), ("/healthz", "HEAD")) else 401), (
                    method,
                    path,
                )
            if verb in ("GET", "HEAD"):
                with client.stream(verb, path, headers=asked | {"authorization": "Bearer right token"}) as response:
                    assert response.status_code != 401, (method, path)


def test_health_is_told_without_the_token(locked: str) -> None:
    assert httpx.get(locked + "/healthz").json()["status"] == "ok"


def test_a_browser_gives_the_token_once_and_keeps_a_cookie_that_is_not_the_token(locked: str) -> None:
    with httpx.Client(base_url=locked, headers={"accept": "text/html"}) as browser:
        page = browser.get("/")
        assert page.status_code == 401 and '<form method="get"' in page.text
        assert browser.get("/?token=wrong").status_code == 401
        moved = browser.get("/?token=right+token&a=1")
        assert moved.status_code == 303 and moved.headers["location"] == "./?a=1"
        cookie = moved.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "right" not in cookie
        assert browser.get("/").status_code == 200


@pytest.mark.parametrize("path", ["//evil.test/%0d%0aSet-Cookie:a=b", "/\\evil.test", "//evil.test"])
def test_the_sign_in_never_leads_to_another_host(locked: str, path: str) -> None:
    parts = urlsplit(locked)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", f"{path}?token=right+token")
    response = connection.getresponse()
    assert response.getheader("location", "./").startswith("./")
    assert "evil.test\r" not in response.getheader("location", "./")
    connection.close()


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "127.0.0.1.evil.test",
        "evil.test:7860",
        "",
        "localhost.evil.test",
        "[",
        "127.0.0.1@evil.test",
        "evil@127.0.0.1",
    ],
)
def test_a_foreign_host_is_refused_on_loopback(client: httpx.Client, host: str) -> None:
    assert client.get("/api/status", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "https://127.0.0.1.evil.test", "http://127.0.0.1:1", "http://["]
)
@pytest.mark.parametrize("path", ["/api/ask", "/gradio_api/queue/join"])
def test_a_post_from_another_sites_page_is_refused(client: httpx.Client, path: str, origin: str) -> None:
    response = client.post(path, json={"question": "x"}, headers={"origin": origin})
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "path", ["/", "/api/status", "/api/references/1?format=html", "/api/nothing", "/theme.css", "/nothing"]
)
def test_every_response_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path, headers={"origin": client.base_url.__str__()}).headers
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=http://evil.test/",
        "/gradio_api/upload",
        "/gradio_api/run/answer",
        "/gradio_api/call/answer",
        "/gradio_api/process_recording",
    ],
)
def test_what_the_chat_does_not_need_does_not_exist(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, json={"data": []}).status_code == 404


def test_listening_beyond_loopback_without_a_token_is_refused(data: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.7", "example.org"):
        assert not is_loopback(host)
        with pytest.raises(UsageError, match="CITEBACK_API_TOKEN"):
            open_api(Settings(data=data, host=host))
    assert is_loopback("127.0.0.1") and is_loopback("::1") and is_loopback("localhost")


def test_behind_a_proxy_the_token_opens_under_any_name(locked: str) -> None:
    bearer = {"authorization": "Bearer right token"}
    assert httpx.get(f"{locked}/api/status", headers={"host": "ask.example.org", **bearer}).status_code == 200
    assert httpx.get(f"{locked}/api/status", headers={"host": "ask.example.org"}).status_code == 401


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (["--host", "0.0.0.0"], 2, "CITEBACK_API_TOKEN"),
        (["--host", "127.0.0.1", "--port", "TAKEN"], 2, "--port"),
        (["--data", "nowhere"], 1, "rebuild"),
    ],
)
def test_a_server_that_cannot_start_says_why_in_one_line(
    served: str, data: Path, tmp_path: Path, flags: list[str], code: int, words: str
) -> None:
    flags = [str(urlsplit(served).port) if flag == "TAKEN" else flag for flag in flags]
    command = [sys.executable, str(ROOT / "app.py"), "--data", str(data), *flags]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == code
    assert ended.stderr.startswith("citeback: ") and ended.stderr.count("\n") == 1 and words in ended.stderr


def test_the_page_is_calm_before_anything_of_gradio_runs(client: httpx.Client) -> None:
    """Gradio's counter of the page's loading asks for a frame sixty times a second as long as the page is open."""
    page = client.get("/").text
    assert 0 < page.index("window.requestAnimationFrame =") < page.index("gradio_config") < page.index("<script", page.index("gradio_config"))
    assert page.count("<script") == page.count('<script nonce="')
