"""What Prometheus is told: requests, questions, the snapshot. Knows no route; the only file that knows prometheus_client.

Every figure is this server's own. With several workers each writes its figures into a folder that all of them read, so
that whichever is asked tells the sum; the snapshot's figures are those of the worker that answers.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rag.records import Answer

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the library's own name; read when it is imported
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures of one server process; safe to use from many threads."""

    def __init__(self) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
            ProcessCollector,
            disable_created_metrics,
        )  # fmt: skip

        disable_created_metrics()  # type: ignore[no-untyped-call]

        self._shared = bool(os.environ.get(SHARED_FOLDER))
        self._registry = registry = CollectorRegistry()
        if not self._shared:
            ProcessCollector(registry=registry)
        self._requests = Counter(
            "citeback_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "citeback_request_seconds", "Seconds until a request was answered whole.", ("route",), buckets=_SECONDS, registry=registry
        )  # fmt: skip
        self._questions = Counter(
            "citeback_questions", "Questions, by who asked and what came of it.", ("face", "result"), registry=registry
        )
        self._question_seconds = Histogram(
            "citeback_question_seconds", "Seconds until a question was answered whole.", ("face",), buckets=_SECONDS, registry=registry
        )  # fmt: skip
        self._in_progress = Gauge(
            "citeback_questions_in_progress", "Questions being answered or waiting.", registry=registry, multiprocess_mode="livesum"
        )  # fmt: skip
        self._turned_away = Counter(
            "citeback_questions_turned_away", "Questions refused by a limit (429).", ("limit",), registry=registry
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def turned_away(self, limit: str) -> None:
        """Count one question that a limit refused."""
        self._turned_away.labels(limit).inc()

    @contextlib.contextmanager
    def question(self, face: str) -> Iterator[Callable[[Answer], None]]:
        """Count one question; what is yielded takes its answer. Without one it failed, or the client left."""
        told: list[Answer] = []
        began = time.perf_counter()
        self._in_progress.inc()
        try:
            yield told.append
        except BaseException as error:  # who leaves ends it by GeneratorExit or by a cancelled task
            result = "failed" if isinstance(error, Exception) else "left"
            if not told:
                self._questions.labels(face, result).inc()
            raise
        finally:
            self._in_progress.dec()
            if told:
                self._questions.labels(face, "refused" if told[0].refused else "answered").inc()
                self._question_seconds.labels(face).observe(time.perf_counter() - began)

    def text(self, report: Mapping[str, Any]) -> tuple[bytes, str]:
        """Return all figures in Prometheus' format, and its content type; ``report`` is that of the snapshot."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector
        from prometheus_client.registry import Collector

        class Index(Collector):
            def collect(self) -> Iterator[Any]:
                return _index_figures(report)

        about = CollectorRegistry()
        about.register(Index())
        if self._shared:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        else:
            counted = self._registry
        return generate_latest(counted) + generate_latest(about), CONTENT_TYPE_LATEST


def snapshot_age(name: str) -> float | None:
    """Return how many seconds ago a snapshot was made, by its name."""
    try:
        made = datetime.strptime(name, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return (datetime.now(UTC) - made).total_seconds()


def _index_figures(report: Mapping[str, Any]) -> Iterator[Any]:
    from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

    yield InfoMetricFamily("citeback_snapshot", "The snapshot that answers.", {"name": report["snapshot"]})
    age = snapshot_age(report["snapshot"])
    if age is not None:
        yield GaugeMetricFamily("citeback_snapshot_age_seconds", "Seconds since the snapshot was made.", age)
    outcomes = GaugeMetricFamily("citeback_references", "References of the snapshot by outcome.", labels=("outcome",))
    for outcome, count in report["outcomes"].items():
        outcomes.add_metric((outcome,), count)
    yield outcomes
