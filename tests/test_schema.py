"""Every documented route against its own description: schemathesis finds no 5xx and no answer outside the schema."""

from __future__ import annotations

import contextlib
import json
import random
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from index.config import load_settings
from rag import examples
from rag.api import open_api
from rag.watch import ROUTES
from tests.small_library import make, serving

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
EXAMPLES, FEWER = 100, 25


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(make(tmp_path_factory.mktemp("library")), environment={"CITEBACK_REQUEST_LOG": "off"}) as server:
        yield server


def test_no_answer_is_outside_the_description(served: str) -> None:
    tried = _asked_of_all(served, EXAMPLES, lambda path: True)
    assert {"POST /api/ask", "POST /v1/chat/completions", "GET /api/references/{number}", "GET /metrics"} <= tried


def test_no_answer_of_a_server_that_may_rebuild_is(tmp_path: Path) -> None:
    make(tmp_path)
    rebuilding = ("/api/rebuild", "/api/rollback", "/api/pages")
    with serving(tmp_path, flags=["--allow-rebuild"], environment={"CITEBACK_REQUEST_LOG": "off"}) as server:
        tried = _asked_of_all(server, FEWER, lambda path: path in rebuilding)
        httpx.delete(f"{server}/api/rebuild", timeout=60)
    assert {
        "POST /api/rebuild",
        "GET /api/rebuild",
        "DELETE /api/rebuild",
        "POST /api/rollback",
        "POST /api/pages",
    } == tried


def _asked_of_all(server: str, examples: int, wanted: Callable[[str], bool]) -> set[str]:
    """Ask the routes wanted, rightly and wrongly; return which those were."""
    schema: Any = schemathesis.openapi.from_url(f"{server}/openapi.json")
    tried = set()
    for operation in (result.ok() for result in schema.get_all_operations()):
        if not wanted(operation.path):
            continue
        tried.add(operation.label)
        for mode in schemathesis.GenerationMode:

            @settings(
                max_examples=examples,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def run(case: Any) -> None:
                if (
                    case.path == "/api/rebuild"
                    and isinstance(case.body, dict)
                    and {"lists", "offline"} & set(case.body)
                ):
                    case.body = case.body | {"lists": [], "offline": True}  # addresses made up are not asked for
                case.call_and_validate(checks=CHECKS)

            with contextlib.suppress(Unsatisfiable):  # a route that takes nothing cannot be asked wrongly
                given(case=operation.as_strategy(generation_mode=mode))(run)()
    assert httpx.get(f"{server}/healthz").json()["ready"]
    return tried


def test_two_thousand_requests_that_are_none_leave_the_server_answering(served: str) -> None:
    """Half of them cut, mixed and random bytes on raw sockets, half whole requests whose JSON is spoilt."""
    port, chance = int(served.rpartition(":")[2]), random.Random(7)
    whole = b'POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{"question": "x"}'
    for _ in range(1000):
        raw = _spoilt(whole[: chance.randrange(len(whole) + 1)], chance)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(10)
            answer = connection.recv(64)
            assert not answer or (answer.startswith(b"HTTP/1.1 ") and not answer.startswith(b"HTTP/1.1 5")), (
                raw,
                answer,
            )
    bodies = {
        "/api/ask": b'{"question": "x", "history": [{"role": "user", "content": "y"}], "top_k": 3}',
        "/v1/chat/completions": b'{"model": "citeback", "messages": [{"role": "user", "content": "x"}], "stream": false}',
        "/mcp": b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": "x"}}}',
    }
    with httpx.Client(base_url=served, headers={"content-type": "application/json"}, timeout=30) as client:
        for number in range(1000):
            path = list(bodies)[number % len(bodies)]
            body = _spoilt(bodies[path], chance)
            assert client.post(path, content=body).status_code < 500, (path, body)
    assert httpx.get(f"{served}/healthz").json()["ready"]


def _spoilt(raw: bytes, chance: random.Random) -> bytes:
    """Return some bytes with a few of them others, one place cut out, or nothing changed at all."""
    spoilt = bytearray(raw)
    for _ in range(chance.randrange(6)):
        if spoilt:
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    if spoilt and chance.random() < 0.3:
        first = chance.randrange(len(spoilt))
        del spoilt[first : first + chance.randrange(20)]
    return bytes(spoilt)


def test_every_reference_of_the_description_leads_somewhere_and_every_response_has_an_example(tmp_path: Path) -> None:
    opened = load_settings(data=make(tmp_path), api_token="a token", allow_rebuild=True)
    document = open_api(opened)[0].openapi()
    schemas = document["components"]["schemas"]
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert {"Message", "Part", "Answer"} <= wanted <= set(schemas)
    assert (
        document["security"] == [{"token": []}]
        and document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    )
    seen = set()
    for path in document["paths"].values():
        for response in (response for operation in path.values() for response in operation["responses"].values()):
            content = response.get("content", {}).get("application/json")
            if content:
                whole = {**content["schema"], "components": document["components"]}
                jsonschema.validate(content["example"], whole)
                seen.add(content["schema"]["$ref"].rsplit("/", 1)[-1])
    assert seen == set(examples.EXAMPLES)
    assert {path for path in document["paths"] if "{" not in path} | {"/mcp"} == ROUTES
