"""Every documented route against its own description: schemathesis finds no 5xx and no answer outside the schema."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator
from typing import Any

import httpx
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

from tests.small_library import make, serving

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
EXAMPLES = 100


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(make(tmp_path_factory.mktemp("library")), environment={"CITEBACK_REQUEST_LOG": "off"}) as server:
        yield server


def test_no_answer_is_outside_the_description(served: str) -> None:
    schema: Any = schemathesis.openapi.from_url(f"{served}/openapi.json")
    tried = set()
    for operation in (result.ok() for result in schema.get_all_operations()):
        tried.add(operation.label)
        for mode in schemathesis.GenerationMode:

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def run(case: Any) -> None:
                case.call_and_validate(checks=CHECKS)

            with contextlib.suppress(Unsatisfiable):  # a route that takes nothing cannot be asked wrongly
                given(case=operation.as_strategy(generation_mode=mode))(run)()
    assert {"POST /api/ask", "POST /v1/chat/completions", "GET /api/references/{number}", "GET /metrics"} <= tried
    assert httpx.get(f"{served}/healthz").json()["ready"]


def test_bytes_that_are_no_request_leave_the_server_answering(served: str) -> None:
    """Two hundred cut, mixed and random requests on raw sockets."""
    port, chance = int(served.rpartition(":")[2]), random.Random(7)
    whole = b'POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{"question": "x"}'
    for _ in range(200):
        raw = bytearray(whole[: chance.randrange(len(whole) + 1)])
        for _ in range(chance.randrange(6)):
            if raw:
                raw[chance.randrange(len(raw))] = chance.randrange(256)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(bytes(raw))
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(10)
            answer = connection.recv(64)
            assert not answer or (answer.startswith(b"HTTP/1.1 ") and not answer.startswith(b"HTTP/1.1 5")), (
                raw,
                answer,
            )
    assert httpx.get(f"{served}/healthz").json()["ready"]
