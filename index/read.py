"""Stored pages -> articles or reasons: exactly one outcome each, in list order. Knows readings, not what is behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from index.duplicates import TRUSTED, Duplicates, Same, own_link
from index.pages import Copy, State
from index.readings import Reading, Readings
from index.records import Article, Item, Outcome, Reference, Unread
from index.report import item_json
from index.shards import Shard
from index.standing import Stood
from index.urls import is_web, site

_LATER = "check the link; what is read here may be out of date"


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a reference: its item of the report, and the copy whose reading is its text (None: the list's own words).

    ``title`` is what the article calls itself. ``document`` is the stamp of the document that it has in the snapshot before already.
    """

    row: dict[str, Any]
    origin: str | None = None
    stamp: str = ""
    title: str = ""
    document: bytes = b""


class Judge:
    """Decides on one reference after the other; ask in list order."""

    def __init__(self, readings: Readings, *, offline: bool, shard: Shard | None = None) -> None:
        self._readings = readings
        self._offline = offline
        self._shard = shard
        self._seen = Duplicates(readings.sketches())

    def judge(self, reference: Reference, key: str, state: State, stood: Stood | None = None) -> Judged:
        """Return the outcome of a reference, from what is stored under its key, or what it was (``index.standing``)."""
        same = self._seen.by_link(reference, key)
        if same is None and stood is not None:
            same = self._seen_again(reference, key, state.copies[0], stood.row["reader"])
            if same is None:
                now = {"number": reference.number, "fetched_at": state.copies[0].fetched_at}
                return Judged({**stood.row, **now}, document=stood.stamp)
        result: Article | Unread | None = None
        copy = state.copies[0] if state.copies and is_web(reference.url) else None
        reading: Reading | None = None
        if same is None:
            result, copy, reading = self._read(reference, key, state)
        if isinstance(result, Article) and reading is not None:
            same = self._seen.by_content(reference, reading.sketch, copy.final_url if copy else "", own_link(result))
        if same or result is None:
            assert same is not None
            result = Unread(Outcome.DUPLICATE, same.reason, f"see reference {same.number}")
        item = _item(reference, result, copy, reading.characters if reading else 0)
        if same:
            return Judged(item_json(replace(item, duplicate_of=same.number)))
        if isinstance(result, Article) and reading is not None and copy is not None and reading.characters:
            return Judged(item_json(item), copy.origin, reading.stamp, result.title)
        return Judged(item_json(item))

    def _seen_again(self, reference: Reference, key: str, copy: Copy, reader: str | None) -> Same | None:
        if reader is None:
            return None
        found = self._readings.find(key, copy) if reader in TRUSTED else None
        own = own_link(found.result) if found is not None and isinstance(found.result, Article) else None
        return self._seen.by_content(reference, self._readings.sketch(key, copy), copy.final_url, own)

    def _read(
        self, reference: Reference, key: str, state: State
    ) -> tuple[Article | Unread, Copy | None, Reading | None]:
        """Return what is known of a reference, and the copy it was read from."""
        if not is_web(reference.url):
            hint = "only http and https links can be read"
            return Unread(Outcome.UNSUPPORTED, "not a link to a web page", hint), None, None
        failure = state.failure
        if not state.copies:
            if failure is not None:
                return failure, None, None
            reason = (
                "this build used stored pages only (--offline), and the page was never fetched"
                if self._offline
                else "the page was not fetched"
            )
            hint = "run `citeback rebuild` when there is a network, or `citeback add FILE --url URL`"
            if self._shard is not None and not self._shard.holds(reference.url):
                reason = f"left to shard {self._shard.of_link(reference.url)}/{self._shard.of}"
                hint = "`citeback merge` the folders of all shards, then `citeback rebuild --offline`"
            return Unread(Outcome.OFFLINE, reason, hint), None, None
        copy = state.copies[0]
        reading = self._readings.read(key, copy)
        result = reading.result
        if isinstance(result, Article) and copy.origin == "archive":
            return _archived(result, copy, failure.reason if failure else "the page cannot be had"), copy, reading
        if isinstance(result, Article):
            gone = failure is not None and failure.outcome is not Outcome.OFFLINE and copy.origin == "web"
            return (_marked(result, copy, failure.reason) if failure and gone else result), copy, reading
        for origin, label in (("kept", _marked), ("archive", _archived)):
            other = state.copy(origin)
            earlier = self._readings.read(key, other) if other is not None else None
            if other is not None and earlier is not None and isinstance(earlier.result, Article):
                return label(earlier.result, other, result.reason), other, earlier
        return result, copy, reading


def _marked(article: Article, copy: Copy, why: str) -> Article:
    """The last good copy of a page that cannot be had any more says so, with its date."""
    reason = f"the copy of {copy.fetched_at[:10]}, the last good one: {why}"
    return replace(
        article, reason=f"{article.reason}; {reason}" if article.reason else reason, hint=article.hint or _LATER
    )


def _archived(article: Article, copy: Copy, why: str) -> Article:
    """A copy of the archive is labelled as one, with its date."""
    stamp = next((part for part in copy.final_url.split("/") if part.isdigit() and len(part) >= 8), "")
    day = f" of {stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}" if stamp else ""
    missing = f"; {article.reason}" if article.reason else ""
    return replace(
        article,
        outcome=Outcome.ARCHIVED,
        reason=f"an archived copy{day}: {why}{missing}",
        hint=f"the copy: {copy.final_url}",
    )


def _item(reference: Reference, result: Article | Unread, copy: Copy | None, characters: int) -> Item:
    seen = copy if copy and not (isinstance(result, Unread) and result.outcome is Outcome.DUPLICATE) else None
    final_url, status = (seen.final_url, seen.status if seen.origin != "saved" else None) if seen else (None, None)
    article = result if isinstance(result, Article) else None
    if isinstance(result, Unread):
        final_url, status = result.final_url or final_url, result.http_status or status
    title = reference.title
    if article is not None and title in ("", reference.url) and article.title:
        title = article.title
    return Item(
        reference.number,
        reference.url,
        title,
        reference.topic,
        reference.note,
        result.outcome,
        result.reason,
        result.hint,
        final_url=final_url,
        http_status=status,
        reader=article.reader if article else None,
        characters=characters if article else 0,
        fetched_at=seen.fetched_at if seen else None,
        site=site(reference.url),
        author=article.author if article else None,
        published=article.published if article else None,
        language=article.language if article else None,
    )
