"""The map of the offline half: link list -> snapshot, one line a stage. Counts every reference; does no stage's work.

references -> crawl -> read -> embed -> publish. Crawl, reading and embedding run side by side: a page is read as soon as it has
come, in processes of their own (``index.ahead``), and embedded as soon as all before it in the list are (``index.assembly``),
so that timing decides nothing.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from index.account import Clock, manifest_of, report_of, unchanged
from index.ahead import Ahead
from index.archive import Endpoints
from index.assembly import Assembly, Beside
from index.centre import LANGUAGES, STATEMENTS
from index.config import Settings
from index.embed import load_embedder
from index.errors import StoreError
from index.fetch import fetch
from index.finish import finish, passage_blocks, rows_of, take_over
from index.manifest import snapshot_names
from index.milvus import Milvus
from index.pages import PageStore
from index.publish import locked, publish, staged
from index.readings import Readings
from index.report import check_sums
from index.shards import Shard
from index.standing import Standing
from index.tables import TableWriter
from index.vectorcache import VectorCache
from index.vectorise import Vectoriser
from index.work import fingerprint_of, work_for

Progress = Callable[[str, int, int, str], None]
"""Called with (stage, done, total, detail); stages are "crawl", "read", "embed" and "publish"."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What one build was asked to do. ``lists`` empty: the lists of the last build, or the bundled one.

    ``ignore_robots`` and ``render`` hold host names. ``archive`` is where dead and closed pages are looked for; None: nowhere.
    ``shard``: fetch only the links of that part of the list.
    """

    lists: tuple[str, ...] = ()
    offline: bool = False
    fresh: bool = False
    ignore_robots: frozenset[str] = frozenset()
    allow_private: bool = False
    render: frozenset[str] = frozenset()
    archive: Endpoints | None = None
    shard: Shard | None = None


def build(settings: Settings, options: BuildOptions, progress: Progress) -> dict[str, Any]:
    """Build and publish a snapshot; return the contract's report.

    Raises:
        UsageError: a list cannot be read.
        BusyError, StoreError, EmbedderError: nothing was published, the previous snapshot is kept.
    """
    clock = Clock()
    milvus = Milvus(settings.data, settings.milvus_uri, settings.milvus_token) if settings.store == "milvus" else None
    with _rarely_collected(), locked(settings.data), PageStore(settings.data / "pages.sqlite") as pages:
        work = work_for(settings, options, pages)
        previous, references = work.previous, work.references
        if previous is not None and not work.later and work.is_done(work.fingerprint):
            return unchanged(previous, work.told, clock)
        embedder = load_embedder(work.embedder, api_key=settings.embedder_api_key)
        base = previous.base(embedder) if previous is not None else None
        verified = previous.verified if previous is not None and base is not None else None
        name, readings = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ"), Readings(pages)
        with (
            staged(settings.data, name) as part,
            TableWriter(part, base) as tables,
            VectorCache(settings.data, embedder.name, embedder.dimension, verified) as cache,
            Ahead(pages, readings, expected=len(work.due)) as ahead,
        ):
            if base is not None:
                take_over(base, cache)
            standing = Standing(previous.report["items"], base) if previous is not None and base is not None else None
            vectoriser, rows = Vectoriser(embedder, cache, progress), list[dict[str, Any]]()
            assembly = Assembly(references, readings, ahead, tables, vectoriser, options, progress, standing, rows)
            ahead.settle_all(work.settled, work.states)
            fingerprint, states = work.fingerprint, work.states
            if work.later:
                with Beside(assembly.run, lambda: _stop(vectoriser, ahead)) as beside, clock.of("crawl"):
                    fetch(work.own, work.due, pages, settings, options, progress, _settling(ahead, beside))
                    states = pages.states()
                    ahead.settle_all(work.later, states)
                clock.add("read", beside.result)
                fingerprint = fingerprint_of(references, work.sources, work.embedder, states, settings, options)
            else:
                clock.add("read", assembly.run())
            clock.add("embed", vectoriser.seconds)
            check_sums(rows, len(references))
            if previous is not None and work.is_done(fingerprint):
                return unchanged(previous, work.told, clock)
            progress("publish", 0, 1, "")
            with clock.of("publish"):
                priors = {language: vectoriser.mean(STATEMENTS[language]) for language in LANGUAGES}
                kind = "elsewhere" if milvus else {"auto": None}.get(settings.vector_index, settings.vector_index)
                means = finish(tables, cache, priors, kind=kind)
                store = milvus.fill(name, part, passage_blocks(part, cache, means.passages), progress) if milvus else {}
            report = report_of(name, work, rows, tables, vectoriser, means, clock)
            manifest = manifest_of(name, work, fingerprint, embedder, tables, vectoriser, means, cache, store)
            publish(settings.data, part, manifest, report)
            if milvus:
                milvus.keep(snapshot_names(settings.data))
            progress("publish", 1, 1, "")
            cache.trim(rows_of(settings.data / "snapshots" / name))
            readings.tidy(states)
            pages.vacuum()
    return report


@contextlib.contextmanager
def _rarely_collected() -> Iterator[None]:
    """Look for cycles after 100,000 new objects, not 700: a build makes many that stay, and each search costs up to a tenth of a small change."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _stop(vectoriser: Vectoriser, ahead: Ahead) -> None:
    vectoriser.stopped.set()
    ahead.stop(StoreError("The build was stopped."))


def _settling(ahead: Ahead, beside: Beside) -> Callable[[str], None]:
    def settled(key: str) -> None:
        beside.check()  # where the assembly failed, nothing that still comes is of use
        ahead.settle(key)

    return settled
