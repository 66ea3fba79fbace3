"""What a build says of itself when it ends: the report, the manifest, and the seconds each stage took. Makes no snapshot."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np

from index.centre import LANGUAGES
from index.embed import Embedder
from index.finish import Means
from index.general import QUESTIONS
from index.manifest import Manifest
from index.report import compare, known, outcome_counts
from index.tables import TableWriter
from index.vectorcache import VectorCache
from index.vectorise import Vectoriser
from index.work import Previous, Work


class Clock:
    """Seconds that each stage worked; stages that ran side by side add up to more than the total."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._laps = {"crawl": 0.0, "read": 0.0, "embed": 0.0, "publish": 0.0}

    def add(self, stage: str, seconds: float) -> None:
        """Count what a stage measured itself."""
        self._laps[stage] += seconds

    @contextlib.contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Count a block for a stage."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.add(stage, time.monotonic() - began)

    def laps(self) -> dict[str, float]:
        """Return the seconds of every stage, and of the build so far."""
        total = time.monotonic() - self._start
        return {stage: round(seconds, 3) for stage, seconds in {**self._laps, "total": total}.items()}


def report_of(
    name: str, work: Work, rows: Sequence[Mapping[str, Any]], tables: TableWriter, vectoriser: Vectoriser,
    means: Means, clock: Clock,
) -> dict[str, Any]:  # fmt: skip
    """Return the contract's report of a build that made a snapshot."""
    return {
        "snapshot": name,
        "lists": list(work.sources),
        "references": len(rows),
        "outcomes": outcome_counts(rows),
        "items": rows,
        "changes": compare(work.known(tables.folder.parents[1]), known(rows, tables.text_keys)),
        "embedded_passages": vectoriser.embedded,
        "reused_passages": tables.passages - vectoriser.embedded,
        "seconds": clock.laps(),
        "vectors": asdict(means.vectors),
        **work.told,
    }


def unchanged(previous: Previous, told: dict[str, Any], clock: Clock) -> dict[str, Any]:
    """Return the report of a build that had nothing to do: the published snapshot stays."""
    report = dict(previous.report)
    report["changes"] = {**dict.fromkeys(report["changes"], 0), "unchanged": report["references"]}
    report["embedded_passages"], report["reused_passages"] = 0, previous.manifest.passages
    report["seconds"] = clock.laps()
    for name in ("inbox", "unusable"):  # what was said of that build alone
        report.pop(name, None)
    return report | told


def manifest_of(
    name: str, work: Work, fingerprint: str, embedder: Embedder, tables: TableWriter, vectoriser: Vectoriser, means: Means,
    cache: VectorCache, store: dict[str, str],
) -> Manifest:  # fmt: skip
    """Return what the snapshot says of itself; ``store`` is where its passages are searched, if not in its own files."""
    return Manifest(
        name=name,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        lists=work.sources,
        embedder=embedder.name,
        dimension=embedder.dimension,
        passages=tables.passages,
        sentences=tables.sentences,
        query_means=_listed({name: vectoriser.mean(QUESTIONS[name], "query") for name in LANGUAGES}),
        passage_means=_listed(means.passages),
        sentence_means=_listed(means.sentences),
        clause_means=_listed(means.clauses),
        fingerprint=fingerprint,
        vectors=asdict(means.vectors),
        store=store,
        stored=cache.link(tables.folder),  # the last, as the means may be of new texts
    )


def _listed(means: dict[str, Any]) -> dict[str, list[float]]:
    return {name: np.round(np.asarray(mean, np.float64), 6).tolist() for name, mean in means.items()}
