"""How much may be asked, and how long a request may take to come in: what needs no running server."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from index.config import Settings
from index.errors import UsageError
from rag import Assistant
from rag.api import create_api
from rag.limits import Rate
from tests.small_library import make


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("limits"))


def test_a_bucket_fills_evenly_and_each_client_has_its_own() -> None:
    now = 100.0
    rate = Rate(6, clock=lambda: now)
    assert [rate.wait("a") for _ in range(6)] == [0.0] * 6
    assert rate.wait("a") == pytest.approx(10.0)
    assert rate.wait("b") == 0.0
    now += 10
    assert (rate.wait("a"), rate.wait("a") > 9) == (0.0, True)
    now += 3600
    assert [rate.wait("a") > 0 for _ in range(7)] == [False] * 6 + [True]


@pytest.mark.parametrize(
    ("question", "options", "words"),
    [
        (None, {}, "text, not NoneType"), (5, {}, "text, not int"), ("x" * 2001, {}, "over 2,000 characters"),
        ("q", {"language": "fr"}, "'fr'"), ("q", {"top_k": 0}, "not 0"),
    ],
)  # fmt: skip
def test_a_program_is_told_what_cannot_be_asked(data: Path, question: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        Assistant.open(data).ask(question, **options)


def test_a_body_that_stops_coming_is_not_waited_for(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.guard.SILENT_SECONDS", 0.05)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if not sent:
            sent.append(None)
            return {"type": "http.request", "body": b"{", "more_body": True}
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/api/ask", "query_string": b"", "headers": [(b"host", b"127.0.0.1")],
        "scheme": "http", "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1), "http_version": "1.1",
    }  # fmt: skip
    application = create_api(Assistant.open(data), Settings(data=data))
    asyncio.run(asyncio.wait_for(application(scope, receive, send), 10))
    assert sent[1]["status"] == 408 and b"timeout" in sent[2]["body"]
