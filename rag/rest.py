"""The REST routes: ask (whole or as server-sent events), references and their stored copies, status, health, metrics."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from index.errors import CitebackError
from rag import shapes
from rag.asking import Asking, Threads
from rag.failures import failure
from rag.metrics import Metrics, snapshot_age
from rag.records import Answer
from rag.reply import CLOSED_POLICY, STOPPING, error_body
from rag.stored import STYLE, stored_page
from rag.watch import NOTES

if TYPE_CHECKING:
    from index.config import Settings
    from index.records import Item
    from rag.assistant import Assistant

STORED_POLICY = (
    CLOSED_POLICY.decode()
    + "; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
STREAM = {"cache-control": "no-store", "x-accel-buffering": "no"}
EVENT = {
    "type": "object",
    "required": ["data"],
    "properties": {"event": {"type": "string"}, "data": {"type": "string", "contentMediaType": "application/json"}},
}
EVENTS = {
    "schema": EVENT,
    "example": 'event: token\ndata: {"text": "…"}\n\nevent: answer\ndata: {"answer": "…"}\n\nevent: done\ndata: {}\n\n',
}
log = logging.getLogger(__name__)


class Turn(BaseModel):
    """One earlier message of the conversation."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["user", "assistant"]
    content: Annotated[str, Field(max_length=20_000)]


class AskBody(BaseModel):
    """A question with its filters. How long it and its history may be is a setting of the server."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,  # "5" is no number and "yes" no switch, as the schema says
        json_schema_extra={
            "examples": [{"question": "What is federated learning?"}, {"question": "什么是迁移学习？", "stream": True}]
        },
    )
    question: Annotated[str, Field(min_length=1, pattern=r"\S")]
    history: list[Turn] = []
    topic: Annotated[str, Field(max_length=500)] | None = None
    site: Annotated[str, Field(max_length=300)] | None = None
    language: Literal["zh", "en"] | None = None
    fully_read: bool = False
    top_k: Annotated[int, Field(ge=1, le=50)] | None = None
    llm: bool | None = None
    stream: bool = False

    def options(self) -> dict[str, Any]:
        """Return the keyword arguments of ``Assistant.ask`` and ``stream``."""
        return self.model_dump(exclude={"question", "stream"})


def rest_routes(assistant: Assistant, settings: Settings, metrics: Metrics, threads: Threads) -> APIRouter:
    """Return the routes over one assistant."""
    router = APIRouter()
    asking = Asking(assistant, metrics, threads, "rest")

    @router.post(
        "/api/ask",
        summary="Answer one question with citations",
        responses={
            200: {"model": shapes.Answer, "content": {"text/event-stream": EVENTS}},
            502: {"model": shapes.Error},
        },
    )
    async def ask(request: Request, body: AskBody) -> Response:
        _within(settings, body)
        notes = request.scope.get(NOTES, {})
        notes["question"] = body.question
        if body.stream:
            return StreamingResponse(_events(asking, body, notes), media_type="text/event-stream", headers=STREAM)
        answer = await asking.answer(request.receive, body.question, **body.options())
        if answer is None:
            return Response(status_code=499)  # nobody is there to read it
        note(notes, answer)
        return JSONResponse(answer.as_json())

    @router.get(
        "/api/references",
        summary="Every reference with what became of it",
        responses={200: {"model": shapes.References}},
    )
    def references() -> Response:
        return JSONResponse(
            {"snapshot": assistant.snapshot_name, "references": [item_json(i) for i in assistant.items()]}
        )

    @router.get(
        "/api/references/{number}",
        summary="One reference with its stored text, as JSON or as a page",
        responses={
            200: {"model": shapes.StoredReference, "content": {"text/html": {"schema": {"type": "string"}}}},
            404: {"model": shapes.Error},
        },
    )
    def reference(
        request: Request,
        number: int,
        format: Literal["json", "html"] | None = None,  # noqa: A002
        start: Annotated[int | None, Query(ge=0)] = None,
        end: Annotated[int | None, Query(ge=0)] = None,
    ) -> Response:
        if start is not None and end is not None and end < start:
            raise RequestValidationError(
                [{"type": "range", "loc": ("query", "end"), "msg": "it lies before start", "input": end}]
            )
        found = assistant.stored(number)
        if found is None:
            raise HTTPException(404, f"There is no reference {number} in this index.")
        item, text = found
        if format == "html" or (format is None and "text/html" in request.headers.get("accept", "")):
            return HTMLResponse(
                stored_page(item, text, start=start, end=end),
                headers={"content-security-policy": STORED_POLICY, "vary": "accept"},
            )
        return JSONResponse({**item_json(item), "text": text}, headers={"vary": "accept"})

    @router.get("/api/status", summary="The report of the current index", responses={200: {"model": shapes.Status}})
    def status() -> Response:
        return JSONResponse(assistant.status())

    @router.get("/healthz", summary="Alive, and which snapshot answers", responses={200: {"model": shapes.Health}})
    def healthz() -> Response:
        name = assistant.snapshot_name
        age = snapshot_age(name)
        seconds = None if age is None else round(age, 1)
        return JSONResponse({"status": "ok", "ready": True, "snapshot": name, "snapshot_age_seconds": seconds})

    @router.get(
        "/metrics",
        summary="Figures for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    def figures() -> Response:
        text, kind = metrics.text(assistant.status())
        return Response(text, media_type=kind)

    return router


def note(notes: dict[str, Any], answer: Answer) -> None:
    """Leave for the log what came of a question."""
    notes |= {
        "mode": answer.mode,
        "refused": answer.refused,
        "citations": len(answer.citations),
        "snapshot": answer.snapshot,
    }


def item_json(item: Item) -> dict[str, Any]:
    """Return a reference as the API shows it."""
    return {
        **asdict(item),
        "topic": list(item.topic),
        "outcome": item.outcome.value,
        "stored_url": f"/api/references/{item.number}",
    }


def _within(settings: Settings, body: AskBody) -> None:
    if len(body.question) > settings.max_question:
        raise _too_long("question", f"at most {settings.max_question:,} characters are taken")
    if len(body.history) > settings.max_history:
        raise _too_long("history", f"at most {settings.max_history} messages are taken")


def _too_long(field: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"type": "too_long", "loc": ("body", field), "msg": message, "input": None}])


async def _events(asking: Asking, body: AskBody, notes: dict[str, Any]) -> AsyncIterator[str]:
    """Yield server-sent events: ``token`` pieces, one ``answer``, then ``done``; an ``error`` instead."""
    try:
        async with contextlib.aclosing(asking.stream(body.question, **body.options())) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    note(notes, piece)
                    yield _event("answer", piece.as_json())
                elif piece:
                    yield _event("token", {"text": piece})
        yield _event("done", {})
    except asyncio.CancelledError:
        # the client left, and reads no more; or the server stops, and this is the last it reads
        notes["left"] = True
        yield _event("error", error_body("stopping", *STOPPING))
    except CitebackError as error:
        _, kind, message = failure(error)
        yield _event("error", error_body(kind, message))
    except Exception:  # the response has begun: a bug can only be told inside the stream
        log.exception("unexpected error while streaming an answer")
        yield _event("error", error_body("internal", *INTERNAL))


INTERNAL = ("Something went wrong inside citeback.", "The server's log has the details.")


def _event(name: str, document: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(document, ensure_ascii=False)}\n\n"
