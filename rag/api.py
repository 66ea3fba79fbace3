"""The map of the API: which routes there are, and what stands in front of them. Answers nothing itself.

Watch (log, figures, prefix) -> Guard (token, host, origin, body) -> Limits (how much) -> the routes of rest, completions,
tools and, where allowed, rebuilding; the chat is mounted beside them. FastAPI takes its time: import inside the command.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as RoutingError
from starlette.routing import Match, Route

from index.errors import CitebackError
from rag import shapes
from rag.asking import Threads
from rag.builds import Builds
from rag.completions import completion_routes
from rag.examples import exemplify
from rag.failures import failure
from rag.guard import Guard
from rag.limits import Limits
from rag.listen import check_address, is_loopback
from rag.metrics import Metrics
from rag.rebuilding import rebuild_routes
from rag.reply import error_at, local_path
from rag.rest import rest_routes
from rag.tools import Protocol, tool_server
from rag.watch import Watch, log_requests
from rag.wire import WireRefusalError, completion_schemas

if TYPE_CHECKING:
    from index.config import Settings
    from rag.assistant import Assistant

UPLOAD_PATHS = ("/api/pages", "/gradio_api/upload")  # where a saved page comes in, from a program and from the chat
LONG_CONVERSATION = 16  # times the body limit: OpenAI's clients send all that was ever said
FORM_BYTES = 64 * 1024  # what a form adds to its file
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HINT = "The fields and their limits are in /openapi.json."
_ADDRESS = "a web address is wanted, such as https://example.org/list.md"
_PLAINER = {  # than the validator's own words, for what people run into first
    "string_pattern_mismatch": "it is blank; say what is asked",
    "model_attributes_type": "a JSON object is wanted, sent with the header content-type: application/json",
    "json_invalid": "this is not JSON",
}


def open_api(settings: Settings) -> tuple[FastAPI, Assistant]:
    """Open the data folder and return the API over it, guarded for the address it will listen on.

    Raises: NoSnapshotError, StoreError, UsageError (beyond loopback without a token).
    """
    from rag.assistant import Assistant

    check_address(settings)
    assistant = Assistant.open(settings.data, settings=settings)
    return create_api(assistant, settings), assistant


def create_api(assistant: Assistant, settings: Settings) -> FastAPI:
    """Return the application: every route of the API behind the guard. ``state.builds`` are the rebuilds, where allowed."""
    metrics, threads = Metrics(), Threads()
    builds = Builds(settings.data, upload_limit=int(settings.max_upload * 2**20)) if settings.allow_rebuild else None
    protocol = Protocol(lambda: tool_server(assistant, settings, metrics, threads), settings.max_body * 1024)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=assistant.warm, name="warming", daemon=True).start()
        yield
        await protocol.close()
        if builds:
            await run_in_threadpool(builds.close)

    # No /docs, no /redoc: they load scripts from another host.
    app = FastAPI(
        title="citeback",
        version=version("citeback"),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses={code: {"model": shapes.Error} for code in (400, 401, 403, 404, 405, 413, 422, 429, 500, 503)},
        summary="Answers with citations that lead back to the original link.",
    )
    app.state.builds, app.state.metrics = builds, metrics
    _in_front(app, settings, metrics, builds)
    _failures(app)
    app.include_router(rest_routes(assistant, settings, metrics, threads))
    app.include_router(completion_routes(assistant, settings, metrics, threads))
    for path in ("/mcp", "/mcp/"):  # some clients add the slash
        app.router.routes.append(Route(path, protocol, methods=METHODS, include_in_schema=False))
    if builds:
        app.include_router(rebuild_routes(builds))

    async def unknown(request: Request) -> Response:
        # Needed because a chat mounted at "/" would take every path that no route matches whole.
        each = [one for route in app.routes for one in getattr(getattr(route, "original_router", None), "routes", [route])]
        here = [one for one in each if one.matches(request.scope)[0] is Match.PARTIAL]
        if here:
            allowed = sorted({method for one in here for method in getattr(one, "methods", None) or ()})
            message = f"{request.method} is not offered at {local_path(request.scope)}."
            raise HTTPException(405, message, headers={"Allow": ", ".join(allowed)})
        raise HTTPException(404, f"There is nothing at {local_path(request.scope)}; /openapi.json lists the routes.")

    for prefix in ("/api", "/v1", "/mcp"):
        app.add_api_route(prefix + "/{path:path}", unknown, methods=METHODS, include_in_schema=False)
    _describe(app, settings)
    log_requests(settings.request_log)
    return app


def _in_front(app: FastAPI, settings: Settings, metrics: Metrics, builds: Builds | None) -> None:
    """Put the three doormen in front; what is added last stands outermost."""
    body = settings.max_body * 1024
    limits = {"/v1/chat/completions": LONG_CONVERSATION * body}
    if builds:
        limits |= dict.fromkeys(UPLOAD_PATHS, int(settings.max_upload * 2**20) + FORM_BYTES)
    app.add_middleware(
        Limits, at_once=settings.max_at_once, per_minute=settings.max_per_minute, turned_away=metrics.turned_away
    )
    app.add_middleware(
        Guard,
        token=settings.api_token or None,
        loopback=is_loopback(settings.host),
        body_limit=body,
        body_limits=limits,
    )
    prefix = settings.root_path.strip("/")
    app.add_middleware(
        Watch, root_path=f"/{prefix}" if prefix else "", count=metrics.request, questions=settings.log_questions
    )


def _failures(app: FastAPI) -> None:
    """Give every failure the shape that clients of its path expect."""

    def told(request: Request, status: int, kind: str, message: str, hint: str | None = None) -> Response:
        return JSONResponse(error_at(local_path(request.scope), status, kind, message, hint), status)

    @app.exception_handler(CitebackError)
    async def expected(request: Request, error: CitebackError) -> Response:
        return told(request, *failure(error))

    @app.exception_handler(WireRefusalError)
    async def wire(_request: Request, error: WireRefusalError) -> Response:
        return JSONResponse(error.document, error.status)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        broken = first["type"] == "json_invalid"
        place = "body" if broken else ".".join(str(part) for part in first["loc"]) or "body"
        wanted = str(first.get("ctx", {}).get("pattern", ""))
        words = _ADDRESS if wanted.startswith("^http") else _PLAINER.get(first["type"], first["msg"])
        return told(request, 422, "invalid_request", f"{place}: {words}", HINT)

    @app.exception_handler(RoutingError)
    async def routing(request: Request, error: RoutingError) -> Response:
        kind = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
        unread = error.status_code == 400 and "parsing the body" in str(error.detail)
        words = "This is not JSON in UTF-8, or it is nested too deeply." if unread else str(error.detail)
        answer = told(request, error.status_code, kind, words, HINT if unread else None)
        answer.headers.update(error.headers or {})
        return answer


def _describe(app: FastAPI, settings: Settings) -> None:
    """Tell in /openapi.json what the settings decide."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        document["components"]["schemas"] |= completion_schemas()
        exemplify(document)
        if settings.api_token:
            document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"token": []}]
        fields = document["components"]["schemas"]["AskBody"]["properties"]
        fields["question"]["maxLength"] = settings.max_question
        fields["history"]["maxItems"] = settings.max_history
        return document

    app.openapi = described  # type: ignore[method-assign]
