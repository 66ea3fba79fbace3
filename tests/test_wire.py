"""What real OpenAI-compatible servers put on the wire (OpenAI, llama.cpp, Ollama, vLLM, OpenRouter), read by rag.llm."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ModelError
from rag.llm import LanguageModel
from rag.trouble import trouble
from tests.model_server import model_server

ASK = [{"role": "user", "content": "?"}]


def chunk(delta: Any, finish: str | None = None, **more: Any) -> str:
    document = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", **more}
    document["choices"] = [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n"


ROLE, END, DONE = chunk({"role": "assistant", "content": ""}), chunk({}, "stop"), "data: [DONE]\n\n"
USAGE = 'data: {"id": "c", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}\n\n'


def heard(body: str) -> str:
    with model_server(lambda messages: body, trouble="raw") as server:
        return "".join(LanguageModel(server.url, model="m", timeout=2).stream(ASK))


@pytest.mark.parametrize(
    "body",
    [
        ROLE + chunk({"content": "It "}) + chunk({"content": "works."}) + END + USAGE + DONE,
        ROLE + chunk({"role": "assistant", "content": "It works."}) + chunk({"content": ""}, "stop") + DONE,
        chunk({"role": "assistant", "content": None}) + chunk({"content": "It works."}, "length") + DONE,
        ROLE + chunk({"reasoning_content": "hm"}) + chunk({"content": "It works."}) + END + DONE,
        ROLE + chunk({"reasoning": "hm", "content": ""}) + chunk({"content": "It works."}, error=None) + END + DONE,
        ": OPENROUTER PROCESSING\n\n" + ROLE + ": ping\n\n" + chunk({"content": "It works."}) + END + DONE,
        (ROLE + chunk({"content": "It works."}) + END + DONE).replace("\n", "\r\n"),
        (ROLE + chunk({"content": "It works."}) + END + DONE).replace("data: ", "data:"),
        "event: message\nid: 1\n" + chunk({"content": "It works."}) + "retry: 10\n" + END + "data: [DONE]",
        chunk({"content": "It works."}) + END,
        chunk({"content": "It works."}) + END.rstrip("\n"),
        chunk({"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": "It works."}]}) + END + DONE,
        chunk({"content": "<think>It "})
        + chunk({"content": "is</thi"})
        + chunk({"content": "nk>It works."})
        + END
        + DONE,
    ],
)
def test_every_way_to_stream_is_read(body: str) -> None:
    """Role-only and empty deltas, usage, reasoning, comments, CRLF, no space, no last newline, null errors, content parts."""
    assert heard(body) == "It works."


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (ROLE + chunk({"content": "It"}) + 'data: {"error": {"message": "overloaded", "code": 503}}\n\n', "reported an error"),
        (ROLE + 'error: {"code": 500, "message": "slot"}\n\n', "reported an error"),
        ('data: {"error": "model not found"}\n\n', "reported an error"),
        (ROLE + chunk({"content": "It"}), "broke off"),
        (ROLE + END + DONE, "empty answer"),
        (ROLE + "data: {oops\n\n", "not JSON"),
    ],
)  # fmt: skip
def test_every_way_to_fail_is_one_line_without_the_servers_words(body: str, why: str) -> None:
    with pytest.raises(ModelError, match=why) as raised:
        heard(body)
    assert "\n" not in str(raised.value)
    assert "overloaded" not in str(raised.value)
    assert trouble(raised.value, "en") == str(raised.value)
    assert re.fullmatch(r"127\.0\.0\.1:\d+ 的语言模型[\u4e00-\u9fff ]+(?:JSON)?。", trouble(raised.value, "zh"))


def test_an_error_that_comes_with_http_200_and_as_json_is_an_error() -> None:
    with model_server(lambda messages: "", trouble="error 200") as server, pytest.raises(ModelError, match="an error"):
        list(LanguageModel(server.url, model="m", timeout=2).stream(ASK))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), min_size=1, max_size=5))
def test_any_words_arrive_as_they_were_said(pieces: list[str]) -> None:
    text = "".join(pieces).replace("<think>", "")
    body = ROLE + "".join(chunk({"content": piece}) for piece in pieces) + END + DONE
    if text and text == "".join(pieces):
        assert heard(body) == text
