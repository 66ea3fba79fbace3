"""The question API over HTTP: REST and server-sent events. Knows no retrieval and no drawing.

Import it inside the command that serves: FastAPI takes its time.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as RoutingError
from starlette.routing import Match

from index.errors import BusyError, CitebackError, EmbedderError, ModelError, StoreError, UsageError
from rag.builds import UPLOAD_LIMIT, Builds
from rag.guard import Guard
from rag.listen import check_address, is_loopback
from rag.rebuilding import rebuild_routes
from rag.records import Answer
from rag.reply import CLOSED_POLICY, error_body
from rag.stored import STYLE, stored_page

if TYPE_CHECKING:
    from index.config import Settings
    from index.records import Item
    from rag.assistant import Assistant

QUESTION_LIMIT = 2000
HISTORY_LIMIT = 40
BODY_LIMIT = 64 * 1024
UPLOAD_PATHS = ("/api/pages", "/gradio_api/upload")  # where a saved page comes in, from a program and from the chat
STATUS = (
    (UsageError, 422, "usage"),
    (ModelError, 502, "model"),
    (BusyError, 409, "busy"),
    (EmbedderError, 503, "embedder"),
    (StoreError, 503, "store"),
)
STORED_POLICY = (
    CLOSED_POLICY.decode()
    + "; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

log = logging.getLogger(__name__)


class Turn(BaseModel):
    """One earlier message of the conversation."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["user", "assistant"]
    content: Annotated[str, Field(max_length=20_000)]


class AskBody(BaseModel):
    """A question with its filters."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"question": "What is federated learning?"}, {"question": "什么是迁移学习？", "stream": True}]
        },
    )
    question: Annotated[str, Field(min_length=1, max_length=QUESTION_LIMIT, pattern=r"\S")]
    history: Annotated[list[Turn], Field(max_length=HISTORY_LIMIT)] = []
    topic: Annotated[str, Field(max_length=500)] | None = None
    site: Annotated[str, Field(max_length=300)] | None = None
    language: Literal["zh", "en"] | None = None
    fully_read: bool = False
    top_k: Annotated[int, Field(ge=1, le=50)] | None = None
    llm: bool | None = None
    stream: bool = False

    def options(self) -> dict[str, Any]:
        """Return the keyword arguments of ``Assistant.ask`` and ``stream``."""
        return {
            "history": tuple(turn.model_dump() for turn in self.history),
            "topic": self.topic,
            "site": self.site,
            "language": self.language,
            "fully_read": self.fully_read,
            "top_k": self.top_k,
            "llm": self.llm,
        }


class ErrorDetail(BaseModel):
    """What went wrong and what to do."""

    type: str
    message: str
    hint: str | None = None


class ErrorBody(BaseModel):
    """The shape of every error."""

    error: ErrorDetail


def open_api(settings: Settings) -> tuple[FastAPI, Assistant]:
    """Open the data folder and return the API over it, guarded for the address it will listen on.

    Raises: NoSnapshotError, StoreError, UsageError (beyond loopback without a token).
    """
    from rag.assistant import Assistant

    check_address(settings)
    assistant = Assistant.open(settings.data, settings=settings)
    return create_api(assistant, settings), assistant


def create_api(assistant: Assistant, settings: Settings) -> FastAPI:
    """Return the application: every route of the API, behind the guard."""
    failures: dict[int | str, dict[str, Any]] = {code: {"model": ErrorBody} for code in (401, 403, 404, 413, 422, 503)}
    builds = Builds(settings.data) if settings.allow_rebuild else None

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if builds:
            await run_in_threadpool(builds.close)

    # No /docs, no /redoc: they load scripts from another host.
    app = FastAPI(
        title="citeback",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses=failures,
        summary="Answers with citations that lead back to the original link.",
    )
    app.state.builds = builds
    uploads = dict.fromkeys(UPLOAD_PATHS, UPLOAD_LIMIT + BODY_LIMIT) if builds else {}
    app.add_middleware(
        Guard,
        token=settings.api_token or None,
        loopback=is_loopback(settings.host),
        body_limit=BODY_LIMIT,
        body_limits=uploads,
    )

    @app.exception_handler(CitebackError)
    async def expected(_request: Request, error: CitebackError) -> Response:
        status, body = _failure(error)
        return JSONResponse(body, status)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        return JSONResponse(
            error_body(
                "invalid_request", f"{place}: {first['msg']}", "The fields and their limits are in /openapi.json."
            ),
            422,
        )

    @app.exception_handler(RoutingError)
    async def routing(_request: Request, error: RoutingError) -> Response:
        kind = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
        return JSONResponse(error_body(kind, str(error.detail)), error.status_code, headers=error.headers)

    @app.post("/api/ask", summary="Answer one question with citations")
    async def ask(body: AskBody) -> Response:
        if body.stream:
            return StreamingResponse(
                _events(assistant, body),
                media_type="text/event-stream",
                headers={"cache-control": "no-store", "x-accel-buffering": "no"},
            )
        answer = await run_in_threadpool(assistant.ask, body.question, **body.options())
        return JSONResponse(answer.as_json())

    @app.get("/api/references", summary="Every reference with what became of it")
    def references() -> Response:
        return JSONResponse({"snapshot": assistant.snapshot_name, "references": [_item(i) for i in assistant.items()]})

    @app.get("/api/references/{number}", summary="One reference with its stored text, as JSON or as a page")
    def reference(
        request: Request,
        number: int,
        format: Literal["json", "html"] | None = None,  # noqa: A002
        start: Annotated[int | None, Query(ge=0)] = None,
        end: Annotated[int | None, Query(ge=0)] = None,
    ) -> Response:
        found = assistant.stored(number)
        if found is None:
            raise HTTPException(404, f"There is no reference {number} in this index.")
        item, text = found
        if format == "html" or (format is None and _wants_page(request)):
            return HTMLResponse(
                stored_page(item, text, start=start, end=end),
                headers={"content-security-policy": STORED_POLICY, "vary": "accept"},
            )
        return JSONResponse({**_item(item), "text": text}, headers={"vary": "accept"})

    @app.get("/api/status", summary="The report of the current index")
    def status() -> Response:
        return JSONResponse(assistant.status())

    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", summary="Alive, and which snapshot answers")
    def healthz() -> Response:
        return JSONResponse({"status": "ok", "snapshot": assistant.snapshot_name})

    if builds:
        app.include_router(rebuild_routes(builds))

    @app.api_route(
        "/api/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
    )
    async def unknown(request: Request, path: str) -> Response:
        # Needed because a chat mounted at "/" would take every path that no route matches whole.
        for route in app.routes:
            match, _ = route.matches(request.scope)
            if match is Match.PARTIAL:
                raise HTTPException(405, f"{request.method} is not offered at /api/{path}.")
        raise HTTPException(404, f"There is nothing at /api/{path}; /openapi.json lists the routes.")

    return app


async def _events(assistant: Assistant, body: AskBody) -> AsyncIterator[str]:
    """Yield server-sent events: ``token`` pieces, one ``answer``, then ``done``; an ``error`` instead."""
    pieces = assistant.stream(body.question, **body.options())
    try:
        # One blocking step at a time in the thread pool: a client that goes away stops the work at the next piece.
        while (piece := await run_in_threadpool(next, pieces, None)) is not None:
            if isinstance(piece, Answer):
                yield _event("answer", piece.as_json())
            else:
                yield _event("token", {"text": piece})
        yield _event("done", {})
    except CitebackError as error:
        yield _event("error", _failure(error)[1])
    except Exception:  # the response has begun: a bug can only be told inside the stream
        log.exception("unexpected error while streaming an answer")
        yield _event(
            "error",
            error_body("internal", "Something went wrong inside citeback.", "The server's log has the details."),
        )


def _event(name: str, document: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(document, ensure_ascii=False)}\n\n"


def _failure(error: CitebackError) -> tuple[int, dict[str, Any]]:
    for kind, status, name in STATUS:
        if isinstance(error, kind):
            return status, error_body(name, str(error))
    return 500, error_body("failed", str(error))


def _item(item: Item) -> dict[str, Any]:
    return {
        **asdict(item),
        "topic": list(item.topic),
        "outcome": item.outcome.value,
        "stored_url": f"/api/references/{item.number}",
    }


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
