"""What a build has to do, known before anything is fetched or read; and what it was made from, as one hash. Does none of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.attach import Added, take_inbox
from index.config import Settings
from index.crawl import Target
from index.embed import BUNDLED, Embedder
from index.errors import StoreError
from index.fetch import due_targets, list_pages
from index.manifest import VECTORS, Manifest, current_name, file_hash, read_manifest, snapshot_names
from index.pages import PageStore, State
from index.publish import last_build
from index.readings import code_stamp
from index.records import Reference
from index.report import Known, known
from index.tables import Base
from index.urls import identity, is_web
from index.vectorcache import is_shared

if TYPE_CHECKING:
    from index.build import BuildOptions

BUNDLED_LIST = Path(__file__).parents[1] / "references" / "transfer-learning.md"


@dataclass(frozen=True, slots=True)
class Previous:
    """The snapshot that the next build goes on from: the published one, or where that is damaged the newest whole one."""

    directory: Path
    manifest: Manifest
    report: dict[str, Any]

    def base(self, embedder: Embedder) -> Base | None:
        """Return its tables, where its vectors are those of this embedder."""
        same = (self.manifest.embedder, self.manifest.dimension) == (embedder.name, embedder.dimension)
        return Base(self.directory) if same else None

    @property
    def verified(self) -> tuple[Path, Mapping[str, Any]]:
        """Its file of vectors, whose hashes were just compared, and what it says of them."""
        return self.directory / VECTORS, self.manifest.stored


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do.

    ``unusable`` names the snapshots before that cannot be used, newest first. ``states`` is what was stored before the crawl, by key.
    ``told`` is what the report says beside what every report says. ``own`` are the references of this shard, ``due`` what is asked
    of the network, ``later`` the keys whose pages may still change, ``embedder`` its name. ``fingerprint`` stands for all that the
    snapshot would be made from as things are.
    """

    previous: Previous | None
    unusable: Sequence[str]
    sources: tuple[str, ...]
    references: Sequence[Reference]
    states: Mapping[str, State]
    told: dict[str, Any]
    own: Sequence[Reference]
    due: Sequence[Target]
    later: frozenset[str]
    embedder: str
    fingerprint: str

    def is_done(self, fingerprint: str) -> bool:
        """Whether the published snapshot was made from just that."""
        return self.previous is not None and not self.unusable and self.previous.manifest.fingerprint == fingerprint

    def known(self, data: Path) -> Known:
        """What the references of the last build were, for the comparison: damage elsewhere in its snapshot does not change that."""
        if self.unusable and (told := _known_of(data / "snapshots" / self.unusable[0])) is not None:
            return told
        return _known(self.previous.directory, self.previous.report) if self.previous else {}

    @property
    def settled(self) -> list[str]:
        """The keys whose pages will not change."""
        keys = (identity(reference.url) for reference in self.references)
        return [key for key in keys if key not in self.later]


def work_for(settings: Settings, options: BuildOptions, pages: PageStore) -> Work:
    """Return what a build would do now.

    Raises:
        UsageError: a list cannot be read.
    """
    previous, unusable = _previous(settings.data)
    sources = options.lists or sources_of(settings.data)
    references = list_pages(sources, pages, settings, options)
    inbox = take_inbox(settings.data, references, pages)
    own = [reference for reference in references if options.shard is None or options.shard.holds(reference.url)]
    states = pages.states()
    due = due_targets(own, states, pages, settings, options)
    told = _told(inbox, options, 0 if options.offline else _web_pages(own) - len(due), unusable)
    later = {target.key for target in due}
    if options.render or options.archive is not None:
        later.update(identity(reference.url) for reference in own)
    embedder = settings.embedder or (previous.manifest.embedder if previous else _embedder_of(settings.data)) or BUNDLED
    fingerprint = fingerprint_of(references, sources, embedder, states, settings, options)
    return Work(previous, unusable, tuple(sources), references, states, told, own, due, frozenset(later), embedder, fingerprint)


def _web_pages(references: Sequence[Reference]) -> int:
    return len({identity(reference.url) for reference in references if is_web(reference.url)})


def _told(inbox: Sequence[Added], options: BuildOptions, not_asked: int, unusable: Sequence[str]) -> dict[str, Any]:
    """``not_asked`` counts pages stored, or tried in vain, lately."""
    told: dict[str, Any] = {"not_asked": not_asked}
    if unusable:
        told["unusable"] = list(unusable)
    if inbox:
        told["inbox"] = [entry.as_json() for entry in inbox]
    if options.ignore_robots:
        told["ignore_robots"] = sorted(options.ignore_robots)
    return told


def fingerprint_of(
    references: Sequence[Reference],
    sources: Sequence[str],
    embedder: str,
    states: Mapping[str, State],
    settings: Settings,
    options: BuildOptions,
) -> str:
    """All that decides what a snapshot holds: lists, references, stored pages and failures, embedder, code."""
    where = [settings.vector_index, settings.store, settings.milvus_uri]
    digest = hashlib.sha256(f"{code_stamp()}\0{embedder}\0{where}\0{list(sources)}\0{options.shard}".encode())
    for reference in references:
        state = states.get(identity(reference.url))
        told = (reference.number, reference.url, reference.title, reference.topic, reference.note)
        digest.update(f"\0{told}\0{state.stamp if state else ''}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def sources_of(data: Path) -> tuple[str, ...]:
    """Return the lists of the last build, or the bundled one before the first.

    Raises:
        StoreError: there was a build, but no snapshot says any more of which lists.
    """
    return last_build(data)[0] or (str(BUNDLED_LIST),)


def _known(folder: Path, report: Mapping[str, Any]) -> Known:
    return known(report["items"], np.load(folder / "references.npy")["text_key"].tolist())


def _known_of(folder: Path) -> Known | None:
    """Return it of a snapshot that is damaged elsewhere; None where just this is."""
    try:
        files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
        if any(file_hash(folder / name) != files[name] for name in ("report.json", "references.npy")):
            return None
        return _known(folder, json.loads((folder / "report.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _embedder_of(data: Path) -> str:
    """Return what the last build embedded with, however damaged its snapshot is; "" where nothing says it."""
    try:
        return last_build(data)[1]
    except StoreError:
        return ""


def _previous(data: Path) -> tuple[Previous | None, list[str]]:
    """Return the published snapshot, or the newest that is whole: a damaged one is no reason not to build a new one; and the names
    of those that are not.

    Of many vectors each day an eighth is looked at, but all where they would be copied or damage was found: hashing 300 MB takes as
    long as judging all references of a large list.
    """
    today: int | None = datetime.now(UTC).toordinal()
    unusable: list[str] = []
    for name in filter(None, dict.fromkeys([current_name(data), *reversed(snapshot_names(data))])):
        directory = data / "snapshots" / name
        try:
            day = today if is_shared(data, directory / VECTORS) else None
            return Previous(directory, *read_manifest(directory, whole=True, day=day)), unusable
        except StoreError:
            today = None  # the next older one may be whole, but holds the same file of vectors
            unusable.append(name)
    return None, unusable
