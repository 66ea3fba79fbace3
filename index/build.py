"""The map of the offline half: link list -> snapshot, one line a stage. Counts every reference; does no stage's work.

references -> crawl -> read -> embed -> publish. Crawl, reading and embedding run side by side: a page is read as soon as it has
come, in processes of their own (``index.ahead``), and embedded as soon as all before it in the list are (``index.assembly``),
so that timing decides nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.ahead import Ahead
from index.archive import Endpoints
from index.assembly import Assembly, Beside
from index.attach import Added, take_inbox
from index.centre import LANGUAGES, STATEMENTS
from index.config import Settings
from index.embed import BUNDLED, Embedder, load_embedder
from index.errors import StoreError
from index.fetch import due_targets, fetch, list_pages
from index.finish import finish, passage_blocks
from index.general import QUESTIONS
from index.manifest import Manifest, current_name, read_manifest, stored_item
from index.milvus import Milvus
from index.pages import PageStore
from index.publish import last_lists, locked, publish, snapshot_names, staged
from index.readings import Readings, code_stamp
from index.records import Item, Reference
from index.report import Known, check_sums, compare, item_json, known, outcome_counts
from index.shards import Shard
from index.tables import Base, TableWriter
from index.urls import identity, is_web
from index.vectorcache import VectorCache
from index.vectorise import Vectoriser

BUNDLED_LIST = Path(__file__).parents[1] / "references" / "transfer-learning.md"

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


@dataclass(frozen=True, slots=True)
class Previous:
    """The published snapshot as the next build sees it."""

    directory: Path
    manifest: Manifest
    report: dict[str, Any]

    def fits(self, embedder: Embedder) -> bool:
        """Whether its vectors are those of this embedder."""
        return (self.manifest.embedder, self.manifest.dimension) == (embedder.name, embedder.dimension)

    def known(self) -> Known:
        """What its references were, for the comparison."""
        keys = Base(self.directory).references["text_key"]
        return known([stored_item(row) for row in self.report["items"]], [bytes(key) for key in keys])


def build(settings: Settings, options: BuildOptions, progress: Progress) -> dict[str, Any]:
    """Build and publish a snapshot; return the contract's report.

    Raises:
        UsageError: a list cannot be read.
        BusyError, StoreError, EmbedderError: nothing was published, the previous snapshot is kept.
    """
    clock = _Clock()
    milvus = Milvus(settings.data, settings.milvus_uri, settings.milvus_token) if settings.store == "milvus" else None
    with locked(settings.data), PageStore(settings.data / "pages.sqlite") as pages:
        previous = _previous(settings.data)
        sources = options.lists or sources_of(settings.data)
        references = list_pages(sources, pages, settings, options)
        inbox = take_inbox(settings.data, references, pages)
        own = [reference for reference in references if options.shard is None or options.shard.holds(reference.url)]
        due = due_targets(own, pages, settings, options)
        wanted = settings.embedder or (previous.manifest.embedder if previous else BUNDLED)
        later = {target.key for target in due}
        told = _told(inbox, options, 0 if options.offline else _web_pages(own) - len(due))
        if options.render or options.archive is not None:
            later.update(identity(reference.url) for reference in own)
        if not later and _is_same(previous, _fingerprint(references, sources, wanted, pages, settings, options)):
            assert previous is not None
            return _unchanged(previous, told, clock)
        embedder = load_embedder(wanted, api_key=settings.embedder_api_key)
        base = Base(previous.directory) if previous is not None and previous.fits(embedder) else None
        name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        readings = Readings(pages)
        with (
            staged(settings.data, name) as part,
            TableWriter(part, base) as tables,
            VectorCache(settings.data, embedder.name, embedder.dimension) as cache,
            Ahead(pages, readings, expected=len(due)) as ahead,
        ):
            vectoriser = Vectoriser(embedder, cache, base, progress)
            items: list[Item] = []
            assembly = Assembly(references, readings, ahead, tables, vectoriser, items, options, progress)
            ahead.settle_all(key for key in (identity(r.url) for r in references) if key not in later)
            if later:
                with Beside(assembly.run, lambda: _stop(vectoriser, ahead)) as beside, clock.of("crawl"):
                    fetch(own, due, pages, settings, options, progress, _settling(ahead, beside))
                    ahead.settle_all(later)
                clock.add("read", beside.result)
            else:
                clock.add("read", assembly.run())
            clock.add("embed", vectoriser.seconds)
            check_sums(items, len(references))
            fingerprint = _fingerprint(references, sources, wanted, pages, settings, options)
            if _is_same(previous, fingerprint):
                assert previous is not None
                return _unchanged(previous, told, clock)
            progress("publish", 0, 1, "")
            with clock.of("publish"):
                means = finish(
                    tables,
                    embedder.dimension,
                    vectoriser.lookup,
                    {name: vectoriser.mean(STATEMENTS[name]) for name in LANGUAGES},
                    kind="elsewhere" if milvus else {"auto": None}.get(settings.vector_index, settings.vector_index),
                )
                store = milvus.fill(name, part, passage_blocks(part, means.passages), progress) if milvus else {}
            report = {
                "snapshot": name,
                "lists": list(sources),
                "references": len(items),
                "outcomes": outcome_counts(items),
                "items": [item_json(item) for item in items],
                "changes": compare(previous.known() if previous else {}, known(items, tables.text_keys)),
                "embedded_passages": vectoriser.embedded,
                "reused_passages": tables.passages - vectoriser.embedded,
                "seconds": clock.laps(),
                "vectors": asdict(means.vectors),
                **told,
            }
            manifest = Manifest(
                name=name,
                created_at=datetime.now(UTC).isoformat(timespec="seconds"),
                lists=tuple(sources),
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
            )
            publish(settings.data, part, manifest, report)
            if milvus:
                milvus.keep(snapshot_names(settings.data))
            progress("publish", 1, 1, "")
            cache.trim(tables.vectors)
            readings.tidy(pages.states())
            pages.vacuum()
    return report


def _stop(vectoriser: Vectoriser, ahead: Ahead) -> None:
    vectoriser.stopped.set()
    ahead.stop(StoreError("The build was stopped."))


def _settling(ahead: Ahead, beside: Beside) -> Callable[[str], None]:
    def settled(key: str) -> None:
        beside.check()  # where the assembly failed, nothing that still comes is of use
        ahead.settle(key)

    return settled


def _web_pages(references: Sequence[Reference]) -> int:
    return len({identity(reference.url) for reference in references if is_web(reference.url)})


def _told(inbox: Sequence[Added], options: BuildOptions, not_asked: int) -> dict[str, Any]:
    """What the report says beside what every report says; ``not_asked`` counts pages stored, or tried in vain, lately."""
    told: dict[str, Any] = {"not_asked": not_asked}
    if inbox:
        told["inbox"] = [entry.as_json() for entry in inbox]
    if options.ignore_robots:
        told["ignore_robots"] = sorted(options.ignore_robots)
    return told


def _is_same(previous: Previous | None, fingerprint: str) -> bool:
    return previous is not None and previous.manifest.fingerprint == fingerprint


def _fingerprint(
    references: Sequence[Reference],
    sources: Sequence[str],
    embedder: str,
    pages: PageStore,
    settings: Settings,
    options: BuildOptions,
) -> str:
    """All that decides what a snapshot holds: lists, references, stored pages and failures, embedder, code."""
    states = pages.states()
    where = [settings.vector_index, settings.store, settings.milvus_uri]
    digest = hashlib.sha256(f"{code_stamp()}\0{embedder}\0{where}\0{list(sources)}\0{options.shard}".encode())
    for reference in references:
        state = states.get(identity(reference.url))
        digest.update(f"\0{reference}\0{state.stamp if state else ''}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _unchanged(previous: Previous, told: dict[str, Any], clock: _Clock) -> dict[str, Any]:
    """The report of a build that had nothing to do: the published snapshot stays."""
    report = dict(previous.report)
    report["changes"] = {**dict.fromkeys(report["changes"], 0), "unchanged": report["references"]}
    report["embedded_passages"], report["reused_passages"] = 0, previous.manifest.passages
    report["seconds"] = clock.laps()
    report.pop("inbox", None)
    return report | told


def sources_of(data: Path) -> tuple[str, ...]:
    """Return the lists of the last build, or the bundled one before the first.

    Raises:
        StoreError: there was a build, but no snapshot says any more of which lists.
    """
    return last_lists(data) or (str(BUNDLED_LIST),)


def _previous(data: Path) -> Previous | None:
    """Return the published snapshot, or the newest that is whole: a damaged one is no reason not to build a new one."""
    for name in filter(None, dict.fromkeys([current_name(data), *reversed(snapshot_names(data))])):
        directory = data / "snapshots" / name
        try:
            return Previous(directory, *read_manifest(directory, whole=True))
        except StoreError:
            continue  # the next older one may be whole
    return None


def _listed(means: dict[str, Any]) -> dict[str, list[float]]:
    return {name: [round(float(value), 6) for value in mean] for name, mean in means.items()}


class _Clock:
    """Seconds that each stage worked; stages that ran side by side add up to more than the total."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._laps = {"crawl": 0.0, "read": 0.0, "embed": 0.0, "publish": 0.0}

    def add(self, stage: str, seconds: float) -> None:
        self._laps[stage] += seconds

    @contextlib.contextmanager
    def of(self, stage: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.add(stage, time.monotonic() - began)

    def laps(self) -> dict[str, float]:
        total = time.monotonic() - self._start
        return {stage: round(seconds, 3) for stage, seconds in {**self._laps, "total": total}.items()}
