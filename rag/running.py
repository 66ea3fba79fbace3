"""Runs the server on an open socket, in this process or in several, until it is told to stop. Knows no route.

Stopping takes at most five seconds: what is being answered has three to end, then it is cut off.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from functools import partial
from typing import TYPE_CHECKING, Any

from index.config import Settings
from rag.metrics import SHARED_FOLDER

if TYPE_CHECKING:
    from fastapi import FastAPI

GRACE_SECONDS = 3
_SILENT_SECONDS = 60  # a worker that is loading an index may be silent for long
# The access log would keep tokens; ws "none": nothing here speaks websocket.
OPTIONS: dict[str, Any] = {
    "log_level": "warning", "access_log": False, "ws": "none", "timeout_graceful_shutdown": GRACE_SECONDS,
}  # fmt: skip
ALONE = "This server has several workers and serves the API only: run a second `citeback serve` for the chat."


def run(app: FastAPI, door: socket.socket) -> None:
    """Serve one application in this process."""
    import uvicorn

    with contextlib.suppress(KeyboardInterrupt):  # Ctrl+C is how it ends, not a failure
        uvicorn.Server(uvicorn.Config(app, **OPTIONS)).run(sockets=[door])


def run_workers(settings: Settings, door: socket.socket) -> None:
    """Serve the API in ``settings.workers`` processes that share the socket; one that dies is replaced.

    No chat: its conversation with the browser would have to stay in one process.

    Raises: NoSnapshotError, StoreError.
    """
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from index.store import Snapshot

    Snapshot.open(settings.data).close()  # what is missing is said here, once
    with tempfile.TemporaryDirectory(prefix="citeback-metrics-") as shared:
        os.environ[SHARED_FOLDER] = shared
        config = uvicorn.Config(
            partial(worker_app, settings), factory=True, workers=settings.workers,
            timeout_worker_healthcheck=_SILENT_SECONDS, **OPTIONS,
        )  # fmt: skip
        Multiprocess(config, sockets=[door]).run()


def worker_app(settings: Settings) -> FastAPI:
    """Return the application of one worker."""
    from fastapi.responses import PlainTextResponse

    from rag.api import open_api

    app, _ = open_api(settings)

    @app.get("/", include_in_schema=False)
    def alone() -> PlainTextResponse:
        return PlainTextResponse(ALONE + "\n")

    return app
