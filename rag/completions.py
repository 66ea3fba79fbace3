"""/v1/chat/completions, whole or streamed, and /v1/models, for OpenAI's clients. Knows no retrieval; see ``wire``."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from index.errors import CitebackError
from rag import shapes
from rag.asking import Asking, Threads
from rag.failures import failure
from rag.footnotes import Inert, footnotes, url_citations
from rag.metrics import Metrics
from rag.records import Answer
from rag.reply import STOPPING, wire_error
from rag.rest import EVENT, INTERNAL, STREAM, note
from rag.watch import NOTES
from rag.wire import EXTRACTIVE, MODEL, Completion, Model, Models, asked_of, known, parsed

if TYPE_CHECKING:
    from index.config import Settings
    from rag.assistant import Assistant

_HAN_PER_TOKEN, _OTHER_PER_TOKEN = 1.0, 4.0
log = logging.getLogger(__name__)


def completion_routes(assistant: Assistant, settings: Settings, metrics: Metrics, threads: Threads) -> APIRouter:
    """Return the routes over one assistant."""
    failures: dict[int | str, dict[str, Any]] = {
        code: {"model": shapes.WireError} for code in (400, 401, 403, 404, 405, 413, 422, 429, 500, 502, 503)
    }
    router = APIRouter(prefix="/v1", tags=["openai"], responses=failures)
    asking = Asking(assistant, metrics, threads, "openai")
    created = int(time.time())

    @router.get("/models", summary="The model names that may be asked for")
    def models() -> Models:
        return Models(object="list", data=[_model(name, created) for name in (MODEL, EXTRACTIVE)])

    @router.get("/models/{name}", summary="One model name")
    def model(name: str) -> Model:
        known(name)
        return _model(name, created)

    @router.post(
        "/chat/completions",
        summary="Answer the last message of a conversation, with footnotes and citations",
        responses={200: {"model": Completion, "content": {"text/event-stream": {"schema": EVENT}}}},
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CompletionBody"}}},
            }
        },
    )
    async def complete(request: Request) -> Response:
        body = parsed(await request.body())
        known(body.model)
        question, options = asked_of(body, settings)
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
    except asyncio.CancelledError:
        # the client left, and reads no more; or the server stops, and this is the last it reads
        notes["left"] = True
        yield _data(wire_error(503, "stopping", STOPPING[0]))
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


def _model(name: str, created: int) -> Model:
    return Model(id=name, object="model", created=created, owned_by="citeback")


def _tokens(text: str) -> int:
    """Estimate tokens: no model's own tokenizer is at hand. A Han character counts one, four others one."""
    han = sum("\u3400" <= character <= "\u9fff" for character in text)
    return round(han / _HAN_PER_TOKEN + (len(text) - han) / _OTHER_PER_TOKEN)


def _usage(asked: int, content: str) -> dict[str, Any]:
    said = _tokens(content)
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
