"""Which HTTP status and kind an error of citeback has. Knows the error tree, no route."""

from __future__ import annotations

from index.errors import BusyError, CitebackError, EmbedderError, ModelError, NoSnapshotError, StoreError, UsageError

_KINDS = (
    (UsageError, 422, "usage"),
    (ModelError, 502, "model"),
    (BusyError, 409, "busy"),
    (NoSnapshotError, 409, "no_snapshot"),  # the server runs on one, so it is an earlier one that was asked for
    (EmbedderError, 503, "embedder"),
    (StoreError, 503, "store"),
)


def failure(error: CitebackError) -> tuple[int, str, str]:
    """Return status, kind and message."""
    for kind, status, name in _KINDS:
        if isinstance(error, kind):
            return status, name, str(error)
    return 500, "failed", str(error)
