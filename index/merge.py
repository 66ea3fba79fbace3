"""Page stores and vectors of other machines -> this data folder: the last fetched wins, and nothing is lost.

What another machine read and embedded comes along, so that the next build here only puts it together. Knows no list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from index.errors import UsageError
from index.pages import PageStore, State
from index.publish import locked
from index.readers import recognise
from index.vectorcache import merge_vectors


@dataclass(frozen=True, slots=True)
class Merged:
    """How many pages of a store were new here, newer than ours, or older; how many failures and vectors came along."""

    source: str
    new: int = 0
    newer: int = 0
    older: int = 0
    failures: int = 0
    vectors: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def merge(data: Path, sources: Sequence[Path], progress: Callable[[str, int, int, str], None]) -> list[Merged]:
    """Merge data folders or page stores into ``data``.

    Raises:
        UsageError: a source holds no page store, or is the folder itself.
        StoreError: something could not be read or written; what was merged is kept, and merging again goes on.
    """
    stores = [_store_of(source, data) for source in sources]
    with locked(data), PageStore(data / "pages.sqlite") as pages:
        return [
            replace(_merge_pages(pages, path, progress), vectors=merge_vectors(data, path.parent / "vectors"))
            for path in stores
        ]


def _store_of(source: Path, data: Path) -> Path:
    path = source / "pages.sqlite" if source.is_dir() else source
    if not path.is_file():
        raise UsageError(f"{source} holds no page store: give a data folder, or a pages.sqlite.")
    if path.resolve() == (data / "pages.sqlite").resolve():
        raise UsageError(f"{source} is the folder that is merged into: name the others, and this one with --data.")
    return path


def _merge_pages(pages: PageStore, path: Path, progress: Callable[[str, int, int, str], None]) -> Merged:
    counts = {"new": 0, "newer": 0, "older": 0, "failures": 0}
    with PageStore(path) as other:
        theirs, ours = other.states(), pages.states()
        readings, tries = other.readings(), other.all_tries()
        for done, (key, state) in enumerate(sorted(theirs.items()), start=1):
            counts["failures"] += _merge_failure(pages, other, key, ours.get(key, State()), state)
            for copy in state.copies:
                mine = ours.get(key, State()).copy(copy.origin)
                if mine is not None and (mine.digest, mine.fetched_at) == (copy.digest, copy.fetched_at):
                    continue
                won = mine is None or copy.fetched_at >= mine.fetched_at
                counts["new" if mine is None else "newer" if won else "older"] += 1
                _merge_copy(pages, other, key, copy.origin, won=won, both=mine is not None)
                reading = readings.get((key, copy.origin))
                if won and reading is not None and reading[0].endswith(copy.digest):
                    pages.put_reading(key, copy.origin, *reading, other.reading(key, copy.origin) or b"")
            if key in tries and (pages.tries(key) or (0, ""))[1] < tries[key][1] and state.failure is not None:
                pages.put_tries(key, *tries[key])
            progress("merge", done, len(theirs), key)
    return Merged(str(path), **counts)


def _merge_copy(pages: PageStore, other: PageStore, key: str, origin: str, *, won: bool, both: bool) -> None:
    """Take a copy over; where both stores have one, a good loser stays as the last good copy of a page that has gone."""
    theirs, mine = other.copy(key, origin), pages.copy(key, origin) if both else None
    assert theirs is not None
    winner, loser = (theirs, mine) if won else (mine, theirs)
    if loser is not None and winner is not None and origin == "web" and recognise(winner) and not recognise(loser):
        kept = pages.copy(key, "kept")
        if kept is None or kept.fetched_at < loser.fetched_at:
            pages.put(replace(loser, origin="kept"))
    if won:
        failure = pages.unread(key)
        pages.put(theirs)
        if failure is not None and origin == "web" and failure[1] > theirs.fetched_at:
            pages.put_unread(key, *failure)  # the newer of the two is the failure


def _merge_failure(pages: PageStore, other: PageStore, key: str, ours: State, theirs: State) -> bool:
    """Take a failure over that is newer than all that is known here."""
    found, mine = other.unread(key), pages.unread(key)
    if found is None or theirs.failure is None:
        return False
    page = ours.copy("web")
    if (mine is not None and mine[1] >= found[1]) or (page is not None and page.fetched_at >= found[1]):
        return False
    pages.put_unread(key, *found)
    return True
