"""The map of the offline half: link list -> snapshot, one line a stage. Counts every reference; does no stage's work.

references -> crawl -> read -> chunk -> embed -> publish
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from index.archive import Endpoints
from index.attach import Added, take_inbox
from index.centre import passage_means, prior_means, question_means
from index.chunk import chunk
from index.clauses import clauses
from index.config import Settings
from index.embed import BUNDLED, Embedder, load_embedder
from index.errors import StoreError
from index.fetch import fetch, list_pages
from index.manifest import Manifest, current_name
from index.pages import PageStore
from index.publish import Contents, StoredText, last_lists, locked, ordered_sentences, publish, snapshot_names
from index.read import read_all
from index.readings import code_stamp
from index.records import Article, Item, Passage, Reference, Sentence
from index.report import change_key, changes, check_sums, item_json, outcome_counts
from index.store import Snapshot
from index.terms import language, plain
from index.urls import identity
from index.vectorise import Reused, vectorise

BUNDLED_LIST = Path(__file__).parents[1] / "references" / "transfer-learning.md"

Progress = Callable[[str, int, int, str], None]
"""Called with (stage, done, total, detail); stages are "crawl", "read", "embed" and "publish"."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What one build was asked to do. ``lists`` empty: the lists of the last build, or the bundled one.

    ``ignore_robots`` and ``render`` hold host names. ``archive`` is where dead and closed pages are looked for; None: nowhere.
    """

    lists: tuple[str, ...] = ()
    offline: bool = False
    fresh: bool = False
    ignore_robots: frozenset[str] = frozenset()
    allow_private: bool = False
    render: frozenset[str] = frozenset()
    archive: Endpoints | None = None


def build(settings: Settings, options: BuildOptions, progress: Progress) -> dict[str, Any]:
    """Build and publish a snapshot; return the contract's report.

    Raises:
        UsageError: a list cannot be read.
        BusyError, StoreError, EmbedderError: nothing was published, the previous snapshot is kept.
    """
    clock = _Clock()
    with locked(settings.data), PageStore(settings.data / "pages.sqlite") as pages:
        previous = _previous(settings.data)
        sources = options.lists or sources_of(settings.data)
        references = list_pages(sources, pages, settings, options)
        inbox = take_inbox(settings.data, references, pages)
        fetch(references, pages, settings, options, progress)
        clock.lap("crawl")
        wanted = settings.embedder or (previous.manifest.embedder if previous else BUNDLED)
        fingerprint = _fingerprint(references, sources, wanted, pages)
        if previous is not None and previous.manifest.fingerprint == fingerprint:
            return _unchanged(previous, inbox, clock)
        items, articles = read_all(references, pages, offline=options.offline, progress=progress)
        texts = [
            _stored(reference, item, articles.get(reference.number))
            for reference, item in zip(references, items, strict=True)
        ]
        clock.lap("read")
        embedder = load_embedder(wanted, api_key=settings.embedder_api_key)
        contents = _embed(texts, items, sources, embedder, previous, progress, clock, fingerprint)
        if inbox:
            contents.report["inbox"] = [entry.as_json() for entry in inbox]
        if options.ignore_robots:
            contents.report["ignore_robots"] = sorted(options.ignore_robots)
        progress("publish", 0, 1, "")
        publish(settings.data, contents)
        progress("publish", 1, 1, "")
    return contents.report


def _fingerprint(references: Sequence[Reference], sources: Sequence[str], embedder: str, pages: PageStore) -> str:
    """All that decides what a snapshot holds: lists, references, stored pages and failures, embedder, code."""
    stamps = pages.stamps()
    digest = hashlib.sha256(f"{code_stamp()}\0{embedder}\0{list(sources)}".encode())
    for reference in references:
        digest.update(f"\0{reference}\0{stamps.get(identity(reference.url), '')}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _unchanged(previous: Snapshot, inbox: Sequence[Added], clock: _Clock) -> dict[str, Any]:
    """The report of a build that had nothing to do: the published snapshot stays."""
    report = previous.report()
    report["changes"] = {**dict.fromkeys(report["changes"], 0), "unchanged": report["references"]}
    report["embedded_passages"], report["reused_passages"] = 0, previous.manifest.passages
    report["seconds"] = clock.laps()
    report.pop("inbox", None)
    if inbox:
        report["inbox"] = [entry.as_json() for entry in inbox]
    return report


def _stored(reference: Reference, item: Item, article: Article | None) -> StoredText:
    """Give a reference its text: what was read, or the list's own words where nothing was."""
    words = [item.title, " / ".join(reference.topic), reference.note or ""]
    if article is None or not article.text.strip():
        text = "\n".join(dict.fromkeys(part for part in words if part))
        passage = Passage(0, len(text), text, (), _lines(text))
        return StoredText(reference.number, text, "", (passage,), (language(text),), True)
    context = "\n".join(dict.fromkeys(part for part in (item.title, article.title, *words[1:]) if part))
    passages = tuple(chunk(article.text))
    return StoredText(
        reference.number,
        article.text,
        context,
        passages,
        tuple(language(passage.text) for passage in passages),
        False,
        article.page_starts,
    )


def _lines(text: str) -> tuple[Sentence, ...]:
    spans, start = [], 0
    for line in text.split("\n"):
        spans.append(Sentence(start, start + len(line)))
        start += len(line) + 1
    return tuple(spans)


def _embed(
    texts: Sequence[StoredText],
    items: Sequence[Item],
    sources: Sequence[str],
    embedder: Embedder,
    previous: Snapshot | None,
    progress: Progress,
    clock: _Clock,
    fingerprint: str,
) -> Contents:
    same = (
        previous
        if previous
        and previous.manifest.embedder == embedder.name
        and previous.manifest.dimension == embedder.dimension
        else None
    )
    folder = same.directory if same else None
    titles = {item.number: item.title for item in items}
    wanted = [_passage_text(titles[text.number], text, passage) for text in texts for passage in text.passages]
    sentences = [plain(text.text[s.start : s.end]) for text in texts for s in ordered_sentences(text.passages)]
    cut = [clauses(sentence) for sentence in sentences]
    parts = [clause for found in cut for clause in found]
    total = len(wanted) + len(sentences) + len(parts)
    passages, embedded = vectorise(
        wanted, embedder, Reused.of(folder, "passage"), lambda done, _: progress("embed", done, total, "passages")
    )
    lines, _ = vectorise(
        sentences,
        embedder,
        Reused.of(folder, "sentence"),
        lambda done, _: progress("embed", len(wanted) + done, total, "sentences"),
    )
    pieces, _ = vectorise(
        parts,
        embedder,
        Reused.of(folder, "clause"),
        lambda done, _: progress("embed", len(wanted) + len(sentences) + done, total, "clauses"),
    )
    progress("embed", total, total, "")
    languages = [name for text in texts for name in text.languages]
    sentence_languages = [_language_at(text, s) for text in texts for s in ordered_sentences(text.passages)]
    clause_languages = [name for name, found in zip(sentence_languages, cut, strict=True) for _ in found]
    prior = prior_means(embedder)
    clock.lap("embed")

    now = datetime.now(UTC)
    name = now.strftime("%Y%m%dT%H%M%S.%fZ")
    check_sums(items, len(texts))
    report = {
        "snapshot": name,
        "lists": list(sources),
        "references": len(items),
        "outcomes": outcome_counts(items),
        "items": [
            item_json(replace(item, passages=0 if text.listing else len(text.passages)))
            for item, text in zip(items, texts, strict=True)
        ],
        "changes": _changes(previous, items, texts),
        "embedded_passages": embedded,
        "reused_passages": len(wanted) - embedded,
        "seconds": clock.laps(),
    }
    manifest = Manifest(
        name=name,
        created_at=now.isoformat(timespec="seconds"),
        lists=tuple(sources),
        embedder=embedder.name,
        dimension=embedder.dimension,
        passages=len(wanted),
        sentences=len(sentences),
        query_means=_listed(question_means(embedder)),
        passage_means=_listed(passage_means(passages.vectors.astype("float32"), languages, prior)),
        sentence_means=_listed(passage_means(lines.vectors.astype("float32"), sentence_languages, prior)),
        fingerprint=fingerprint,
        clause_means=_listed(passage_means(pieces.vectors.astype("float32"), clause_languages, prior)),
    )
    starts = list(accumulate((len(found) for found in cut), initial=0))
    return Contents(report, texts, passages, lines, manifest, pieces, starts)


def _passage_text(title: str, text: StoredText, passage: Passage) -> str:
    """What the embedder sees of a passage: its article's title and heading path, then its words."""
    heads = [] if text.listing else list(dict.fromkeys([title, *passage.heading]))
    return "\n".join([*heads, plain(passage.text)])


def _language_at(text: StoredText, sentence: Sentence) -> str:
    return next(
        name
        for passage, name in zip(text.passages, text.languages, strict=True)
        if passage.start <= sentence.start and sentence.end <= passage.end
    )


def _changes(previous: Snapshot | None, items: Sequence[Item], texts: Sequence[StoredText]) -> dict[str, int]:
    old = (
        {change_key(item): (item.outcome.was_read, previous.text(item.number)) for item in previous.items}
        if previous
        else {}
    )
    new = {change_key(item): (item.outcome.was_read, text.text) for item, text in zip(items, texts, strict=True)}
    return changes(old, new)


def sources_of(data: Path) -> tuple[str, ...]:
    """Return the lists of the last build, or the bundled one before the first.

    Raises:
        StoreError: there was a build, but no snapshot says any more of which lists.
    """
    return last_lists(data) or (str(BUNDLED_LIST),)


def _previous(data: Path) -> Snapshot | None:
    """Return the published snapshot, or the newest that is whole: a damaged one is no reason not to build a new one."""
    for name in filter(None, dict.fromkeys([current_name(data), *reversed(snapshot_names(data))])):
        try:
            return Snapshot.open_directory(data / "snapshots" / name, whole=True)
        except StoreError:
            continue  # the next older one may be whole
    return None


def _listed(means: dict[str, Any]) -> dict[str, list[float]]:
    return {name: [round(float(value), 6) for value in mean] for name, mean in means.items()}


class _Clock:
    def __init__(self) -> None:
        self._start = self._last = time.monotonic()
        self._laps = {"crawl": 0.0, "read": 0.0, "embed": 0.0, "publish": 0.0}

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self._laps[stage] += now - self._last
        self._last = now

    def laps(self) -> dict[str, float]:
        return {
            stage: round(seconds, 3)
            for stage, seconds in {**self._laps, "total": time.monotonic() - self._start}.items()
        }
