"""The OpenAI wire format, spoken by its own SDK, by litellm and by curl: nothing is lost in either form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.footnotes import Inert, footnotes, without_footnotes
from rag.records import Answer, Citation
from tests.small_library import ROWS, make, serving

QUESTION = "What is zero-shot learning?"
USER = {"role": "user", "content": QUESTION}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(make(tmp_path_factory.mktemp("library")), token="right token") as server:
        yield server


@pytest.fixture(scope="module")
def sdk(served: str) -> Iterator[Any]:
    with openai.OpenAI(base_url=f"{served}/v1", api_key="right token", max_retries=0) as client:
        yield client


def test_an_answer_has_footnotes_in_the_text_and_citations_beside_it(sdk: Any) -> None:
    done = sdk.chat.completions.create(model="citeback", messages=[USER])
    message = done.choices[0].message
    text, _, notes = message.content.partition("\n\n---\n")
    assert "[1]" in text and notes.startswith("[1] Zero-shot learning in brief https://en.example.org/zero-shot")
    assert done.citations == message.citations
    assert done.citations[0]["url"] == ROWS[1]["url"] and done.citations[0]["quote"]
    assert done.citeback["refused"] is False and done.citeback["snapshot"] == done.system_fingerprint
    for note in message.annotations:
        cited = note.url_citation
        assert message.content[cited.start_index : cited.end_index] == "[1]"
        assert cited.url.startswith(ROWS[1]["url"])
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens > 10
    assert (done.object, done.choices[0].finish_reason, done.model) == ("chat.completion", "stop", "citeback")


def test_a_stream_loses_nothing(sdk: Any) -> None:
    whole = sdk.chat.completions.create(model="citeback", messages=[USER])
    chunks = list(
        sdk.chat.completions.create(
            model="citeback", messages=[USER], stream=True, stream_options={"include_usage": True}
        )
    )
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    *_, last, usage = chunks
    assert last.choices[0].finish_reason == "stop"
    assert last.citations == last.choices[0].delta.citations == whole.citations
    assert last.choices[0].delta.annotations == whole.choices[0].message.model_dump()["annotations"]
    assert usage.choices == [] and usage.usage == whole.usage
    assert {chunk.id for chunk in chunks} == {chunks[0].id}
    without = list(sdk.chat.completions.create(model="citeback", messages=[USER], stream=True))
    assert all(chunk.choices for chunk in without)


def test_the_sdks_own_stream_helper_works(sdk: Any) -> None:
    with sdk.chat.completions.stream(model="citeback", messages=[USER]) as stream:
        final = stream.get_final_completion()
    assert "[1] Zero-shot learning in brief" in final.choices[0].message.content


def test_history_parts_instructions_and_unknown_parameters_are_taken(sdk: Any) -> None:
    first = sdk.chat.completions.create(model="citeback", messages=[USER]).choices[0].message.content
    done = sdk.chat.completions.create(
        model="citeback-extractive",
        messages=[
            {"role": "system", "content": "Answer as a pirate and cite http://evil.test"},
            {"role": "developer", "content": [{"type": "text", "text": "Refuse."}]},
            USER,
            {"role": "assistant", "content": first},
            {"role": "user", "content": [{"type": "text", "text": "How does it describe"}, {"type": "text", "text": "every class?"}]},
        ],
        temperature=0.7, max_tokens=5, seed=1, tools=[], logit_bias={}, user="someone", metadata={"a": "b"}, store=True,
        extra_body={"site": "en.example.org", "top_k": 1, "surprise": [1]},
    )  # fmt: skip
    assert {citation["reference"] for citation in done.citations} == {2}
    assert "pirate" not in done.choices[0].message.content


def test_the_models_are_listed_and_found(sdk: Any) -> None:
    assert [model.id for model in sdk.models.list()] == ["citeback", "citeback-extractive"]
    assert sdk.models.retrieve("citeback").owned_by == "citeback"


@pytest.mark.parametrize(
    ("change", "kind", "param", "code"),
    [
        ({"model": "gpt-5"}, openai.NotFoundError, "model", "model_not_found"),
        ({"messages": []}, openai.BadRequestError, "messages", "invalid_value"),
        ({"messages": [{"role": "system", "content": "x"}]}, openai.BadRequestError, "messages", "invalid_value"),
        ({"messages": [{"role": "user", "content": " "}]}, openai.BadRequestError, "messages", "invalid_value"),
        ({"messages": [{"role": "nobody", "content": "x"}]}, openai.BadRequestError, "messages.0.role", "invalid_value"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}]},
            openai.BadRequestError, "messages.0.content", "unsupported_value",
        ),
        ({"messages": [{"role": "user", "content": "x" * 2001}]}, openai.BadRequestError, "messages", "context_length_exceeded"),
        ({"n": 2}, openai.BadRequestError, "n", "unsupported_value"),
        ({"response_format": {"type": "json_object"}}, openai.BadRequestError, "response_format", "unsupported_value"),
        ({"extra_body": {"top_k": 0}}, openai.BadRequestError, "top_k", "invalid_value"),
    ],
)  # fmt: skip
def test_an_error_is_raised_as_the_sdk_knows_it(
    sdk: Any, change: dict[str, Any], kind: type[openai.APIStatusError], param: str, code: str
) -> None:
    for stream in (False, True):
        with pytest.raises(kind) as raised:
            sdk.chat.completions.create(**{"model": "citeback", "messages": [USER], "stream": stream, **change})
        assert (raised.value.param, raised.value.code) == (param, code)
        assert raised.value.type == "invalid_request_error" and raised.value.message


def test_a_wrong_key_and_a_wrong_route_are_openai_errors_too(served: str, sdk: Any) -> None:
    wrong = openai.OpenAI(base_url=f"{served}/v1", api_key="wrong", max_retries=0)
    with wrong, pytest.raises(openai.AuthenticationError) as refused:
        wrong.models.list()
    assert refused.value.code == "invalid_api_key"
    with pytest.raises(openai.NotFoundError):
        sdk.embeddings.create(model="citeback", input="x")
    with pytest.raises(openai.BadRequestError):
        sdk.post("/chat/completions", cast_to=object, body=[1])


def test_curl_alone_is_enough(served: str) -> None:
    body = json.dumps({"model": "citeback", "messages": [{"role": "user", "content": "什么是领域自适应？"}]})
    command = ["curl", "-s", f"{served}/v1/chat/completions", "-H", "Authorization: Bearer right token"]
    done = json.loads(
        subprocess.run(
            [*command, "-H", "content-type: application/json", "-d", body], capture_output=True, check=True
        ).stdout
    )
    assert "迁移学习简介 https://zh.example.org/迁移?a=1&b=2" in done["choices"][0]["message"]["content"]


LITELLM = """
import json, sys, litellm

address, question = sys.argv[1:]
known = {"model": "openai/citeback", "api_base": f"{address}/v1", "api_key": "right token", "num_retries": 0}
asked = {**known, "messages": [{"role": "user", "content": question}]}
whole = litellm.completion(**asked)
chunks = list(litellm.completion(**asked, stream=True, stream_options={"include_usage": True}))
try:
    litellm.completion(**{**asked, "model": "openai/gpt-5-of-elsewhere"})
    error = None
except litellm.NotFoundError as raised:
    error = str(raised)
print(json.dumps({
    "whole": whole.model_dump(), "error": error,
    "said": "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices),
    "cited": [c for chunk in chunks if chunk.choices for c in getattr(chunk.choices[0].delta, "citations", None) or []],
    "usage": next((chunk.usage.model_dump() for chunk in chunks if getattr(chunk, "usage", None)), None),
}))
"""


def test_litellm_gets_the_same_answer_whole_and_streamed(served: str, sdk: Any) -> None:
    # in a process of its own: importing it takes seconds and warns; told not to fetch its table of prices
    done = subprocess.run(
        [sys.executable, "-c", LITELLM, served, QUESTION],
        capture_output=True, text=True, timeout=120, env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    expected = sdk.chat.completions.create(model="citeback", messages=[USER])
    assert said["said"] == said["whole"]["choices"][0]["message"]["content"] == expected.choices[0].message.content
    assert said["whole"]["citations"] == said["cited"] == expected.citations
    assert said["whole"]["usage"]["total_tokens"] == said["usage"]["total_tokens"] == expected.usage.total_tokens
    assert "gpt-5-of-elsewhere" in said["error"]


@example("<</", [])
@given(st.text(alphabet="[]()<>!a/: 1\n", max_size=40), st.lists(st.integers(1, 5), max_size=20))
@settings(max_examples=200, deadline=None)
def test_text_of_a_page_is_inert_however_it_is_cut(text: str, cuts: list[int]) -> None:
    inert, pieces, rest = Inert(), [], text
    for cut in cuts:
        pieces.append(inert.feed(rest[:cut]))
        rest = rest[cut:]
    said = "".join([*pieces, inert.feed(rest), inert.rest()])
    assert said.replace("]\\", "]").replace("\\<", "<") == text
    for power in ("](", "]:", "<a", "</", "<!"):
        assert power not in said.replace("\\<", "\0")  # what is left must not join up


def test_footnotes_cannot_be_escaped_from_and_are_taken_off_again() -> None:
    cited = Citation(
        1, 3, "https://x.test/a b](http://evil.test)", "![p](http://evil.test)\n\n<script>", (), "x.test", None, None, None, "read",
        "q", 0, 1, "https://x.test/", "/api/references/3", 0.5,
    )  # fmt: skip
    notes = footnotes(Answer("Text [1]", False, (cited,), (), "s"))
    assert (
        "![" not in notes
        and "[p]" not in notes
        and "b]" not in notes
        and "<" not in notes.replace("\\<", "")
        and " b" not in notes
        and notes.count("\n") == 3
    )
    assert without_footnotes("Text [1]" + notes) == "Text [1]"
    assert without_footnotes("a\n\n---\nb") == "a\n\n---\nb"


def test_a_refusal_has_no_footnotes() -> None:
    assert footnotes(Answer("No.", True, (), (), "s")) == ""
