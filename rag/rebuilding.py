"""The routes that change the index: rebuild, watch, stop, add a saved page, roll back. There only with --allow-rebuild.

Over HTTP a list is a web address: a path would read this machine's files. Private addresses stay as the server's settings say.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from index.errors import UsageError
from rag import shapes
from rag.builds import Builds

WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=2000)]
UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}},
        },
    }
}


class RebuildBody(BaseModel):
    """What to build; all empty: the lists of the last build, as `citeback rebuild` does."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}, {"offline": True}]})
    lists: Annotated[list[WebAddress], Field(max_length=20)] = []
    offline: bool = False
    fresh: bool = False
    archive_fallback: bool = False
    ignore_robots: Annotated[list[Annotated[str, Field(max_length=253)]], Field(max_length=50)] = []


class Host(BaseModel):
    """How far one host is."""

    host: str
    done: int
    total: int
    waiting: int


class Build(BaseModel):
    """A build as it is now, or the last one; `report` as `citeback rebuild --json` without its items."""

    running: bool
    stage: str
    done: int
    total: int
    detail: str
    hosts: list[Host]
    started_at: str | None
    seconds_left: float | None
    report: dict[str, Any] | None
    error: str | None


class Saved(BaseModel):
    """What became of one saved page."""

    path: str
    url: str
    reference: int | None
    accepted: bool
    reason: str


class Taken(BaseModel):
    """What `citeback add --json` reports."""

    added: list[Saved]
    report: dict[str, Any] | None


class WentBack(BaseModel):
    """The snapshot that is current again."""

    snapshot: str


def rebuild_routes(builds: Builds) -> APIRouter:
    """Return the routes over the builds of one data folder."""
    router = APIRouter(prefix="/api", tags=["rebuild"], responses={409: {"model": shapes.Error}})
    # Each method looks at files or waits for a process: in the thread pool, not in the event loop.

    @router.post("/rebuild", status_code=202, summary="Start a rebuild")
    def start(body: RebuildBody | None = None) -> Build:
        return Build(**builds.start(**(body or RebuildBody()).model_dump()).as_json())

    @router.get("/rebuild", summary="The rebuild that runs, or the last one")
    def state() -> Build:
        return Build(**builds.state().as_json())

    @router.delete("/rebuild", summary="Stop the rebuild that runs; nothing is published")
    def stop() -> Build:
        builds.stop()
        return Build(**builds.state().as_json())

    @router.post("/rollback", summary="Make the previous snapshot current")
    def rollback() -> WentBack:
        return WentBack(snapshot=builds.rollback())

    @router.post("/pages", summary="Make a saved page the content of its reference", openapi_extra=UPLOAD)
    async def add(
        request: Request,
        url: Annotated[WebAddress | None, Query(description="the reference, where the file does not say it")] = None,
        filename: Annotated[
            str, Query(max_length=500, description="the file's name, with a body sent raw")
        ] = "page.html",
    ) -> Taken:
        name, content = await _uploaded(request, filename)
        return Taken(**await run_in_threadpool(builds.add, name, content, url=url))

    return router


async def _uploaded(request: Request, filename: str) -> tuple[str, bytes]:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        content = await request.body()
        if not content:
            raise UsageError("The body is empty: send the saved page, raw or as the form field 'file'.")
        return filename, content
    from starlette.datastructures import UploadFile

    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise UsageError("The form has no field 'file': send the saved page there, or raw as the body.")
        return file.filename or filename, await file.read()
