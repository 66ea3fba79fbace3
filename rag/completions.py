"""The OpenAI wire format: /v1/chat/completions, whole or streamed, and /v1/models. Knows no retrieval.

The last user message is the question, what stands before it the history. Instructions (system messages) and sampling
parameters are accepted and have no effect: an answer is made of the sources, whoever asks.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import CitebackError
from rag import shapes
from rag.asking import Asking, Threads
from rag.failures import failure
from rag.footnotes import Inert, footnotes, url_citations, without_footnotes
from rag.metrics import Metrics
from rag.records import Answer
from rag.reply import wire_error
from rag.rest import INTERNAL, STREAM, note
from rag.watch import NOTES

if TYPE_CHECKING:
    from index.config import Settings
    from rag.assistant import Assistant

MODEL, EXTRACTIVE = "citeback", "citeback-extractive"
_TURN_LENGTH = 20_000
_HAN_PER_TOKEN, _OTHER_PER_TOKEN = 1.0, 4.0
log = logging.getLogger(__name__)


class Part(BaseModel):
    """A part of a message; only text can be read."""

    model_config = ConfigDict(extra="allow")
    type: str
    text: str | None = None


class Message(BaseModel):
    """One message of a conversation; fields that OpenAI knows and citeback has no use for are accepted."""

    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def words(self) -> str:
        """Return the message's text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class StreamOptions(BaseModel):
    """What comes with a stream."""

    model_config = ConfigDict(extra="allow")
    include_usage: bool | None = None


class CompletionBody(BaseModel):
    """OpenAI's request; `topic`, `site`, `language`, `fully_read` and `top_k` are citeback's own (`extra_body` in its SDK)."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"model": MODEL, "messages": [{"role": "user", "content": "什么是迁移学习？"}]}]
        },
    )
    model: str
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    response_format: dict[str, Any] | None = None
    topic: Annotated[str, Field(max_length=500)] | None = None
    site: Annotated[str, Field(max_length=300)] | None = None
    language: Literal["zh", "en"] | None = None
    fully_read: bool | None = None
    top_k: Annotated[int, Field(ge=1, le=50)] | None = None


class Completion(BaseModel):
    """OpenAI's response; `citations` and `citeback` (the rest of the answer) stand beside it."""

    model_config = ConfigDict(extra="allow")
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, Any]
    citations: list[shapes.Citation]
    citeback: dict[str, Any]


class Model(BaseModel):
    """One model name."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class Models(BaseModel):
    """The names that may be asked for."""

    object: Literal["list"]
    data: list[Model]


class WireRefusalError(Exception):
    """A request that cannot be answered, in OpenAI's words."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.document = wire_error(status, "invalid_value", message, param=param, code=code)


def completion_routes(assistant: Assistant, settings: Settings, metrics: Metrics, threads: Threads) -> APIRouter:
    """Return the routes over one assistant."""
    failures: dict[int | str, dict[str, Any]] = {
        code: {"model": shapes.WireError} for code in (400, 401, 403, 404, 413, 422, 429, 500, 502, 503)
    }
    router = APIRouter(prefix="/v1", tags=["openai"], responses=failures)
    asking = Asking(assistant, metrics, threads, "openai")
    created = int(time.time())

    @router.get("/models", summary="The model names that may be asked for")
    def models() -> Models:
        return Models(object="list", data=[_model(name, created) for name in (MODEL, EXTRACTIVE)])

    @router.get("/models/{name}", summary="One model name")
    def model(name: str) -> Model:
        _known(name)
        return _model(name, created)

    @router.post(
        "/chat/completions",
        summary="Answer the last message of a conversation, with footnotes and citations",
        responses={200: {"model": Completion, "content": {"text/event-stream": {"schema": {"type": "string"}}}}},
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": CompletionBody.model_json_schema(ref_template="#/components/schemas/{model}")
                    }
                },
            }
        },
    )
    async def complete(request: Request) -> Response:
        body = _parsed(await request.body())
        _known(body.model)
        question, options = _asked(body, settings)
        notes = request.scope.get(NOTES, {})
        notes["question"] = question
        head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": body.model}
        asked = _tokens(" ".join(message.words() for message in body.messages))
        if body.stream:
            usage = bool(body.stream_options and body.stream_options.include_usage)
            chunks = _chunks(asking, question, options, head, asked, usage=usage, notes=notes)
            return StreamingResponse(chunks, media_type="text/event-stream", headers=STREAM)
        answer = await asking.answer(request.receive, question, **options)
        if answer is None:
            return Response(status_code=499)
        note(notes, answer)
        inert = Inert()
        text = inert.feed(answer.text) + inert.rest()
        content = text + footnotes(answer)
        message = {
            "role": "assistant", "content": content, "refusal": None, "annotations": url_citations(text, answer),
            "citations": answer.as_json()["citations"],
        }  # fmt: skip
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return JSONResponse(
            {**head, "object": "chat.completion", "system_fingerprint": answer.snapshot, "choices": [choice],
             "usage": _usage(asked, content), **_beside(answer)}
        )  # fmt: skip

    return router


async def _chunks(
    asking: Asking, question: str, options: dict[str, Any], head: dict[str, Any], asked: int, *, usage: bool, notes: dict[str, Any]
) -> AsyncIterator[str]:  # fmt: skip
    """Yield OpenAI's chunks; the last with a choice has the citations, one without choices the usage where it is wanted."""

    def chunk(delta: dict[str, Any], finish: str | None = None, **beside: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        document = {**head, "object": "chat.completion.chunk", "choices": [choice], **beside}
        return _data(document | ({"usage": None} if usage else {}))

    inert, said = Inert(), ""
    try:
        yield chunk({"role": "assistant", "content": "", "refusal": None})
        async with contextlib.aclosing(asking.stream(question, **options)) as pieces:
            async for piece in pieces:
                if not isinstance(piece, Answer):
                    if text := inert.feed(piece):
                        said += text
                        yield chunk({"content": text})
                    continue
                note(notes, piece)
                text, end = inert.rest(), footnotes(piece)
                whole = said + text
                if text + end:
                    yield chunk({"content": text + end})
                cited = {"annotations": url_citations(whole, piece), "citations": piece.as_json()["citations"]}
                yield chunk(cited, "stop", system_fingerprint=piece.snapshot, **_beside(piece))
                if usage:
                    counts = _usage(asked, whole + end)
                    yield _data({**head, "object": "chat.completion.chunk", "choices": [], "usage": counts})
        yield "data: [DONE]\n\n"
    except CitebackError as error:
        status, kind, message = failure(error)
        yield _data(wire_error(status, kind, message))
    except Exception:  # the response has begun: a bug can only be told inside the stream
        log.exception("unexpected error while streaming an answer")
        yield _data(wire_error(500, "internal", INTERNAL[0]))


def _data(document: dict[str, Any]) -> str:
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n"


def _beside(answer: Answer) -> dict[str, Any]:
    """What the wire format has no place for: all of the answer, its citations first."""
    document = answer.as_json()
    return {"citations": document.pop("citations"), "citeback": document}


def _parsed(body: bytes) -> CompletionBody:
    try:
        return CompletionBody.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"] if not str(part).startswith(("list[", "str"))) or None
        message = f"{place}: {first['msg']}" if place else f"The body is not the JSON expected: {first['msg']}"
        raise WireRefusalError(400, message, param=place) from None


def _known(name: str) -> None:
    if name not in (MODEL, EXTRACTIVE):
        raise WireRefusalError(
            404, f"There is no model {name!r} here: ask for {MODEL!r} or {EXTRACTIVE!r}.", param="model", code="model_not_found"
        )  # fmt: skip


def _asked(body: CompletionBody, settings: Settings) -> tuple[str, dict[str, Any]]:
    """Return the question and the assistant's options."""
    if body.n not in (None, 1):
        raise WireRefusalError(400, "n: there is one answer to a question here.", param="n", code="unsupported_value")
    if body.response_format and body.response_format.get("type", "text") != "text":
        raise WireRefusalError(
            400, "response_format: answers are text; their structure is in `citations`.", param="response_format", code="unsupported_value"
        )  # fmt: skip
    for number, message in enumerate(body.messages):
        for part in message.content if isinstance(message.content, list) else ():
            if part.text is None and message.role == "user":
                raise WireRefusalError(
                    400, f"A message part of type {part.type!r} cannot be read: send text.",
                    param=f"messages.{number}.content", code="unsupported_value",
                )  # fmt: skip
    turns = [message for message in body.messages if message.role in ("user", "assistant")]
    if not turns or turns[-1].role != "user" or not turns[-1].words().strip():
        raise WireRefusalError(400, "The last message must be the user's and hold the question.", param="messages")
    question = turns[-1].words()
    if len(question) > settings.max_question:
        raise WireRefusalError(
            400, f"The question has {len(question):,} characters, of {settings.max_question:,} that are taken.",
            param="messages", code="context_length_exceeded",
        )  # fmt: skip
    # A client sends all that was ever said: the oldest is left out, instead of refusing.
    kept = turns[:-1][-settings.max_history :] if settings.max_history else []
    history = tuple(
        {"role": turn.role, "content": without_footnotes(turn.words())[:_TURN_LENGTH]}
        for turn in kept
        if turn.words().strip()
    )
    return question, {
        "history": history, "topic": body.topic, "site": body.site, "language": body.language,
        "fully_read": bool(body.fully_read), "top_k": body.top_k, "llm": False if body.model == EXTRACTIVE else None,
    }  # fmt: skip


def _model(name: str, created: int) -> Model:
    return Model(id=name, object="model", created=created, owned_by="citeback")


def _tokens(text: str) -> int:
    """Estimate tokens: no model's own tokenizer is at hand. A Han character counts one, four others one."""
    han = sum("\u3400" <= character <= "\u9fff" for character in text)
    return round(han / _HAN_PER_TOKEN + (len(text) - han) / _OTHER_PER_TOKEN)


def _usage(asked: int, content: str) -> dict[str, Any]:
    said = _tokens(content)
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
