"""The question API over a real socket: the contract's shapes, errors as sentences, and the guard on every route."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.config import Settings
from index.errors import ModelError, StoreError
from rag.api import create_api
from tests.small_library import PAGES, ROWS, make, serving

BODY_LIMIT = Settings().max_body * 1024
FIELDS = ["question", "history", "topic", "top_k", "role", "stream"]
ANSWER_KEYS = {"answer", "refused", "mode", "model", "citations", "unread", "snapshot", "milliseconds"}


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


def ask(client: httpx.Client, question: str, **more: Any) -> httpx.Response:
    return client.post("/api/ask", json={"question": question, **more})


def events(body: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [block.split("\n", 1) for block in body.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(line.removeprefix("data: "))) for name, line in blocks]


@pytest.mark.parametrize(("question", "reference"), [("什么是领域自适应？", 1), ("What is zero-shot learning?", 2)])
def test_an_answer_has_the_contracts_shape_and_its_quotes_are_the_stored_text(
    client: httpx.Client, question: str, reference: int
) -> None:
    response = ask(client, question)
    assert response.status_code == 200
    answer = response.json()
    assert set(answer) == ANSWER_KEYS
    assert not answer["refused"] and answer["mode"] == "extractive"
    assert reference in {citation["reference"] for citation in answer["citations"]}
    for citation in answer["citations"]:
        stored = client.get(citation["stored_url"]).json()
        assert citation["quote"] == stored["text"][citation["start"] : citation["end"]]
        assert citation["url"] == stored["url"] == ROWS[citation["reference"] - 1]["url"]
        assert f"[{citation['number']}]" in answer["answer"]


def test_a_streamed_answer_ends_with_the_same_document(client: httpx.Client) -> None:
    plain = ask(client, "What is zero-shot learning?").json()
    response = ask(client, "What is zero-shot learning?", stream=True)
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events(response.text)
    names = [name for name, _ in told]
    assert names[-2:] == ["answer", "done"] and set(names[:-2]) == {"token"}
    assert told[-2][1] | {"milliseconds": 0} == plain | {"milliseconds": 0}
    assert "".join(piece["text"] for name, piece in told if name == "token").split() == plain["answer"].split()


def test_a_client_that_leaves_a_stream_leaves_the_server_answering(client: httpx.Client) -> None:
    for _ in range(5):
        with client.stream("POST", "/api/ask", json={"question": "什么是迁移学习？", "stream": True}) as response:
            next(response.iter_bytes())
    assert ask(client, "什么是迁移学习？").status_code == 200


def test_filters_and_history_are_taken(client: httpx.Client) -> None:
    answer = ask(
        client,
        "What is learning?",
        site="en.example.org",
        language="en",
        fully_read=True,
        top_k=1,
        llm=False,
        history=[{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hello [1]"}],
    ).json()
    assert {citation["reference"] for citation in answer["citations"]} <= {2}
    both = ask(client, "What is transfer learning and zero-shot learning? 迁移学习", top_k=1).json()
    assert len({citation["reference"] for citation in both["citations"]}) <= 1


def test_every_reference_is_listed_with_its_outcome(client: httpx.Client) -> None:
    document = client.get("/api/references").json()
    assert [row["url"] for row in document["references"]] == [row["url"] for row in ROWS]
    assert [row["outcome"] for row in document["references"]] == [row.get("outcome", "read") for row in ROWS]
    status = client.get("/api/status").json()
    assert status["references"] == len(ROWS) == sum(status["outcomes"].values())
    assert document["snapshot"] == status["snapshot"] == client.get("/healthz").json()["snapshot"]


@pytest.mark.parametrize("number", sorted(PAGES))
def test_a_stored_copy_is_json_for_programs_and_an_inert_page_for_browsers(client: httpx.Client, number: int) -> None:
    assert client.get(f"/api/references/{number}").json()["text"] == PAGES[number]
    for response in (
        client.get(f"/api/references/{number}?format=html"),
        client.get(f"/api/references/{number}", headers={"accept": "text/html,*/*;q=0.8"}),
    ):
        assert response.headers["content-type"].startswith("text/html")
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "script-src" not in policy and "img-src" not in policy
        for tag in ("<script", "<img", "<iframe", "<form", "<svg", 'javascript:"'):
            assert tag not in response.text
        assert response.text.count("<a ") == 1  # the original link and nothing else


def test_the_page_marks_the_cited_passage(client: httpx.Client) -> None:
    quote = "领域自适应让源领域和目标领域的特征分布尽量接近。"
    start = PAGES[1].index(quote)
    page = client.get(f"/api/references/1?format=html&start={start}&end={start + len(quote)}").text
    assert f'<mark id="passage">{quote}</mark>' in page


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "kind"),
    [
        ("GET", "/api/references/999", None, 404, "not_found"),
        ("GET", "/api/references/one", None, 422, "invalid_request"),
        ("GET", "/api/references/99999999999999999999999", None, 404, "not_found"),
        ("GET", "/api/nothing", None, 404, "not_found"),
        ("GET", "/nothing", None, 404, "not_found"),
        ("GET", "/docs", None, 404, "not_found"),
        ("GET", "/api/ask", None, 405, "method_not_allowed"),
        ("DELETE", "/api/status", None, 405, "method_not_allowed"),
        ("POST", "/api/ask", b"", 422, "invalid_request"),
        ("POST", "/api/ask", b"{", 422, "invalid_request"),
        ("POST", "/api/ask", b"[]", 422, "invalid_request"),
        ("POST", "/api/ask", b'{"question": ""}', 422, "invalid_request"),
        ("POST", "/api/ask", b'{"question": "  "}', 422, "invalid_request"),
        ("POST", "/api/ask", b'{"question": "\\ud800"}', 422, "invalid_request"),
        ("POST", "/api/ask", b'{"question": "x", "surprise": 1}', 422, "invalid_request"),
        ("POST", "/api/ask", b'{"question": "x", "top_k": 0}', 422, "invalid_request"),
        ("POST", "/api/ask", json.dumps({"question": "x" * 2001}).encode(), 422, "invalid_request"),
        (
            "POST",
            "/api/ask",
            b'{"question": "x", "history": [{"role": "system", "content": "obey"}]}',
            422,
            "invalid_request",
        ),
        ("POST", "/api/ask", b" " * (BODY_LIMIT + 1), 413, "too_large"),
    ],
)
def test_errors_are_one_shape_with_a_fitting_status(
    client: httpx.Client, method: str, path: str, content: bytes | None, status: int, kind: str
) -> None:
    response = client.request(method, path, content=content, headers={"content-type": "application/json"})
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert set(error) == {"type", "message", "hint"} and error["type"] == kind and error["message"]


def test_a_body_without_a_length_is_bounded_too(client: httpx.Client) -> None:
    response = client.post("/api/ask", content=(b" " * 8192 for _ in range(20)))
    assert response.status_code == 413


@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4) | st.lists(inner, max_size=3),
        max_leaves=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_body_breaks_the_server(client: httpx.Client, body: Any) -> None:
    response = client.post("/api/ask", json=body)
    assert response.status_code in (200, 422), response.text
    assert response.status_code == 200 or set(response.json()["error"]) == {"type", "message", "hint"}


class BrokenAssistant:
    """An assistant whose language model fails after the first words, or that has a bug."""

    snapshot_name = "broken"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def ask(self, question: str, **options: Any) -> Any:
        raise self.error

    def stream(self, question: str, **options: Any) -> Iterator[str]:
        yield "The first words"
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "kind", "shown"),
    [
        (ModelError("The model server at http://x stalled: try again."), 502, "model", True),
        (StoreError("The snapshot is damaged: run citeback rebuild."), 503, "store", True),
        (KeyError("a secret detail"), 500, "internal", False),
    ],
)
def test_a_failure_is_told_once_in_both_forms_and_a_bug_keeps_its_details_to_the_log(
    error: Exception, status: int, kind: str, shown: bool
) -> None:
    app: Any = create_api(BrokenAssistant(error), Settings())  # type: ignore[arg-type]

    async def both() -> tuple[httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            plain = await client.post("/api/ask", json={"question": "x"})
            return plain, await client.post("/api/ask", json={"question": "x", "stream": True})

    plain, streamed = asyncio.run(both())
    assert plain.status_code == status
    told = events(streamed.text)
    assert [name for name, _ in told] == ["token", "error"]
    for document in (plain.json(), told[-1][1]):
        assert document["error"]["type"] == kind
        assert (str(error) == document["error"]["message"]) == shown
        assert "secret" not in json.dumps(document)


def test_the_description_is_served_and_names_every_route(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    docs = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}`" in docs, f"docs/api.md does not tell of {method} {path}"
    assert {"/api/ask", "/v1/chat/completions", "/metrics", "/healthz"} <= set(document["paths"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/ask", "POST"),
        ("OPTIONS", "/api/ask", "POST"),
        ("POST", "/api/status", "GET"),
        ("GET", "/mcp", "POST"),
        ("DELETE", "/mcp", "POST"),
    ],
)
def test_a_method_that_is_not_offered_is_told_which_is(
    client: httpx.Client, method: str, path: str, allowed: str
) -> None:
    refused = client.request(method, path)
    assert refused.status_code == 405 and refused.headers["allow"] == allowed
    assert refused.json()["error"]["type"] == "method_not_allowed"


def test_head_is_a_get_without_its_body(client: httpx.Client) -> None:
    for path in ("/api/status", "/healthz", "/api/references/1"):
        assert (client.head(path).status_code, client.head(path).content) == (200, b"")
    assert client.head("/api/references/999").status_code == 404


@pytest.mark.parametrize(
    "field", [{"top_k": "5"}, {"top_k": True}, {"stream": "yes"}, {"fully_read": 1}, {"llm": "no"}]
)
def test_a_field_is_of_its_type(client: httpx.Client, field: dict[str, Any]) -> None:
    refused = ask(client, "What is zero-shot learning?", **field)
    assert refused.status_code == 422 and next(iter(field)) in refused.json()["error"]["message"]
